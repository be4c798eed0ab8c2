//! Revocation by asking (OCSP, RFC 6960).
//!
//! `message` writes requests and reads responses, `answer` judges a response, `client` asks and keeps the answers, `shelf` does so
//! on the disk.

mod answer;
mod client;
mod message;
mod shelf;

use openssl::x509::X509;
use serde::Deserialize;

pub use self::answer::Status;
pub(super) use self::{
    answer::{Unusable, judge},
    client::{Asker, Held},
};

/// Whether and when OCSP is asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, clap::ValueEnum)]
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
