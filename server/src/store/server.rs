//! What the database knows about its server: which key belongs to it, and whether it is writable.

use std::path::Path;

use rusqlite::{Connection, OptionalExtension as _, params};

use super::{
    Reader, Writer,
    backup::{open_for_reading, refuse_unfinished},
    schema,
};
use crate::error::Error;

/// The result of looking at the file as if from outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    pub schema: usize,
    /// The fingerprint of the key that belongs to it.
    pub key: Option<String>,
}

/// Looks at the file through a separate connection: the server's may still have cached pages that no longer exist.
pub fn look(path: &Path) -> Result<Look, Error> {
    let database = open_for_reading(path)?;
    let schema = schema::version(&database, path)?.unwrap_or(0);
    Ok(Look { schema, key: key_of(&database)? })
}

/// The fingerprint of the key that belongs to the database. `None`: no server has set it yet, or there is no key.
pub fn known_key(path: &Path) -> Result<Option<String>, Error> {
    refuse_unfinished(path)?;
    if !path.exists() {
        return Ok(None);
    }
    let database = open_for_reading(path)?;
    schema::version(&database, path)?;
    key_of(&database)
}

fn key_of(database: &Connection) -> Result<Option<String>, Error> {
    let sql = "SELECT 1 FROM sqlite_schema WHERE name = 'server'";
    if database.query_row(sql, [], |_| Ok(())).optional()?.is_none() {
        return Ok(None);
    }
    Ok(database.query_row("SELECT key FROM server", [], |row| row.get(0)).optional()?)
}

impl Reader<'_> {
    pub fn key(&self) -> Result<Option<String>, Error> {
        key_of(self.0)
    }
}

impl Writer<'_> {
    /// Binds the database to a key, replacing the previous one.
    pub fn take_key(&self, fingerprint: &str) -> Result<(), Error> {
        let sql = "INSERT INTO server (one, key) VALUES (1, ?1) ON CONFLICT (one) DO UPDATE SET key = ?1";
        self.0.0.execute(sql, params![fingerprint])?;
        Ok(())
    }

    /// Writes something, to see whether that works.
    pub fn probe(&self, now: i64) -> Result<(), Error> {
        let sql = "INSERT INTO probe (one, at) VALUES (1, ?1) ON CONFLICT (one) DO UPDATE SET at = ?1";
        self.0.0.prepare_cached(sql)?.execute(params![now])?;
        Ok(())
    }
}
