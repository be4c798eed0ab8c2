//! Names as an administrator reads them.

use openssl::x509::{X509NameRef, X509Ref};
use touroku_proto::text;

/// A certificate's subject as shown to an administrator.
pub(super) fn subject(certificate: &X509Ref) -> String {
    name_text(certificate.subject_name())
}

/// A name as shown to an administrator.
pub(super) fn name_text(name: &X509NameRef) -> String {
    let parts = name.entries().map(|entry| {
        let key = entry.object().nid().short_name().unwrap_or("?");
        let value = entry.data().to_string().unwrap_or_else(|_| "?".to_owned());
        format!("{key}={value}")
    });
    printable(parts.collect::<Vec<_>>().join(","))
}

/// Names and URLs in certificates are whatever somebody wrote there, escape sequences included.
pub(super) fn printable(mut text: String) -> String {
    text.retain(|c| !text::is_forbidden(c));
    text
}
