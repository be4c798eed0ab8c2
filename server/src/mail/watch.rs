//! What the mailer saw last, for health, figures and alerts.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{
    failure::{About, Failure},
    retry::Outcome,
};

/// How delivery goes.
#[derive(Debug, Default)]
pub struct MailWatch(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    trouble: Option<Trouble>,
    counts: AttemptCounts,
}

/// What keeps mails from leaving.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// Since when, Unix milliseconds.
    pub since: i64,
    /// A step of SMTP and the codes of the answer.
    pub reason: String,
}

/// How attempts since the start ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AttemptCounts {
    /// Taken by the mail server.
    pub sent: u64,
    /// Not taken.
    pub failed: u64,
    /// Nobody knows.
    pub unknown: u64,
}

impl MailWatch {
    /// What keeps mails from leaving now, if anything does.
    pub fn trouble(&self) -> Option<Trouble> {
        self.state().trouble.clone()
    }

    /// How attempts since the start ended.
    pub fn counts(&self) -> AttemptCounts {
        self.state().counts
    }

    pub(super) fn saw(&self, outcome: &Outcome, now: i64) {
        let mut state = self.state();
        match outcome {
            Outcome::Sent => {
                state.counts.sent += 1;
                state.trouble = None;
            }
            Outcome::Unknown(failure) => {
                state.counts.unknown += 1;
                state.trouble(failure, now);
            }
            Outcome::Failed(failure) => {
                state.counts.failed += 1;
                if matches!(failure.about(), About::Relay | About::Sender | About::Unclear) {
                    state.trouble(failure, now);
                }
            }
            Outcome::Broken(_) => state.counts.failed += 1,
            Outcome::Stopped => {}
        }
    }

    // Whole whatever panicked elsewhere.
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn trouble(&mut self, failure: &Failure, now: i64) {
        let since = self.trouble.as_ref().map_or(now, |trouble| trouble.since);
        self.trouble = Some(Trouble { since, reason: failure.to_string() });
    }
}
