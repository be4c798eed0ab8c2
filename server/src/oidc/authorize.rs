//! The authorization endpoint, and pushed authorization requests (RFC 9126).
//!
//! It checks and sends the browser to the page: `/AGENCY#sign-in=ID`. Who the client is and where responses
//! go is checked first: before that nothing is sent anywhere (RFC 9700, 4.11).

use std::sync::Arc;

use touroku_proto::{
    agency::AgencyProfile,
    sign_in::{Client, FRAGMENT},
};

use super::{
    BrowserKey, Code, PATIENCE, Parameters, Refusal, SHORT, client::authenticate, hash, issuer, secret, uri,
};
use crate::{
    app::App,
    error::Error,
    store::{Asked, SignInRequest},
};

/// The prefix of a pushed request's URI (RFC 9126, 2.2).
const PUSHED: &str = "urn:ietf:params:oauth:request_uri:";

/// What happens to a browser at the authorization endpoint.
pub enum Authorized {
    /// It goes to our page, which asks for the login.
    Page {
        /// The path.
        location: String,
        /// The browser's new cookie.
        browser: BrowserKey,
    },
    /// It goes back to the client with a refusal.
    Client {
        /// The address.
        location: String,
    },
    /// Nobody knows where it came from: it stays here.
    Stays(Refusal),
}

/// Handles a browser's request. `browser`: its cookie.
///
/// # Errors
/// Those of the store, and an unknown agency.
pub async fn authorize(
    app: &Arc<App>,
    agency: &str,
    browser: Option<BrowserKey>,
    parameters: &Parameters,
) -> Result<Authorized, Error> {
    let profile = app.agencies.profile(agency)?;
    let stays = |code, reason| Ok(Authorized::Stays(Refusal::new(code, reason)));
    let Some(client) = parameters.value("client_id").and_then(|code| profile.client(code)) else {
        return stays(Code::InvalidClient, "no such client");
    };
    let now = app.outside.now();
    let asked = match parameters.value("request_uri") {
        Some(uri) => {
            let Some(name) = uri.strip_prefix(PUSHED) else {
                return stays(Code::InvalidRequestUri, "request_uri is not this server's");
            };
            let (name, place) = (hash(name), (profile.code.clone(), client.code.clone()));
            let taken =
                app.store.write(move |writer| writer.take_pushed(&name, (&place.0, &place.1), now)).await?;
            match taken {
                Some(request) if client.redirect_uris.contains(&request.asked.redirect_uri) => request.asked,
                _ => return stays(Code::InvalidRequestUri, "request_uri is unknown, over or used"),
            }
        }
        None => {
            let Some(redirect_uri) = redirect_uri(client, parameters) else {
                return stays(Code::InvalidRequest, "redirect_uri is not one of the client's");
            };
            let parsed = if client.pushed_only {
                Err(Refusal::new(Code::InvalidRequest, "requests must be pushed"))
            } else {
                Asked::parse(client, redirect_uri, parameters)
            };
            match parsed {
                Ok(asked) => asked,
                Err(refusal) => {
                    let state = parameters.value("state");
                    let location = refused(app, profile, (redirect_uri, state), &refusal);
                    return Ok(Authorized::Client { location });
                }
            }
        }
    };
    let id = secret(&app.outside);
    let browser = browser.unwrap_or_else(|| BrowserKey::fresh(&app.outside));
    let request = SignInRequest {
        agency: profile.code.clone(),
        client: client.code.clone(),
        asked,
        began_at: now,
        expires_at: now + PATIENCE,
    };
    let (name, place) = (hash(&id), browser.id());
    app.store.write(move |writer| writer.begin_sign_in(&name, Some(&place), &request)).await?;
    Ok(Authorized::Page { location: format!("/{}#{FRAGMENT}{id}", profile.code), browser })
}

/// Stores a client's pushed request; returns its URI and lifetime in seconds.
///
/// # Errors
/// [`Refusal`].
pub async fn push(
    app: &Arc<App>,
    agency: &str,
    authorization: Option<&str>,
    parameters: &Parameters,
) -> Result<(String, i64), Refusal> {
    let profile = app.agencies.profile(agency)?;
    let client = authenticate(app, profile, authorization, parameters, "par").await?;
    if parameters.value("request_uri").is_some() {
        return Err(Refusal::new(Code::InvalidRequest, "a pushed request has no request_uri"));
    }
    let redirect_uri = redirect_uri(client, parameters)
        .ok_or(Refusal::new(Code::InvalidRequest, "redirect_uri is not one of the client's"))?;
    let asked = Asked::parse(client, redirect_uri, parameters)?;
    let (name, now) = (secret(&app.outside), app.outside.now());
    let request = SignInRequest {
        agency: profile.code.clone(),
        client: client.code.clone(),
        asked,
        began_at: now,
        expires_at: now + SHORT,
    };
    let id = hash(&name);
    app.store.write(move |writer| writer.begin_sign_in(&id, None, &request)).await?;
    Ok((format!("{PUSHED}{name}"), SHORT / 1000))
}

/// The client's redirect URI named in a request, compared character by character.
fn redirect_uri<'p>(client: &Client, parameters: &'p Parameters) -> Option<&'p str> {
    let named = parameters.value("redirect_uri")?;
    client.redirect_uris.iter().any(|known| known == named).then_some(named)
}

/// The client's redirect URI with a refusal.
pub(super) fn refused(
    app: &App,
    profile: &AgencyProfile,
    (redirect_uri, state): (&str, Option<&str>),
    refusal: &Refusal,
) -> String {
    let issuer = issuer(&app.settings.origin, &profile.code);
    let mut answer =
        vec![("error", refusal.code.as_str()), ("error_description", refusal.reason), ("iss", &issuer)];
    answer.extend(state.map(|state| ("state", state)));
    uri::with(redirect_uri, &answer)
}
