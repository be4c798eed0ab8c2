//! Who acts: the officer making a request.

use std::sync::Arc;

use touroku_proto::{
    api::ApiErrorCode,
    officer::{
        Role,
        audit::{AuditAction, Detail},
    },
};

use super::session::session_end;
use crate::{
    app::App,
    error::Error,
    store::{Actor, OfficerSession, SessionId, Writer},
    ticket::Ticket,
};

/// A session is extended only when this much has passed since the last time, in milliseconds: not every request
/// should write.
const TOUCH_AFTER: i64 = 60_000;

/// An officer's session, among tickets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Officer {}

/// The secret in the cookie of an officer's session.
pub type OfficerKey = Ticket<Officer>;

/// The officer making a request, and their agency.
#[derive(Clone)]
pub struct Acting {
    pub officer: OfficerSession,
    pub session: SessionId,
    pub address: String,
}

impl Acting {
    pub fn agency(&self) -> &str {
        &self.officer.agency
    }

    /// For 監査記録.
    pub fn actor(&self) -> Actor<'_> {
        self.officer.actor(&self.address)
    }

    /// Records what they do, in the transaction that does it.
    pub fn record(
        &self,
        writer: &Writer<'_>,
        action: AuditAction,
        subject: &str,
        detail: &Detail,
        now: i64,
    ) -> Result<(), Error> {
        writer.record_deed(self.actor(), action, subject, detail, now)
    }
}

/// The officer of that session, if their role is at least `least`. Keeps the session alive.
///
/// # Errors
/// `session_missing`, `forbidden`.
pub async fn acting(app: &Arc<App>, key: OfficerKey, address: String, least: Role) -> Result<Acting, Error> {
    let (session, now) = (key.id(), app.outside.now());
    let found = app.store.read(move |reader| reader.officer_session(&session, now)).await?;
    let mut officer = found.ok_or(Error::Refused(ApiErrorCode::SessionMissing))?;
    if officer.role < least {
        return Err(ApiErrorCode::Forbidden.into());
    }
    if now - officer.seen_at >= TOUCH_AFTER {
        officer.expires_at = session_end(app, officer.began_at).max(officer.expires_at);
        let expires_at = officer.expires_at;
        app.store.write(move |writer| writer.touch_officer_session(&session, expires_at, now)).await?;
    }
    Ok(Acting { officer, session, address })
}
