//! What an officer does. Every function takes the [`Acting`] officer, whose agency is the only one that it touches.

pub mod account;
mod acting;
mod attempt;
mod login;
mod password;
mod session;
mod setup;
mod totp;

pub use self::{
    acting::{Acting, OfficerKey, acting},
    login::log_in,
    password::change_password,
    session::{current, end_session, sessions, sign_out},
    setup::{begin_setup, finish_setup},
};
