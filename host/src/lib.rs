//! The card host: native-messaging frames → commands → cards.
//!
//! A browser starts one process for each card window ([`session`]); a person runs the same program with a
//! subcommand ([`cli`]). The wire protocol is `touroku_proto::card`.

#![allow(missing_docs, reason = "nobody outside this product reads its documentation")]

pub mod browser;
pub mod card;
pub mod check_up;
pub mod cli;
pub mod command;
pub mod config;
pub mod doctor;
pub mod error;
pub mod extend;
pub mod frame;
pub mod halt;
pub mod install;
pub mod job;
pub mod journal;
pub mod locked;
pub mod log_file;
pub mod manifest;
pub mod output;
pub mod part;
pub mod pin_entry;
#[cfg(test)]
mod recorder;
pub mod registry;
pub mod relaxed_json;
pub mod replace;
pub mod session;
pub mod system;
pub mod text;
pub mod token;
