//! What a contractor (受注者) does in a session: present a card or log in with an ID, find the company, look, fill in
//! the form. What comes of it is in `submission`.
//!
//! Each file handles one request, free of HTTP; the rules of fields and forms are in proto.

pub mod account;
mod address;
pub(crate) mod admission;
mod draft;
mod holder;
mod key;
mod link;
mod login;
mod search;
mod session;
mod status;
pub(crate) mod view;

pub use self::{
    address::{ask_again, confirm_address},
    draft::save_draft,
    login::{challenge, login},
    search::search_company,
    session::{SessionKey, begin, current, end},
    status::{information_password, status, stop, timeline},
};
pub(crate) use self::{
    holder::{logged_in, place, presented_card, registered_card, signed_in},
    login::{NONCE_LIFE, check_new_card},
};
