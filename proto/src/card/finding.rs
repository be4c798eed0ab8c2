//! What the host's doctor finds on a computer.

use serde::{Deserialize, Serialize};

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Worth knowing; nothing is wrong.
    Note,
    /// Affects some people, or will affect everybody some day.
    Warning,
    /// Cards cannot be used like this.
    Error,
}

/// A browser that the host is registered with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Browser {
    /// Google Chrome.
    Chrome,
    /// Chromium as distributions build it.
    Chromium,
    /// Microsoft Edge.
    Edge,
}

/// One problem, in the host's words: a host that knows a new cause brings its text along, even to an older page.
/// No path, no name, no value: those are for `touroku-host doctor`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Finding {
    /// Stable; docs/troubleshooting.md explains each.
    pub code: String,
    /// How bad.
    pub severity: Severity,
    /// What is wrong, in Japanese.
    pub what: String,
    /// What to do next, in Japanese.
    pub next: String,
    /// Whom to call, in Japanese.
    pub ask: String,
}
