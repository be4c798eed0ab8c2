//! What happened on a day that officers should know of, whether or not somebody had to decide.

use serde::{Deserialize, Serialize};

/// `GET /api/officer/daily`: today and the day before, as an array.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DailyList {
    /// `YYYY-MM-DD`, Japan's time.
    pub day: String,
    /// Newest first.
    pub items: Vec<DailyItem>,
    /// So many more, which a screen has no room for.
    #[serde(default)]
    pub left_out: u32,
}

/// Something of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DailyItem {
    /// When, Unix milliseconds.
    pub at_unix_ms: i64,
    /// What.
    pub kind: DailyKind,
    /// 業者番号.
    pub number: String,
    /// 商号又は名称; empty: the company has left the roster.
    pub name: String,
    /// 証明書シリアル番号; empty: no card has to do with it.
    #[serde(default)]
    pub serial: String,
    /// ユーザーID; empty: no ID has to do with it.
    #[serde(default)]
    pub login_id: String,
    /// The certificate names another company than the roster.
    #[serde(default)]
    pub is_other: bool,
}

codes! {
    /// What may happen, in the order in which it is told.
    pub enum DailyKind {
        /// A company's first card.
        FirstCard = "first_card",
        /// Another card of a company.
        FurtherCard = "further_card",
        /// ICカード更新 to a card of another company or person.
        RenewedToOther = "renewed_to_other",
        /// Another certificate was shown in the place of a registered one.
        CardForged = "card_forged",
        /// A company stopped one of its own cards.
        CardStopped = "card_stopped",
        /// A company stopped one of its own IDs.
        IdStopped = "id_stopped",
    }
}

impl DailyKind {
    /// As shown.
    pub fn name(self) -> &'static str {
        match self {
            Self::FirstCard => "最初のICカードの登録",
            Self::FurtherCard => "2枚目以降のICカードの登録",
            Self::RenewedToOther => "会社名または取得者の違うICカードへの更新",
            Self::CardForged => {
                "登録されているICカードと同じ番号の、別の電子証明書の提示（受け付けていません）"
            }
            Self::CardStopped => "会社による、自社のICカードの停止",
            Self::IdStopped => "会社による、自社のIDの停止",
        }
    }
}
