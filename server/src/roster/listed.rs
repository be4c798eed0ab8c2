//! The columns that lists of companies may have, by name: 照会's lists and the files of `[[export]]`.

use touroku_proto::{
    agency::AgencyProfile,
    field::{FieldId, Scope},
};

use super::columns::further;

/// What the roster and the registration say of a company.
pub(crate) const COMPANY: [&str; 21] = [
    "業者番号",
    "商号又は名称",
    "カナ",
    "郵便番号",
    "住所",
    "代表者氏名",
    "電話番号",
    "区分",
    "企業ID",
    "登録日",
    "ICカード枚数",
    "ICカード有効期限",
    "利用停止",
    "代表窓口メールアドレス",
    "法人番号",
    "代表者役職",
    "FAX番号",
    "支店名等",
    "資格",
    "利用停止の理由",
    "利用停止の期間",
];

/// What is known of a card.
pub(crate) const CARD: [&str; 10] = [
    "ICカードの状態",
    "証明書シリアル番号",
    "証明書発行者",
    "ICカード取得者氏名",
    "ICカード企業名称",
    "ICカード企業住所",
    "証明書有効期限",
    "担当者",
    "ICカード登録日",
    "ICカード利用停止",
];

/// A card's certificate, for systems that recognise cards themselves.
pub(crate) const CERTIFICATE: [&str; 3] =
    ["証明書シリアル番号（16進）", "証明書のSHA-256", "証明書（DERのBase64）"];

/// What happened, in the order of its columns; only of a file that is about one event.
pub(crate) const EVENT: [&str; 3] = ["出来事", "出来事の日時", "出来事の番号"];

/// A company's timeline in one cell.
pub(crate) const TIMELINE: &str = "経過";

/// Names that an agency's own profile decides.
pub(crate) struct Listed {
    /// The roster's further columns.
    pub(crate) further: Vec<String>,
    /// The rows of the company's own form, and of a card's.
    pub(crate) contact: Vec<String>,
    pub(crate) card_contact: Vec<String>,
}

impl Listed {
    pub(crate) fn of(profile: &AgencyProfile) -> Self {
        let labels = |scope: Scope| {
            let mut labels: Vec<(FieldId, String)> = Vec::new();
            for row in profile.forms.values().flat_map(|form| form.rows()) {
                let is_known = labels.iter().any(|(field, _)| *field == row.field);
                if !is_known && !row.field.is_repetition() && row.field.scope() == scope {
                    labels.push((row.field, row.label.to_string()));
                }
            }
            labels.sort_by_key(|(field, _)| *field);
            labels.into_iter().map(|(_, label)| label).collect()
        };
        let further = further(profile).map(str::to_owned).collect();
        Self { further, contact: labels(Scope::Company), card_contact: labels(Scope::Card) }
    }

    /// 代表窓口情報, by the titles of its columns.
    pub(crate) fn contacts(&self) -> impl Iterator<Item = String> + '_ {
        self.contact.iter().map(|label| format!("代表窓口：{label}"))
    }

    /// ICカード利用部署情報, by the titles of its columns.
    pub(crate) fn card_contacts(&self) -> impl Iterator<Item = String> + '_ {
        self.card_contact.iter().map(|label| format!("ICカード利用部署：{label}"))
    }
}
