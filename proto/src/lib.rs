//! Everything that crosses a boundary of Touroku, and the field rules that both sides enforce.
//!
//! Four processes talk to each other: the page (WASM), the extension (JavaScript), the host and the server.
//! Whatever they say is a type here, so that no vocabulary is written twice; the extension's JavaScript is
//! held to the same words by the golden files in `proto/fixtures`, which both sides' tests read.
//!
//! This crate does no I/O, reads no clock, and builds for wasm32 as well as natively. Our own JSON is
//! snake_case; only the token keeps the camelCase names that Web eID gave it.

#[macro_use]
mod codes;

pub mod account;
pub mod agency;
pub mod api;
pub mod card;
#[cfg(feature = "certificate")]
pub mod certificate;
#[cfg(feature = "certificate")]
pub mod cms;
pub mod document;
pub mod endpoint;
pub mod export;
pub mod feed;
pub mod few;
pub mod field;
mod filing;
pub mod form;
pub mod guide;
pub mod hours;
pub mod identity;
pub mod localized;
pub mod mail;
pub mod officer;
pub mod origin;
pub mod portal;
mod purpose;
pub mod sign_in;
pub mod status;
pub mod token;
pub mod way;

pub use touroku_japanese::{kana, mistyped, phone, text};

/// The version of the protocol that page, extension and host speak.
///
/// Numbered independently of the product version: it rises when a message is added or changes its meaning. A part
/// asks its neighbour only for what the neighbour's protocol has.
///
/// - 1: `status`, `authenticate`, `cancel`
/// - 2: `check_up`, `managed` in a page's `status`, `authenticate` to the host without a PIN
/// - 3: `sign`
/// - 4: `agency` in a page's `authenticate`, whose challenge is bound to it and to the purpose
pub const PROTOCOL: u32 = 4;

/// The protocol that introduced `check_up`; older extensions and hosts are not asked for one.
pub const CHECK_UP_SINCE: u32 = 2;

/// The first protocol in which a host can be asked to prompt for the PIN itself.
pub const PIN_ENTRY_SINCE: u32 = 2;

/// The protocol that introduced `sign`; older extensions and hosts are not asked for one.
pub const SIGN_SINCE: u32 = 3;

/// The oldest protocol that this build supports. Two parts are compatible when each one's [`PROTOCOL`] is at least
/// the other's `OLDEST_PROTOCOL`.
pub const OLDEST_PROTOCOL: u32 = 1;

/// The native-messaging host's name, as browsers look it up.
pub const HOST_NAME: &str = "jp.touroku.host";

/// The largest message, in bytes, that the host accepts from the browser. A request carries a nonce or a
/// [`document::Document`], and a PIN; browsers would allow 64 MiB.
pub const MAX_HOST_INPUT: usize = document::MAX_DOCUMENT + 16 * 1024;

/// The largest message, in bytes, that a browser accepts from a host (Chromium
/// `kMaximumNativeMessageSize`).
pub const MAX_HOST_OUTPUT: usize = 1024 * 1024;
