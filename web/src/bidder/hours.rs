//! The current 利用時間.

use touroku_proto::hours::HoursState;

use crate::bidder::{route::Route, state::State};

/// How long before closing a person at work is warned: 15 minutes.
const CLOSING_MS: i64 = 15 * 60 * 1000;

/// The state of an agency's 利用時間. Times in Unix milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hours {
    Open {
        /// When it closes; `None`: never, or not known yet.
        closes: Option<i64>,
    },
    /// Open, and about to close.
    Closing { at: i64 },
    /// Closed. What is in progress may be finished.
    Closed {
        /// When it opens next; `None`: not known yet.
        opens: Option<i64>,
    },
}

impl Hours {
    /// The server's answer, evaluated at a moment; it may be a while old.
    pub fn at(said: HoursState, now_ms: i64) -> Self {
        let passed = said.changes_unix_ms.is_some_and(|change| change <= now_ms);
        match (said.open, said.changes_unix_ms) {
            (true, _) if passed => Self::Closed { opens: None },
            (true, Some(at)) if at - now_ms <= CLOSING_MS => Self::Closing { at },
            (true, closes) => Self::Open { closes },
            (false, _) if passed => Self::Open { closes: None },
            (false, opens) => Self::Closed { opens },
        }
    }

    /// For tests and style sheets (`data-hours`).
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open { .. } => "open",
            Self::Closing { .. } => "closing",
            Self::Closed { .. } => "closed",
        }
    }
}

impl State {
    /// The 利用時間 of the present screen's agency, once they are known.
    pub fn hours(&self) -> Option<Hours> {
        let said = *self.hours.get(self.place()?.0)?;
        let now_ms = self.clock?.now_ms;
        Some(Hours::at(said, now_ms))
    }

    /// Whether something is in progress that may be finished after closing.
    pub fn is_at_work(&self) -> bool {
        let here = self.route.as_ref().is_some_and(Route::needs_session);
        here && !self.lost && self.view().is_some_and(|view| view.completed.is_none())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: i64 = 60_000;

    #[test]
    fn closing_is_told_fifteen_minutes_before_and_the_change_at_its_moment() {
        let said = HoursState { open: true, changes_unix_ms: Some(100 * MINUTE) };
        for (now, hours) in [
            (84, Hours::Open { closes: Some(100 * MINUTE) }),
            (85, Hours::Closing { at: 100 * MINUTE }),
            (99, Hours::Closing { at: 100 * MINUTE }),
            (100, Hours::Closed { opens: None }),
        ] {
            assert_eq!(Hours::at(said, now * MINUTE), hours, "{now}");
        }
        let closed = HoursState { open: false, changes_unix_ms: Some(100 * MINUTE) };
        assert_eq!(Hours::at(closed, 99 * MINUTE), Hours::Closed { opens: Some(100 * MINUTE) });
        assert_eq!(Hours::at(closed, 100 * MINUTE), Hours::Open { closes: None });
        let always = HoursState { open: true, changes_unix_ms: None };
        assert_eq!(Hours::at(always, i64::MAX), Hours::Open { closes: None });
    }
}
