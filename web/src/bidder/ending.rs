//! When the session ends if nothing is requested, and when a bidding system's sign-in does.

use crate::bidder::{route::Route, state::State};

/// How long before the end it is announced, in milliseconds. Checked when the displayed minute changes, so at
/// least two minutes are left (WCAG 2.2.1 requires twenty seconds).
const WARNING_MS: i64 = 3 * 60_000;

/// The `id` of its region.
pub const REGION: &str = "session-end";

/// What is known of the session's end.
#[derive(Clone, Copy, Default)]
pub struct Ending {
    /// How long a session lives after each request, milliseconds; 0: not known.
    pub(super) idle_ms: i64,
    /// It has just been extended.
    pub put_off: bool,
}

impl State {
    /// Whole minutes until the session ends if nothing is requested, once that is near; 0: less than one.
    pub fn minutes_left(&self) -> Option<i64> {
        let left = self.left_ms().filter(|&left| left <= WARNING_MS)?;
        Some(left.max(0) / 60_000)
    }

    /// The same for a bidding system's sign-in, which nothing extends.
    pub fn sign_in_minutes_left(&self) -> Option<i64> {
        let left = self.sign_in_left_ms().filter(|&left| left <= WARNING_MS)?;
        Some(left.max(0) / 60_000)
    }

    pub(super) fn sign_in_left_ms(&self) -> Option<i64> {
        let sign_in = self.sign_in.as_ref().filter(|_| !self.answers_sign_in())?;
        Some(sign_in.expires_unix_ms - self.clock?.now_ms)
    }

    pub(super) fn left_ms(&self) -> Option<i64> {
        let is_open = !self.lost && self.route.as_ref().is_some_and(Route::needs_session);
        Some(self.view().filter(|_| is_open)?.expires_unix_ms - self.clock?.now_ms)
    }
}
