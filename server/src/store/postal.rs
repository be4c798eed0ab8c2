//! 郵便番号.

use touroku_japanese::postal::PostalAddress;

use super::{Reader, Writer, db::params};
use crate::error::Error;

impl Reader<'_> {
    /// The addresses of a seven-digit code, in the table's order.
    pub fn postal_addresses(&self, code: &str) -> Result<Vec<String>, Error> {
        self.db
            .all("SELECT address FROM postal WHERE code = ? ORDER BY place", params![code], |row| row.get(0))
    }
}

impl Writer<'_> {
    /// Replaces the table.
    pub fn replace_postal(&self, addresses: &[PostalAddress]) -> Result<(), Error> {
        self.db.execute("DELETE FROM postal", params![])?;
        let insert = "INSERT INTO postal (code, place, address) VALUES (?, ?, ?)";
        for (place, PostalAddress { code, address }) in addresses.iter().enumerate() {
            self.db.execute(insert, params![code, i64::try_from(place).unwrap_or(i64::MAX), address])?;
        }
        Ok(())
    }
}
