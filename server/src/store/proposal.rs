//! 機関設定: a profile awaiting confirmation.

use super::{Reader, Writer, db::params};
use crate::error::Error;

/// A profile awaiting confirmation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// TOML.
    pub text: String,
    /// SHA-256, hex, of the text it was made from.
    pub base: String,
    /// ログインID of its proposer.
    pub officer: String,
    /// When it was proposed, Unix milliseconds.
    pub at: i64,
    /// Another administrator must confirm it.
    pub needs_second: bool,
}

impl Reader<'_> {
    /// The agency's profile awaiting confirmation.
    pub fn proposal(&self, agency: &str) -> Result<Option<Proposal>, Error> {
        self.db.optional(
            "SELECT text, base, officer, at, needs_second FROM profile_proposal WHERE agency = ?",
            params![agency],
            |row| {
                Ok(Proposal {
                    text: row.get("text")?,
                    base: row.get("base")?,
                    officer: row.get("officer")?,
                    at: row.get("at")?,
                    needs_second: row.get("needs_second")?,
                })
            },
        )
    }

    /// The ログインIDs of the agency's administrators, and of those who were one after `since`.
    pub fn managers(&self, agency: &str, since: i64) -> Result<Vec<String>, Error> {
        self.db.all(
            "SELECT login_id FROM officer WHERE agency = ? AND (demoted_at > ? OR \
             (role = 'manage' AND NOT stopped AND password_hash <> '')) ORDER BY id",
            params![agency, since],
            |row| row.get(0),
        )
    }
}

impl Writer<'_> {
    /// Stores a proposal, replacing the previous one.
    pub fn propose(&self, agency: &str, proposal: &Proposal) -> Result<(), Error> {
        self.db.execute(
            "INSERT INTO profile_proposal (agency, text, base, officer, at, needs_second) \
             VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (agency) DO UPDATE SET text = excluded.text, \
             base = excluded.base, officer = excluded.officer, at = excluded.at, \
             needs_second = excluded.needs_second",
            params![
                agency,
                proposal.text,
                proposal.base,
                proposal.officer,
                proposal.at,
                proposal.needs_second
            ],
        )?;
        Ok(())
    }

    /// Removes the proposal. Returns whether there was one.
    pub fn end_proposal(&self, agency: &str) -> Result<bool, Error> {
        let ended = self.db.execute("DELETE FROM profile_proposal WHERE agency = ?", params![agency])?;
        Ok(ended == 1)
    }
}
