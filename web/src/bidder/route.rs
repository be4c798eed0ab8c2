//! The URLs of the screens.

/// A screen's URL. The fixed words come first: no agency may have one of them as its code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    /// 調達機関 selection.
    Agencies,
    /// 利用者登録メニュー.
    Menu,
    /// 資格審査情報検索.
    Search,
    /// 利用者登録.
    Form,
    /// 登録内容確認.
    Confirm,
    /// 登録完了.
    Done,
    /// 印刷 (利用者情報).
    Print,
    /// 電子入札: the company that the card is registered to.
    Bid,
    /// 登録状況: what the company's registration is now.
    Status,
    /// 簡易認証: the state of the review of the company's ID登録申請.
    Application,
    /// 簡易認証: the outcome of an ID登録申請, through the mailed link.
    Result,
    /// Confirms a mail address through the mailed link.
    Mail,
    /// 簡易認証: login for 電子入札.
    Login,
    /// 簡易認証: login for 変更.
    ChangeLogin,
    /// 簡易認証: a new password, through the mailed link.
    Reset,
    /// 環境確認, without an agency.
    Check,
    /// 環境確認, with an agency's help desks. `/check?agency=…` leads here, too.
    CheckOf {
        /// Profile code.
        agency: String,
    },
    /// 業者番号一覧.
    Companies {
        /// Profile code.
        agency: String,
    },
    /// 簡易認証: パスワードを忘れた方.
    Forgotten {
        /// Profile code.
        agency: String,
    },
    /// 受注者クライアント before 利用者申請・変更 (簡易認証).
    AccountClient {
        /// Profile code.
        agency: String,
        /// Category code.
        category: String,
    },
    /// 受注者クライアント before 電子入札 by ID and password.
    AccountBidClient {
        /// Profile code.
        agency: String,
        /// Category code.
        category: String,
    },
    /// 現在のICカードの確認.
    RenewOld,
    /// 新しいICカードの確認.
    RenewNew,
    /// 電子証明書更新確認.
    RenewConfirm,
    /// 区分 selection of an agency.
    Categories {
        /// Profile code.
        agency: String,
    },
    /// 利用者登録／電子入札 selection.
    Entry {
        /// Profile code.
        agency: String,
        /// Category code.
        category: String,
    },
    /// 受注者クライアント before 利用者登録.
    Client {
        /// Profile code.
        agency: String,
        /// Category code.
        category: String,
    },
    /// 受注者クライアント before 電子入札.
    BidClient {
        /// Profile code.
        agency: String,
        /// Category code.
        category: String,
    },
    /// None of our screens.
    NotFound,
}

impl Route {
    /// The screen at a path. By hand: a router with wildcards and escaping weighs ten times as much on the page,
    /// and our codes have neither.
    pub fn recognize(path: &str) -> Self {
        let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
        match segments[..] {
            [] => Self::Agencies,
            ["menu"] => Self::Menu,
            ["search"] => Self::Search,
            ["form"] => Self::Form,
            ["confirm"] => Self::Confirm,
            ["done"] => Self::Done,
            ["print"] => Self::Print,
            ["bid"] => Self::Bid,
            ["status"] => Self::Status,
            ["application"] => Self::Application,
            ["result"] => Self::Result,
            ["mail"] => Self::Mail,
            ["login"] => Self::Login,
            ["change-login"] => Self::ChangeLogin,
            ["reset"] => Self::Reset,
            ["check"] => Self::Check,
            ["renew"] => Self::RenewOld,
            ["new-card"] => Self::RenewNew,
            ["renewal"] => Self::RenewConfirm,
            [agency, category, "account"] => {
                Self::AccountClient { agency: agency.to_owned(), category: category.to_owned() }
            }
            [agency, category, "account-bid"] => {
                Self::AccountBidClient { agency: agency.to_owned(), category: category.to_owned() }
            }
            [agency, category, "client"] => {
                Self::Client { agency: agency.to_owned(), category: category.to_owned() }
            }
            [agency, category, "bid"] => {
                Self::BidClient { agency: agency.to_owned(), category: category.to_owned() }
            }
            [agency, "companies"] => Self::Companies { agency: agency.to_owned() },
            [agency, "forgotten"] => Self::Forgotten { agency: agency.to_owned() },
            ["check", agency] => Self::CheckOf { agency: agency.to_owned() },
            [agency, category] => Self::Entry { agency: agency.to_owned(), category: category.to_owned() },
            [agency] => Self::Categories { agency: agency.to_owned() },
            _ => Self::NotFound,
        }
    }

    /// The path of a screen.
    pub fn to_path(&self) -> String {
        match self {
            Self::Agencies => "/".to_owned(),
            Self::Menu => "/menu".to_owned(),
            Self::Search => "/search".to_owned(),
            Self::Form => "/form".to_owned(),
            Self::Confirm => "/confirm".to_owned(),
            Self::Done => "/done".to_owned(),
            Self::Print => "/print".to_owned(),
            Self::Bid => "/bid".to_owned(),
            Self::Status => "/status".to_owned(),
            Self::Application => "/application".to_owned(),
            Self::Result => "/result".to_owned(),
            Self::Mail => "/mail".to_owned(),
            Self::Login => "/login".to_owned(),
            Self::ChangeLogin => "/change-login".to_owned(),
            Self::Reset => "/reset".to_owned(),
            Self::Check => "/check".to_owned(),
            Self::RenewOld => "/renew".to_owned(),
            Self::RenewNew => "/new-card".to_owned(),
            Self::RenewConfirm => "/renewal".to_owned(),
            Self::NotFound => "/404".to_owned(),
            Self::AccountClient { agency, category } => format!("/{agency}/{category}/account"),
            Self::AccountBidClient { agency, category } => format!("/{agency}/{category}/account-bid"),
            Self::Client { agency, category } => format!("/{agency}/{category}/client"),
            Self::BidClient { agency, category } => format!("/{agency}/{category}/bid"),
            Self::Companies { agency } => format!("/{agency}/companies"),
            Self::Forgotten { agency } => format!("/{agency}/forgotten"),
            Self::CheckOf { agency } => format!("/check/{agency}"),
            Self::Entry { agency, category } => format!("/{agency}/{category}"),
            Self::Categories { agency } => format!("/{agency}"),
        }
    }

    /// The screen's name for tests and style sheets (`data-screen`).
    pub fn screen(&self) -> &'static str {
        match self {
            Self::Agencies | Self::Categories { .. } => "select",
            Self::Entry { .. } => "entry",
            Self::Client { .. } | Self::BidClient { .. } => "client",
            Self::Menu => "menu",
            Self::Search => "search",
            Self::Form => "form",
            Self::Confirm => "confirm",
            Self::Done => "done",
            Self::Print => "print",
            Self::Bid => "bid",
            Self::Status => "status",
            Self::Application => "application",
            Self::Result => "result",
            Self::Mail => "mail",
            Self::Login => "login",
            Self::ChangeLogin => "change_login",
            Self::Reset => "reset",
            Self::Forgotten { .. } => "forgotten",
            Self::AccountClient { .. } | Self::AccountBidClient { .. } => "client",
            Self::Companies { .. } => "companies",
            Self::Check | Self::CheckOf { .. } => "check",
            Self::RenewOld => "renew_old",
            Self::RenewNew => "renew_new",
            Self::RenewConfirm => "renew_confirm",
            Self::NotFound => "not_found",
        }
    }

    /// The agency and category named in the URL itself.
    pub fn place(&self) -> Option<(&str, Option<&str>)> {
        match self {
            Self::Categories { agency }
            | Self::Companies { agency }
            | Self::Forgotten { agency }
            | Self::CheckOf { agency } => Some((agency, None)),
            Self::AccountClient { agency, category } | Self::AccountBidClient { agency, category } => {
                Some((agency, Some(category)))
            }
            Self::Entry { agency, category }
            | Self::Client { agency, category }
            | Self::BidClient { agency, category } => Some((agency, Some(category))),
            _ => None,
        }
    }

    /// Whether this is 受注者クライアント.
    pub fn is_client(&self) -> bool {
        matches!(self, Self::Client { .. } | Self::BidClient { .. }) || self.is_account_client()
    }

    /// Whether this is 受注者クライアント for ID and password: no card, hence no extension.
    pub fn is_account_client(&self) -> bool {
        matches!(self, Self::AccountClient { .. } | Self::AccountBidClient { .. })
    }

    /// Whether this screen can be opened from many others, and 戻る leads to where the person was.
    pub fn is_aside(&self) -> bool {
        self.is_checkup() || matches!(self, Self::Companies { .. } | Self::Forgotten { .. })
    }

    /// Whether this is 環境確認.
    pub fn is_checkup(&self) -> bool {
        matches!(self, Self::Check | Self::CheckOf { .. })
    }

    /// Whether the screen belongs to a session that a card has opened or will open.
    pub fn needs_session(&self) -> bool {
        matches!(
            self,
            Self::Menu
                | Self::Search
                | Self::Form
                | Self::Confirm
                | Self::Done
                | Self::Print
                | Self::Bid
                | Self::Status
                | Self::RenewOld
                | Self::RenewNew
                | Self::RenewConfirm
                | Self::Application
                | Self::Login
                | Self::ChangeLogin
        )
    }
}

#[cfg(test)]
mod tests {
    use touroku_proto::agency::{RESERVED_AGENCY_CODES, RESERVED_CATEGORY_CODES};

    use super::*;

    #[test]
    fn every_screen_is_found_under_its_own_address() {
        let (agency, category) = ("aomori".to_owned(), "goods".to_owned());
        for (path, route) in [
            ("/", Route::Agencies),
            ("/aomori", Route::Categories { agency: agency.clone() }),
            ("/aomori/goods", Route::Entry { agency: agency.clone(), category: category.clone() }),
            ("/aomori/goods/client", Route::Client { agency: agency.clone(), category: category.clone() }),
            ("/aomori/companies", Route::Companies { agency: agency.clone() }),
            ("/aomori/forgotten", Route::Forgotten { agency: agency.clone() }),
            ("/check", Route::Check),
            ("/check/aomori", Route::CheckOf { agency: agency.clone() }),
            (
                "/aomori/goods/account",
                Route::AccountClient { agency: agency.clone(), category: category.clone() },
            ),
            (
                "/aomori/goods/account-bid",
                Route::AccountBidClient { agency: agency.clone(), category: category.clone() },
            ),
            ("/application", Route::Application),
            ("/result", Route::Result),
            ("/mail", Route::Mail),
            ("/login", Route::Login),
            ("/change-login", Route::ChangeLogin),
            ("/reset", Route::Reset),
            ("/aomori/goods/bid", Route::BidClient { agency, category }),
            ("/menu", Route::Menu),
            ("/search", Route::Search),
            ("/form", Route::Form),
            ("/confirm", Route::Confirm),
            ("/done", Route::Done),
            ("/print", Route::Print),
            ("/bid", Route::Bid),
            ("/status", Route::Status),
            ("/renew", Route::RenewOld),
            ("/new-card", Route::RenewNew),
            ("/renewal", Route::RenewConfirm),
        ] {
            assert_eq!(Route::recognize(path), route.clone(), "{path}");
            assert_eq!(route.to_path(), path);
        }
        assert_eq!(Route::recognize("/a/b/c/d"), Route::NotFound);
    }

    #[test]
    fn no_agency_and_no_category_can_have_the_code_of_a_screen() {
        let screens = ["menu", "search", "form", "confirm", "done", "print", "bid", "application", "login"];
        for word in screens.iter().chain(&[
            "change-login",
            "result",
            "mail",
            "reset",
            "check",
            "renew",
            "new-card",
            "renewal",
            "status",
        ]) {
            assert!(!matches!(Route::recognize(&format!("/{word}")), Route::Categories { .. }), "{word}");
            assert!(RESERVED_AGENCY_CODES.contains(word), "{word}");
        }
        for word in RESERVED_CATEGORY_CODES {
            assert!(!matches!(Route::recognize(&format!("/aomori/{word}")), Route::Entry { .. }), "{word}");
        }
    }
}
