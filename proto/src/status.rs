//! 登録状況: what a company sees of its own registration.

use serde::{Deserialize, Serialize};

use crate::{
    field::Values,
    identity::CompanyMatch,
    officer::{
        company::{CardState, LabelledValue, Timeline},
        review::ReviewState,
    },
};

/// 登録状況.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CompanyStatus {
    /// Every row of the 利用者情報 printout, for this card.
    pub values: Values,
    /// Whether the company's data is shown at all: not to an ID that no officer has approved.
    pub is_admitted: bool,
    /// What the company registered.
    pub contacts: Vec<LabelledValue>,
    /// Its cards, those in use first.
    pub cards: Vec<StatusCard>,
    /// Its IDs and applications for one, the latest first.
    pub accounts: Vec<StatusAccount>,
    /// What happened: the latest.
    pub timeline: Timeline,
}

/// A card of the company.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct StatusCard {
    /// Identifies the card here. A pending or rejected one is not a card yet: then this is negative.
    pub id: i64,
    /// What it is.
    pub state: CardState,
    /// Whether it is the session's own.
    pub is_own: bool,
    /// Whether it was stopped, by officers or the company.
    pub is_stopped: bool,
    /// ICカード取得者氏名.
    pub holder: String,
    /// How its company compares with the roster's.
    pub company_match: CompanyMatch,
    /// 証明書シリアル番号, decimal.
    pub serial: String,
    /// 証明書発行者.
    pub issuer: String,
    /// 証明書有効期限, Unix milliseconds.
    pub expires_unix_ms: i64,
    /// When it was registered, or applied, Unix milliseconds.
    pub registered_unix_ms: i64,
    /// Its last login, Unix milliseconds.
    pub last_login_unix_ms: Option<i64>,
    /// ICカード利用部署情報.
    pub contacts: Vec<LabelledValue>,
}

/// An ID of the company.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct StatusAccount {
    /// Names it here.
    pub id: i64,
    /// Whether it is the session's own.
    #[serde(default)]
    pub is_own: bool,
    /// 区分.
    pub category: String,
    /// ユーザーID.
    pub login_id: String,
    /// The state of its review.
    pub state: ReviewState,
    /// Whether it was stopped.
    pub is_stopped: bool,
    /// When it was applied for, Unix milliseconds.
    pub applied_unix_ms: i64,
}

/// A card or ID of the company that is to log in no longer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Stop {
    /// [`StatusCard::id`].
    Card(i64),
    /// [`StatusAccount::id`].
    Account(i64),
}
