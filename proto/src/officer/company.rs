//! 照会: companies, their cards, their history.

use serde::{Deserialize, Serialize};

use super::review::ReviewState;
use crate::{filing::Function, identity::CompanyMatch};

/// A page of 照会.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FoundCompanies {
    /// A page of 50.
    pub companies: Vec<FoundCompany>,
    /// `after` of the next page, if there is one.
    pub next: Option<String>,
    /// Whether companies imported just now are still being indexed, so that a search by name may have missed one.
    #[serde(default)]
    pub indexing: bool,
}

named! {
    /// Which companies, in the order of the screen.
    #[derive(Default)]
    pub enum CompanyFilter {
        /// All.
        #[default]
        All = "all",
        /// 紙入札業者: never registered.
        Paper = "paper",
        /// 電子入札業者.
        Electronic = "electronic",
        /// With a card that expires within 90 days.
        Expiring = "expiring",
        /// Suspended, or with a suspended card.
        Suspended = "suspended",
        /// With a mail that was refused.
        Bounced = "bounced",
        /// With a revoked card.
        Revoked = "revoked",
        /// The card's holder is not the representative in the roster.
        FormerRepresentative = "former_representative",
        /// A card's certificate names another company than the roster.
        OtherCompany = "other_company",
        /// Registered for the first time within seven days.
        Recent = "recent",
        /// 利用申請書 was received and is not permitted yet.
        PermitReceived = "permit_received",
    }
}

named! {
    /// How an exported list is written.
    #[derive(Default)]
    pub enum ListFormat {
        /// CSV in UTF-8, with a byte order mark, by which spreadsheets recognise it.
        #[default]
        Utf8 = "utf-8",
        /// CSV in Windows' Shift_JIS.
        Cp932 = "cp932",
        /// A workbook for Excel.
        Xlsx = "xlsx",
    }
}

named! {
    /// What an exported list contains besides each company's own columns.
    pub enum ExportPart {
        /// 代表窓口情報.
        Contact = "contact",
        /// Cards and their certificates: a row for each card.
        Cards = "cards",
        /// ICカード利用部署情報: a row for each card.
        CardContact = "card_contact",
        /// What happened.
        Timeline = "timeline",
    }
}

impl ExportPart {
    /// The parts that a list names, in the order of the columns. `None`: it names something else.
    pub fn read_list(text: &str) -> Option<Vec<Self>> {
        let named: Vec<Self> =
            text.split(',').filter(|name| !name.is_empty()).map(Self::from_text).collect::<Option<_>>()?;
        Some(Self::ALL.iter().copied().filter(|part| named.contains(part)).collect())
    }

    /// As [`read_list`](Self::read_list) reads it.
    pub fn write_list(parts: &[Self]) -> String {
        parts.iter().map(|part| part.as_str()).collect::<Vec<_>>().join(",")
    }
}

/// A company that was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FoundCompany {
    /// 業者番号.
    pub number: String,
    /// 商号又は名称.
    pub name: String,
    /// Its kana.
    pub kana: String,
    /// 住所.
    pub address: String,
    /// 企業ID; empty for a 紙入札業者.
    pub company_id: String,
    /// Cards in use.
    pub cards: u32,
    /// When the first of them expires, Unix milliseconds.
    pub expires_unix_ms: Option<i64>,
    /// Whether the company is suspended.
    pub suspended: bool,
}

/// A company.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CompanyDetail {
    /// 業者番号.
    pub number: String,
    /// 商号又は名称.
    pub name: String,
    /// 企業ID; empty for a 紙入札業者.
    pub company_id: String,
    /// When it registered first, Unix milliseconds.
    pub registered_unix_ms: Option<i64>,
    /// The suspension in effect, or else the next to begin.
    pub suspension: Option<Suspension>,
    /// Whether imports leave its row in the roster as it is.
    #[serde(default)]
    pub kept: bool,
    /// Whether its qualification is valid today.
    #[serde(default)]
    pub validity: Validity,
    /// 利用申請書, once it was handed in.
    #[serde(default)]
    pub permit: Option<Permit>,
    /// 名簿.
    pub roster: Vec<LabelledValue>,
    /// 代表窓口情報 and whatever else the company registered.
    pub contacts: Vec<LabelledValue>,
    /// Cards, those in use first.
    pub cards: Vec<CompanyCard>,
    /// IDs (簡易認証).
    pub accounts: Vec<CompanyAccount>,
    /// Signed applications, newest first; at most 200.
    #[serde(default)]
    pub receipts: Vec<CompanyReceipt>,
    /// Whether there are older ones than these.
    #[serde(default)]
    pub more_receipts: bool,
    /// When its number was issued, Unix milliseconds, if it has one.
    pub number_issued_unix_ms: Option<i64>,
    /// Mails of the last 400 days, newest first.
    pub mails: Vec<CompanyMail>,
    /// What happened: the latest.
    pub timeline: Timeline,
}

named! {
    /// How far 利用申請書 of a company is.
    pub enum PermitState {
        /// 受理.
        Received = "received",
        /// 許可.
        Permitted = "permitted",
    }
}

/// A part of 業者番号一覧.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ListingPart {
    /// Their titles.
    pub columns: Vec<String>,
    /// A company each.
    pub rows: Vec<Vec<String>>,
    /// Where the next part begins; absent: this is the last one.
    pub next: Option<String>,
}

/// 利用申請書 of a company, which ID登録申請 may depend on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Permit {
    /// How far it is.
    pub state: PermitState,
    /// By whom: ログインID; empty: at the command line.
    pub officer: String,
    /// Since when, Unix milliseconds.
    pub at_unix_ms: i64,
}

/// Sets how far it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SetPermit {
    /// The state that the officer saw.
    pub seen: Option<PermitState>,
    /// `None`: as if none had been handed in.
    pub state: Option<PermitState>,
}

/// The most companies of [`GrantPermits`].
pub const MOST_PERMITS: usize = 500;

/// 許可 of several companies, of those among them whose 利用申請書 was received.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct GrantPermits {
    /// 業者番号; at most [`MOST_PERMITS`].
    pub companies: Vec<String>,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct GrantedPermits {
    /// How many were permitted.
    pub granted: u32,
    /// How many were not: somebody else has permitted or withdrawn them.
    pub left: u32,
}

/// Whether a company's qualification is valid. Days are `YYYY-MM-DD` in Japan.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Validity {
    /// It is, or the roster has no days.
    #[default]
    Valid,
    /// 認定日 is to come.
    NotYet {
        /// 認定日.
        from: String,
    },
    /// 有効期限 has passed.
    Expired {
        /// 有効期限.
        until: String,
    },
}

/// A label and its value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LabelledValue {
    /// Label.
    pub label: String,
    /// Value; lines are separated by `\n`.
    pub value: String,
}

/// A suspension.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Suspension {
    /// Why.
    pub reason: String,
    /// By whom.
    pub officer: String,
    /// When it was set, Unix milliseconds.
    pub at_unix_ms: i64,
    /// Its days; only a company's has any.
    #[serde(default)]
    pub period: Period,
    /// Whether it is in force; otherwise it is still to begin.
    pub in_force: bool,
}

/// The days of a suspension, `YYYY-MM-DD` in Japan, both included. It begins and ends with the day.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Period {
    /// `None`: from when it is set.
    #[serde(default)]
    pub from: Option<String>,
    /// `None`: until it is lifted.
    #[serde(default)]
    pub until: Option<String>,
}

/// A card of a company.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CompanyCard {
    /// Identifies the card here. A pending or rejected one is not a card yet: then this is the negated row id of
    /// its application.
    pub id: i64,
    /// What it is.
    pub state: CardState,
    /// 証明書シリアル番号, decimal.
    pub serial: String,
    /// 証明書発行者.
    pub issuer: String,
    /// ICカード取得者氏名.
    pub holder: String,
    /// How its company compares with the roster's.
    pub company_match: CompanyMatch,
    /// 証明書有効期限, Unix milliseconds.
    pub expires_unix_ms: i64,
    /// 担当者.
    pub person_in_charge: String,
    /// When it was registered, Unix milliseconds.
    pub registered_unix_ms: i64,
    /// Whether its holder is another person than the roster's 代表者.
    pub former_representative: bool,
    /// The suspension in effect, if any.
    pub suspension: Option<Suspension>,
    /// ICカード利用部署情報.
    pub contacts: Vec<LabelledValue>,
}

impl CompanyCard {
    /// The row id of the application that has this [`id`](Self::id) here; `None`: it is a registered card's.
    pub fn application(id: i64) -> Option<i64> {
        (id < 0).then(|| id.saturating_neg())
    }
}

/// What a registered card is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum CardState {
    /// In use.
    Active,
    /// Waits for 審査.
    Pending,
    /// Refused by 審査.
    Rejected,
    /// Replaced by another card.
    Replaced,
    /// Its issuer revoked it.
    Revoked,
    /// Its certificate has expired.
    Expired,
}

/// An ID of a company.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CompanyAccount {
    /// Row.
    pub id: i64,
    /// 受付番号.
    pub receipt: String,
    /// 区分.
    pub category: String,
    /// ユーザーID.
    pub login_id: String,
    /// The state of its review.
    pub state: ReviewState,
    /// The suspension in effect, if any.
    #[serde(default)]
    pub suspension: Option<Suspension>,
    /// When it was applied for, Unix milliseconds.
    pub applied_unix_ms: i64,
}

/// A signed application.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CompanyReceipt {
    /// 受付番号.
    pub number: String,
    /// What was applied for.
    pub function: Function,
    /// When, Unix milliseconds.
    pub at_unix_ms: i64,
}

/// A mail to a company.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CompanyMail {
    /// Names it here.
    pub id: i64,
    /// Address.
    pub recipient: String,
    /// Subject.
    pub subject: String,
    /// When it was queued, Unix milliseconds.
    pub at_unix_ms: i64,
    /// Its current state.
    pub state: MailState,
    /// What prevented delivery: a step of SMTP and the codes of the mail server's answer; empty for nothing.
    pub reason: String,
    /// Whether it can be sent at once: it has not been sent, and its text still exists.
    pub sendable: bool,
}

/// The state of a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum MailState {
    /// Waits.
    Queued,
    /// The mail server took it.
    Sent,
    /// The mail server refused it, or retries over several days failed.
    Refused,
    /// An officer gave it up.
    GivenUp,
    /// Held back until its address is confirmed.
    Unconfirmed,
    /// Held back: too many to its address, or about its company.
    OverLimit,
    /// It was held back and has never left: nobody confirmed the address or let the mail go, or others took its place.
    NeverSent,
}

/// A part of what happened to a company: a hundred events of each kind, so that no kind crowds out another one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Timeline {
    /// Newest first.
    pub items: Vec<TimelineItem>,
    /// Where the next part begins; `None`: this is the last one. It may have events between those of this part.
    pub next: Option<String>,
}

impl Timeline {
    /// Adds the part that [`next`](Self::next) stands for.
    pub fn extend(&mut self, older: Self) {
        for item in older.items {
            // Both are sorted: the page is lighter without a sort.
            let place = self.items.partition_point(|known| known.at_unix_ms >= item.at_unix_ms);
            self.items.insert(place, item);
        }
        self.next = older.next;
    }
}

/// Something that happened to a company.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TimelineItem {
    /// When, Unix milliseconds.
    pub at_unix_ms: i64,
    /// What, in Japanese.
    pub text: String,
    /// Which officer; empty: the company itself, or the server.
    pub officer: String,
}

/// Suspends a company.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Suspend {
    /// Why: 1 to 500 characters.
    pub reason: String,
    /// The days.
    #[serde(default)]
    pub period: Period,
}

/// Corrects a company's suspension.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CorrectSuspension {
    /// The one that the officer saw: its [`Suspension::at_unix_ms`].
    pub seen_unix_ms: i64,
    /// What holds from now on.
    pub suspend: Suspend,
}

/// Why something is suspended or lifted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Reason {
    /// Why: 1 to 500 characters.
    pub reason: String,
}
