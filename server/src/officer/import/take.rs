//! Takes an import over, and undoes it.

use std::sync::Arc;

use touroku_proto::{
    api::ApiErrorCode,
    officer::{
        audit::{AuditAction, Detail, subject_of_import},
        import::{ImportState, ImportView, TakeImport},
    },
};

use super::{Spool, taking::Staging, to_its_end, upload::find, view, work};
use crate::{
    app::App,
    error::Error,
    officer::{Acting, company::note},
    registry::renamed::{Doer, Renamed},
    store::{Exclusive, Writer},
};

/// Takes an import over.
///
/// # Errors
/// `not_found`; `wrong_state` unless it is checked, and for wrong rows without `skip_wrong`; `import_columns` when
/// its columns are not understood yet; `stale`.
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
    let is_server = app.store.location().is_server();
    let (who, now) = (acting.clone(), app.outside.now());
    let (is_fresh, dry_run) = app
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
            let is_fresh =
                (is_staged || is_server) && writer.roster_version(who.agency())? == import.roster_version;
            let next = if is_fresh { ImportState::Taking } else { ImportState::Checking };
            writer.move_import(id, ImportState::Checked, next, now)?;
            Ok((is_fresh, import.dry_run))
        })
        .await?;
    if !is_fresh {
        work::check(app, acting.agency(), id)?;
        return Err(ApiErrorCode::Stale.into());
    }
    let answer = view(app, acting, id).await;
    let is_here = !is_server || is_staged && app.imports.has_stage(id, &dry_run);
    let staging = if is_here { Staging::Here } else { Staging::Elsewhere };
    if let Err(error) = work::take_over(app, acting.clone(), id, request, staging) {
        let back = move |writer: &Writer<'_>| {
            writer.move_import(id, ImportState::Taking, ImportState::Checked, now).map(drop)
        };
        app.store.write(back).await?;
        return Err(error);
    }
    answer
}

/// Undoes the agency's latest import.
///
/// # Errors
/// `not_found`; `wrong_state` unless it was taken over; `stale` when it is not the last change of the roster, or a
/// company it added has registered or applied.
pub async fn undo(app: &Arc<App>, acting: &Acting, id: i64) -> Result<ImportView, Error> {
    find(app, acting, id).await?;
    let (who, now, location) = (acting.clone(), app.outside.now(), app.store.location().clone());
    let shared = Arc::clone(app);
    // Not on the store's own thread: a large one takes seconds.
    tokio::task::spawn_blocking(move || {
        Exclusive::open(&location)?.sealed_with(Arc::clone(&shared.key)).write(|writer| {
            let import = writer.import(who.agency(), id)?.ok_or(ApiErrorCode::NotFound)?;
            if import.state != ImportState::Taken {
                return Err(ApiErrorCode::WrongState.into());
            }
            let renamings = writer.undone_renamings(who.agency(), id)?;
            let renamed = Renamed::among(writer, who.agency(), renamings)?;
            let rows = import.found.as_ref().map_or(0, |found| found.added + found.changed);
            let is_last = writer.roster_version(who.agency())? == import.roster_version;
            let undone = if is_last { writer.undo_import(who.agency(), id, rows)? } else { None };
            let lifted = undone.ok_or(ApiErrorCode::Stale)?;
            let doer = Doer {
                officer: &who.officer.login_id,
                words: "調達機関の担当者（業者情報取込の取消し）",
            };
            let desk = shared.desk(writer, shared.agencies.profile(who.agency())?, now);
            desk.tell_renamed(&renamed, doer)?;
            let reason = format!("業者情報取込 {id} を取り消しました");
            for number in &lifted {
                note(writer, &who, number, (AuditAction::CompanyLifted, &reason), now)?;
            }
            writer.clear_import_rows(id)?;
            writer.roster_changed(who.agency())?;
            who.record(writer, AuditAction::ImportUndone, &subject_of_import(id), &Detail::None, now)
        })
    })
    .await
    .map_err(|_| Error::Defect("an undo panicked"))??;
    app.mail_queued.notify_one();
    view(app, acting, id).await
}
