//! Clients' URIs.

use openidconnect::url::{Host, Url};

/// Whether a browser, or this server, may be sent there: `https:`, or `http:` on this computer, and no fragment.
pub fn is_safe(uri: &str) -> bool {
    let Ok(url) = Url::parse(uri) else { return false };
    let is_local = match url.host() {
        Some(Host::Domain(domain)) => domain == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => return false,
    };
    let is_web = url.scheme() == "https" || (url.scheme() == "http" && is_local);
    // In the browsers' notation: they forgive much, and URIs are compared character by character.
    let is_plain = url.as_str() == uri || url.as_str().strip_suffix('/') == Some(uri);
    is_web && is_plain && url.fragment().is_none() && url.username().is_empty() && url.password().is_none()
}

/// The URI with these parameters added.
pub(super) fn with(uri: &str, parameters: &[(&str, &str)]) -> String {
    let Ok(mut url) = Url::parse(uri) else { return uri.to_owned() };
    url.query_pairs_mut().extend_pairs(parameters);
    url.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_that_nobody_else_can_read_are_safe() {
        for safe in [
            "https://bid.example.jp/callback",
            "https://bid.example.jp:8443/a?b=c",
            "http://localhost:3000/cb",
            "http://127.0.0.1/cb",
            "http://[::1]:8080/cb",
        ] {
            assert!(is_safe(safe), "{safe}");
        }
        for unsafe_ in [
            "",
            "/callback",
            "http://bid.example.jp/callback",
            "https://bid.example.jp/#a",
            "https://user@bid.example.jp/",
            "https://user:word@bid.example.jp/",
            "javascript:alert(1)",
            "data:text/html,x",
            "https:///callback",
            "https://bid.example.jp/a b",
            "https:\\\\bid.example.jp",
            "http://localhost.example.jp/",
        ] {
            assert!(!is_safe(unsafe_), "{unsafe_}");
        }
    }

    #[test]
    fn parameters_stand_behind_those_of_the_address() {
        assert_eq!(with("https://a.jp/cb?x=1", &[("code", "a b")]), "https://a.jp/cb?x=1&code=a+b");
        assert_eq!(with("https://a.jp/cb", &[("iss", "https://b")]), "https://a.jp/cb?iss=https%3A%2F%2Fb");
    }
}
