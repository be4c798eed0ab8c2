//! A session: how it begins, what is presented in it, and how far it is.

use serde::{Deserialize, Serialize};

use super::{ApiErrorCode, Completed};
use crate::{
    account::ApplicationView,
    agency::Way,
    field::Values,
    form::Occasion,
    identity::{CompanyMatch, ReviewCause},
    purpose::Purpose,
    token::{self, Nonce, Token},
};

/// Where a session begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct StartSession {
    /// Profile code.
    pub agency: String,
    /// Category code.
    pub category: String,
    /// By card or by ID and password; the category must allow it.
    #[serde(default)]
    pub way: Way,
}

/// A session's progress.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SessionView {
    /// Profile code.
    pub agency: String,
    /// Category code.
    pub category: String,
    /// By card or by ID and password.
    #[serde(default)]
    pub way: Way,
    /// When the session ends if nothing is requested before, Unix milliseconds.
    pub expires_unix_ms: i64,
    /// What the person logged in for; `None` before the card was presented.
    pub purpose: Option<Purpose>,
    /// The card that was presented; at ICカード更新 the current card.
    pub card: Option<CardView>,
    /// ICカード更新: the new card, once presented.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new_card: Option<CardView>,
    /// 簡易認証: the ID that logged in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub login_id: Option<String>,
    /// 簡易認証: the company's ID登録申請, if any. With a card: its pending 利用者登録.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub application: Option<ApplicationView>,
    /// The company: found by the search, or the one the card is registered to.
    pub company: Option<CompanyView>,
    /// What was entered in the form and is not registered yet.
    pub draft: Option<Values>,
    /// The registration that this session completed.
    pub completed: Option<Completed>,
    /// Why a confirmation would wait for the officers; empty: it would not.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub review: Vec<ReviewCause>,
    /// `company_suspended` or `card_suspended`: the session is back at its beginning because officers suspended
    /// what had let it in. Reported once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<ApiErrorCode>,
    /// With `company_suspended`: the last day, `YYYY-MM-DD` in Japan, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused_until: Option<String>,
}

impl SessionView {
    /// A session that has just begun.
    pub fn begun(agency: &str, category: &str, way: Way, expires_unix_ms: i64) -> Self {
        Self {
            agency: agency.to_owned(),
            category: category.to_owned(),
            way,
            expires_unix_ms,
            purpose: None,
            card: None,
            new_card: None,
            login_id: None,
            application: None,
            company: None,
            draft: None,
            completed: None,
            review: Vec::new(),
            refused: None,
            refused_until: None,
        }
    }
}

/// The card of a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CardView {
    /// The `card_*` and `certificate_*` fields of the certificate. Absent attributes are empty.
    pub values: Values,
    /// Whole days until the certificate expires; 0 on the last day.
    pub days_left: i64,
    /// Whether this card is registered with this agency.
    pub registered: bool,
    /// How its company compares with the session's, once there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub company_match: Option<CompanyMatch>,
}

/// A company in the roster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CompanyView {
    /// Company rows, and the values that the form's rows are filled with: from the registration if there is one,
    /// otherwise from the roster and the rows' `prefill`. `company_id` is empty before the first registration.
    pub values: Values,
    /// Which rows are being edited.
    pub occasion: Occasion,
    /// Counts changes to the registration: a 変更 names the revision that it edited.
    #[serde(default)]
    pub revision: i64,
}

/// What a challenge is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NewChallenge {
    /// What the card will be presented for.
    pub purpose: Purpose,
}

/// What to sign, and for whom.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Challenge {
    /// Valid for the requested purpose at this agency.
    pub nonce: Nonce,
    /// The agency's name, for the card window.
    pub agency: String,
}

/// The signed challenge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Login {
    /// From the extension. `None`: it is no token, which has a refusal of its own.
    #[serde(deserialize_with = "token::if_well_formed")]
    #[cfg_attr(feature = "schema", schemars(with = "Token"))]
    pub token: Option<Token>,
    /// What the card was presented for.
    pub purpose: Purpose,
    /// 担当者; empty for none.
    #[serde(default)]
    pub person_in_charge: String,
}

/// 資格審査情報検索.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CompanySearch {
    /// 業者番号.
    pub number: String,
    /// 商号又は名称.
    pub name: String,
    /// ユーザID; empty for none.
    #[serde(default)]
    pub user_id: String,
    /// パスワード; empty for none.
    #[serde(default)]
    pub password: String,
}
