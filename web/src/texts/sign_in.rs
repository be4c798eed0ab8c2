//! A bidding system that waits for the login.

pub(crate) use super::said::contractor::sign_in::*;

/// Announces that a bidding system waits for this many whole minutes more.
pub fn ending_soon(minutes: i64) -> String {
    if minutes == 0 { ENDING_NOW.to_string() } else { ending_in(minutes) }
}
