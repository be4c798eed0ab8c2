//! What runs without the page: dry runs and take-overs, each in its own thread.

use std::{fs::File, sync::Arc, time::Duration};

use touroku_proto::{
    api::ApiErrorCode,
    officer::import::{ImportState, TakeImport},
};

use super::{
    check,
    job::Job,
    spool::Spool,
    taking::{self, Staging},
};
use crate::{
    app::App,
    error::Error,
    officer::Acting,
    store::{Exclusive, Import, Writer, clear_import_rows},
};

/// Uploads and dry runs untouched for this long are cancelled.
const ABANDONED_AFTER: i64 = 86_400_000;

/// Running work touches its import at least this often.
const LEASE: i64 = 600_000;

const LOST: &str = "サーバーにファイルが残っていません。もう一度、ファイルを選んでください。";

/// The first and the longest delay before recording a failure is tried again.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LAST_PAUSE: Duration = Duration::from_secs(30);

/// Starts the dry run of an import in state `checking`.
pub(super) fn check(app: &App, agency: &str, id: i64) -> Result<(), Error> {
    let job = Job::new(app, agency, id)?;
    app.imports.spawn("import-check", move || run(&job, None, check::run))
}

/// Starts taking over an import in state `taking`.
pub(super) fn take_over(
    app: &Arc<App>,
    acting: Acting,
    id: i64,
    request: TakeImport,
    staged: Staging,
) -> Result<(), Error> {
    let (job, shared) = (Job::new(app, acting.agency(), id)?, Arc::clone(app));
    app.imports.spawn("import-take", move || {
        run(&job, None, |job| taking::run(job, &shared, &acting, request, staged));
        job.imports.set_done(job.id, None);
    })
}

/// Works on an import while holding its file: `held`, or once it is free. A failure is reported to the officer: in
/// full when the file is to blame, otherwise as the server's.
fn run(job: &Job, held: Option<File>, work: impl FnOnce(&Job) -> Result<(), Error>) {
    let held = held.map_or_else(|| job.spool.hold_next(job.id), Ok);
    let outcome = held.and_then(|mut held| {
        job.fetch(&mut held)?;
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| work(job)))
            .unwrap_or(Err(Error::Defect("an import panicked")))
    });
    let problem = match outcome {
        Ok(()) => return,
        Err(Error::Refused(ApiErrorCode::WrongState)) => {
            tracing::warn!(import = job.id, "another server went on with an import, or it was cancelled");
            return;
        }
        Err(Error::Refused(ApiErrorCode::NotFound)) => LOST.to_owned(),
        Err(Error::Content { message, .. }) => {
            format!("{message}。ファイルを直して、もう一度選んでください。")
        }
        Err(Error::Disk(error)) => {
            tracing::error!(%error, import = job.id, "an import met a full disk");
            "サーバーのディスクに空きがないため、続けられませんでした。名簿は元のままです。システム管理者へお知らせのうえ、\
             空きができてから、もう一度はじめてください。"
                .to_owned()
        }
        Err(error) => {
            tracing::error!(%error, import = job.id, "an import failed");
            "サーバーの不具合で続けられませんでした。名簿は元のままです。もう一度はじめても同じときは、\
             システム管理者へお知らせください。"
                .to_owned()
        }
    };
    // On a full disk the stage may be what takes up the space.
    job.spool.remove_stage(job.id);
    note_failure(job, &problem);
}

/// Records that an import failed. While the disk is full this is retried: an import neither running nor settled
/// would block the agency's next one.
fn note_failure(job: &Job, problem: &str) {
    let mut pause = FIRST_PAUSE;
    loop {
        let now = job.outside.now();
        let noted = Exclusive::open(&job.database).and_then(|mut database| {
            database.write(|writer| writer.import_failed(job.id, problem, now))?;
            Ok(database)
        });
        match noted {
            Ok(mut database) => {
                job.spool.remove(job.id);
                if let Err(error) = clear_import_rows(&mut database, job.id) {
                    tracing::info!(%error, import = job.id, "the rows that a dry run showed are left for later");
                }
                return;
            }
            Err(error) => {
                tracing::error!(%error, import = job.id, "an import's failure could not be noted");
            }
        }
        // The next start, or another server, continues it.
        if job.imports.is_stopping() {
            return;
        }
        std::thread::park_timeout(pause);
        pause = (pause * 2).min(LAST_PAUSE);
    }
}

/// At the start: resumes what a stop or crash interrupted. Dry runs begin again; of a take-over
/// nobody has seen anything, and its import waits for the officer again. On PostgreSQL only what nobody has touched for [`LEASE`]: the
/// rest may be another server's.
///
/// # Errors
/// When the database fails.
pub async fn resume(app: &Arc<App>) -> Result<(), Error> {
    resume_untouched(app, 0).await
}

/// Periodically: like [`resume`], for what nobody has touched for [`LEASE`], including another server's.
///
/// # Errors
/// When the database fails.
pub async fn resume_abandoned(app: &Arc<App>) -> Result<(), Error> {
    resume_untouched(app, LEASE).await
}

async fn resume_untouched(app: &Arc<App>, since: i64) -> Result<(), Error> {
    let (checking, checked, taking) = app
        .store
        .read(|reader| {
            Ok((
                reader.imports_in(ImportState::Checking)?,
                reader.imports_in(ImportState::Checked)?,
                reader.imports_in(ImportState::Taking)?,
            ))
        })
        .await?;
    let is_server = app.store.location().is_server();
    // A lock on a file tells nothing of other machines.
    let since = if is_server { LEASE } else { since };
    let now = app.outside.now();
    let spool = Spool::of(app.store.path());
    // Where servers share no folder, whoever takes over makes the stage.
    let is_unready =
        |import: &Import| !is_server && import.problem.is_empty() && !spool.stage(import.id).exists();
    let checked = checked.into_iter().filter(is_unready);
    for import in checking.into_iter().chain(checked).chain(taking) {
        // In the future: the clock was set back. Another server's may be a little ahead.
        let ahead = if is_server { LEASE } else { 0 };
        if import.touched_at <= now - since || import.touched_at > now + ahead {
            begin_again(app, &import).await?;
        }
    }
    Ok(())
}

/// Checks the file again, unless somebody is working on it. Without the file the import has failed, but only once
/// its lease is over: until then somebody may be about to write it.
async fn begin_again(app: &Arc<App>, import: &Import) -> Result<(), Error> {
    let (id, now) = (import.id, app.outside.now());
    let is_server = app.store.location().is_server();
    let upload = Spool::of(app.store.path()).upload(id);
    let is_whole = is_server || std::fs::metadata(upload).is_ok_and(|file| file.len() == import.size);
    if !is_whole && (now - LEASE..=now).contains(&import.touched_at) {
        return Ok(());
    }
    let is_served = app.agencies.profile(&import.agency).is_ok();
    // Held before it is claimed: a lock on the file is what tells this machine's running work.
    let job = if is_whole && is_served { Some(Job::new(app, &import.agency, id)?) } else { None };
    let held = match &job {
        Some(job) if !is_server => match job.spool.hold(id)? {
            Some(held) => Some(held),
            None => return Ok(()),
        },
        _ => None,
    };
    let (read, is_lost) = (import.clone(), job.is_none());
    let claim = move |writer: &Writer<'_>| {
        let claimed = writer.claim_import(&read, now)?;
        if claimed && is_lost {
            writer.import_failed(id, LOST, now)?;
        }
        Ok(claimed)
    };
    let claimed = app.store.write(claim).await?;
    match job {
        Some(job) if claimed => app.imports.spawn("import-check", move || run(&job, held, check::run)),
        _ => Ok(()),
    }
}

/// Cancels what nobody has touched for a day, and removes the files of settled imports.
///
/// # Errors
/// When the database fails.
pub async fn tidy(app: &Arc<App>) -> Result<(), Error> {
    let now = app.outside.now();
    let spool = Spool::of(app.store.path());
    // Listed first: an upload that begins meanwhile does not exist yet.
    let kept = spool.list();
    let needed = app
        .store
        .write(move |writer| {
            writer.abandon_imports(now - ABANDONED_AFTER, now)?;
            writer.unsettled_imports()
        })
        .await?;
    kept.into_iter().filter(|id| !needed.contains(id)).for_each(|id| spool.remove(id));
    clear_old_rows(app).await;
    Ok(())
}

/// Removes, in the background and in turns with others, the rows of dry runs that nobody needs any more.
pub(super) async fn clear_old_rows(app: &Arc<App>) {
    let left = |error: Error| tracing::warn!(%error, "rows of dry runs are left for later");
    let old = match app.store.scan(|reader| reader.imports_with_old_rows()).await {
        Ok(old) if old.is_empty() => return,
        Ok(old) => old,
        Err(error) => return left(error),
    };
    let shared = Arc::clone(app);
    let clear = move || {
        let mut old = old.into_iter().take_while(|_| !shared.imports.is_stopping());
        old.try_for_each(|id| clear_import_rows(&mut &*shared.store, id)).unwrap_or_else(left);
    };
    app.imports.spawn("import-rows", clear).unwrap_or_else(left);
}
