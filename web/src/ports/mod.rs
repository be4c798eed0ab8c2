//! Everything that calls the browser.

mod again;
mod api;
pub mod bidder;
pub mod extension;
pub mod language;
pub mod officer;
pub mod page;
pub mod store;
