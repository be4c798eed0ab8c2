//! The session's cookie.

use axum::http::{HeaderMap, HeaderValue, header};
use touroku_proto::api::SESSION_COOKIE;

use crate::bidder::SessionKey;

/// The key that the request's cookie holds.
pub(super) fn read(headers: &HeaderMap) -> Option<SessionKey> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == SESSION_COOKIE)
        .and_then(|(_, value)| SessionKey::parse(value))
}

/// `Set-Cookie` for a new key. No `Max-Age`: it ends with the browser, and the server's idle time before.
pub(super) fn set(key: SessionKey) -> HeaderValue {
    write(&format!("{SESSION_COOKIE}={}; Path=/; Secure; HttpOnly; SameSite=Strict", key.to_text()))
}

/// `Set-Cookie` that removes the cookie.
pub(super) fn clear() -> HeaderValue {
    write(&format!("{SESSION_COOKIE}=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0"))
}

fn write(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).expect("a cookie's name and hex digits are ASCII")
}
