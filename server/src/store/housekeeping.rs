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

impl Retention {
    /// Nothing is removed for its age.
    pub const FOREVER: Self = Self { draft: i64::MAX / 2, sent_mail: i64::MAX / 2, decision: i64::MAX / 2 };
}

/// How long at most each lasts that begins now, in milliseconds.
#[derive(Clone, Copy, Debug)]
pub struct Lives {
    pub session: i64,
    pub challenge: i64,
    /// A request to sign.
    pub signing: i64,
    /// To an application.
    pub application_link: i64,
    /// To a mail address.
    pub address_link: i64,
    /// An officer's, to set the account up.
    pub officer_link: i64,
    /// A sign-in that has not come to an end.
    pub sign_in_request: i64,
    pub code: i64,
    pub token: i64,
    pub sign_in: i64,
    /// A mail's longest wait for its next attempt.
    pub mail_wait: i64,
    /// The same of what is sent to other systems.
    pub outgoing_wait: i64,
}

impl Writer<'_> {
    /// What ends later than anything that begins now is from a clock that was ahead: it lasts as long as if it began now.
    /// Officers sign in again, because nobody knows how long their session has lasted. Returns how many rows.
    pub fn shorten(&self, now: i64, lives: &Lives) -> Result<usize, Error> {
        let officers = self
            .db
            .execute("DELETE FROM officer_session WHERE began_at > ?", params![now + lives.challenge])?;
        let resets = self.db.execute(
            "UPDATE password_reset SET expires_at = ?1 + life WHERE mail = '' AND expires_at > ?1 + life",
            params![now],
        )?;
        let mut rows = officers + resets;
        for (table, column, life) in [
            ("session", "expires_at", lives.session),
            ("session", "nonce_expires_at", lives.challenge),
            ("officer_session", "nonce_expires_at", lives.challenge),
            ("signing", "answer_until", lives.signing),
            ("application_link", "expires_at", lives.application_link),
            ("mail_address", "token_until", lives.address_link),
            ("officer", "setup_expires_at", lives.officer_link),
            ("oidc_request", "expires_at", lives.sign_in_request),
            ("oidc_grant", "code_expires_at", lives.code),
            ("oidc_grant", "token_expires_at", lives.token),
            ("oidc_grant", "expires_at", lives.sign_in),
            ("outbox", "next_attempt_at", lives.mail_wait),
            ("outbox", "leased_until", lives.mail_wait),
            ("webhook", "next_attempt_at", lives.outgoing_wait),
            ("oidc_logout", "next_attempt_at", lives.outgoing_wait),
        ] {
            let query = format!("UPDATE {table} SET {column} = ?1 WHERE {column} > ?1");
            rows += self.db.execute(&query, params![now + life])?;
        }
        Ok(rows)
    }

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
        let shown = self.tidy_shown_passwords()?;
        let guesses = self.tidy_guesses(now)? + self.tidy_addresses(now, retention.draft)?;
        Ok(guesses
            + shown
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
