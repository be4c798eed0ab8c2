//! Touroku's server: HTTP API, SQLite, certificates, mail, agency profiles.
//!
//! `http` → `bidder` (what a contractor does), `submission` → `registry` → `store`, `trust`, `agency`. Time and randomness come in through
//! [`outside::Outside`]; commands are in [`cli`].

#![allow(missing_docs, reason = "nobody outside this product reads its documentation")]
#![allow(
    clippy::redundant_closure_for_method_calls,
    reason = "the store's closures are for any lifetime; a path like `Reader::mail_counts` is for one"
)]

pub mod agency;
pub mod app;
pub mod archive;
pub mod bidder;
pub mod cli;
pub mod config;
pub mod error;
pub mod feed;
pub mod file;
pub mod guess;
pub mod health;
pub mod http;
pub mod jobs;
pub mod key;
pub mod listing;
pub mod mail;
pub mod metrics;
pub mod officer;
pub mod oidc;
pub mod outgoing;
pub mod outside;
mod password;
pub mod postal;
pub mod readiness;
pub mod registry;
pub mod reload;
pub mod requests;
pub mod review;
pub mod roster;
pub mod store;
pub mod submission;
pub mod ticket;
pub mod trust;

pub(crate) use touroku_japanese::clock as japan;
