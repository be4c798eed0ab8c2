//! All of a database, for its copy to another engine.

use super::Connection;
use crate::error::Error;

impl Connection {
    pub(in crate::store) fn tables(&self) -> Result<Vec<String>, Error> {
        self.names("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    }

    /// Those that a statement can write.
    pub(in crate::store) fn columns(&self, table: &str) -> Result<Vec<String>, Error> {
        self.names(&format!("SELECT name FROM pragma_table_xinfo('{table}') WHERE hidden = 0"))
    }

    /// Lets rows come in any order and changes nothing along with them, until the transaction ends. Returns what
    /// [`Db::fasten`](crate::store::db::Db::fasten) then runs.
    pub(in crate::store) fn loosen(&self) -> Result<Vec<String>, Error> {
        self.batch("PRAGMA defer_foreign_keys = ON")?;
        let triggers = self.names("SELECT sql FROM sqlite_schema WHERE type = 'trigger'")?;
        let drops = self.names("SELECT 'DROP TRIGGER ' || name FROM sqlite_schema WHERE type = 'trigger'")?;
        drops.iter().try_for_each(|drop| self.batch(drop))?;
        Ok(triggers)
    }

    fn names(&self, sql: &str) -> Result<Vec<String>, Error> {
        let mut statement = self.0.prepare(sql)?;
        let names = statement.query_map([], |row| row.get(0))?;
        Ok(names.collect::<Result<_, _>>()?)
    }
}
