//! Drafts, and what was completed.

use touroku_proto::{api::Completed, field::Values};

use super::{
    CardIdentity, Reader, Writer,
    column::{Columns as _, Json},
    db::params,
};
use crate::error::Error;

/// Who completed something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holder {
    /// The card with that row id.
    Card(i64),
    /// The ID with that row id.
    Account(i64),
    /// The pending or rejected card registration with that row id.
    Application(i64),
}

impl Holder {
    /// Columns `card`, `account` and `application`.
    pub(super) fn columns(self) -> [Option<i64>; 3] {
        match self {
            Self::Card(card) => [Some(card), None, None],
            Self::Account(account) => [None, Some(account), None],
            Self::Application(application) => [None, None, Some(application)],
        }
    }
}

/// Something that was completed.
pub struct Completion {
    pub id: i64,
    /// What its page was answered.
    pub completed: Completed,
}

impl Reader<'_> {
    /// The draft for that company with that card.
    pub fn draft(&self, agency: &str, card: &CardIdentity, number: &str) -> Result<Option<Values>, Error> {
        self.db.optional(
            "SELECT fields FROM draft WHERE agency = ? AND issuer = ? AND serial = ? AND number = ?",
            params![agency, card.issuer, card.serial, number],
            |row| row.json("fields"),
        )
    }

    pub fn completion(&self, agency: &str, id: i64) -> Result<Option<Completed>, Error> {
        self.db.optional(
            "SELECT completed FROM completion WHERE id = ? AND agency = ?",
            params![id, agency],
            |row| row.json("completed"),
        )
    }

    /// For which company that was.
    pub fn completed_company(&self, agency: &str, id: i64) -> Result<Option<String>, Error> {
        let query = "SELECT number FROM completion WHERE id = ? AND agency = ? AND number <> ''";
        self.db.optional(query, params![id, agency], |row| row.get(0))
    }

    /// What this very submission of that holder was answered before.
    pub fn completion_of(&self, holder: Holder, submission: &str) -> Result<Option<Completion>, Error> {
        let (column, row) = match holder {
            Holder::Card(row) => ("card", row),
            Holder::Account(row) => ("account", row),
            Holder::Application(row) => ("application", row),
        };
        let query = format!("SELECT id, completed FROM completion WHERE {column} = ? AND submission = ?");
        self.db.optional(&query, params![row, submission], |row| {
            Ok(Completion { id: row.get("id")?, completed: row.json("completed")? })
        })
    }
}

impl Writer<'_> {
    /// Saves the draft for that company with that card.
    pub fn save_draft(
        &self,
        agency: &str,
        card: &CardIdentity,
        number: &str,
        values: &Values,
        now: i64,
    ) -> Result<(), Error> {
        self.db.execute(
            "INSERT INTO draft (agency, issuer, serial, number, fields, saved_at) \
             VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (agency, issuer, serial, number) \
             DO UPDATE SET fields = excluded.fields, saved_at = excluded.saved_at",
            params![agency, card.issuer, card.serial, number, Json(values), now],
        )?;
        Ok(())
    }

    /// Removes all drafts of a card: their purpose is fulfilled.
    pub fn drop_drafts(&self, agency: &str, card: &CardIdentity) -> Result<(), Error> {
        self.db.execute(
            "DELETE FROM draft WHERE agency = ? AND issuer = ? AND serial = ?",
            params![agency, card.issuer, card.serial],
        )?;
        Ok(())
    }

    /// Stores the answer to a submission and returns its row.
    pub fn record_completion(
        &self,
        agency: &str,
        holder: Holder,
        submission: &str,
        completed: &Completed,
    ) -> Result<i64, Error> {
        let [card, account, application] = holder.columns();
        self.db.one(
            "INSERT INTO completion (agency, card, account, application, submission, completed, at, receipt, \
             number) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, coalesce(\
             (SELECT number FROM card WHERE id = ?2), (SELECT number FROM account WHERE id = ?3), \
             (SELECT number FROM card_application WHERE id = ?4))) RETURNING id",
            params![
                agency,
                card,
                account,
                application,
                submission,
                Json(completed),
                completed.at_unix_ms,
                completed.receipt
            ],
            |row| row.get(0),
        )
    }
}
