//! What happened on a day that officers should know about, whether or not it required a decision.

use serde::{Deserialize, Serialize};

/// A day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DailyList {
    /// `YYYY-MM-DD`, Japan time.
    pub day: String,
    /// Newest first.
    pub items: Vec<DailyItem>,
    /// How many more a screen has no room for.
    #[serde(default)]
    pub left_out: u32,
}

/// One of the day's events.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DailyItem {
    /// When, Unix milliseconds.
    pub at_unix_ms: i64,
    /// What.
    pub kind: DailyKind,
    /// 業者番号.
    pub number: String,
    /// 商号又は名称; empty: the company has left the roster.
    pub name: String,
    /// 証明書シリアル番号; empty: no card is involved.
    #[serde(default)]
    pub serial: String,
    /// ユーザーID; empty: no ID is involved.
    #[serde(default)]
    pub login_id: String,
    /// The certificate names another company than the roster.
    #[serde(default)]
    pub is_other: bool,
}

codes! {
    /// The kinds of events, in display order.
    pub enum DailyKind {
        /// A company's first card.
        FirstCard = "first_card",
        /// Another card of a company.
        FurtherCard = "further_card",
        /// ICカード更新 to a card of another company or person.
        RenewedToOther = "renewed_to_other",
        /// An ID (簡易認証), approved or without 審査.
        IdRegistered = "id_registered",
        /// A different certificate was presented in place of a registered one.
        CardForged = "card_forged",
        /// A company stopped one of its own cards.
        CardStopped = "card_stopped",
        /// A company stopped one of its own IDs.
        IdStopped = "id_stopped",
        /// The roster has another name, 法人番号 or 委任先 for a company that is registered, or that an officer corrected by hand.
        Renamed = "renamed",
    }
}

impl DailyKind {
    /// As shown.
    pub fn name(self) -> &'static str {
        match self {
            Self::FirstCard => "最初のICカードの登録",
            Self::FurtherCard => "2枚目以降のICカードの登録",
            Self::RenewedToOther => "会社名または取得者の違うICカードへの更新",
            Self::IdRegistered => "IDの登録（簡易認証）",
            Self::CardForged => {
                "登録されているICカードと同じ番号の、別の電子証明書の提示（受け付けていません）"
            }
            Self::CardStopped => "会社による、自社のICカードの停止",
            Self::IdStopped => "会社による、自社のIDの停止",
            Self::Renamed => "名簿での名称、法人番号、委任先またはメールアドレスの変更",
        }
    }
}
