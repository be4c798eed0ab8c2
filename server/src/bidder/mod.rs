//! What a contractor (受注者) does: show a card, find the company, fill in the form, register.
//!
//! Each file is one request's work, free of HTTP; rules of fields and forms are proto's.

mod card;
mod company;
mod login;
mod registration;
mod search;
mod session;

pub use self::{
    login::{challenge, login},
    registration::{register, save_draft},
    search::search_company,
    session::{SessionKey, begin, current, end},
};
