//! 環境確認: what is checked, in order, with the state of each part. 受注者クライアント shows the same answers.

use touroku_proto::{
    agency::{Category, Way},
    api::{CardView, SessionView},
    card::{CardError, CardErrorCode, Finding, ServiceState},
};

use crate::bidder::{
    examination::Examination,
    state::{Check, Connection, State},
    trouble::Trouble,
};

pub enum CheckupAction {
    /// 再確認.
    Again,
    /// What the browser reports about itself.
    BrowserRead(Browser),
    /// The extension answered `check_up`.
    Examined {
        /// Of the check.
        attempt: u32,
        /// What the doctor found.
        answer: Result<Vec<Finding>, CardError>,
    },
    /// 証明書を確認する.
    Certificate,
    /// 結果をコピー: this text.
    Copy(String),
    /// Whether a text reached the clipboard.
    Copied(bool),
}

/// The parts, from the person's side to the server's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// ブラウザー.
    Browser,
    /// 拡張機能.
    Extension,
    /// カード接続プログラム.
    Host,
    /// スマートカードサービス.
    Service,
    /// カードリーダー.
    Reader,
    /// ICカード.
    Card,
    /// 証明書.
    Certificate,
    /// 時計のずれ.
    Clock,
    /// 通信.
    Network,
}

impl Part {
    /// All, in order.
    pub const ALL: [Self; 9] = [
        Self::Browser,
        Self::Extension,
        Self::Host,
        Self::Service,
        Self::Reader,
        Self::Card,
        Self::Certificate,
        Self::Clock,
        Self::Network,
    ];

    /// Whether only those who use a card need it.
    pub fn is_for_card(self) -> bool {
        !matches!(self, Self::Browser | Self::Clock | Self::Network)
    }

    /// The text form (`data-check`).
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Browser => "browser",
            Self::Extension => "extension",
            Self::Host => "host",
            Self::Service => "service",
            Self::Reader => "reader",
            Self::Card => "card",
            Self::Certificate => "certificate",
            Self::Clock => "clock",
            Self::Network => "network",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// ○.
    Ok,
    /// ×.
    Bad,
    /// －: not asked, or something before it failed.
    Unknown,
    /// Being checked.
    Waiting,
}

impl Mark {
    /// The text form (`data-result`).
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Bad => "bad",
            Self::Unknown => "unknown",
            Self::Waiting => "waiting",
        }
    }
}

/// Why a part is ×.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// Not of the Chromium family.
    BrowserForeign,
    /// Older than the extension needs.
    BrowserOld,
    /// The computer's clock is wrong.
    Clock,
    /// Anything that has its own code.
    Trouble(Trouble),
}

/// One line of 環境確認.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub part: Part,
    pub mark: Mark,
    /// Why, with ×.
    pub cause: Option<Cause>,
}

/// The browser, as it reports itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Browser {
    /// Its name, such as `Microsoft Edge`; empty if it does not reveal it.
    pub name: String,
    /// The version of Chromium that it is based on; 0: of another family.
    pub chromium: u32,
}

impl Browser {
    /// From the brands in the user agent client hints or, if there are none, the user agent string.
    pub fn of(brands: &[(String, String)], user_agent: &str) -> Self {
        let major = |version: &str| version.split('.').next().and_then(|major| major.parse().ok());
        let chromium = brands.iter().find(|(brand, _)| brand == "Chromium");
        if let Some((_, version)) = chromium {
            // A made-up brand that keeps sites from relying on the list (GREASE) has odd characters in it.
            let named = brands.iter().find(|(brand, _)| {
                brand != "Chromium"
                    && brand.chars().all(|c| c.is_ascii_alphabetic() || c == ' ')
                    && !brand.contains("Not")
            });
            let name = named.map_or("Chromium", |(brand, _)| brand);
            return Self { name: name.to_owned(), chromium: major(version).unwrap_or(0) };
        }
        let after = |mark: &str| user_agent.split_once(mark).map(|(_, rest)| rest);
        if let Some(version) = after("Chrome/").or_else(|| after("Chromium/")).and_then(major) {
            return Self { name: "Chromium".to_owned(), chromium: version };
        }
        let known = [("Firefox/", "Firefox"), ("Version/", "Safari"), ("Trident/", "Internet Explorer")];
        let name = known.iter().find(|(mark, _)| user_agent.contains(mark)).map_or("", |(_, name)| name);
        Self { name: name.to_owned(), chromium: 0 }
    }
}

/// The oldest Chromium that the extension runs in: `minimum_chrome_version` of its manifest.
pub const OLDEST_CHROMIUM: u32 = 120;

/// How far the computer's clock may be off: signatures and certificates are judged by the server's, but from here
/// on the computer itself refuses connections and shows wrong dates.
pub const MAX_SKEW_MS: i64 = 5 * 60 * 1000;

/// What 環境確認 knows besides [`Connection`].
#[derive(Clone, Default)]
pub struct Checkup {
    pub browser: Option<Browser>,
    pub certificate: Certificate,
    /// The result of the host's doctor.
    pub examination: Examination,
    /// How far the computer's clock is ahead of the server's, milliseconds.
    pub skew_ms: Option<i64>,
    /// How long the server's last answer took, milliseconds.
    pub round_trip_ms: Option<u32>,
}

/// Whether the server would accept the card.
#[derive(Clone, Default)]
pub enum Certificate {
    /// Not asked: that needs the PIN.
    #[default]
    Unasked,
    Accepted(Box<CardView>),
    /// It, or the card itself, would not.
    Refused(Trouble),
}

impl State {
    /// Every part, in order. The state of parts after a failed one is unknown.
    pub fn checkup_rows(&self) -> Vec<Row> {
        let connection = &self.connection;
        let needed = |part: Part| !(connection.without_card && part.is_for_card());
        let [extension, host, service] = local_marks(connection);
        let reason = || match &connection.local {
            Check::Failed(trouble) => Some(Cause::Trouble(trouble.clone())),
            _ => None,
        };
        Part::ALL
            .into_iter()
            .map(|part| {
                let (mark, cause) = match part {
                    _ if !needed(part) => (Mark::Unknown, None),
                    Part::Browser => self.browser_mark(),
                    Part::Extension => (extension, reason()),
                    Part::Host => (host, reason()),
                    Part::Service => (service, reason()),
                    // The server has just judged what a reader read.
                    Part::Reader | Part::Card if self.has_just_read() => (Mark::Ok, None),
                    Part::Reader => after(service, reader_mark(connection)),
                    Part::Card => after(after(service, reader_mark(connection)).0, card_mark(connection)),
                    Part::Certificate => self.certificate_mark(),
                    Part::Clock => after(mark_of(&connection.server), self.clock_mark()),
                    Part::Network => {
                        let cause = match &connection.server {
                            Check::Failed(trouble) => Some(Cause::Trouble(trouble.clone())),
                            _ => None,
                        };
                        (mark_of(&connection.server), cause)
                    }
                };
                Row { part, mark, cause: cause.filter(|_| mark == Mark::Bad) }
            })
            .collect()
    }

    /// Whether a card was judged on this page: then reader and card work, wherever the card is by now.
    fn has_just_read(&self) -> bool {
        matches!(self.checkup.certificate, Certificate::Accepted(_))
    }

    /// The category for which a card is tried when no session is open: the first that accepts cards.
    pub fn card_category(&self) -> Option<&Category> {
        self.profile()?.categories.iter().find(|category| category.access.allows(Way::Card))
    }

    /// The card that the server has accepted: on this page, or in the current session.
    pub fn accepted_card(&self) -> Option<&CardView> {
        match &self.checkup.certificate {
            Certificate::Accepted(card) => Some(card),
            Certificate::Refused(_) => None,
            Certificate::Unasked => self.view().filter(|view| self.is_judged_by(view))?.card.as_ref(),
        }
    }

    /// Whether the card can be tried now: everything before it works, and there is a server to judge it. A session
    /// that already has a card, or uses ID and password, is left alone: it would be replaced.
    pub fn may_check_certificate(&self) -> bool {
        let judge = match self.view() {
            Some(view) if !self.lost => {
                self.is_judged_by(view) && view.way == Way::Card && view.card.is_none()
            }
            _ => self.card_category().is_some(),
        };
        judge && !self.connection.without_card && self.connection.is_ready()
    }

    /// Whether a session is of the agency that this page is about.
    fn is_judged_by(&self, session: &SessionView) -> bool {
        !self.lost && self.place().is_none_or(|(agency, _)| agency == session.agency)
    }

    fn browser_mark(&self) -> (Mark, Option<Cause>) {
        match &self.checkup.browser {
            None => (Mark::Waiting, None),
            Some(browser) if browser.chromium == 0 => (Mark::Bad, Some(Cause::BrowserForeign)),
            Some(browser) if browser.chromium < OLDEST_CHROMIUM => (Mark::Bad, Some(Cause::BrowserOld)),
            Some(_) => (Mark::Ok, None),
        }
    }

    fn certificate_mark(&self) -> (Mark, Option<Cause>) {
        match &self.checkup.certificate {
            _ if self.accepted_card().is_some() => (Mark::Ok, None),
            Certificate::Unasked | Certificate::Accepted(_) => (Mark::Unknown, None),
            // Cancelling says nothing about the card.
            Certificate::Refused(Trouble::Card(error)) if error.code == CardErrorCode::Cancelled => {
                (Mark::Unknown, None)
            }
            Certificate::Refused(trouble) => (Mark::Bad, Some(Cause::Trouble(trouble.clone()))),
        }
    }

    fn clock_mark(&self) -> (Mark, Option<Cause>) {
        match self.checkup.skew_ms {
            None => (Mark::Waiting, None),
            Some(skew) if skew.abs() < MAX_SKEW_MS => (Mark::Ok, None),
            Some(_) => (Mark::Bad, Some(Cause::Clock)),
        }
    }
}

pub fn mark_of(check: &Check) -> Mark {
    match check {
        Check::Unknown | Check::Waiting => Mark::Waiting,
        Check::Ready => Mark::Ok,
        Check::Failed(_) => Mark::Bad,
    }
}

/// Extension, host and PC/SC service: the first that fails hides those after it.
pub fn local_marks(connection: &Connection) -> [Mark; 3] {
    use CardErrorCode as Code;
    let code = match &connection.local {
        Check::Ready => return [Mark::Ok; 3],
        Check::Failed(Trouble::Card(error)) => error.code,
        Check::Failed(_) => return [Mark::Bad, Mark::Unknown, Mark::Unknown],
        Check::Unknown | Check::Waiting => return [Mark::Waiting; 3],
    };
    match (&connection.status, code) {
        (None, _)
        | (
            _,
            Code::ExtensionMissing
            | Code::ExtensionTooOld
            | Code::ExtensionTooNew
            | Code::OriginNotAllowed
            | Code::FrameNotAllowed,
        ) => [Mark::Bad, Mark::Unknown, Mark::Unknown],
        (Some(status), _) if status.service == Some(ServiceState::Off) || code == Code::ServiceOff => {
            [Mark::Ok, Mark::Ok, Mark::Bad]
        }
        _ => [Mark::Ok, Mark::Bad, Mark::Unknown],
    }
}

fn reader_mark(connection: &Connection) -> (Mark, Option<Cause>) {
    match &connection.status {
        Some(status) if status.readers > 0 => (Mark::Ok, None),
        _ => (Mark::Bad, Some(Cause::Trouble(CardErrorCode::NoReader.into()))),
    }
}

fn card_mark(connection: &Connection) -> (Mark, Option<Cause>) {
    let Some(status) = &connection.status else { return (Mark::Unknown, None) };
    let error = status.error.clone().filter(|error| error.code != CardErrorCode::NoReader);
    match (error, status.cards) {
        (Some(error), _) => (Mark::Bad, Some(Cause::Trouble(Trouble::Card(error)))),
        (None, 0) => (Mark::Bad, Some(Cause::Trouble(Trouble::Card(CardError::new(CardErrorCode::NoCard))))),
        (None, _) => (Mark::Ok, None),
    }
}

/// The state of a part that depends on another one.
fn after(before: Mark, this: (Mark, Option<Cause>)) -> (Mark, Option<Cause>) {
    match before {
        Mark::Ok => this,
        Mark::Waiting => (Mark::Waiting, None),
        Mark::Bad | Mark::Unknown => (Mark::Unknown, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn browser(brands: &[(&str, &str)], user_agent: &str) -> Browser {
        let brands: Vec<_> = brands.iter().map(|&(b, v)| (b.to_owned(), v.to_owned())).collect();
        Browser::of(&brands, user_agent)
    }

    #[test]
    fn a_browser_is_known_by_its_brands_and_else_by_its_old_name() {
        let edge = [("Not)A;Brand", "8"), ("Chromium", "138"), ("Microsoft Edge", "138")];
        assert_eq!(browser(&edge, ""), Browser { name: "Microsoft Edge".into(), chromium: 138 });
        let plain = [("Chromium", "130"), ("Not?A_Brand", "99")];
        assert_eq!(browser(&plain, ""), Browser { name: "Chromium".into(), chromium: 130 });
        let old = browser(&[], "Mozilla/5.0 (X11) AppleWebKit/537.36 Chrome/110.0.0.0 Safari/537.36");
        assert_eq!(old.chromium, 110);
        let firefox = browser(&[], "Mozilla/5.0 (X11; rv:140.0) Gecko/20100101 Firefox/140.0");
        assert_eq!(firefox, Browser { name: "Firefox".into(), chromium: 0 });
        assert_eq!(browser(&[], ""), Browser::default());
    }
}
