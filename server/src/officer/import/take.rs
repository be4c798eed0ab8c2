//! Taking over, and back.

use std::sync::Arc;

use touroku_proto::{
    api::ApiErrorCode,
    officer::import::{ImportState, ImportView, TakeImport},
};

use super::{Spool, upload::find, view, work, work::Job};
use crate::{
    app::App,
    error::Error,
    officer::Acting,
    store::{Exclusive, TakeStaged, Writer},
};

/// Takes an import over.
///
/// # Errors
/// `not_found`, `wrong_state`, `stale`; `import_columns` when its columns are not understood yet; `fields_invalid` is
/// never used: wrong rows without `skip_wrong` answer `wrong_state`, too.
pub async fn take(
    app: &Arc<App>,
    acting: &Acting,
    id: i64,
    request: TakeImport,
) -> Result<ImportView, Error> {
    let import = find(app, acting, id).await?;
    if import.state != ImportState::Checked {
        return Err(ApiErrorCode::WrongState.into());
    }
    if !import.problem.is_empty() {
        return Err(ApiErrorCode::ImportColumns.into());
    }
    let has_wrong = import.found.as_ref().is_none_or(|found| found.wrong > 0);
    if has_wrong && !request.skip_wrong {
        return Err(ApiErrorCode::WrongState.into());
    }
    let is_staged = Spool::of(app.store.path()).stage(id).exists();
    let (who, now) = (acting.clone(), app.outside.now());
    let is_fresh = app
        .store
        .write(move |writer| {
            let is_fresh = is_staged && writer.roster_version(who.agency())? == import.roster_version;
            let next = if is_fresh { ImportState::Taking } else { ImportState::Checking };
            if writer.move_import(id, ImportState::Checked, next, now)? {
                Ok(is_fresh)
            } else {
                Err(ApiErrorCode::WrongState.into())
            }
        })
        .await?;
    if !is_fresh {
        work::check(app, acting.agency(), id)?;
        return Err(ApiErrorCode::Stale.into());
    }
    let answer = view(app, acting, id).await?;
    work::take_over(app, acting.clone(), id, request)?;
    Ok(answer)
}

/// The work itself: one transaction, on a connection of its own.
pub(super) fn run(job: &Job, acting: &Acting, request: TakeImport) -> Result<(), Error> {
    let (agency, id, now) = (acting.agency(), job.id, job.outside.now());
    let mut database = Exclusive::open(&job.database)?;
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
    let take = TakeStaged { agency, import: id, remove_missing: request.remove_missing };
    let taken = writer.take_staged(&take, now, |slice| {
        looked_at += slice;
        let share = import.size as f64 * (looked_at as f64 / rows as f64).min(1.0);
        job.imports.set_done(id, Some(share as u64));
        if job.imports.is_stopping() { Err(Error::Busy) } else { Ok(()) }
    })?;
    let version = writer.roster_changed(agency)?;
    writer.import_taken(id, version, now)?;
    let detail = format!(
        "added {}, changed {}, unchanged {}, wrong {}, missing {}, removed {}, suspended {}",
        found.added, found.changed, found.unchanged, found.wrong, found.missing, taken.removed, taken.kept
    );
    acting.record(writer, "import_taken", &format!("import {id}"), &detail, now)
}

/// Takes the agency's last import back.
///
/// # Errors
/// `not_found`; `wrong_state` unless it is taken over; `stale` when it is not the last change of the roster, or a
/// company that came with it has registered or applied.
pub async fn undo(app: &Arc<App>, acting: &Acting, id: i64) -> Result<ImportView, Error> {
    find(app, acting, id).await?;
    let (who, now, path) = (acting.clone(), app.outside.now(), app.store.path().to_owned());
    // Not on the store's own thread: a large one takes seconds.
    tokio::task::spawn_blocking(move || {
        Exclusive::open(&path)?.write(|writer| {
            let import = writer.import(who.agency(), id)?.ok_or(ApiErrorCode::NotFound)?;
            if import.state != ImportState::Taken {
                return Err(ApiErrorCode::WrongState.into());
            }
            let is_last = writer.roster_version(who.agency())? == import.roster_version;
            if !is_last || !writer.undo_import(who.agency(), id)? {
                return Err(ApiErrorCode::Stale.into());
            }
            writer.clear_import_rows(id)?;
            writer.roster_changed(who.agency())?;
            who.record(writer, "import_undone", &format!("import {id}"), "", now)
        })
    })
    .await
    .map_err(|_| Error::Defect("an undo panicked"))??;
    view(app, acting, id).await
}
