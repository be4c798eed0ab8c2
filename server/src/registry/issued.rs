//! Issued numbers, for the search that only the company and its letter know.

use crate::{error::Error, key::ServerKey};

/// The hash that a number is stored and looked up by.
pub(crate) fn hash(key: &ServerKey, agency: &str, number: &str) -> Result<[u8; 32], Error> {
    key.hash(&format!("issued number {agency}"), normal(number).as_bytes())
}

/// Normalises a typed number to its issued form.
pub(crate) fn normal(typed: &str) -> String {
    typed.trim().to_ascii_uppercase()
}
