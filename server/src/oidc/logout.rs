//! RP-initiated logout 1.0: a client ends a sign-in and sends the browser here.
//!
//! Nobody stays signed in here after a sign-in, and no two clients share one. So there is nobody to be asked, and nobody
//! else to be told.

use std::sync::Arc;

use serde::Deserialize;

use super::{Parameters, issuer, jws::Unverified, keys, uri};
use crate::{app::App, error::Error};

/// What becomes of the browser.
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

/// Ends the sign-in that the hint names. The browser goes on only to an address of the client.
///
/// # Errors
/// Of the store, and an agency that there is not.
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

/// Client and name of the sign-in, by an ID token of ours, however old.
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
