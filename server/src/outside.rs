//! What the server takes from the world besides files and network: time and randomness. `main` supplies the
//! real ones, tests their own.
//!
//! The wall clock is for what is stored and shown. Waiting is measured by the monotonic clock: the wall clock
//! is set back now and then, and a wait must not grow by that.

use std::sync::Arc;

/// Time and randomness.
#[derive(Clone)]
pub struct Outside {
    now: Arc<Clock>,
    steady: Arc<Clock>,
    random: Arc<Random>,
}

/// Milliseconds.
type Clock = dyn Fn() -> i64 + Send + Sync;

/// Fills a buffer with random bytes.
type Random = dyn Fn(&mut [u8]) + Send + Sync;

impl Outside {
    /// `now` returns Unix milliseconds; `random` fills a buffer with cryptographically strong bytes. The monotonic
    /// clock is `now` as well, until another one is given.
    pub fn new(
        now: impl Fn() -> i64 + Send + Sync + 'static,
        random: impl Fn(&mut [u8]) + Send + Sync + 'static,
    ) -> Self {
        let now: Arc<Clock> = Arc::new(now);
        Self { steady: Arc::clone(&now), now, random: Arc::new(random) }
    }

    /// With a monotonic clock.
    pub fn with_steady(self, steady: impl Fn() -> i64 + Send + Sync + 'static) -> Self {
        Self { steady: Arc::new(steady), ..self }
    }

    /// Unix milliseconds.
    pub fn now(&self) -> i64 {
        (self.now)()
    }

    /// Milliseconds since an arbitrary start; never goes back.
    pub fn steady(&self) -> i64 {
        (self.steady)()
    }

    /// Fresh random bytes.
    pub fn random<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        (self.random)(&mut bytes);
        bytes
    }
}
