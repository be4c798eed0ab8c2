//! Who makes a call.

use std::sync::Arc;

use axum::http::request::Parts;
use touroku_proto::{
    api::ApiErrorCode,
    endpoint::{Who, caller},
};

use super::{cookie, limits::Address};
use crate::{
    app::App,
    bidder::SessionKey,
    error::Error,
    officer::{Acting, acting},
};

/// A kind of callers.
pub(super) trait Admits {
    /// What a handler knows of such a caller.
    type As: Send + 'static;

    /// Admits the caller, before anything else of the request is looked at.
    fn admit(parts: &Parts, app: &Arc<App>, who: Who)
    -> impl Future<Output = Result<Self::As, Error>> + Send;
}

macro_rules! nobody_in_particular {
    ($($kind:ident),*) => {
        $(impl Admits for caller::$kind {
            type As = ();

            async fn admit(_: &Parts, _: &Arc<App>, _: Who) -> Result<(), Error> {
                Ok(())
            }
        })*
    };
}

// A link's secret is in the body; a sign-in is bound to the browser by a cookie that its handler reads.
nobody_in_particular!(Anybody, Link, SignIn);

impl Admits for caller::Session {
    type As = SessionKey;

    async fn admit(parts: &Parts, app: &Arc<App>, _: Who) -> Result<SessionKey, Error> {
        session(parts, app).await
    }
}

/// What the session has proved, the handler's own work finds out.
impl Admits for caller::Proved {
    type As = SessionKey;

    async fn admit(parts: &Parts, app: &Arc<App>, _: Who) -> Result<SessionKey, Error> {
        session(parts, app).await
    }
}

impl Admits for caller::Officer {
    type As = Acting;

    async fn admit(parts: &Parts, app: &Arc<App>, who: Who) -> Result<Acting, Error> {
        let Who::Officer(least) = who else { return Err(Error::Defect("an officer's call names a role")) };
        let key = cookie::read_officer(&parts.headers).ok_or(Error::Refused(ApiErrorCode::SessionMissing))?;
        let address = parts.extensions.get::<Address>().map(ToString::to_string).unwrap_or_default();
        let acting = acting(app, key, address, least).await?;
        app.governor.admit_session(&acting.session)?;
        Ok(acting)
    }
}

/// The session's key; without a valid-looking one the request goes no further.
async fn session(parts: &Parts, app: &Arc<App>) -> Result<SessionKey, Error> {
    let missing = Error::Refused(ApiErrorCode::SessionMissing);
    let Some(key) = cookie::read(&parts.headers) else { return Err(missing) };
    let id = key.id();
    // A made-up cookie must not create a counter.
    if !app.governor.knows_session(&id) {
        let now = app.outside.now();
        if !app.store.read(move |reader| reader.has_session(&id, now)).await? {
            return Err(missing);
        }
    }
    app.governor.admit_session(&id)?;
    Ok(key)
}
