//! 簡易認証: ID and password instead of a card.
//!
//! Of a password only its hash goes on from the request: neither drafts, answers, mails, events nor logs see it.

mod application;
mod change;
mod login;
mod reset;
mod review;
mod values;

pub use self::{
    application::apply,
    change::change_account,
    login::log_in,
    reset::{forgotten, reset_password},
    review::{Decision, Reviewed, applications, decide},
};
pub(super) use self::{
    login::logged_in,
    values::{account_values, applicant_values},
};
