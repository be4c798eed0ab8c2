//! What a confirmation sends, and what it completed.

use serde::{Deserialize, Serialize};

use crate::{document::DocumentSignature, field::Values, filing::Function};

/// What was typed, valid or not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SaveDraft {
    /// The form's fields.
    pub values: Values,
}

/// A signed 申請書.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Signed {
    /// What the page displayed, as [`crate::document`] writes it. The server writes its own and refuses any
    /// difference.
    pub document: String,
    /// Made by the card.
    pub signature: DocumentSignature,
}

/// 登録.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Register {
    /// A random UUID, made by the page when the confirmation is shown.
    pub submission: String,
    /// The form's fields.
    pub values: Values,
    /// Present where the agency wants applications signed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signed: Option<Signed>,
}

/// 変更 with a card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// A random UUID, made by the page when the confirmation is shown.
    pub submission: String,
    /// The [`CompanyView::revision`] that was edited.
    pub revision: i64,
    /// The form's fields.
    pub values: Values,
    /// Present where the agency wants applications signed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signed: Option<Signed>,
}

/// ICカード更新.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Renew {
    /// A random UUID, made by the page when the confirmation is shown.
    pub submission: String,
    /// Present where the agency wants applications signed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signed: Option<Signed>,
}

/// A completed registration.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Completed {
    /// What was completed.
    #[serde(default)]
    pub function: Function,
    /// 企業ID; empty after an ID登録申請, which issues none.
    pub company_id: String,
    /// Every row of 登録内容確認 and of the 利用者情報 printout.
    pub values: Values,
    /// The addresses the mail goes to.
    pub mailed_to: Vec<String>,
    /// Those of them not confirmed yet: they first get a mail asking for confirmation, and the others follow.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unconfirmed: Vec<String>,
    /// When, Unix milliseconds.
    pub at_unix_ms: i64,
    /// Whether it waits for the agency's review before it takes effect.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub pending: bool,
    /// 受付番号.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub receipt: String,
    /// Whether it was signed, so that there is a [`ReceiptFile`] of each kind.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub signed: bool,
}

named! {
    /// A file of a signed application.
    #[derive(PartialOrd, Ord)]
    pub enum ReceiptFile {
        /// 申請書, with the very bytes that were signed.
        Document = "document",
        /// The signature, a `.p7s`.
        Signature = "signature",
    }
}
