//! Guesses, and the addresses from which somebody is known.

use super::{Reader, Writer, db::params};
use crate::error::Error;

impl Reader<'_> {
    /// Until when guesses under that id are paid for, in microseconds.
    pub fn paid_until(&self, id: &[u8; 32]) -> Result<i64, Error> {
        let found =
            self.db.optional("SELECT paid_until FROM guess WHERE id = ?", params![id], |row| row.get(0))?;
        Ok(found.unwrap_or(0))
    }

    /// Whether somebody has signed in from there.
    pub fn is_known_address(&self, id: &[u8; 32], now: i64) -> Result<bool, Error> {
        self.db.one(
            "SELECT EXISTS (SELECT 1 FROM known_address WHERE id = ? AND forget_at > ?)",
            params![id, now],
            |row| row.get(0),
        )
    }
}

impl Writer<'_> {
    /// Guesses under that id are paid for until then.
    pub fn pay_until(&self, id: &[u8; 32], until: i64) -> Result<(), Error> {
        self.db.execute(
            "INSERT INTO guess (id, paid_until) VALUES (?, ?) \
             ON CONFLICT (id) DO UPDATE SET paid_until = excluded.paid_until",
            params![id, until],
        )?;
        Ok(())
    }

    /// Records a sign-in from there; forgotten at that time unless it happens again.
    pub fn note_address(&self, id: &[u8; 32], forget_at: i64) -> Result<(), Error> {
        self.db.execute(
            "INSERT INTO known_address (id, forget_at) VALUES (?, ?) \
             ON CONFLICT (id) DO UPDATE SET forget_at = excluded.forget_at",
            params![id, forget_at],
        )?;
        Ok(())
    }

    /// Removes guesses that no longer limit anybody, and addresses without a recent sign-in. Returns how many.
    pub(super) fn tidy_guesses(&self, now: i64) -> Result<usize, Error> {
        self.db.execute("DELETE FROM guess WHERE paid_until <= ?", params![now * 1000])
    }
}
