//! 簡易認証: applications, and the IDs that they become.

use std::fmt;

use touroku_proto::{account::ApplicationState, field::Values};

use super::{
    Reader, Writer,
    column::{Code, Columns as _, Json},
    db::{Row, named_params, params},
    review::application_state,
};
use crate::error::Error;

/// An ID登録申請; once approved, the ID.
#[derive(Clone, PartialEq, Eq)]
pub struct Account {
    pub id: i64,
    /// 受付番号.
    pub receipt: String,
    /// Category code.
    pub category: String,
    pub number: String,
    /// ユーザーID as entered.
    pub login_id: String,
    /// PHC string of the パスワード.
    pub password_hash: String,
    /// What was entered, except ID and password.
    pub values: Values,
    /// The state of the review.
    pub state: ApplicationState,
    /// Why it was rejected; empty otherwise.
    pub reason: String,
    /// How often the ID has changed.
    pub revision: i64,
    pub applied_at: i64,
    /// What was typed at 変更 and not sent yet.
    pub draft: Option<Values>,
}

/// Neither hash nor personal data.
impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account").field("id", &self.id).field("state", &self.state).finish_non_exhaustive()
    }
}

/// An ID to be applied for.
pub struct NewApplication<'a> {
    /// Category code.
    pub category: &'a str,
    pub number: &'a str,
    /// ユーザーID.
    pub login_id: &'a str,
    /// PHC string of the パスワード.
    pub password_hash: &'a str,
    /// What was entered, except ID and password.
    pub values: &'a Values,
    /// Pending, or approved where nobody reviews.
    pub state: ApplicationState,
    /// 受付番号.
    pub receipt: &'a str,
}

/// The columns that [`read`] takes.
macro_rules! columns {
    () => {
        "id, category, number, login_id, password_hash, state, reason, revision, applied_at, fields, draft, \
         receipt, withdrawn"
    };
}

fn read(row: &Row<'_>) -> Result<Account, Error> {
    Ok(Account {
        id: row.get("id")?,
        receipt: row.get("receipt")?,
        category: row.get("category")?,
        number: row.get("number")?,
        login_id: row.get("login_id")?,
        password_hash: row.get("password_hash")?,
        values: row.json("fields")?,
        state: application_state(row)?,
        reason: row.get("reason")?,
        revision: row.get("revision")?,
        applied_at: row.get("applied_at")?,
        draft: row.json("draft")?,
    })
}

/// Whether an officer has approved an ID.
macro_rules! admitted {
    () => {
        "state = 'approved' AND EXISTS \
         (SELECT 1 FROM review_decision WHERE review_decision.account = account.id AND approved)"
    };
}

impl Reader<'_> {
    pub fn account(&self, agency: &str, id: i64) -> Result<Option<Account>, Error> {
        let query = concat!("SELECT ", columns!(), " FROM account WHERE agency = ? AND id = ?");
        self.db.optional(query, params![agency, id], read)
    }

    /// A company's latest applications in a category, whatever their outcome; latest first.
    pub fn applications_of(
        &self,
        agency: &str,
        category: &str,
        number: &str,
        most: u32,
    ) -> Result<Vec<Account>, Error> {
        let query = concat!(
            "SELECT ",
            columns!(),
            " FROM account WHERE agency = ? AND category = ? AND number = ? ORDER BY id DESC LIMIT ?"
        );
        self.db.all(query, params![agency, category, number, most], read)
    }

    /// The result of that submission of an application: the application and the completion.
    pub fn submitted_application(
        &self,
        agency: &str,
        category: &str,
        number: &str,
        submission: &str,
    ) -> Result<Option<(i64, i64)>, Error> {
        self.db.optional(
            "SELECT account.id, completion.id FROM account \
             JOIN completion ON completion.account = account.id AND completion.submission = ?4 \
             WHERE account.agency = ?1 AND account.category = ?2 AND account.number = ?3",
            params![agency, category, number, submission],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
    }

    /// A company's [admitted](Self::is_admitted) IDs, oldest first.
    pub fn admitted_accounts(&self, agency: &str, number: &str) -> Result<Vec<Account>, Error> {
        let query = concat!(
            "SELECT ",
            columns!(),
            " FROM account WHERE agency = ? AND number = ? AND ",
            admitted!(),
            " ORDER BY id"
        );
        self.db.all(query, params![agency, number], read)
    }

    /// Whether an officer has approved that ID. Where nobody reviews, anybody can have one.
    pub fn is_admitted(&self, account: i64) -> Result<bool, Error> {
        self.db.exists(concat!("SELECT 1 FROM account WHERE id = ? AND ", admitted!()), params![account])
    }

    /// Whom a ユーザーID belongs to, ignoring case: the ID, or else the latest application for it.
    pub fn account_by_login(&self, agency: &str, login_id: &str) -> Result<Option<Account>, Error> {
        Ok(self.accounts_by_login(agency, login_id, 1)?.pop())
    }

    /// The same, followed by the latest other applications for it.
    pub fn accounts_by_login(&self, agency: &str, login_id: &str, most: u32) -> Result<Vec<Account>, Error> {
        let query = concat!(
            "SELECT ",
            columns!(),
            " FROM account WHERE agency = ? AND login_id = ? ORDER BY state <> 'approved', id DESC LIMIT ?"
        );
        self.db.all(query, params![agency, login_id, most], read)
    }

    /// The company's applications in a category for a ユーザーID, ignoring case: so many of those that wait, the oldest
    /// first, and so many of the decided ones, the latest first. What others apply for later hides neither.
    pub fn applications_for(
        &self,
        (agency, category, number): (&str, &str, &str),
        login_id: &str,
        most: u32,
    ) -> Result<Vec<Account>, Error> {
        let mut all = Vec::new();
        for condition in ["state = 'pending' ORDER BY id", "state <> 'pending' ORDER BY withdrawn, id DESC"] {
            let query = format!(
                "SELECT {} FROM account WHERE agency = ? AND category = ? AND number = ? AND login_id = ? \
                 AND {condition} LIMIT ?",
                columns!()
            );
            all.extend(self.db.all(&query, params![agency, category, number, login_id, most], read)?);
        }
        Ok(all)
    }

    /// All applications of an agency, oldest first.
    pub fn applications(&self, agency: &str) -> Result<Vec<Account>, Error> {
        let query = concat!("SELECT ", columns!(), " FROM account WHERE agency = ? ORDER BY id");
        self.db.all(query, params![agency], read)
    }

    /// The application whose ownership a link proves: agency and row.
    pub fn application_of_link(
        &self,
        token_hash: &[u8; 32],
        now: i64,
    ) -> Result<Option<(String, i64)>, Error> {
        self.account_of_link("application_link", token_hash, now)
    }

    /// Whose password a link may set.
    pub fn reset_of(&self, token_hash: &[u8; 32], now: i64) -> Result<Option<(String, i64)>, Error> {
        self.account_of_link("password_reset", token_hash, now)
    }

    fn account_of_link(
        &self,
        table: &str,
        token_hash: &[u8; 32],
        now: i64,
    ) -> Result<Option<(String, i64)>, Error> {
        self.db.optional(&format!(
                "SELECT account.agency, account.id FROM {table} AS link JOIN account ON account.id = link.account \
                 WHERE token_hash = ? AND expires_at > ?"
            ), params![token_hash, now], |row| Ok((row.get(0)?, row.get(1)?)))
    }
}

impl Writer<'_> {
    /// Adds an application and returns its row.
    pub fn apply(&self, agency: &str, new: &NewApplication<'_>, now: i64) -> Result<i64, Error> {
        self.want(agency, new.number)?;
        self.db.one(
            "INSERT INTO account (agency, category, number, login_id, password_hash, fields, state, \
            applied_at, receipt) VALUES (:agency, :category, :number, :login_id, :password_hash, :fields, \
            :state, :now, :receipt) RETURNING id",
            named_params! {
                ":agency": agency,
                ":category": new.category,
                ":number": new.number,
                ":login_id": new.login_id,
                ":password_hash": new.password_hash,
                ":fields": Json(new.values),
                ":state": Code(new.state),
                ":receipt": new.receipt,
                ":now": now,
            },
            |row| row.get(0),
        )
    }

    /// 審査: approves or rejects a pending application.
    pub fn decide(&self, id: i64, state: ApplicationState, reason: &str, now: i64) -> Result<(), Error> {
        self.db.execute(
            "UPDATE account SET state = ?, reason = ?, decided_at = ? WHERE id = ?",
            params![Code(state), reason, now, id],
        )?;
        Ok(())
    }

    /// Updates an ID with everything in `account` except its state. Removes its draft and voids its link.
    pub fn change_account(&self, account: &Account) -> Result<(), Error> {
        self.db.execute(
            "UPDATE account SET login_id = ?, password_hash = ?, fields = ?, revision = revision + 1, \
             draft = NULL, draft_saved_at = NULL WHERE id = ?",
            params![account.login_id, account.password_hash, Json(&account.values), account.id],
        )?;
        self.void_reset(account.id)
    }

    /// Saves what was typed at 変更.
    pub fn save_account_draft(&self, id: i64, values: &Values, now: i64) -> Result<(), Error> {
        self.db.execute(
            "UPDATE account SET draft = ?, draft_saved_at = ? WHERE id = ?",
            params![Json(values), now, id],
        )?;
        Ok(())
    }

    /// Stores a link that proves ownership of an application.
    pub fn issue_application_link(
        &self,
        account: i64,
        token_hash: &[u8; 32],
        expires_at: i64,
    ) -> Result<(), Error> {
        self.db.execute(
            "INSERT INTO application_link (account, token_hash, expires_at) VALUES (?, ?, ?) \
             ON CONFLICT (account) DO UPDATE SET token_hash = excluded.token_hash, \
             expires_at = excluded.expires_at",
            params![account, token_hash, expires_at],
        )?;
        Ok(())
    }

    /// Voids an application's link.
    pub fn void_application_link(&self, account: i64) -> Result<(), Error> {
        self.db.execute("DELETE FROM application_link WHERE account = ?", params![account])?;
        Ok(())
    }

    /// Lets a link set a new password, besides those before. It lives for `life` from the moment on when the mail of that
    /// `Message-ID` has left, which must be by `expires_at`.
    pub fn issue_reset(
        &self,
        account: i64,
        token_hash: &[u8; 32],
        (mail, life): (&str, i64),
        expires_at: i64,
    ) -> Result<(), Error> {
        self.db.execute(
            "INSERT INTO password_reset (account, token_hash, mail, life, expires_at) \
             VALUES (?, ?, ?, ?, ?)",
            params![account, token_hash, mail, life, expires_at],
        )?;
        Ok(())
    }

    /// All of them.
    fn void_reset(&self, account: i64) -> Result<(), Error> {
        self.db.execute("DELETE FROM password_reset WHERE account = ?", params![account])?;
        Ok(())
    }
}
