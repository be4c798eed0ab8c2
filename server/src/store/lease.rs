//! Which server does what, and the progress of long-running work.

use super::{Reader, Writer, db::params};
use crate::error::Error;

/// The progress of one pass through all cards of all agencies.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    pub round: i64,
    /// Done up to this agency, and within it up to this row.
    pub agency: String,
    /// The last row done.
    pub row: i64,
    pub finished: bool,
}

impl Reader<'_> {
    /// The progress of the work with that name; `None`: it never began.
    pub fn progress(&self, name: &str) -> Result<Option<Progress>, Error> {
        self.db.optional(
            "SELECT round, agency, row_id, finished FROM progress WHERE name = ?",
            params![name],
            |row| {
                Ok(Progress {
                    round: row.get("round")?,
                    agency: row.get("agency")?,
                    row: row.get("row_id")?,
                    finished: row.get("finished")?,
                })
            },
        )
    }
}

impl Writer<'_> {
    /// Takes or renews a lease for that many milliseconds. Returns whether the holder has it now.
    pub fn take_lease(&self, name: &str, holder: &str, now: i64, life: i64) -> Result<bool, Error> {
        // A lease that ends later than possible was taken by a clock that was ahead.
        let taken = self.db.execute(
            "INSERT INTO lease (name, holder, until) VALUES (?1, ?2, CAST(?3 AS BIGINT) + ?4) \
             ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until \
             WHERE lease.holder = ?2 OR lease.until <= ?3 OR lease.until > ?3 + ?4",
            params![name, holder, now, life],
        )?;
        Ok(taken == 1)
    }

    /// Ends a lease, if the holder still has it.
    pub fn end_lease(&self, name: &str, holder: &str) -> Result<(), Error> {
        self.db.execute("DELETE FROM lease WHERE name = ? AND holder = ?", params![name, holder])?;
        Ok(())
    }

    pub fn end_leases(&self, holder: &str) -> Result<(), Error> {
        self.db.execute("DELETE FROM lease WHERE holder = ?", params![holder])?;
        Ok(())
    }

    /// Records progress.
    pub fn note_progress(&self, name: &str, progress: &Progress) -> Result<(), Error> {
        self.db.execute(
            "INSERT INTO progress (name, round, agency, row_id, finished) VALUES (?, ?, ?, ?, ?) \
             ON CONFLICT (name) DO UPDATE SET round = excluded.round, agency = excluded.agency, \
             row_id = excluded.row_id, finished = excluded.finished",
            params![name, progress.round, progress.agency, progress.row, progress.finished],
        )?;
        Ok(())
    }
}
