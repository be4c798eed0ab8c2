//! 登録状況: what a company sees of its own registration.

use std::fmt;

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
    /// The company's access to the 入札情報公開システム, where the roster has one.
    #[serde(default)]
    pub information: Option<Information>,
}

/// Access to the 入札情報公開システム, which is another system than this one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Information {
    /// ユーザID; empty: the roster has none.
    pub user_id: String,
    /// パスワード: not it, but whether it can be shown.
    pub password: InformationPassword,
}

/// Whether its password can be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum InformationPassword {
    /// In this session, and after that in no other one.
    Ready,
    /// It was shown in an earlier session, and is gone.
    Shown {
        /// Unix milliseconds.
        at_unix_ms: i64,
    },
    /// The server does not have it.
    NotHere,
    /// Only a card is shown it.
    ForCards,
}

/// The password.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ShownPassword {
    /// In clear.
    pub password: String,
}

impl fmt::Debug for ShownPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ShownPassword(…)")
    }
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
