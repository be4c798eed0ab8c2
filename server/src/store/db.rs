//! The seam to the database engine: every statement of this folder passes [`Db`].
//!
//! A statement is one text for every engine. Its parameters are `?`, `?1` or `:name`; it is prepared once on each
//! connection.

use std::{fmt::Display, path::Path, time::Duration};

use super::{
    sqlite,
    value::{FromValue, Parameter, Value},
};
use crate::error::Error;

/// A connection.
pub(super) struct Db(sqlite::Connection);

/// What a statement is given. Written as [`params!`] or [`named_params!`].
#[derive(Clone, Copy)]
pub(super) enum Params<'p> {
    /// In the order of `?`, or by the number of `?1`.
    Numbered(&'p [&'p dyn Parameter]),
    /// By `:name`.
    Named(&'p [(&'p str, &'p dyn Parameter)]),
}

impl Params<'_> {
    pub(super) const NONE: Self = Self::Numbered(&[]);
}

macro_rules! params {
    ($($value:expr),* $(,)?) => {
        $crate::store::db::Params::Numbered(&[$(&$value as &dyn $crate::store::value::Parameter),*])
    };
}

macro_rules! named_params {
    ($($name:literal: $value:expr),* $(,)?) => {
        $crate::store::db::Params::Named(&[$(($name, &$value as &dyn $crate::store::value::Parameter)),*])
    };
}

pub(super) use {named_params, params};

/// A row of a result.
pub(super) struct Row<'r>(pub(super) sqlite::Row<'r>);

/// The name of a column, or its place from 0.
pub(super) trait Column: sqlite::Column + Display {}

impl Column for &str {}
impl Column for usize {}

impl Row<'_> {
    pub(super) fn get<T: FromValue>(&self, column: impl Column) -> Result<T, Error> {
        let unfit = || Error::Database(format!("a column holds something unexpected: {column}"));
        T::from_value(self.value(&column)?).ok_or_else(unfit)
    }

    pub(super) fn value(&self, column: &impl Column) -> Result<Value<'_>, Error> {
        self.0.value(column)
    }
}

impl Db {
    pub(super) fn open_for_reading(path: &Path) -> Result<Self, Error> {
        sqlite::open_for_reading(path).map(Self)
    }

    /// Opens or creates the database and updates its schema.
    pub(super) fn open_for_writing(path: &Path) -> Result<Self, Error> {
        sqlite::open_for_writing(path).map(Self)
    }

    /// Opens a file that may be anything, for reading. Returns the version of its schema; 0: an empty file.
    pub(super) fn look(path: &Path) -> Result<(Self, usize), Error> {
        sqlite::look(path).map(|(connection, schema)| (Self(connection), schema))
    }

    /// Makes a database of its own for what is simply made again after a crash.
    pub(super) fn make_scratch(path: &Path) -> Result<Self, Error> {
        sqlite::make_scratch(path).map(Self)
    }

    #[cfg(test)]
    pub(super) fn in_memory() -> Self {
        Self(sqlite::Connection::in_memory())
    }

    /// Runs a statement that answers no rows. Returns how many it changed.
    pub(super) fn execute(&self, sql: &str, params: Params<'_>) -> Result<usize, Error> {
        self.0.execute(sql, params)
    }

    /// Calls `take` with each row.
    pub(super) fn each(
        &self,
        sql: &str,
        params: Params<'_>,
        mut take: impl FnMut(&Row<'_>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        self.0.each(sql, params, &mut |row| take(&Row(row)).map(|()| true))
    }

    /// All rows.
    pub(super) fn all<T>(
        &self,
        sql: &str,
        params: Params<'_>,
        read: impl Fn(&Row<'_>) -> Result<T, Error>,
    ) -> Result<Vec<T>, Error> {
        let mut rows = Vec::new();
        self.each(sql, params, |row| {
            rows.push(read(row)?);
            Ok(())
        })?;
        Ok(rows)
    }

    /// The first row, if there is one.
    pub(super) fn optional<T>(
        &self,
        sql: &str,
        params: Params<'_>,
        read: impl FnOnce(&Row<'_>) -> Result<T, Error>,
    ) -> Result<Option<T>, Error> {
        let (mut read, mut found) = (Some(read), None);
        self.0.each(sql, params, &mut |row| {
            found = read.take().map(|read| read(&Row(row))).transpose()?;
            Ok(false)
        })?;
        Ok(found)
    }

    /// The first row, where there is always one.
    pub(super) fn one<T>(
        &self,
        sql: &str,
        params: Params<'_>,
        read: impl FnOnce(&Row<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.optional(sql, params, read)?.ok_or_else(|| Error::Database("a row is missing".to_owned()))
    }

    /// Whether there is a row.
    pub(super) fn exists(&self, sql: &str, params: Params<'_>) -> Result<bool, Error> {
        Ok(self.optional(sql, params, |_| Ok(()))?.is_some())
    }

    /// Begins a transaction. One that writes waits for other writers here, and nowhere else.
    pub(super) fn begin(&self, writes: bool) -> Result<(), Error> {
        self.0.begin(writes)
    }

    pub(super) fn commit(&self) -> Result<(), Error> {
        self.execute("COMMIT", params![]).map(drop)
    }

    pub(super) fn roll_back(&self) -> Result<(), Error> {
        self.execute("ROLLBACK", params![]).map(drop)
    }

    /// Runs `work` in a transaction that is committed only when it succeeds.
    pub(super) fn transaction<T>(
        &self,
        writes: bool,
        work: impl FnOnce() -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.begin(writes)?;
        let result = work().and_then(|result| self.commit().map(|()| result));
        if result.is_err() {
            // May itself fail when the engine has already rolled back.
            drop(self.roll_back());
        }
        result
    }

    /// Marks the place in the transaction to which [`restore`](Self::restore) returns.
    pub(super) fn save(&self) -> Result<(), Error> {
        self.execute("SAVEPOINT job", params![]).map(drop)
    }

    pub(super) fn restore(&self) -> Result<(), Error> {
        self.execute("ROLLBACK TO SAVEPOINT job", params![]).map(drop)
    }

    /// Forgets that place.
    pub(super) fn release(&self) -> Result<(), Error> {
        self.execute("RELEASE SAVEPOINT job", params![]).map(drop)
    }

    /// Runs several statements without parameters.
    pub(super) fn batch(&self, sql: &str) -> Result<(), Error> {
        self.0.batch(sql)
    }

    /// Lets statements wait that long for others.
    pub(super) fn be_patient(&self, patience: Duration) -> Result<(), Error> {
        self.0.be_patient(patience)
    }

    /// Makes the tables of a [scratch database](Self::make_scratch) visible to statements.
    pub(super) fn attach(&self, scratch: &Path) -> Result<(), Error> {
        self.0.attach(scratch)
    }

    pub(super) fn detach(&self) -> Result<(), Error> {
        self.batch("DETACH DATABASE stage")
    }

    pub(super) fn path(&self) -> Option<&str> {
        self.0.path()
    }

    /// Whether there is a table or index of that name.
    pub(super) fn has(&self, name: &str) -> Result<bool, Error> {
        self.exists("SELECT 1 FROM sqlite_schema WHERE name = ?", params![name])
    }

    pub(super) fn move_wal_home(&self) -> Result<(), Error> {
        self.0.move_wal_home()
    }

    pub(super) fn close(self) -> Result<(), Error> {
        self.0.close()
    }
}
