//! The sessions' cookies.

use axum::http::{HeaderMap, HeaderValue, header};
use touroku_proto::{api::SESSION_COOKIE, officer::OFFICER_COOKIE, sign_in::SIGN_IN_COOKIE};

use crate::{bidder::SessionKey, guess::KnownBrowser, officer::OfficerKey, oidc::BrowserKey};

/// The accounts that a browser has signed in to: grants nothing, but its attempts are counted apart from
/// strangers'.
const KNOWN_COOKIE: &str = "__Host-touroku-known";

/// 400 days: browsers keep no cookie longer.
const KNOWN_SECONDS: u32 = 400 * 86_400;

/// The key in the request's cookie.
pub(super) fn read(headers: &HeaderMap) -> Option<SessionKey> {
    value(headers, SESSION_COOKIE).and_then(SessionKey::parse)
}

/// `Set-Cookie` for a new key.
pub(super) fn set(key: SessionKey) -> HeaderValue {
    write(SESSION_COOKIE, &key.to_text())
}

/// `Set-Cookie` that removes the cookie.
pub(super) fn clear() -> HeaderValue {
    write(SESSION_COOKIE, "")
}

/// The key in the request's officer cookie.
pub(super) fn read_officer(headers: &HeaderMap) -> Option<OfficerKey> {
    value(headers, OFFICER_COOKIE).and_then(OfficerKey::parse)
}

/// `Set-Cookie` for an officer's new key.
pub(super) fn set_officer(key: OfficerKey) -> HeaderValue {
    write(OFFICER_COOKIE, &key.to_text())
}

/// `Set-Cookie` that removes the officer's cookie.
pub(super) fn clear_officer() -> HeaderValue {
    write(OFFICER_COOKIE, "")
}

/// The value that binds the browser's sign-ins to it.
pub(super) fn read_sign_in(headers: &HeaderMap) -> Option<BrowserKey> {
    value(headers, SIGN_IN_COOKIE).and_then(BrowserKey::parse)
}

/// `Set-Cookie` for a key. `Lax`: it is sent when a bidding system sends the browser here again, so that the
/// sign-in in another tab stays valid.
pub(super) fn set_sign_in(key: BrowserKey) -> HeaderValue {
    let value = key.to_text();
    HeaderValue::from_str(&format!("{SIGN_IN_COOKIE}={value}; Path=/; Secure; HttpOnly; SameSite=Lax"))
        .expect("a cookie's name and hex digits are ASCII")
}

/// The accounts that the request's browser is known for.
pub(super) fn read_known(headers: &HeaderMap) -> KnownBrowser {
    value(headers, KNOWN_COOKIE).map(KnownBrowser::parse).unwrap_or_default()
}

/// `Set-Cookie` for the accounts that the browser is known for from now on.
pub(super) fn set_known(known: &KnownBrowser) -> HeaderValue {
    let value = known.to_text();
    HeaderValue::from_str(&format!(
        "{KNOWN_COOKIE}={value}; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age={KNOWN_SECONDS}"
    ))
    .expect("a cookie's name, hex digits and dots are ASCII")
}

fn value<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(found, _)| *found == name)
        .map(|(_, value)| value)
}

/// No `Max-Age`: the cookie ends with the browser; the server's idle time usually comes first. An empty one ends
/// now.
fn write(name: &str, value: &str) -> HeaderValue {
    let end = if value.is_empty() { "; Max-Age=0" } else { "" };
    HeaderValue::from_str(&format!("{name}={value}; Path=/; Secure; HttpOnly; SameSite=Strict{end}"))
        .expect("a cookie's name and hex digits are ASCII")
}
