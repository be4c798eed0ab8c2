//! Companies and cards that officers suspended.

use touroku_proto::officer::company::Suspension;

use super::{
    Reader, Writer,
    db::{Row, params},
};
use crate::error::Error;

impl Reader<'_> {
    pub fn company_suspension(&self, agency: &str, number: &str) -> Result<Option<Suspension>, Error> {
        self.db.optional(
            "SELECT reason, officer, at FROM suspension WHERE agency = ? AND number = ? AND card IS NULL",
            params![agency, number],
            read,
        )
    }

    pub fn card_suspension(&self, card: i64) -> Result<Option<Suspension>, Error> {
        self.db.optional("SELECT reason, officer, at FROM suspension WHERE card = ?", params![card], read)
    }
}

impl Reader<'_> {
    pub fn account_suspension(&self, account: i64) -> Result<Option<Suspension>, Error> {
        self.db.optional(
            "SELECT reason, officer, at FROM account_suspension WHERE account = ?",
            params![account],
            read,
        )
    }
}

fn read(row: &Row<'_>) -> Result<Suspension, Error> {
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
        let added = self.db.execute(
            "INSERT OR IGNORE INTO suspension (agency, number, card, reason, officer, at) \
             VALUES (?, ?, ?, ?, ?, ?)",
            params![agency, number, card, reason, officer, at_unix_ms],
        )?;
        Ok(added == 1)
    }

    /// Lifts the suspension of a company, or with `card` of one of its cards. Returns whether there was one.
    pub fn lift(&self, agency: &str, number: &str, card: Option<i64>) -> Result<bool, Error> {
        let removed = self.db.execute(
            "DELETE FROM suspension WHERE agency = ? AND number = ? AND card IS ?",
            params![agency, number, card],
        )?;
        Ok(removed == 1)
    }

    /// Suspends an ID. Returns whether it was not suspended before.
    pub fn suspend_account(&self, account: i64, suspension: &Suspension) -> Result<bool, Error> {
        let Suspension { reason, officer, at_unix_ms } = suspension;
        let added = self.db.execute(
            "INSERT INTO account_suspension (account, reason, officer, at) VALUES (?, ?, ?, ?) \
             ON CONFLICT DO NOTHING",
            params![account, reason, officer, at_unix_ms],
        )?;
        Ok(added == 1)
    }

    /// Lifts the suspension of an ID. Returns whether there was one.
    pub fn lift_account(&self, account: i64) -> Result<bool, Error> {
        let removed =
            self.db.execute("DELETE FROM account_suspension WHERE account = ?", params![account])?;
        Ok(removed == 1)
    }
}
