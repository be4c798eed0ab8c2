//! Everything that calls the browser.

mod again;
pub mod api;
pub mod extension;
pub mod language;
pub mod officer;
pub mod page;
pub mod store;
