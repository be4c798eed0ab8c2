//! The roster (有資格業者名簿).

use std::collections::BTreeMap;

use rusqlite::{OptionalExtension as _, params};

use super::{Reader, Writer, from_json, to_json};
use crate::{error::Error, listing::SortKey};

/// A company of the roster. Empty text: the roster does not say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RosterRow {
    /// 業者番号.
    pub number: String,
    /// 商号又は名称.
    pub name: String,
    /// 商号又は名称 (カナ).
    pub kana: String,
    /// 法人番号.
    pub corporate_number: String,
    /// 郵便番号.
    pub postal_code: String,
    /// 住所.
    pub address: String,
    /// 代表者氏名.
    pub representative_name: String,
    /// 代表者役職.
    pub representative_title: String,
    /// 電話番号.
    pub phone: String,
    /// FAX番号.
    pub fax: String,
    /// 支店名等.
    pub branch: String,
    /// 資格の種類 → 等級.
    pub qualifications: BTreeMap<String, String>,
    /// ユーザID.
    pub user_id: String,
    /// PHC string of the パスワード.
    pub password_hash: String,
    /// ユーザID of the 入札情報公開システム.
    pub information_user_id: String,
    /// Whether a password of the 入札情報公開システム was issued.
    pub information_password: bool,
}

impl RosterRow {
    /// What a page may show of the password of the 入札情報公開システム: that there is one. Empty: there is none.
    pub fn information_password_mask(&self) -> &'static str {
        if self.information_password { "＊＊＊＊＊＊（通知書をご覧ください）" } else { "" }
    }
}

/// What taking over a row did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TakeOver {
    /// The number is new.
    Added,
    /// Something of it changed.
    Changed,
    /// All is as it was.
    Unchanged,
}

impl Reader<'_> {
    /// The roster's row of that number.
    pub fn roster_row(&self, agency: &str, number: &str) -> Result<Option<RosterRow>, Error> {
        let found = self
            .0
            .prepare_cached(
                "SELECT number, name, kana, corporate_number, postal_code, address, representative_name, \
                 representative_title, phone, fax, branch, qualifications, user_id, password_hash, \
                 information_user_id, information_password FROM roster WHERE agency = ? AND number = ?",
            )?
            .query_row(params![agency, number], |row| {
                let qualifications: String = row.get(11)?;
                let found = RosterRow {
                    number: row.get(0)?,
                    name: row.get(1)?,
                    kana: row.get(2)?,
                    corporate_number: row.get(3)?,
                    postal_code: row.get(4)?,
                    address: row.get(5)?,
                    representative_name: row.get(6)?,
                    representative_title: row.get(7)?,
                    phone: row.get(8)?,
                    fax: row.get(9)?,
                    branch: row.get(10)?,
                    qualifications: BTreeMap::new(),
                    user_id: row.get(12)?,
                    password_hash: row.get(13)?,
                    information_user_id: row.get(14)?,
                    information_password: row.get(15)?,
                };
                Ok((found, qualifications))
            })
            .optional()?;
        found
            .map(|(row, qualifications)| Ok(RosterRow { qualifications: from_json(&qualifications)?, ..row }))
            .transpose()
    }
}

impl Writer<'_> {
    /// Adds a row or brings the one with its number up to date.
    pub fn take_over(&self, agency: &str, row: &RosterRow, now: i64) -> Result<TakeOver, Error> {
        let connection = self.0.0;
        let qualifications = to_json(&row.qualifications)?;
        let key = SortKey::of(&row.name, &row.kana);
        // By position: binding by name looks each of the 21 names up in each statement, which a large import
        // feels.
        let values = params![
            agency,
            row.number,
            row.name,
            row.kana,
            row.corporate_number,
            row.postal_code,
            row.address,
            row.representative_name,
            row.representative_title,
            row.phone,
            row.fax,
            row.branch,
            qualifications,
            row.user_id,
            row.password_hash,
            now,
            row.information_user_id,
            row.information_password,
            key.row,
            key.kana,
            key.name,
        ];
        let added = connection
            .prepare_cached(
                "INSERT INTO roster (agency, number, name, kana, corporate_number, postal_code, address, \
                 representative_name, representative_title, phone, fax, branch, qualifications, user_id, \
                 password_hash, imported_at, information_user_id, information_password, listing_row, \
                 listing_kana, listing_name) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, \
                 ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21) \
                 ON CONFLICT (agency, number) DO NOTHING",
            )?
            .execute(values)?;
        if added == 1 {
            // A number that comes back is another company's, for all we know: an old letter does not open it.
            connection
                .prepare_cached("DELETE FROM issued_number WHERE agency = ? AND number = ?")?
                .execute(params![agency, row.number])?;
            return Ok(TakeOver::Added);
        }
        let changed = connection
            .prepare_cached(
                "UPDATE roster SET name = ?3, kana = ?4, corporate_number = ?5, postal_code = ?6, \
                 address = ?7, representative_name = ?8, representative_title = ?9, phone = ?10, fax = ?11, \
                 branch = ?12, qualifications = ?13, user_id = ?14, password_hash = ?15, imported_at = ?16, \
                 information_user_id = ?17, information_password = ?18, listing_row = ?19, \
                 listing_kana = ?20, listing_name = ?21 \
                 WHERE agency = ?1 AND number = ?2 AND (name, kana, corporate_number, postal_code, address, \
                 representative_name, representative_title, phone, fax, branch, qualifications, user_id, \
                 password_hash, information_user_id, information_password, listing_row, listing_kana, \
                 listing_name) IS NOT (?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?17, \
                 ?18, ?19, ?20, ?21)",
            )?
            .execute(values)?;
        Ok(if changed == 1 { TakeOver::Changed } else { TakeOver::Unchanged })
    }
}
