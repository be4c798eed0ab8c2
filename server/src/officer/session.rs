//! An officer's session: begun by a sign-in, viewed, listed, ended.

use std::sync::Arc;

use touroku_proto::{
    api::ApiErrorCode,
    export::{ExportFile, OfferedFile},
    officer::{
        LinkedCard, OfficerView, OpenSession,
        audit::{AuditAction, Detail},
    },
};

use super::{Acting, OfficerKey};
use crate::{
    agency::Agencies,
    app::App,
    error::Error,
    guess::{KnownBrowser, Target, note_sign_in},
    http::limits::Address,
    store::{NewOfficerSession, Officer, OfficerSession, Writer},
};

/// How long after its beginning a session ends in any case: a working day. Milliseconds.
const LONGEST: i64 = 12 * 3_600_000;

/// When a session begun then and used now ends.
pub(super) fn session_end(app: &App, began_at: i64) -> i64 {
    app.session_end().min(began_at + LONGEST)
}

/// Somebody who has signed in.
pub struct SignedIn {
    pub key: OfficerKey,
    /// As shown by the page.
    pub view: OfficerView,
    /// The browser's new cookie of known accounts, if it changed.
    pub known: Option<KnownBrowser>,
}

pub(super) struct SignIn {
    app: Arc<App>,
    key: OfficerKey,
    public_id: String,
    replaced: Option<OfficerKey>,
    address: Address,
    known: KnownBrowser,
    by_card: bool,
    expires_at: i64,
    now: i64,
}

impl SignIn {
    /// Always a new key, so that one known to somebody before is worthless afterwards.
    pub(super) fn new(
        app: &Arc<App>,
        (replaced, known): (Option<OfficerKey>, KnownBrowser),
        address: Address,
        by_card: bool,
    ) -> Self {
        let now = app.outside.now();
        Self {
            app: Arc::clone(app),
            key: OfficerKey::fresh(&app.outside),
            public_id: hex::encode(app.outside.random::<8>()),
            replaced,
            address,
            known,
            by_card,
            expires_at: session_end(app, now),
            now,
        }
    }

    pub(super) fn sign_in(self, writer: &Writer<'_>, officer: &Officer) -> Result<SignedIn, Error> {
        let (id, address) = (self.key.id(), self.address.to_string());
        let new = NewOfficerSession {
            id,
            public_id: &self.public_id,
            officer: officer.id,
            address: &address,
            by_card: self.by_card,
            expires_at: self.expires_at,
            previous_login_at: officer.last_login_at,
        };
        let replaced = self.replaced.map(OfficerKey::id);
        writer.begin_officer_session(&new, replaced.as_ref(), self.now)?;
        writer.note_officer_login(officer.id, self.now)?;
        let action = if self.by_card { AuditAction::CardLogin } else { AuditAction::Login };
        writer.record_deed(officer.actor(&address), action, &officer.login_id, &Detail::None, self.now)?;
        let session = writer.officer_session(&id, self.now)?;
        let session = session.ok_or(Error::Refused(ApiErrorCode::SessionMissing))?;
        let target = Target::officer(&officer.agency, &officer.login_id);
        note_sign_in(writer, &self.app.key, &target, self.address, self.now)?;
        let known = self.known.with(&self.app, &target)?;
        Ok(SignedIn { key: self.key, view: view(&self.app.agencies, &session, self.now)?, known })
    }
}

/// The officer's session as shown by the page. `now` in Unix milliseconds.
pub(super) fn view(agencies: &Agencies, session: &OfficerSession, now: i64) -> Result<OfficerView, Error> {
    let profile = agencies.profile(&session.agency)?;
    let offered = |file: &ExportFile| OfferedFile { code: file.code.clone(), name: file.name.clone() };
    Ok(OfficerView {
        login_id: session.login_id.clone(),
        name: session.name.clone(),
        role: session.role,
        agency: session.agency.clone(),
        agency_name: profile.name.to_string(),
        expires_unix_ms: session.expires_at,
        ends_unix_ms: Some(session.began_at + LONGEST),
        now_unix_ms: now,
        has_card: session.card.is_some(),
        card: session
            .card
            .clone()
            .map(|serial| LinkedCard { serial, linked_unix_ms: session.card_linked_at }),
        previous_login_unix_ms: session.previous_login_at,
        notices: session.notices,
        files: profile.export.iter().map(offered).collect(),
    })
}

/// The same, after the request has changed it.
pub(super) fn view_of(
    writer: &Writer<'_>,
    app: &App,
    acting: &Acting,
    now: i64,
) -> Result<OfficerView, Error> {
    let session = writer.officer_session(&acting.session, now)?;
    view(&app.agencies, &session.ok_or(Error::Refused(ApiErrorCode::SessionMissing))?, now)
}

/// Who is signed in.
pub fn current(app: &App, acting: &Acting) -> Result<OfficerView, Error> {
    view(&app.agencies, &acting.officer, app.outside.now())
}

pub async fn sign_out(app: &Arc<App>, acting: Acting) -> Result<(), Error> {
    let now = app.outside.now();
    app.store
        .write(move |writer| {
            writer.end_officer_session(&acting.session)?;
            acting.record(writer, AuditAction::Logout, &acting.officer.login_id, &Detail::None, now)
        })
        .await
}

/// Where the officer is signed in.
pub async fn sessions(app: &Arc<App>, acting: Acting) -> Result<Vec<OpenSession>, Error> {
    let now = app.outside.now();
    app.store
        .read(move |reader| reader.open_officer_sessions(acting.officer.officer, &acting.session, now))
        .await
}

/// Ends one of the officer's own sessions.
///
/// # Errors
/// `not_found` when it belongs to somebody else, or has ended meanwhile.
pub async fn end_session(app: &Arc<App>, acting: Acting, public_id: String) -> Result<(), Error> {
    let now = app.outside.now();
    app.store
        .write(move |writer| {
            if !writer.end_officer_session_named(acting.officer.officer, &public_id)? {
                return Err(ApiErrorCode::NotFound.into());
            }
            acting.record(writer, AuditAction::SessionEnded, &acting.officer.login_id, &Detail::None, now)
        })
        .await
}
