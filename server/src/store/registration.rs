//! Drafts, completed registrations, and the timeline.

use rusqlite::{OptionalExtension as _, params};
use touroku_proto::{api::Completed, field::Values};

use super::{CardIdentity, Reader, Writer, from_json, to_json};
use crate::error::Error;

/// A registration that was completed.
pub struct Completion {
    /// Row.
    pub id: i64,
    /// What its page was answered.
    pub completed: Completed,
}

impl Reader<'_> {
    /// What was typed for that company with that card.
    pub fn draft(&self, agency: &str, card: &CardIdentity, number: &str) -> Result<Option<Values>, Error> {
        let fields: Option<String> = self
            .0
            .prepare_cached(
                "SELECT fields FROM draft WHERE agency = ? AND issuer = ? AND serial = ? AND number = ?",
            )?
            .query_row(params![agency, card.issuer, card.serial, number], |row| row.get(0))
            .optional()?;
        fields.map(|fields| from_json(&fields)).transpose()
    }

    /// A completed registration of that agency.
    pub fn completion(&self, agency: &str, id: i64) -> Result<Option<Completed>, Error> {
        let completed: Option<String> = self
            .0
            .prepare_cached("SELECT completed FROM registration WHERE id = ? AND agency = ?")?
            .query_row(params![id, agency], |row| row.get(0))
            .optional()?;
        completed.map(|completed| from_json(&completed)).transpose()
    }

    /// What this very submission of that card was answered before.
    pub fn completion_of(&self, card: i64, submission: &str) -> Result<Option<Completion>, Error> {
        let found = self
            .0
            .prepare_cached("SELECT id, completed FROM registration WHERE card = ? AND submission = ?")?
            .query_row(params![card, submission], |row| Ok((row.get(0)?, row.get::<_, String>(1)?)))
            .optional()?;
        found.map(|(id, completed)| Ok(Completion { id, completed: from_json(&completed)? })).transpose()
    }
}

impl Writer<'_> {
    /// Keeps what was typed for that company with that card.
    pub fn save_draft(
        &self,
        agency: &str,
        card: &CardIdentity,
        number: &str,
        values: &Values,
        now: i64,
    ) -> Result<(), Error> {
        self.0
            .0
            .prepare_cached(
                "INSERT INTO draft (agency, issuer, serial, number, fields, saved_at) \
                 VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (agency, issuer, serial, number) \
                 DO UPDATE SET fields = excluded.fields, saved_at = excluded.saved_at",
            )?
            .execute(params![agency, card.issuer, card.serial, number, to_json(values)?, now])?;
        Ok(())
    }

    /// Removes all drafts of a card: it is registered now.
    pub fn drop_drafts(&self, agency: &str, card: &CardIdentity) -> Result<(), Error> {
        self.0
            .0
            .prepare_cached("DELETE FROM draft WHERE agency = ? AND issuer = ? AND serial = ?")?
            .execute(params![agency, card.issuer, card.serial])?;
        Ok(())
    }

    /// Keeps the answer to a registration; answers its row.
    pub fn record_completion(
        &self,
        agency: &str,
        card: i64,
        submission: &str,
        completed: &Completed,
    ) -> Result<i64, Error> {
        self.0
            .0
            .prepare_cached(
                "INSERT INTO registration (agency, card, submission, completed, at) VALUES (?, ?, ?, ?, ?)",
            )?
            .execute(params![agency, card, submission, to_json(completed)?, completed.at_unix_ms])?;
        Ok(self.0.0.last_insert_rowid())
    }

    /// Adds to a company's timeline.
    pub fn record_event(
        &self,
        agency: &str,
        number: &str,
        card: i64,
        kind: &'static str,
        now: i64,
    ) -> Result<(), Error> {
        self.0
            .0
            .prepare_cached("INSERT INTO event (agency, number, card, kind, at) VALUES (?, ?, ?, ?, ?)")?
            .execute(params![agency, number, card, kind, now])?;
        Ok(())
    }
}
