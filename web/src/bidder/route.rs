//! The addresses of the screens.

use yew_router::Routable;

/// A screen's address. The fixed words come first: no agency may have one of them as its code.
#[derive(Clone, Debug, PartialEq, Eq, Routable)]
pub enum Route {
    /// 調達機関 selection.
    #[at("/")]
    Agencies,
    /// 利用者登録メニュー.
    #[at("/menu")]
    Menu,
    /// 資格審査情報検索.
    #[at("/search")]
    Search,
    /// 利用者登録.
    #[at("/form")]
    Form,
    /// 登録内容確認.
    #[at("/confirm")]
    Confirm,
    /// 登録完了.
    #[at("/done")]
    Done,
    /// 印刷 (利用者情報).
    #[at("/print")]
    Print,
    /// 電子入札: the company that the card is registered to.
    #[at("/bid")]
    Bid,
    /// 簡易認証: how far the review of the company's ID登録申請 is.
    #[at("/application")]
    Application,
    /// 簡易認証: login for 電子入札.
    #[at("/login")]
    Login,
    /// 簡易認証: login for 変更.
    #[at("/change-login")]
    ChangeLogin,
    /// 簡易認証: a new password, by the mailed link.
    #[at("/reset")]
    Reset,
    /// 環境確認, without an agency.
    #[at("/check")]
    Check,
    /// 環境確認, with the desks of an agency. `/check?agency=…` leads here, too.
    #[at("/check/:agency")]
    CheckOf {
        /// Profile code.
        agency: String,
    },
    /// 業者番号一覧.
    #[at("/:agency/companies")]
    Companies {
        /// Profile code.
        agency: String,
    },
    /// 簡易認証: パスワードを忘れた方.
    #[at("/:agency/forgotten")]
    Forgotten {
        /// Profile code.
        agency: String,
    },
    /// 受注者クライアント before 利用者申請・変更 (簡易認証).
    #[at("/:agency/:category/account")]
    AccountClient {
        /// Profile code.
        agency: String,
        /// Category code.
        category: String,
    },
    /// 受注者クライアント before 電子入札 by ID and password.
    #[at("/:agency/:category/account-bid")]
    AccountBidClient {
        /// Profile code.
        agency: String,
        /// Category code.
        category: String,
    },
    /// 古いICカードの確認.
    #[at("/renew")]
    RenewOld,
    /// 新しいICカードの確認.
    #[at("/new-card")]
    RenewNew,
    /// 電子証明書更新確認.
    #[at("/renewal")]
    RenewConfirm,
    /// 区分 selection of an agency.
    #[at("/:agency")]
    Categories {
        /// Profile code.
        agency: String,
    },
    /// 利用者登録／電子入札 selection.
    #[at("/:agency/:category")]
    Entry {
        /// Profile code.
        agency: String,
        /// Category code.
        category: String,
    },
    /// 受注者クライアント before 利用者登録.
    #[at("/:agency/:category/client")]
    Client {
        /// Profile code.
        agency: String,
        /// Category code.
        category: String,
    },
    /// 受注者クライアント before 電子入札.
    #[at("/:agency/:category/bid")]
    BidClient {
        /// Profile code.
        agency: String,
        /// Category code.
        category: String,
    },
    /// No screen of ours.
    #[not_found]
    #[at("/404")]
    NotFound,
}

impl Route {
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
            Self::Application => "application",
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

    /// The agency and category that the address itself names.
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
            ("/renew", Route::RenewOld),
            ("/new-card", Route::RenewNew),
            ("/renewal", Route::RenewConfirm),
        ] {
            assert_eq!(Route::recognize(path), Some(route.clone()), "{path}");
            assert_eq!(route.to_path(), path);
        }
        assert_eq!(Route::recognize("/a/b/c/d"), Some(Route::NotFound));
    }
}
