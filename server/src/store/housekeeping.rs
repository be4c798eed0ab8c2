//! Removes what has expired.

use rusqlite::params;

use super::Writer;
use crate::error::Error;

/// How long things are kept, in milliseconds.
#[derive(Clone, Copy, Debug)]
pub struct Retention {
    /// Drafts that nobody finished: personal data without a purpose by then.
    pub draft: i64,
    /// Mails that were delivered or given up.
    pub sent_mail: i64,
    /// Decisions about cards.
    pub decision: i64,
}

impl Writer<'_> {
    /// Removes ended sessions with their challenges, unused signature requests, old links and drafts, delivered
    /// mails and decisions. Returns how many rows.
    pub fn tidy(&self, now: i64, retention: Retention) -> Result<usize, Error> {
        let connection = self.0.0;
        let sessions =
            connection.prepare_cached("DELETE FROM session WHERE expires_at <= ?")?.execute(params![now])?;
        let drafts = connection
            .prepare_cached("DELETE FROM draft WHERE saved_at <= ?")?
            .execute(params![now - retention.draft])?;
        let account_drafts = connection
            .prepare_cached(
                "UPDATE account SET draft = NULL, draft_saved_at = NULL WHERE draft_saved_at <= ?",
            )?
            .execute(params![now - retention.draft])?;
        let signings = connection
            .prepare_cached("DELETE FROM signing WHERE answer_until <= ?")?
            .execute(params![now])?;
        let links = connection
            .prepare_cached("DELETE FROM password_reset WHERE expires_at <= ?")?
            .execute(params![now])?
            + connection
                .prepare_cached("DELETE FROM application_link WHERE expires_at <= ?")?
                .execute(params![now])?;
        let mails = connection
            .prepare_cached("DELETE FROM outbox WHERE state = 'sent' AND settled_at <= ?")?
            .execute(params![now - retention.sent_mail])?;
        let given_up = connection
            .prepare_cached("DELETE FROM outbox WHERE given_up_at <= ?")?
            .execute(params![now - retention.sent_mail])?;
        let decisions = connection
            .prepare_cached("DELETE FROM decision WHERE at <= ?")?
            .execute(params![now - retention.decision])?;
        let officers = self.tidy_officer_sessions(now)?;
        let sign_ins = self.tidy_sign_ins(now)?;
        let guesses = self.tidy_guesses(now)? + self.tidy_addresses(now, retention.draft)?;
        Ok(guesses
            + officers
            + sign_ins
            + sessions
            + signings
            + drafts
            + account_drafts
            + links
            + mails
            + given_up
            + decisions)
    }
}
