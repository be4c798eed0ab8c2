//! What a contractor (受注者) does: present a card, find the company, fill in the form, register.
//!
//! Each file handles one request, free of HTTP; the rules of fields and forms are in proto.

pub mod account;
mod address;
mod admission;
pub(crate) mod card;
mod change;
pub(crate) mod company;
mod confirmation;
mod draft;
pub mod expiry;
pub(crate) mod identity;
mod key;
mod link;
mod login;
mod receipt;
mod registration;
mod renewal;
pub mod review;
pub mod revocation;
mod search;
mod session;
mod signature;
mod signed_in;
mod status;
mod submission;
pub(crate) mod told;
mod view;
mod waiting;
mod withdrawal;

pub use self::{
    address::{ask_again, confirm_address},
    change::{change, prepare_change},
    draft::save_draft,
    login::{challenge, login},
    receipt::{ReceiptFile, receipt_file},
    registration::{prepare_registration, register},
    renewal::{prepare_renewal, renew},
    search::search_company,
    session::{SessionKey, begin, current, end},
    status::{status, stop},
    waiting::decide_card,
    withdrawal::withdraw,
};
pub(crate) use self::{login::NONCE_LIFE, signed_in::signed_in};
