//! Access tokens for a client itself (RFC 6749, 4.4): for the feed, and nothing else.
//!
//! The server keeps none of them: a token says whose it is and until when, under the server's key. It is good as long
//! as the agency's profile lets its client read the feed.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use touroku_proto::{
    agency::AgencyProfile,
    feed::FEED_SCOPE,
    sign_in::{Client, ClientScope},
};

use super::{Code, Parameters, Refusal, TOKEN_LIFE, invalid_token};
use crate::{app::App, error::Error};

/// What the server's key is used for.
const PURPOSE: &str = "feed token";

/// The token endpoint's response to a client that asks for itself.
#[derive(Serialize)]
pub struct ServiceTokens {
    access_token: String,
    token_type: &'static str,
    expires_in: i64,
    scope: &'static str,
}

#[derive(Serialize, Deserialize)]
struct Said {
    agency: String,
    client: String,
    /// Unix milliseconds.
    until: i64,
}

/// Gives an authenticated client a token for the feed.
pub(super) fn grant(
    app: &App,
    profile: &AgencyProfile,
    client: &Client,
    parameters: &Parameters,
) -> Result<ServiceTokens, Refusal> {
    if !client.may(ClientScope::Feed) {
        return Err(Refusal::new(Code::UnauthorizedClient, "the client may not read the feed"));
    }
    if parameters.words("scope").any(|word| word != FEED_SCOPE) {
        return Err(Refusal::new(Code::InvalidScope, "scope must be feed"));
    }
    let said = Said {
        agency: profile.code.clone(),
        client: client.code.clone(),
        until: app.outside.now() + TOKEN_LIFE,
    };
    let said = serde_json::to_vec(&said).map_err(|_| Error::Defect("a token is plain data"))?;
    let hash = app.key.hash(PURPOSE, &said)?;
    let access_token = format!("{}.{}", URL_SAFE_NO_PAD.encode(said), URL_SAFE_NO_PAD.encode(hash));
    Ok(ServiceTokens { access_token, token_type: "Bearer", expires_in: TOKEN_LIFE / 1000, scope: FEED_SCOPE })
}

/// The agency and client whose token that header (`Authorization`) carries, as long as it may read the feed.
///
/// # Errors
/// [`Code::InvalidToken`].
pub fn service_client<'a>(
    app: &'a App,
    authorization: Option<&str>,
) -> Result<(&'a AgencyProfile, &'a Client), Refusal> {
    let said = super::bearer(authorization).and_then(|token| read(app, token).transpose());
    let said = said.ok_or_else(invalid_token)??;
    let profile = app.agencies.profile(&said.agency).map_err(|_| invalid_token())?;
    let client = profile.client(&said.client).filter(|client| client.may(ClientScope::Feed));
    Ok((profile, client.ok_or_else(invalid_token)?))
}

/// What a token says. `None`: it is not ours, or over.
fn read(app: &App, token: &str) -> Result<Option<Said>, Error> {
    let decoded = token.split_once('.').and_then(|(said, hash)| {
        Some((URL_SAFE_NO_PAD.decode(said).ok()?, URL_SAFE_NO_PAD.decode(hash).ok()?))
    });
    let Some((said, hash)) = decoded else { return Ok(None) };
    let right = app.key.hash(PURPOSE, &said)?;
    if hash.len() != right.len() || !openssl::memcmp::eq(&hash, &right) {
        return Ok(None);
    }
    let said: Option<Said> = serde_json::from_slice(&said).ok();
    let now = app.outside.now();
    // One that ends later was given by a clock that was ahead.
    Ok(said.filter(|said| now < said.until && said.until <= now + TOKEN_LIFE))
}
