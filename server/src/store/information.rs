//! Passwords of the 入札情報公開システム, sealed, until the company has been shown them.

use super::{Reader, SessionId, Writer, db::params};
use crate::error::Error;

/// One that the roster brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InformationPassword {
    /// `None`: it was shown, and is gone.
    pub sealed: Option<Vec<u8>>,
    /// When it was first shown.
    pub shown_at: Option<i64>,
    /// The session that it was shown in, and may be shown in again.
    shown_in: Option<Vec<u8>>,
}

impl InformationPassword {
    /// Whether the session may be shown it.
    pub fn is_for(&self, session: &SessionId) -> bool {
        self.shown_at.is_none() || self.shown_in.as_deref() == Some(session)
    }
}

impl Reader<'_> {
    /// The company's password with that mark.
    pub fn information_password(
        &self,
        (agency, number): (&str, &str),
        mark: &str,
    ) -> Result<Option<InformationPassword>, Error> {
        self.db.optional(
            "SELECT sealed, shown_at, shown_in FROM information_password \
             WHERE agency = ? AND number = ? AND mark = ?",
            params![agency, number, mark],
            |row| {
                Ok(InformationPassword {
                    sealed: row.get("sealed")?,
                    shown_at: row.get("shown_at")?,
                    shown_in: row.get("shown_in")?,
                })
            },
        )
    }
}

impl Writer<'_> {
    /// Keeps a company's password, whether or not it was shown before. One that an edition brings is kept whether or not that comes
    /// into force.
    pub fn keep_information_password(
        &self,
        (agency, number): (&str, &str),
        mark: &str,
        sealed: &[u8],
    ) -> Result<(), Error> {
        self.db.execute(
            "INSERT INTO information_password (agency, number, mark, sealed) VALUES (?, ?, ?, ?) \
             ON CONFLICT (agency, number, mark) DO UPDATE SET sealed = excluded.sealed, shown_at = NULL, \
             shown_in = NULL",
            params![agency, number, mark, sealed],
        )?;
        Ok(())
    }

    /// That session is shown the password.
    pub fn information_password_shown(
        &self,
        (agency, number): (&str, &str),
        mark: &str,
        session: &SessionId,
        now: i64,
    ) -> Result<(), Error> {
        self.db.execute(
            "UPDATE information_password SET shown_at = ?, shown_in = ? \
             WHERE agency = ? AND number = ? AND mark = ? AND shown_at IS NULL",
            params![now, session, agency, number, mark],
        )?;
        Ok(())
    }

    /// Forgets those of the companies after one number, up to another, that no row of any edition names.
    pub(super) fn forget_unnamed(&self, agency: &str, after: &str, end: &str) -> Result<(), Error> {
        // A mark is 32 random hex digits: the text of `more` holds them for this reason only.
        self.db.execute(
            "DELETE FROM information_password WHERE agency = ?1 AND number > ?2 AND number <= ?3 \
             AND NOT EXISTS (SELECT 1 FROM roster_row AS r WHERE r.agency = ?1 \
             AND r.number = information_password.number AND r.more LIKE '%' || information_password.mark || '%')",
            params![agency, after, end],
        )?;
        Ok(())
    }

    /// Forgets those whose session has ended. Returns how many.
    pub(super) fn tidy_shown_passwords(&self, now: i64) -> Result<usize, Error> {
        self.db.execute(
            "UPDATE information_password SET sealed = NULL, shown_in = NULL WHERE shown_in IS NOT NULL \
             AND NOT EXISTS (SELECT 1 FROM session WHERE session.id = information_password.shown_in \
             AND session.expires_at > ?)",
            params![now],
        )
    }
}
