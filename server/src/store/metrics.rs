//! Totals for metrics.

use super::{Reader, db::params};
use crate::error::Error;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tally {
    pub agency: String,
    pub companies: u64,
    /// Registered cards that are not replaced.
    pub cards: u64,
    pub accounts: u64,
    /// Applications, for cards and for IDs, waiting for an officer.
    pub waiting: u64,
}

impl Reader<'_> {
    /// The totals of every agency that has any.
    pub fn tallies(&self) -> Result<Vec<Tally>, Error> {
        self.db.all(
            "SELECT agency, \
             CAST(coalesce(sum(CASE WHEN what = 'company' THEN count END), 0) AS BIGINT), \
             CAST(coalesce(sum(CASE WHEN what = 'card' THEN count END), 0) AS BIGINT), \
             CAST(coalesce(sum(CASE WHEN what = 'account.approved' THEN count END), 0) AS BIGINT), \
             CAST(coalesce(sum(CASE WHEN what IN ('account.pending', 'application.pending') THEN count END), 0) AS BIGINT) \
             FROM tally GROUP BY agency ORDER BY agency",
            params![],
            |row| {
                let count = |at| row.get::<i64>(at).map(i64::unsigned_abs);
                Ok(Tally {
                    agency: row.get(0)?,
                    companies: count(1)?,
                    cards: count(2)?,
                    accounts: count(3)?,
                    waiting: count(4)?,
                })
            },
        )
    }
}
