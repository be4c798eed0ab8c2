//! SQLite behind [`Db`](super::db::Db). What only SQLite has is in this folder.
//!
//! WAL with `synchronous=FULL`: an answer is sent after its commit is on disk.

mod backup;
mod fill;
mod migrations;
mod schema;
mod whole;

use std::{borrow::Cow, path::Path, time::Duration};

use rusqlite::{
    ErrorCode, OpenFlags,
    types::{ToSqlOutput, ValueRef},
};

pub(super) use self::backup::{back_up, put_in_place, refuse_unfinished};
pub use self::{backup::prepare, schema::latest};
use super::{
    db::Params,
    value::{Parameter, Value},
};
use crate::error::Error;

/// How long a statement waits for another process (a copy to another database) before the store reports busy.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

const LOOK_EVERY: Duration = Duration::from_millis(1);

/// Statements that stay prepared on a connection.
const PREPARED: usize = 64;

/// Page cache of whoever writes, in SQLite's notation of kibibytes: a turn of a take-over fits, so that no page is written twice.
const WRITER_CACHE_KIB: i32 = -16_384;

/// Page cache for what is written in the order of a file.
const CACHE_KIB: i32 = -65_536;

pub(super) struct Connection(rusqlite::Connection);

pub(super) struct Row<'r>(&'r rusqlite::Row<'r>);

pub(super) use rusqlite::RowIndex as Column;

impl Row<'_> {
    pub(super) fn value(&self, column: &(impl Column + ?Sized)) -> Result<Value<'_>, Error> {
        let index = column.idx(self.0.as_ref())?;
        Ok(match self.0.get_ref(index)? {
            ValueRef::Null => Value::Null,
            ValueRef::Integer(number) => Value::Integer(number),
            ValueRef::Real(_) => return Err(Error::Defect("a column holds a fraction")),
            // Somebody else may have written what is no UTF-8.
            ValueRef::Text(text) => match std::str::from_utf8(text) {
                Ok(text) => Value::Text(Cow::Borrowed(text)),
                Err(_) => Value::Blob(Cow::Borrowed(text)),
            },
            ValueRef::Blob(bytes) => Value::Blob(Cow::Borrowed(bytes)),
        })
    }
}

impl rusqlite::ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Integer(number) => ValueRef::Integer(*number),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Blob(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

impl Connection {
    pub(super) fn execute(&self, sql: &str, params: Params<'_>) -> Result<usize, Error> {
        let mut statement = self.0.prepare_cached(sql)?;
        bind(&mut statement, params)?;
        Ok(statement.raw_execute()?)
    }

    /// Calls `take` with each row, until it answers that it wants no more.
    pub(super) fn each(
        &self,
        sql: &str,
        params: Params<'_>,
        take: &mut dyn FnMut(Row<'_>) -> Result<bool, Error>,
    ) -> Result<(), Error> {
        let mut statement = self.0.prepare_cached(sql)?;
        bind(&mut statement, params)?;
        let mut rows = statement.raw_query();
        while let Some(row) = rows.next()? {
            if !take(Row(row))? {
                break;
            }
        }
        Ok(())
    }

    /// Begins a transaction. One that writes waits for other writers here, and nowhere else.
    pub(super) fn begin(&self, writes: bool) -> Result<(), Error> {
        let sql = if writes { "BEGIN IMMEDIATE" } else { "BEGIN" };
        self.execute(sql, Params::NONE).map(drop)
    }

    pub(super) fn batch(&self, sql: &str) -> Result<(), Error> {
        Ok(self.0.execute_batch(sql)?)
    }

    /// Lets statements wait that long for another process.
    pub(super) fn be_patient(&self, patience: Duration) -> Result<(), Error> {
        Ok(self.0.busy_timeout(patience)?)
    }

    /// Moves the WAL into the database file, unless a backup still reads it: then the next start does.
    pub(super) fn move_wal_home(&self) -> Result<(), Error> {
        self.0.busy_timeout(Duration::from_millis(200))?;
        Ok(self.0.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?)
    }

    pub(super) fn close(self) -> Result<(), Error> {
        Ok(self.0.close().map_err(|(_, error)| error)?)
    }

    #[cfg(test)]
    pub(super) fn in_memory() -> Self {
        let mut connection = rusqlite::Connection::open_in_memory().unwrap();
        migrations::all().to_latest(&mut connection).unwrap();
        Self(connection)
    }
}

fn bind(statement: &mut rusqlite::Statement<'_>, params: Params<'_>) -> Result<(), Error> {
    match params {
        Params::Numbered(params) => {
            let asked = statement.parameter_count();
            let given = params.get(..asked).ok_or(Error::Defect("a statement lacks parameters"))?;
            for (place, param) in given.iter().enumerate() {
                statement.raw_bind_parameter(place + 1, value_of(*param)?)?;
            }
        }
        Params::Named(params) => {
            if params.len() < statement.parameter_count() {
                return Err(Error::Defect("a statement lacks parameters"));
            }
            for (name, param) in params {
                let unknown = Error::Defect("a statement has no parameter of that name");
                let place = statement.parameter_index(name)?.ok_or(unknown)?;
                statement.raw_bind_parameter(place, value_of(*param)?)?;
            }
        }
    }
    Ok(())
}

fn value_of(param: &dyn Parameter) -> Result<Value<'_>, Error> {
    param.value().ok_or(Error::Defect("a parameter can't be stored"))
}

pub(super) fn open_for_reading(path: &Path) -> Result<Connection, Error> {
    let connection = rusqlite::Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.set_prepared_statement_cache_capacity(PREPARED);
    Ok(Connection(connection))
}

/// Waits for a lock. SQLite's own way looks every 100 ms in the end, and misses the moments at which a command that writes in
/// turns leaves the lock to others.
fn look_again(looked: i32) -> bool {
    std::thread::sleep(LOOK_EVERY);
    LOOK_EVERY * looked.unsigned_abs() < BUSY_TIMEOUT
}

/// Opens or creates the database file and updates its schema.
pub(super) fn open_for_writing(path: &Path) -> Result<Connection, Error> {
    refuse_unfinished(path)?;
    // SQLite gives its companion files the same permissions.
    match crate::file::create_private(path) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => {
            return Err(Error::file(path)(error));
        }
        made_or_there => drop(made_or_there),
    }
    // One of an earlier version, or copied by hand, may be readable by everybody.
    for file in crate::file::whole(path).filter(|file| file.exists()) {
        if let Err(error) = crate::file::make_private(&file) {
            tracing::warn!(%error, file = %file.display(), "others may be able to read it");
        }
    }
    let mut connection = rusqlite::Connection::open(path)?;
    connection.busy_handler(Some(look_again))?;
    schema::version(&connection, path)?;
    configure(&connection)?;
    connection.set_prepared_statement_cache_capacity(PREPARED);
    schema::upgrade(&mut connection, path)?;
    // Savepoint journals are kept in memory: a full /var/tmp must not refuse a registration.
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.pragma_update(None, "cache_size", WRITER_CACHE_KIB)?;
    Ok(Connection(connection))
}

/// Opens a file that may be anything, for reading. Returns the version of its schema; 0: an empty file.
pub(super) fn look(path: &Path) -> Result<(Connection, usize), Error> {
    let database = backup::open_for_reading(path)?;
    let version = schema::number(&database, path)?.unwrap_or(0);
    Ok((Connection(database), version))
}

/// Refuses a database that a newer program uses.
pub(super) fn refuse_newer(path: &Path) -> Result<(), Error> {
    schema::version(&backup::open_for_reading(path)?, path).map(drop)
}

/// Makes a file for what is simply made again after a crash.
pub(super) fn make_scratch(path: &Path) -> Result<Connection, Error> {
    crate::file::create_private(path).map_err(Error::file(path))?;
    let connection = rusqlite::Connection::open(path)?;
    connection.pragma_update(None, "journal_mode", "OFF")?;
    connection.pragma_update(None, "synchronous", "OFF")?;
    connection.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
    connection.pragma_update(None, "cache_size", CACHE_KIB)?;
    Ok(Connection(connection))
}

/// Makes a database of an earlier version.
#[cfg(test)]
pub(super) fn make_earlier(path: &Path, version: usize) -> rusqlite::Connection {
    let mut connection = rusqlite::Connection::open(path).unwrap();
    migrations::all().to_version(&mut connection, version).unwrap();
    connection
}

fn configure(connection: &rusqlite::Connection) -> Result<(), Error> {
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", "ON")?;
    Ok(())
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy,
            Some(ErrorCode::DiskFull | ErrorCode::SystemIoFailure | ErrorCode::ReadOnly) => {
                Self::Disk(error.to_string())
            }
            // SQLite's own message names tables and columns, never values.
            _ => Self::Database(error.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_no_defect_and_the_same_statement_succeeds_once_there_is_room() {
        let database = rusqlite::Connection::open_in_memory().unwrap();
        database.execute_batch("CREATE TABLE t (a BLOB); PRAGMA max_page_count = 4").unwrap();
        let insert = || database.execute("INSERT INTO t VALUES (zeroblob(100000))", []);
        assert!(matches!(insert().map_err(Error::from), Err(Error::Disk(_))));
        database.execute_batch("PRAGMA max_page_count = 1000").unwrap();
        assert_eq!(insert().map_err(drop), Ok(1));
    }
}
