//! The mail server as configured by the administrator.

use std::fmt;

use axum::http::Uri;
use lettre::transport::smtp::extension::ClientId;
use percent_encoding::percent_decode_str;

use super::smtp::Times;
use crate::error::Error;

/// When the connection is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tls {
    Never,
    /// STARTTLS if it is offered.
    Opportunistic,
    /// STARTTLS.
    Required,
    /// From the first byte.
    Always,
}

/// A mail server and how to talk to it.
#[derive(Clone)]
pub struct Relay {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) tls: Tls,
    pub(super) hello: ClientId,
    pub(super) credentials: Option<(String, String)>,
    pub(super) times: Times,
}

impl fmt::Debug for Relay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Relay").field("host", &self.host).field("port", &self.port).finish_non_exhaustive()
    }
}

impl Relay {
    /// `smtp://host:port` (`?tls=required`, `?tls=opportunistic`) or `smtps://host`; a path is the name for EHLO.
    pub(super) fn parse(url: &str, credentials: Option<(String, String)>) -> Result<Self, Error> {
        // The URL may contain a password: none of it is repeated.
        let setting = |message: &str| Error::Setting { name: "mail.smtp", message: message.to_owned() };
        if !url.starts_with("smtp://") && !url.starts_with("smtps://") {
            return Err(setting("smtp://ホスト:ポート または smtps://ホスト の形で書きます"));
        }
        let unreadable = || setting("アドレスとして読めません");
        let uri: Uri = url.parse().map_err(|_| unreadable())?;
        let authority = uri.authority().ok_or_else(unreadable)?;
        let (tls, port) = match (uri.scheme_str(), query(&uri)) {
            (Some("smtps"), _) => (Tls::Always, 465),
            (_, None) => (Tls::Never, 25),
            (_, Some("required")) => (Tls::Required, 587),
            (_, Some("opportunistic")) => (Tls::Opportunistic, 587),
            _ => return Err(setting("tlsは、requiredかopportunisticのどちらかです")),
        };
        let named = authority.as_str().rsplit_once('@').and_then(|(named, _)| named.split_once(':'));
        let named = named.map(|(user, password)| Some((decode(user)?, decode(password)?)));
        let hello = uri.path().trim_matches('/');
        let hello = if hello.is_empty() { ClientId::default() } else { ClientId::Domain(hello.to_owned()) };
        Ok(Self {
            host: authority.host().trim_matches(['[', ']']).to_owned(),
            port: authority.port_u16().unwrap_or(port),
            tls,
            hello,
            credentials: match named {
                _ if credentials.is_some() => credentials,
                Some(named) => Some(named.ok_or_else(unreadable)?),
                None => None,
            },
            times: Times::default(),
        })
    }
}

fn query(uri: &Uri) -> Option<&str> {
    uri.query()?.split('&').find_map(|part| part.strip_prefix("tls="))
}

fn decode(text: &str) -> Option<String> {
    percent_decode_str(text).decode_utf8().ok().map(std::borrow::Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_names_host_port_encryption_and_who_logs_in() {
        let read = |url: &str| {
            let relay = Relay::parse(url, None).unwrap();
            (relay.host, relay.port, relay.tls, relay.credentials)
        };
        assert_eq!(read("smtp://mail.example.jp"), ("mail.example.jp".into(), 25, Tls::Never, None));
        assert_eq!(read("smtp://[::1]:2525"), ("::1".into(), 2525, Tls::Never, None));
        assert_eq!(read("smtp://m.example.jp?tls=required").1, 587);
        assert_eq!(read("smtp://m.example.jp:25/?tls=opportunistic").2, Tls::Opportunistic);
        let named = Some(("user@example.jp".to_owned(), "p:w".to_owned()));
        assert_eq!(
            read("smtps://user%40example.jp:p%3Aw@m.example.jp"),
            ("m.example.jp".into(), 465, Tls::Always, named)
        );
        for wrong in ["http://m.example.jp", "smtp://", "smtp://m.example.jp?tls=perhaps", "smtp:// "] {
            assert!(Relay::parse(wrong, None).is_err(), "{wrong}");
        }
    }
}
