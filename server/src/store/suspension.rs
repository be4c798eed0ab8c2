//! Companies and cards that officers suspended.

use rusqlite::{OptionalExtension as _, params};
use touroku_proto::officer::company::Suspension;

use super::{Reader, Writer};
use crate::error::Error;

impl Reader<'_> {
    pub fn company_suspension(&self, agency: &str, number: &str) -> Result<Option<Suspension>, Error> {
        let found = self
            .0
            .prepare_cached(
                "SELECT reason, officer, at FROM suspension WHERE agency = ? AND number = ? AND card IS NULL",
            )?
            .query_row(params![agency, number], read)
            .optional()?;
        Ok(found)
    }

    pub fn card_suspension(&self, card: i64) -> Result<Option<Suspension>, Error> {
        let found = self
            .0
            .prepare_cached("SELECT reason, officer, at FROM suspension WHERE card = ?")?
            .query_row([card], read)
            .optional()?;
        Ok(found)
    }
}

impl Reader<'_> {
    pub fn account_suspension(&self, account: i64) -> Result<Option<Suspension>, Error> {
        let found = self
            .0
            .prepare_cached("SELECT reason, officer, at FROM account_suspension WHERE account = ?")?
            .query_row([account], read)
            .optional()?;
        Ok(found)
    }
}

fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<Suspension> {
    Ok(Suspension { reason: row.get("reason")?, officer: row.get("officer")?, at_unix_ms: row.get("at")? })
}

impl Writer<'_> {
    /// Suspends a company, or with `card` one of its cards. Returns whether it was not suspended before.
    pub fn suspend(
        &self,
        agency: &str,
        number: &str,
        card: Option<i64>,
        suspension: &Suspension,
    ) -> Result<bool, Error> {
        let Suspension { reason, officer, at_unix_ms } = suspension;
        let added = self
            .0
            .0
            .prepare_cached(
                "INSERT OR IGNORE INTO suspension (agency, number, card, reason, officer, at) \
                 VALUES (?, ?, ?, ?, ?, ?)",
            )?
            .execute(params![agency, number, card, reason, officer, at_unix_ms])?;
        Ok(added == 1)
    }

    /// Lifts the suspension of a company, or with `card` of one of its cards. Returns whether there was one.
    pub fn lift(&self, agency: &str, number: &str, card: Option<i64>) -> Result<bool, Error> {
        let removed = self
            .0
            .0
            .prepare_cached("DELETE FROM suspension WHERE agency = ? AND number = ? AND card IS ?")?
            .execute(params![agency, number, card])?;
        Ok(removed == 1)
    }

    /// Suspends an ID. Returns whether it was not suspended before.
    pub fn suspend_account(&self, account: i64, suspension: &Suspension) -> Result<bool, Error> {
        let Suspension { reason, officer, at_unix_ms } = suspension;
        let added = self
            .0
            .0
            .prepare_cached(
                "INSERT INTO account_suspension (account, reason, officer, at) VALUES (?, ?, ?, ?) \
                 ON CONFLICT DO NOTHING",
            )?
            .execute(params![account, reason, officer, at_unix_ms])?;
        Ok(added == 1)
    }

    /// Lifts the suspension of an ID. Returns whether there was one.
    pub fn lift_account(&self, account: i64) -> Result<bool, Error> {
        let removed = self
            .0
            .0
            .prepare_cached("DELETE FROM account_suspension WHERE account = ?")?
            .execute([account])?;
        Ok(removed == 1)
    }
}
