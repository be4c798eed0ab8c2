//! The take-over itself, in turns with whoever else writes.

use std::sync::Arc;

use touroku_proto::{
    api::ApiErrorCode,
    officer::{
        audit::{AuditAction, Detail, ImportCounts, subject_of_import},
        company::{Period, Suspension},
        import::{ImportState, TakeImport},
    },
};

use super::{
    check,
    job::Job,
    last_change,
    take::{tell_and_sweep, tell_turned},
};
use crate::{
    app::App,
    error::Error,
    officer::Acting,
    registry::turned::absence,
    store::{Exclusive, NextRoster, Stage, Turns as _, Writer, write_next},
};

/// Whether the rows that a take-over writes are ready.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Staging {
    /// The dry run whose result the officer saw left them here.
    Here,
    /// It ran on another server, or before this one's start.
    Elsewhere,
}

/// Runs it to its end, or until the server stops.
pub(super) fn run(
    job: &Job,
    app: &Arc<App>,
    acting: &Acting,
    request: TakeImport,
    staging: Staging,
) -> Result<(), Error> {
    let (agency, id, now) = (acting.agency(), job.id, job.outside.now());
    let staged = if staging == Staging::Here { Ok(()) } else { check::stage(job) };
    match staged.and_then(|()| take_over(job, app, acting, request, now)) {
        Ok(()) => {
            job.spool.remove(id);
            Ok(())
        }
        // Nothing has happened; the next start tells the officer so.
        Err(Error::Busy) if job.imports.is_stopping() => Ok(()),
        // Nor here: the roster has changed, another process has not let go of the database, or others took this one for dead.
        Err(error @ (Error::Busy | Error::Refused(ApiErrorCode::Stale | ApiErrorCode::WrongState))) => {
            let is_wanted = Exclusive::open(&job.database)?.write(|writer| {
                writer.move_import(id, ImportState::Taking, ImportState::Checking, job.outside.now())
            })?;
            if !is_wanted {
                return Err(ApiErrorCode::WrongState.into());
            }
            tracing::warn!(%error, agency, import = id, "nothing was taken over; it is compared anew");
            check::run(job)
        }
        Err(error) => Err(error),
    }
}

fn take_over(job: &Job, app: &Arc<App>, acting: &Acting, request: TakeImport, now: i64) -> Result<(), Error> {
    let (agency, id) = (acting.agency(), job.id);
    let stage = Stage::open(&job.spool.stage(id))?;
    let who = acting.clone();
    let import = (&*app.store).turn(move |writer| last_change(writer, &who, id, ImportState::Taking))?;
    let found = import.found.as_ref().ok_or(Error::Defect("an import is taken over that was not checked"))?;
    let missing = if request.remove_missing { found.missing } else { 0 };
    let rows = (found.added + found.changed + missing).max(1);
    let mut written = 0;
    let mut step = |more: u64| {
        written += more;
        let share = import.size as f64 * (written as f64 / rows as f64).min(1.0);
        job.imports.set_done(id, Some(share as u64));
        if job.imports.is_stopping() { Err(Error::Busy) } else { Ok(job.outside.now()) }
    };
    tell_turned(app, agency, &mut || step(0))?;
    let absent = request.remove_missing.then(|| absent(acting, id, now));
    let next = write_next(&*app.store, (agency, Some(id)), &stage, absent, &mut step)?;
    let (shared, who, edition) = (Arc::clone(app), acting.clone(), next.edition().clone());
    let taken =
        (&*app.store).turn(move |writer| put_in_force(writer, &who, (id, &next, now), shared.outside.now()));
    if taken.is_err() {
        (&*app.store).turn(move |writer| writer.give_up(&edition))?;
    }
    // What is left of it, whoever sweeps does as well.
    if let Err(error) = tell_and_sweep(app, agency, &mut || step(0)) {
        tracing::info!(%error, agency, "a roster's former rows are left for later");
    }
    taken
}

fn put_in_force(
    writer: &Writer<'_>,
    acting: &Acting,
    (id, next, now): (i64, &NextRoster, i64),
    moved_at: i64,
) -> Result<(), Error> {
    let import = last_change(writer, acting, id, ImportState::Taking)?;
    let found = import.found.ok_or(Error::Defect("an import is taken over that was not checked"))?;
    let taken = writer.take_next(next, acting.actor(), moved_at)?;
    writer.import_taken(id, taken.version, now)?;
    let detail = Detail::Import(ImportCounts {
        added: found.added,
        changed: found.changed,
        unchanged: found.unchanged,
        wrong: found.wrong,
        missing: found.missing,
        removed: taken.removed,
        suspended: taken.suspended,
    });
    acting.record(writer, AuditAction::ImportTaken, &subject_of_import(id), &detail, now)
}

/// What comes to a company that registered or applied but is no longer on the list.
fn absent(acting: &Acting, id: i64, now: i64) -> Suspension {
    Suspension {
        reason: absence(id),
        officer: acting.officer.login_id.clone(),
        at_unix_ms: now,
        period: Period::default(),
        in_force: true,
    }
}
