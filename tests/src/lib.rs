//! The foundation of the journeys, all of it real: a PIV card in a virtual reader, a certification authority, and
//! a harness that starts server, host, extension and browser.

#![allow(missing_docs, reason = "nobody outside this product reads its documentation")]

pub mod bench;
pub mod ca;
pub mod harness;
pub mod pcscd;
pub mod person;
pub mod soak;
pub mod tlv;
pub mod virtual_card;
