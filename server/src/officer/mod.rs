//! What an officer does. Every function takes the [`Acting`] officer, whose agency is the only one that it touches.

mod acting;
pub mod company;
mod reason;
pub mod review;

pub use self::acting::{Acting, OfficerKey, acting};
pub(crate) use self::reason::MAX_REASON;
