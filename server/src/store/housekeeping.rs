//! Removes what has expired.

use super::{Writer, db::params};
use crate::error::Error;

/// What may be removed, in milliseconds.
#[derive(Clone, Copy, Debug)]
pub struct Retention {
    /// What ended after this. What ended earlier ended in a jump of the clock, and lives again when it is put right.
    pub ended_after: i64,
    /// Drafts that nobody finished: personal data without a purpose by then.
    pub draft: i64,
    /// Mails that were delivered or given up.
    pub sent_mail: i64,
    /// Decisions about cards.
    pub decision: i64,
}

impl Retention {
    /// Nothing is removed for its age, and what ends only from that time on.
    pub const fn all_but_ended_after(since: i64) -> Self {
        const FOREVER: i64 = i64::MAX / 2;
        Self { ended_after: since, draft: FOREVER, sent_mail: FOREVER, decision: FOREVER }
    }
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
    /// An address from which somebody has signed in.
    pub known_address: i64,
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

/// What ends at a time of its own: sessions with their challenges, links, requests, sign-ins, and what is remembered of those
/// who try.
const ENDING: [(&str, &str); 10] = [
    ("session", "expires_at"),
    ("officer_session", "expires_at"),
    ("officer_attempt", "forget_at"),
    ("known_address", "forget_at"),
    ("signing", "answer_until"),
    ("password_reset", "expires_at"),
    ("application_link", "expires_at"),
    ("oidc_request", "expires_at"),
    ("oidc_grant", "expires_at"),
    ("oidc_assertion", "expires_at"),
];

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
            ("known_address", "forget_at", lives.known_address),
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

    /// Removes what has ended, old drafts, delivered mails and decisions. Returns how many rows.
    pub fn tidy(&self, now: i64, retention: Retention) -> Result<usize, Error> {
        let ended = ENDING.iter().try_fold(0, |rows, (table, column)| {
            let query = format!("DELETE FROM {table} WHERE {column} > ? AND {column} <= ?");
            Ok::<_, Error>(rows + self.db.execute(&query, params![retention.ended_after, now])?)
        })?;
        let drafts =
            self.db.execute("DELETE FROM draft WHERE saved_at <= ?", params![now - retention.draft])?;
        let account_drafts = self.db.execute(
            "UPDATE account SET draft = NULL, draft_saved_at = NULL WHERE draft_saved_at <= ?",
            params![now - retention.draft],
        )?;
        let mails = self.db.execute(
            "DELETE FROM outbox WHERE state = 'sent' AND settled_at <= ?",
            params![now - retention.sent_mail],
        )?;
        let given_up = self
            .db
            .execute("DELETE FROM outbox WHERE given_up_at <= ?", params![now - retention.sent_mail])?;
        let decisions =
            self.db.execute("DELETE FROM decision WHERE at <= ?", params![now - retention.decision])?;
        let keys = self.tidy_retired_keys(now)?;
        let shown = self.tidy_shown_passwords(now)?;
        let guesses = self.tidy_guesses(now)? + self.tidy_addresses(now, retention.draft)?;
        Ok(guesses + shown + keys + ended + drafts + account_drafts + mails + given_up + decisions)
    }
}
