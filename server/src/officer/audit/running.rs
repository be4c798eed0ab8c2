//! Running checks.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

/// The chains that this process is checking, by agency.
#[derive(Default)]
pub struct AuditChecks(Mutex<HashMap<String, i64>>);

impl AuditChecks {
    /// How many entries of it are verified, if a check is running.
    pub(super) fn proved(&self, agency: &str) -> Option<i64> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(agency).copied()
    }

    pub(super) fn set(&self, agency: &str, proved: i64) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(agency.to_owned(), proved);
    }

    /// `None`: a check is running already.
    pub(super) fn begin(self: &Arc<Self>, agency: &str) -> Option<Running> {
        let mut running = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if running.contains_key(agency) {
            return None;
        }
        running.insert(agency.to_owned(), 0);
        Some(Running { checks: Arc::clone(self), agency: agency.to_owned() })
    }
}

/// A running check of a chain, however it ends.
pub(super) struct Running {
    pub(super) checks: Arc<AuditChecks>,
    pub(super) agency: String,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.checks.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.agency);
    }
}
