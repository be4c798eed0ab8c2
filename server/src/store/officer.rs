//! Officers' accounts.

use touroku_proto::officer::{Notices, OfficerAccount, OfficerState, Role};

use super::{
    Actor, CardIdentity, Reader, Writer,
    audit::Found,
    column::{Code, Columns as _},
    db::{Params, Row, named_params, params},
};
use crate::error::Error;

const COLUMNS: &str = "id, agency, login_id, name, role, stopped, password_hash, totp_secret, totp_step, \
    setup_secret, card_serial IS NOT NULL AS has_card, last_login_at, revision, email";

#[derive(Clone)]
pub struct Officer {
    /// Only the store finds one: see [`Actor`].
    _found: Found,
    pub id: i64,
    /// Profile code.
    pub agency: String,
    /// ログインID.
    pub login_id: String,
    /// 氏名.
    pub name: String,
    pub role: Role,
    /// Whether an administrator stopped it.
    pub stopped: bool,
    /// PHC string; `None` until the link was used.
    pub password_hash: Option<String>,
    /// The authenticator's secret, sealed.
    pub totp_secret: Option<Vec<u8>>,
    /// The last time step whose code was accepted.
    pub totp_step: i64,
    /// The secret offered by the one-time link, sealed.
    pub setup_secret: Option<Vec<u8>>,
    /// Whether an IC card signs in to it.
    pub has_card: bool,
    /// The last sign-in, Unix milliseconds.
    pub last_login_at: Option<i64>,
    /// Counts changes of name, role and stopped.
    pub revision: i64,
    /// The officer's mail address; empty: none yet.
    pub email: String,
}

pub(super) fn notices(row: &Row<'_>) -> Result<Notices, Error> {
    Ok(Notices {
        daily: row.get("daily_mail")?,
        application: row.code("application_mail")?,
        card: row.code("card_mail")?,
        import: row.code("import_mail")?,
        incident: row.code("incident_mail")?,
    })
}

impl Officer {
    /// As whoever signs in from that address.
    pub fn actor<'a>(&'a self, address: &'a str) -> Actor<'a> {
        Actor::officer(&self.agency, &self.login_id, address)
    }

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
            email: self.email.clone(),
        }
    }
}

/// Which makings of accounts count: an account is made by whoever created it or moved it to another mail address, to
/// which its links go. Unix milliseconds.
#[derive(Clone, Copy, Debug)]
pub struct Makings {
    /// Those until then.
    pub until: i64,
    /// And whoever sent it a new link from then on, at whatever address.
    pub links_from: i64,
}

impl Makings {
    pub const LASTING: Self = Self { until: i64::MAX, links_from: i64::MAX };
}

/// A one-time link.
pub struct NewLink {
    /// SHA-256 of its token.
    pub hash: [u8; 32],
    /// When it expires, Unix milliseconds.
    pub expires_at: i64,
    /// The authenticator's secret that it offers, sealed.
    pub secret: Vec<u8>,
}

impl Reader<'_> {
    pub fn officer_by_login(&self, agency: &str, login_id: &str) -> Result<Option<Officer>, Error> {
        self.officer_where("agency = ? AND login_id = ?", params![agency, login_id])
    }

    /// The account with that one-time link, unless it has expired or the account is stopped.
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

    /// The certificate (DER) of the account's card.
    pub fn officer_certificate(&self, officer: i64) -> Result<Option<Vec<u8>>, Error> {
        self.db.one("SELECT card_certificate FROM officer WHERE id = ?", params![officer], |row| row.get(0))
    }

    /// All accounts of an agency by ログインID, each with the number of its open sessions.
    pub fn officers(&self, agency: &str, now: i64) -> Result<Vec<(Officer, u32)>, Error> {
        self.db.all(
            &format!(
                "SELECT {COLUMNS}, (SELECT count(*) FROM officer_session s WHERE s.officer = officer.id \
                 AND s.expires_at > ?) AS sessions FROM officer WHERE agency = ? ORDER BY login_id"
            ),
            params![now, agency],
            |row| Ok((read(row)?, row.get("sessions")?)),
        )
    }

    /// Who made that account, who made those, and so on: ログインIDs in lower case. `command` is included only where
    /// it did so directly: whoever has the command line created all the others, too.
    pub fn makers_of(&self, agency: &str, login_id: &str, which: Makings) -> Result<Vec<String>, Error> {
        self.db.all(
            "WITH RECURSIVE made (by) AS (\
            SELECT lower(maker) FROM officer_maker JOIN officer ON officer.id = officer_maker.officer \
            WHERE agency = ?1 AND login_id = ?2 AND (made_at <= ?3 OR at >= ?4) UNION \
            SELECT lower(maker) FROM made JOIN officer ON officer.agency = ?1 AND officer.login_id = made.by \
            JOIN officer_maker ON officer_maker.officer = officer.id WHERE maker <> 'command' \
            AND (made_at <= ?3 OR at >= ?4)) \
            SELECT by FROM made",
            params![agency, login_id, which.until, which.links_from],
            |row| row.get(0),
        )
    }

    /// When another officer created that account.
    pub fn created_at(&self, agency: &str, login_id: &str) -> Result<Option<i64>, Error> {
        self.db.optional(
            "SELECT created_at FROM officer JOIN officer_maker ON officer_maker.officer = officer.id \
             WHERE agency = ? AND login_id = ? AND maker <> 'command' AND made_at = created_at",
            params![agency, login_id],
            |row| row.get(0),
        )
    }

    /// When an officer last created that account or sent it a new link.
    pub fn made_at(&self, agency: &str, login_id: &str) -> Result<Option<i64>, Error> {
        self.db.one(
            "SELECT max(at) FROM officer_maker JOIN officer ON officer.id = officer_maker.officer \
             WHERE agency = ? AND login_id = ? AND maker <> 'command'",
            params![agency, login_id],
            |row| row.get(0),
        )
    }

    /// The mail addresses of the agency's officers who are not stopped, or were administrators after `since`, and those
    /// that were theirs until after `since`, without duplicates.
    pub fn officer_addresses(&self, agency: &str, since: i64) -> Result<Vec<String>, Error> {
        let all: Vec<String> = self.db.all(
            "SELECT email, login_id FROM officer WHERE agency = ?1 AND email <> '' AND (NOT stopped OR demoted_at > ?2) \
             UNION ALL SELECT former_email, login_id FROM officer \
             WHERE agency = ?1 AND former_email <> '' AND moved_at > ?2 ORDER BY login_id",
            params![agency, since],
            |row| row.get(0),
        )?;
        let mut addresses: Vec<String> = Vec::new();
        for email in all {
            if !addresses.iter().any(|known| known.eq_ignore_ascii_case(&email)) {
                addresses.push(email);
            }
        }
        Ok(addresses)
    }

    /// Officers who can be mailed, by their addresses, and what each wants to be mailed about.
    pub fn notice_readers(&self, agency: &str) -> Result<Vec<(String, Notices)>, Error> {
        self.db.all("SELECT email, daily_mail, application_mail, card_mail, import_mail, incident_mail FROM officer \
            WHERE agency = ? AND NOT stopped AND email <> '' AND password_hash <> '' ORDER BY lower(email), id", params![agency], |row| Ok((row.get("email")?, notices(row)?)))
    }

    /// How many sessions of an account are open.
    pub fn open_session_count(&self, officer: i64, now: i64) -> Result<u32, Error> {
        self.db.one(
            "SELECT count(*) FROM officer_session WHERE officer = ? AND expires_at > ?",
            params![officer, now],
            |row| row.get(0),
        )
    }

    fn officer_where(&self, condition: &str, of: Params<'_>) -> Result<Option<Officer>, Error> {
        let query = format!("SELECT {COLUMNS} FROM officer WHERE {condition}");
        self.db.optional(&query, of, read)
    }
}

fn read(row: &Row<'_>) -> Result<Officer, Error> {
    let password_hash: String = row.get("password_hash")?;
    Ok(Officer {
        _found: Found,
        id: row.get("id")?,
        agency: row.get("agency")?,
        login_id: row.get("login_id")?,
        name: row.get("name")?,
        role: row.code("role")?,
        stopped: row.get("stopped")?,
        password_hash: Some(password_hash).filter(|hash| !hash.is_empty()),
        totp_secret: row.get("totp_secret")?,
        totp_step: row.get("totp_step")?,
        setup_secret: row.get("setup_secret")?,
        has_card: row.get("has_card")?,
        last_login_at: row.get("last_login_at")?,
        revision: row.get("revision")?,
        email: row.get("email")?,
    })
}

impl Writer<'_> {
    /// Creates an account that waits for its link to be used. The ログインID must be free.
    pub fn add_officer(
        &self,
        agency: &str,
        (login_id, name, role, email): (&str, &str, Role, &str),
        link: &NewLink,
        now: i64,
    ) -> Result<i64, Error> {
        self.db.one("INSERT INTO officer (agency, login_id, name, role, email, setup_hash, setup_expires_at, setup_secret, \
            created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id", params![
                agency,
                login_id,
                name,
                Code(role),
                email,
                link.hash,
                link.expires_at,
                link.secret,
                now
            ], |row| row.get(0))
    }

    /// Forgets who created an account or sent it new links.
    pub fn forget_makers(&self, officer: i64) -> Result<(), Error> {
        self.db.execute("DELETE FROM officer_maker WHERE officer = ?", params![officer])?;
        Ok(())
    }

    /// Records who created an account or sent it a new link. `is_made`: it did not have that address before.
    pub fn note_maker(&self, officer: i64, maker: &str, is_made: bool, now: i64) -> Result<(), Error> {
        self.db.execute(
            "INSERT INTO officer_maker (officer, maker, at, made_at) VALUES (?, ?, ?, ?) \
             ON CONFLICT (officer, maker) DO UPDATE SET at = excluded.at, \
             made_at = coalesce(excluded.made_at, officer_maker.made_at)",
            params![officer, maker, now, is_made.then_some(now)],
        )?;
        Ok(())
    }

    /// Changes name, role, and whether it is stopped.
    pub fn change_officer(
        &self,
        officer: i64,
        (name, role, stopped): (&str, Role, bool),
        now: i64,
    ) -> Result<(), Error> {
        self.db.execute(
            "UPDATE officer SET demoted_at = CASE WHEN role = 'manage' AND NOT stopped \
             AND (?2 <> 'manage' OR ?3) THEN ?5 ELSE demoted_at END, \
             name = ?1, role = ?2, stopped = ?3, revision = revision + 1 WHERE id = ?4",
            params![name, Code(role), stopped, officer, now],
        )?;
        Ok(())
    }

    /// Gives the account a new link, sent to that address; password, authenticator and card stop working. The former
    /// address stays the one before `recent`: who moves an account twice doesn't make it forgotten.
    pub fn reset_officer(
        &self,
        officer: i64,
        email: &str,
        link: &NewLink,
        (recent, now): (i64, i64),
    ) -> Result<(), Error> {
        self.db.execute("UPDATE officer SET demoted_at = CASE WHEN role = 'manage' AND NOT stopped AND password_hash <> '' \
            THEN :now ELSE demoted_at END, setup_hash = :hash, setup_expires_at = :expires_at, setup_secret = :secret, \
            password_hash = '', totp_secret = NULL, totp_step = 0, card_issuer = NULL, card_serial = NULL, \
            card_linked_at = NULL, card_certificate = NULL, \
            former_email = CASE WHEN lower(email) = lower(:email) OR email = '' \
            OR (moved_at > :recent AND former_email <> '') THEN former_email ELSE email END, \
            moved_at = CASE WHEN lower(email) <> lower(:email) AND email <> '' THEN :now ELSE moved_at END, \
            email = :email WHERE id = :id", named_params! {
                ":hash": link.hash,
                ":expires_at": link.expires_at,
                ":secret": link.secret,
                ":email": email,
                ":now": now,
                ":recent": recent,
                ":id": officer,
            })?;
        Ok(())
    }

    /// The link was used: sets this password and the authenticator that the link offered.
    pub fn finish_setup(&self, officer: i64, password_hash: &str, step: i64) -> Result<(), Error> {
        self.db.execute(
            "UPDATE officer SET password_hash = ?, totp_secret = setup_secret, totp_step = ?, \
             setup_hash = NULL, setup_expires_at = 0, setup_secret = NULL WHERE id = ?",
            params![password_hash, step, officer],
        )?;
        Ok(())
    }

    pub fn set_officer_password(&self, officer: i64, password_hash: &str) -> Result<(), Error> {
        self.db
            .execute("UPDATE officer SET password_hash = ? WHERE id = ?", params![password_hash, officer])?;
        Ok(())
    }

    /// Accepts a time step that was found good beside the officer's last one, unless another was accepted meanwhile. Returns
    /// whether it did.
    pub fn take_totp_step(&self, officer: &Officer, step: i64) -> Result<bool, Error> {
        let taken = self.db.execute(
            "UPDATE officer SET totp_step = ? WHERE id = ? AND totp_step = ?",
            params![step, officer.id, officer.totp_step],
        )?;
        Ok(taken == 1)
    }

    /// Links this card, with its certificate (DER), to the account; `None`: no card.
    pub fn link_officer_card(
        &self,
        officer: i64,
        card: Option<(&CardIdentity, &[u8])>,
        now: i64,
    ) -> Result<(), Error> {
        let (issuer, serial) = card.map(|(card, _)| (&card.issuer, &card.serial)).unzip();
        self.db.execute(
            "UPDATE officer SET card_issuer = ?1, card_serial = ?2, card_certificate = ?3, \
             card_linked_at = CASE WHEN CAST(?2 AS TEXT) IS NULL THEN NULL ELSE CAST(?4 AS BIGINT) END WHERE id = ?5",
            params![issuer, serial, card.map(|(_, certificate)| certificate), now, officer],
        )?;
        Ok(())
    }

    /// Stores the certificate of a card that was linked before certificates were kept.
    pub fn keep_officer_certificate(&self, officer: i64, certificate: &[u8]) -> Result<(), Error> {
        self.db.execute(
            "UPDATE officer SET card_certificate = ? WHERE id = ? AND card_certificate IS NULL",
            params![certificate, officer],
        )?;
        Ok(())
    }

    /// Records that the officers are notified of a different certificate in place of the account's card. Returns
    /// whether they had not been since that time.
    pub fn take_forged_notice(&self, officer: i64, since: i64, now: i64) -> Result<bool, Error> {
        let taken = self.db.execute(
            "UPDATE officer SET card_forged_at = ?3 WHERE id = ?1 AND card_forged_at <= ?2",
            params![officer, since, now],
        )?;
        Ok(taken == 1)
    }

    /// Sets what an officer gets mail about.
    pub fn set_officer_notices(&self, officer: i64, notices: Notices) -> Result<(), Error> {
        self.db.execute(
            "UPDATE officer SET daily_mail = ?, application_mail = ?, card_mail = ?, import_mail = ?, \
             incident_mail = ? WHERE id = ?",
            params![
                notices.daily,
                Code(notices.application),
                Code(notices.card),
                Code(notices.import),
                Code(notices.incident),
                officer
            ],
        )?;
        Ok(())
    }

    /// Records a sign-in.
    pub fn note_officer_login(&self, officer: i64, now: i64) -> Result<(), Error> {
        self.db.execute("UPDATE officer SET last_login_at = ? WHERE id = ?", params![now, officer])?;
        Ok(())
    }
}
