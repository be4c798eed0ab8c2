//! Figures that take long to count, kept for a moment.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use touroku_proto::officer::figures::Figures;

/// The figures of large agencies, as they were counted last.
#[derive(Default)]
pub struct CountedFigures(Mutex<HashMap<String, Arc<Slot>>>);

/// Held while it is counted: who looks meanwhile waits for the same, and does not count it, too.
type Slot = tokio::sync::Mutex<Option<Figures>>;

impl CountedFigures {
    pub(super) fn of(&self, agency: &str) -> Arc<Slot> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(all.entry(agency.to_owned()).or_default())
    }
}
