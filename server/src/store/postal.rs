//! 郵便番号.

use rusqlite::params;
use touroku_japanese::postal::PostalAddress;

use super::{Reader, Writer};
use crate::error::Error;

impl Reader<'_> {
    /// The addresses of a seven-digit code, in the table's order.
    pub fn postal_addresses(&self, code: &str) -> Result<Vec<String>, Error> {
        let mut statement =
            self.0.prepare_cached("SELECT address FROM postal WHERE code = ? ORDER BY place")?;
        let rows = statement.query_map(params![code], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

impl Writer<'_> {
    /// Replaces the table.
    pub fn replace_postal(&self, addresses: &[PostalAddress]) -> Result<(), Error> {
        let connection = self.0.0;
        connection.execute("DELETE FROM postal", [])?;
        let mut insert =
            connection.prepare_cached("INSERT INTO postal (code, place, address) VALUES (?, ?, ?)")?;
        for (place, PostalAddress { code, address }) in addresses.iter().enumerate() {
            insert.execute(params![code, i64::try_from(place).unwrap_or(i64::MAX), address])?;
        }
        Ok(())
    }
}
