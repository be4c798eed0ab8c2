//! The URLs of the screens: what follows `/officer.html#`.

use percent_encoding::percent_decode_str;
use touroku_proto::{
    endpoint::{
        Url, encode,
        officer::{AuditQuery, CompanyQuery, QueueQuery},
    },
    officer::{
        Role,
        audit::AuditAction,
        company::CompanyFilter,
        import::RowKind,
        review::{Differences, Queue, ReviewKind},
    },
};

use super::part::Part;

#[derive(Clone, PartialEq, Eq)]
pub enum Route {
    /// The link of a new account: `#setup=TOKEN`.
    SetUp {
        /// The secret of the link.
        token: String,
    },
    /// ホーム.
    Home,
    /// 届かなかったメール.
    Mails,
    /// 審査: the queue, or what was decided.
    Queue(QueueSearch),
    Application {
        kind: ReviewKind,
        /// 受付番号.
        id: i64,
    },
    /// 業者情報取込.
    Imports,
    /// One import, with the rows of one kind.
    Import {
        /// Number.
        id: i64,
        kind: RowKind,
    },
    /// 照会.
    Companies(CompanySearch),
    Company {
        /// 業者番号.
        number: String,
    },
    /// A company's row in the roster, by hand.
    Row {
        /// 業者番号; empty: a new company.
        number: String,
    },
    /// 業者番号一覧 as a whole, to be printed.
    Listing,
    /// 番号の通知.
    Numbers,
    /// 担当者の管理.
    Officers,
    /// The officer's own account.
    Account,
    /// 監査記録.
    Audit(AuditSearch),
    /// 機関設定.
    Settings,
    /// A part of 機関設定, as a form.
    Part(Part),
    /// The contractor's screens, as a profile makes them.
    Preview,
    /// 接続先のシステム: whom the agency lets sign contractors in, or read the feed.
    Clients,
    /// No such screen.
    NotFound,
}

/// The search in 審査.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QueueSearch {
    /// Decided ones, not waiting ones.
    pub decided: bool,
    /// A part of 受付番号, number or name; empty: any.
    pub query: String,
    pub kind: Option<ReviewKind>,
    /// Only with differences, or only without.
    pub differences: Option<Differences>,
}

/// The search in 照会.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CompanySearch {
    /// Words; empty: all of the filter.
    pub query: String,
    pub filter: CompanyFilter,
}

/// The filter of 監査記録. What is empty leaves nothing out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditSearch {
    pub action: Option<AuditAction>,
    /// ログインID.
    pub actor: String,
    /// 業者番号, 受付番号, ログインID.
    pub subject: String,
    /// The first day, `YYYY-MM-DD`.
    pub from: String,
    /// The last day.
    pub until: String,
}

impl Route {
    /// The screen of a fragment, without `#`.
    pub fn recognize(fragment: &str) -> Self {
        if let Some(token) = fragment.strip_prefix("setup=").filter(|token| !token.is_empty()) {
            return Self::SetUp { token: token.to_owned() };
        }
        let (path, query) = fragment.split_once('?').unwrap_or((fragment, ""));
        let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        match parts[..] {
            [] => Self::Home,
            ["mails"] => Self::Mails,
            ["review"] => Self::Queue(QueueSearch::recognize(false, query)),
            ["review", "decided"] => Self::Queue(QueueSearch::recognize(true, query)),
            ["review", kind, id] => match (ReviewKind::from_text(kind), id.parse()) {
                (Some(kind), Ok(id)) => Self::Application { kind, id },
                _ => Self::NotFound,
            },
            ["imports"] => Self::Imports,
            ["imports", id] => {
                id.parse().map_or(Self::NotFound, |id| Self::Import { id, kind: RowKind::default() })
            }
            ["imports", id, kind] => match (id.parse(), RowKind::from_text(kind)) {
                (Ok(id), Some(kind)) => Self::Import { id, kind },
                _ => Self::NotFound,
            },
            ["companies"] => Self::Companies(CompanySearch::recognize(query)),
            ["companies", number] => Self::Company { number: decode(number) },
            ["roster"] => Self::Row { number: String::new() },
            ["roster", number] => Self::Row { number: decode(number) },
            ["listing"] => Self::Listing,
            ["numbers"] => Self::Numbers,
            ["officers"] => Self::Officers,
            ["account"] => Self::Account,
            ["audit"] => Self::Audit(AuditSearch::recognize(query)),
            ["settings"] => Self::Settings,
            ["settings", "form", part] => Part::from_text(part).map_or(Self::NotFound, Self::Part),
            ["settings", "preview"] => Self::Preview,
            ["settings", "clients"] => Self::Clients,
            _ => Self::NotFound,
        }
    }

    /// The fragment, with `#`, for a link.
    pub fn to_fragment(&self) -> String {
        match self {
            Self::SetUp { token } => format!("#setup={token}"),
            Self::Home | Self::NotFound => "#/".to_owned(),
            Self::Mails => "#/mails".to_owned(),
            Self::Queue(search) => {
                let path = if search.decided { "#/review/decided" } else { "#/review" };
                Url::of(path, &(), &QueueQuery { state: None, ..search.to_call(None) })
            }
            Self::Application { kind, id } => format!("#/review/{}/{id}", kind.as_str()),
            Self::Imports => "#/imports".to_owned(),
            Self::Import { id, kind } => format!("#/imports/{id}/{}", kind.as_str()),
            Self::Companies(search) => Url::of("#/companies", &(), &search.to_call(None)),
            Self::Company { number } => format!("#/companies/{}", encode(number)),
            Self::Row { number } if number.is_empty() => "#/roster".to_owned(),
            Self::Row { number } => format!("#/roster/{}", encode(number)),
            Self::Listing => "#/listing".to_owned(),
            Self::Numbers => "#/numbers".to_owned(),
            Self::Officers => "#/officers".to_owned(),
            Self::Account => "#/account".to_owned(),
            Self::Audit(search) => Url::of("#/audit", &(), &search.to_call(None)),
            Self::Settings => "#/settings".to_owned(),
            Self::Part(part) => format!("#/settings/form/{}", part.as_str()),
            Self::Preview => "#/settings/preview".to_owned(),
            Self::Clients => "#/settings/clients".to_owned(),
        }
    }

    /// The screen's name in `data-screen`.
    pub fn screen(&self) -> &'static str {
        match self {
            Self::SetUp { .. } => "setup",
            Self::Home => "home",
            Self::Mails => "mails",
            Self::Queue(_) => "review",
            Self::Application { .. } => "application",
            Self::Imports => "imports",
            Self::Import { .. } => "import",
            Self::Companies(_) => "companies",
            Self::Company { .. } => "company",
            Self::Row { .. } => "roster",
            Self::Listing => "listing",
            Self::Numbers => "numbers",
            Self::Officers => "officers",
            Self::Account => "account",
            Self::Audit(_) => "audit",
            Self::Settings => "settings",
            Self::Part(_) => "part",
            Self::Preview => "preview",
            Self::Clients => "clients",
            Self::NotFound => "not-found",
        }
    }

    /// The minimum role for this screen.
    pub fn least_role(&self) -> Role {
        match self {
            Self::Imports | Self::Import { .. } | Self::Row { .. } | Self::Numbers => Role::Review,
            Self::Officers | Self::Audit(_) | Self::Settings => Role::Manage,
            Self::Part(_) | Self::Preview | Self::Clients => Role::Manage,
            _ => Role::View,
        }
    }

    /// The screen in the navigation that this one belongs to.
    pub fn section(&self) -> Self {
        match self {
            Self::Mails => Self::Home,
            Self::Queue(_) | Self::Application { .. } => Self::Queue(QueueSearch::default()),
            Self::Imports | Self::Import { .. } => Self::Imports,
            Self::Companies(_) | Self::Company { .. } | Self::Row { .. } | Self::Listing => {
                Self::Companies(CompanySearch::default())
            }
            Self::Audit(_) => Self::Audit(AuditSearch::default()),
            Self::Settings | Self::Part(_) | Self::Preview | Self::Clients => Self::Settings,
            other => other.clone(),
        }
    }
}

impl QueueSearch {
    fn recognize(decided: bool, query: &str) -> Self {
        let mut search = Self { decided, ..Self::default() };
        for (name, value) in pairs(query) {
            match name {
                "query" => search.query = value,
                "kind" => search.kind = ReviewKind::from_text(&value),
                "differences" => search.differences = Differences::from_text(&value),
                _ => {}
            }
        }
        search
    }

    /// As the server is asked.
    pub fn to_call(&self, after: Option<String>) -> QueueQuery {
        QueueQuery {
            state: Some(if self.decided { Queue::Decided } else { Queue::Pending }),
            after,
            query: (!self.query.is_empty()).then(|| self.query.clone()),
            kind: self.kind,
            differences: self.differences,
        }
    }

    /// Whether it leaves something out.
    pub fn is_filtered(&self) -> bool {
        !self.query.is_empty() || self.kind.is_some() || self.differences.is_some()
    }
}

impl AuditSearch {
    fn recognize(query: &str) -> Self {
        let mut search = Self::default();
        for (name, value) in pairs(query) {
            match name {
                "action" => search.action = AuditAction::from_text(&value),
                "actor" => search.actor = value,
                "subject" => search.subject = value,
                "from" => search.from = value,
                "until" => search.until = value,
                _ => {}
            }
        }
        search
    }

    /// As the server is asked.
    pub fn to_call(&self, before: Option<i64>) -> AuditQuery {
        let some = |text: &String| (!text.is_empty()).then(|| text.clone());
        AuditQuery {
            before,
            action: self.action,
            actor: some(&self.actor),
            subject: some(&self.subject),
            from: some(&self.from),
            until: some(&self.until),
        }
    }

    /// Whether it leaves something out.
    pub fn is_filtered(&self) -> bool {
        *self != Self::default()
    }
}

impl CompanySearch {
    fn recognize(query: &str) -> Self {
        let mut search = Self::default();
        for (name, value) in pairs(query) {
            match name {
                "query" => search.query = value,
                "filter" => search.filter = CompanyFilter::from_text(&value).unwrap_or_default(),
                _ => {}
            }
        }
        search
    }

    /// As the server is asked.
    pub fn to_call(&self, after: Option<String>) -> CompanyQuery {
        CompanyQuery {
            query: (!self.query.is_empty()).then(|| self.query.clone()),
            filter: (self.filter != CompanyFilter::All).then_some(self.filter),
            after,
        }
    }
}

/// The pairs of a query, decoded.
fn pairs(query: &str) -> impl Iterator<Item = (&str, String)> {
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, value)| (name, decode(value)))
}

fn decode(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_screen_comes_back_from_its_own_address() {
        let routes = [
            Route::SetUp { token: "a-b_C".to_owned() },
            Route::Home,
            Route::Mails,
            Route::Queue(QueueSearch::default()),
            Route::Queue(QueueSearch {
                decided: true,
                query: "20261121-33333&差".to_owned(),
                kind: Some(ReviewKind::Card),
                differences: Some(Differences::None),
            }),
            Route::Application { kind: ReviewKind::Card, id: 12 },
            Route::Imports,
            Route::Import { id: 5, kind: RowKind::Missing },
            Route::Companies(CompanySearch::default()),
            Route::Companies(CompanySearch {
                query: "株式会社 山田&花子=100%/?#".to_owned(),
                filter: CompanyFilter::FormerRepresentative,
            }),
            Route::Company { number: "00-1/ア".to_owned() },
            Route::Row { number: String::new() },
            Route::Row { number: "00-1/ア".to_owned() },
            Route::Listing,
            Route::Numbers,
            Route::Officers,
            Route::Account,
            Route::Audit(AuditSearch::default()),
            Route::Audit(AuditSearch {
                action: Some(AuditAction::Login),
                actor: "hanako".to_owned(),
                subject: "00-1/ア".to_owned(),
                from: "2026-11-01".to_owned(),
                until: "2026-11-30".to_owned(),
            }),
            Route::Settings,
            Route::Part(Part::Hours),
            Route::Part(Part::Mails),
            Route::Part(Part::Mail(5)),
            Route::Preview,
            Route::Clients,
        ];
        for route in routes {
            let fragment = route.to_fragment();
            assert!(Route::recognize(fragment.trim_start_matches('#')) == route, "{fragment}");
        }
    }

    #[test]
    fn an_address_that_nobody_made_is_not_found_and_never_panics() {
        for fragment in
            ["/review/card/x", "/imports/5/none", "/imports/", "/a/b/c/d", "setup=", "%", "/companies/%ff"]
        {
            let screen = Route::recognize(fragment).screen();
            assert!(matches!(screen, "not-found" | "imports" | "company"), "{fragment}: {screen}");
        }
    }
}
