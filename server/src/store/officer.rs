//! Officers and their sessions.

use rusqlite::{OptionalExtension as _, params};
use touroku_proto::officer::Role;

use super::{Reader, SessionId, session::word};
use crate::error::Error;

/// An officer's session that somebody has signed in to.
#[derive(Clone)]
pub struct OfficerSession {
    /// Row of the officer.
    pub officer: i64,
    /// ログインID.
    pub login_id: String,
    /// 氏名.
    pub name: String,
    /// Role.
    pub role: Role,
    /// Profile code.
    pub agency: String,
    /// When it ends unless something is asked before.
    pub expires_at: i64,
}

impl Reader<'_> {
    /// The session, if it has not ended, its officer is not stopped, and somebody has signed in to it.
    pub fn officer_session(&self, id: &SessionId, now: i64) -> Result<Option<OfficerSession>, Error> {
        let found = self
            .0
            .prepare_cached(
                "SELECT o.id, o.login_id, o.name, o.role, o.agency, s.expires_at FROM officer_session s \
                 JOIN officer o ON o.id = s.officer WHERE s.id = ? AND s.expires_at > ? AND NOT o.stopped",
            )?
            .query_row(params![id, now], |row| {
                let role: String = row.get(3)?;
                let session = OfficerSession {
                    officer: row.get(0)?,
                    login_id: row.get(1)?,
                    name: row.get(2)?,
                    role: Role::View,
                    agency: row.get(4)?,
                    expires_at: row.get(5)?,
                };
                Ok((session, role))
            })
            .optional()?;
        found
            .map(|(session, role)| {
                let role = word(&role).ok_or(Error::Defect("a stored role is none"))?;
                Ok(OfficerSession { role, ..session })
            })
            .transpose()
    }
}
