//! The journeys: one binary, so that the harness is linked once. `cargo xtask test` runs each in a process of its own.

mod account;
mod another_company;
mod around;
mod bidding;
mod card_trouble;
mod certificates;
mod change;
mod checkup;
mod console;
// The host's own tests have it; a crate for one file would be more than it is worth.
#[path = "../../../host/tests/it/conversation/mod.rs"]
mod conversation;
mod deployment;
mod fields;
mod identity;
mod image;
mod import;
mod interruptions;
mod keyboard;
mod language;
mod managed_settings;
mod missing_parts;
mod my_number;
mod notice;
mod officer;
mod opensc;
mod opensc_my_number;
mod piv;
mod pkcs11;
mod portals;
mod published;
mod reference_systems;
mod register;
mod renewal;
mod review;
mod settings;
mod signed;
mod soak;
mod windows;
