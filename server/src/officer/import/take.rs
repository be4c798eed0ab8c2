//! Takes an import over, and undoes it.

use std::sync::Arc;

use touroku_proto::{
    api::ApiErrorCode,
    officer::{
        audit::{AuditAction, Detail, subject_of_import},
        import::{ImportState, ImportView, TakeImport},
    },
};

use super::{Spool, last_change, taking::Staging, to_its_end, upload::find, view, work};
use crate::{
    app::App,
    error::Error,
    officer::Acting,
    store::{FormerRoster, Turns as _, Writer, clear_import_rows, look_back, sweep},
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
/// `not_found`; `wrong_state` unless it was taken over, and while another one is being; `stale` when it is not the last
/// change of the roster, or a company it added has registered or applied.
pub async fn undo(app: &Arc<App>, acting: &Acting, id: i64) -> Result<ImportView, Error> {
    find(app, acting, id).await?;
    let (shared, who) = (Arc::clone(app), acting.clone());
    tokio::task::spawn_blocking(move || undo_whole(&shared, &who, id))
        .await
        .map_err(|_| Error::Defect("an undo panicked"))??;
    view(app, acting, id).await
}

fn undo_whole(app: &Arc<App>, acting: &Acting, id: i64) -> Result<(), Error> {
    let who = acting.clone();
    (&*app.store).turn(move |writer| {
        last_change(writer, &who, id, ImportState::Taken)?;
        // It would wait for that one's end, and come too late.
        if writer.is_taking(who.agency())? { Err(ApiErrorCode::WrongState.into()) } else { Ok(()) }
    })?;
    let mut step = |_| if app.imports.is_stopping() { Err(Error::Busy) } else { Ok(app.outside.now()) };
    tell_turned(app, acting.agency(), &mut || step(0))?;
    let former = look_back(&*app.store, (acting.agency(), id), &mut step)?.ok_or(ApiErrorCode::Stale)?;
    let (shared, who, edition) = (Arc::clone(app), acting.clone(), former.edition().clone());
    let undone =
        (&*app.store).turn(move |writer| bring_back(writer, &who, (id, &former), shared.outside.now()));
    if undone.is_err() {
        (&*app.store).turn(move |writer| writer.give_up(&edition))?;
    }
    sweep_in_background(app, acting.agency());
    undone?;
    // Else the next import does.
    if let Err(error) = clear_import_rows(&mut &*app.store, id) {
        tracing::info!(%error, import = id, "the rows that a dry run showed are left for later");
    }
    Ok(())
}

fn bring_back(
    writer: &Writer<'_>,
    acting: &Acting,
    (id, former): (i64, &FormerRoster),
    now: i64,
) -> Result<(), Error> {
    last_change(writer, acting, id, ImportState::Taken)?;
    if !writer.take_former(former, acting.actor(), now)? {
        return Err(ApiErrorCode::Stale.into());
    }
    acting.record(writer, AuditAction::ImportUndone, &subject_of_import(id), &Detail::None, now)
}

/// Tells companies of what has come into force, and removes what rosters no longer need, an agency after the other. One where that
/// fails holds up none.
///
/// # Errors
/// When those agencies can't be read.
pub async fn sweep_rosters(app: &Arc<App>) -> Result<(), Error> {
    for agency in app.store.read(|reader| reader.untidy_rosters()).await? {
        let shared = Arc::clone(app);
        let swept = tokio::task::spawn_blocking(move || sweep_roster(&shared, &agency)).await;
        swept.map_err(|_| Error::Defect("a sweep panicked"))?;
    }
    Ok(())
}

fn sweep_in_background(app: &Arc<App>, agency: &str) {
    let (shared, of) = (Arc::clone(app), agency.to_owned());
    let begun = app.imports.spawn("roster-sweep", move || sweep_roster(&shared, &of));
    if let Err(error) = begun {
        tracing::warn!(%error, agency, "a roster's former rows are left for later");
    }
}

fn sweep_roster(app: &Arc<App>, agency: &str) {
    let mut step = || if app.imports.is_stopping() { Err(Error::Busy) } else { Ok(app.outside.now()) };
    if let Err(error) = tell_and_sweep(app, agency, &mut step) {
        tracing::warn!(%error, agency, "a roster's former rows are left for later");
    }
}

/// Tells the agency's companies of what has come into force, and removes what its roster no longer needs.
///
/// # Errors
/// Those of `step`, and when the database fails. The rest is left for later.
pub(super) fn tell_and_sweep(
    app: &Arc<App>,
    agency: &str,
    step: &mut dyn FnMut() -> Result<i64, Error>,
) -> Result<(), Error> {
    tell_turned(app, agency, step)?;
    sweep(&mut &*app.store, agency, step)
}

/// Tells the agency's companies of what has come into force. Nothing else becomes of its roster before.
///
/// # Errors
/// As [`tell_and_sweep`]'s.
pub(super) fn tell_turned(
    app: &Arc<App>,
    agency: &str,
    step: &mut dyn FnMut() -> Result<i64, Error>,
) -> Result<(), Error> {
    // An agency that is no longer served has nobody to tell.
    let Ok(profile) = app.agencies.profile(agency) else { return Ok(()) };
    loop {
        let (shared, profile, now) = (Arc::clone(app), Arc::clone(profile), step()?);
        let is_more = (&*app.store).turn(move |writer| shared.desk(writer, &profile, now).tell_turned())?;
        app.mail_queued.notify_one();
        if !is_more {
            return Ok(());
        }
    }
}
