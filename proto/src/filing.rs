//! What the API and the 申請書 have in common: what is applied for, and what a signature is made for.

use serde::{Deserialize, Serialize};

use crate::token::Nonce;

/// What was completed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Function {
    /// 登録.
    #[default]
    Register,
    /// 変更.
    Change,
    /// ICカード更新.
    Renew,
    /// ID登録申請.
    Apply,
    /// 変更 of an ID.
    ChangeAccount,
}

/// What is to be signed, where the agency wants applications signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Prepared {
    /// 受付番号.
    pub number: String,
    /// 受付日時, Japan time, as written in the 申請書.
    pub at: String,
    /// 32 random bytes, so that no other signature can stand in for this one.
    pub nonce: Nonce,
    /// The card that has to sign: [`crate::card::CardSummary::id`].
    pub card: String,
}
