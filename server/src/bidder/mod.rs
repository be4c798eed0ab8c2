//! What a contractor (受注者) does: show a card, find the company, fill in the form, register.
//!
//! Each file is one request's work, free of HTTP; rules of fields and forms are proto's.

pub mod account;
mod admission;
pub(crate) mod card;
mod change;
pub(crate) mod company;
mod draft;
pub mod expiry;
mod login;
mod registration;
mod renewal;
pub mod review;
pub mod revocation;
mod search;
mod session;
mod submission;
mod view;
mod waiting;

pub(crate) use self::login::NONCE_LIFE;
pub use self::{
    change::change,
    draft::save_draft,
    login::{challenge, login},
    registration::register,
    renewal::renew,
    search::search_company,
    session::{SessionKey, begin, current, end},
    waiting::decide_card,
};
