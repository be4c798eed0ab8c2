//! Which server does what, and how far long work has come.

use rusqlite::{OptionalExtension as _, params};

use super::{Reader, Writer};
use crate::error::Error;

/// How far a round of work through all cards of all agencies has come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    pub round: i64,
    /// Done up to this agency, and of it up to this row.
    pub agency: String,
    /// See there.
    pub row: i64,
    /// Whether it is over.
    pub finished: bool,
}

impl Reader<'_> {
    /// How far the work of that name has come; `None`: it never began.
    pub fn progress(&self, name: &str) -> Result<Option<Progress>, Error> {
        let progress = self
            .0
            .prepare_cached("SELECT round, agency, row_id, finished FROM progress WHERE name = ?")?
            .query_row([name], |row| {
                Ok(Progress {
                    round: row.get(0)?,
                    agency: row.get(1)?,
                    row: row.get(2)?,
                    finished: row.get(3)?,
                })
            })
            .optional()?;
        Ok(progress)
    }
}

impl Writer<'_> {
    /// Takes a lease for so many milliseconds, or prolongs it. Answers whether it is the holder's now.
    pub fn take_lease(&self, name: &str, holder: &str, now: i64, life: i64) -> Result<bool, Error> {
        // One that ends later than any could by now was taken by a clock that was ahead.
        let taken = self
            .0
            .0
            .prepare_cached(
                "INSERT INTO lease (name, holder, until) VALUES (?1, ?2, ?3 + ?4) \
                 ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until \
                 WHERE lease.holder = ?2 OR lease.until <= ?3 OR lease.until > ?3 + ?4",
            )?
            .execute(params![name, holder, now, life])?;
        Ok(taken == 1)
    }

    /// Ends a lease, if it is still the holder's.
    pub fn end_lease(&self, name: &str, holder: &str) -> Result<(), Error> {
        self.0
            .0
            .prepare_cached("DELETE FROM lease WHERE name = ? AND holder = ?")?
            .execute(params![name, holder])?;
        Ok(())
    }

    pub fn end_leases(&self, holder: &str) -> Result<(), Error> {
        self.0.0.prepare_cached("DELETE FROM lease WHERE holder = ?")?.execute([holder])?;
        Ok(())
    }

    /// Notes how far work has come.
    pub fn note_progress(&self, name: &str, progress: &Progress) -> Result<(), Error> {
        self.0
            .0
            .prepare_cached(
                "INSERT INTO progress (name, round, agency, row_id, finished) VALUES (?, ?, ?, ?, ?) \
                 ON CONFLICT (name) DO UPDATE SET round = excluded.round, agency = excluded.agency, \
                 row_id = excluded.row_id, finished = excluded.finished",
            )?
            .execute(params![name, progress.round, progress.agency, progress.row, progress.finished])?;
        Ok(())
    }
}
