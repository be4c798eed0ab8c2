//! Which text of `texts/officer.ja.toml` the officers' page uses when.

pub mod audit;
pub mod clients;
pub mod company;
pub mod dialog;
pub mod field;
pub mod home;
pub mod import;
pub mod mails;
pub mod manage;
pub mod number;
pub mod part;
pub mod review;
pub mod roster;
pub mod screen;
pub mod settings;
pub mod sign_in;
pub mod trouble;

use super::{Text, said::officer as said};
