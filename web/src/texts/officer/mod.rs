//! Every Japanese sentence of the officers' page that is not an agency's.

pub mod audit;
pub mod company;
pub mod dialog;
pub mod field;
pub mod home;
pub mod import;
pub mod manage;
pub mod number;
pub mod review;
pub mod screen;
pub mod settings;
pub mod sign_in;
pub mod trouble;
