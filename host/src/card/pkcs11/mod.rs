//! Tokens that are used through a PKCS#11 module (OASIS PKCS #11 version 2.40), beside the cards that this host
//! supports natively.
//!
//! A module is somebody else's code: it may crash, hang, print or end the process. So each one is loaded by a
//! separate process ([`worker`], the same program), which [`process`] starts, asks and, if need be, kills.

pub mod merge;
pub mod modules;
pub mod places;
pub mod process;
mod raw;
mod signature;
mod token;
pub mod view;
pub mod watch;
pub mod wire;
pub mod worker;

/// The family's name in messages.
pub const FAMILY: &str = "pkcs11";
