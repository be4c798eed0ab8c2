//! Clients, and how they authenticate.

use std::sync::Arc;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use openidconnect::url::form_urlencoded;
use sha2::{Digest as _, Sha256};
use touroku_proto::{agency::AgencyProfile, sign_in::Client};

use super::{Code, Parameters, Refusal, assertion};
use crate::app::App;

/// RFC 7523's name for a signed assertion.
const ASSERTION: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// The requesting client, authenticated by its secret (`authorization`: the header) or its key. `path`: the
/// endpoint's.
pub(super) async fn authenticate<'p>(
    app: &Arc<App>,
    profile: &'p AgencyProfile,
    authorization: Option<&str>,
    parameters: &Parameters,
    path: &str,
) -> Result<&'p Client, Refusal> {
    let unproved = || Refusal::new(Code::InvalidClient, "the client was not authenticated");
    let asserted = parameters.value("client_assertion");
    let client = match (authorization, asserted) {
        (Some(header), None) => {
            let (code, secret) = basic(header).ok_or_else(unproved)?;
            let client = profile.client(&code).ok_or_else(unproved)?;
            if !fits(client, &secret) {
                return Err(unproved());
            }
            client
        }
        (None, Some(token)) => {
            if parameters.value("client_assertion_type") != Some(ASSERTION) {
                return Err(unproved());
            }
            assertion::accept(app, profile, token, path).await?.ok_or_else(unproved)?
        }
        // RFC 6749, 2.3: one method, not two.
        _ => return Err(unproved()),
    };
    if parameters.value("client_id").is_some_and(|code| code != client.code) {
        return Err(unproved());
    }
    Ok(client)
}

/// Name and secret, each form-encoded (RFC 6749, 2.3.1).
fn basic(header: &str) -> Option<(String, String)> {
    let (scheme, encoded) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let pair = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (name, secret) = pair.split_once(':')?;
    // `form_urlencoded` reads pairs only.
    let decode = |text: &str| {
        let text = text.replace('=', "%3D").replace('&', "%26");
        form_urlencoded::parse(text.as_bytes()).next().map(|(decoded, _)| decoded.into_owned())
    };
    Some((decode(name)?, decode(secret)?))
}

fn fits(client: &Client, secret: &str) -> bool {
    let hash = hex::encode(Sha256::digest(secret));
    let is_it = |known: &String| openssl::memcmp::eq(known.to_ascii_lowercase().as_bytes(), hash.as_bytes());
    // `memcmp` requires equal lengths: a checked profile guarantees them.
    client.secret_sha256.iter().filter(|known| known.len() == hash.len()).any(is_it)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_and_secret_are_read_as_they_are_encoded() {
        let header = |pair: &str| format!("Basic {}", STANDARD.encode(pair));
        assert_eq!(basic(&header("a:b")), Some(("a".into(), "b".into())));
        assert_eq!(basic(&header("a%3Ab:c+d%2B=&")), Some(("a:b".into(), "c d+=&".into())));
        assert_eq!(basic("Bearer x"), None);
        assert_eq!(basic("Basic ***"), None);
    }
}
