//! The screens: they draw the state and dispatch actions, and do nothing else.

mod account;
pub mod app;
mod bid;
mod change;
mod checkup;
mod client;
mod compare;
mod confirm;
mod done;
mod entry;
mod field;
mod form;
mod frame;
mod identity;
mod listing;
mod menu;
pub mod officer;
mod parts;
mod postal;
mod print;
mod renew;
mod rows;
mod search;
mod select;
mod status;
mod text_field;
mod trouble;
