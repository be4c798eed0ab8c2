//! Sign-in for bidding systems: an OpenID Connect provider for each agency, `https://origin/oidc/AGENCY`.
//!
//! authorization (`authorize`) → the page's login for 電子入札 (`waiting`) → code → tokens (`token`, `user_info`)
//! → logout (`logout`, `notice`). For people it is the authorization code with PKCE and confidential clients, and
//! nothing else (RFC 9700); for [`feed`](crate::feed) the client itself gets a token (`service`). Types and ID tokens
//! come from the `openidconnect` crate; signatures are OpenSSL's.

mod assertion;
mod authorize;
pub(crate) mod claims;
mod client;
mod jws;
pub mod keys;
mod logout;
mod metadata;
mod notice;
mod parameters;
mod refusal;
mod request;
mod service;
mod token;
pub mod uri;
mod user_info;
mod waiting;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest as _, Sha256};
use touroku_proto::origin::Origin;

pub use self::{
    authorize::{Authorized, authorize, push},
    keys::key_set,
    logout::{LoggedOut, log_out},
    metadata::metadata,
    notice::{is_due, tell},
    parameters::Parameters,
    refusal::{Code, Refusal},
    service::{ServiceTokens, service_client},
    token::{Granted, redeem},
    user_info::user_info,
    waiting::{BrowserKey, end, waiting},
};
use crate::{outside::Outside, store::Hash};

/// How long a pushed request waits for a browser, and a code for its client, in milliseconds.
pub(crate) const SHORT: i64 = 60_000;

/// How long a person has for the login, and for a 登録 before it, in milliseconds.
pub(crate) const PATIENCE: i64 = 60 * 60_000;

/// How long ID tokens and access tokens are valid, in milliseconds.
pub(crate) const TOKEN_LIFE: i64 = 10 * 60_000;

/// How long a client is notified of the end of a sign-in: its own sessions must not be longer. Milliseconds.
pub(crate) const SIGN_IN_LIFE: i64 = 24 * 3_600_000;

/// The issuer of an agency.
pub fn issuer(origin: &Origin, agency: &str) -> String {
    format!("{origin}/oidc/{agency}")
}

/// A fresh secret of 256 bits, as sent.
fn secret(outside: &Outside) -> String {
    URL_SAFE_NO_PAD.encode(outside.random::<32>())
}

/// A fresh client secret, and what a profile stores of it.
pub fn new_secret(outside: &Outside) -> (String, String) {
    let secret = secret(outside);
    let kept = hex::encode(hash(&secret));
    (secret, kept)
}

fn invalid_token() -> Refusal {
    Refusal::new(Code::InvalidToken, "the access token is unknown, expired or revoked")
}

/// The token of an `Authorization` header.
fn bearer(authorization: Option<&str>) -> Option<&str> {
    let (scheme, token) = authorization?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// The store's key for a secret.
fn hash(secret: &str) -> Hash {
    Sha256::digest(secret).into()
}
