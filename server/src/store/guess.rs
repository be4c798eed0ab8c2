//! Guesses, and the addresses from which somebody is known.

use rusqlite::{OptionalExtension as _, params};

use super::{Reader, Writer};
use crate::error::Error;

impl Reader<'_> {
    /// Until when guesses under that id are paid for, in microseconds.
    pub fn paid_until(&self, id: &[u8; 32]) -> Result<i64, Error> {
        let found = self
            .0
            .prepare_cached("SELECT paid_until FROM guess WHERE id = ?")?
            .query_row([id], |row| row.get(0))
            .optional()?;
        Ok(found.unwrap_or(0))
    }

    /// Whether somebody has signed in from there.
    pub fn is_known_address(&self, id: &[u8; 32], now: i64) -> Result<bool, Error> {
        let found = self
            .0
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM known_address WHERE id = ? AND forget_at > ?)")?
            .query_row(params![id, now], |row| row.get(0))?;
        Ok(found)
    }
}

impl Writer<'_> {
    /// Guesses under that id are paid for until then.
    pub fn pay_until(&self, id: &[u8; 32], until: i64) -> Result<(), Error> {
        self.0
            .0
            .prepare_cached(
                "INSERT INTO guess (id, paid_until) VALUES (?, ?) \
                 ON CONFLICT (id) DO UPDATE SET paid_until = excluded.paid_until",
            )?
            .execute(params![id, until])?;
        Ok(())
    }

    /// Records a sign-in from there; forgotten at that time unless it happens again.
    pub fn note_address(&self, id: &[u8; 32], forget_at: i64) -> Result<(), Error> {
        self.0
            .0
            .prepare_cached(
                "INSERT INTO known_address (id, forget_at) VALUES (?, ?) \
                 ON CONFLICT (id) DO UPDATE SET forget_at = excluded.forget_at",
            )?
            .execute(params![id, forget_at])?;
        Ok(())
    }

    /// Removes guesses that no longer limit anybody, and addresses without a recent sign-in. Returns how many.
    pub(super) fn tidy_guesses(&self, now: i64) -> Result<usize, Error> {
        let connection = self.0.0;
        let guesses = connection
            .prepare_cached("DELETE FROM guess WHERE paid_until <= ?")?
            .execute(params![now * 1000])?;
        let addresses = connection
            .prepare_cached("DELETE FROM known_address WHERE forget_at <= ?")?
            .execute(params![now])?;
        Ok(guesses + addresses)
    }
}
