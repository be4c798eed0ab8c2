//! Who holds this card: tokens, certificate paths, revocation.
//!
//! Pure functions over bytes, a [`Trust`] and a time; every decision comes with the steps that led to it. What
//! touches the disk is in `files`, what touches the network in `fetch` and `ocsp::client`.

mod crl;
mod decision;
mod der;
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
    decision::{AnchorEvidence, Circumstances, CrlEvidence, Decision, Evidence, OcspEvidence, Refusal, Step},
    fetch::{FetchFailure, client, download, is_fetched},
    files::{TrustFiles, TrustSources, decide_with_fetching, read_certificates},
    ocsp::{OcspQuestion, OcspSettings, OcspUse, Status},
    path::verify_certificate,
    policy::{IssuerRules, NotAPolicy, Policy, Rules},
    token::verify_token,
    trust::Trust,
};
