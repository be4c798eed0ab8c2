//! Who holds this card: tokens, certificate paths, revocation.
//!
//! Pure functions over bytes, a [`Trust`] and a time; every decision comes with the steps that led to it. The
//! one file that touches the disk is `files`.

mod crl;
mod decision;
mod files;
mod path;
mod policy;
mod strength;
mod token;
mod trust;

pub use self::{
    decision::{Decision, Refusal, Step},
    files::{TrustFiles, read_certificates},
    path::verify_certificate,
    policy::{NotAPolicy, Policy, Rules, Uncheckable},
    token::verify_token,
    trust::Trust,
};
