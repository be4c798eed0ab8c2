//! Removes from rosters, in turns with others, the rows that no edition needs any more, and the hints that lead nowhere.

use super::{
    Reader, Turns, Writer,
    db::params,
    edition::{Pace, forever, paced},
    hint::{Hint, Key},
};
use crate::error::Error;

/// Removes what no edition of the agency needs any more, unless somebody is writing one, or telling companies of the last one.
///
/// # Errors
/// When the database fails, or `now` does.
pub fn sweep(
    turns: &mut impl Turns,
    agency: &str,
    now: &mut dyn FnMut() -> Result<i64, Error>,
) -> Result<(), Error> {
    let mut sweep = Some(Sweep::default());
    let mut pace = Pace::begin();
    while let Some(mut next) = sweep {
        let (of, at, rows) = (agency.to_owned(), now()?, pace.rows());
        sweep = paced(turns, &mut pace, move |writer| {
            let goes_on = writer.sweep(&of, &mut next, rows, at)?;
            Ok(goes_on.then_some(next))
        })?;
    }
    Ok(())
}

/// How far a sweep has come.
#[derive(Debug, Default)]
struct Sweep {
    /// Of which editions it knows; anything else means that it begins anew.
    kept: Option<Kept>,
    at: At,
}

#[derive(Debug, Default)]
enum At {
    /// By editions that were given up or undone.
    #[default]
    Suspensions,
    /// 業者番号.
    Rows(String),
    Hints(Hint, Key),
}

/// The editions that are kept: the one in force, and the one that undoing brings back. And the latest one: others may have written
/// it and given it up between two turns.
type Kept = (i64, Option<i64>, i64);

impl Reader<'_> {
    /// The agencies whose rosters have rows that no edition needs.
    pub fn untidy_rosters(&self) -> Result<Vec<String>, Error> {
        self.db.all("SELECT agency FROM roster_version WHERE untidy ORDER BY agency", params![], |row| {
            row.get(0)
        })
    }
}

impl Writer<'_> {
    /// Takes the next rows of the agency, or the next hints. Returns whether there is more to do.
    fn sweep(&self, agency: &str, sweep: &mut Sweep, most: u32, now: i64) -> Result<bool, Error> {
        if self.is_writing(agency, 0, now)? || self.telling(agency)?.is_some() {
            return Ok(false);
        }
        let kept: Option<Kept> = self.db.optional(
            "SELECT edition, former, latest FROM roster_version WHERE agency = ? AND untidy",
            params![agency],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )?;
        let Some(editions) = kept else { return Ok(false) };
        if sweep.kept != kept {
            *sweep = Sweep { kept, ..Sweep::default() };
        }
        let next = match &sweep.at {
            At::Suspensions if self.sweep_suspensions(agency, editions, most)? => Some(At::Suspensions),
            At::Suspensions => Some(At::Rows(String::new())),
            At::Rows(after) => Some(match self.sweep_rows(agency, after, editions, most)? {
                Some(end) => At::Rows(end),
                None => At::Hints(Hint::Place, Hint::Place.first()),
            }),
            At::Hints(hint, after) => match (self.sweep_hints(agency, *hint, after, most)?, hint) {
                (Some(end), hint) => Some(At::Hints(*hint, end)),
                (None, Hint::Place) => Some(At::Hints(Hint::Contact, Hint::Contact.first())),
                (None, Hint::Contact) => None,
            },
        };
        let Some(next) = next else {
            let (edition, former, _) = editions;
            self.fold_tally(agency, former.unwrap_or(edition))?;
            self.db.execute("UPDATE roster_version SET untidy = FALSE WHERE agency = ?", params![agency])?;
            return Ok(false);
        };
        sweep.at = next;
        Ok(true)
    }

    /// Returns whether there may be more.
    fn sweep_suspensions(&self, agency: &str, (edition, ..): Kept, most: u32) -> Result<bool, Error> {
        let removed = self.db.execute(
            "DELETE FROM suspension WHERE id IN \
             (SELECT id FROM suspension WHERE agency = ? AND edition > ? ORDER BY edition, id LIMIT ?)",
            params![agency, edition, most],
        )?;
        Ok(removed as u64 == u64::from(most))
    }

    /// Returns up to where it has swept; `None`: there were no rows.
    fn sweep_rows(
        &self,
        agency: &str,
        after: &str,
        (edition, former, _): Kept,
        most: u32,
    ) -> Result<Option<String>, Error> {
        let end: Option<String> = self.db.one(
            "SELECT max(number) FROM (SELECT number FROM roster_row WHERE agency = ? AND number > ? \
             ORDER BY number LIMIT ?) AS slice",
            params![agency, after, most],
            |row| row.get(0),
        )?;
        let Some(end) = end else { return Ok(None) };
        let former = former.unwrap_or(edition);
        let removed = self.db.execute(
            "DELETE FROM roster_row WHERE agency = ?1 AND number > ?2 AND number <= ?3 \
             AND NOT (since <= ?4 AND until > ?4) AND NOT (since <= ?5 AND until > ?5)",
            params![agency, after, end, edition, former],
        )?;
        // An edition that is not in force has ended no row.
        self.db.execute(
            concat!(
                "UPDATE roster_row SET until = ",
                forever!(),
                " WHERE agency = ?1 AND number > ?2 AND number <= ?3 AND until > ?4 AND until < ",
                forever!()
            ),
            params![agency, after, end, edition],
        )?;
        if removed > 0 {
            // A letter must not open a company that comes with that number some day.
            self.db.execute(
                "DELETE FROM issued_number WHERE agency = ?1 AND number > ?2 AND number <= ?3 AND NOT EXISTS \
                 (SELECT 1 FROM roster_row AS r WHERE r.agency = ?1 AND r.number = issued_number.number)",
                params![agency, after, end],
            )?;
        }
        self.forget_unnamed(agency, after, &end)?;
        Ok(Some(end))
    }

    /// Adds up what editions up to that one have changed: nobody asks for them one by one any more.
    fn fold_tally(&self, agency: &str, edition: i64) -> Result<(), Error> {
        self.db.execute("DELETE FROM roster_tally WHERE agency = ? AND count = 0", params![agency])?;
        let sums: Vec<(i64, i64)> = self.db.all(
            "SELECT listing_row, CAST(sum(count) AS BIGINT) FROM roster_tally WHERE agency = ? AND edition <= ? \
             GROUP BY listing_row",
            params![agency, edition],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?;
        self.db.execute(
            "DELETE FROM roster_tally WHERE agency = ? AND edition <= ?",
            params![agency, edition],
        )?;
        for (row, count) in sums {
            self.db.execute(
                "INSERT INTO roster_tally (agency, edition, listing_row, count) VALUES (?, ?, ?, ?)",
                params![agency, edition, row, count],
            )?;
        }
        Ok(())
    }
}
