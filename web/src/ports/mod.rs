//! Everything that calls the browser.

pub mod api;
pub mod extension;
pub mod officer;
pub mod page;
pub mod store;
