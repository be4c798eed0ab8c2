//! What this process is working on.

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
};

use crate::error::Error;

/// The imports that this process is working on.
#[derive(Default)]
pub struct Imports {
    stopping: AtomicBool,
    threads: Mutex<Vec<JoinHandle<()>>>,
    /// Bytes that a take-over has processed: what it writes shows nothing before its end.
    taking: Mutex<HashMap<i64, u64>>,
    /// The dry runs whose stages this process has made.
    staged: Mutex<HashMap<i64, String>>,
    /// The imports whose files this process has copied from the database.
    files: Mutex<HashSet<i64>>,
}

impl Imports {
    /// The progress of a take-over.
    pub(super) fn done(&self, import: i64) -> Option<u64> {
        self.taking.lock().unwrap_or_else(PoisonError::into_inner).get(&import).copied()
    }

    pub(super) fn set_done(&self, import: i64, done: Option<u64>) {
        let mut taking = self.taking.lock().unwrap_or_else(PoisonError::into_inner);
        match done {
            Some(done) => taking.insert(import, done),
            None => taking.remove(&import),
        };
    }

    /// Whether the import's stage is what that dry run made.
    pub(super) fn has_stage(&self, import: i64, dry_run: &str) -> bool {
        let staged = self.staged.lock().unwrap_or_else(PoisonError::into_inner);
        staged.get(&import).is_some_and(|made| made == dry_run)
    }

    pub(super) fn set_stage(&self, import: i64, dry_run: &str) {
        let mut staged = self.staged.lock().unwrap_or_else(PoisonError::into_inner);
        staged.insert(import, dry_run.to_owned());
    }

    /// Whether this process has copied the import's file.
    pub(super) fn has_file(&self, import: i64) -> bool {
        self.files.lock().unwrap_or_else(PoisonError::into_inner).contains(&import)
    }

    pub(super) fn set_file(&self, import: i64) {
        self.files.lock().unwrap_or_else(PoisonError::into_inner).insert(import);
    }

    /// Whether the server is stopping: running work is abandoned and resumes at the next start.
    pub(super) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }

    /// Waits until nothing is running. Blocks.
    pub fn wait(&self) {
        loop {
            let thread = self.threads.lock().unwrap_or_else(PoisonError::into_inner).pop();
            match thread {
                Some(thread) => drop(thread.join()),
                None => return,
            }
        }
    }

    /// Tells what is running to stop: it ends within a turn.
    pub fn begin_stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
        let threads = self.threads.lock().unwrap_or_else(PoisonError::into_inner);
        threads.iter().for_each(|thread| thread.thread().unpark());
    }

    /// Stops what is running. Blocks.
    pub fn stop(&self) {
        self.begin_stop();
        self.wait();
    }

    pub(super) fn spawn(&self, name: &str, run: impl FnOnce() + Send + 'static) -> Result<(), Error> {
        let thread =
            std::thread::Builder::new().name(name.to_owned()).spawn(run).map_err(Error::file(name))?;
        let mut threads = self.threads.lock().unwrap_or_else(PoisonError::into_inner);
        threads.retain(|thread| !thread.is_finished());
        threads.push(thread);
        Ok(())
    }
}
