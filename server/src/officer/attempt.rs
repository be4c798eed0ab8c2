//! Slows down guessing of officers' passwords.
//!
//! Counted by who tries (`guess.rs`), agency and ログインID as typed, whether or not the account exists, so
//! that delays reveal nothing. In the store, so that a restart forgives nobody; and before the password is
//! checked, so that a thousand simultaneous guesses are five.

use std::sync::Arc;

use crate::{
    app::App,
    error::Error,
    guess::{Asker, Target},
    store::{Attempts, Writer},
};

/// Attempts without a delay.
const FREE: u32 = 5;

/// The first delay and the longest, in milliseconds.
const FIRST: i64 = 60_000;
const LONGEST: i64 = 3_600_000;

/// Failures are forgotten after a day without any, in milliseconds.
const FORGET_AFTER: i64 = 24 * 3_600_000;

/// An attempt in progress. It counts as failed unless forgiven.
pub(super) struct Tried {
    id: [u8; 32],
    /// How long further attempts are refused if it failed, in milliseconds; 0 if they are not.
    pub(super) delay: i64,
}

/// Counts an attempt, if one is allowed now. `now` in Unix milliseconds.
///
/// # Errors
/// [`Error::RateLimited`] with the seconds to wait.
pub(super) async fn begin(app: &Arc<App>, target: &Target, asker: Asker, now: i64) -> Result<Tried, Error> {
    let Tried { id, .. } = Tried::of(app, target, asker)?;
    let delay = app
        .store
        .write(move |writer| {
            let Attempts { failures, blocked_until } = writer.officer_attempts(&id, now)?;
            // Longer than the failures explain: the clock was set back since.
            let was_set_back = blocked_until > now + delay_after(failures);
            if blocked_until > now && !was_set_back {
                // Rounded up: whoever waits as long as told is admitted.
                let retry_after = u64::try_from((blocked_until - now + 999) / 1000).unwrap_or(1);
                return Err(Error::RateLimited { retry_after });
            }
            let failures = failures.saturating_add(1);
            let delay = delay_after(failures);
            let attempts = Attempts { failures, blocked_until: now + delay };
            writer.note_officer_attempts(&id, attempts, now + delay + FORGET_AFTER)?;
            Ok(delay)
        })
        .await?;
    Ok(Tried { id, delay })
}

impl Tried {
    /// The attempts on an account; does not count one.
    pub(super) fn of(app: &App, target: &Target, asker: Asker) -> Result<Self, Error> {
        Ok(Self { id: asker.counter(&app.key, target)?, delay: 0 })
    }

    /// It succeeded: all previous ones are forgotten.
    pub(super) fn forgive(&self, writer: &Writer<'_>) -> Result<(), Error> {
        writer.forget_officer_attempts(&self.id)
    }
}

fn delay_after(failures: u32) -> i64 {
    match failures.checked_sub(FREE) {
        None => 0,
        Some(doublings) => FIRST.checked_shl(doublings.min(6)).unwrap_or(LONGEST).min(LONGEST),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_begin_with_the_fifth_failure_and_double_to_an_hour() {
        let minutes: Vec<i64> = (1..=13).map(|failures| delay_after(failures) / 60_000).collect();
        assert_eq!(minutes, [0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60]);
        assert_eq!(delay_after(u32::MAX), LONGEST);
    }
}
