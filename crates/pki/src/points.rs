//! The URLs that a certificate names: CRLs, OCSP responders.

use openssl::x509::X509Ref;
use touroku_proto::text;
use x509_parser::{
    certificate::X509Certificate,
    extensions::{DistributionPointName, GeneralName, ParsedExtension},
    prelude::FromDer as _,
};

/// The most URLs of one certificate considered; real ones have one or two.
const MAX_URLS: usize = 8;

/// Where a certificate says its revocation can be checked. URLs of any scheme.
#[derive(Default)]
pub(super) struct Points {
    /// cRLDistributionPoints (RFC 5280, 4.2.1.13).
    pub(super) crls: Vec<String>,
    /// id-ad-ocsp in authorityInfoAccess (4.2.2.1).
    pub(super) responders: Vec<String>,
    /// It also names delta CRLs (freshestCRL, 4.2.1.15).
    pub(super) has_delta: bool,
}

impl Points {
    /// None for a certificate that can't be parsed.
    pub(super) fn of(certificate: &X509Ref) -> Self {
        let mut points = Self::default();
        let Ok(der) = certificate.to_der() else { return points };
        let Ok((_, parsed)) = X509Certificate::from_der(&der) else { return points };
        for extension in parsed.extensions() {
            match extension.parsed_extension() {
                ParsedExtension::CRLDistributionPoints(found) => {
                    for point in found.iter().filter_map(|point| point.distribution_point.as_ref()) {
                        let DistributionPointName::FullName(names) = point else { continue };
                        points.crls.extend(names.iter().filter_map(uri));
                    }
                }
                ParsedExtension::AuthorityInfoAccess(access) => {
                    let responders = access.accessdescs.iter().filter(|description| {
                        description.access_method.to_id_string() == "1.3.6.1.5.5.7.48.1"
                    });
                    points.responders.extend(responders.filter_map(|found| uri(&found.access_location)));
                }
                _ => points.has_delta |= extension.oid.to_id_string() == "2.5.29.46",
            }
        }
        points.crls.truncate(MAX_URLS);
        points.responders.truncate(MAX_URLS);
        points
    }
}

/// Rejects line breaks and other characters that no URL contains: it is stored in a file and displayed.
fn uri(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::URI(uri) if !uri.chars().any(text::is_forbidden) => Some((*uri).to_owned()),
        _ => None,
    }
}
