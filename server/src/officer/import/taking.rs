//! The take-over itself: one transaction, on a separate connection.

use std::sync::Arc;

use touroku_proto::{
    api::ApiErrorCode,
    officer::{
        audit::{AuditAction, Detail, ImportCounts, subject_of_import},
        company::{Period, Suspension},
        import::{ImportState, TakeImport},
    },
};

use super::{check, job::Job};
use crate::{
    error::Error,
    officer::{Acting, company::note},
    registry::renamed::{Doer, Renamed},
    store::{Days, Exclusive, TakeStaged, Writer},
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
pub(super) fn run(job: &Job, acting: &Acting, request: TakeImport, staging: Staging) -> Result<(), Error> {
    let (agency, id, now) = (acting.agency(), job.id, job.outside.now());
    let mut database = Exclusive::open(&job.database)?.sealed_with(Arc::clone(&job.key));
    let staged = if staging == Staging::Here { Ok(()) } else { check::stage(job) };
    let outcome = staged.and_then(|()| {
        database.attach(&job.spool.stage(id))?;
        database.write(|writer| take_over(writer, job, acting, request, now))
    });
    match outcome {
        Ok(()) => {
            drop(database);
            job.spool.remove(id);
            Ok(())
        }
        // Nothing has happened; the next start tells the officer so.
        Err(Error::Busy) if job.imports.is_stopping() => Ok(()),
        Err(Error::Refused(ApiErrorCode::Stale)) => {
            drop(database);
            Exclusive::open(&job.database)?
                .sealed_with(Arc::clone(&job.key))
                .write(|writer| writer.move_import(id, ImportState::Taking, ImportState::Checking, now))?;
            tracing::info!(agency, import = id, "the roster changed meanwhile; it is compared anew");
            check::run(job)
        }
        Err(error) => Err(error),
    }
}

fn take_over(
    writer: &Writer<'_>,
    job: &Job,
    acting: &Acting,
    request: TakeImport,
    now: i64,
) -> Result<(), Error> {
    let (agency, id) = (acting.agency(), job.id);
    let import = writer.import(agency, id)?.ok_or(ApiErrorCode::NotFound)?;
    if import.state != ImportState::Taking {
        return Err(ApiErrorCode::WrongState.into());
    }
    if writer.roster_version(agency)? != import.roster_version {
        return Err(ApiErrorCode::Stale.into());
    }
    let found = import.found.ok_or(Error::Defect("an import is taken over that was not checked"))?;
    let rows = (found.added + found.changed + found.unchanged + found.wrong).max(1);
    let mut looked_at = 0;
    let take = TakeStaged {
        agency,
        import: Some(id),
        rows: found.added + found.changed,
        remove_missing: request.remove_missing,
    };
    let renamed = Renamed::among(writer, agency, writer.staged_renamings(agency)?)?;
    let taken = writer.take_staged(&take, now, |slice| {
        looked_at += slice;
        let share = import.size as f64 * (looked_at as f64 / rows as f64).min(1.0);
        job.imports.set_done(id, Some(share as u64));
        if job.imports.is_stopping() { Err(Error::Busy) } else { Ok(()) }
    })?;
    let doer =
        Doer { officer: &acting.officer.login_id, words: "調達機関の担当者（業者情報取込）" };
    job.desk(writer, now).tell_renamed(&renamed, doer)?;
    let mut suspended = 0;
    for number in &taken.kept {
        suspended += u64::from(suspend(writer, acting, id, number, now)?);
    }
    let version = writer.roster_changed(agency)?;
    writer.import_taken(id, version, now)?;
    let detail = Detail::Import(ImportCounts {
        added: found.added,
        changed: found.changed,
        unchanged: found.unchanged,
        wrong: found.wrong,
        missing: found.missing,
        removed: taken.removed,
        suspended,
    });
    acting.record(writer, AuditAction::ImportTaken, &subject_of_import(id), &detail, now)
}

/// A company that registered or applied but is no longer on the list: it is kept, and suspended.
fn suspend(writer: &Writer<'_>, acting: &Acting, id: i64, number: &str, now: i64) -> Result<bool, Error> {
    let reason = format!("有資格業者名簿から外れました（業者情報取込 {id}）");
    let officer = acting.officer.login_id.clone();
    let period = Period::default();
    let suspension = Suspension { reason, officer, at_unix_ms: now, period, in_force: true };
    if !writer.suspend_company(acting.agency(), number, &suspension, Days::default())? {
        return Ok(false);
    }
    writer.note_suspended(acting.agency(), id, number)?;
    note(writer, acting, number, (AuditAction::CompanySuspended, &suspension.reason), now)?;
    Ok(true)
}
