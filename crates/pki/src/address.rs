//! URLs from which CRLs and OCSP responses are fetched.

/// Whether CRLs can be fetched from this URL: plain HTTP, or LDAP with a host. Neither over TLS: a CRL is signed,
/// and needing TLS to check TLS would be circular (RFC 5280, 8).
pub fn is_fetched(url: &str) -> bool {
    is_http(url) || LdapAddress::parse(url).is_some()
}

/// Whether this is a plain HTTP URL.
pub fn is_http(url: &str) -> bool {
    url.get(..7).is_some_and(|scheme| scheme.eq_ignore_ascii_case("http://"))
}

/// The attributes requested when a URL names none (RFC 4523, 2.3 and 2.4).
const ATTRIBUTES: [&str; 2] = ["certificateRevocationList;binary", "authorityRevocationList;binary"];

/// A usable LDAP URL: `ldap://host[:port]/dn?attribute[?base[?filter]]`.
#[derive(Debug, PartialEq, Eq)]
pub struct LdapAddress {
    /// Host name or IP address of the directory server.
    pub host: String,
    /// 389 where the URL names none.
    pub port: u16,
    /// Distinguished name as text (RFC 4514), UTF-8.
    pub entry: String,
    /// The attributes to request.
    pub attributes: Vec<String>,
}

impl LdapAddress {
    /// `None`: not an LDAP URL, one without a host, or one that asks for more than one entry.
    pub fn parse(text: &str) -> Option<Self> {
        let scheme = text.get(..7)?;
        if !scheme.eq_ignore_ascii_case("ldap://") {
            return None;
        }
        let rest = text.get(7..)?;
        let (authority, rest) = rest.split_once('/')?;
        let (host, port) = match authority.rsplit_once(':') {
            // The colons of an IPv6 address are inside brackets.
            Some((host, port)) if !port.contains(']') => (host, port.parse().ok()?),
            _ => (authority, 389),
        };
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let mut parts = rest.split('?').map(unescape);
        let entry = parts.next()??;
        let attributes: Vec<String> = match parts.next() {
            Some(names) => names?.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect(),
            None => Vec::new(),
        };
        let scope = parts.next().flatten().unwrap_or_default();
        // A filter selects entries; with the entry named there is nothing left to filter.
        let is_one_entry = scope.is_empty() || scope.eq_ignore_ascii_case("base");
        if host.is_empty() || entry.is_empty() || !is_one_entry {
            return None;
        }
        let attributes = if attributes.is_empty() {
            ATTRIBUTES.iter().map(|&name| name.to_owned()).collect()
        } else {
            attributes
        };
        Some(Self { host: host.to_owned(), port, entry, attributes })
    }
}

/// Undoes percent-encoding (RFC 3986, 2.1). `None`: the result is not UTF-8.
fn unescape(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let escaped = (*first == b'%').then(|| after.get(..2)).flatten();
        match escaped.and_then(|digits| hex::decode(digits).ok()) {
            Some(byte) => {
                bytes.extend(byte);
                rest = &after[2..];
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_as_authorities_write_them() {
        for (text, host, port, entry, attribute) in [
            (
                "ldap://dir.example.jp/ou=CRL%20Issuer,o=Example%20Government,c=JP?certificateRevocationList;binary",
                "dir.example.jp",
                389,
                "ou=CRL Issuer,o=Example Government,c=JP",
                "certificateRevocationList;binary",
            ),
            (
                "LDAP://dir.example.jp:1389/CN=CRL%2COU%3d%E8%AA%8D%E8%A8%BC%E5%B1%80,C=JP?authorityRevocationList;binary?base?(objectClass=*)",
                "dir.example.jp",
                1389,
                "CN=CRL,OU=認証局,C=JP",
                "authorityRevocationList;binary",
            ),
            ("ldap://[::1]:389/c=JP?", "::1", 389, "c=JP", ATTRIBUTES[0]),
            ("ldap://[::1]/c=JP", "::1", 389, "c=JP", ATTRIBUTES[0]),
            ("ldap://a/o=100%,c=JP", "a", 389, "o=100%,c=JP", ATTRIBUTES[0]),
        ] {
            let address = LdapAddress::parse(text).unwrap();
            assert_eq!((address.host.as_str(), address.port, address.entry.as_str()), (host, port, entry));
            assert_eq!(address.attributes[0], attribute);
        }
    }

    #[test]
    fn what_names_no_host_or_no_single_entry_is_not_asked() {
        for text in [
            "ldap:///c=JP?certificateRevocationList",
            "ldaps://a/c=JP",
            "ldap://a",
            "ldap://a/",
            "ldap://a:x/c=JP",
            "ldap://a/c=JP?x?sub",
            "ldap://a/%FF",
            "http://a/c=JP",
            "",
        ] {
            assert_eq!(LdapAddress::parse(text), None, "{text}");
        }
    }
}
