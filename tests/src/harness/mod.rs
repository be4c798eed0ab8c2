//! The environment of a journey: the real server, host, extension and browser, each started for one test and ended
//! with it.

pub mod account;
pub mod agencies;
pub mod authenticator;
pub mod axe;
pub mod bidding;
pub mod browser;
pub mod card_window;
pub mod host;
pub mod inventory;
pub mod mailbox;
pub mod officer;
pub mod page;
pub mod programs;
pub mod rollout;
pub mod roster;
pub mod server;
pub mod wait;
pub mod walk;
pub mod world;
