//! 簡易認証: ID and password instead of a card.
//!
//! Only the hash of a password leaves the request: drafts, answers, mails, events and logs never see it.

mod application;
mod change;
mod guess;
mod login;
mod proof;
mod reset;
mod review;
mod strength;
mod values;

pub(crate) use self::values::{account_values, is_login_id_taken};
pub use self::{
    application::apply,
    change::change_account,
    login::log_in,
    proof::{open_application, prove_application},
    reset::{forgotten, reset_password},
    review::{applications, decide, decide_as},
};
pub(super) use self::{
    guess::admit_link_use,
    login::logged_in,
    proof::MOST_APPLICATIONS,
    values::{addresses, applicant_values, as_entered, entered_before},
};
pub use super::review::{Decision, Reviewed};
