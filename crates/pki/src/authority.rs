//! Certificates that may be issuers.

use openssl::{
    error::ErrorStack,
    x509::{X509, X509Ref},
};
use x509_parser::prelude::FromDer as _;

use crate::strength::{KeyKind, is_strong_signature};

/// The largest certificate accepted, in bytes. Real ones have one to three thousand.
pub(super) const MAX_CERTIFICATE: usize = 64 * 1024;

/// A certificate that may be an issuer.
pub(super) struct Authority {
    pub(super) certificate: X509,
    /// basicConstraints says CA.
    pub(super) is_ca: bool,
    /// keyUsage is absent or holds cRLSign.
    pub(super) may_sign_crls: bool,
    /// What is weak about its key.
    pub(super) weak_key: Option<String>,
    /// The signature on it uses an accepted algorithm.
    pub(super) is_signed_strongly: bool,
    /// Issuer and subject are the same.
    pub(super) is_self_issued: bool,
}

impl Authority {
    pub(super) fn read(certificate: X509) -> Result<Self, ErrorStack> {
        let der = certificate.to_der()?;
        let parsed = x509_parser::certificate::X509Certificate::from_der(&der).ok().map(|(_, parsed)| parsed);
        let is_ca = parsed
            .as_ref()
            .and_then(|parsed| parsed.basic_constraints().ok().flatten())
            .is_some_and(|constraints| constraints.value.ca);
        // An unreadable keyUsage allows nothing.
        let may_sign_crls = parsed.as_ref().is_some_and(|parsed| match parsed.key_usage() {
            Ok(usage) => usage.is_none_or(|usage| usage.value.crl_sign()),
            Err(_) => false,
        });
        let is_self_issued =
            certificate.subject_name().try_cmp(certificate.issuer_name())? == std::cmp::Ordering::Equal;
        Ok(Self {
            is_ca,
            may_sign_crls,
            weak_key: match &parsed {
                Some(parsed) => KeyKind::of(parsed.public_key()).weakness(),
                None => Some("証明書を読めません".to_owned()),
            },
            is_signed_strongly: parsed
                .as_ref()
                .is_some_and(|parsed| is_strong_signature(&parsed.signature_algorithm)),
            is_self_issued,
            certificate,
        })
    }

    pub(super) fn has_signed(&self, certificate: &X509Ref) -> bool {
        self.certificate.public_key().is_ok_and(|key| certificate.verify(&key).unwrap_or(false))
    }

    pub(super) fn is_issuer_of(&self, certificate: &X509Ref) -> bool {
        let compared = self.certificate.subject_name().try_cmp(certificate.issuer_name());
        compared.is_ok_and(|order| order == std::cmp::Ordering::Equal)
    }
}
