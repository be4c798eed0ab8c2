//! What OCSP responders are asked, and what is known of their answers.

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
    /// Before CRLs, which are consulted if there is no usable response.
    First,
    /// When CRLs give no answer.
    AfterCrl,
}

/// How OCSP is asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OcspSettings {
    /// Whether and when.
    pub use_of: OcspUse,
    /// Responders queried before those named in certificates, `http:`.
    pub urls: Vec<String>,
    /// Whether requests have a nonce, which the response must then repeat (RFC 9654).
    pub nonce: bool,
}

/// A query that a decision would like answered.
#[derive(Clone, Debug)]
pub struct OcspQuestion {
    /// Responders, in the order in which they are queried.
    pub urls: Vec<String>,
    /// The certificate whose status is queried.
    pub(super) certificate: X509,
    /// Its issuer on the path.
    pub(super) issuer: X509,
}

impl OcspQuestion {
    /// About a certificate of that issuer.
    pub fn new(urls: Vec<String>, certificate: X509, issuer: X509) -> Self {
        Self { urls, certificate, issuer }
    }

    /// The key under which an answer is cached. `None`: a certificate can't be encoded as DER.
    pub fn key(&self) -> Option<Key> {
        key(&self.certificate, &self.issuer)
    }
}

/// SHA-256 over a certificate and its issuer.
pub type Key = [u8; 32];

/// The key under which an answer about this certificate is cached. `None`: it can't be encoded as DER.
pub(super) fn key(certificate: &X509, issuer: &X509) -> Option<Key> {
    let digest = Sha256::new().chain_update(certificate.to_der().ok()?);
    Some(digest.chain_update(issuer.to_der().ok()?).finalize().into())
}

/// What a response says about a certificate.
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

/// The result of asking about a certificate.
#[derive(Clone, Debug)]
pub enum Known {
    /// A response (DER) and its source. It is judged anew for each decision.
    Response {
        /// The responder.
        url: String,
        /// What it sent.
        der: Vec<u8>,
    },
    /// No response; the reason is in Japanese.
    Failure {
        /// For the steps of a decision.
        why: String,
    },
}

/// Whoever queries responders and caches their answers. Judging only looks answers up; what it misses it lists in
/// [`Decision::ocsp_wanted`](crate::Decision::ocsp_wanted).
pub trait Answers: Send + Sync {
    /// What is known about the certificate with this [key](OcspQuestion::key); `None`: it has not been asked about
    /// yet.
    fn known(&self, key: &Key) -> Option<Known>;
}
