//! Officers' sessions with their challenges, and rate limits for password guessing.

use touroku_proto::{
    api::ApiErrorCode,
    officer::{Notices, OpenSession, Role},
};

use super::{
    Actor, Reader, SessionId, Writer,
    audit::Found,
    column::Columns as _,
    db::{named_params, params},
    officer::notices,
};
use crate::error::Error;

/// An officer's session that somebody has signed in to.
#[derive(Clone)]
pub struct OfficerSession {
    /// Only the store finds one: see [`Actor`].
    _found: Found,
    /// The officer's row id.
    pub officer: i64,
    /// ログインID.
    pub login_id: String,
    /// 氏名.
    pub name: String,
    pub role: Role,
    /// Profile code.
    pub agency: String,
    /// Serial number of the IC card that signs in to the account.
    pub card: Option<String>,
    pub card_linked_at: Option<i64>,
    /// What the officer gets mail about.
    pub notices: Notices,
    pub began_at: i64,
    /// The time of its last request, to the minute.
    pub seen_at: i64,
    /// When it ends if nothing is requested before.
    pub expires_at: i64,
    /// The account's previous sign-in.
    pub previous_login_at: Option<i64>,
}

impl OfficerSession {
    /// As whoever acts from that address.
    pub fn actor<'a>(&'a self, address: &'a str) -> Actor<'a> {
        Actor::officer(&self.agency, &self.login_id, address)
    }
}

pub struct NewOfficerSession<'a> {
    /// SHA-256 of its cookie.
    pub id: SessionId,
    /// Identifies it in the list of sessions.
    pub public_id: &'a str,
    /// The officer's row id.
    pub officer: i64,
    pub address: &'a str,
    /// Whether a card opened it.
    pub by_card: bool,
    /// When it ends if nothing is requested before.
    pub expires_at: i64,
    /// The account's previous sign-in.
    pub previous_login_at: Option<i64>,
}

/// Consecutive failed attempts on an account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Attempts {
    pub failures: u32,
    /// Until when further attempts are refused unexamined, Unix milliseconds.
    pub blocked_until: i64,
}

impl Reader<'_> {
    /// The session, if it has not ended, its officer is not stopped, and somebody has signed in to it.
    pub fn officer_session(&self, id: &SessionId, now: i64) -> Result<Option<OfficerSession>, Error> {
        self.db.optional(
            "SELECT o.id AS officer, o.login_id, o.name, o.role, o.agency, o.card_serial, s.began_at, \
             s.seen_at, s.expires_at, s.previous_login_at, o.card_linked_at, o.daily_mail, \
             o.application_mail, o.card_mail, o.import_mail, o.incident_mail FROM officer_session s \
             JOIN officer o ON o.id = s.officer WHERE s.id = ? AND s.expires_at > ? AND NOT o.stopped",
            params![id, now],
            |row| {
                Ok(OfficerSession {
                    _found: Found,
                    officer: row.get("officer")?,
                    login_id: row.get("login_id")?,
                    name: row.get("name")?,
                    role: row.code("role")?,
                    agency: row.get("agency")?,
                    card: row.get("card_serial")?,
                    began_at: row.get("began_at")?,
                    seen_at: row.get("seen_at")?,
                    expires_at: row.get("expires_at")?,
                    previous_login_at: row.get("previous_login_at")?,
                    card_linked_at: row.get("card_linked_at")?,
                    notices: notices(row)?,
                })
            },
        )
    }

    /// An account's open sessions, newest first; `current` is the one making the request.
    pub fn open_officer_sessions(
        &self,
        officer: i64,
        current: &SessionId,
        now: i64,
    ) -> Result<Vec<OpenSession>, Error> {
        self.db.all("SELECT public_id, began_at, seen_at, address, by_card, id = ? AS is_current FROM officer_session \
            WHERE officer = ? AND expires_at > ? ORDER BY began_at DESC, public_id", params![current, officer, now], |row| {
            Ok(OpenSession {
                id: row.get("public_id")?,
                began_unix_ms: row.get("began_at")?,
                seen_unix_ms: row.get("seen_at")?,
                address: row.get("address")?,
                by_card: row.get("by_card")?,
                current: row.get("is_current")?,
            })
        })
    }

    /// The text of the session's challenge and when it expires. Does not consume it.
    ///
    /// # Errors
    /// The refusal that says why there is none to answer.
    pub fn open_officer_nonce(&self, id: &SessionId, now: i64) -> Result<(String, i64), Error> {
        let found = self.db.optional(
            "SELECT nonce, nonce_expires_at FROM officer_session WHERE id = ? AND expires_at > ?",
            params![id, now],
            |row| Ok((row.get::<Option<String>>(0)?, row.get(1)?)),
        )?;
        match found.ok_or(Error::Refused(ApiErrorCode::SessionMissing))? {
            (Some(nonce), expires_at) => Ok((nonce, expires_at)),
            (None, 0) => Err(ApiErrorCode::NonceMissing.into()),
            (None, _) => Err(ApiErrorCode::NonceUsed.into()),
        }
    }

    /// The failed attempts on the account with that id.
    pub fn officer_attempts(&self, id: &[u8; 32], now: i64) -> Result<Attempts, Error> {
        let found = self.db.optional(
            "SELECT failures, blocked_until FROM officer_attempt WHERE id = ? AND forget_at > ?",
            params![id, now],
            |row| Ok(Attempts { failures: row.get("failures")?, blocked_until: row.get("blocked_until")? }),
        )?;
        Ok(found.unwrap_or_default())
    }
}

impl Writer<'_> {
    /// Begins a session with a sign-in, replacing the previous one.
    pub fn begin_officer_session(
        &self,
        new: &NewOfficerSession<'_>,
        replaced: Option<&SessionId>,
        now: i64,
    ) -> Result<(), Error> {
        if let Some(replaced) = replaced {
            self.end_officer_session(replaced)?;
        }
        self.db.execute(
            "INSERT INTO officer_session (id, public_id, officer, address, by_card, began_at, seen_at, \
             expires_at, previous_login_at) VALUES (:id, :public_id, :officer, :address, :by_card, :now, \
             :now, :expires_at, :previous_login_at)",
            named_params! {
                ":id": new.id,
                ":public_id": new.public_id,
                ":officer": new.officer,
                ":address": new.address,
                ":by_card": new.by_card,
                ":now": now,
                ":expires_at": new.expires_at,
                ":previous_login_at": new.previous_login_at,
            },
        )?;
        Ok(())
    }

    /// Stores a session that nobody has signed in to yet, for a challenge.
    pub fn begin_nobodys_session(
        &self,
        id: &SessionId,
        public_id: &str,
        expires_at: i64,
        now: i64,
    ) -> Result<(), Error> {
        self.db.execute(
            "INSERT INTO officer_session (id, public_id, address, began_at, seen_at, expires_at) \
             VALUES (?, ?, '', ?, ?, ?)",
            params![id, public_id, now, now, expires_at],
        )?;
        Ok(())
    }

    /// Records a request and extends the session.
    pub fn touch_officer_session(&self, id: &SessionId, expires_at: i64, now: i64) -> Result<(), Error> {
        self.db.execute(
            "UPDATE officer_session SET seen_at = CASE WHEN seen_at < ?1 THEN ?1 ELSE seen_at END, \
             expires_at = CASE WHEN expires_at < ?2 THEN ?2 ELSE expires_at END WHERE id = ?3",
            params![now, expires_at, id],
        )?;
        Ok(())
    }

    pub fn end_officer_session(&self, id: &SessionId) -> Result<(), Error> {
        self.db.execute("DELETE FROM officer_session WHERE id = ?", params![id])?;
        Ok(())
    }

    /// Ends one session of an account by its public id. Returns whether there was one.
    pub fn end_officer_session_named(&self, officer: i64, public_id: &str) -> Result<bool, Error> {
        let ended = self.db.execute(
            "DELETE FROM officer_session WHERE officer = ? AND public_id = ?",
            params![officer, public_id],
        )?;
        Ok(ended == 1)
    }

    /// Ends all sessions of an account except this one.
    pub fn end_officer_sessions(&self, officer: i64, but: Option<&SessionId>) -> Result<(), Error> {
        self.db.execute(
            "DELETE FROM officer_session WHERE officer = ? AND id IS DISTINCT FROM ?",
            params![officer, but],
        )?;
        Ok(())
    }

    /// Gives a session a new challenge; the previous one is void. Returns whether the session exists.
    pub fn issue_officer_nonce(
        &self,
        id: &SessionId,
        nonce: &str,
        nonce_expires_at: i64,
        now: i64,
    ) -> Result<bool, Error> {
        let changed = self.db.execute(
            "UPDATE officer_session SET nonce = :nonce, nonce_expires_at = :until, \
             expires_at = CASE WHEN officer IS NULL THEN :until ELSE expires_at END \
             WHERE id = :id AND expires_at > :now",
            named_params! { ":nonce": nonce, ":until": nonce_expires_at, ":id": id, ":now": now },
        )?;
        Ok(changed == 1)
    }

    /// Consumes a session's challenge, if it is still that one; only the first caller succeeds.
    pub fn take_officer_nonce(&self, id: &SessionId, nonce: &str, now: i64) -> Result<(), Error> {
        let taken = self.db.execute(
            "UPDATE officer_session SET nonce = NULL WHERE id = ? AND expires_at > ? AND nonce = ?",
            params![id, now, nonce],
        )?;
        if taken == 1 { Ok(()) } else { Err(ApiErrorCode::NonceUsed.into()) }
    }

    /// Stores the failed attempts on an account until `forget_at`.
    pub fn note_officer_attempts(
        &self,
        id: &[u8; 32],
        attempts: Attempts,
        forget_at: i64,
    ) -> Result<(), Error> {
        self.db.execute(
            "INSERT INTO officer_attempt (id, failures, blocked_until, forget_at) VALUES (?, ?, ?, ?) \
             ON CONFLICT (id) DO UPDATE SET failures = excluded.failures, \
             blocked_until = excluded.blocked_until, forget_at = excluded.forget_at",
            params![id, attempts.failures, attempts.blocked_until, forget_at],
        )?;
        Ok(())
    }

    /// Forgets failed attempts.
    pub fn forget_officer_attempts(&self, id: &[u8; 32]) -> Result<(), Error> {
        self.db.execute("DELETE FROM officer_attempt WHERE id = ?", params![id])?;
        Ok(())
    }
}
