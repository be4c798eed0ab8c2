//! The wizard as a state machine: [`state::State`] takes an [`action::Action`] and returns the [`effect::Effect`]s
//! that the browser must carry out. Nothing in here touches a browser, a clock or a network.

pub mod account;
pub mod action;
pub mod checkup;
pub mod clock;
pub mod draft;
pub mod effect;
pub mod ending;
pub mod examination;
pub mod form;
mod guard;
pub mod hours;
pub mod language;
pub mod listing;
pub mod members;
pub mod postal;
mod reduce;
pub mod route;
pub mod search;
pub mod sign_in;
pub mod state;
pub mod status;
#[cfg(test)]
mod tests;
pub mod trouble;
pub mod typo;
