//! Sign-in for bidding systems: what was requested, what was answered, and who must be notified when it ends.

use touroku_proto::{agency::Way, sign_in::ClientScope};

use super::{
    Reader, Writer,
    column::{Code, Columns as _, Json},
    db::{Row, named_params, params},
    suspension::in_force,
    value::Parameter,
};
use crate::{error::Error, japan};

/// How long a retired key is published: longer than anything it signed is valid, in milliseconds.
const RETIRED_KEPT: i64 = 24 * 3_600_000;

/// SHA-256 of something secret.
pub type Hash = [u8; 32];

/// A client's request, validated.
#[derive(Clone, serde::Serialize, serde::Deserialize)]
pub struct Asked {
    /// Where the response goes.
    pub redirect_uri: String,
    /// Lets the client recognise its own request.
    pub state: Option<String>,
    /// Goes into the ID token.
    pub nonce: Option<String>,
    /// The granted part of the requested scopes.
    pub scopes: Vec<ClientScope>,
    /// PKCE, S256: SHA-256 of the verifier, Base64url.
    pub challenge: String,
    /// The accepted ways of logging in.
    pub ways: Vec<Way>,
    /// The ユーザーID that it expects; empty: none.
    pub login_hint: String,
    /// The language that it asks for; empty: none.
    pub language: String,
    /// How long ago the login may be, in seconds.
    #[serde(default)]
    pub max_age: Option<u32>,
}

/// A client's request that has not been answered yet.
#[derive(Clone)]
pub struct SignInRequest {
    /// Profile code.
    pub agency: String,
    /// The client's code.
    pub client: String,
    pub asked: Asked,
    /// When it began, Unix milliseconds.
    pub began_at: i64,
    /// When it expires.
    pub expires_at: i64,
}

/// Who signed in, at which client, and how.
#[derive(Clone)]
pub struct NewGrant {
    /// Profile code.
    pub agency: String,
    /// The client's code.
    pub client: String,
    /// Identifies the sign-in in tokens.
    pub sid: String,
    /// `sub`.
    pub subject: String,
    /// Category code.
    pub category: String,
    /// By card or by ID and password.
    pub way: Way,
    pub number: String,
    pub card: Option<i64>,
    pub account: Option<i64>,
    /// When the card or the password was presented, Unix milliseconds.
    pub auth_time: i64,
    pub asked: Asked,
}

/// An answered sign-in.
pub struct Grant {
    pub id: i64,
    /// Who and where.
    pub of: NewGrant,
    /// When the code expires, Unix milliseconds.
    pub code_expires_at: i64,
    /// Whether the code has been redeemed.
    pub code_used: bool,
    /// When the access token expires.
    pub token_expires_at: i64,
    pub ended: bool,
}

/// An ended sign-in that its client must be notified of.
pub struct DueLogout {
    pub id: i64,
    /// Profile code.
    pub agency: String,
    /// The client's code.
    pub client: String,
    pub sid: String,
    /// `sub`.
    pub subject: String,
    /// When it ended, Unix milliseconds.
    pub created_at: i64,
    /// How many attempts have been made.
    pub attempts: u32,
}

/// The columns that [`read`] takes.
macro_rules! columns {
    () => {
        "id, agency, client, sid, subject, category, way, number, card, account, auth_time, asked, \
         code_expires_at, code_used, token_expires_at, ended_at IS NOT NULL AS ended"
    };
}

fn read(row: &Row<'_>) -> Result<Grant, Error> {
    Ok(Grant {
        id: row.get("id")?,
        of: NewGrant {
            agency: row.get("agency")?,
            client: row.get("client")?,
            sid: row.get("sid")?,
            subject: row.get("subject")?,
            category: row.get("category")?,
            way: row.code("way")?,
            number: row.get("number")?,
            card: row.get("card")?,
            account: row.get("account")?,
            auth_time: row.get("auth_time")?,
            asked: row.json("asked")?,
        },
        code_expires_at: row.get("code_expires_at")?,
        code_used: row.get("code_used")?,
        token_expires_at: row.get("token_expires_at")?,
        ended: row.get("ended")?,
    })
}

/// Whether the card or ID of `oidc_grant` could no longer log in on the day ?2.
const LOST: &str = concat!(
    "(EXISTS (SELECT 1 FROM suspension WHERE suspension.agency = oidc_grant.agency \
     AND suspension.number = oidc_grant.number AND (suspension.card IS NULL OR suspension.card = oidc_grant.card) \
     AND ",
    in_force!("?2"),
    ") OR NOT EXISTS (SELECT 1 FROM roster WHERE roster.agency = oidc_grant.agency \
     AND roster.number = oidc_grant.number) \
     OR (card IS NOT NULL AND NOT EXISTS (SELECT 1 FROM card WHERE card.id = oidc_grant.card \
     AND card.agency = oidc_grant.agency AND card.number = oidc_grant.number AND card.replaced_by IS NULL)) \
     OR EXISTS (SELECT 1 FROM revoked_card WHERE revoked_card.card = oidc_grant.card) \
     OR (account IS NOT NULL AND NOT EXISTS (SELECT 1 FROM account WHERE account.id = oidc_grant.account \
     AND account.agency = oidc_grant.agency AND account.state = 'approved')) \
     OR EXISTS (SELECT 1 FROM account_suspension WHERE account_suspension.account = oidc_grant.account))"
);

impl Reader<'_> {
    /// The pending request with that name in that browser.
    pub fn sign_in_request(
        &self,
        id: &Hash,
        browser: &Hash,
        now: i64,
    ) -> Result<Option<SignInRequest>, Error> {
        self.db.optional(
            "SELECT agency, client, asked, began_at, expires_at FROM oidc_request \
             WHERE id = ? AND browser = ? AND expires_at > ?",
            params![id, browser, now],
            read_request,
        )
    }

    pub fn grant_by_code(&self, code: &Hash) -> Result<Option<Grant>, Error> {
        self.grant_where(concat!("SELECT ", columns!(), " FROM oidc_grant WHERE code = ?"), code)
    }

    pub fn grant_by_token(&self, token: &Hash) -> Result<Option<Grant>, Error> {
        self.grant_where(concat!("SELECT ", columns!(), " FROM oidc_grant WHERE token = ?"), token)
    }

    pub fn grant_by_sid(&self, sid: &str) -> Result<Option<Grant>, Error> {
        self.grant_where(concat!("SELECT ", columns!(), " FROM oidc_grant WHERE sid = ?"), &sid)
    }

    fn grant_where(&self, query: &str, value: &dyn Parameter) -> Result<Option<Grant>, Error> {
        self.db.optional(query, params![value], read)
    }

    /// Whether the card or ID of a sign-in could no longer log in.
    pub fn is_grant_lost(&self, grant: i64, now: i64) -> Result<bool, Error> {
        let query = format!("SELECT 1 FROM oidc_grant WHERE id = ?1 AND {LOST}");
        self.db.exists(&query, params![grant, japan::day(now)])
    }

    /// The sign-ins in force whose card or ID could no longer log in.
    pub fn lost_grants(&self, now: i64) -> Result<Vec<i64>, Error> {
        let query =
            format!("SELECT id FROM oidc_grant WHERE ended_at IS NULL AND expires_at > ?1 AND {LOST}");
        self.db.all(&query, params![now, japan::day(now)], |row| row.get(0))
    }

    /// The card that this one descends from, through all ICカード更新: the first one registered.
    pub fn first_card(&self, card: i64) -> Result<(Vec<u8>, String), Error> {
        self.db.one(
            "WITH RECURSIVE before (id) AS (VALUES (CAST(? AS BIGINT)) UNION \
             SELECT card.id FROM card JOIN before ON card.replaced_by = before.id) \
             SELECT issuer, serial FROM card WHERE id = (SELECT min(id) FROM before)",
            params![card],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
    }

    /// The logouts that are due, oldest first.
    pub fn due_logouts(&self, now: i64, most: u32) -> Result<Vec<DueLogout>, Error> {
        self.db.all(
            "SELECT id, agency, client, sid, subject, created_at, attempts FROM oidc_logout \
             WHERE next_attempt_at <= ? ORDER BY next_attempt_at LIMIT ?",
            params![now, most],
            |row| {
                Ok(DueLogout {
                    id: row.get("id")?,
                    agency: row.get("agency")?,
                    client: row.get("client")?,
                    sid: row.get("sid")?,
                    subject: row.get("subject")?,
                    created_at: row.get("created_at")?,
                    attempts: row.get("attempts")?,
                })
            },
        )
    }
}

fn read_request(row: &Row<'_>) -> Result<SignInRequest, Error> {
    Ok(SignInRequest {
        agency: row.get("agency")?,
        client: row.get("client")?,
        asked: row.json("asked")?,
        began_at: row.get("began_at")?,
        expires_at: row.get("expires_at")?,
    })
}

impl Writer<'_> {
    /// Stores a client's request until a browser answers it; without a browser, until one picks it up.
    pub fn begin_sign_in(
        &self,
        id: &Hash,
        browser: Option<&Hash>,
        request: &SignInRequest,
    ) -> Result<(), Error> {
        let SignInRequest { agency, client, asked, began_at, expires_at } = request;
        self.db.execute(
            "INSERT INTO oidc_request (id, agency, client, browser, asked, began_at, expires_at) \
             VALUES (?, ?, ?, ?, ?, ?, ?)",
            params![id, agency, client, browser, Json(asked), began_at, expires_at],
        )?;
        Ok(())
    }

    /// Takes a pushed request; only the first caller succeeds.
    pub fn take_pushed(
        &self,
        id: &Hash,
        (agency, client): (&str, &str),
        now: i64,
    ) -> Result<Option<SignInRequest>, Error> {
        self.db.optional(
            "DELETE FROM oidc_request WHERE id = ? AND agency = ? AND client = ? AND browser IS NULL \
             AND expires_at > ? RETURNING agency, client, asked, began_at, expires_at",
            params![id, agency, client, now],
            read_request,
        )
    }

    /// Removes an answered request.
    pub fn end_sign_in(&self, id: &Hash) -> Result<(), Error> {
        self.db.execute("DELETE FROM oidc_request WHERE id = ?", params![id])?;
        Ok(())
    }

    /// Stores a sign-in with its code.
    pub fn grant(
        &self,
        grant: &NewGrant,
        (code, code_expires_at): (&Hash, i64),
        expires_at: i64,
    ) -> Result<(), Error> {
        self.db.execute(
            "INSERT INTO oidc_grant (agency, client, sid, subject, category, way, number, card, account, \
            auth_time, asked, code, code_expires_at, expires_at) VALUES (:agency, :client, :sid, :subject, \
            :category, :way, :number, :card, :account, :auth_time, :asked, :code, :code_expires_at, \
            :expires_at)",
            named_params! {
                ":agency": grant.agency,
                ":client": grant.client,
                ":sid": grant.sid,
                ":subject": grant.subject,
                ":category": grant.category,
                ":way": Code(grant.way),
                ":number": grant.number,
                ":card": grant.card,
                ":account": grant.account,
                ":auth_time": grant.auth_time,
                ":asked": Json(&grant.asked),
                ":code": code,
                ":code_expires_at": code_expires_at,
                ":expires_at": expires_at,
            },
        )?;
        Ok(())
    }

    /// Marks the code as redeemed.
    pub fn use_code(&self, grant: i64) -> Result<(), Error> {
        self.db.execute("UPDATE oidc_grant SET code_used = TRUE WHERE id = ?", params![grant])?;
        Ok(())
    }

    pub fn give_token(&self, grant: i64, token: &Hash, until: i64) -> Result<(), Error> {
        self.db.execute(
            "UPDATE oidc_grant SET token = ?, token_expires_at = ? WHERE id = ?",
            params![token, until, grant],
        )?;
        Ok(())
    }

    /// Ends a sign-in; with `tell` its client is notified.
    pub fn end_grant(&self, grant: i64, tell: bool, now: i64) -> Result<(), Error> {
        let ended = self.db.execute(
            "UPDATE oidc_grant SET ended_at = ? WHERE id = ? AND ended_at IS NULL",
            params![now, grant],
        )?;
        if ended == 1 && tell {
            self.db.execute(
                "INSERT INTO oidc_logout (agency, client, sid, subject, created_at, next_attempt_at) \
                 SELECT agency, client, sid, subject, ?2, ?2 FROM oidc_grant WHERE id = ?1",
                params![grant, now],
            )?;
        }
        Ok(())
    }

    /// A client has been notified of a logout, or no longer will be.
    pub fn end_logout(&self, id: i64) -> Result<(), Error> {
        self.db.execute("DELETE FROM oidc_logout WHERE id = ?", params![id])?;
        Ok(())
    }

    /// A client could not be notified of a logout; retry from then on.
    pub fn put_logout_off(&self, id: i64, until: i64) -> Result<(), Error> {
        self.db.execute(
            "UPDATE oidc_logout SET attempts = attempts + 1, next_attempt_at = ? WHERE id = ?",
            params![until, id],
        )?;
        Ok(())
    }

    /// Records a client's assertion. Returns whether it is the first use.
    pub fn take_assertion(&self, id: &Hash, expires_at: i64) -> Result<bool, Error> {
        let added = self.db.execute(
            "INSERT INTO oidc_assertion (id, expires_at) VALUES (?, ?) \
             ON CONFLICT DO NOTHING",
            params![id, expires_at],
        )?;
        Ok(added == 1)
    }

    /// Removes keys whose tokens have ended. Returns how many.
    pub(super) fn tidy_retired_keys(&self, now: i64) -> Result<usize, Error> {
        self.db.execute(
            "DELETE FROM oidc_key WHERE state = 'retired' AND since <= ?",
            params![now - RETIRED_KEPT],
        )
    }
}
