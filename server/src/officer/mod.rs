//! What an officer does. Every function takes the [`Acting`] officer, whose agency is the only one that it touches.

mod acting;
pub mod import;
pub mod number;

pub use self::{
    acting::{Acting, OfficerKey, acting},
    import::Imports,
};
