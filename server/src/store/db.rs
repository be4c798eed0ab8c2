//! The seam to the database engine: every statement of this folder passes [`Db`].
//!
//! A statement is one text for every engine. Its parameters are `?`, `?1` or `:name`; it is prepared once on each
//! connection.

use std::{collections::BTreeSet, fmt::Display, path::Path, time::Duration};

use super::{
    location::Location,
    postgres, sqlite,
    value::{FromValue, Parameter, Value},
};
use crate::error::Error;

/// A connection.
pub(super) enum Db {
    Sqlite(sqlite::Connection),
    Postgres(Box<postgres::Connection>),
}

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

/// Takes a row's values.
pub(super) type Put<'p> = &'p mut dyn FnMut(&[Value<'_>]) -> Result<(), Error>;

/// Puts all rows that there are.
pub(super) type Give<'g> = &'g mut dyn FnMut(Put<'_>) -> Result<(), Error>;

/// A row of a result.
pub(super) enum Row<'r> {
    Sqlite(sqlite::Row<'r>),
    Postgres(postgres::Row<'r>),
}

/// The name of a column, or its place from 0.
pub(super) trait Column: sqlite::Column + postgres::Column + Display {}

impl Column for &str {}
impl Column for usize {}

impl Row<'_> {
    pub(super) fn get<T: FromValue>(&self, column: impl Column) -> Result<T, Error> {
        let unfit = || Error::Database(format!("a column holds something unexpected: {column}"));
        T::from_value(self.value(&column)?).ok_or_else(unfit)
    }

    pub(super) fn value(&self, column: &impl Column) -> Result<Value<'_>, Error> {
        match self {
            Self::Sqlite(row) => row.value(column),
            Self::Postgres(row) => row.value(column),
        }
    }
}

impl Db {
    pub(super) fn open_for_reading(location: &Location) -> Result<Self, Error> {
        match location {
            Location::File(path) => sqlite::open_for_reading(path).map(Self::Sqlite),
            Location::Server { server, .. } => postgres::Connection::open(server).map(Self::postgres),
        }
    }

    /// Opens or creates the database and updates its schema.
    pub(super) fn open_for_writing(location: &Location) -> Result<Self, Error> {
        match location {
            Location::File(path) => sqlite::open_for_writing(path).map(Self::Sqlite),
            Location::Server { server, .. } => {
                postgres::Connection::open_for_writing(server).map(Self::postgres)
            }
        }
    }

    /// Opens what may be anything, for reading. Returns the version of its schema; 0: it is empty.
    pub(super) fn look(location: &Location) -> Result<(Self, usize), Error> {
        match location {
            Location::File(path) => {
                sqlite::look(path).map(|(connection, schema)| (Self::Sqlite(connection), schema))
            }
            Location::Server { server, .. } => postgres::Connection::look(server)
                .map(|(connection, schema)| (Self::postgres(connection), schema)),
        }
    }

    fn postgres(connection: postgres::Connection) -> Self {
        Self::Postgres(Box::new(connection))
    }

    /// Makes a database of its own for what is simply made again after a crash.
    pub(super) fn make_scratch(path: &Path) -> Result<Self, Error> {
        sqlite::make_scratch(path).map(Self::Sqlite)
    }

    /// Opens one to read it.
    pub(super) fn open_scratch(path: &Path) -> Result<Self, Error> {
        sqlite::open_for_reading(path).map(Self::Sqlite)
    }

    /// How SQLite carries a statement out.
    #[cfg(test)]
    pub(super) fn plan(&self, sql: &str, params: Params<'_>) -> String {
        let lines = self.all(&format!("EXPLAIN QUERY PLAN {sql}"), params, |row| row.get::<String>(3));
        lines.unwrap().join("\n")
    }

    #[cfg(test)]
    pub(super) fn in_memory() -> Self {
        Self::Sqlite(sqlite::Connection::in_memory())
    }

    /// Runs a statement that answers no rows. Returns how many it changed.
    pub(super) fn execute(&self, sql: &str, params: Params<'_>) -> Result<usize, Error> {
        statements::note(sql);
        match self {
            Self::Sqlite(connection) => connection.execute(sql, params),
            Self::Postgres(connection) => connection.execute(sql, params),
        }
    }

    /// Calls `take` with each row.
    pub(super) fn each(
        &self,
        sql: &str,
        params: Params<'_>,
        mut take: impl FnMut(&Row<'_>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        self.each_until(sql, params, &mut |row| take(row).map(|()| true))
    }

    /// The same, until `take` answers that it wants no more.
    fn each_until(
        &self,
        sql: &str,
        params: Params<'_>,
        take: &mut dyn FnMut(&Row<'_>) -> Result<bool, Error>,
    ) -> Result<(), Error> {
        statements::note(sql);
        match self {
            Self::Sqlite(connection) => connection.each(sql, params, &mut |row| take(&Row::Sqlite(row))),
            Self::Postgres(connection) => connection.each(sql, params, &mut |row| take(&Row::Postgres(row))),
        }
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
        self.each_until(sql, params, &mut |row| {
            found = read.take().map(|read| read(row)).transpose()?;
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
        match self {
            Self::Sqlite(connection) => connection.begin(writes),
            Self::Postgres(connection) => connection.begin(writes),
        }
    }

    pub(super) fn commit(&self) -> Result<(), Error> {
        match self {
            Self::Sqlite(_) => self.execute("COMMIT", Params::NONE).map(drop),
            Self::Postgres(connection) => connection.commit(),
        }
    }

    /// Whether the last transaction found a database. If not, whatever waits behind it would wait in vain, too.
    pub(super) fn is_reachable(&self) -> bool {
        match self {
            Self::Sqlite(_) => true,
            Self::Postgres(connection) => connection.is_reachable(),
        }
    }

    pub(super) fn roll_back(&self) -> Result<(), Error> {
        self.execute("ROLLBACK", Params::NONE).map(drop)
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
        self.execute("SAVEPOINT job", Params::NONE).map(drop)
    }

    pub(super) fn restore(&self) -> Result<(), Error> {
        self.execute("ROLLBACK TO SAVEPOINT job", Params::NONE).map(drop)
    }

    /// Forgets that place.
    pub(super) fn release(&self) -> Result<(), Error> {
        self.execute("RELEASE SAVEPOINT job", Params::NONE).map(drop)
    }

    /// The one for this engine, where one text does not do.
    pub(super) fn either<T>(&self, sqlite: T, postgres: T) -> T {
        match self {
            Self::Sqlite(_) => sqlite,
            Self::Postgres(_) => postgres,
        }
    }

    /// Runs several statements without parameters.
    pub(super) fn batch(&self, sql: &str) -> Result<(), Error> {
        match self {
            Self::Sqlite(connection) => connection.batch(sql),
            Self::Postgres(connection) => connection.batch(sql),
        }
    }

    /// Lets statements wait that long for others.
    pub(super) fn be_patient(&self, patience: Duration) -> Result<(), Error> {
        match self {
            Self::Sqlite(connection) => connection.be_patient(patience),
            Self::Postgres(connection) => connection.be_patient(patience),
        }
    }

    /// Whether there is a table of that name.
    pub(super) fn has(&self, name: &str) -> Result<bool, Error> {
        let sql = self.either(
            "SELECT 1 FROM sqlite_schema WHERE name = ?",
            "SELECT 1 FROM pg_tables WHERE schemaname = current_schema() AND tablename = CAST(? AS TEXT)",
        );
        self.exists(sql, params![name])
    }

    pub(super) fn tables(&self) -> Result<Vec<String>, Error> {
        match self {
            Self::Sqlite(connection) => connection.tables(),
            Self::Postgres(connection) => connection.tables(),
        }
    }

    /// The columns of a table that a statement can write.
    pub(super) fn columns(&self, table: &str) -> Result<Vec<String>, Error> {
        match self {
            Self::Sqlite(connection) => connection.columns(table),
            Self::Postgres(connection) => connection.columns(table),
        }
    }

    /// Calls `take` with each row of a result that memory may not hold, in a transaction.
    pub(super) fn scan(
        &self,
        sql: &str,
        take: &mut dyn FnMut(&Row<'_>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        match self {
            Self::Sqlite(_) => self.each(sql, Params::NONE, take),
            Self::Postgres(connection) => connection.scan(sql, &mut |row| take(&Row::Postgres(row))),
        }
    }

    /// Inserts the rows that `give` has.
    pub(super) fn load(&self, table: &str, columns: &[String], give: Give<'_>) -> Result<(), Error> {
        let connection = match self {
            Self::Sqlite(connection) => connection,
            Self::Postgres(connection) => return connection.load(table, columns, give),
        };
        let places = vec!["?"; columns.len()].join(", ");
        let insert = format!("INSERT INTO {table} ({}) VALUES ({places})", columns.join(", "));
        give(&mut |values| {
            let params: Vec<&dyn Parameter> = values.iter().map(|value| value as &dyn Parameter).collect();
            connection.execute(&insert, Params::Numbered(&params)).map(drop)
        })
    }

    /// Until the end of the transaction, rows of these tables may come in any order, and nothing changes along with
    /// them. Returns what [`fasten`](Self::fasten) needs.
    pub(super) fn loosen(&self, tables: &BTreeSet<String>) -> Result<Vec<String>, Error> {
        match self {
            Self::Sqlite(connection) => connection.loosen(),
            Self::Postgres(connection) => connection.loosen(tables),
        }
    }

    pub(super) fn fasten(&self, loose: &[String]) -> Result<(), Error> {
        loose.iter().try_for_each(|statement| self.batch(statement))
    }

    /// Lets the transaction wait for another database.
    pub(super) fn may_be_idle(&self) -> Result<(), Error> {
        match self {
            Self::Sqlite(_) => Ok(()),
            Self::Postgres(connection) => connection.may_be_idle(),
        }
    }

    /// Nobody will use this connection to write any more.
    pub(super) fn finish(&self) -> Result<(), Error> {
        match self {
            Self::Sqlite(connection) => connection.move_wal_home(),
            Self::Postgres(_) => Ok(()),
        }
    }

    pub(super) fn close(self) -> Result<(), Error> {
        match self {
            Self::Sqlite(connection) => connection.close(),
            Self::Postgres(_) => Ok(()),
        }
    }
}

/// Which statements there are, for the test that prepares each of them on every engine: debug builds append them to the
/// file that `TOUROKU_STATEMENTS` names, as JSON strings, one a line.
mod statements {
    #[cfg(not(debug_assertions))]
    pub(super) fn note(_: &str) {}

    #[cfg(debug_assertions)]
    pub(super) fn note(sql: &str) {
        use std::{
            collections::BTreeSet,
            fs::File,
            io::Write as _,
            sync::{Mutex, OnceLock, PoisonError},
        };

        static NOTED: OnceLock<Option<(File, Mutex<BTreeSet<String>>)>> = OnceLock::new();
        let noted = NOTED.get_or_init(|| {
            let path = std::env::var_os("TOUROKU_STATEMENTS")?;
            let file = File::options().append(true).create(true).open(path).ok()?;
            Some((file, Mutex::default()))
        });
        let Some((mut file, known)) = noted.as_ref().map(|(file, known)| (file, known)) else { return };
        let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.insert(sql.to_owned()) {
            drop(file.write_all(format!("{}\n", serde_json::Value::from(sql)).as_bytes()));
        }
    }
}
