//! Maps columns to fields.

use std::collections::{BTreeSet, HashSet};

use sha2::{Digest as _, Sha256};
use touroku_proto::{agency::AgencyProfile, text};

use crate::store::{
    CATEGORIES, DELEGATE_ADDRESS, DELEGATE_NAME, DELEGATE_PERSON, EMAIL, INFORMATION_PASSWORD,
    QUALIFIED_FROM, QUALIFIED_UNTIL, RosterRow,
};

/// The minimum rating of a header with everything a roster needs.
pub(super) const FITS: usize = 100;

/// What a column contains.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Column {
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
    /// One of those in [`RosterRow::more`].
    More(String),
}

/// What a column of [`RosterRow::more`] contains.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    PostalCode,
    Phone,
    Email,
    Date,
    Categories,
}

/// The columns of [`RosterRow::more`] that every roster may have, with their other names. Adding one takes a
/// single line here.
const MORE: [(&str, Kind, &[&str]); 12] = [
    (
        EMAIL,
        Kind::Email,
        &[
            "Eメール",
            "E-mail",
            "メール",
            "電子メール",
            "電子メールアドレス",
            "Eメールアドレス",
            "代表メールアドレス",
        ],
    ),
    (DELEGATE_NAME, Kind::Text, &["委任先", "委任先支店名", "受任先名称", "受任地名称"]),
    ("委任先郵便番号", Kind::PostalCode, &["受任先郵便番号"]),
    (DELEGATE_ADDRESS, Kind::Text, &["委任先所在地", "受任先住所", "受任先所在地"]),
    (DELEGATE_PERSON, Kind::Text, &["受任者名", "委任先代表者氏名", "受任者"]),
    ("受任者役職", Kind::Text, &["受任者職名", "受任者役職名", "委任先代表者役職"]),
    ("委任先電話番号", Kind::Phone, &["委任先電話", "委任先TEL", "受任先電話番号"]),
    ("委任先FAX番号", Kind::Phone, &["委任先FAX", "委任先ファックス番号", "受任先FAX番号"]),
    ("委任期間", Kind::Text, &["委任の期間"]),
    (
        QUALIFIED_FROM,
        Kind::Date,
        &["資格認定日", "認定年月日", "有効期間開始日", "有効期間（始）", "有効期間(自)"],
    ),
    (
        QUALIFIED_UNTIL,
        Kind::Date,
        &["資格有効期限", "有効期間終了日", "有効期間（終）", "有効期間(至)", "有効期間満了日"],
    ),
    (
        CATEGORIES,
        Kind::Categories,
        &["登録区分", "資格区分", "業種区分", "工事/物品等の区分", "工事・物品等の区分"],
    ),
];

/// The names of the columns that an agency's roster has in [`RosterRow::more`].
pub(crate) fn further(profile: &AgencyProfile) -> impl Iterator<Item = &str> {
    // A profile may name one that has since become common to every roster.
    let own = profile.roster_columns.iter().map(String::as_str);
    let own = own.filter(|own| MORE.iter().all(|(name, ..)| name != own));
    MORE.iter().map(|(name, ..)| *name).chain(own)
}

/// The name under which a text is kept that could not be parsed.
pub(super) fn note_of(column: &str) -> String {
    format!("{column}（名簿の記載）")
}

/// Each column's names in existing rosters.
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

impl Column {
    /// Everything an agency's roster may have.
    pub(crate) fn all(profile: &AgencyProfile) -> impl Iterator<Item = Self> {
        let qualifications = profile.categories.iter().flat_map(|category| &category.qualifications);
        let qualifications: BTreeSet<&String> = qualifications.collect();
        let qualifications: Vec<Self> =
            qualifications.into_iter().map(|name| Self::Qualification(name.clone())).collect();
        let more = further(profile).map(|name| Self::More(name.to_owned()));
        ALIASES.into_iter().map(|(column, _)| column).chain(more).chain(qualifications)
    }

    /// As officers know it.
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Qualification(name) | Self::More(name) => name,
            other => ALIASES.iter().find(|(column, _)| column == other).map_or("", |(_, names)| names[0]),
        }
    }

    /// Whether every roster must have it.
    pub(crate) fn is_required(&self) -> bool {
        matches!(self, Self::Number | Self::Name)
    }

    /// Whether it must never be shown.
    pub(crate) fn is_secret(&self) -> bool {
        matches!(self, Self::Password | Self::InformationPassword)
    }

    /// Whether it names a person, which 監査記録 never does.
    pub(super) fn names_person(&self) -> bool {
        match self {
            Self::RepresentativeName => true,
            Self::More(name) => name == DELEGATE_PERSON,
            _ => false,
        }
    }

    /// What it contains, if it is one of [`RosterRow::more`].
    pub(super) fn kind(&self) -> Kind {
        let Self::More(name) = self else { return Kind::Text };
        MORE.iter().find(|(other, ..)| other == name).map_or(Kind::Text, |(_, kind, _)| *kind)
    }

    /// A row's value; for a secret, what is stored of it.
    pub(crate) fn value<'r>(&self, row: &'r RosterRow) -> &'r str {
        match self {
            Self::Number => &row.number,
            Self::Name => &row.name,
            Self::Kana => &row.kana,
            Self::CorporateNumber => &row.corporate_number,
            Self::PostalCode => &row.postal_code,
            Self::Address => &row.address,
            Self::RepresentativeName => &row.representative_name,
            Self::RepresentativeTitle => &row.representative_title,
            Self::Phone => &row.phone,
            Self::Fax => &row.fax,
            Self::Branch => &row.branch,
            Self::UserId => &row.user_id,
            Self::Password => &row.password_hash,
            Self::InformationUserId => &row.information_user_id,
            // Not the password, but which one it is.
            Self::InformationPassword => row.further(INFORMATION_PASSWORD),
            Self::Qualification(name) => row.qualifications.get(name).map_or("", String::as_str),
            Self::More(name) => row.more.get(name).map_or("", String::as_str),
        }
    }
}

/// The columns of a file, in order. `None`: unused.
#[derive(Clone, Debug)]
pub(crate) struct Columns {
    pub(crate) columns: Vec<Option<Column>>,
    pub(crate) titles: Vec<String>,
}

impl Columns {
    /// Guesses the columns from the titles of a header.
    pub(crate) fn recognise(titles: &[String], profile: &AgencyProfile) -> Self {
        let columns = titles.iter().map(|title| recognise(title, profile)).collect();
        Self { columns, titles: titles.to_vec() }
    }

    /// How much a row looks like a header.
    pub(crate) fn rate(titles: &[String], profile: &AgencyProfile) -> usize {
        let columns: HashSet<Column> = titles.iter().filter_map(|title| recognise(title, profile)).collect();
        let fits = columns.contains(&Column::Number) && columns.contains(&Column::Name);
        columns.len() + if fits { FITS } else { 0 }
    }

    /// The mapping a person chose, by [`Column::name`]; empty: not used. `None`: a wrong number of columns, or a
    /// name that this agency's roster lacks.
    pub(crate) fn named(titles: &[String], names: &[String], profile: &AgencyProfile) -> Option<Self> {
        if titles.len() != names.len() {
            return None;
        }
        let all: Vec<Column> = Column::all(profile).collect();
        let columns = names.iter().map(|name| match name.as_str() {
            "" => Some(None),
            name => all.iter().find(|column| column.name() == name).cloned().map(Some),
        });
        Some(Self { columns: columns.collect::<Option<_>>()?, titles: titles.to_vec() })
    }

    /// Whether a roster can be read with them. `Err`: what is missing or duplicated and what was found, in
    /// Japanese.
    pub(crate) fn check(&self) -> Result<(), String> {
        for (index, column) in self.columns.iter().enumerate().filter(|(_, column)| column.is_some()) {
            if let Some(first) = self.columns[..index].iter().position(|other| other == column) {
                return Err(format!(
                    "見出しの{}列「{}」と{}列「{}」が同じ項目です",
                    first + 1,
                    self.titles[first],
                    index + 1,
                    self.titles[index]
                ));
            }
        }
        for required in [Column::Number, Column::Name] {
            if !self.has(&required) {
                let found: Vec<String> =
                    self.titles.iter().take(30).map(|title| format!("「{}」", shorten(title))).collect();
                return Err(format!(
                    "見出しに{}の列がありません。あった見出し: {}",
                    required.name(),
                    found.join("、")
                ));
            }
        }
        Ok(())
    }

    pub(crate) fn has(&self, column: &Column) -> bool {
        self.columns.iter().flatten().any(|other| other == column)
    }

    /// The position of a column, from 0.
    pub(crate) fn position(&self, column: &Column) -> Option<usize> {
        self.columns.iter().position(|other| other.as_ref() == Some(column))
    }

    pub(super) fn unused(&self) -> Vec<String> {
        let unused = self.columns.iter().zip(&self.titles).filter(|(column, _)| column.is_none());
        unused.map(|(_, title)| title.clone()).filter(|title| !title.is_empty()).collect()
    }
}

/// The same for all files with the same titles.
pub(crate) fn fingerprint(titles: &[String]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for title in titles {
        hash.update(comparable(title));
        hash.update([0]);
    }
    hash.finalize().into()
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
    let more = MORE.iter().find(|(name, _, names)| {
        comparable(name) == title || names.iter().any(|name| comparable(name) == title)
    });
    if let Some((name, ..)) = more {
        return Some(Column::More((*name).to_owned()));
    }
    if let Some(name) = profile.roster_columns.iter().find(|name| comparable(name) == title) {
        return Some(Column::More(name.clone()));
    }
    let qualifications = profile.categories.iter().flat_map(|category| &category.qualifications);
    let found = qualifications.into_iter().find(|name| comparable(name) == title);
    found.map(|name| Column::Qualification(name.clone()))
}

/// Width, spaces and case are ignored in a header.
fn comparable(title: &str) -> String {
    let title = text::to_half_width(&text::katakana_to_full_width(title));
    title.chars().filter(|c| !c.is_whitespace() && *c != '\u{FEFF}').flat_map(char::to_lowercase).collect()
}

fn shorten(title: &str) -> String {
    title.chars().filter(|&c| !text::is_forbidden(c)).take(20).collect()
}
