//! 簡易認証: ID and password instead of a card.
//!
//! Of a password only its hash goes on from the request: neither drafts, answers, mails, events nor logs see it.

mod application;
mod change;
mod guess;
mod login;
mod reset;
mod review;
mod values;

pub(crate) use self::values::account_values;
pub use self::{
    application::apply,
    change::change_account,
    login::log_in,
    reset::{forgotten, reset_password},
    review::{applications, decide, decide_as},
};
pub(super) use self::{login::logged_in, values::applicant_values};
pub use super::review::{Decision, Reviewed};
