//! What runs without the page: dry runs and take-overs, each in its own thread.

use std::{fs::File, sync::Arc, time::Duration};

use touroku_proto::officer::import::{ImportState, TakeImport};

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
    store::{Exclusive, Import},
};

/// Uploads and dry runs untouched for this long are cancelled.
const ABANDONED_AFTER: i64 = 86_400_000;

/// Running work touches its import at least this often, except a take-over, which holds a lock on its file.
const LEASE: i64 = 600_000;

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
    app: &App,
    acting: Acting,
    id: i64,
    request: TakeImport,
    staged: Staging,
) -> Result<(), Error> {
    let job = Job::new(app, acting.agency(), id)?;
    app.imports.spawn("import-take", move || {
        run(&job, None, |job| taking::run(job, &acting, request, staged));
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
        Err(Error::Content { message, .. }) => {
            format!("{message}。ファイルを直して、もう一度選んでください。")
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
            database.write(|writer| {
                writer.clear_import_rows(job.id)?;
                writer.import_failed(job.id, problem, now)
            })
        });
        match noted {
            Ok(()) => return job.spool.remove(job.id),
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

/// At the start: resumes what a stop or crash interrupted. Dry runs begin again; a take-over was rolled back
/// by the database, and its import waits for the officer again.
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
    let latest = app.outside.now() - since;
    let spool = Spool::of(app.store.path());
    // Where servers share no folder, whoever takes over makes the stage.
    let is_server = app.store.location().is_server();
    let is_unready =
        |import: &Import| !is_server && import.problem.is_empty() && !spool.stage(import.id).exists();
    let checked = checked.into_iter().filter(is_unready);
    for import in checking.into_iter().chain(checked).chain(taking) {
        if import.touched_at <= latest {
            begin_again(app, &import).await?;
        }
    }
    Ok(())
}

/// Checks the file again, unless somebody is working on it. Without the file the import has failed, but only once
/// its lease is over: until then somebody may be about to write it.
async fn begin_again(app: &Arc<App>, import: &Import) -> Result<(), Error> {
    let (id, size, from, now) = (import.id, import.size, import.state, app.outside.now());
    let upload = Spool::of(app.store.path()).upload(id);
    let is_whole =
        app.store.location().is_server() || std::fs::metadata(upload).is_ok_and(|file| file.len() == size);
    if !is_whole && import.touched_at > now - LEASE {
        return Ok(());
    }
    if !is_whole || app.agencies.profile(&import.agency).is_err() {
        return app
            .store
            .write(move |writer| {
                if from == ImportState::Checked {
                    writer.move_import(id, from, ImportState::Checking, now)?;
                }
                let problem = "サーバーにファイルが残っていません。もう一度、ファイルを選んでください。";
                writer.import_failed(id, problem, now)
            })
            .await;
    }
    let job = Job::new(app, &import.agency, id)?;
    let Some(held) = job.spool.hold(id)? else { return Ok(()) };
    if from != ImportState::Checking {
        app.store.write(move |writer| writer.move_import(id, from, ImportState::Checking, now)).await?;
    }
    app.imports.spawn("import-check", move || run(&job, Some(held), check::run))
}

/// Cancels what nobody has touched for a day, and removes the files of settled imports.
///
/// # Errors
/// When the database fails.
pub async fn tidy(app: &App) -> Result<(), Error> {
    let now = app.outside.now();
    let spool = Spool::of(app.store.path());
    // Listed first: an upload that begins meanwhile does not exist yet.
    let kept = spool.list();
    let needed = app
        .store
        .write(move |writer| {
            for id in writer.abandon_imports(now - ABANDONED_AFTER, now)? {
                writer.clear_import_rows(id)?;
            }
            writer.clear_import_pieces()?;
            writer.unsettled_imports()
        })
        .await?;
    kept.into_iter().filter(|id| !needed.contains(id)).for_each(|id| spool.remove(id));
    Ok(())
}
