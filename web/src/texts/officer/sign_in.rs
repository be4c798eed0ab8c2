//! ログイン and the link of a new account.

pub(crate) use super::said::sign_in::*;

pub(crate) fn wait(seconds: u32) -> String {
    match seconds.div_ceil(60) {
        0 | 1 => wait_seconds(seconds),
        minutes => wait_minutes(minutes),
    }
}
