//! PostgreSQL behind [`Db`](super::db::Db).
//!
//! One transaction writes at a time, as on SQLite, whichever server it is of: whoever writes holds the row of `writer`
//! until its commit, and reads what the one before committed. Readers have snapshots. A lost connection reports busy;
//! the next transaction connects again, to whichever of the URL's servers takes writes.

mod replace;
mod schema;
mod server;
mod text;
mod value;
mod whole;

use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    error::Error as _,
    sync::Arc,
    thread::sleep,
    time::{Duration, Instant},
};

use postgres::{Client, Statement, error::SqlState};

pub use self::server::Server;
pub(super) use self::value::{Column, Row};
use self::{text::Text, value::Given};
use super::db::Params;
use crate::error::Error;

/// How long a transaction waits for a server before it reports busy: as long as a failover takes.
const RECONNECT: Duration = Duration::from_secs(10);

/// Between two attempts.
const PAUSE: Duration = Duration::from_millis(200);

/// How long a writer waits for another one before it reports busy.
const LOCK: Duration = Duration::from_secs(10);

/// How long a writer may ask nothing: the next one would wait for a machine that died.
const IDLE: Duration = Duration::from_secs(30);

pub(super) struct Connection {
    server: Server,
    client: RefCell<Client>,
    prepared: RefCell<HashMap<String, Arc<Prepared>>>,
    /// How long it waits for another writer.
    patience: Cell<Duration>,
    /// Whether the last transaction found a server.
    reachable: Cell<bool>,
}

struct Prepared {
    statement: Statement,
    text: Text,
}

impl Connection {
    /// Connects. The schema is left alone.
    pub(super) fn open(server: &Server) -> Result<Self, Error> {
        let mut client = server.connect_or_explain()?;
        client.batch_execute(&lock_timeout(LOCK))?;
        Ok(Self {
            server: server.clone(),
            client: RefCell::new(client),
            prepared: RefCell::default(),
            patience: Cell::new(LOCK),
            reachable: Cell::new(true),
        })
    }

    /// Connects and updates the schema.
    pub(super) fn open_for_writing(server: &Server) -> Result<Self, Error> {
        let connection = Self::open(server)?;
        schema::upgrade(&mut connection.client.borrow_mut())?;
        Ok(connection)
    }

    /// Connects to what may be anything. Returns the version of the schema; 0: an empty database.
    pub(super) fn look(server: &Server) -> Result<(Self, usize), Error> {
        let connection = Self::open(server)?;
        let version = schema::version(&mut *connection.client.borrow_mut())?.unwrap_or(0);
        Ok((connection, version))
    }

    pub(super) fn execute(&self, sql: &str, params: Params<'_>) -> Result<usize, Error> {
        let prepared = self.prepared(sql)?;
        let given = Given::of(&prepared.text, params)?;
        let changed = self.client.borrow_mut().execute(&prepared.statement, &given.all())?;
        Ok(usize::try_from(changed).unwrap_or(usize::MAX))
    }

    /// Calls `take` with each row, until it answers that it wants no more.
    pub(super) fn each(
        &self,
        sql: &str,
        params: Params<'_>,
        take: &mut dyn FnMut(Row<'_>) -> Result<bool, Error>,
    ) -> Result<(), Error> {
        let prepared = self.prepared(sql)?;
        let given = Given::of(&prepared.text, params)?;
        let rows = self.client.borrow_mut().query(&prepared.statement, &given.all())?;
        for row in &rows {
            if !take(Row(row))? {
                break;
            }
        }
        Ok(())
    }

    fn prepared(&self, sql: &str) -> Result<Arc<Prepared>, Error> {
        if let Some(prepared) = self.prepared.borrow().get(sql) {
            return Ok(Arc::clone(prepared));
        }
        let text = Text::of(sql);
        let statement = self.client.borrow_mut().prepare(&text.sql)?;
        let prepared = Arc::new(Prepared { statement, text });
        self.prepared.borrow_mut().insert(sql.to_owned(), Arc::clone(&prepared));
        Ok(prepared)
    }

    pub(super) fn begin(&self, writes: bool) -> Result<(), Error> {
        let write = format!(
            "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; SET LOCAL idle_in_transaction_session_timeout = {}; SELECT 1 FROM writer FOR UPDATE",
            IDLE.as_millis()
        );
        let sql = if writes { &write } else { "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY" };
        let begun = self.client.borrow_mut().batch_execute(sql);
        let begun = match begun {
            Err(error) if is_elsewhere(&error) => self.reconnect().and_then(|()| self.batch(sql)),
            begun => begun.map_err(Error::from),
        };
        if begun.is_err() {
            drop(self.batch("ROLLBACK"));
        }
        begun
    }

    /// Fails when something in the transaction has failed: PostgreSQL itself would roll it back and say nothing.
    pub(super) fn commit(&self) -> Result<(), Error> {
        self.batch("SELECT 1; COMMIT")
    }

    /// Whether the last transaction found a server. If not, whatever waits behind it would wait in vain, too.
    pub(super) fn is_reachable(&self) -> bool {
        self.reachable.get()
    }

    fn reconnect(&self) -> Result<(), Error> {
        self.reachable.set(false);
        let until = Instant::now() + RECONNECT;
        let client = loop {
            match self.connect() {
                Ok(client) => break client,
                Err(_) if Instant::now() < until => sleep(PAUSE),
                Err(error) => {
                    let error = self.server.explain(&error);
                    tracing::warn!(%error, "the database can't be reached");
                    return Err(Error::Busy);
                }
            }
        };
        *self.client.borrow_mut() = client;
        self.prepared.borrow_mut().clear();
        self.reachable.set(true);
        Ok(())
    }

    fn connect(&self) -> Result<Client, postgres::Error> {
        let mut client = self.server.connect()?;
        client.batch_execute(&lock_timeout(self.patience.get()))?;
        Ok(client)
    }

    pub(super) fn batch(&self, sql: &str) -> Result<(), Error> {
        Ok(self.client.borrow_mut().batch_execute(sql)?)
    }

    /// Lets a writer wait that long for another one.
    pub(super) fn be_patient(&self, patience: Duration) -> Result<(), Error> {
        self.patience.set(patience);
        self.batch(&lock_timeout(patience))
    }

    /// Prepares a statement. What is wrong with it, in the engine's words.
    #[cfg(test)]
    pub(super) fn complaint(&self, sql: &str) -> Option<String> {
        let error = match self.client.borrow_mut().prepare(&Text::of(sql).sql) {
            Ok(statement) if statement.params().contains(&postgres::types::Type::INT4) => {
                return Some("a parameter has 32 bits only".to_owned());
            }
            Ok(_) => return None,
            Err(error) => error,
        };
        Some(error.as_db_error().map_or_else(|| error.to_string(), |error| error.message().to_owned()))
    }
}

fn lock_timeout(patience: Duration) -> String {
    format!("SET lock_timeout = {}", patience.as_millis())
}

/// Whether another connection may succeed: the server went away, goes down, or takes no writes any more.
fn is_elsewhere(error: &postgres::Error) -> bool {
    const CODES: [SqlState; 4] = [
        SqlState::ADMIN_SHUTDOWN,
        SqlState::CRASH_SHUTDOWN,
        SqlState::CANNOT_CONNECT_NOW,
        SqlState::READ_ONLY_SQL_TRANSACTION,
    ];
    let is_lost = error.is_closed() || error.source().is_some_and(|source| source.is::<std::io::Error>());
    is_lost || error.code().is_some_and(|code| CODES.contains(code))
}

impl From<postgres::Error> for Error {
    fn from(error: postgres::Error) -> Self {
        const BUSY: [SqlState; 3] = [
            SqlState::LOCK_NOT_AVAILABLE,
            SqlState::T_R_SERIALIZATION_FAILURE,
            SqlState::T_R_DEADLOCK_DETECTED,
        ];
        if is_elsewhere(&error) || error.code().is_some_and(|code| BUSY.contains(code)) {
            return Self::Busy;
        }
        const DISK: [SqlState; 2] = [SqlState::DISK_FULL, SqlState::IO_ERROR];
        if let Some(code) = error.code().filter(|code| DISK.contains(code)) {
            return Self::Disk(format!("PostgreSQL {}", code.code()));
        }
        // Not the server's message: it may quote values.
        let named = error.as_db_error().and_then(|error| error.constraint().or(error.table()));
        let code = error.code().map_or("", SqlState::code);
        Self::Database(format!("PostgreSQL {code} {}", named.unwrap_or_default()))
    }
}

#[cfg(test)]
mod tests;
