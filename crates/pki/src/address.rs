//! Addresses from which CRLs and OCSP responses are to be had.

/// Whether CRLs can be fetched from such an address: plain HTTP, or LDAP with a host. Neither by TLS: a CRL is signed, and
/// asking TLS for what TLS may need goes in a circle (RFC 5280, 8).
pub fn is_fetched(url: &str) -> bool {
    is_http(url) || LdapAddress::parse(url).is_some()
}

/// Whether it is an address of plain HTTP.
pub fn is_http(url: &str) -> bool {
    url.get(..7).is_some_and(|scheme| scheme.eq_ignore_ascii_case("http://"))
}

/// What is asked when an address names no attribute (RFC 4523, 2.3 and 2.4).
const ATTRIBUTES: [&str; 2] = ["certificateRevocationList;binary", "authorityRevocationList;binary"];

/// An address that can be asked: `ldap://host[:port]/dn?attribute[?base[?filter]]`.
#[derive(Debug, PartialEq, Eq)]
pub struct LdapAddress {
    /// Name or address of the directory's server.
    pub host: String,
    /// 389, where the address names none.
    pub port: u16,
    /// Distinguished name as text (RFC 4514), UTF-8.
    pub entry: String,
    /// What is asked of it.
    pub attributes: Vec<String>,
}

impl LdapAddress {
    /// `None`: no such address, one without a host, or one that asks for more than one entry.
    pub fn parse(text: &str) -> Option<Self> {
        let scheme = text.get(..7)?;
        if !scheme.eq_ignore_ascii_case("ldap://") {
            return None;
        }
        let rest = text.get(7..)?;
        let (authority, rest) = rest.split_once('/')?;
        let (host, port) = match authority.rsplit_once(':') {
            // The colons of an IPv6 address stand in brackets.
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
        // A filter leaves the entry in or out; of one that is named, nothing is left to filter.
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

/// Percent-encoding, undone (RFC 3986, 2.1). `None`: not UTF-8 then.
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
