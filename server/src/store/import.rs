//! 業者情報取込: the state of each import, and what its dry run found.

use touroku_proto::officer::import::{Found, ImportRow, ImportState, RowKind};

use super::{
    Reader, Turns, Writer,
    column::{Code, Columns as _, Json},
    db::{Row, params},
    edition::{Pace, paced},
};
use crate::error::Error;

#[derive(Clone, Debug)]
pub struct Import {
    /// Number.
    pub id: i64,
    /// Profile code.
    pub agency: String,
    /// The file's name, for display.
    pub file_name: String,
    /// Its size in bytes.
    pub size: u64,
    pub received: u64,
    pub state: ImportState,
    /// Bytes checked so far.
    pub done: u64,
    /// Why it failed or can't be taken over yet; empty otherwise.
    pub problem: String,
    /// What the dry run found.
    pub found: Option<Found>,
    /// 氏名 of the officer who began it.
    pub officer: String,
    pub began_at: i64,
    pub taken_at: Option<i64>,
    /// The sheet that the officer chose.
    pub sheet: Option<String>,
    /// The header row that the officer chose, from 1.
    pub header_row: Option<u64>,
    /// When somebody last did something with it.
    pub touched_at: i64,
    /// The version of the roster that the dry run compared with; once taken over, of the resulting roster.
    pub roster_version: i64,
    /// The latest dry run that ended: random.
    pub dry_run: String,
}

#[derive(Clone, Debug)]
pub struct NewImport {
    /// The file's name, for display.
    pub file_name: String,
    /// Its size in bytes.
    pub size: u64,
    /// The officer's row id.
    pub officer: i64,
}

const SELECT: &str = "SELECT i.id, i.agency, i.file_name, i.size, i.received, i.state, i.done, i.problem, \
    i.found, o.name AS officer_name, i.began_at, i.taken_at, i.roster_version, i.sheet, i.header_row, i.touched_at, i.dry_run \
    FROM import i JOIN officer o ON o.id = i.officer ";

impl Reader<'_> {
    pub fn import(&self, agency: &str, id: i64) -> Result<Option<Import>, Error> {
        let sql = format!("{SELECT} WHERE i.agency = ? AND i.id = ?");
        self.db.optional(&sql, params![agency, id], read)
    }

    /// The agency's latest imports, newest first.
    pub fn imports(&self, agency: &str, most: u32) -> Result<Vec<Import>, Error> {
        let sql = format!("{SELECT} WHERE i.agency = ? ORDER BY i.id DESC LIMIT ?");
        self.db.all(&sql, params![agency, most], read)
    }

    /// The imports of all agencies in that state.
    pub fn imports_in(&self, state: ImportState) -> Result<Vec<Import>, Error> {
        let sql = format!("{SELECT} WHERE i.state = ? ORDER BY i.id");
        self.db.all(&sql, params![Code(state)], read)
    }

    /// Whether one of the agency's is being taken over.
    pub fn is_taking(&self, agency: &str) -> Result<bool, Error> {
        self.db.exists(
            "SELECT 1 FROM import WHERE agency = ? AND state = ?",
            params![agency, Code(ImportState::Taking)],
        )
    }

    /// The imports of all agencies whose files are still needed.
    pub fn unsettled_imports(&self) -> Result<Vec<i64>, Error> {
        self.db.all(
            "SELECT id FROM import WHERE state IN ('uploading', 'checking', 'checked', 'taking')",
            params![],
            |row| row.get(0),
        )
    }

    /// The imports of all agencies whose dry run shows rows that nobody needs any more: they came to nothing, or the next one has
    /// begun.
    pub fn imports_with_old_rows(&self) -> Result<Vec<i64>, Error> {
        self.db.all(
            "SELECT id FROM import WHERE state NOT IN ('uploading', 'checking', 'checked', 'taking') \
             AND (state <> 'taken' OR EXISTS (SELECT 1 FROM import AS later WHERE later.agency = import.agency \
             AND later.id > import.id)) \
             AND EXISTS (SELECT 1 FROM import_row WHERE import_row.import = import.id) ORDER BY id",
            params![],
            |row| row.get(0),
        )
    }

    /// A piece of an upload that is in the database, sealed, by its offset.
    pub fn import_piece(&self, id: i64, from: u64) -> Result<Option<Vec<u8>>, Error> {
        self.db.optional(
            "SELECT bytes FROM import_piece WHERE import = ? AND place = ?",
            params![id, signed(from)?],
            |row| row.get(0),
        )
    }

    /// Counts the changes to the agency's roster.
    pub fn roster_version(&self, agency: &str) -> Result<i64, Error> {
        let found = self.db.optional(
            "SELECT version FROM roster_version WHERE agency = ?",
            params![agency],
            |row| row.get(0),
        )?;
        Ok(found.unwrap_or(0))
    }

    /// Rows of the dry run after that position, each with its position.
    pub fn import_rows(
        &self,
        import: i64,
        kind: RowKind,
        after: i64,
        most: u32,
    ) -> Result<Vec<(i64, ImportRow)>, Error> {
        self.db.all(
            "SELECT place, line, number, name, cells FROM import_row \
             WHERE import = ? AND kind = ? AND place > ? ORDER BY place LIMIT ?",
            params![import, Code(kind), after, most],
            |row| {
                let found = ImportRow {
                    line: unsigned(row, "line")?,
                    number: row.get("number")?,
                    name: row.get("name")?,
                    cells: row.json("cells")?,
                };
                Ok((row.get("place")?, found))
            },
        )
    }

    /// The column mapping that officers of the agency chose for a header.
    pub fn remembered_columns(&self, agency: &str, header: &[u8; 32]) -> Result<Option<Vec<String>>, Error> {
        self.db.optional(
            "SELECT fields FROM import_columns WHERE agency = ? AND header = ?",
            params![agency, header],
            |row| row.json("fields"),
        )
    }
}

/// Removes the rows that the dry run showed, in turns with others.
///
/// # Errors
/// When the database fails.
pub fn clear_import_rows(turns: &mut impl Turns, import: i64) -> Result<(), Error> {
    let mut pace = Pace::begin();
    loop {
        let most = pace.rows();
        if !paced(turns, &mut pace, move |writer| writer.clear_some_import_rows(import, most))? {
            return Ok(());
        }
    }
}

impl Writer<'_> {
    /// Begins an import. `None`: the agency has an unsettled one.
    pub fn begin_import(&self, agency: &str, new: &NewImport, now: i64) -> Result<Option<i64>, Error> {
        let added: Option<i64> = self.db.optional("INSERT INTO import (agency, file_name, size, state, officer, began_at, touched_at) \
            VALUES (?1, ?2, ?3, 'uploading', ?4, ?5, ?5) \
            ON CONFLICT (agency) WHERE state IN ('uploading', 'checking', 'checked', 'taking') DO NOTHING RETURNING id", params![agency, new.file_name, signed(new.size)?, new.officer, now], |row| row.get(0))?;
        let Some(id) = added else { return Ok(None) };
        self.clear_import_pieces()?;
        Ok(Some(id))
    }

    /// Bytes arrived after the first `from`. `false`: somebody else was faster.
    pub fn import_received(&self, id: i64, from: u64, to: u64, now: i64) -> Result<bool, Error> {
        let changed = self.db.execute(
            "UPDATE import SET received = ?, touched_at = ? WHERE id = ? AND received = ? AND \
             state = 'uploading'",
            params![signed(to)?, now, id, signed(from)?],
        )?;
        Ok(changed == 1)
    }

    /// Keeps a sealed piece of an upload. Only for servers that share no folder.
    pub fn add_import_piece(&self, id: i64, from: u64, bytes: &[u8]) -> Result<(), Error> {
        self.db.execute(
            "INSERT INTO import_piece (import, place, bytes) VALUES (?, ?, ?)",
            params![id, signed(from)?, bytes],
        )?;
        Ok(())
    }

    /// Removes the pieces of settled imports.
    pub(super) fn clear_import_pieces(&self) -> Result<(), Error> {
        self.db.execute(
            "DELETE FROM import_piece WHERE import NOT IN \
             (SELECT id FROM import WHERE state IN ('uploading', 'checking', 'checked', 'taking'))",
            params![],
        )?;
        Ok(())
    }

    /// Moves the import from one state to another and resets its progress. `false`: it was in another state.
    pub fn move_import(&self, id: i64, from: ImportState, to: ImportState, now: i64) -> Result<bool, Error> {
        let changed = self.db.execute(
            "UPDATE import SET state = ?, touched_at = ?, done = 0 WHERE id = ? AND state = ?",
            params![Code(to), now, id, Code(from)],
        )?;
        self.clear_import_pieces()?;
        Ok(changed == 1)
    }

    /// Takes an interrupted import over, to check it again. `false`: somebody else has done something with it since it was
    /// read.
    pub fn claim_import(&self, read: &Import, now: i64) -> Result<bool, Error> {
        // Later than it was, whatever the clock says: so another one's claim fails.
        let touched = now.max(read.touched_at + 1);
        let changed = self.db.execute(
            "UPDATE import SET state = 'checking', touched_at = ?, done = 0 \
             WHERE id = ? AND state = ? AND touched_at = ?",
            params![touched, read.id, Code(read.state), read.touched_at],
        )?;
        Ok(changed == 1)
    }

    /// Somebody is working on it. `false`: it is no longer wanted.
    pub fn touch_import(&self, id: i64, now: i64) -> Result<bool, Error> {
        let changed = self.db.execute(
            "UPDATE import SET touched_at = ? WHERE id = ? AND state IN ('checking', 'taking')",
            params![now, id],
        )?;
        Ok(changed == 1)
    }

    /// Records progress in bytes. `false`: the dry run is no longer wanted.
    pub fn import_progress(&self, id: i64, done: u64, now: i64) -> Result<bool, Error> {
        let changed = self.db.execute(
            "UPDATE import SET done = ?, touched_at = ? WHERE id = ? AND state = 'checking'",
            params![signed(done)?, now, id],
        )?;
        Ok(changed == 1)
    }

    /// The dry run has ended. `problem` says why the import can't be taken over as it is; empty otherwise.
    pub fn import_checked(
        &self,
        id: i64,
        (dry_run, found): (&str, &Found),
        problem: &str,
        roster_version: i64,
        now: i64,
    ) -> Result<bool, Error> {
        let changed = self.db.execute(
            "UPDATE import SET state = 'checked', dry_run = ?, found = ?, problem = ?, roster_version = ?, \
             done = size, touched_at = ? WHERE id = ? AND state = 'checking'",
            params![dry_run, Json(found), problem, roster_version, now, id],
        )?;
        Ok(changed == 1)
    }

    /// It is not a roster, or the server failed.
    pub fn import_failed(&self, id: i64, problem: &str, now: i64) -> Result<(), Error> {
        self.db.execute(
            "UPDATE import SET state = 'failed', problem = ?, touched_at = ? WHERE id = ? AND \
             state IN ('uploading', 'checking', 'taking')",
            params![problem, now, id],
        )?;
        self.clear_import_pieces()
    }

    /// Adds a row to those that the dry run shows.
    pub fn add_import_row(
        &self,
        import: i64,
        kind: RowKind,
        place: i64,
        row: &ImportRow,
    ) -> Result<(), Error> {
        self.db.execute(
            "INSERT INTO import_row (import, kind, place, line, number, name, cells) \
             VALUES (?, ?, ?, ?, ?, ?, ?)",
            params![import, Code(kind), place, signed(row.line)?, row.number, row.name, Json(&row.cells)],
        )?;
        Ok(())
    }

    /// Removes up to that many of them. Returns whether there may be more.
    fn clear_some_import_rows(&self, import: i64, most: u32) -> Result<bool, Error> {
        let removed = self.db.execute(
            "DELETE FROM import_row WHERE import = ?1 AND (kind, place) IN \
             (SELECT kind, place FROM import_row WHERE import = ?1 ORDER BY kind, place LIMIT ?2)",
            params![import, most],
        )?;
        Ok(removed as u64 == u64::from(most))
    }

    /// Which sheet and row of an import's file to read; `None`: unchanged.
    pub fn choose_header(&self, id: i64, sheet: Option<&str>, row: Option<u64>) -> Result<(), Error> {
        self.db.execute(
            "UPDATE import SET sheet = coalesce(?2, sheet), \
            header_row = CASE WHEN CAST(?3 AS BIGINT) IS NULL AND ?2 IS DISTINCT FROM sheet AND ?2 IS NOT NULL THEN NULL \
            ELSE coalesce(?3, header_row) END WHERE id = ?1",
            params![id, sheet, row.map(signed).transpose()?],
        )?;
        Ok(())
    }

    /// Stores the column mapping for a header.
    pub fn remember_columns(&self, agency: &str, header: &[u8; 32], fields: &[String]) -> Result<(), Error> {
        self.db.execute(
            "INSERT INTO import_columns (agency, header, fields) VALUES (?, ?, ?) \
             ON CONFLICT (agency, header) DO UPDATE SET fields = excluded.fields",
            params![agency, header, Json(fields)],
        )?;
        Ok(())
    }

    /// Somebody has changed the agency's roster by hand. The last import can no longer be undone.
    pub fn roster_changed(&self, agency: &str) -> Result<(), Error> {
        self.has_editions(agency)?;
        self.db.execute(
            "UPDATE roster_version SET version = version + 1, former = NULL, \
             untidy = untidy OR former IS NOT NULL WHERE agency = ?",
            params![agency],
        )?;
        Ok(())
    }

    /// Cancels uploads and dry runs untouched since then, and returns them.
    pub fn abandon_imports(&self, since: i64, now: i64) -> Result<Vec<i64>, Error> {
        let abandoned = self.db.all(
            "UPDATE import SET state = 'cancelled', touched_at = ?, \
             problem = '1日以上操作がなかったので、取り消しました。もう一度はじめてください。' \
             WHERE state IN ('uploading', 'checked') AND touched_at <= ? RETURNING id",
            params![now, since],
            |row| row.get(0),
        )?;
        self.clear_import_pieces()?;
        Ok(abandoned)
    }
}

fn read(row: &Row<'_>) -> Result<Import, Error> {
    Ok(Import {
        id: row.get("id")?,
        agency: row.get("agency")?,
        file_name: row.get("file_name")?,
        size: unsigned(row, "size")?,
        received: unsigned(row, "received")?,
        state: row.code("state")?,
        done: unsigned(row, "done")?,
        problem: row.get("problem")?,
        found: row.json("found")?,
        officer: row.get("officer_name")?,
        began_at: row.get("began_at")?,
        taken_at: row.get("taken_at")?,
        roster_version: row.get("roster_version")?,
        sheet: row.get("sheet")?,
        header_row: row.get::<Option<i64>>("header_row")?.map(i64::unsigned_abs),
        touched_at: row.get("touched_at")?,
        dry_run: row.get("dry_run")?,
    })
}

fn unsigned(row: &Row<'_>, column: &str) -> Result<u64, Error> {
    row.get::<i64>(column).map(i64::unsigned_abs)
}

fn signed(value: u64) -> Result<i64, Error> {
    i64::try_from(value).map_err(|_| Error::Defect("a size is beyond all files"))
}
