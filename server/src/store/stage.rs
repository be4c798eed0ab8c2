//! What a dry run prepares: the rows that a take-over would write, in a separate database. Writing them blocks
//! nobody, and after a crash they are simply made again.

use std::{fs::File, path::Path};

use rusqlite::{Connection, OpenFlags, params};

use super::{
    BUSY_TIMEOUT, Reader, RosterRow,
    roster::{roster_columns, roster_values, with_values},
};
use crate::{error::Error, listing::SortKey};

/// Page cache, in SQLite's notation of kibibytes.
pub(super) const CACHE_KIB: i32 = -65_536;

/// The rows that a take-over would write.
pub struct Stage(Connection);

/// How a row of the file relates to the roster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Staged {
    /// Nothing to do, except that the file has it.
    Present,
    Added,
    Changed,
}

impl Staged {
    /// As stored.
    pub(super) fn code(self) -> i64 {
        match self {
            Self::Present => 0,
            Self::Added => 1,
            Self::Changed => 2,
        }
    }
}

impl Stage {
    /// Creates it, replacing an existing one.
    pub fn make(path: &Path) -> Result<Self, Error> {
        if path.exists() {
            std::fs::remove_file(path).map_err(Error::file(path))?;
        }
        crate::file::create_private(path).map_err(Error::file(path))?;
        let connection = Connection::open(path)?;
        connection.pragma_update(None, "journal_mode", "OFF")?;
        connection.pragma_update(None, "synchronous", "OFF")?;
        connection.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
        connection.pragma_update(None, "cache_size", CACHE_KIB)?;
        connection.execute_batch(
            "CREATE TABLE row (number TEXT PRIMARY KEY, kind INTEGER NOT NULL, name TEXT, kana TEXT, \
             corporate_number TEXT, postal_code TEXT, address TEXT, representative_name TEXT, \
             representative_title TEXT, phone TEXT, fax TEXT, branch TEXT, qualifications TEXT, user_id TEXT, \
             password_hash TEXT, information_user_id TEXT, information_password INTEGER, more TEXT, \
             listing_row INTEGER, listing_kana TEXT, listing_name TEXT) STRICT, WITHOUT ROWID; \
             CREATE TABLE wrong (number TEXT PRIMARY KEY) STRICT, WITHOUT ROWID; \
             CREATE TABLE missing (number TEXT PRIMARY KEY) STRICT, WITHOUT ROWID; \
             BEGIN",
        )?;
        Ok(Self(connection))
    }

    /// Records that the file has that number and nothing needs to be done.
    pub fn note(&self, number: &str) -> Result<(), Error> {
        self.0
            .prepare_cached("INSERT INTO row (number, kind) VALUES (?, ?)")?
            .execute(params![number, Staged::Present.code()])?;
        Ok(())
    }

    /// Like [`note`](Self::note), for a row with mistakes: a valid one with the same number takes precedence.
    pub fn note_wrong(&self, number: &str) -> Result<(), Error> {
        self.0
            .prepare_cached("INSERT INTO wrong (number) VALUES (?) ON CONFLICT DO NOTHING")?
            .execute([number])?;
        Ok(())
    }

    /// Stages a row.
    pub fn put(&self, kind: Staged, row: &RosterRow, key: &SortKey) -> Result<(), Error> {
        with_values(row, key, (&kind.code(), &rusqlite::types::Null), |values| {
            self.0
                .prepare_cached(concat!(
                    "INSERT INTO row (number, kind, ",
                    roster_columns!(),
                    ") VALUES (?3, ?1, ",
                    roster_values!(),
                    ")"
                ))?
                .execute(values)?;
            Ok(())
        })
    }

    /// Whether the file has that number in a valid row.
    pub fn has(&self, number: &str) -> Result<bool, Error> {
        Ok(self.0.prepare_cached("SELECT 1 FROM row WHERE number = ?")?.exists([number])?)
    }

    pub fn has_wrong(&self, number: &str) -> Result<bool, Error> {
        Ok(self.0.prepare_cached("SELECT 1 FROM wrong WHERE number = ?")?.exists([number])?)
    }

    /// Records a number that the roster has and the file lacks.
    pub fn put_missing(&self, number: &str) -> Result<(), Error> {
        self.0.prepare_cached("INSERT INTO missing (number) VALUES (?)")?.execute([number])?;
        Ok(())
    }

    /// Finishes: everything is on disk when this returns.
    pub fn finish(self, path: &Path) -> Result<(), Error> {
        self.0.execute_batch("COMMIT")?;
        self.0.close().map_err(|(_, error)| error)?;
        File::open(path).and_then(|file| file.sync_all()).map_err(Error::file(path))
    }
}

/// A snapshot of the roster, for work of many seconds that must not occupy the server's own readers.
pub struct RosterSnapshot(Connection);

impl RosterSnapshot {
    pub fn open(database: &Path) -> Result<Self, Error> {
        let connection = Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        connection.busy_timeout(BUSY_TIMEOUT)?;
        connection.execute_batch("BEGIN")?;
        let snapshot = Self(connection);
        // The snapshot begins with the first read.
        snapshot.reader().roster_version("")?;
        Ok(snapshot)
    }

    pub fn reader(&self) -> Reader<'_> {
        Reader(&self.0)
    }
}

impl Reader<'_> {
    pub fn has_roster(&self, agency: &str) -> Result<bool, Error> {
        Ok(self.0.prepare_cached("SELECT 1 FROM roster WHERE agency = ? LIMIT 1")?.exists([agency])?)
    }

    /// Number, name and 法人番号 of each company in the roster, by number.
    pub fn each_of_roster(
        &self,
        agency: &str,
        mut give: impl FnMut(&str, &str, &str) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let mut statement = self.0.prepare_cached(
            "SELECT number, name, corporate_number FROM roster WHERE agency = ? ORDER BY number",
        )?;
        let mut rows = statement.query([agency])?;
        while let Some(row) = rows.next()? {
            let text = |index| row.get_ref(index)?.as_str().map_err(rusqlite::Error::from);
            give(text(0)?, text(1)?, text(2)?)?;
        }
        Ok(())
    }

    /// Whether the company has registered a card or applied for an ID.
    pub fn has_registered_or_applied(&self, agency: &str, number: &str) -> Result<bool, Error> {
        let found = self
            .0
            .prepare_cached(
                "SELECT 1 WHERE EXISTS (SELECT 1 FROM company WHERE agency = ?1 AND number = ?2) \
                 OR EXISTS (SELECT 1 FROM account WHERE agency = ?1 AND number = ?2) \
                 OR EXISTS (SELECT 1 FROM card_application WHERE agency = ?1 AND number = ?2)",
            )?
            .exists(params![agency, number])?;
        Ok(found)
    }
}
