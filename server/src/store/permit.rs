//! 利用申請書 of companies, as far as officers have got with them.

use touroku_proto::officer::company::{Permit, PermitState};

use super::{Reader, Writer, db::params};
use crate::error::Error;

impl Reader<'_> {
    /// `None`: the company has handed in none.
    pub fn permit(&self, agency: &str, number: &str) -> Result<Option<Permit>, Error> {
        let found: Option<(String, String, i64)> = self.db.optional(
            "SELECT state, officer, at FROM permit WHERE agency = ? AND number = ?",
            params![agency, number],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )?;
        found
            .map(|(state, officer, at_unix_ms)| {
                let state = PermitState::from_text(&state)
                    .ok_or(Error::Defect("the state of a permit is unknown"))?;
                Ok(Permit { state, officer, at_unix_ms })
            })
            .transpose()
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
                params![agency, number, permit.state.as_str(), permit.officer, permit.at_unix_ms],
            )?,
        };
        Ok(())
    }
}
