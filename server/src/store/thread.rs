//! The threads that own the connections.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Mutex, PoisonError, mpsc::Receiver},
};

use rusqlite::Connection;

use crate::error::Error;

/// Runs on a connection inside a transaction; what it returns is called with the commit's result.
pub(super) type Job = Box<dyn FnOnce(&Connection) -> Settle + Send>;

/// Sends the answer; the argument tells whether the transaction was committed.
pub(super) type Settle = Box<dyn FnOnce(bool) + Send>;

/// The most jobs that share one commit: bounds what a failed commit takes with it and how long the first one
/// waits.
const BATCH: usize = 128;

/// Runs jobs one after another, putting those waiting at the same time into one transaction: a commit costs a
/// flush to disk, the jobs themselves microseconds.
pub(super) fn run_writer(connection: Connection, jobs: &Receiver<Job>) {
    while let Ok(first) = jobs.recv() {
        if let Err(error) = connection.execute_batch("BEGIN IMMEDIATE") {
            // Dropping the job reports busy.
            tracing::warn!(%error, "no transaction could be begun");
            continue;
        }
        let mut settles = vec![first(&connection)];
        while settles.len() < BATCH
            && let Ok(job) = jobs.try_recv()
        {
            settles.push(job(&connection));
        }
        let committed = match connection.execute_batch("COMMIT") {
            Ok(()) => true,
            Err(error) => {
                tracing::error!(%error, "a transaction could not be committed");
                // May itself fail when SQLite has already rolled back (SQLITE_FULL, SQLITE_IOERR).
                drop(connection.execute_batch("ROLLBACK"));
                false
            }
        };
        for settle in settles {
            settle(committed);
        }
    }
    if let Err(error) = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())) {
        tracing::warn!(%error, "the WAL could not be moved into the database file");
    }
}

/// Serves reads from a shared queue: whichever thread is free takes the next.
pub(super) fn run_reader(connection: Connection, jobs: &Mutex<Receiver<Job>>) {
    let next = || jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
    while let Ok(job) = next() {
        job(&connection)(true);
    }
}

/// Runs `work`; when it fails or panics, its writes are rolled back while others in the same transaction keep
/// theirs. A read gets one consistent snapshot.
pub(super) fn in_savepoint<T>(
    connection: &Connection,
    work: impl FnOnce(&Connection) -> Result<T, Error>,
) -> Result<T, Error> {
    connection.prepare_cached("SAVEPOINT job")?.execute([])?;
    let result = catch_unwind(AssertUnwindSafe(|| work(connection)))
        .unwrap_or(Err(Error::Defect("a store function panicked")));
    if result.is_err() {
        connection.prepare_cached("ROLLBACK TO job")?.execute([])?;
    }
    connection.prepare_cached("RELEASE job")?.execute([])?;
    result
}
