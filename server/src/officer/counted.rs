//! Figures that are slow to count, cached briefly.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use touroku_proto::officer::figures::Figures;

/// The last counted figures of large agencies.
#[derive(Default)]
pub struct CountedFigures(Mutex<HashMap<String, Arc<Slot>>>);

/// Held while counting: whoever asks meanwhile waits for the same result instead of counting as well.
type Slot = tokio::sync::Mutex<Option<Figures>>;

impl CountedFigures {
    pub(super) fn of(&self, agency: &str) -> Arc<Slot> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(all.entry(agency.to_owned()).or_default())
    }
}
