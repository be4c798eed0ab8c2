//! Registered companies that a take-over, or its undo, gives another name.

use std::collections::BTreeMap;

use touroku_proto::officer::is_email;

use super::{
    DELEGATE_NAME, EMAIL, Reader, Telling,
    column::Json,
    db::{Row, params},
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

impl Reader<'_> {
    /// Companies `among` some that had registered when the edition moved, and have another row `s` than the row `r` before.
    pub(super) fn renamings(
        &self,
        telling: &Telling,
        among: &str,
        list: &str,
    ) -> Result<Vec<Renaming>, Error> {
        let Telling { agency, former, edition, .. } = telling;
        let (after, until) = telling.later_ones();
        let sql = format!(
            "SELECT r.number, r.name, r.corporate_number, r.more, s.name, s.corporate_number, s.more \
             FROM roster_row AS r CROSS JOIN roster_row AS s ON s.agency = r.agency AND s.number = r.number \
             WHERE r.agency = ?1 AND s.agency = ?1 AND r.number IN {among} AND r.since <= ?2 AND r.until > ?2 \
             AND s.since <= ?3 AND s.until > ?3 AND r.since <> s.since \
             AND (r.name <> s.name OR r.corporate_number <> s.corporate_number OR r.more <> s.more) \
             AND (EXISTS (SELECT 1 FROM company c WHERE c.agency = r.agency AND c.number = r.number \
             AND NOT (c.registered_at > ?4 AND c.registered_at <= ?5)) OR EXISTS (SELECT 1 FROM account a WHERE a.agency = r.agency \
             AND a.number = r.number AND a.state = 'approved' AND NOT (a.applied_at > ?4 AND a.applied_at <= ?5)))"
        );
        self.db.all(&sql, params![agency, former, edition, after, until, list], renaming)
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
