//! A [`Stage`](super::Stage) becomes the roster, and what the agency's last import did is taken back. Both in the one
//! transaction of their [`Writer`]: whatever happens before its commit, nothing has happened.

use rusqlite::{OptionalExtension as _, params};

use super::{Staged, Writer};
use crate::error::Error;

/// Rows between two reports of progress.
const SLICE: i64 = 10_000;

/// What is taken over but the number, in the order of both tables.
macro_rules! columns {
    () => {
        "name, kana, corporate_number, postal_code, address, representative_name, representative_title, phone, \
         fax, branch, qualifications, user_id, password_hash, information_user_id, information_password, \
         listing_row, listing_kana, listing_name"
    };
}

/// What to take over.
#[derive(Clone, Copy, Debug)]
pub struct TakeStaged<'a> {
    /// Into whose roster.
    pub agency: &'a str,
    /// By which import.
    pub import: i64,
    /// Whether 削除候補 are removed.
    pub remove_missing: bool,
}

/// What a take-over did to the 削除候補.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// Removed.
    pub removed: u64,
    /// Kept, because they registered or applied.
    pub kept: u64,
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
        let TakeStaged { agency, import, remove_missing } = *take;
        // An older import can't be undone any more.
        connection.execute(
            "DELETE FROM roster_before WHERE import IN (SELECT id FROM import WHERE agency = ?)",
            [agency],
        )?;
        let mut journal = connection.prepare(concat!(
            "INSERT INTO roster_before (import, deed, number, imported_at, ",
            columns!(),
            ") SELECT ?2, 'changed', number, imported_at, ",
            columns!(),
            " FROM roster WHERE agency = ?1 AND number > ?3 AND number <= ?4 AND number IN (SELECT number FROM \
             stage.row WHERE kind = ?5 AND number > ?3 AND number <= ?4)"
        ))?;
        let mut change = connection.prepare(concat!(
            "UPDATE roster SET (imported_at, ",
            columns!(),
            ") = (SELECT ?2, ",
            columns!(),
            " FROM stage.row s WHERE s.number = roster.number) WHERE agency = ?1 AND number IN (SELECT number \
             FROM stage.row WHERE kind = ?5 AND number > ?3 AND number <= ?4)"
        ))?;
        let mut add = connection.prepare(concat!(
            "INSERT INTO roster (agency, number, imported_at, added_by, ",
            columns!(),
            ") SELECT ?1, number, ?2, ?6, ",
            columns!(),
            " FROM stage.row WHERE kind = ?5 AND number > ?3 AND number <= ?4 ORDER BY number"
        ))?;
        let mut after = String::new();
        while let Some((end, rows)) = self.next_slice(&after)? {
            let changed = Staged::Changed.code();
            journal.execute(params![agency, import, after, end, changed])?;
            change.execute(params![agency, now, after, end, changed])?;
            add.execute(params![agency, now, after, end, Staged::Added.code(), import])?;
            step(rows)?;
            after = end;
        }
        // A number that comes back is another company's, for all we know: an old letter does not open it.
        connection.execute(
            "DELETE FROM issued_number WHERE agency = ?1 AND number IN (SELECT number FROM stage.row \
             WHERE kind = ?2)",
            params![agency, Staged::Added.code()],
        )?;
        if remove_missing { self.remove_missing(agency, import) } else { Ok(Taken::default()) }
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
        let all: i64 = connection.query_row("SELECT count(*) FROM stage.missing", [], |row| row.get(0))?;
        let removed = connection.execute(
            concat!(
                "INSERT INTO roster_before (import, deed, number, imported_at, ",
                columns!(),
                ") SELECT ?2, 'removed', number, imported_at, ",
                columns!(),
                " FROM roster r WHERE agency = ?1 AND number IN (SELECT number FROM stage.missing) \
                 AND NOT EXISTS (SELECT 1 FROM company c WHERE c.agency = r.agency AND c.number = r.number) \
                 AND NOT EXISTS (SELECT 1 FROM account a WHERE a.agency = r.agency AND a.number = r.number)"
            ),
            params![agency, import],
        )?;
        connection.execute(
            "DELETE FROM roster WHERE agency = ?1 AND number IN (SELECT number FROM roster_before \
             WHERE import = ?2 AND deed = 'removed')",
            params![agency, import],
        )?;
        self.forget_selected(agency)?;
        let removed = removed as u64;
        Ok(Taken { removed, kept: all.unsigned_abs().saturating_sub(removed) })
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

    /// Takes an import back: what it added goes, what it changed or removed is as it was. `false`, and nothing is
    /// done: a company that came with it has registered or applied.
    pub fn undo_import(&self, agency: &str, import: i64) -> Result<bool, Error> {
        let connection = self.0.0;
        let in_use: bool = connection
            .prepare(
                "SELECT 1 FROM company c JOIN roster r ON r.agency = c.agency AND r.number = c.number \
                 WHERE c.agency = ?1 AND r.added_by = ?2 \
                 UNION ALL SELECT 1 FROM account a JOIN roster r ON r.agency = a.agency AND r.number = a.number \
                 WHERE a.agency = ?1 AND r.added_by = ?2 LIMIT 1",
            )?
            .exists(params![agency, import])?;
        if in_use {
            return Ok(false);
        }
        connection.execute(
            "DELETE FROM issued_number WHERE agency = ?1 AND number IN (SELECT number FROM roster \
             WHERE agency = ?1 AND added_by = ?2)",
            params![agency, import],
        )?;
        connection
            .execute("DELETE FROM roster WHERE agency = ?1 AND added_by = ?2", params![agency, import])?;
        connection.execute(
            concat!(
                "UPDATE roster SET (imported_at, ",
                columns!(),
                ") = (SELECT imported_at, ",
                columns!(),
                " FROM roster_before b WHERE b.import = ?2 AND b.number = roster.number) WHERE agency = ?1 \
                 AND number IN (SELECT number FROM roster_before WHERE import = ?2 AND deed = 'changed')"
            ),
            params![agency, import],
        )?;
        connection.execute(
            concat!(
                "INSERT INTO roster (agency, number, imported_at, ",
                columns!(),
                ") SELECT ?1, number, imported_at, ",
                columns!(),
                " FROM roster_before WHERE import = ?2 AND deed = 'removed'"
            ),
            params![agency, import],
        )?;
        connection.execute("DELETE FROM roster_before WHERE import = ?", [import])?;
        self.forget_selected(agency)?;
        connection.execute("UPDATE import SET state = 'undone' WHERE id = ?", [import])?;
        Ok(true)
    }
}
