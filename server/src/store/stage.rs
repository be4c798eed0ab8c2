//! What a dry run prepares: the rows that a take-over would write, in a separate database, SQLite's whatever the store is.
//! Writing them blocks nobody, and after a crash they are simply made again.

use std::{fs::File, path::Path};

use super::{
    Location, Reader, RosterRow,
    db::{Db, params},
    roster::{roster_columns, roster_values, with_values},
    value::Value,
};
use crate::{error::Error, listing::SortKey};

/// The rows that a take-over would write.
pub struct Stage {
    pub(super) db: Db,
}

/// A staged row that is to be written.
#[derive(Clone, Debug)]
pub(super) struct StagedRow {
    pub(super) number: String,
    /// [`Staged::code`].
    pub(super) kind: i64,
    /// Of the columns of [`roster_columns`].
    pub(super) values: Vec<Value<'static>>,
}

/// A new password of the 入札情報公開システム.
#[derive(Clone, Debug)]
pub(super) struct StagedSecret {
    pub(super) number: String,
    pub(super) mark: String,
    pub(super) sealed: Vec<u8>,
}

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
        let db = Db::make_scratch(path)?;
        db.batch(include_str!("stage.sql"))?;
        db.begin(true)?;
        Ok(Self { db })
    }

    /// Opens one that is finished.
    pub fn open(path: &Path) -> Result<Self, Error> {
        Db::open_scratch(path).map(|db| Self { db })
    }

    /// The next rows to be written after that number, in order.
    pub(super) fn rows_after(&self, after: &str, most: u32) -> Result<Vec<StagedRow>, Error> {
        self.db.all(
            concat!(
                "SELECT number, kind, ",
                roster_columns!(),
                " FROM stage_row WHERE number > ? AND kind <> ? ORDER BY number LIMIT ?"
            ),
            params![after, Staged::Present.code(), most],
            |row| {
                let columns = 2..2 + roster_columns!().split(", ").count();
                let values = columns.map(|column| row.value(&column).map(Value::into_owned));
                Ok(StagedRow {
                    number: row.get(0)?,
                    kind: row.get(1)?,
                    values: values.collect::<Result<_, _>>()?,
                })
            },
        )
    }

    /// Those of the companies after one number, up to another.
    pub(super) fn secrets(&self, after: &str, end: &str) -> Result<Vec<StagedSecret>, Error> {
        self.db.all(
            "SELECT number, mark, sealed FROM stage_secret WHERE number > ? AND number <= ? ORDER BY number",
            params![after, end],
            |row| Ok(StagedSecret { number: row.get(0)?, mark: row.get(1)?, sealed: row.get(2)? }),
        )
    }

    /// The next numbers after that one that the roster has and the file lacks, in order.
    pub(super) fn missing_after(&self, after: &str, most: u32) -> Result<Vec<String>, Error> {
        self.db.all(
            "SELECT number FROM stage_missing WHERE number > ? ORDER BY number LIMIT ?",
            params![after, most],
            |row| row.get(0),
        )
    }

    /// Records that the file has that number and nothing needs to be done.
    pub fn note(&self, number: &str) -> Result<(), Error> {
        self.db.execute(
            "INSERT INTO stage_row (number, kind) VALUES (?, ?)",
            params![number, Staged::Present.code()],
        )?;
        Ok(())
    }

    /// Like [`note`](Self::note), for a row with mistakes: a valid one with the same number takes precedence.
    pub fn note_wrong(&self, number: &str) -> Result<(), Error> {
        self.db
            .execute("INSERT INTO stage_wrong (number) VALUES (?) ON CONFLICT DO NOTHING", params![number])?;
        Ok(())
    }

    /// Stages a row.
    pub fn put(&self, kind: Staged, row: &RosterRow, key: &SortKey) -> Result<(), Error> {
        with_values(row, key, (&kind.code(), &None::<i64>), |values| {
            self.db.execute(
                concat!(
                    "INSERT INTO stage_row (number, kind, ",
                    roster_columns!(),
                    ") VALUES (?3, ?1, ",
                    roster_values!(),
                    ")"
                ),
                values,
            )?;
            Ok(())
        })
    }

    /// Whether the file has that number in a valid row.
    pub fn has(&self, number: &str) -> Result<bool, Error> {
        self.db.exists("SELECT 1 FROM stage_row WHERE number = ?", params![number])
    }

    pub fn has_wrong(&self, number: &str) -> Result<bool, Error> {
        self.db.exists("SELECT 1 FROM stage_wrong WHERE number = ?", params![number])
    }

    /// Records a number that the roster has and the file lacks.
    pub fn put_missing(&self, number: &str) -> Result<(), Error> {
        self.db.execute("INSERT INTO stage_missing (number) VALUES (?)", params![number])?;
        Ok(())
    }

    /// Stages a new password of the 入札情報公開システム.
    pub fn put_secret(&self, number: &str, mark: &str, sealed: &[u8]) -> Result<(), Error> {
        self.db.execute(
            "INSERT INTO stage_secret (number, mark, sealed) VALUES (?, ?, ?)",
            params![number, mark, sealed],
        )?;
        Ok(())
    }

    /// Finishes: everything is on disk when this returns.
    pub fn finish(self, path: &Path) -> Result<(), Error> {
        self.make_hints()?;
        self.db.commit()?;
        self.db.close()?;
        File::open(path).and_then(|file| file.sync_all()).map_err(Error::file(path))
    }
}

/// A snapshot of the roster, for work of many seconds that must not occupy the server's own readers.
pub struct RosterSnapshot {
    db: Db,
}

impl RosterSnapshot {
    pub fn open(at: &Location) -> Result<Self, Error> {
        let db = Db::open_for_reading(at)?;
        db.begin(false)?;
        let snapshot = Self { db };
        // The snapshot begins with the first read.
        snapshot.reader().roster_version("")?;
        Ok(snapshot)
    }

    pub fn reader(&self) -> Reader<'_> {
        Reader { db: &self.db }
    }
}

impl Reader<'_> {
    pub fn has_roster(&self, agency: &str) -> Result<bool, Error> {
        self.db.exists("SELECT 1 FROM roster WHERE agency = ? LIMIT 1", params![agency])
    }

    /// Number, name and 法人番号 of each company in the roster, by number.
    pub fn each_of_roster(
        &self,
        agency: &str,
        mut give: impl FnMut(&str, &str, &str) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let sql = "SELECT number, name, corporate_number FROM roster WHERE agency = ? ORDER BY number";
        self.db.each(sql, params![agency], |row| {
            let text = |column: usize| match row.value(&column)? {
                Value::Text(text) => Ok(text),
                _ => Err(Error::Defect("a column of the roster holds no text")),
            };
            give(&text(0)?, &text(1)?, &text(2)?)
        })
    }

    /// Whether the company has registered a card or applied for an ID.
    pub fn has_registered_or_applied(&self, agency: &str, number: &str) -> Result<bool, Error> {
        self.db.exists(
            "SELECT 1 WHERE EXISTS (SELECT 1 FROM company WHERE agency = ?1 AND number = ?2) \
             OR EXISTS (SELECT 1 FROM account WHERE agency = ?1 AND number = ?2) \
             OR EXISTS (SELECT 1 FROM card_application WHERE agency = ?1 AND number = ?2)",
            params![agency, number],
        )
    }
}
