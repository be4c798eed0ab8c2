//! A decision and how it came about.

use serde::Serialize;
use touroku_proto::api::ApiErrorCode;

/// Why a token, certificate or CRL was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {reason}", .code.as_str())]
pub struct Refusal {
    /// Stable code.
    pub code: ApiErrorCode,
    /// In Japanese, for the administrator who reads `verify-certificate`.
    pub reason: String,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Step {
    /// What was looked at, in Japanese.
    pub check: &'static str,
    /// Whether it is in order.
    pub passed: bool,
    /// What was found.
    pub detail: String,
}

/// The outcome, and every step up to it in order.
#[derive(Debug)]
pub struct Decision<T> {
    /// What was accepted, or why not.
    pub outcome: Result<T, Refusal>,
    /// The last one is the one that failed, if one did.
    pub steps: Vec<Step>,
}

/// The steps so far.
#[derive(Default)]
pub(super) struct Trail(Vec<Step>);

impl Trail {
    /// Runs a check to its end.
    pub(super) fn decide<T>(check: impl FnOnce(&mut Self) -> Result<T, Refusal>) -> Decision<T> {
        let mut trail = Self::default();
        let outcome = check(&mut trail);
        Decision { outcome, steps: trail.0 }
    }

    /// This was in order.
    pub(super) fn passed(&mut self, check: &'static str, detail: impl Into<String>) {
        self.0.push(Step { check, passed: true, detail: detail.into() });
    }

    /// This was not.
    pub(super) fn refuse(
        &mut self,
        check: &'static str,
        code: ApiErrorCode,
        reason: impl Into<String>,
    ) -> Refusal {
        let reason = reason.into();
        self.0.push(Step { check, passed: false, detail: reason.clone() });
        Refusal { code, reason }
    }
}
