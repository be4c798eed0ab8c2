//! The officers' page (発注機関) as a state machine: [`state::Console`] takes an [`action::Action`] and returns
//! the [`effect::Effect`]s that the browser must carry out. Nothing in here touches a browser, a clock or a
//! network.

pub mod action;
pub mod ask;
pub mod dialog;
pub mod effect;
pub mod input;
pub mod part;
mod reduce;
pub mod request;
pub mod route;
mod settings;
pub mod state;
#[cfg(test)]
mod tests;
