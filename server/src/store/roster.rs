//! The roster (有資格業者名簿).

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashSet},
};

use touroku_proto::{
    field::{FieldId, Values},
    officer::{company::Validity, is_email},
};

use super::{
    Reader, Writer,
    column::Columns as _,
    db::{Params, Row, params},
    edition::in_force_now,
    to_json,
    value::Parameter,
};
use crate::{error::Error, japan, listing::SortKey};

/// What is stored of a company besides its number: the columns of `roster_row` and a stage's `row`,
/// in this order.
macro_rules! roster_columns {
    () => {
        "name, kana, corporate_number, postal_code, address, representative_name, representative_title, phone, \
         fax, branch, qualifications, user_id, password_hash, information_user_id, information_password, more, \
         listing_row, listing_kana, listing_name"
    };
}

/// Their values, as numbered by [`with_values`].
macro_rules! roster_values {
    () => {
        "?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22"
    };
}

pub(super) use {roster_columns, roster_values};

/// The name under which [`RosterRow::more`] holds the codes of the categories a company is qualified for.
pub const CATEGORIES: &str = "区分";

/// The name under which [`RosterRow::more`] holds the company's mail address.
pub const EMAIL: &str = "メールアドレス";

/// The name under which [`RosterRow::more`] holds the 支店 authorised to act for the company.
pub const DELEGATE_NAME: &str = "委任先名称";

/// 委任先's address.
pub const DELEGATE_ADDRESS: &str = "委任先住所";

/// The name under which [`RosterRow::more`] holds the first day of the company's qualification.
pub const QUALIFIED_FROM: &str = "認定日";

/// The same for its last day.
pub const QUALIFIED_UNTIL: &str = "有効期限";

/// The same for the person there.
pub const DELEGATE_PERSON: &str = "受任者氏名";

/// The name under which [`RosterRow::more`] tells which password of the 入札情報公開システム the company has: a mark from
/// which nobody learns it. The password itself is elsewhere, until the company has been shown it.
pub const INFORMATION_PASSWORD: &str = "入札情報公開パスワード";

/// A company in the roster. Empty text: the roster does not say.
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
    /// All other columns, by name.
    pub more: BTreeMap<String, String>,
}

impl RosterRow {
    /// The company's mail address; empty: the roster has none.
    pub fn email(&self) -> &str {
        // A profile may have defined the column before it became one of ours, with arbitrary content.
        Some(self.further(EMAIL)).filter(|email| is_email(email)).unwrap_or_default()
    }

    /// A further column; empty: the roster lacks it.
    pub fn further(&self, name: &str) -> &str {
        self.more.get(name).map(String::as_str).unwrap_or_default()
    }

    /// Number and name, for mails that may say no more.
    pub fn named(&self) -> Values {
        [(FieldId::CompanyNumber, self.number.clone()), (FieldId::CompanyName, self.name.clone())]
            .into_iter()
            .collect()
    }

    /// The company as it deals with the agency: with a 委任先 that is the 支店, named after the company.
    pub fn dealing(&self) -> Cow<'_, Self> {
        let of = |name: &str| self.further(name);
        let delegate = of(DELEGATE_NAME);
        if delegate.is_empty() {
            return Cow::Borrowed(self);
        }
        let or = |delegate: &str, own: &str| if delegate.is_empty() { own } else { delegate }.to_owned();
        // Some rosters repeat the company's name.
        let is_whole = delegate.starts_with(&self.name);
        Cow::Owned(Self {
            name: if is_whole { delegate.to_owned() } else { format!("{}{delegate}", self.name) },
            postal_code: or(of("委任先郵便番号"), &self.postal_code),
            address: or(of(DELEGATE_ADDRESS), &self.address),
            representative_name: or(of(DELEGATE_PERSON), &self.representative_name),
            representative_title: or(of("受任者役職"), &self.representative_title),
            phone: or(of("委任先電話番号"), &self.phone),
            fax: or(of("委任先FAX番号"), &self.fax),
            branch: if is_whole { self.branch.clone() } else { delegate.to_owned() },
            ..self.clone()
        })
    }

    /// Whether the company is qualified in a category: the roster says so, or says nothing.
    pub fn is_qualified_for(&self, category: &str) -> bool {
        self.more.get(CATEGORIES).is_none_or(|codes| codes.split(',').any(|code| code == category))
    }

    /// Whether the company is qualified at that time, Unix milliseconds. A roster without days says nothing against
    /// it.
    pub fn validity(&self, now: i64) -> Validity {
        let day = |name: &str| {
            // A profile may have defined the column before it became one of ours, with arbitrary content.
            Some(self.further(name)).filter(|date| japan::day_of(date).is_some()).map(str::to_owned)
        };
        let today = japan::date(now);
        match (day(QUALIFIED_FROM), day(QUALIFIED_UNTIL)) {
            (_, Some(until)) if until < today => Validity::Expired { until },
            (Some(from), _) if today < from => Validity::NotYet { from },
            _ => Validity::Valid,
        }
    }

    /// What a page may show of the password of the 入札情報公開システム: that one exists. Empty: none.
    pub fn information_password_mask(&self) -> &'static str {
        match (self.information_password, self.further(INFORMATION_PASSWORD)) {
            (false, _) => "",
            // From a roster that was taken over before passwords were kept.
            (true, "") => "＊＊＊＊＊＊（通知書をご覧ください）",
            (true, _) => "＊＊＊＊＊＊（「登録状況」の画面をご覧ください）",
        }
    }
}

/// The result of taking over a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TakeOver {
    Added,
    Changed,
    Unchanged,
}

impl Reader<'_> {
    pub fn roster_row(&self, agency: &str, number: &str) -> Result<Option<RosterRow>, Error> {
        self.db.optional(
            concat!("SELECT number, ", roster_columns!(), " FROM roster WHERE agency = ? AND number = ?"),
            params![agency, number],
            read,
        )
    }
}

impl Reader<'_> {
    /// Whether imports leave the company's row as it is.
    pub fn is_row_kept(&self, agency: &str, number: &str) -> Result<bool, Error> {
        self.db.exists(
            "SELECT 1 FROM roster WHERE agency = ? AND number = ? AND kept <> 0",
            params![agency, number],
        )
    }

    /// The numbers of all such rows.
    pub fn kept_rows(&self, agency: &str) -> Result<HashSet<String>, Error> {
        let numbers = self.db.all(
            "SELECT number FROM roster WHERE agency = ? AND kept <> 0",
            params![agency],
            |row| row.get(0),
        )?;
        Ok(numbers.into_iter().collect())
    }
}

fn read(row: &Row<'_>) -> Result<RosterRow, Error> {
    Ok(RosterRow {
        number: row.get("number")?,
        name: row.get("name")?,
        kana: row.get("kana")?,
        corporate_number: row.get("corporate_number")?,
        postal_code: row.get("postal_code")?,
        address: row.get("address")?,
        representative_name: row.get("representative_name")?,
        representative_title: row.get("representative_title")?,
        phone: row.get("phone")?,
        fax: row.get("fax")?,
        branch: row.get("branch")?,
        qualifications: row.json("qualifications")?,
        user_id: row.get("user_id")?,
        password_hash: row.get("password_hash")?,
        information_user_id: row.get("information_user_id")?,
        information_password: row.get("information_password")?,
        more: row.json("more")?,
    })
}

/// Binds the values of a row by position: `one` and `two`, the number, and the columns of [`roster_columns`].
/// Looking each of them up by name in every statement would slow a large import noticeably.
pub(super) fn with_values<T>(
    row: &RosterRow,
    key: &SortKey,
    (one, two): (&dyn Parameter, &dyn Parameter),
    run: impl FnOnce(Params<'_>) -> Result<T, Error>,
) -> Result<T, Error> {
    let (qualifications, more) = (to_json(&row.qualifications)?, to_json(&row.more)?);
    run(Params::Numbered(&[
        one,
        two,
        &row.number,
        &row.name,
        &row.kana,
        &row.corporate_number,
        &row.postal_code,
        &row.address,
        &row.representative_name,
        &row.representative_title,
        &row.phone,
        &row.fax,
        &row.branch,
        &qualifications,
        &row.user_id,
        &row.password_hash,
        &row.information_user_id,
        &row.information_password,
        &more,
        &key.row,
        &key.kana,
        &key.name,
    ]))
}

impl Writer<'_> {
    /// Whether imports leave the company's row as it is from now on.
    pub fn keep_row(&self, agency: &str, number: &str, keep: bool) -> Result<(), Error> {
        self.db.execute(
            concat!(
                "UPDATE roster_row SET kept = ?3 WHERE agency = ?1 AND number = ?2 AND ",
                in_force_now!()
            ),
            params![agency, number, keep],
        )?;
        Ok(())
    }

    /// Inserts a row into the edition in force, or updates the one with its number.
    pub fn take_over(&self, agency: &str, row: &RosterRow, now: i64) -> Result<TakeOver, Error> {
        self.has_editions(agency)?;
        let is_there = self
            .db
            .exists("SELECT 1 FROM roster WHERE agency = ? AND number = ?", params![agency, row.number])?;
        self.remove_hints_to(agency, &row.number)?;
        let taken = with_values(row, &SortKey::of(&row.name, &row.kana), (&agency, &now), |values| {
            if !is_there {
                self.db.execute(
                    concat!(
                        "INSERT INTO roster_row (agency, since, imported_at, number, ",
                        roster_columns!(),
                        ") VALUES (?1, (SELECT edition FROM roster_version WHERE agency = ?1), ?2, ?3, ",
                        roster_values!(),
                        ")"
                    ),
                    values,
                )?;
                // A number that comes back may be another company's: an old letter must not open it, nor an old permit hold.
                for forget in [
                    "DELETE FROM issued_number WHERE agency = ? AND number = ?",
                    "DELETE FROM permit WHERE agency = ? AND number = ?",
                ] {
                    self.db.execute(forget, params![agency, row.number])?;
                }
                return Ok(TakeOver::Added);
            }
            let changed = self.db.execute(
                concat!(
                    "UPDATE roster_row SET (imported_at, ",
                    roster_columns!(),
                    ") = (?2, ",
                    roster_values!(),
                    ") WHERE agency = ?1 AND number = ?3 AND ",
                    in_force_now!(),
                    " AND (",
                    roster_columns!(),
                    ") IS DISTINCT FROM (",
                    roster_values!(),
                    ")"
                ),
                values,
            )?;
            Ok(if changed == 1 { TakeOver::Changed } else { TakeOver::Unchanged })
        })?;
        self.add_hints_to(agency, &row.number)?;
        Ok(taken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_qualification_is_valid_from_its_first_day_to_its_last_in_japan() {
        let row = |from: &str, until: &str| RosterRow {
            more: [
                (QUALIFIED_FROM.to_owned(), from.to_owned()),
                (QUALIFIED_UNTIL.to_owned(), until.to_owned()),
            ]
            .into(),
            ..RosterRow::default()
        };
        let at = |date: &str| japan::beginning_of(japan::day_of(date).unwrap());
        let both = row("2026-04-01", "2028-03-31");
        let not_yet = Validity::NotYet { from: "2026-04-01".to_owned() };
        let expired = Validity::Expired { until: "2028-03-31".to_owned() };
        for (now, validity) in [
            (at("2026-04-01") - 1, &not_yet),
            (at("2026-04-01"), &Validity::Valid),
            (at("2028-04-01") - 1, &Validity::Valid),
            (at("2028-04-01"), &expired),
        ] {
            assert_eq!(both.validity(now), *validity, "{now}");
        }
        assert_eq!(row("", "なし").validity(at("2026-04-01")), Validity::Valid);
    }
}
