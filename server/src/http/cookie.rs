//! The sessions' cookies.

use axum::http::{HeaderMap, HeaderValue, header};
use touroku_proto::{api::SESSION_COOKIE, officer::OFFICER_COOKIE};

use crate::{bidder::SessionKey, officer::OfficerKey};

/// The key that the request's cookie holds.
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

/// The key that the request's officer's cookie holds.
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

/// No `Max-Age`: a cookie ends with the browser, and the server's idle time before. An empty one ends now.
fn write(name: &str, value: &str) -> HeaderValue {
    let end = if value.is_empty() { "; Max-Age=0" } else { "" };
    HeaderValue::from_str(&format!("{name}={value}; Path=/; Secure; HttpOnly; SameSite=Strict{end}"))
        .expect("a cookie's name and hex digits are ASCII")
}
