//! 機関設定: the texts that a profile has had.

use touroku_proto::officer::profile::{KeyChange, ProfileVersion};

use super::{
    Reader, Writer,
    column::{Columns as _, Json},
    db::params,
};
use crate::error::Error;

/// One that was kept before changes were.
pub struct Uncompared {
    pub id: i64,
    pub text: String,
    /// The one before it.
    pub former: Option<String>,
}

impl Reader<'_> {
    /// The latest versions, or those before one of them, newest first.
    pub fn profile_versions(
        &self,
        agency: &str,
        before: Option<i64>,
        most: u32,
    ) -> Result<Vec<ProfileVersion>, Error> {
        self.db.all(
            "SELECT id, at, officer, changes FROM profile_version WHERE agency = ? AND id < ? \
             ORDER BY id DESC LIMIT ?",
            params![agency, before.unwrap_or(i64::MAX), most],
            |row| {
                Ok(ProfileVersion {
                    id: row.get("id")?,
                    at_unix_ms: row.get("at")?,
                    officer: row.get("officer")?,
                    changes: row.json::<Option<Vec<KeyChange>>>("changes")?.unwrap_or_default(),
                })
            },
        )
    }

    /// The text of one of them.
    pub fn profile_text(&self, agency: &str, id: i64) -> Result<Option<String>, Error> {
        self.db.optional(
            "SELECT text FROM profile_version WHERE agency = ? AND id = ?",
            params![agency, id],
            |row| row.get(0),
        )
    }

    /// The text that was kept last.
    pub fn latest_profile(&self, agency: &str) -> Result<Option<String>, Error> {
        self.db.optional(
            "SELECT text FROM profile_version WHERE agency = ? ORDER BY id DESC LIMIT 1",
            params![agency],
            |row| row.get(0),
        )
    }

    /// One whose changes are not known.
    pub fn uncompared_profile(&self) -> Result<Option<Uncompared>, Error> {
        self.db.optional(
            "SELECT id, text, (SELECT former.text FROM profile_version AS former \
             WHERE former.agency = version.agency AND former.id < version.id \
             ORDER BY former.id DESC LIMIT 1) AS former_text \
             FROM profile_version AS version WHERE changes IS NULL ORDER BY id LIMIT 1",
            params![],
            |row| {
                Ok(Uncompared { id: row.get("id")?, text: row.get("text")?, former: row.get("former_text")? })
            },
        )
    }
}

impl Writer<'_> {
    /// Keeps a text as the latest, with what it changes.
    pub fn keep_profile(
        &self,
        agency: &str,
        officer: &str,
        text: &str,
        changes: &[KeyChange],
        now: i64,
    ) -> Result<(), Error> {
        self.db.execute(
            "INSERT INTO profile_version (agency, at, officer, text, changes) VALUES (?, ?, ?, ?, ?)",
            params![agency, now, officer, text, Json(changes)],
        )?;
        Ok(())
    }

    /// Keeps what one of them changed.
    pub fn compare_profile(&self, id: i64, changes: &[KeyChange]) -> Result<(), Error> {
        self.db.execute("UPDATE profile_version SET changes = ? WHERE id = ?", params![Json(changes), id])?;
        Ok(())
    }
}
