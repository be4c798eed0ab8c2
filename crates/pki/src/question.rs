//! What is asked of OCSP responders, and what is known of their answers.

use openssl::x509::X509;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// Whether and when OCSP is asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OcspUse {
    /// Never.
    #[default]
    Off,
    /// Before CRLs; these are looked into where there is no usable answer.
    First,
    /// Where CRLs tell nothing.
    AfterCrl,
}

/// How OCSP is asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OcspSettings {
    /// Whether and when.
    pub use_of: OcspUse,
    /// Responders that are asked before those that certificates name, `http:`.
    pub urls: Vec<String>,
    /// Whether requests have a nonce, which the response must then repeat (RFC 9654).
    pub nonce: bool,
}

/// A question that a decision would like to have answered.
#[derive(Clone, Debug)]
pub struct OcspQuestion {
    /// Responders, in the order in which they are asked.
    pub urls: Vec<String>,
    /// Whose status is asked.
    pub(super) certificate: X509,
    /// Its issuer on the path.
    pub(super) issuer: X509,
}

impl OcspQuestion {
    /// About a certificate of that issuer.
    pub fn new(urls: Vec<String>, certificate: X509, issuer: X509) -> Self {
        Self { urls, certificate, issuer }
    }

    /// The key under which an answer is kept. `None`: a certificate can't be written as DER.
    pub fn key(&self) -> Option<Key> {
        key(&self.certificate, &self.issuer)
    }
}

/// Which certificate of which issuer: SHA-256 over both.
pub type Key = [u8; 32];

/// The key under which an answer about this certificate is kept. `None`: it can't be written as DER.
pub(super) fn key(certificate: &X509, issuer: &X509) -> Option<Key> {
    let digest = Sha256::new().chain_update(certificate.to_der().ok()?);
    Some(digest.chain_update(issuer.to_der().ok()?).finalize().into())
}

/// What a response says of a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Not revoked.
    Good,
    /// Revoked.
    Revoked,
    /// The responder does not know it.
    Unknown,
}

/// What came of asking about a certificate.
#[derive(Clone, Debug)]
pub enum Known {
    /// A response (DER) and where it came from. It is judged for each decision.
    Response {
        /// The responder.
        url: String,
        /// What it sent.
        der: Vec<u8>,
    },
    /// None; why not, in Japanese.
    Failure {
        /// For the steps of a decision.
        why: String,
    },
}

/// Whoever asks responders and keeps what they answered. Judging only looks; what it misses it names in
/// [`Decision::ocsp_wanted`](crate::Decision::ocsp_wanted).
pub trait Answers: Send + Sync {
    /// What is known of the certificate with this [key](OcspQuestion::key); `None`: it has not been asked about yet.
    fn known(&self, key: &Key) -> Option<Known>;
}
