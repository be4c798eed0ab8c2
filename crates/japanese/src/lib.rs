#![doc = include_str!("../README.md")]

#[cfg(feature = "tables")]
mod area_code;
#[cfg(feature = "tables")]
pub mod characters;
#[cfg(feature = "tables")]
pub mod clock;
#[cfg(feature = "tables")]
pub mod date;
#[cfg(feature = "tables")]
pub mod encoding;
#[cfg(feature = "tables")]
pub mod holidays;
pub mod hours;
pub mod kana;
#[cfg(feature = "tables")]
pub mod lines;
pub mod mistyped;
#[cfg(feature = "tables")]
pub mod opening;
pub mod phone;
#[cfg(feature = "tables")]
pub mod place;
#[cfg(feature = "tables")]
pub mod postal;
pub mod row;
pub mod text;
#[cfg(feature = "tables")]
mod town;
mod unicode;
