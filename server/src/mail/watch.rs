//! What the mailer last observed, for health, metrics and alerts.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use super::{
    failure::{About, Failure},
    retry::Outcome,
};

/// The state of delivery.
#[derive(Debug, Default)]
pub struct MailWatch {
    state: Mutex<State>,
    wanted: Notify,
}

#[derive(Debug, Default)]
struct State {
    trouble: Option<Trouble>,
    counts: AttemptCounts,
}

/// What prevents delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// Since when, Unix milliseconds.
    pub since: i64,
    /// A step of SMTP and the codes of the reply.
    pub reason: String,
}

/// Results of attempts since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AttemptCounts {
    pub sent: u64,
    /// Refused or failed.
    pub failed: u64,
    /// Outcome unknown.
    pub unknown: u64,
}

impl MailWatch {
    /// What prevents delivery now, if anything.
    pub fn trouble(&self) -> Option<Trouble> {
        self.state().trouble.clone()
    }

    pub fn counts(&self) -> AttemptCounts {
        self.state().counts
    }

    /// An officer wants mails tried now: the mail server may have been mended.
    pub fn try_now(&self) {
        self.wanted.notify_one();
    }

    pub(super) async fn wanted(&self) {
        self.wanted.notified().await;
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

    // Consistent even after a panic elsewhere.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn trouble(&mut self, failure: &Failure, now: i64) {
        let since = self.trouble.as_ref().map_or(now, |trouble| trouble.since);
        self.trouble = Some(Trouble { since, reason: failure.to_string() });
    }
}
