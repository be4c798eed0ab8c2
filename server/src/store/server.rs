//! What the database knows about its server: which key belongs to it, and whether it is writable.

use super::{
    Location, Reader, Writer,
    db::{Db, params},
    sqlite,
};
use crate::error::Error;

/// The result of looking at the file as if from outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    pub schema: usize,
    /// The fingerprint of the key that belongs to it.
    pub key: Option<String>,
}

/// The first version of the schema in which audit chains are sealed.
const FIRST_WITH_SEALS: usize = 21;

impl Look {
    /// Whether it is of a version that sealed no audit chain.
    pub fn is_before_seals(&self) -> bool {
        (1..FIRST_WITH_SEALS).contains(&self.schema)
    }
}

/// Looks at the database through a separate connection: the server's may still have cached pages that no longer exist.
pub fn look(at: impl Into<Location>) -> Result<Look, Error> {
    let (db, schema) = Db::look(&at.into())?;
    Ok(Look { schema, key: Reader { db: &db }.key()? })
}

/// Looks at the database, if there is one.
pub fn find(at: impl Into<Location>) -> Result<Option<Look>, Error> {
    let location = at.into();
    if let Location::File(path) = &location {
        sqlite::refuse_unfinished(path)?;
        if !path.exists() {
            return Ok(None);
        }
        sqlite::refuse_newer(path)?;
    }
    let found = look(&location)?;
    Ok(Some(found).filter(|found| found.schema > 0 || !location.is_server()))
}

/// The fingerprint of the key that belongs to the database. `None`: no server has set it yet, or there is no key.
pub fn known_key(at: impl Into<Location>) -> Result<Option<String>, Error> {
    Ok(find(at)?.and_then(|found| found.key))
}

impl Reader<'_> {
    /// Like [`look`], through this connection.
    pub fn look(&self) -> Result<Look, Error> {
        let sql = self.db.either(
            "SELECT user_version FROM pragma_user_version",
            "SELECT max(version) FROM schema_version",
        );
        let schema: u32 = self.db.one(sql, params![], |row| row.get(0))?;
        let schema = usize::try_from(schema).unwrap_or(usize::MAX);
        Ok(Look { schema, key: self.key()? })
    }

    pub fn key(&self) -> Result<Option<String>, Error> {
        if !self.db.has("server")? {
            return Ok(None);
        }
        self.db.optional("SELECT key FROM server", params![], |row| row.get(0))
    }
}

impl Writer<'_> {
    /// Binds the database to a key, replacing the previous one.
    pub fn take_key(&self, fingerprint: &str) -> Result<(), Error> {
        let sql = "INSERT INTO server (one, key) VALUES (1, ?1) ON CONFLICT (one) DO UPDATE SET key = ?1";
        self.db.execute(sql, params![fingerprint])?;
        Ok(())
    }

    /// Writes something, to see whether that works.
    pub fn probe(&self, now: i64) -> Result<(), Error> {
        let sql = "INSERT INTO probe (one, at) VALUES (1, ?1) ON CONFLICT (one) DO UPDATE SET at = ?1";
        self.db.execute(sql, params![now])?;
        Ok(())
    }
}
