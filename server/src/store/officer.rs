//! Officers' accounts.

use rusqlite::{OptionalExtension as _, Row, named_params, params};
use touroku_proto::officer::{OfficerAccount, OfficerState, Role};

use super::{
    CardIdentity, Reader, Writer,
    session::{text, word},
};
use crate::error::Error;

const COLUMNS: &str = "id, agency, login_id, name, role, stopped, password_hash, totp_secret, totp_step, \
                       setup_secret, card_serial IS NOT NULL, last_login_at, revision";

/// An officer's account.
#[derive(Clone)]
pub struct Officer {
    /// Row.
    pub id: i64,
    /// Profile code.
    pub agency: String,
    /// ログインID.
    pub login_id: String,
    /// 氏名.
    pub name: String,
    /// Role.
    pub role: Role,
    /// Whether an administrator stopped it.
    pub stopped: bool,
    /// PHC string; `None` until the link was used.
    pub password_hash: Option<String>,
    /// The authenticator's secret, sealed.
    pub totp_secret: Option<Vec<u8>>,
    /// The last time step whose code was accepted.
    pub totp_step: i64,
    /// The secret that the one-time link offers, sealed.
    pub setup_secret: Option<Vec<u8>>,
    /// Whether an IC card signs in to it.
    pub has_card: bool,
    /// The last sign-in, Unix milliseconds.
    pub last_login_at: Option<i64>,
    /// Counts changes of name, role and whether it is stopped.
    pub revision: i64,
}

impl Officer {
    /// How far it is.
    pub fn state(&self) -> OfficerState {
        if self.stopped {
            OfficerState::Stopped
        } else if self.password_hash.is_some() {
            OfficerState::Active
        } else {
            OfficerState::Invited
        }
    }

    /// As an administrator sees it.
    pub fn account(&self, sessions: u32) -> OfficerAccount {
        OfficerAccount {
            login_id: self.login_id.clone(),
            name: self.name.clone(),
            role: self.role,
            state: self.state(),
            last_login_unix_ms: self.last_login_at,
            sessions,
            has_card: self.has_card,
            revision: self.revision,
        }
    }
}

/// A one-time link.
pub struct NewLink {
    /// SHA-256 of what it holds.
    pub hash: [u8; 32],
    /// Until when it works, Unix milliseconds.
    pub expires_at: i64,
    /// The authenticator's secret that it offers, sealed.
    pub secret: Vec<u8>,
}

impl Reader<'_> {
    /// The account with that ログインID.
    pub fn officer_by_login(&self, agency: &str, login_id: &str) -> Result<Option<Officer>, Error> {
        self.officer_where("agency = ? AND login_id = ?", params![agency, login_id])
    }

    /// The account whose one-time link that is, unless it is too old or the account is stopped.
    pub fn officer_by_link(&self, hash: &[u8; 32], now: i64) -> Result<Option<Officer>, Error> {
        self.officer_where("setup_hash = ? AND setup_expires_at > ? AND NOT stopped", params![hash, now])
    }

    /// The account that this card signs in to.
    pub fn officer_by_card(&self, agency: &str, card: &CardIdentity) -> Result<Option<Officer>, Error> {
        self.officer_where(
            "agency = ? AND card_issuer = ? AND card_serial = ?",
            params![agency, card.issuer, card.serial],
        )
    }

    /// All accounts of an agency by ログインID, each with the number of its open sessions.
    pub fn officers(&self, agency: &str, now: i64) -> Result<Vec<(Officer, u32)>, Error> {
        let mut statement = self.0.prepare_cached(&format!(
            "SELECT {COLUMNS}, (SELECT count(*) FROM officer_session s WHERE s.officer = officer.id \
             AND s.expires_at > ?) FROM officer WHERE agency = ? ORDER BY login_id"
        ))?;
        let rows = statement.query_map(params![now, agency], |row| Ok((read(row)?, row.get(13)?)))?;
        rows.map(|row| row.map_err(Error::from).and_then(|(found, count)| Ok((found?, count)))).collect()
    }

    /// How many sessions of an account are open.
    pub fn open_session_count(&self, officer: i64, now: i64) -> Result<u32, Error> {
        let count = self
            .0
            .prepare_cached("SELECT count(*) FROM officer_session WHERE officer = ? AND expires_at > ?")?
            .query_row(params![officer, now], |row| row.get(0))?;
        Ok(count)
    }

    fn officer_where(&self, condition: &str, of: impl rusqlite::Params) -> Result<Option<Officer>, Error> {
        self.0
            .prepare_cached(&format!("SELECT {COLUMNS} FROM officer WHERE {condition}"))?
            .query_row(of, read)
            .optional()?
            .transpose()
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<Result<Officer, Error>> {
    let role: String = row.get(4)?;
    let Some(role) = word(&role) else { return Ok(Err(Error::Defect("a stored role is none"))) };
    let password_hash: String = row.get(6)?;
    Ok(Ok(Officer {
        id: row.get(0)?,
        agency: row.get(1)?,
        login_id: row.get(2)?,
        name: row.get(3)?,
        role,
        stopped: row.get(5)?,
        password_hash: Some(password_hash).filter(|hash| !hash.is_empty()),
        totp_secret: row.get(7)?,
        totp_step: row.get(8)?,
        setup_secret: row.get(9)?,
        has_card: row.get(10)?,
        last_login_at: row.get(11)?,
        revision: row.get(12)?,
    }))
}

impl Writer<'_> {
    /// Makes an account that waits for its link to be used. The ログインID must be free.
    pub fn add_officer(
        &self,
        agency: &str,
        (login_id, name, role): (&str, &str, Role),
        link: &NewLink,
        now: i64,
    ) -> Result<(), Error> {
        self.0
            .0
            .prepare_cached(
                "INSERT INTO officer (agency, login_id, name, role, setup_hash, setup_expires_at, setup_secret, \
                 created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            )?
            .execute(params![
                agency,
                login_id,
                name,
                text(&role)?,
                link.hash,
                link.expires_at,
                link.secret,
                now
            ])?;
        Ok(())
    }

    /// Changes name, role, and whether it is stopped.
    pub fn change_officer(&self, officer: i64, name: &str, role: Role, stopped: bool) -> Result<(), Error> {
        self.0
            .0
            .prepare_cached(
                "UPDATE officer SET name = ?, role = ?, stopped = ?, revision = revision + 1 WHERE id = ?",
            )?
            .execute(params![name, text(&role)?, stopped, officer])?;
        Ok(())
    }

    /// Gives the account a new link; password, authenticator and card stop.
    pub fn reset_officer(&self, officer: i64, link: &NewLink) -> Result<(), Error> {
        self.0
            .0
            .prepare_cached(
                "UPDATE officer SET setup_hash = :hash, setup_expires_at = :expires_at, setup_secret = :secret, \
                 password_hash = '', totp_secret = NULL, totp_step = 0, card_issuer = NULL, card_serial = NULL \
                 WHERE id = :id",
            )?
            .execute(named_params! {
                ":hash": link.hash,
                ":expires_at": link.expires_at,
                ":secret": link.secret,
                ":id": officer,
            })?;
        Ok(())
    }

    /// The link was used: the account has this password and the authenticator that the link offered.
    pub fn finish_setup(&self, officer: i64, password_hash: &str, step: i64) -> Result<(), Error> {
        self.0
            .0
            .prepare_cached(
                "UPDATE officer SET password_hash = ?, totp_secret = setup_secret, totp_step = ?, \
                 setup_hash = NULL, setup_expires_at = 0, setup_secret = NULL WHERE id = ?",
            )?
            .execute(params![password_hash, step, officer])?;
        Ok(())
    }

    /// Sets another password.
    pub fn set_officer_password(&self, officer: i64, password_hash: &str) -> Result<(), Error> {
        self.0
            .0
            .prepare_cached("UPDATE officer SET password_hash = ? WHERE id = ?")?
            .execute(params![password_hash, officer])?;
        Ok(())
    }

    /// Takes a time step, if no code of it or of a later one was accepted before. Answers whether it was taken.
    pub fn take_totp_step(&self, officer: i64, step: i64) -> Result<bool, Error> {
        let taken = self
            .0
            .0
            .prepare_cached("UPDATE officer SET totp_step = ?1 WHERE id = ?2 AND totp_step < ?1")?
            .execute(params![step, officer])?;
        Ok(taken == 1)
    }

    /// From now on this card signs in to the account; `None`: no card.
    pub fn link_officer_card(&self, officer: i64, card: Option<&CardIdentity>) -> Result<(), Error> {
        let (issuer, serial) = card.map(|card| (&card.issuer, &card.serial)).unzip();
        self.0
            .0
            .prepare_cached("UPDATE officer SET card_issuer = ?, card_serial = ? WHERE id = ?")?
            .execute(params![issuer, serial, officer])?;
        Ok(())
    }

    /// Notes a sign-in.
    pub fn note_officer_login(&self, officer: i64, now: i64) -> Result<(), Error> {
        self.0
            .0
            .prepare_cached("UPDATE officer SET last_login_at = ? WHERE id = ?")?
            .execute(params![now, officer])?;
        Ok(())
    }
}
