//! Files for systems that only read files (`[[export]]`), in `outgoing.files`/AGENCY/CODE.
//!
//! A file is there whole or not at all. Where a server dies after writing one, it is written once more under the same name.

use std::{
    fs::{self, File},
    io::Write as _,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, UNIX_EPOCH},
};

use touroku_proto::{
    agency::AgencyProfile,
    export::{ExportFile, ExportTime, KEEP_DAYS},
    officer::company::ListFormat,
};

use super::tidy::clock_goes_evenly;
use crate::{
    app::App,
    error::Error,
    file::{Unfinished, beside, create_shared, create_shared_folder},
    japan,
    officer::company::export,
    store::Progress,
};

/// How many events are read at once.
const BATCH: u32 = 50;

/// Whether a profile has a file that is written without being asked for.
pub fn is_wanted(app: &App) -> bool {
    app.agencies.all().flat_map(|profile| &profile.export).any(|file| file.when != ExportTime::Request)
}

/// Whether there is anything for this server to write or remove.
pub fn is_due(app: &App) -> bool {
    app.settings.files.as_deref().is_some_and(|root| is_wanted(app) || root.is_dir())
}

/// Writes what is due. Returns how many files. One that can't be written holds no other up: it is logged, and tried again.
/// `swept`: the day on which old files were removed last.
pub async fn write(app: &Arc<App>, swept: &mut Option<i64>) -> usize {
    let Some(root) = &app.settings.files else { return 0 };
    let today = japan::day(app.outside.now());
    // Before anything is written: they may be what fills the disk.
    if *swept != Some(today) && clock_goes_evenly(app).await.unwrap_or(false) {
        let (app, root) = (Arc::clone(app), root.clone());
        let swept_now = on_disk(move || {
            sweep(&app, &root);
            Ok(())
        });
        if swept_now.await.is_ok() {
            *swept = Some(today);
        }
    }
    let mut written = 0;
    for profile in app.agencies.all() {
        for file in &profile.export {
            let due = Due { app, profile, file, folder: root.join(&profile.code).join(&file.code) };
            let done = match file.when {
                ExportTime::Request => continue,
                ExportTime::Nightly => due.night().await,
                ExportTime::Each => due.events().await,
            };
            app.file_watch.saw(&profile.code, &file.code, done.is_ok(), app.outside.now());
            match done {
                Ok(files) => written += files,
                Err(error) => {
                    let (agency, code) = (profile.code.as_str(), file.code.as_str());
                    tracing::error!(agency, code, %error, "a file for another system can't be written");
                }
            }
        }
    }
    written
}

/// Elsewhere than where requests are answered: the folder may be another machine's, which doesn't answer.
async fn on_disk<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or(Err(Error::Defect("a file for another system was given up")))
}

/// Removes what its reader has left for as many days as the profile says, and what a profile no longer has.
fn sweep(app: &App, root: &Path) {
    let now = UNIX_EPOCH + Duration::from_millis(app.outside.now().unsigned_abs());
    let folders = |path: &Path| fs::read_dir(path).into_iter().flatten().flatten().collect::<Vec<_>>();
    for agency in folders(root) {
        let profile = app.agencies.profile(&agency.file_name().to_string_lossy()).ok();
        for folder in folders(&agency.path()) {
            let code = folder.file_name().to_string_lossy().into_owned();
            let file = profile.and_then(|profile| profile.export.iter().find(|file| file.code == code));
            let days = file.map_or(KEEP_DAYS, |file| file.keep_days);
            let age = Duration::from_secs(u64::from(days) * 86_400);
            let before = now.checked_sub(age).filter(|_| days > 0);
            for entry in folders(&folder.path()) {
                let is_own = entry.file_name().to_string_lossy().starts_with(&format!("{code}-"));
                let written = entry.metadata().and_then(|metadata| metadata.modified());
                if is_own && before.is_some_and(|before| written.is_ok_and(|written| written < before)) {
                    drop(fs::remove_file(entry.path()));
                }
            }
        }
    }
}

struct Due<'a> {
    app: &'a Arc<App>,
    profile: &'a AgencyProfile,
    file: &'a ExportFile,
    folder: PathBuf,
}

impl Due<'_> {
    /// All companies, once a day.
    async fn night(&self) -> Result<usize, Error> {
        let today = japan::day(self.app.outside.now());
        // A day still to come was seen by a clock that was ahead.
        if self.progress().await?.is_some_and(|progress| progress.round == today) {
            return Ok(0);
        }
        let day = japan::date(self.app.outside.now()).replace('-', "");
        let path = self.path(&day);
        let mut file = on_disk(move || NewFile::begin(path)).await?;
        let mut pieces = export::all(self.app, self.profile, self.file).await?;
        while let Some(piece) = pieces.next().await? {
            file = on_disk(move || file.with(&piece)).await?;
        }
        on_disk(move || file.finish()).await?;
        self.note(Progress { round: today, finished: true, ..Progress::default() }).await?;
        Ok(1)
    }

    /// What happened since the last time. Where the file is new, from now on: a nightly one has what was before.
    async fn events(&self) -> Result<usize, Error> {
        let agency = self.profile.code.clone();
        let mut position = match self.progress().await? {
            Some(progress) => progress.row,
            None => {
                let row = self.app.store.read(move |reader| reader.last_event(&agency)).await?;
                self.note_event(row).await?;
                row
            }
        };
        let mut written = 0;
        loop {
            let (agency, after) = (self.profile.code.clone(), position);
            let events = self.app.store.scan(move |reader| reader.feed(&agency, after, BATCH)).await?;
            if events.is_empty() {
                return Ok(written);
            }
            for event in &events {
                // By number, files are in order.
                let name = format!("{:012}", event.id);
                let bytes = export::one(self.app, self.profile, self.file, event).await?;
                let path = self.path(&name);
                on_disk(move || NewFile::begin(path)?.with(&bytes)?.finish()).await?;
                // At once: where the next can't be written, this one does not come again.
                self.note_event(event.id).await?;
                position = event.id;
                written += 1;
            }
        }
    }

    fn path(&self, part: &str) -> PathBuf {
        let ending = if self.file.format == ListFormat::Xlsx { "xlsx" } else { "csv" };
        self.folder.join(format!("{}-{part}.{ending}", self.file.code))
    }

    /// Under this its place is kept. One that is written at another time from now on begins anew.
    fn name(&self) -> String {
        format!("file {}/{} {}", self.profile.code, self.file.code, self.file.when.as_str())
    }

    async fn progress(&self) -> Result<Option<Progress>, Error> {
        let name = self.name();
        self.app.store.read(move |reader| reader.progress(&name)).await
    }

    async fn note_event(&self, row: i64) -> Result<(), Error> {
        self.note(Progress { row, ..Progress::default() }).await
    }

    async fn note(&self, progress: Progress) -> Result<(), Error> {
        let name = self.name();
        self.app.store.write(move |writer| writer.note_progress(&name, &progress)).await
    }
}

/// A file that is not whole yet.
struct NewFile {
    path: PathBuf,
    partial: Unfinished,
    file: File,
}

impl NewFile {
    fn begin(path: PathBuf) -> Result<Self, Error> {
        let folder = path.parent().unwrap_or(&path);
        create_shared_folder(folder).map_err(Error::file(folder))?;
        let partial = Unfinished::new(beside(&path, ".partial"));
        let file = create_shared(partial.path()).map_err(Error::file(partial.path()))?;
        Ok(Self { path, partial, file })
    }

    fn with(mut self, bytes: &[u8]) -> Result<Self, Error> {
        self.file.write_all(bytes).map_err(Error::file(self.partial.path()))?;
        Ok(self)
    }

    fn finish(self) -> Result<(), Error> {
        let Self { path, partial, file } = self;
        file.sync_all().and_then(|()| partial.finish(&path)).map_err(Error::file(path))
    }
}
