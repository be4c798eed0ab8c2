//! How many there are of what, for figures.

use super::Reader;
use crate::error::Error;

/// An agency's figures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tally {
    /// Its code.
    pub agency: String,
    /// Registered companies.
    pub companies: u64,
    /// Registered cards that are not replaced.
    pub cards: u64,
    /// Approved IDs.
    pub accounts: u64,
    /// Applications, of cards and of IDs, that wait for an officer.
    pub waiting: u64,
}

impl Reader<'_> {
    /// The figures of every agency that has any.
    pub fn tallies(&self) -> Result<Vec<Tally>, Error> {
        let mut statement = self.0.prepare_cached(
            "SELECT agency, sum(kind = 'company'), sum(kind = 'card'), sum(kind = 'account'), sum(kind = 'waiting') \
             FROM (SELECT agency, 'company' AS kind FROM company \
             UNION ALL SELECT agency, 'card' FROM card WHERE replaced_by IS NULL \
             UNION ALL SELECT agency, 'account' FROM account WHERE state = 'approved' \
             UNION ALL SELECT agency, 'waiting' FROM account WHERE state = 'pending' \
             UNION ALL SELECT agency, 'waiting' FROM card_application WHERE state = 'pending') \
             GROUP BY agency ORDER BY agency",
        )?;
        let rows = statement.query_map([], |row| {
            let count = |at| row.get::<_, i64>(at).map(i64::unsigned_abs);
            Ok(Tally {
                agency: row.get(0)?,
                companies: count(1)?,
                cards: count(2)?,
                accounts: count(3)?,
                waiting: count(4)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}
