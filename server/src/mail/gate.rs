//! Who may open a connection: everybody while the mail server answers; otherwise one at a time and after a pause.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{sync::Notify, time::Instant};

#[derive(Debug, Default)]
pub(super) struct Gate {
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct State {
    failures: u32,
    open_at: Option<Instant>,
    is_probed: bool,
    /// When it was last opened before its time.
    forced_at: Option<Instant>,
}

/// Permission to open a connection; held until the result is known.
#[derive(Debug)]
pub(super) struct Pass(Option<Arc<Gate>>);

impl Gate {
    /// Permission, if granted now.
    pub(super) fn admit(self: &Arc<Self>) -> Option<Pass> {
        let mut state = self.state();
        if state.failures == 0 {
            return Some(Pass(None));
        }
        let is_open = state.open_at.is_none_or(|at| at <= Instant::now());
        (is_open && !state.is_probed).then(|| {
            state.is_probed = true;
            Pass(Some(Arc::clone(self)))
        })
    }

    /// Returns when permission may be granted again.
    pub(super) async fn opened(&self) {
        let changed = self.changed.notified();
        let (at, is_probed) = {
            let state = self.state();
            (state.open_at.unwrap_or_else(Instant::now), state.is_probed)
        };
        tokio::select! {
            () = changed => {}
            () = tokio::time::sleep_until(at), if !is_probed => {}
        }
    }

    /// The mail server answered properly.
    pub(super) fn succeeded(&self) {
        let mut state = self.state();
        if state.failures > 0 {
            *state = State { is_probed: state.is_probed, ..State::default() };
            drop(state);
            self.changed.notify_waiters();
        }
    }

    /// It did not. The pause doubles from `first` to `longest`.
    pub(super) fn failed(&self, first: Duration, longest: Duration) {
        let mut state = self.state();
        // Many connections lost at once are one failure.
        if state.open_at.is_some_and(|at| at > Instant::now()) {
            return;
        }
        let pause = first.saturating_mul(1 << state.failures.min(16)).min(longest);
        state.failures = state.failures.saturating_add(1);
        state.open_at = Some(Instant::now() + pause);
    }

    /// Ends the pause: somebody has mended the mail server, and waits. At most once in that time: wrong passwords, too
    /// often, lock accounts.
    pub(super) fn open_now(&self, once_in: Duration) {
        let (mut state, now) = (self.state(), Instant::now());
        if state.failures == 0 || state.forced_at.is_some_and(|at| now - at < once_in) {
            return;
        }
        (state.forced_at, state.open_at) = (Some(now), None);
        drop(state);
        self.changed.notify_waiters();
    }

    // Consistent even after a panic elsewhere.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        if let Some(gate) = &self.0 {
            gate.state().is_probed = false;
            gate.changed.notify_waiters();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[tokio::test(start_paused = true)]
    async fn somebody_who_waits_ends_a_pause_but_not_again_and_again() {
        let gate = Arc::new(Gate::default());
        let fail = || {
            drop(gate.admit().expect("open"));
            gate.failed(60 * SECOND, 600 * SECOND);
        };
        fail();
        assert!(gate.admit().is_none());
        gate.open_now(5 * SECOND);
        fail();
        gate.open_now(5 * SECOND);
        assert!(gate.admit().is_none(), "just now");
        tokio::time::advance(6 * SECOND).await;
        gate.open_now(5 * SECOND);
        assert!(gate.admit().is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn after_a_failure_one_at_a_time_tries_after_a_pause_until_it_succeeds() {
        let gate = Arc::new(Gate::default());
        let first = gate.admit().unwrap();
        assert!(gate.admit().is_some(), "all while it answers");
        gate.failed(SECOND, 4 * SECOND);
        drop(first);
        assert!(gate.admit().is_none());
        let began = Instant::now();
        gate.opened().await;
        assert_eq!(began.elapsed(), SECOND);
        let probe = gate.admit().unwrap();
        assert!(gate.admit().is_none(), "one at a time");
        gate.failed(SECOND, 4 * SECOND);
        drop(probe);
        gate.opened().await;
        assert!(began.elapsed() >= 3 * SECOND, "{:?}", began.elapsed());
        let probe = gate.admit().unwrap();
        gate.succeeded();
        assert!(gate.admit().is_some());
        drop(probe);
        assert!(gate.admit().is_some());
    }
}
