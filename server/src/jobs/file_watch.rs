//! Which `[[export]]` files can't be written, for metrics.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// Since when each could not be written, in Unix milliseconds, by agency and code.
#[derive(Debug, Default)]
pub struct FileWatch(Mutex<BTreeMap<(String, String), i64>>);

impl FileWatch {
    /// For how long a file can't be written, in milliseconds; 0 while it can.
    pub fn late_for(&self, agency: &str, code: &str, now: i64) -> i64 {
        let since = self.failing().get(&(agency.to_owned(), code.to_owned())).copied();
        since.map_or(0, |since| (now - since).max(1))
    }

    pub(super) fn saw(&self, agency: &str, code: &str, is_written: bool, now: i64) {
        let key = (agency.to_owned(), code.to_owned());
        if is_written {
            self.failing().remove(&key);
        } else {
            self.failing().entry(key).or_insert(now);
        }
    }

    // Consistent even after a panic elsewhere.
    fn failing(&self) -> MutexGuard<'_, BTreeMap<(String, String), i64>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
