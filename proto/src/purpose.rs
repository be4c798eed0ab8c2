//! What a card is used for. A challenge is made for one purpose, so the token's rules name it too.

use serde::{Deserialize, Serialize};

/// What the person is about to do with the card; shown in the card window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// 利用者登録: register this card.
    Register,
    /// 利用者変更: change what is registered.
    Change,
    /// ICカード更新: prove possession of the current card.
    RenewOld,
    /// ICカード更新: prove possession of the new card.
    RenewNew,
    /// 電子入札: log in.
    Bid,
    /// 環境確認: check whether this card would be accepted; nothing is registered or opened.
    Check,
    /// 発注機関: an officer signs in.
    Officer,
}

impl Purpose {
    /// Its name on every wire, and in a challenge.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Register => "register",
            Self::Change => "change",
            Self::RenewOld => "renew_old",
            Self::RenewNew => "renew_new",
            Self::Bid => "bid",
            Self::Check => "check",
            Self::Officer => "officer",
        }
    }
}
