#![doc = include_str!("../README.md")]

mod address;
mod authority;
mod cause;
mod chain;
mod crl;
mod decision;
pub mod der;
mod document;
mod error;
mod leaf;
mod names;
mod ocsp;
mod path;
mod pem;
mod points;
mod policy;
mod question;
mod revocation;
mod rules;
mod strength;
mod token;
mod trust;

pub use touroku_proto::agency::Uncheckable;

pub use self::{
    address::{LdapAddress, is_fetched, is_http},
    cause::Cause,
    crl::{Crl, CrlTimes},
    decision::{AnchorEvidence, Circumstances, CrlEvidence, Decision, Evidence, OcspEvidence, Refusal, Step},
    document::{ReadSignature, read_signature},
    error::Error,
    path::verify_certificate,
    pem::{crls_of, is_pem},
    question::{Answers, Key, Known, OcspQuestion, OcspSettings, OcspUse, Status},
    rules::{IssuerRules, NotAPolicy, Policy, Rules},
    token::verify_token,
    trust::Trust,
};
