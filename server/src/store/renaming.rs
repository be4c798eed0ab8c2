//! Registered companies that a take-over, or its undo, gives another name.

use std::collections::{BTreeMap, HashSet};

use touroku_proto::officer::is_email;

use super::{
    DELEGATE_NAME, EMAIL, Reader,
    column::Json,
    db::{Row, params},
    edition::Edition,
};
use crate::error::Error;

/// A registered company whose row gets another name or 法人番号.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Renaming {
    /// 業者番号.
    pub number: String,
    pub before: CompanyName,
    pub after: CompanyName,
}

/// By what a card's certificate is recognised as a company's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CompanyName {
    /// 商号又は名称.
    pub name: String,
    pub corporate_number: String,
    /// 委任先名称; empty for none.
    pub delegate: String,
    /// Mail address; empty for none.
    pub email: String,
}

/// The row that `s` is, of the edition ?2.
pub(super) const NEXT: &str = "s.since = ?2";

/// The same of the edition that undoing brings back.
pub(super) const FORMER: &str = "s.since <= (SELECT former FROM roster_version WHERE agency = ?1) \
                      AND s.until > (SELECT former FROM roster_version WHERE agency = ?1)";

pub(super) const WANTED: &str = "(SELECT number FROM roster_wanted WHERE agency = ?1)";

impl Reader<'_> {
    /// Those found turn by turn, and those of companies that came meanwhile.
    pub(super) fn all_renamings(
        &self,
        edition: &Edition,
        found: &[Renaming],
        other: &str,
    ) -> Result<Vec<Renaming>, Error> {
        let mut all = self.renamings(edition, other, WANTED, "")?;
        let late: HashSet<String> = all.iter().map(|renaming| renaming.number.clone()).collect();
        all.extend(found.iter().filter(|renaming| !late.contains(&renaming.number)).cloned());
        all.sort_by(|one, other| one.number.cmp(&other.number));
        Ok(all)
    }

    /// Registered companies `among` some whose rows `r` in force become the rows `s`.
    pub(super) fn renamings(
        &self,
        Edition { agency, number }: &Edition,
        becomes: &str,
        among: &str,
        list: &str,
    ) -> Result<Vec<Renaming>, Error> {
        let sql = format!(
            "SELECT r.number, r.name, r.corporate_number, r.more, s.name, s.corporate_number, s.more \
             FROM roster AS r CROSS JOIN roster_row AS s ON s.agency = r.agency AND s.number = r.number \
             WHERE r.agency = ?1 AND s.agency = ?1 AND r.number IN {among} AND {becomes} \
             AND (r.name <> s.name OR r.corporate_number <> s.corporate_number OR r.more <> s.more) \
             AND (EXISTS (SELECT 1 FROM company c WHERE c.agency = r.agency AND c.number = r.number) \
             OR EXISTS (SELECT 1 FROM account a WHERE a.agency = r.agency AND a.number = r.number \
             AND a.state = 'approved')) ORDER BY r.number"
        );
        self.db.all(&sql, params![agency, number, list], renaming)
    }
}

fn renaming(row: &Row<'_>) -> Result<Renaming, Error> {
    let named = |at: usize| -> Result<_, Error> {
        let Json(mut more): Json<BTreeMap<String, String>> = row.get(at + 2)?;
        let delegate = more.remove(DELEGATE_NAME).unwrap_or_default();
        let email = more.remove(EMAIL).filter(|email| is_email(email)).unwrap_or_default();
        Ok(CompanyName { name: row.get(at)?, corporate_number: row.get(at + 1)?, delegate, email })
    };
    Ok(Renaming { number: row.get(0)?, before: named(1)?, after: named(4)? })
}
