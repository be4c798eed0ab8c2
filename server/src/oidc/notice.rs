//! Back-channel logout 1.0: clients are notified that a sign-in has ended because its card, ID or company was
//! stopped.
//!
//! Found by looking into the store, not reported by whoever stops something: so no way of stopping can be
//! forgotten, and commands beside the server count, too. Notifications wait in the store until delivered.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use serde::Serialize;
use touroku_proto::sign_in::Client;

use super::{issuer, jws, keys};
use crate::{
    app::App,
    error::Error,
    outgoing::{self, Sender},
    store::DueLogout,
};

/// How long a client has to respond.
const TIMEOUT: Duration = Duration::from_secs(5);

/// How many are notified at once.
const BATCH: u32 = 200;

/// After this long the client's own session is over, too.
const GIVE_UP: i64 = super::SIGN_IN_LIFE;

/// How long a logout token is valid, in seconds.
const LIFE: i64 = 120;

/// The token's name for the event.
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

#[derive(Serialize)]
struct LogoutToken<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    iat: i64,
    exp: i64,
    jti: String,
    sid: &'a str,
    events: BTreeMap<&'static str, BTreeMap<&'static str, ()>>,
}

/// How a logout went.
enum Outcome {
    Heard,
    Hopeless(&'static str),
    Failed(String),
}

/// Whether a sign-in has ended, or a client has not been notified of one.
///
/// # Errors
/// Those of the store.
pub async fn is_due(app: &Arc<App>) -> Result<bool, Error> {
    let now = app.outside.now();
    let look = app.store.read(move |reader| {
        Ok(!reader.lost_grants(now)?.is_empty() || !reader.due_logouts(now, 1)?.is_empty())
    });
    look.await
}

/// Ends the sign-ins whose card, ID or company was stopped, and notifies the clients that are due. Returns how
/// many were reached.
///
/// # Errors
/// Those of the store.
pub async fn tell(app: &Arc<App>) -> Result<usize, Error> {
    let now = app.outside.now();
    let lost = app.store.read(move |reader| reader.lost_grants(now)).await?;
    if !lost.is_empty() {
        app.store
            .write(move |writer| lost.iter().try_for_each(|grant| writer.end_grant(*grant, true, now)))
            .await?;
    }
    let due = app.store.read(move |reader| reader.due_logouts(now, BATCH)).await?;
    if due.is_empty() {
        return Ok(0);
    }
    let web = Sender::new(TIMEOUT, &app.settings.internal)?;
    let mut tries = tokio::task::JoinSet::new();
    for logout in due {
        let (app, web) = (Arc::clone(app), web.clone());
        tries.spawn(async move { settle(&app, &web, logout).await });
    }
    let mut heard = 0;
    while let Some(tried) = tries.join_next().await {
        heard += usize::from(tried.unwrap_or(Err(Error::Defect("a logout panicked")))?);
    }
    Ok(heard)
}

async fn settle(app: &Arc<App>, web: &Sender, logout: DueLogout) -> Result<bool, Error> {
    let outcome = attempt(app, web, &logout).await?;
    let (id, now) = (logout.id, app.outside.now());
    let is_late = now - logout.created_at > GIVE_UP;
    match outcome {
        Outcome::Failed(reason) if !is_late => {
            let pause = outgoing::pause(logout.attempts);
            let (agency, client) = (&logout.agency, &logout.client);
            tracing::warn!(agency, client, reason, "a client was not told of a logout");
            app.store.write(move |writer| writer.put_logout_off(id, now + pause)).await?;
            return Ok(false);
        }
        Outcome::Failed(_) => tracing::error!(
            agency = logout.agency,
            client = logout.client,
            "a client was never told of a logout"
        ),
        Outcome::Hopeless(reason) => {
            tracing::debug!(agency = logout.agency, client = logout.client, reason, "no logout to tell");
        }
        Outcome::Heard => {}
    }
    let heard = matches!(outcome, Outcome::Heard);
    app.store.write(move |writer| writer.end_logout(id)).await?;
    Ok(heard)
}

async fn attempt(app: &Arc<App>, web: &Sender, logout: &DueLogout) -> Result<Outcome, Error> {
    let profile = app.agencies.profile(&logout.agency).ok();
    let Some(client) = profile.and_then(|profile| profile.client(&logout.client)) else {
        return Ok(Outcome::Hopeless("the client is gone"));
    };
    if client.backchannel_logout_uri.is_empty() {
        return Ok(Outcome::Hopeless("the client names no address"));
    }
    let token = token(app, client, logout).await?;
    let body = format!("logout_token={token}");
    let request = web
        .post(&client.backchannel_logout_uri)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body);
    // Also 204, which is not in the standard, but many clients send it.
    Ok(web.arrived(request).await.map_or_else(Outcome::Failed, |()| Outcome::Heard))
}

async fn token(app: &Arc<App>, client: &Client, logout: &DueLogout) -> Result<String, Error> {
    let key = keys::current(app, client.algorithm).await?;
    let now = app.outside.now().div_euclid(1000);
    let claims = LogoutToken {
        iss: &issuer(&app.settings.origin, &logout.agency),
        sub: &logout.subject,
        aud: &client.code,
        iat: now,
        exp: now + LIFE,
        jti: hex::encode(app.outside.random::<16>()),
        sid: &logout.sid,
        events: BTreeMap::from([(EVENT, BTreeMap::new())]),
    };
    jws::write(&key, "logout+jwt", &claims)
}
