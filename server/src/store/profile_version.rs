//! 機関設定: the texts that a profile has had.

use super::{Reader, Writer, db::params};
use crate::error::Error;

/// A text that a profile has, or has had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProfileText {
    pub id: i64,
    /// When it was put into effect, or found in the file; Unix milliseconds.
    pub at: i64,
    /// ログインID; empty: it was in the file, whoever wrote it.
    pub officer: String,
    /// TOML.
    pub text: String,
}

impl Reader<'_> {
    /// The latest texts, newest first.
    pub fn profile_texts(&self, agency: &str, most: u32) -> Result<Vec<ProfileText>, Error> {
        self.db.all(
            "SELECT id, at, officer, text FROM profile_version WHERE agency = ? ORDER BY id DESC LIMIT ?",
            params![agency, most],
            |row| {
                Ok(ProfileText {
                    id: row.get("id")?,
                    at: row.get("at")?,
                    officer: row.get("officer")?,
                    text: row.get("text")?,
                })
            },
        )
    }

    /// One of them.
    pub fn profile_text(&self, agency: &str, id: i64) -> Result<Option<String>, Error> {
        self.db.optional(
            "SELECT text FROM profile_version WHERE agency = ? AND id = ?",
            params![agency, id],
            |row| row.get(0),
        )
    }
}

impl Writer<'_> {
    /// Keeps a text, unless it is the latest one.
    pub fn keep_profile(&self, agency: &str, officer: &str, text: &str, now: i64) -> Result<(), Error> {
        let latest = self.profile_texts(agency, 1)?;
        if latest.first().is_some_and(|latest| latest.text == text) {
            return Ok(());
        }
        self.db.execute(
            "INSERT INTO profile_version (agency, at, officer, text) VALUES (?, ?, ?, ?)",
            params![agency, now, officer, text],
        )?;
        Ok(())
    }
}
