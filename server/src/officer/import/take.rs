//! Taking over, and back.

use std::sync::Arc;

use touroku_proto::{
    api::ApiErrorCode,
    officer::{
        audit::{AuditAction, Detail, ImportCounts},
        company::Suspension,
        import::{ImportState, ImportView, TakeImport},
    },
};

use super::{Spool, to_its_end, upload::find, view, work, work::Job};
use crate::{
    app::App,
    error::Error,
    officer::{Acting, company::note},
    store::{Exclusive, TakeStaged, Writer},
};

/// Takes an import over.
///
/// # Errors
/// `not_found`; `wrong_state` unless it is checked, and for wrong rows without `skip_wrong`; `import_columns` when its
/// columns are not understood yet; `stale`.
pub async fn take(
    app: &Arc<App>,
    acting: &Acting,
    id: i64,
    request: TakeImport,
) -> Result<ImportView, Error> {
    let (app, acting) = (Arc::clone(app), acting.clone());
    to_its_end(async move { take_whole(&app, &acting, id, request).await }).await
}

async fn take_whole(
    app: &Arc<App>,
    acting: &Acting,
    id: i64,
    request: TakeImport,
) -> Result<ImportView, Error> {
    let is_staged = Spool::of(app.store.path()).stage(id).exists();
    let (who, now) = (acting.clone(), app.outside.now());
    let is_fresh = app
        .store
        .write(move |writer| {
            let import = writer.import(who.agency(), id)?.ok_or(ApiErrorCode::NotFound)?;
            if import.state != ImportState::Checked {
                return Err(ApiErrorCode::WrongState.into());
            }
            if !import.problem.is_empty() {
                return Err(ApiErrorCode::ImportColumns.into());
            }
            let has_wrong = import.found.is_none_or(|found| found.wrong > 0);
            if has_wrong && !request.skip_wrong {
                return Err(ApiErrorCode::WrongState.into());
            }
            let is_fresh = is_staged && writer.roster_version(who.agency())? == import.roster_version;
            let next = if is_fresh { ImportState::Taking } else { ImportState::Checking };
            writer.move_import(id, ImportState::Checked, next, now)?;
            Ok(is_fresh)
        })
        .await?;
    if !is_fresh {
        work::check(app, acting.agency(), id)?;
        return Err(ApiErrorCode::Stale.into());
    }
    let answer = view(app, acting, id).await;
    if let Err(error) = work::take_over(app, acting.clone(), id, request) {
        let back = move |writer: &Writer<'_>| {
            writer.move_import(id, ImportState::Taking, ImportState::Checked, now).map(drop)
        };
        app.store.write(back).await?;
        return Err(error);
    }
    answer
}

/// The work itself: one transaction, on a connection of its own.
pub(super) fn run(job: &Job, acting: &Acting, request: TakeImport) -> Result<(), Error> {
    let (agency, id, now) = (acting.agency(), job.id, job.outside.now());
    let mut database = Exclusive::open(&job.database)?.sealed_with(Arc::clone(&job.key));
    database.attach(&job.spool.stage(id))?;
    let outcome = database.write(|writer| take_over(writer, job, acting, request, now));
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
            super::check::run(job)
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
    let taken = writer.take_staged(&take, now, |slice| {
        looked_at += slice;
        let share = import.size as f64 * (looked_at as f64 / rows as f64).min(1.0);
        job.imports.set_done(id, Some(share as u64));
        if job.imports.is_stopping() { Err(Error::Busy) } else { Ok(()) }
    })?;
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
    acting.record(writer, AuditAction::ImportTaken, &format!("import {id}"), &detail, now)
}

/// A company that registered or applied and is not on the list any more: nothing of it goes, but it does nothing more.
fn suspend(writer: &Writer<'_>, acting: &Acting, id: i64, number: &str, now: i64) -> Result<bool, Error> {
    let reason = format!("有資格業者名簿から外れました（業者情報取込 {id}）");
    let officer = acting.officer.login_id.clone();
    let suspension = Suspension { reason, officer, at_unix_ms: now };
    if !writer.suspend(acting.agency(), number, None, &suspension)? {
        return Ok(false);
    }
    writer.note_suspended(acting.agency(), id, number)?;
    note(writer, acting, (number, None), (AuditAction::CompanySuspended, &suspension.reason), now)?;
    Ok(true)
}

/// Takes the agency's last import back.
///
/// # Errors
/// `not_found`; `wrong_state` unless it is taken over; `stale` when it is not the last change of the roster, or a
/// company that came with it has registered or applied.
pub async fn undo(app: &Arc<App>, acting: &Acting, id: i64) -> Result<ImportView, Error> {
    find(app, acting, id).await?;
    let (who, now, path) = (acting.clone(), app.outside.now(), app.store.path().to_owned());
    let key = Arc::clone(&app.key);
    // Not on the store's own thread: a large one takes seconds.
    tokio::task::spawn_blocking(move || {
        Exclusive::open(&path)?.sealed_with(key).write(|writer| {
            let import = writer.import(who.agency(), id)?.ok_or(ApiErrorCode::NotFound)?;
            if import.state != ImportState::Taken {
                return Err(ApiErrorCode::WrongState.into());
            }
            let rows = import.found.as_ref().map_or(0, |found| found.added + found.changed);
            let is_last = writer.roster_version(who.agency())? == import.roster_version;
            let undone = if is_last { writer.undo_import(who.agency(), id, rows)? } else { None };
            let lifted = undone.ok_or(ApiErrorCode::Stale)?;
            let reason = format!("業者情報取込 {id} を取り消しました");
            for number in &lifted {
                note(writer, &who, (number.as_str(), None), (AuditAction::CompanyLifted, &reason), now)?;
            }
            writer.clear_import_rows(id)?;
            writer.roster_changed(who.agency())?;
            who.record(writer, AuditAction::ImportUndone, &format!("import {id}"), &Detail::None, now)
        })
    })
    .await
    .map_err(|_| Error::Defect("an undo panicked"))??;
    view(app, acting, id).await
}
