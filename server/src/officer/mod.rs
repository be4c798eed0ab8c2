//! What an officer does. Every function takes the [`Acting`] officer, whose agency is the only one it touches.

pub mod account;
mod acting;
mod attempt;
pub mod audit;
mod card;
pub mod client;
pub mod company;
pub(crate) mod counted;
mod daily;
mod figures;
pub mod import;
mod login;
pub mod mail;
mod news;
pub mod number;
mod password;
pub mod profile;
pub mod proposal;
mod reason;
pub mod review;
pub mod roster;
mod session;
mod setup;
mod totp;
pub mod version;
mod workbook;

pub use self::{
    acting::{Acting, OfficerKey, acting},
    card::{card_login, challenge, link_card, unlink_card},
    counted::CountedFigures,
    daily::{daily, send_due as send_daily_mails, set_notices},
    figures::figures,
    import::Imports,
    login::log_in,
    news::send_due as send_news,
    password::change_password,
    session::{SignedIn, current, end_session, sessions, sign_out},
    setup::{begin_setup, finish_setup},
};
pub(crate) use self::{proposal::noted, reason::MAX_REASON, setup::LINK_LIFE};
