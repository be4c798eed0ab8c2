//! Which column is which.

use touroku_proto::{agency::AgencyProfile, text};

/// What a column holds.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Column {
    Number,
    Name,
    Kana,
    CorporateNumber,
    PostalCode,
    Address,
    RepresentativeName,
    RepresentativeTitle,
    Phone,
    Fax,
    Branch,
    UserId,
    Password,
    InformationUserId,
    InformationPassword,
    /// 等級 of this 資格の種類.
    Qualification(String),
}

/// The names under which rosters in use have each column.
const ALIASES: [(Column, &[&str]); 15] = [
    (
        Column::Number,
        &["業者番号", "登録番号", "利用者登録番号", "資格者番号", "業者コード", "受付番号", "番号"],
    ),
    (
        Column::Name,
        &[
            "商号又は名称",
            "商号または名称",
            "商号・名称",
            "企業名称",
            "企業名",
            "会社名",
            "商号",
            "名称",
            "業者名",
            "業者名称",
        ],
    ),
    (
        Column::Kana,
        &[
            "商号又は名称カナ",
            "商号または名称カナ",
            "商号又は名称(カナ)",
            "商号カナ",
            "商号フリガナ",
            "企業名称カナ",
            "名称カナ",
            "業者名カナ",
            "フリガナ",
            "カナ",
        ],
    ),
    (Column::CorporateNumber, &["法人番号"]),
    (Column::PostalCode, &["郵便番号", "企業郵便番号", "〒"]),
    (Column::Address, &["住所", "企業住所", "所在地", "本店所在地"]),
    (Column::RepresentativeName, &["代表者氏名", "代表者名", "代表者"]),
    (Column::RepresentativeTitle, &["代表者役職", "代表者職名", "代表者役職名", "役職", "職名"]),
    (Column::Phone, &["電話番号", "代表電話番号", "電話", "TEL"]),
    (Column::Fax, &["FAX番号", "代表FAX番号", "ファックス番号", "ファクシミリ番号", "FAX"]),
    (Column::Branch, &["支店名等", "部署名", "支店名", "支店等", "営業所名"]),
    (Column::UserId, &["ユーザID", "ユーザーID", "利用者ID"]),
    (Column::Password, &["パスワード"]),
    (
        Column::InformationUserId,
        &[
            "入札情報公開ユーザID",
            "入札情報公開ユーザーID",
            "入札情報公開システムユーザID",
            "入札情報公開システムユーザーID",
            "入札情報公開システムのユーザID",
            "情報公開ユーザID",
            "情報公開ユーザーID",
        ],
    ),
    (
        Column::InformationPassword,
        &[
            "入札情報公開パスワード",
            "入札情報公開システムパスワード",
            "入札情報公開システムのパスワード",
            "情報公開パスワード",
        ],
    ),
];

/// The columns of a file, in its order. `None`: a column that is not used.
#[derive(Clone, Debug)]
pub(super) struct Columns {
    pub(super) columns: Vec<Option<Column>>,
    pub(super) titles: Vec<String>,
}

impl Columns {
    /// Reads a header. `Err`: in Japanese, what is missing or doubled and what was found.
    pub(super) fn read(titles: &[String], profile: &AgencyProfile) -> Result<Self, String> {
        let mut columns: Vec<Option<Column>> = Vec::new();
        for title in titles {
            let column = recognise(title, profile);
            if let Some(column) = &column
                && let Some(first) = columns.iter().position(|other| other.as_ref() == Some(column))
            {
                return Err(format!(
                    "見出しの{}列「{}」と{}列「{title}」が同じ項目です",
                    first + 1,
                    titles[first],
                    columns.len() + 1
                ));
            }
            columns.push(column);
        }
        for (column, name) in [(Column::Number, "業者番号"), (Column::Name, "商号又は名称")] {
            if !columns.contains(&Some(column)) {
                let found: Vec<String> =
                    titles.iter().take(30).map(|title| format!("「{}」", shorten(title))).collect();
                return Err(format!("見出しに{name}の列がありません。あった見出し: {}", found.join("、")));
            }
        }
        Ok(Self { columns, titles: titles.to_vec() })
    }

    pub(super) fn has(&self, column: &Column) -> bool {
        self.columns.iter().flatten().any(|other| other == column)
    }

    /// The titles of columns that are not used.
    pub(super) fn unused(&self) -> Vec<String> {
        let unused = self.columns.iter().zip(&self.titles).filter(|(column, _)| column.is_none());
        unused.map(|(_, title)| title.clone()).filter(|title| !title.is_empty()).collect()
    }
}

fn recognise(title: &str, profile: &AgencyProfile) -> Option<Column> {
    let title = comparable(title);
    if title == comparable(&profile.search.number_label) {
        return Some(Column::Number);
    }
    let alias = ALIASES.iter().find(|(_, names)| names.iter().any(|name| comparable(name) == title));
    if let Some((column, _)) = alias {
        return Some(column.clone());
    }
    let qualifications = profile.categories.iter().flat_map(|category| &category.qualifications);
    let found = qualifications.into_iter().find(|name| comparable(name) == title);
    found.map(|name| Column::Qualification(name.clone()))
}

/// Width, spaces and case do not matter in a header.
fn comparable(title: &str) -> String {
    let title = text::to_half_width(&text::katakana_to_full_width(title));
    title.chars().filter(|c| !c.is_whitespace() && *c != '\u{FEFF}').flat_map(char::to_lowercase).collect()
}

fn shorten(title: &str) -> String {
    title.chars().filter(|&c| !text::is_forbidden(c)).take(20).collect()
}
