//! Graceful shutdown: no new card work begins, and work in progress reaches its next safe point.

use std::{
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// The host's one switch between running and ending. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Halt(Arc<(Mutex<State>, Condvar)>);

#[derive(Debug, Default)]
struct State {
    ending: bool,
    working: usize,
}

/// Held while a card is working.
#[derive(Debug)]
pub struct Work(Halt);

impl Halt {
    /// Announces card work; `None` when the host is ending.
    pub fn begin(&self) -> Option<Work> {
        let mut state = self.state();
        if state.ending {
            return None;
        }
        state.working += 1;
        Some(Work(self.clone()))
    }

    /// Whether the host is ending.
    pub fn is_ending(&self) -> bool {
        self.state().ending
    }

    /// Begins the shutdown and waits, at most `limit`, until all card work is over.
    pub fn end(&self, limit: Duration) {
        let mut state = self.state();
        state.ending = true;
        self.0.1.notify_all();
        let waited = self.0.1.wait_timeout_while(state, limit, |state| state.working > 0);
        drop(waited);
    }

    /// Waits for `time`, or less if the host ends. Returns whether the host goes on.
    pub fn pause(&self, time: Duration) -> bool {
        let waited = self.0.1.wait_timeout_while(self.state(), time, |state| !state.ending);
        let (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        !state.ending
    }

    // The flag and the counter stay consistent even after a panic elsewhere.
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        self.0.state().working -= 1;
        self.0.0.1.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    #[test]
    fn the_end_waits_for_card_work_and_lets_none_begin_afterwards() {
        let halt = Halt::default();
        let work = halt.begin().unwrap();
        let worker = {
            let halt = halt.clone();
            thread::spawn(move || {
                // Ends only because the shutdown has begun.
                while halt.pause(Duration::from_secs(60)) {}
                drop(work);
            })
        };
        halt.end(Duration::from_secs(60));
        assert!(halt.begin().is_none());
        worker.join().unwrap();
    }

    #[test]
    fn the_end_does_not_wait_for_ever() {
        let halt = Halt::default();
        let _work = halt.begin().unwrap();
        halt.end(Duration::from_millis(1));
        assert!(halt.is_ending());
    }
}
