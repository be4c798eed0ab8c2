//! 簡易認証: ID and password instead of a card.
//!
//! Only the hash of a password leaves the request: drafts, answers, mails, events and logs never see it.

mod guess;
mod login;
mod proof;
mod reset;
mod strength;

pub(super) use self::guess::admit_link_use;
pub(crate) use self::{
    guess::{admit_application, admit_password},
    strength::refuse_guessable,
};
pub use self::{
    login::log_in,
    proof::{open_application, prove_application},
    reset::{forgotten, reset_password},
};
