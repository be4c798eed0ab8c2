//! `private_key_jwt`: a client authenticates with its key (RFC 7523, 3; OpenID Connect Core, 9).

use std::sync::Arc;

use openssl::pkey::PKey;
use serde::Deserialize;
use touroku_proto::{agency::AgencyProfile, sign_in::Client};

use super::{Refusal, issuer, jws::Unverified};
use crate::{app::App, store::Hash};

/// The allowed clock skew, in seconds.
const LEEWAY: i64 = 60;

/// The longest validity of an assertion, in seconds: its id is kept this long.
const MAX_LIFE: i64 = 3600;

#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: Audience,
    exp: i64,
    jti: String,
    #[serde(default)]
    nbf: Option<i64>,
    #[serde(default)]
    iat: Option<i64>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

impl Audience {
    /// Whether it is for us, and for nobody else: what is valid elsewhere, too, may come from there.
    fn is_only(&self, ours: &[&str]) -> bool {
        let all = match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Many(many) => many,
        };
        !all.is_empty() && all.iter().all(|audience| ours.contains(&audience.as_str()))
    }
}

/// The client that signed an assertion for this issuer, or for its endpoint at `path`. `None`: it proves nothing.
pub(super) async fn accept<'p>(
    app: &Arc<App>,
    profile: &'p AgencyProfile,
    token: &str,
    path: &str,
) -> Result<Option<&'p Client>, Refusal> {
    let now = app.outside.now().div_euclid(1000);
    let issuer = issuer(&app.settings.origin, &profile.code);
    let Some((client, claims)) = verify(profile, token) else { return Ok(None) };
    // RFC 9126, 2: at the other endpoints the token endpoint's URL and the issuer are accepted, too.
    let ours = [issuer.as_str(), &format!("{issuer}/token"), &format!("{issuer}/{path}")];
    let is_in_time = claims.exp > now - LEEWAY
        && claims.exp <= now + MAX_LIFE + LEEWAY
        && claims.nbf.is_none_or(|from| from <= now + LEEWAY)
        && claims.iat.is_none_or(|made| made <= now + LEEWAY);
    if !claims.aud.is_only(&ours) || !is_in_time || claims.jti.is_empty() {
        return Ok(None);
    }
    let name: Hash = super::hash(&format!("{}\n{}\n{}", profile.code, client.code, claims.jti));
    let until = (claims.exp + LEEWAY) * 1000;
    let is_first = app.store.write(move |writer| writer.take_assertion(&name, until)).await?;
    Ok(is_first.then_some(client))
}

fn verify<'p>(profile: &'p AgencyProfile, token: &str) -> Option<(&'p Client, Claims)> {
    let token = Unverified::parse(token)?;
    let claims: Claims = token.claims()?;
    let client = profile.client(&claims.iss)?;
    if claims.sub != claims.iss {
        return None;
    }
    let keys = client.public_keys.iter().filter_map(|pem| PKey::public_key_from_pem(pem.as_bytes()).ok());
    keys.into_iter().any(|key| token.is_by(&key)).then_some((client, claims))
}
