//! Turns a [`Stage`](super::Stage) into the roster, and undoes the agency's last import. Both within the single
//! transaction of their [`Writer`]: if anything fails before its commit, nothing has happened.

use std::collections::BTreeMap;

use touroku_proto::officer::is_email;

use super::{
    DELEGATE_NAME, EMAIL, Reader, Staged, Writer,
    column::Json,
    db::{Row, params},
    roster::roster_columns,
};
use crate::error::Error;

/// Rows between two progress reports.
const SLICE: i64 = 10_000;

/// Added or changed rows from which on rebuilding the index of 業者番号一覧 is considered.
const MANY: u64 = 1_000;

/// Rebuilds the index when at least one in this many rows of the roster is added or changed. Sorting a row into a
/// new index costs a quarter of inserting it into an existing one in random order.
const ONE_OF: u64 = 4;

#[derive(Clone, Copy, Debug)]
pub struct TakeStaged<'a> {
    pub agency: &'a str,
    /// The import; `None`: one that can't be undone.
    pub import: Option<i64>,
    /// How many rows it adds or changes.
    pub rows: u64,
    pub remove_missing: bool,
}

/// What a take-over did to the 削除候補.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    pub removed: u64,
    /// 業者番号 of those kept because they have registered or applied.
    pub kept: Vec<String>,
}

/// A registered company whose row gets another name or 法人番号.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Renaming {
    /// 業者番号.
    pub number: String,
    pub before: CompanyName,
    pub after: CompanyName,
}

/// By what a card's certificate is recognised as a company's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CompanyName {
    /// 商号又は名称.
    pub name: String,
    pub corporate_number: String,
    /// 委任先名称; empty for none.
    pub delegate: String,
    /// Mail address; empty for none.
    pub email: String,
}

/// The rows `r` of the roster that become those of another table, `s`, which has the same columns.
macro_rules! renamings {
    ($table:literal) => {
        concat!(
            "SELECT r.number, r.name, r.corporate_number, r.more, s.name, s.corporate_number, s.more FROM ",
            $table,
            " s JOIN roster r ON r.agency = ?1 AND r.number = s.number \
             WHERE (r.name <> s.name OR r.corporate_number <> s.corporate_number OR r.more <> s.more) \
             AND (EXISTS (SELECT 1 FROM company c WHERE c.agency = r.agency AND c.number = r.number) \
             OR EXISTS (SELECT 1 FROM account a WHERE a.agency = r.agency AND a.number = r.number \
             AND a.state = 'approved')) AND "
        )
    };
}

/// Whether anything depends on a row `r` of the roster.
macro_rules! in_use {
    () => {
        "(EXISTS (SELECT 1 FROM company c WHERE c.agency = r.agency AND c.number = r.number) \
         OR EXISTS (SELECT 1 FROM account a WHERE a.agency = r.agency AND a.number = r.number) \
         OR EXISTS (SELECT 1 FROM card_application p WHERE p.agency = r.agency AND p.number = r.number))"
    };
}

impl Reader<'_> {
    /// Whom taking over the attached stage renames.
    pub fn staged_renamings(&self, agency: &str) -> Result<Vec<Renaming>, Error> {
        let sql = concat!(renamings!("stage_row"), "s.kind = ?2 ORDER BY r.number");
        self.db.all(sql, params![agency, Staged::Changed.code()], renaming)
    }

    /// Whom undoing the import renames.
    pub fn undone_renamings(&self, agency: &str, import: i64) -> Result<Vec<Renaming>, Error> {
        let sql =
            concat!(renamings!("roster_before"), "s.import = ?2 AND s.deed = 'changed' ORDER BY r.number");
        self.db.all(sql, params![agency, import], renaming)
    }
}

fn renaming(row: &Row<'_>) -> Result<Renaming, Error> {
    let named = |at: usize| -> Result<_, Error> {
        let Json(mut more): Json<BTreeMap<String, String>> = row.get(at + 2)?;
        let delegate = more.remove(DELEGATE_NAME).unwrap_or_default();
        let email = more.remove(EMAIL).filter(|email| is_email(email)).unwrap_or_default();
        Ok(CompanyName { name: row.get(at)?, corporate_number: row.get(at + 1)?, delegate, email })
    };
    Ok(Renaming { number: row.get(0)?, before: named(1)?, after: named(4)? })
}

impl Writer<'_> {
    /// Takes the attached stage over. `step` is called with the rows processed since the last call, and may abort
    /// with an error.
    pub fn take_staged(
        &self,
        take: &TakeStaged<'_>,
        now: i64,
        mut step: impl FnMut(u64) -> Result<(), Error>,
    ) -> Result<Taken, Error> {
        let TakeStaged { agency, import, rows, remove_missing } = *take;
        // An older import can no longer be undone.
        self.db.execute(
            "DELETE FROM roster_before WHERE import IN (SELECT id FROM import WHERE agency = ?)",
            params![agency],
        )?;
        self.forget_unnamed(agency)?;
        let listing = self.drop_listing(rows)?;
        let journal = concat!(
            "INSERT INTO roster_before (import, deed, number, imported_at, ",
            roster_columns!(),
            ") SELECT ?2, 'changed', number, imported_at, ",
            roster_columns!(),
            " FROM roster WHERE agency = ?1 AND number > ?3 AND number <= ?4 AND number IN (SELECT number FROM \
             stage_row WHERE kind = ?5 AND number > ?3 AND number <= ?4)"
        );
        let change = concat!(
            "UPDATE roster SET (imported_at, ",
            roster_columns!(),
            ") = (SELECT CAST(?2 AS BIGINT), ",
            roster_columns!(),
            " FROM stage_row s WHERE s.number = roster.number) WHERE agency = ?1 AND number IN (SELECT number \
             FROM stage_row WHERE kind = ?5 AND number > ?3 AND number <= ?4)"
        );
        let add = concat!(
            "INSERT INTO roster (agency, number, imported_at, added_by, ",
            roster_columns!(),
            ") SELECT ?1, number, ?2, ?6, ",
            roster_columns!(),
            " FROM stage_row WHERE kind = ?5 AND number > ?3 AND number <= ?4 ORDER BY number"
        );
        let mut after = String::new();
        while let Some((end, rows)) = self.next_slice(&after)? {
            let changed = Staged::Changed.code();
            if import.is_some() {
                self.db.execute(journal, params![agency, import, after, end, changed])?;
            }
            self.db.execute(change, params![agency, now, after, end, changed])?;
            self.db.execute(add, params![agency, now, after, end, Staged::Added.code(), import])?;
            step(rows)?;
            after = end;
        }
        self.make_listing(listing)?;
        self.keep_staged_passwords(agency)?;
        // A number that comes back may be another company's: an old letter must not open it, nor an old permit hold.
        for forget in [
            "DELETE FROM issued_number WHERE agency = ?1 AND number IN (SELECT number FROM stage_row \
             WHERE kind = ?2)",
            "DELETE FROM permit WHERE agency = ?1 AND number IN (SELECT number FROM stage_row WHERE kind = ?2)",
        ] {
            self.db.execute(forget, params![agency, Staged::Added.code()])?;
        }
        match import {
            Some(import) if remove_missing => self.remove_missing(agency, import),
            _ => Ok(Taken::default()),
        }
    }

    /// Drops the index of 業者番号一覧 where rebuilding it is quicker than updating it row by row: writers wait
    /// for the end of this transaction. Returns its definition. Nobody else sees the roster without it.
    fn drop_listing(&self, rows: u64) -> Result<Option<String>, Error> {
        if rows < MANY {
            return Ok(None);
        }
        let all: i64 =
            self.db
                .one("SELECT count(*) FROM roster INDEXED BY roster_listing", params![], |row| row.get(0))?;
        if rows < (all.unsigned_abs() + rows) / ONE_OF {
            return Ok(None);
        }
        let definition = self.db.definition_of("roster_listing")?;
        if definition.is_some() {
            self.db.batch("DROP INDEX roster_listing")?;
        }
        Ok(definition)
    }

    fn make_listing(&self, definition: Option<String>) -> Result<(), Error> {
        definition.map_or(Ok(()), |definition| self.db.batch(&definition))
    }

    /// The last number of the stage's next slice, and how many rows it has.
    fn next_slice(&self, after: &str) -> Result<Option<(String, u64)>, Error> {
        let found: Option<(Option<String>, i64)> = self.db.optional(
            "SELECT max(number), count(*) FROM (SELECT number FROM stage_row WHERE number > ? \
             ORDER BY number LIMIT ?) AS slice",
            params![after, SLICE],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?;
        Ok(found.and_then(|(end, rows)| Some((end?, rows.unsigned_abs()))))
    }

    fn remove_missing(&self, agency: &str, import: i64) -> Result<Taken, Error> {
        let removed = self.db.execute(
            concat!(
                "INSERT INTO roster_before (import, deed, number, imported_at, ",
                roster_columns!(),
                ") SELECT ?2, 'removed', number, imported_at, ",
                roster_columns!(),
                " FROM roster r WHERE agency = ?1 AND number IN (SELECT number FROM stage_missing) AND NOT ",
                in_use!()
            ),
            params![agency, import],
        )?;
        self.db.execute(
            "DELETE FROM roster WHERE agency = ?1 AND number IN (SELECT number FROM roster_before \
             WHERE import = ?2 AND deed = 'removed')",
            params![agency, import],
        )?;
        self.forget_selected(agency)?;
        let kept = self.db.all(
            "SELECT number FROM roster WHERE agency = ? AND number IN (SELECT number FROM stage_missing) \
             ORDER BY number",
            params![agency],
            |row| row.get(0),
        )?;
        Ok(Taken { removed: removed as u64, kept })
    }

    /// Records that the import suspended a company, so that undoing it lifts the suspension.
    pub fn note_suspended(&self, agency: &str, import: i64, number: &str) -> Result<(), Error> {
        self.db.execute(
            concat!(
                "INSERT INTO roster_before (import, deed, number, imported_at, ",
                roster_columns!(),
                ") SELECT ?2, 'suspended', number, imported_at, ",
                roster_columns!(),
                " FROM roster WHERE agency = ?1 AND number = ?3"
            ),
            params![agency, import, number],
        )?;
        Ok(())
    }

    /// Contractors who had found a company no longer in the roster must search again.
    fn forget_selected(&self, agency: &str) -> Result<(), Error> {
        self.db.execute(
            "UPDATE session SET number = NULL, occasion = NULL WHERE agency = ?1 AND number IS NOT NULL \
             AND NOT EXISTS (SELECT 1 FROM roster r WHERE r.agency = ?1 AND r.number = session.number)",
            params![agency],
        )?;
        Ok(())
    }

    /// The import takes effect; the roster has that version from now on.
    pub fn import_taken(&self, import: i64, roster_version: i64, now: i64) -> Result<(), Error> {
        self.db.execute(
            "UPDATE import SET state = 'taken', taken_at = ?2, touched_at = ?2, roster_version = ?3, \
             done = size WHERE id = ?1",
            params![import, now, roster_version],
        )?;
        self.clear_import_pieces()
    }

    /// Undoes an import of that many rows: what it added is removed, what it changed, removed or suspended is
    /// restored. Returns whose suspension ended. `None`, and nothing is done: a company it added has registered or
    /// applied.
    pub fn undo_import(&self, agency: &str, import: i64, rows: u64) -> Result<Option<Vec<String>>, Error> {
        let in_use: bool = self.db.exists(
            concat!("SELECT 1 FROM roster r WHERE agency = ?1 AND added_by = ?2 AND ", in_use!(), " LIMIT 1"),
            params![agency, import],
        )?;
        if in_use {
            return Ok(None);
        }
        // A suspension that an officer lifted and set again since belongs to that officer.
        let lifted: Vec<String> = self.db.all(
            "DELETE FROM suspension WHERE agency = ?1 AND card IS NULL AND number IN (SELECT number FROM \
             roster_before WHERE import = ?2 AND deed = 'suspended') AND at = (SELECT taken_at FROM import \
             WHERE id = ?2) RETURNING number",
            params![agency, import],
            |row| row.get(0),
        )?;
        self.db.execute(
            "DELETE FROM issued_number WHERE agency = ?1 AND number IN (SELECT number FROM roster \
             WHERE agency = ?1 AND added_by = ?2)",
            params![agency, import],
        )?;
        let listing = self.drop_listing(rows)?;
        self.db.execute("DELETE FROM roster WHERE agency = ?1 AND added_by = ?2", params![agency, import])?;
        self.db.execute(
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
        self.db.execute(
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
        self.db.execute("DELETE FROM roster_before WHERE import = ?", params![import])?;
        self.forget_unnamed(agency)?;
        self.forget_selected(agency)?;
        self.db.execute("UPDATE import SET state = 'undone' WHERE id = ?", params![import])?;
        Ok(Some(lifted))
    }
}
