//! Sessions: begin, view, end.

use std::sync::Arc;

use touroku_proto::api::{ApiErrorCode, SessionView, StartSession};

pub use super::key::SessionKey;
use super::{
    admission::is_suspension,
    view::{self, view},
};
use crate::{app::App, error::Error, store::SessionId};

/// A session is extended only when this much of it has passed, in milliseconds: not every request should write.
const TOUCH_AFTER: i64 = 60_000;

/// Begins a session at an agency and category, replacing the previous one.
pub async fn begin(
    app: &Arc<App>,
    replaced: Option<SessionKey>,
    request: StartSession,
) -> Result<(SessionKey, SessionView), Error> {
    let (profile, category, _) = app.agencies.category(&request.agency, &request.category)?;
    if !category.access.allows(request.way) || profile.form_for(category, request.way).is_none() {
        return Err(ApiErrorCode::WayNotAllowed.into());
    }
    app.agencies.admit(&request.agency, app.outside.now())?;
    let key = SessionKey::fresh(&app.outside);
    let (id, expires_at) = (key.id(), app.session_end());
    let view = SessionView::begun(&request.agency, &request.category, request.way, expires_at);
    app.store
        .write(move |writer| {
            let replaced = replaced.map(SessionKey::id);
            let place = (request.agency.as_str(), request.category.as_str(), request.way);
            writer.begin_session(&id, replaced.as_ref(), place, expires_at)
        })
        .await?;
    Ok((key, view))
}

/// The session's progress. Keeps it alive.
pub async fn current(app: &Arc<App>, key: SessionKey) -> Result<SessionView, Error> {
    let (id, now, expires_at) = (key.id(), app.outside.now(), app.session_end());
    let shared = Arc::clone(app);
    let read = app.store.read(move |reader| {
        let session = reader.current_session(&id, now)?;
        let view = view(reader, &shared.agencies, &session, now)?;
        Ok((view, session.occasion))
    });
    let (view, occasion_seen) = match read.await {
        Err(error) if is_suspension(&error) => {
            return turn_back(app, id, expires_at).await;
        }
        read => read?,
    };
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
            let view = view::view(writer, &shared.agencies, &session, now)?;
            if let (Some(number), Some(company)) = (&session.number, &view.company) {
                writer.select_company(&id, number, company.occasion)?;
            }
            Ok(view)
        })
        .await
}

/// Resets a session whose company or card was suspended. Nothing else that may be done here, for this or another
/// company at this computer, has to wait until it has ended.
///
/// The suspension may be lifted while this waits for its turn to write: it is checked again there, and a
/// session no longer refused continues where it is.
async fn turn_back(app: &Arc<App>, id: SessionId, expires_at: i64) -> Result<SessionView, Error> {
    let (shared, now) = (Arc::clone(app), app.outside.now());
    app.store
        .write(move |writer| {
            let session = writer.current_session(&id, now)?;
            let refusal = match view::after(writer, &shared.agencies, &id, expires_at, now) {
                Err(error) if is_suspension(&error) => error,
                view => return view,
            };
            writer.restart_session(&id, expires_at)?;
            let view = SessionView::begun(&session.agency, &session.category, session.way, expires_at);
            let refused = Some(refusal.code());
            let refused_until = if let Error::Suspended { until } = refusal { until } else { None };
            Ok(SessionView { refused, refused_until, ..view })
        })
        .await
}

pub async fn end(app: &Arc<App>, key: SessionKey) -> Result<(), Error> {
    let id = key.id();
    app.store.write(move |writer| writer.end_session(&id)).await
}
