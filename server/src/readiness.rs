//! What a look at the server found, kept for whoever asks meanwhile.

use std::time::Instant;

use serde::Serialize;
use tokio::sync::Mutex;

/// What a look found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Readiness {
    /// Whether all is well.
    pub ready: bool,
    /// Each thing that was looked at, and `ok` or why not.
    pub checks: Vec<Check>,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    pub name: &'static str,
    /// Whether it is well.
    pub ok: bool,
    /// Why not, for the administrator.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub why: &'static str,
}

/// The last look. Who comes while one is under way gets the next one's outcome, all of them the same, so that questions
/// in any number make two looks at most wait.
#[derive(Default)]
pub struct Looks(Mutex<Option<(Instant, Readiness)>>);

impl Looks {
    /// Looks, or answers what a look found that began after this question.
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
