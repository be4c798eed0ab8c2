//! Names as an administrator reads them.

use openssl::x509::{X509NameRef, X509Ref};
use touroku_proto::{certificate, text};

/// A certificate's subject as shown to an administrator.
pub(super) fn subject(certificate: &X509Ref) -> String {
    name_text(certificate.subject_name())
}

/// A name as shown to an administrator.
pub(super) fn name_text(name: &X509NameRef) -> String {
    // OpenSSL reads a T61String as Latin-1, whatever it holds.
    let attributes = name.to_der().ok().and_then(|der| certificate::attributes(&der)).unwrap_or_default();
    let parts = attributes.into_iter().map(|(key, value)| {
        let value = if value.is_empty() { "?" } else { &value };
        format!("{key}={value}")
    });
    printable(parts.collect::<Vec<_>>().join(","))
}

/// Names and URLs in certificates are whatever somebody wrote there, escape sequences included.
pub(super) fn printable(mut text: String) -> String {
    text.retain(|c| !text::is_forbidden(c));
    text
}

#[cfg(test)]
mod tests {
    use openssl::{asn1::Asn1Type, nid::Nid, x509::X509NameBuilder};

    use super::*;

    #[test]
    fn a_name_is_shown_as_the_pages_show_it_whatever_its_encoding() {
        let mut name = X509NameBuilder::new().unwrap();
        name.append_entry_by_text_with_type("C", "JP", Asn1Type::PRINTABLESTRING).unwrap();
        // The bytes are UTF-8, as some authorities write them.
        name.append_entry_by_nid_with_type(Nid::ORGANIZATIONNAME, "株式会社見本", Asn1Type::T61STRING)
            .unwrap();
        name.append_entry_by_text("CN", "見本 花子").unwrap();
        assert_eq!(name_text(&name.build()), "C=JP,O=株式会社見本,CN=見本 花子");
    }
}
