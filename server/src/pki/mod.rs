//! Who holds this card: tokens, certificate paths, revocation.
//!
//! Pure functions over bytes, a [`Trust`] and a time; every decision comes with the steps that led to it. What
//! touches the disk is in `files`, what touches the network in `fetch` and `ocsp::client`.

mod crl;
mod decision;
mod der;
mod document;
mod fetch;
mod files;
mod ldap;
mod ocsp;
mod path;
mod points;
mod policy;
mod revocation;
mod strength;
mod token;
mod trust;

pub use touroku_proto::agency::Uncheckable;

pub use self::{
    crl::CrlTimes,
    decision::{AnchorEvidence, Circumstances, CrlEvidence, Decision, Evidence, OcspEvidence, Refusal, Step},
    document::{ReadSignature, read_signature},
    fetch::{FetchFailure, client, download, is_fetched},
    files::{TrustFiles, TrustSources, decide_with_fetching, read_certificates},
    ocsp::{OcspQuestion, OcspSettings, OcspUse, Status},
    path::verify_certificate,
    policy::{IssuerRules, NotAPolicy, Policy, Rules},
    token::verify_token,
    trust::Trust,
};

/// What the fuzz targets of `tests/fuzz` reach.
#[cfg(feature = "fuzzing")]
pub mod fuzzing {
    use openssl::x509::X509;

    use super::{Trust, ldap, ocsp};

    /// Whether an OCSP response (DER) counts for that certificate at that time, Unix seconds.
    pub fn is_believed(trust: &Trust, der: &[u8], certificate: &X509, issuer: &X509, at: i64) -> bool {
        ocsp::judge(trust, der, certificate, issuer, at).is_ok()
    }

    /// Reads bytes as a directory's message and as its address.
    pub fn read_directory(bytes: &[u8]) {
        ldap::read(bytes);
    }
}
