//! A [`Stage`](super::Stage) becomes the roster, and what the agency's last import did is taken back. Both in the one
//! transaction of their [`Writer`]: whatever happens before its commit, nothing has happened.

use rusqlite::{OptionalExtension as _, params};

use super::{Staged, Writer, roster::roster_columns};
use crate::error::Error;

/// Rows between two reports of progress.
const SLICE: i64 = 10_000;

/// Rows to be added or changed from which on it is looked whether the index of 業者番号一覧 is better made anew.
const MANY: u64 = 1_000;

/// Makes the index anew when at least one of so many rows of the roster is added or changed. Sorting a row into it
/// costs a quarter of putting it into its place among others, in no order of theirs.
const ONE_OF: u64 = 4;

/// What to take over.
#[derive(Clone, Copy, Debug)]
pub struct TakeStaged<'a> {
    /// Into whose roster.
    pub agency: &'a str,
    /// By which import; `None`: by one that can't be undone.
    pub import: Option<i64>,
    /// How many rows it adds or changes.
    pub rows: u64,
    /// Whether 削除候補 are removed.
    pub remove_missing: bool,
}

/// What a take-over did to the 削除候補.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// How many were removed.
    pub removed: u64,
    /// 業者番号 of those that were kept, because they registered or applied.
    pub kept: Vec<String>,
}

/// Whether something hangs on a row `r` of the roster.
macro_rules! in_use {
    () => {
        "(EXISTS (SELECT 1 FROM company c WHERE c.agency = r.agency AND c.number = r.number) \
         OR EXISTS (SELECT 1 FROM account a WHERE a.agency = r.agency AND a.number = r.number) \
         OR EXISTS (SELECT 1 FROM card_application p WHERE p.agency = r.agency AND p.number = r.number))"
    };
}

impl Writer<'_> {
    /// Takes the attached stage over. `step` is told how many rows were looked at since it was told last, and may end
    /// the work by an error.
    pub fn take_staged(
        &self,
        take: &TakeStaged<'_>,
        now: i64,
        mut step: impl FnMut(u64) -> Result<(), Error>,
    ) -> Result<Taken, Error> {
        let connection = self.0.0;
        let TakeStaged { agency, import, rows, remove_missing } = *take;
        // An older import can't be undone any more.
        connection.execute(
            "DELETE FROM roster_before WHERE import IN (SELECT id FROM import WHERE agency = ?)",
            [agency],
        )?;
        let listing = self.drop_listing(rows)?;
        let mut journal = connection.prepare(concat!(
            "INSERT INTO roster_before (import, deed, number, imported_at, ",
            roster_columns!(),
            ") SELECT ?2, 'changed', number, imported_at, ",
            roster_columns!(),
            " FROM roster WHERE agency = ?1 AND number > ?3 AND number <= ?4 AND number IN (SELECT number FROM \
             stage.row WHERE kind = ?5 AND number > ?3 AND number <= ?4)"
        ))?;
        let mut change = connection.prepare(concat!(
            "UPDATE roster SET (imported_at, ",
            roster_columns!(),
            ") = (SELECT ?2, ",
            roster_columns!(),
            " FROM stage.row s WHERE s.number = roster.number) WHERE agency = ?1 AND number IN (SELECT number \
             FROM stage.row WHERE kind = ?5 AND number > ?3 AND number <= ?4)"
        ))?;
        let mut add = connection.prepare(concat!(
            "INSERT INTO roster (agency, number, imported_at, added_by, ",
            roster_columns!(),
            ") SELECT ?1, number, ?2, ?6, ",
            roster_columns!(),
            " FROM stage.row WHERE kind = ?5 AND number > ?3 AND number <= ?4 ORDER BY number"
        ))?;
        let mut after = String::new();
        while let Some((end, rows)) = self.next_slice(&after)? {
            let changed = Staged::Changed.code();
            if import.is_some() {
                journal.execute(params![agency, import, after, end, changed])?;
            }
            change.execute(params![agency, now, after, end, changed])?;
            add.execute(params![agency, now, after, end, Staged::Added.code(), import])?;
            step(rows)?;
            after = end;
        }
        self.make_listing(listing)?;
        // A number that comes back is another company's, for all we know: an old letter does not open it.
        connection.execute(
            "DELETE FROM issued_number WHERE agency = ?1 AND number IN (SELECT number FROM stage.row \
             WHERE kind = ?2)",
            params![agency, Staged::Added.code()],
        )?;
        match import {
            Some(import) if remove_missing => self.remove_missing(agency, import),
            _ => Ok(Taken::default()),
        }
    }

    /// Drops the index of 業者番号一覧 where it is quicker made anew than kept up to date row by row: who writes waits for
    /// the end of this transaction. Answers how it is made. Nobody else sees the roster without it.
    fn drop_listing(&self, rows: u64) -> Result<Option<String>, Error> {
        let connection = self.0.0;
        if rows < MANY {
            return Ok(None);
        }
        let all: i64 =
            connection
                .query_row("SELECT count(*) FROM roster INDEXED BY roster_listing", [], |row| row.get(0))?;
        if rows < (all.unsigned_abs() + rows) / ONE_OF {
            return Ok(None);
        }
        let definition = connection.query_row(
            "SELECT sql FROM sqlite_schema WHERE name = 'roster_listing'",
            [],
            |row| row.get(0),
        )?;
        connection.execute_batch("DROP INDEX roster_listing")?;
        Ok(Some(definition))
    }

    fn make_listing(&self, definition: Option<String>) -> Result<(), Error> {
        definition.map_or(Ok(()), |definition| Ok(self.0.0.execute_batch(&definition)?))
    }

    /// The last number of the next slice of the stage, and how many rows it has.
    fn next_slice(&self, after: &str) -> Result<Option<(String, u64)>, Error> {
        let found: Option<(Option<String>, i64)> = self
            .0
            .0
            .prepare_cached(
                "SELECT max(number), count(*) FROM (SELECT number FROM stage.row WHERE number > ? \
                 ORDER BY number LIMIT ?)",
            )?
            .query_row(params![after, SLICE], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        Ok(found.and_then(|(end, rows)| Some((end?, rows.unsigned_abs()))))
    }

    fn remove_missing(&self, agency: &str, import: i64) -> Result<Taken, Error> {
        let connection = self.0.0;
        let removed = connection.execute(
            concat!(
                "INSERT INTO roster_before (import, deed, number, imported_at, ",
                roster_columns!(),
                ") SELECT ?2, 'removed', number, imported_at, ",
                roster_columns!(),
                " FROM roster r WHERE agency = ?1 AND number IN (SELECT number FROM stage.missing) AND NOT ",
                in_use!()
            ),
            params![agency, import],
        )?;
        connection.execute(
            "DELETE FROM roster WHERE agency = ?1 AND number IN (SELECT number FROM roster_before \
             WHERE import = ?2 AND deed = 'removed')",
            params![agency, import],
        )?;
        self.forget_selected(agency)?;
        let mut kept = connection.prepare(
            "SELECT number FROM roster WHERE agency = ? AND number IN (SELECT number FROM stage.missing) \
             ORDER BY number",
        )?;
        let kept = kept.query_map([agency], |row| row.get(0))?.collect::<Result<_, _>>()?;
        Ok(Taken { removed: removed as u64, kept })
    }

    /// Notes that the import suspended a company, so that its undo lifts that.
    pub fn note_suspended(&self, agency: &str, import: i64, number: &str) -> Result<(), Error> {
        self.0
            .0
            .prepare_cached(concat!(
                "INSERT INTO roster_before (import, deed, number, imported_at, ",
                roster_columns!(),
                ") SELECT ?2, 'suspended', number, imported_at, ",
                roster_columns!(),
                " FROM roster WHERE agency = ?1 AND number = ?3"
            ))?
            .execute(params![agency, import, number])?;
        Ok(())
    }

    /// Contractors who had found a company that is not in the roster any more search again.
    fn forget_selected(&self, agency: &str) -> Result<(), Error> {
        self.0.0.execute(
            "UPDATE session SET number = NULL, occasion = NULL WHERE agency = ?1 AND number IS NOT NULL \
             AND NOT EXISTS (SELECT 1 FROM roster r WHERE r.agency = ?1 AND r.number = session.number)",
            [agency],
        )?;
        Ok(())
    }

    /// The import is in force; the roster has that version from now on.
    pub fn import_taken(&self, import: i64, roster_version: i64, now: i64) -> Result<(), Error> {
        self.0.0.execute(
            "UPDATE import SET state = 'taken', taken_at = ?2, touched_at = ?2, roster_version = ?3, \
             done = size WHERE id = ?1",
            params![import, now, roster_version],
        )?;
        Ok(())
    }

    /// Takes an import of so many rows back: what it added goes, what it changed, removed or suspended is as it was. Answers whose
    /// suspension ended. `None`, and nothing is done: a company that came with it has registered or applied.
    pub fn undo_import(&self, agency: &str, import: i64, rows: u64) -> Result<Option<Vec<String>>, Error> {
        let connection = self.0.0;
        let in_use: bool = connection
            .prepare(concat!(
                "SELECT 1 FROM roster r WHERE agency = ?1 AND added_by = ?2 AND ",
                in_use!(),
                " LIMIT 1"
            ))?
            .exists(params![agency, import])?;
        if in_use {
            return Ok(None);
        }
        // One that an officer lifted and set again since is that officer's.
        let mut lift = connection.prepare(
            "DELETE FROM suspension WHERE agency = ?1 AND card IS NULL AND number IN (SELECT number FROM \
             roster_before WHERE import = ?2 AND deed = 'suspended') AND at = (SELECT taken_at FROM import \
             WHERE id = ?2) RETURNING number",
        )?;
        let lifted: Vec<String> =
            lift.query_map(params![agency, import], |row| row.get(0))?.collect::<Result<_, _>>()?;
        connection.execute(
            "DELETE FROM issued_number WHERE agency = ?1 AND number IN (SELECT number FROM roster \
             WHERE agency = ?1 AND added_by = ?2)",
            params![agency, import],
        )?;
        let listing = self.drop_listing(rows)?;
        connection
            .execute("DELETE FROM roster WHERE agency = ?1 AND added_by = ?2", params![agency, import])?;
        connection.execute(
            concat!(
                "UPDATE roster SET (imported_at, ",
                roster_columns!(),
                ") = (SELECT imported_at, ",
                roster_columns!(),
                " FROM roster_before b WHERE b.import = ?2 AND b.number = roster.number) WHERE agency = ?1 \
                 AND number IN (SELECT number FROM roster_before WHERE import = ?2 AND deed = 'changed')"
            ),
            params![agency, import],
        )?;
        connection.execute(
            concat!(
                "INSERT INTO roster (agency, number, imported_at, ",
                roster_columns!(),
                ") SELECT ?1, number, imported_at, ",
                roster_columns!(),
                " FROM roster_before WHERE import = ?2 AND deed = 'removed'"
            ),
            params![agency, import],
        )?;
        self.make_listing(listing)?;
        connection.execute("DELETE FROM roster_before WHERE import = ?", [import])?;
        self.forget_selected(agency)?;
        connection.execute("UPDATE import SET state = 'undone' WHERE id = ?", [import])?;
        Ok(Some(lifted))
    }
}
