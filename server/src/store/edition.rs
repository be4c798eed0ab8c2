//! A roster's editions.
//!
//! A row of `roster_row` belongs to the editions from `since` to before `until`; the view `roster` is the edition in force. A
//! take-over writes the next edition in short transactions between which others write. Nobody sees any of it until the last
//! transaction moves `roster_version.edition`, which costs the same for a large roster as for a small one. What an edition that
//! never came into force has left, and what nobody can bring back any more, is swept away in the same manner.

use std::time::{Duration, Instant};

use serde_json::json;
use touroku_proto::api::ApiErrorCode;

use super::{Exclusive, Reader, Store, Writer, db::params, sweep};
use crate::error::Error;

/// What `until` is in a row that no edition has ended, and `writing` while nobody writes: 2^63 - 1.
macro_rules! forever {
    () => {
        "9223372036854775807"
    };
}

/// Rows of the agency ?1 that are in force, of `roster_row`.
macro_rules! in_force_now {
    () => {
        "since <= (SELECT edition FROM roster_version WHERE agency = ?1) \
         AND until > (SELECT edition FROM roster_version WHERE agency = ?1)"
    };
}

pub(super) use {forever, in_force_now};

#[cfg(test)]
pub(super) mod tests;

/// Whoever has not been seen at work on an edition for this long, in milliseconds, is gone, and so is the edition.
const LIFE: i64 = 60_000;

/// How long somebody waits for an edition that another one is writing.
const PATIENCE: Duration = Duration::from_secs(180);

/// How long a process beside the server leaves the lock to others after each turn: who waits looks for it every millisecond.
const YIELD: Duration = Duration::from_millis(10);

/// Between two attempts.
const PAUSE: Duration = Duration::from_millis(100);

/// Writes in turns with others.
pub trait Turns {
    /// Writes, and returns after the commit. May be called by threads only that no asynchronous runtime needs.
    ///
    /// # Errors
    /// Those of `work`, and when the database fails.
    fn turn<T: Send + 'static>(
        &mut self,
        work: impl FnOnce(&Writer<'_>) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error>;
}

impl Turns for &Store {
    fn turn<T: Send + 'static>(
        &mut self,
        work: impl FnOnce(&Writer<'_>) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        self.write_and_wait(work)
    }
}

impl Turns for Exclusive {
    fn turn<T: Send + 'static>(
        &mut self,
        work: impl FnOnce(&Writer<'_>) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        self.turn_here(work)
    }
}

impl Exclusive {
    /// [`turn`](Turns::turn) with what this thread has.
    ///
    /// # Errors
    /// The same.
    pub fn turn_here<T>(&mut self, work: impl FnOnce(&Writer<'_>) -> Result<T, Error>) -> Result<T, Error> {
        let begun = Instant::now();
        let done = self.write(work);
        // SQLite keeps no queue: a server that waits for the lock would find it taken again.
        std::thread::sleep(begun.elapsed().min(YIELD));
        done
    }
}

impl<T: Turns> Turns for &mut T {
    fn turn<A: Send + 'static>(
        &mut self,
        work: impl FnOnce(&Writer<'_>) -> Result<A, Error> + Send + 'static,
    ) -> Result<A, Error> {
        (**self).turn(work)
    }
}

/// A turn that sets the pace by how long its work takes, without whoever it waited for.
pub(super) fn paced<T: Send + 'static>(
    turns: &mut impl Turns,
    pace: &mut Pace,
    work: impl FnOnce(&Writer<'_>) -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    let (done, took) = turns.turn(move |writer| {
        let begun = Instant::now();
        Ok((work(writer)?, begun.elapsed()))
    })?;
    pace.took(took);
    Ok(done)
}

/// How many rows a turn may have, by how long turns take.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace(u32);

impl Pace {
    /// Fewer would be no quicker: the rest is the commit's.
    const FEWEST: u32 = 250;
    const MOST: u32 = 8_000;

    /// Nobody who writes is to wait for more than 100 ms: for a commit, such a turn, and the commit of both.
    const AIM: Duration = Duration::from_millis(20);

    pub(super) const fn begin() -> Self {
        Self(Self::FEWEST)
    }

    pub(super) fn rows(self) -> u32 {
        self.0
    }

    fn took(&mut self, turn: Duration) {
        self.0 = match turn {
            long if long > Self::AIM => self.0 / 2,
            short if short < Self::AIM / 3 => self.0 * 2,
            _ => self.0,
        };
        self.0 = self.0.clamp(Self::FEWEST, Self::MOST);
    }
}

/// An edition that is being written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edition {
    pub agency: String,
    pub number: i64,
}

/// An agency's edition in force has moved.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moved {
    /// The roster's version from now on.
    pub(super) version: i64,
    pub(super) former: i64,
    pub(super) edition: i64,
}

/// What became of an attempt to begin an edition.
enum Begun {
    Edition(Edition),
    /// Others have left rows.
    Untidy,
    /// Somebody is writing one, or telling companies of the last one.
    Held,
}

/// Begins the agency's next edition, for an import or for the command line. Whatever it does for the same import has come to
/// its end or does so now.
///
/// # Errors
/// [`Error::Busy`] when another one is being written all the while.
pub(super) fn begin_edition(
    turns: &mut impl Turns,
    agency: &str,
    import: Option<i64>,
    now: &mut dyn FnMut() -> Result<i64, Error>,
) -> Result<Edition, Error> {
    let until = Instant::now() + PATIENCE;
    loop {
        let (of, at) = (agency.to_owned(), now()?);
        match turns.turn(move |writer| writer.begin_edition(&of, import, at))? {
            Begun::Edition(edition) => return Ok(edition),
            Begun::Untidy => sweep(turns, agency, now)?,
            Begun::Held if Instant::now() < until => std::thread::sleep(PAUSE),
            Begun::Held => return Err(Error::Busy),
        }
    }
}

impl Writer<'_> {
    fn begin_edition(&self, agency: &str, import: Option<i64>, now: i64) -> Result<Begun, Error> {
        self.has_editions(agency)?;
        let import = import.unwrap_or(0);
        // Sweeping would take away by what companies are told.
        if self.is_writing(agency, import, now)? || self.telling(agency)?.is_some() {
            return Ok(Begun::Held);
        }
        let number: Option<i64> = self.db.optional(
            concat!(
                "UPDATE roster_version SET latest = latest + 1, writing = latest + 1, writing_for = ?2, \
                 writing_at = ?3, untidy = TRUE WHERE agency = ?1 AND writing = ",
                forever!(),
                " AND NOT untidy RETURNING writing"
            ),
            params![agency, import, now],
            |row| row.get(0),
        )?;
        let Some(number) = number else { return Ok(Begun::Untidy) };
        self.db.execute("DELETE FROM roster_wanted WHERE agency = ?", params![agency])?;
        Ok(Begun::Edition(Edition { agency: agency.to_owned(), number }))
    }

    /// The agency's roster has a row of `roster_version`, without which no row of it is in force.
    pub(super) fn has_editions(&self, agency: &str) -> Result<(), Error> {
        self.db.execute(
            "INSERT INTO roster_version (agency, version) VALUES (?, 0) ON CONFLICT DO NOTHING",
            params![agency],
        )?;
        Ok(())
    }

    /// Whether somebody else is writing an edition. Whoever is gone has its edition taken away, and so has whoever writes for
    /// the same import.
    pub(super) fn is_writing(&self, agency: &str, import: i64, now: i64) -> Result<bool, Error> {
        let is_at_work: Option<bool> = self.db.optional(
            concat!(
                "SELECT writing_at BETWEEN ?2 AND ?3 AND (writing_for = 0 OR writing_for <> ?4) FROM roster_version \
                 WHERE agency = ?1 AND writing < ",
                forever!()
            ),
            params![agency, now - LIFE, now + LIFE, import],
            |row| row.get(0),
        )?;
        if is_at_work == Some(false) {
            self.stop_writing(agency)?;
        }
        Ok(is_at_work == Some(true))
    }

    fn stop_writing(&self, agency: &str) -> Result<(), Error> {
        self.db.execute(
            concat!("UPDATE roster_version SET writing = ", forever!(), " WHERE agency = ?"),
            params![agency],
        )?;
        Ok(())
    }

    /// Somebody is at work on the edition, for that import.
    ///
    /// # Errors
    /// `wrong_state` when it was taken away.
    pub(super) fn at_work(
        &self,
        Edition { agency, number }: &Edition,
        import: Option<i64>,
        now: i64,
    ) -> Result<(), Error> {
        let touched = self.db.execute(
            "UPDATE roster_version SET writing_at = ?3 WHERE agency = ?1 AND writing = ?2",
            params![agency, number, now],
        )?;
        if touched != 1 {
            return Err(ApiErrorCode::WrongState.into());
        }
        // Whether it is still wanted is for the last turn to ask.
        import.map_or(Ok(()), |import| self.touch_import(import, now).map(drop))
    }

    /// The edition will never be in force; its rows are swept.
    pub fn give_up(&self, Edition { agency, number }: &Edition) -> Result<(), Error> {
        self.db.execute(
            concat!("UPDATE roster_version SET writing = ", forever!(), " WHERE agency = ? AND writing = ?"),
            params![agency, number],
        )?;
        Ok(())
    }

    /// Puts the edition in force; the one before becomes what undoing brings back, or can't be had any more.
    ///
    /// # Errors
    /// `wrong_state` when it was taken away.
    pub(super) fn publish(&self, edition: &Edition, can_be_undone: bool) -> Result<Moved, Error> {
        self.move_edition(
            concat!(
                "UPDATE roster_version SET former = CASE WHEN ?3 THEN edition END, edition = ?2, writing = ",
                forever!(),
                ", untidy = TRUE, version = version + 1 WHERE agency = ?1 AND writing = ?2 RETURNING version, edition"
            ),
            edition,
            can_be_undone,
        )
    }

    /// Puts the former edition in force again, in the place of the one in force. `edition`: what has kept others off.
    ///
    /// # Errors
    /// `wrong_state` when it was taken away.
    pub(super) fn bring_back(&self, edition: &Edition) -> Result<Moved, Error> {
        self.move_edition(
            concat!(
                "UPDATE roster_version SET edition = former, former = NULL, writing = ",
                forever!(),
                ", untidy = TRUE, version = version + 1 WHERE agency = ?1 AND writing = ?2 AND former IS NOT NULL \
                 RETURNING version, edition"
            ),
            edition,
            false,
        )
    }

    fn move_edition(
        &self,
        sql: &str,
        Edition { agency, number }: &Edition,
        flag: bool,
    ) -> Result<Moved, Error> {
        let of = "SELECT edition FROM roster_version WHERE agency = ?";
        let former = self.db.optional(of, params![agency], |row| row.get(0))?;
        let moved =
            self.db.optional(sql, params![agency, number, flag], |row| Ok((row.get(0)?, row.get(1)?)))?;
        self.db.execute("DELETE FROM roster_wanted WHERE agency = ?", params![agency])?;
        match (former, moved) {
            (Some(former), Some((version, edition))) => Ok(Moved { version, former, edition }),
            _ => Err(ApiErrorCode::WrongState.into()),
        }
    }

    /// Somebody registers, applies or is approved with a company of the roster: it must be there, and no edition that is being written
    /// may lack it.
    pub fn want(&self, agency: &str, number: &str) -> Result<(), Error> {
        match self.heed(agency, number)? {
            true => Ok(()),
            false => Err(Error::Defect("a company that is not in the roster registers")),
        }
    }

    /// The last turn of an edition that is being written has to look at a company again. Returns whether it is in the roster.
    pub(super) fn heed(&self, agency: &str, number: &str) -> Result<bool, Error> {
        let is_writing: Option<bool> = self.db.optional(
            concat!(
                "SELECT now.writing < ",
                forever!(),
                " FROM roster JOIN roster_version AS now ON now.agency = roster.agency \
                 WHERE roster.agency = ? AND roster.number = ?"
            ),
            params![agency, number],
            |row| row.get(0),
        )?;
        if is_writing == Some(true) {
            self.db.execute(
                "INSERT INTO roster_wanted (agency, number) VALUES (?, ?) ON CONFLICT DO NOTHING",
                params![agency, number],
            )?;
        }
        Ok(is_writing.is_some())
    }
}

/// Numbers as one parameter of [`Reader::listed_in`].
pub(super) fn list_of(numbers: &[String]) -> String {
    json!(numbers).to_string()
}

impl Reader<'_> {
    /// As SQL, what is in the list that is that parameter.
    pub(super) fn listed_in(&self, parameter: u8) -> String {
        let [before, after] = self.db.either(
            ["SELECT value FROM json_each(?", ")"],
            ["SELECT json_array_elements_text(CAST(CAST(?", " AS TEXT) AS JSON))"],
        );
        format!("({before}{parameter}{after})")
    }
}
