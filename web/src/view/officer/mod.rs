//! The officers' screens: they draw the state and dispatch actions, and do nothing else.

mod account;
pub mod app;
mod application;
mod audit;
mod chart;
mod clients;
mod companies;
mod company;
mod comparison;
mod decision;
mod dialog;
mod field;
mod frame;
mod home;
mod import;
mod imports;
mod numbers;
mod officers;
mod parts;
mod preview;
mod qr;
mod queue;
mod roster;
mod settings;
mod setup;
mod sign_in;
mod trouble;
