//! Sessions and their challenges.

use touroku_proto::{agency::Way, api::ApiErrorCode, card::Purpose, field::Values, form::Occasion};

use super::{
    Reader, Writer,
    column::{Code, Columns as _, Json},
    db::{named_params, params},
};
use crate::error::Error;

/// SHA-256 of a session cookie's bytes.
pub type SessionId = [u8; 32];

/// A session's progress.
#[derive(Clone)]
pub struct Session {
    /// Profile code.
    pub agency: String,
    /// Category code.
    pub category: String,
    /// By card or by ID and password.
    pub way: Way,
    /// When it ends if nothing is requested before.
    pub expires_at: i64,
    /// The card that was presented; at ICカード更新 the old one.
    pub presented: Option<Presented>,
    /// ICカード更新: the new card's certificate, DER.
    pub new_certificate: Option<Vec<u8>>,
    /// 簡易認証: the ID that logged in.
    pub logged_in: Option<LoggedIn>,
    /// The number of the company that the search found.
    pub number: Option<String>,
    /// 簡易認証: the application made in this session, or proved to be the person's own.
    pub application: Option<i64>,
    /// What the form was for when the page last saw it.
    pub occasion: Option<Occasion>,
    /// ID登録申請: what was typed and not sent yet.
    pub draft: Option<Values>,
    pub completion: Option<i64>,
    /// When its card or ID logged in, Unix milliseconds.
    pub logged_in_at: i64,
    /// When it was read, Unix milliseconds.
    pub read_at: i64,
}

/// A card whose token and certificate were accepted.
#[derive(Clone)]
pub struct Presented {
    pub purpose: Purpose,
    /// DER.
    pub certificate: Vec<u8>,
    /// 担当者.
    pub person_in_charge: String,
}

/// An unanswered challenge.
#[derive(Debug)]
pub struct OpenNonce {
    pub nonce: String,
    /// When it expires, Unix milliseconds.
    pub answer_until: i64,
    /// The session's agency, profile code.
    pub agency: String,
}

/// An ID whose password was correct.
#[derive(Clone, Copy)]
pub struct LoggedIn {
    pub purpose: Purpose,
    pub account: i64,
}

impl Reader<'_> {
    /// The session, if it has not ended.
    pub fn session(&self, id: &SessionId, now: i64) -> Result<Option<Session>, Error> {
        self.db.optional(
            "SELECT agency, category, way, expires_at, purpose, certificate, person_in_charge, \
             new_certificate, account, number, occasion, completion, draft, application, logged_in_at \
             FROM session WHERE id = ? AND expires_at > ?",
            params![id, now],
            |row| {
                let purpose = row.get::<Option<Code<Purpose>>>("purpose")?.map(|Code(purpose)| purpose);
                let certificate: Option<Vec<u8>> = row.get("certificate")?;
                let person_in_charge = row.get("person_in_charge")?;
                let account: Option<i64> = row.get("account")?;
                Ok(Session {
                    agency: row.get("agency")?,
                    category: row.get("category")?,
                    way: row.code("way")?,
                    expires_at: row.get("expires_at")?,
                    presented: purpose.zip(certificate).map(|(purpose, certificate)| Presented {
                        purpose,
                        certificate,
                        person_in_charge,
                    }),
                    new_certificate: row.get("new_certificate")?,
                    logged_in: purpose.zip(account).map(|(purpose, account)| LoggedIn { purpose, account }),
                    number: row.get("number")?,
                    application: row.get("application")?,
                    occasion: row.get::<Option<_>>("occasion")?.map(|Code(occasion)| occasion),
                    draft: row.json("draft")?,
                    completion: row.get("completion")?,
                    logged_in_at: row.get("logged_in_at")?,
                    read_at: now,
                })
            },
        )
    }

    /// Whether the session exists and has not ended.
    pub fn has_session(&self, id: &SessionId, now: i64) -> Result<bool, Error> {
        self.db.exists("SELECT 1 FROM session WHERE id = ? AND expires_at > ?", params![id, now])
    }

    /// The session, or the refusal that tells the page to start over.
    pub fn current_session(&self, id: &SessionId, now: i64) -> Result<Session, Error> {
        self.session(id, now)?.ok_or(Error::Refused(ApiErrorCode::SessionMissing))
    }

    /// The text of the session's challenge and when it expires. Does not consume it.
    ///
    /// # Errors
    /// The refusal that says why there is none to answer.
    pub fn open_nonce(&self, id: &SessionId, now: i64) -> Result<OpenNonce, Error> {
        let found = self.db.optional(
            "SELECT nonce_state, nonce, nonce_expires_at, agency FROM session \
             WHERE id = ? AND expires_at > ?",
            params![id, now],
            |row| Ok((row.get::<String>(0)?, row.get::<Option<String>>(1)?, row.get(2)?, row.get(3)?)),
        )?;
        let (state, nonce, answer_until, agency) =
            found.ok_or(Error::Refused(ApiErrorCode::SessionMissing))?;
        match (state.as_str(), nonce) {
            ("open", Some(nonce)) => Ok(OpenNonce { nonce, answer_until, agency }),
            ("used", _) => Err(ApiErrorCode::NonceUsed.into()),
            _ => Err(ApiErrorCode::NonceMissing.into()),
        }
    }
}

impl Writer<'_> {
    /// Begins a session at an agency and category, replacing the previous one.
    pub fn begin_session(
        &self,
        id: &SessionId,
        replaced: Option<&SessionId>,
        (agency, category, way): (&str, &str, Way),
        expires_at: i64,
    ) -> Result<(), Error> {
        if let Some(replaced) = replaced {
            self.end_session(replaced)?;
        }
        self.db.execute(
            "INSERT INTO session (id, agency, category, way, expires_at) VALUES (?, ?, ?, ?, ?)",
            params![id, agency, category, Code(way), expires_at],
        )?;
        Ok(())
    }

    pub fn end_session(&self, id: &SessionId) -> Result<(), Error> {
        self.db.execute("DELETE FROM session WHERE id = ?", params![id])?;
        Ok(())
    }

    /// Forgets who logged in and what the session has reached.
    pub fn restart_session(&self, id: &SessionId, expires_at: i64) -> Result<(), Error> {
        self.db.execute(
            "UPDATE session SET expires_at = ?, nonce = NULL, nonce_state = 'none', purpose = NULL, \
             certificate = NULL, new_certificate = NULL, person_in_charge = '', account = NULL, \
             number = NULL, occasion = NULL, draft = NULL, completion = NULL, application = NULL \
             WHERE id = ?",
            params![expires_at, id],
        )?;
        Ok(())
    }

    pub fn extend_session(&self, id: &SessionId, expires_at: i64) -> Result<(), Error> {
        self.db.execute(
            "UPDATE session SET expires_at = CASE WHEN expires_at < ?1 THEN ?1 ELSE expires_at END WHERE id = ?2",
            params![expires_at, id],
        )?;
        Ok(())
    }

    /// Stores a new challenge; the previous one is void.
    pub fn issue_nonce(
        &self,
        id: &SessionId,
        nonce: &str,
        nonce_expires_at: i64,
        expires_at: i64,
    ) -> Result<(), Error> {
        self.db.execute(
            "UPDATE session SET nonce = :nonce, nonce_expires_at = :nonce_expires_at, \
             nonce_state = 'open', expires_at = CASE WHEN expires_at < :expires_at \
             THEN :expires_at ELSE expires_at END WHERE id = :id",
            named_params! {
                ":nonce": nonce,
                ":nonce_expires_at": nonce_expires_at,
                ":expires_at": expires_at,
                ":id": id,
            },
        )?;
        Ok(())
    }

    /// Consumes the session's challenge, if it is still that one; only the first caller succeeds.
    pub fn take_nonce(&self, id: &SessionId, nonce: &str, now: i64) -> Result<(), Error> {
        let taken = self.db.execute(
            "UPDATE session SET nonce_state = 'used', nonce = NULL \
             WHERE id = ? AND expires_at > ? AND nonce_state = 'open' AND nonce = ?",
            params![id, now, nonce],
        )?;
        if taken == 1 {
            return Ok(());
        }
        self.current_session(id, now)?;
        Err(ApiErrorCode::NonceUsed.into())
    }

    /// Gives the session its card and a new id, and forgets what it reached with another card.
    pub fn present_card(
        &self,
        id: &SessionId,
        new_id: &SessionId,
        presented: &Presented,
        (now, expires_at): (i64, i64),
    ) -> Result<(), Error> {
        self.db.execute(
            "UPDATE session SET id = :new_id, expires_at = :expires_at, purpose = :purpose, \
             certificate = :certificate, new_certificate = NULL, person_in_charge = :person_in_charge, \
             number = NULL, occasion = NULL, completion = NULL, logged_in_at = :now WHERE id = :id",
            named_params! {
                ":new_id": new_id,
                ":expires_at": expires_at,
                ":purpose": Code(presented.purpose),
                ":certificate": presented.certificate,
                ":person_in_charge": presented.person_in_charge,
                ":now": now,
                ":id": id,
            },
        )?;
        Ok(())
    }

    /// ICカード更新: gives the session the new card beside the old one, and a new id.
    pub fn present_new_card(
        &self,
        id: &SessionId,
        new_id: &SessionId,
        certificate: &[u8],
        expires_at: i64,
    ) -> Result<(), Error> {
        self.db.execute(
            "UPDATE session SET id = ?, expires_at = ?, purpose = ?, new_certificate = ?, \
             completion = NULL WHERE id = ?",
            params![new_id, expires_at, Code(Purpose::RenewNew), certificate, id],
        )?;
        Ok(())
    }

    /// Records which company the session's form is for, and what the page was shown.
    pub fn select_company(&self, id: &SessionId, number: &str, occasion: Occasion) -> Result<(), Error> {
        self.db.execute(
            "UPDATE session SET number = ?, occasion = ? WHERE id = ?",
            params![number, Code(occasion), id],
        )?;
        Ok(())
    }

    /// ID登録申請: records which company the session's form is for. Any earlier login is void.
    pub fn select_applicant(&self, id: &SessionId, number: &str) -> Result<(), Error> {
        self.db.execute(
            "UPDATE session SET draft = CASE WHEN number = :number THEN draft END, \
             application = CASE WHEN number = :number THEN application END, number = :number, \
             occasion = :occasion, account = NULL, purpose = NULL, completion = NULL WHERE id = :id",
            named_params! { ":number": number, ":occasion": Code(Occasion::Apply), ":id": id },
        )?;
        Ok(())
    }

    /// 簡易認証: the session's holder made that application. Drops the draft, which was not about it.
    pub fn prove_application(&self, id: &SessionId, application: i64) -> Result<(), Error> {
        self.db.execute(
            "UPDATE session SET application = ?, draft = NULL WHERE id = ?",
            params![application, id],
        )?;
        Ok(())
    }

    /// 簡易認証: gives the session the ID that logged in and a new id, and forgets what it had reached before.
    pub fn log_in(
        &self,
        id: &SessionId,
        new_id: &SessionId,
        logged_in: LoggedIn,
        (now, expires_at): (i64, i64),
    ) -> Result<(), Error> {
        self.db.execute("UPDATE session SET id = ?, expires_at = ?, purpose = ?, account = ?, number = NULL, \
            occasion = NULL, draft = NULL, completion = NULL, application = NULL, logged_in_at = ? WHERE id = ?", params![new_id, expires_at, Code(logged_in.purpose), logged_in.account, now, id])?;
        Ok(())
    }

    pub fn end_sessions_of(&self, account: i64, but: Option<&SessionId>) -> Result<(), Error> {
        self.db.execute(
            "DELETE FROM session WHERE account = ? AND id IS DISTINCT FROM ?",
            params![account, but],
        )?;
        Ok(())
    }

    /// ID登録申請: stores what was typed, for the lifetime of the session.
    pub fn save_session_draft(&self, id: &SessionId, values: &Values) -> Result<(), Error> {
        self.db.execute("UPDATE session SET draft = ? WHERE id = ?", params![Json(values), id])?;
        Ok(())
    }

    /// Records what the session completed.
    pub fn complete_session(&self, id: &SessionId, completion: i64) -> Result<(), Error> {
        self.db.execute(
            "UPDATE session SET completion = ?, draft = NULL WHERE id = ?",
            params![completion, id],
        )?;
        Ok(())
    }
}
