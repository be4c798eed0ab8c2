//! RP-initiated logout 1.0: a client ends a sign-in and sends the browser here.
//!
//! Nobody stays signed in here after a sign-in, and no two clients share one. So nobody has to be asked, and
//! nobody else notified.

use std::sync::Arc;

use serde::Deserialize;

use super::{Parameters, issuer, jws::Unverified, keys, uri};
use crate::{app::App, error::Error};

/// What happens to the browser.
pub enum LoggedOut {
    /// It goes back to the client.
    Client(String),
    /// It stays here.
    Stays,
}

#[derive(Deserialize)]
struct Hint {
    iss: String,
    aud: Audience,
    sid: String,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many([String; 1]),
}

/// Ends the sign-in named by the hint. The browser goes on only to one of the client's URIs.
///
/// # Errors
/// Those of the store, and an unknown agency.
pub async fn log_out(app: &Arc<App>, agency: &str, parameters: &Parameters) -> Result<LoggedOut, Error> {
    let profile = app.agencies.profile(agency)?;
    let hint = match parameters.value("id_token_hint") {
        Some(token) => read(app, token, &issuer(&app.settings.origin, &profile.code)).await?,
        None => None,
    };
    let named = parameters.value("client_id");
    let hinted = hint.as_ref().map(|(client, _)| client.as_str());
    if named.is_some() && hinted.is_some() && named != hinted {
        return Ok(LoggedOut::Stays);
    }
    if let Some((client, sid)) = hint.clone() {
        let (code, now) = (profile.code.clone(), app.outside.now());
        app.store
            .write(move |writer| match writer.grant_by_sid(&sid)? {
                Some(grant) if (&grant.of.agency, &grant.of.client) == (&code, &client) => {
                    writer.end_grant(grant.id, false, now)
                }
                _ => Ok(()),
            })
            .await?;
    }
    let client = hinted.or(named).and_then(|code| profile.client(code));
    let (Some(client), Some(wanted)) = (client, parameters.value("post_logout_redirect_uri")) else {
        return Ok(LoggedOut::Stays);
    };
    if !client.post_logout_redirect_uris.iter().any(|known| known == wanted) {
        return Ok(LoggedOut::Stays);
    }
    Ok(LoggedOut::Client(match parameters.value("state") {
        Some(state) => uri::with(wanted, &[("state", state)]),
        None => wanted.to_owned(),
    }))
}

/// The client and the sign-in's id, from an ID token of ours, however old.
async fn read(app: &Arc<App>, token: &str, issuer: &str) -> Result<Option<(String, String)>, Error> {
    let Some(token) = Unverified::parse(token) else { return Ok(None) };
    let Some(Hint { iss, aud, sid }) = token.claims() else { return Ok(None) };
    for key in keys::all(app).await? {
        if token.kid.as_ref() == Some(&key.kid) && token.is_by(&key.public()?) && iss == issuer {
            let (Audience::One(client) | Audience::Many([client])) = aud;
            return Ok(Some((client, sid)));
        }
    }
    Ok(None)
}
