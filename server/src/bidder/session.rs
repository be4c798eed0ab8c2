//! Sessions: begin, look at, end.

use std::{fmt, sync::Arc};

use sha2::{Digest as _, Sha256};
use touroku_proto::{
    agency::Way,
    api::{ApiErrorCode, CompanyView, SessionView, StartSession},
    card::Purpose,
    form::Occasion,
};

use super::{card::Card, company};
use crate::{
    agency::Agencies,
    app::App,
    error::Error,
    store::{Reader, Session, SessionId},
};

/// A session's end is moved only when this much of it has passed, in milliseconds: not every look writes.
const TOUCH_AFTER: i64 = 60_000;

/// The secret in a session's cookie: 32 random bytes. The store keeps its hash only.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SessionKey([u8; 32]);

impl fmt::Debug for SessionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionKey(…)")
    }
}

impl SessionKey {
    pub(super) fn fresh(app: &App) -> Self {
        Self(app.outside.random())
    }

    /// Reads a cookie's value.
    pub fn parse(text: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(text, &mut bytes).ok()?;
        Some(Self(bytes))
    }

    /// The cookie's value.
    pub fn to_text(self) -> String {
        hex::encode(self.0)
    }

    /// What the store knows it by.
    pub fn id(self) -> SessionId {
        Sha256::digest(self.0).into()
    }
}

/// Begins a session at an agency and category, in place of the one before.
pub async fn begin(
    app: &Arc<App>,
    replaced: Option<SessionKey>,
    request: StartSession,
) -> Result<(SessionKey, SessionView), Error> {
    app.agencies.category(&request.agency, &request.category)?;
    crate::hours::admit(&app.agencies, &request.agency, app.outside.now())?;
    let key = SessionKey::fresh(app);
    let (id, expires_at) = (key.id(), app.session_end());
    let view = SessionView::begun(&request.agency, &request.category, request.way, expires_at);
    app.store
        .write(move |writer| {
            let replaced = replaced.map(SessionKey::id);
            writer.begin_session(&id, replaced.as_ref(), &request.agency, &request.category, expires_at)
        })
        .await?;
    Ok((key, view))
}

/// How far the session has come. Keeps it alive.
pub async fn current(app: &Arc<App>, key: SessionKey) -> Result<SessionView, Error> {
    let (id, now, expires_at) = (key.id(), app.outside.now(), app.session_end());
    let shared = Arc::clone(app);
    let (view, occasion_seen) = app
        .store
        .read(move |reader| {
            let session = reader.current_session(&id, now)?;
            let view = view(reader, &shared.agencies, &session, now)?;
            Ok((view, session.occasion))
        })
        .await?;
    let occasion_shown = view.company.as_ref().map(|company| company.occasion);
    let occasion_changed = occasion_seen.is_some() && occasion_shown != occasion_seen;
    if expires_at - view.expires_unix_ms < TOUCH_AFTER && !occasion_changed {
        return Ok(view);
    }
    let shared = Arc::clone(app);
    app.store
        .write(move |writer| {
            writer.extend_session(&id, expires_at)?;
            let session = writer.current_session(&id, now)?;
            let view = self::view(writer, &shared.agencies, &session, now)?;
            if let (Some(number), Some(company)) = (&session.number, &view.company) {
                writer.select_company(&id, number, company.occasion)?;
            }
            Ok(view)
        })
        .await
}

/// Ends the session.
pub async fn end(app: &Arc<App>, key: SessionKey) -> Result<(), Error> {
    let id = key.id();
    app.store.write(move |writer| writer.end_session(&id)).await
}

/// How far a session has come, as the page sees it. `now` in Unix milliseconds.
pub(super) fn view(
    reader: &Reader<'_>,
    agencies: &Agencies,
    session: &Session,
    now: i64,
) -> Result<SessionView, Error> {
    let mut view = SessionView::begun(&session.agency, &session.category, Way::Card, session.expires_at);
    let Some(presented) = &session.presented else { return Ok(view) };
    let card = Card::read(&presented.certificate)?;
    let registered = reader.card(&session.agency, &card.identity)?;
    view.purpose = Some(presented.purpose);
    view.card = Some(card.view(agencies, registered.is_some(), now));
    if let Some(registration) = session.registration {
        view.completed = reader.completion(&session.agency, registration)?;
    }

    let number = match (&registered, presented.purpose) {
        (Some(registered), Purpose::Bid | Purpose::Change) => Some(&registered.number),
        (_, Purpose::Register) => session.number.as_ref(),
        _ => None,
    };
    let Some(number) = number else { return Ok(view) };
    let (_, category, form) = agencies.category(&session.agency, &session.category)?;
    let row = reader
        .roster_row(&session.agency, number)?
        .ok_or(Error::Defect("a session's company is not in the roster"))?;
    let company = reader.company(&session.agency, number)?;
    let occasion = match (presented.purpose, &company) {
        (Purpose::Register, None) => Occasion::Register,
        // After the registration the page still shows what it was for.
        (Purpose::Register, Some(_)) if view.completed.is_some() => {
            session.occasion.unwrap_or(Occasion::SecondCard)
        }
        (Purpose::Register, Some(_)) => Occasion::SecondCard,
        _ => Occasion::Change,
    };
    let mut values = company::values(category, &row, company.as_ref());
    match &registered {
        Some(registered) => values.merge(registered.values.clone()),
        None => {
            company::prefill(form, occasion, &mut values);
            view.draft = reader.draft(&session.agency, &card.identity, number)?;
        }
    }
    view.company =
        Some(CompanyView { values: company::shown(form, occasion, &values), occasion, revision: 0 });
    Ok(view)
}

/// The card of a session, or the refusal that says to show one.
pub(super) fn presented_card(session: &Session, purpose: Purpose) -> Result<Card, Error> {
    match &session.presented {
        Some(presented) if presented.purpose == purpose => Card::read(&presented.certificate),
        _ => Err(ApiErrorCode::CardNotPresented.into()),
    }
}
