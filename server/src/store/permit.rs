//! 利用申請書 of companies, as far as officers have got with them.

use touroku_proto::officer::company::Permit;

use super::{
    Reader, Writer,
    column::{Code, Columns as _},
    db::params,
};
use crate::error::Error;

impl Reader<'_> {
    /// `None`: the company has handed in none.
    pub fn permit(&self, agency: &str, number: &str) -> Result<Option<Permit>, Error> {
        self.db.optional(
            "SELECT state, officer, at FROM permit WHERE agency = ? AND number = ?",
            params![agency, number],
            |row| {
                Ok(Permit {
                    state: row.code("state")?,
                    officer: row.get("officer")?,
                    at_unix_ms: row.get("at")?,
                })
            },
        )
    }
}

impl Writer<'_> {
    /// Sets it, or forgets it.
    pub fn set_permit(&self, agency: &str, number: &str, permit: Option<&Permit>) -> Result<(), Error> {
        match permit {
            None => self
                .db
                .execute("DELETE FROM permit WHERE agency = ? AND number = ?", params![agency, number])?,
            Some(permit) => self.db.execute(
                "INSERT INTO permit (agency, number, state, officer, at) VALUES (?, ?, ?, ?, ?) \
                 ON CONFLICT (agency, number) DO UPDATE SET state = excluded.state, officer = excluded.officer, \
                 at = excluded.at",
                params![agency, number, Code(permit.state), permit.officer, permit.at_unix_ms],
            )?,
        };
        Ok(())
    }
}
