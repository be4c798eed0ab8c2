//! The origin of a web page, as the browser reports it.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The longest origin accepted, in bytes. A host name is at most 253 bytes (RFC 1035, 2.3.4); scheme and
/// port take 14 at most.
const MAX_LENGTH: usize = 267;

/// A web origin in its serialised form (RFC 6454, 6.2): `https://host` or `https://host:port`, lower case, without
/// a path. Plain `http` is accepted only for the loopback hosts, which browsers too treat as secure.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(try_from = "String", into = "String")]
pub struct Origin(String);

/// Why a text is not an acceptable [`Origin`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OriginError {
    /// Neither `https://`, nor `http://` with a loopback host.
    #[error("the origin's scheme must be https (http only for localhost)")]
    Scheme,
    /// The host is empty, contains a character that no serialised origin has, or the whole is too long.
    #[error("the origin's host is not valid")]
    Host,
    /// The port is not a number from 1 to 65535, or is the scheme's default, which browsers leave out.
    #[error("the origin's port is not valid")]
    Port,
    /// Something follows the host and port: a path, query, fragment or even a single slash.
    #[error("an origin has no path, query or fragment")]
    Trailing,
}

impl Origin {
    /// Parses a serialised origin. Strict: anything a browser would write differently is refused, because the text
    /// itself is hashed and signed.
    pub fn parse(text: &str) -> Result<Self, OriginError> {
        if text.len() > MAX_LENGTH {
            return Err(OriginError::Host);
        }
        let (secure, rest) = match (text.strip_prefix("https://"), text.strip_prefix("http://")) {
            (Some(rest), _) => (true, rest),
            (None, Some(rest)) => (false, rest),
            (None, None) => return Err(OriginError::Scheme),
        };
        if rest.contains(['/', '?', '#', '\\', '@']) {
            return Err(OriginError::Trailing);
        }
        let (host, port) = split_port(rest);
        let valid_host = match host.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')) {
            Some(v6) => v6.parse::<std::net::Ipv6Addr>().is_ok(),
            None => {
                !host.is_empty()
                    && host.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_'))
            }
        };
        if !valid_host {
            return Err(OriginError::Host);
        }
        if let Some(port) = port {
            let default = if secure { 443 } else { 80 };
            let number = port.parse::<u16>().map_err(|_| OriginError::Port)?;
            if number == 0 || number == default || port.starts_with(['0', '+']) {
                return Err(OriginError::Port);
            }
        }
        if !secure && !is_loopback(host) {
            return Err(OriginError::Scheme);
        }
        Ok(Self(text.to_owned()))
    }

    /// Parses an origin as an administrator writes it: capitals, one trailing slash and the scheme's default port
    /// are normalised as a browser does.
    pub fn parse_written(text: &str) -> Result<Self, OriginError> {
        let text = text.trim().to_ascii_lowercase();
        let text = text.strip_suffix('/').unwrap_or(&text);
        let text = match text.strip_prefix("https://") {
            Some(_) => text.strip_suffix(":443").unwrap_or(text),
            None => text.strip_suffix(":80").unwrap_or(text),
        };
        Self::parse(text)
    }

    /// The serialised origin, the very bytes that are hashed into a token.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn split_port(authority: &str) -> (&str, Option<&str>) {
    // An IPv6 host has colons of its own, inside brackets.
    match authority.rfind(':') {
        Some(at) if !authority[at..].contains(']') => (&authority[..at], Some(&authority[at + 1..])),
        _ => (authority, None),
    }
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.ends_with(".localhost") || host == "127.0.0.1" || host == "[::1]"
}

impl TryFrom<String> for Origin {
    type Error = OriginError;

    fn try_from(text: String) -> Result<Self, OriginError> {
        Self::parse(&text)
    }
}

impl From<Origin> for String {
    fn from(origin: Origin) -> Self {
        origin.0
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_that_browsers_write_are_accepted() {
        for text in [
            "https://ebid.example.jp",
            "https://ebid.example.jp:8443",
            "http://localhost:8080",
            "http://localhost",
            "http://127.0.0.1:8080",
            "http://[::1]:3000",
            "https://xn--fiqs8s.example",
        ] {
            assert_eq!(Origin::parse(text).unwrap().as_str(), text);
        }
    }

    #[test]
    fn what_people_write_is_read_as_a_browser_would_write_it() {
        for text in [
            "https://ebid.example.jp/",
            "HTTPS://EBID.example.jp",
            "https://ebid.example.jp:443",
            " https://ebid.example.jp:443/ ",
        ] {
            assert_eq!(Origin::parse_written(text).unwrap().as_str(), "https://ebid.example.jp", "{text}");
        }
        for text in [
            "https://ebid.example.jp//",
            "https://ebid.example.jp/x",
            "https://*.example.jp",
            "ebid.example.jp",
        ] {
            assert!(Origin::parse_written(text).is_err(), "{text}");
        }
    }

    #[test]
    fn anything_else_is_refused_with_its_reason() {
        for (text, reason) in [
            ("", OriginError::Scheme),
            ("ebid.example.jp", OriginError::Scheme),
            ("http://ebid.example.jp", OriginError::Scheme),
            ("ftp://ebid.example.jp", OriginError::Scheme),
            ("https://", OriginError::Host),
            ("https://EBID.example.jp", OriginError::Host),
            ("https://入札.example", OriginError::Host),
            ("https://a b", OriginError::Host),
            ("https://[::zz]", OriginError::Host),
            ("https://ebid.example.jp/", OriginError::Trailing),
            ("https://user@ebid.example.jp", OriginError::Trailing),
            ("https://ebid.example.jp#x", OriginError::Trailing),
            ("https://ebid.example.jp:", OriginError::Port),
            ("https://ebid.example.jp:443", OriginError::Port),
            ("https://ebid.example.jp:0", OriginError::Port),
            ("https://ebid.example.jp:99999", OriginError::Port),
            ("http://localhost:80", OriginError::Port),
            ("http://localhost.example.jp", OriginError::Scheme),
        ] {
            assert_eq!(Origin::parse(text), Err(reason), "{text}");
        }
    }
}
