//! What contractors' and officers' screens are both made of.

pub(super) mod field;
mod install;
pub(super) mod panel;
mod parts;
mod text_area;
mod text_field;

pub(super) use install::install;
pub(super) use parts::{Scene, Weight, heading, mount, progress, skip, submit};
pub(super) use text_area::TextArea;
pub(super) use text_field::TextField;
