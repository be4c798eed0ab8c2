//! Who holds this card: tokens, certificate paths, revocation.
//!
//! Pure functions over bytes, a [`Trust`] and a time; every decision comes with the steps that led to it. What
//! touches the disk is in `files`, what touches the network in `fetch`.

mod crl;
mod decision;
mod fetch;
mod files;
mod path;
mod policy;
mod strength;
mod token;
mod trust;

pub use self::{
    crl::CrlTimes,
    decision::{AnchorEvidence, CrlEvidence, Decision, Evidence, Refusal, Step},
    fetch::{FetchFailure, client, download},
    files::{TrustFiles, TrustSources, read_certificates},
    path::verify_certificate,
    policy::{NotAPolicy, Policy, Rules, Uncheckable},
    token::verify_token,
    trust::Trust,
};
