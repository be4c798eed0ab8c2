//! Sessions and their challenges.

use rusqlite::{OptionalExtension as _, named_params, params};
use touroku_proto::{api::ApiErrorCode, card::Purpose, form::Occasion};

use super::{Reader, Writer};
use crate::error::Error;

/// SHA-256 of a session cookie's bytes.
pub type SessionId = [u8; 32];

/// How far a session has come.
#[derive(Clone)]
pub struct Session {
    /// Profile code.
    pub agency: String,
    /// Category code.
    pub category: String,
    /// When it ends unless something is asked before.
    pub expires_at: i64,
    /// The card that was shown.
    pub presented: Option<Presented>,
    /// The number of the company that the search found.
    pub number: Option<String>,
    /// What the form was for when the page last saw it.
    pub occasion: Option<Occasion>,
    /// The registration that this session completed.
    pub registration: Option<i64>,
}

/// A card whose token and certificate were accepted.
#[derive(Clone)]
pub struct Presented {
    /// What for.
    pub purpose: Purpose,
    /// DER.
    pub certificate: Vec<u8>,
    /// 担当者.
    pub person_in_charge: String,
}

/// What became of a session's challenge.
pub enum NonceTaken {
    /// It was open, is void from now on, and has this text. It may still be too old.
    Open {
        /// The text that was signed.
        nonce: String,
        /// Until when it may be answered.
        expires_at: i64,
    },
    /// None was asked for.
    Missing,
    /// It was answered before.
    Used,
}

impl Reader<'_> {
    /// The session, if it has not ended.
    pub fn session(&self, id: &SessionId, now: i64) -> Result<Option<Session>, Error> {
        let mut statement = self.0.prepare_cached(
            "SELECT agency, category, expires_at, purpose, certificate, person_in_charge, number, occasion, \
             registration FROM session WHERE id = ? AND expires_at > ?",
        )?;
        let session = statement
            .query_row(params![id, now], |row| {
                let purpose: Option<String> = row.get(3)?;
                let certificate: Option<Vec<u8>> = row.get(4)?;
                let person_in_charge = row.get(5)?;
                let occasion: Option<String> = row.get(7)?;
                let presented = purpose
                    .as_deref()
                    .and_then(word)
                    .zip(certificate)
                    .map(|(purpose, certificate)| Presented { purpose, certificate, person_in_charge });
                Ok(Session {
                    agency: row.get(0)?,
                    category: row.get(1)?,
                    expires_at: row.get(2)?,
                    presented,
                    number: row.get(6)?,
                    occasion: occasion.as_deref().and_then(word),
                    registration: row.get(8)?,
                })
            })
            .optional()?;
        Ok(session)
    }

    /// The session, or the refusal that tells the page to begin again.
    pub fn current_session(&self, id: &SessionId, now: i64) -> Result<Session, Error> {
        self.session(id, now)?.ok_or(Error::Refused(ApiErrorCode::SessionMissing))
    }
}

impl Writer<'_> {
    /// Begins a session at an agency and category, in place of the one before.
    pub fn begin_session(
        &self,
        id: &SessionId,
        replaced: Option<&SessionId>,
        agency: &str,
        category: &str,
        expires_at: i64,
    ) -> Result<(), Error> {
        if let Some(replaced) = replaced {
            self.end_session(replaced)?;
        }
        self.0
            .0
            .prepare_cached("INSERT INTO session (id, agency, category, expires_at) VALUES (?, ?, ?, ?)")?
            .execute(params![id, agency, category, expires_at])?;
        Ok(())
    }

    /// Ends a session.
    pub fn end_session(&self, id: &SessionId) -> Result<(), Error> {
        self.0.0.prepare_cached("DELETE FROM session WHERE id = ?")?.execute(params![id])?;
        Ok(())
    }

    /// Moves a session's end.
    pub fn extend_session(&self, id: &SessionId, expires_at: i64) -> Result<(), Error> {
        self.0
            .0
            .prepare_cached("UPDATE session SET expires_at = max(expires_at, ?) WHERE id = ?")?
            .execute(params![expires_at, id])?;
        Ok(())
    }

    /// Keeps a new challenge; the previous one is void. Answers whether the session exists.
    pub fn issue_nonce(
        &self,
        id: &SessionId,
        nonce: &str,
        nonce_expires_at: i64,
        now: i64,
        expires_at: i64,
    ) -> Result<bool, Error> {
        let changed = self
            .0
            .0
            .prepare_cached(
                "UPDATE session SET nonce = :nonce, nonce_expires_at = :nonce_expires_at, \
                 nonce_state = 'open', expires_at = max(expires_at, :expires_at) \
                 WHERE id = :id AND expires_at > :now",
            )?
            .execute(named_params! {
                ":nonce": nonce,
                ":nonce_expires_at": nonce_expires_at,
                ":expires_at": expires_at,
                ":id": id,
                ":now": now,
            })?;
        Ok(changed == 1)
    }

    /// Takes the session's challenge: whoever takes it first has it, and nobody after.
    pub fn take_nonce(&self, id: &SessionId, now: i64) -> Result<NonceTaken, Error> {
        let taken = self
            .0
            .0
            .prepare_cached(
                "UPDATE session SET nonce_state = 'used' \
                 WHERE id = ? AND expires_at > ? AND nonce_state = 'open' RETURNING nonce, nonce_expires_at",
            )?
            .query_row(params![id, now], |row| {
                Ok(NonceTaken::Open { nonce: row.get(0)?, expires_at: row.get(1)? })
            })
            .optional()?;
        if let Some(taken) = taken {
            return Ok(taken);
        }
        let state: Option<String> = self
            .0
            .0
            .prepare_cached("SELECT nonce_state FROM session WHERE id = ? AND expires_at > ?")?
            .query_row(params![id, now], |row| row.get(0))
            .optional()?;
        match state.as_deref() {
            None => Err(Error::Refused(ApiErrorCode::SessionMissing)),
            Some("used") => Ok(NonceTaken::Used),
            Some(_) => Ok(NonceTaken::Missing),
        }
    }

    /// Gives the session its card and a new id, and forgets what it had reached with another card.
    pub fn present_card(
        &self,
        id: &SessionId,
        new_id: &SessionId,
        presented: &Presented,
        now: i64,
        expires_at: i64,
    ) -> Result<(), Error> {
        let changed = self
            .0
            .0
            .prepare_cached(
                "UPDATE session SET id = :new_id, expires_at = :expires_at, nonce = NULL, \
                 purpose = :purpose, certificate = :certificate, person_in_charge = :person_in_charge, \
                 number = NULL, occasion = NULL, registration = NULL WHERE id = :id AND expires_at > :now",
            )?
            .execute(named_params! {
                ":new_id": new_id,
                ":expires_at": expires_at,
                ":purpose": text(&presented.purpose)?,
                ":certificate": presented.certificate,
                ":person_in_charge": presented.person_in_charge,
                ":id": id,
                ":now": now,
            })?;
        if changed == 1 { Ok(()) } else { Err(Error::Refused(ApiErrorCode::SessionMissing)) }
    }

    /// Notes which company the session's form is for, and what the page was shown.
    pub fn select_company(&self, id: &SessionId, number: &str, occasion: Occasion) -> Result<(), Error> {
        self.0
            .0
            .prepare_cached("UPDATE session SET number = ?, occasion = ? WHERE id = ?")?
            .execute(params![number, text(&occasion)?, id])?;
        Ok(())
    }

    /// Notes the registration that the session completed.
    pub fn complete_session(&self, id: &SessionId, registration: i64) -> Result<(), Error> {
        self.0
            .0
            .prepare_cached("UPDATE session SET registration = ? WHERE id = ?")?
            .execute(params![registration, id])?;
        Ok(())
    }
}

/// The word that an enum of proto has in JSON.
fn text(value: &impl serde::Serialize) -> Result<String, Error> {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => Ok(word),
        _ => Err(Error::Defect("an enum is not written as one word")),
    }
}

fn word<T: serde::de::DeserializeOwned>(word: &str) -> Option<T> {
    serde_json::from_value(serde_json::Value::String(word.to_owned())).ok()
}
