//! Removes what has expired.

use super::{Writer, db::params};
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
        let sessions = self.db.execute("DELETE FROM session WHERE expires_at <= ?", params![now])?;
        let drafts =
            self.db.execute("DELETE FROM draft WHERE saved_at <= ?", params![now - retention.draft])?;
        let account_drafts = self.db.execute(
            "UPDATE account SET draft = NULL, draft_saved_at = NULL WHERE draft_saved_at <= ?",
            params![now - retention.draft],
        )?;
        let signings = self.db.execute("DELETE FROM signing WHERE answer_until <= ?", params![now])?;
        let links = self.db.execute("DELETE FROM password_reset WHERE expires_at <= ?", params![now])?
            + self.db.execute("DELETE FROM application_link WHERE expires_at <= ?", params![now])?;
        let mails = self.db.execute(
            "DELETE FROM outbox WHERE state = 'sent' AND settled_at <= ?",
            params![now - retention.sent_mail],
        )?;
        let given_up = self
            .db
            .execute("DELETE FROM outbox WHERE given_up_at <= ?", params![now - retention.sent_mail])?;
        let decisions =
            self.db.execute("DELETE FROM decision WHERE at <= ?", params![now - retention.decision])?;
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
