//! The threads that own the connections.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Mutex, PoisonError, mpsc::Receiver},
};

use super::db::Db;
use crate::error::Error;

/// Runs on a connection inside a transaction; what it returns is called with the commit's result.
pub(super) type Job = Box<dyn FnOnce(&Db) -> Settle + Send>;

/// Sends the answer; the argument tells whether the transaction was committed.
pub(super) type Settle = Box<dyn FnOnce(bool) + Send>;

/// The most jobs that share one commit: bounds what a failed commit takes with it and how long the first one
/// waits.
const BATCH: usize = 128;

/// Runs jobs one after another, putting those waiting at the same time into one transaction: a commit costs a
/// flush to disk, the jobs themselves microseconds.
pub(super) fn run_writer(db: Db, jobs: &Receiver<Job>) {
    while let Ok(first) = jobs.recv() {
        if let Err(error) = db.begin(true) {
            // Dropping a job reports busy.
            tracing::warn!(%error, "no transaction could be begun");
            if !db.is_reachable() {
                jobs.try_iter().for_each(drop);
            }
            continue;
        }
        let mut settles = vec![first(&db)];
        while settles.len() < BATCH
            && let Ok(job) = jobs.try_recv()
        {
            settles.push(job(&db));
        }
        let committed = match db.commit() {
            Ok(()) => true,
            Err(error) => {
                tracing::error!(%error, "a transaction could not be committed");
                // May itself fail when SQLite has already rolled back (SQLITE_FULL, SQLITE_IOERR).
                drop(db.roll_back());
                false
            }
        };
        for settle in settles {
            settle(committed);
        }
    }
    if let Err(error) = db.finish() {
        tracing::warn!(%error, "the WAL could not be moved into the database file");
    }
}

/// Serves reads from a shared queue: whichever thread is free takes the next.
pub(super) fn run_reader(db: Db, jobs: &Mutex<Receiver<Job>>) {
    let next = || jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
    while let Ok(job) = next() {
        job(&db)(true);
        // Whoever else holds the queue waits for a job: then there is none.
        if !db.is_reachable()
            && let Ok(waiting) = jobs.try_lock()
        {
            waiting.try_iter().for_each(drop);
        }
    }
}

/// Runs `work` in a snapshot.
pub(super) fn in_snapshot<T>(db: &Db, work: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    db.transaction(false, || guarded(work))
}

/// Runs `work`; when it fails or panics, its writes are rolled back while others in the same transaction keep
/// theirs.
pub(super) fn in_savepoint<T>(db: &Db, work: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    db.save()?;
    let result = guarded(work).and_then(|result| db.release().map(|()| result));
    if result.is_err() {
        db.restore()?;
        db.release()?;
    }
    result
}

fn guarded<T>(work: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or(Err(Error::Defect("a store function panicked")))
}
