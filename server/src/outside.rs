//! What the server takes from the world besides files and network: time and randomness. `main` gives the
//! real ones, tests their own.

use std::sync::Arc;

/// Time and randomness.
#[derive(Clone)]
pub struct Outside {
    now: Arc<dyn Fn() -> i64 + Send + Sync>,
    random: Arc<Random>,
}

/// Fills a buffer with random bytes.
type Random = dyn Fn(&mut [u8]) + Send + Sync;

impl Outside {
    /// `now` answers Unix milliseconds; `random` fills a buffer with cryptographically strong bytes.
    pub fn new(
        now: impl Fn() -> i64 + Send + Sync + 'static,
        random: impl Fn(&mut [u8]) + Send + Sync + 'static,
    ) -> Self {
        Self { now: Arc::new(now), random: Arc::new(random) }
    }

    /// Unix milliseconds.
    pub fn now(&self) -> i64 {
        (self.now)()
    }

    /// Fresh random bytes.
    pub fn random<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        (self.random)(&mut bytes);
        bytes
    }
}
