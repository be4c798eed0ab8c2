//! The result of a readiness check, shared with whoever asks meanwhile.

use std::time::Instant;

use serde::Serialize;
use tokio::sync::Mutex;

/// The result of a check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Readiness {
    pub ready: bool,
    /// Everything that was checked, with `ok` or the reason.
    pub checks: Vec<Check>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    pub name: &'static str,
    pub ok: bool,
    /// The reason, for the administrator.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub why: &'static str,
}

/// The last check. Whoever asks while one is running gets the result of the next one, all of them the same, so
/// that any number of requests causes at most two pending checks.
#[derive(Default)]
pub struct Looks(Mutex<Option<(Instant, Readiness)>>);

impl Looks {
    /// Checks, or returns the result of a check that began after this call.
    pub(crate) async fn latest(&self, look: impl AsyncFnOnce() -> Readiness) -> Readiness {
        let asked = Instant::now();
        let mut last = self.0.lock().await;
        if let Some((began, readiness)) = &*last
            && *began >= asked
        {
            return readiness.clone();
        }
        let began = Instant::now();
        let readiness = look().await;
        *last = Some((began, readiness.clone()));
        readiness
    }
}
