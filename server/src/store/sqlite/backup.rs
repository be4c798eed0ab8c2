//! Copies of the database: taken while the server runs, restored while it does not.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
};

use rusqlite::{
    Connection, OpenFlags,
    backup::{Backup, StepResult},
};

use super::{
    BUSY_TIMEOUT, configure,
    schema::{self, content},
};
use crate::{
    error::Error,
    file::{self, COMPANIONS, Unfinished, beside, whole},
};

/// Pages per step: 4 MiB, after which the copy is flushed. A large backlog would be written at once by the next
/// commit's flush, and that commit would wait for it.
const STEP: i32 = 1024;

/// Copies the database, in use or not, as of one moment, and verifies the copy. `progress` is called with the
/// copied and the total pages. Returns the schema's version.
///
/// # Errors
/// [`Error::Content`] when `copy` already exists: a backup never replaces another one.
pub(in crate::store) fn back_up(
    database: &Path,
    copy: &Path,
    progress: &mut dyn FnMut(i32, i32),
) -> Result<usize, Error> {
    if copy.exists() {
        return Err(content(copy, "すでにあります。別の名前にしてください"));
    }
    let source = open_for_reading(database)?;
    schema::version(&source, database)?;
    let version = copy_whole(&source, copy, progress)?;
    drop(source);
    move_wal_home(database);
    Ok(version)
}

/// Verifies a copy that is to become the database and updates its schema. Returns the version it had.
///
/// # Errors
/// [`Error::Content`] when it is damaged, incomplete, not one of ours, or of a newer version.
pub fn prepare(fresh: &Path) -> Result<usize, Error> {
    let mut connection = Connection::open_with_flags(fresh, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    let version = schema::check(&connection, fresh)?;
    configure(&connection)?;
    schema::upgrade_without_copy(&mut connection, fresh)?;
    connection.close().map_err(|(_, error)| error)?;
    file::flush(fresh).map_err(Error::file(fresh))?;
    Ok(version)
}

/// Moves a [prepared](prepare) copy into the place of the existing database. Returns where the previous one
/// is now, if there was one.
///
/// The previous one is saved in full before anything is removed, and until its place is filled again no server
/// starts ([`refuse_unfinished`]): an interrupted restore is simply repeated.
///
/// # Errors
/// [`Error::Busy`] when a server uses the database.
pub(in crate::store) fn put_in_place(fresh: Unfinished, database: &Path) -> Result<Option<PathBuf>, Error> {
    file::give_to_owner_of(database, fresh.path()).map_err(Error::file(fresh.path()))?;
    let held = Held::of(database)?;
    let former = keep_former(database)?;
    let waiting = waiting(database);
    fresh.finish(&waiting).map_err(Error::file(&waiting))?;
    for file in COMPANIONS.map(|ending| beside(database, ending)).into_iter().filter(|file| file.exists()) {
        fs::remove_file(&file).map_err(Error::file(&file))?;
    }
    file::flush_folder(database).map_err(Error::file(database))?;
    fs::rename(&waiting, database).map_err(Error::file(database))?;
    file::flush_folder(database).map_err(Error::file(database))?;
    drop(held);
    Ok(former)
}

/// Refuses a database whose place a restore had begun to fill, and creating a new one where one went missing.
pub(in crate::store) fn refuse_unfinished(database: &Path) -> Result<(), Error> {
    if waiting(database).exists() {
        let message =
            "戻す作業（restore）が途中で止まっています。もう一度touroku-server restoreを実行してください";
        return Err(content(database, message));
    }
    let has_wal = fs::metadata(beside(database, "-wal")).is_ok_and(|wal| wal.len() > 0);
    if has_wal && !database.exists() {
        let message = "データベースのファイルがないのに、その続き（-wal）が残っています。控えをtouroku-server restoreで戻してください";
        return Err(content(database, message));
    }
    Ok(())
}

/// The copy that is about to take the database's place.
fn waiting(database: &Path) -> PathBuf {
    beside(database, ".restoring")
}

pub(super) fn copy_whole(
    source: &Connection,
    target: &Path,
    progress: &mut dyn FnMut(i32, i32),
) -> Result<usize, Error> {
    let partial = Unfinished::new(beside(target, ".partial"));
    let path = partial.path();
    let file = file::create_private(path).map_err(Error::file(path))?;
    let mut copied = Connection::open(path)?;
    // Losing the copy is harmless: it is made again.
    copied.pragma_update(None, "synchronous", "OFF")?;
    // One snapshot for all steps: without it SQLite starts over after each write by another process.
    let snapshot = source.unchecked_transaction()?;
    snapshot.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
    let backup = Backup::new(&snapshot, &mut copied)?;
    loop {
        let step = backup.step(STEP)?;
        file.sync_data().map_err(Error::file(path))?;
        let done = backup.progress();
        progress(done.pagecount - done.remaining, done.pagecount);
        match step {
            StepResult::Done => break,
            StepResult::More => {}
            _ => return Err(Error::Busy),
        }
    }
    drop(backup);
    drop(snapshot);
    // A single portable file, without a WAL beside it.
    copied.pragma_update(None, "journal_mode", "DELETE")?;
    let version = schema::check(&copied, path)?;
    copied.close().map_err(|(_, error)| error)?;
    file.sync_all().map_err(Error::file(path))?;
    partial.finish(target).map_err(Error::file(target))?;
    Ok(version)
}

/// What was written while a copy held its snapshot is still in the WAL. The next commit would have to move all of
/// it, so it is done here. Failing is harmless: then that commit does it.
fn move_wal_home(database: &Path) {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    if let Ok(connection) = Connection::open_with_flags(database, flags) {
        drop(connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(())));
    }
}

/// The locks that tell whether somebody uses the database. SQLite is not asked: it can't open a damaged one, which
/// is exactly what gets replaced.
struct Held {
    #[cfg(unix)]
    _files: Vec<File>,
}

impl Held {
    /// # Errors
    /// [`Error::Busy`]: a process has the database open. Each holds shared locks on it (WAL) or on the WAL index,
    /// idle or not.
    #[cfg(unix)]
    fn of(database: &Path) -> Result<Self, Error> {
        use rustix::fs::{FlockOperation, fcntl_lock};

        let mut files = Vec::new();
        for path in whole(database).filter(|path| path.exists()) {
            let file = File::options().read(true).write(true).open(&path).map_err(Error::file(&path))?;
            fcntl_lock(&file, FlockOperation::NonBlockingLockExclusive).map_err(|_| Error::Busy)?;
            files.push(file);
        }
        Ok(Self { _files: files })
    }

    /// Windows refuses to rename a file that is open.
    #[cfg(not(unix))]
    fn of(_: &Path) -> Result<Self, Error> {
        Ok(Self {})
    }
}

/// Gives the database and its companion files second names. The copy keeps whatever can be recovered from a
/// damaged one.
fn keep_former(database: &Path) -> Result<Option<PathBuf>, Error> {
    if !whole(database).any(|file| file.exists()) {
        return Ok(None);
    }
    let former = (1_u32..).map(|number| beside(database, &format!(".before-restore-{number}")));
    let former = former.into_iter().find(|path| !whole(path).any(|file| file.exists())).ok_or(Error::Busy)?;
    for (file, kept) in whole(database).zip(whole(&former)).filter(|(file, _)| file.exists()) {
        // Not every file system has hard links.
        fs::hard_link(&file, &kept)
            .or_else(|_| fs::copy(&file, &kept).map(drop))
            .map_err(Error::file(&kept))?;
    }
    file::flush_folder(database).map_err(Error::file(database))?;
    Ok(Some(former))
}

pub(super) fn open_for_reading(path: &Path) -> Result<Connection, Error> {
    if !path.is_file() {
        return Err(content(path, "ファイルがありません"));
    }
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    Ok(connection)
}
