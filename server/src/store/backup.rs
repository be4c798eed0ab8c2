//! Copies of the database: taken while the server runs, put back while it does not.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
};

use rusqlite::{
    Connection, OpenFlags,
    backup::{Backup, StepResult},
};
use rusqlite_migration::SchemaVersion;

use super::{BUSY_TIMEOUT, migrations, open_for_writing};
use crate::error::Error;

/// Pages of one step: 4 MiB, after which the copy is flushed. A large backlog would be written at once by the next
/// commit's flush, and that commit would wait for it.
const STEP: i32 = 1024;

/// What SQLite keeps beside a database. It belongs to that file and would corrupt any other in its place.
const COMPANIONS: [&str; 3] = ["-wal", "-shm", "-journal"];

/// Copies the database, in use or not, as it is at one moment. `progress` is told the copied and all pages.
///
/// # Errors
/// [`Error::Content`] when `copy` is there already: a backup never replaces another one.
pub fn back_up(database: &Path, copy: &Path, progress: &mut dyn FnMut(i32, i32)) -> Result<(), Error> {
    if copy.exists() {
        return Err(content(copy, "すでにあります。別の名前にしてください"));
    }
    let source = open_for_reading(database)?;
    copy_whole(&source, copy, progress)?;
    drop(source);
    move_wal_home(database);
    Ok(())
}

/// Puts a copy in the place of whatever is there and brings its schema up to date. Answers where the former
/// database is now, if there was one.
///
/// The former one is kept whole before anything is taken away, and as long as its place is not filled again no server
/// starts ([`refuse_unfinished`]): a restore that is cut off is done again.
///
/// # Errors
/// [`Error::Content`] when `copy` is damaged, is no database of ours, or was made by a newer version;
/// [`Error::Busy`] when a server uses the database.
pub fn restore(copy: &Path, database: &Path) -> Result<Option<PathBuf>, Error> {
    let source = open_for_reading(copy)?;
    check(&source, copy)?;
    let fresh = Unfinished(beside(database, ".restored"));
    copy_whole(&source, &fresh.0, &mut |_, _| ())?;
    open_for_writing(&fresh.0)?.close().map_err(|(_, error)| error)?;
    keep_owner(database, &fresh.0)?;
    flush(&fresh.0)?;

    let held = Held::of(database)?;
    let former = keep_former(database)?;
    let waiting = waiting(database);
    fs::rename(&fresh.0, &waiting).map_err(Error::file(&waiting))?;
    for file in companions(database).filter(|file| file.exists()) {
        fs::remove_file(&file).map_err(Error::file(&file))?;
    }
    flush_folder(database)?;
    fs::rename(&waiting, database).map_err(Error::file(database))?;
    flush_folder(database)?;
    drop(held);
    Ok(former)
}

/// Refuses a database whose place a restore had begun to fill.
pub(super) fn refuse_unfinished(database: &Path) -> Result<(), Error> {
    if waiting(database).exists() {
        let message =
            "戻す作業（restore）が途中で止まっています。もう一度touroku-server restoreを実行してください";
        return Err(content(database, message));
    }
    Ok(())
}

/// The copy that is about to take the database's place.
fn waiting(database: &Path) -> PathBuf {
    beside(database, ".restoring")
}

fn copy_whole(source: &Connection, target: &Path, progress: &mut dyn FnMut(i32, i32)) -> Result<(), Error> {
    let partial = Unfinished(beside(target, ".partial"));
    partial.remove();
    let file = create_private(&partial.0)?;
    let mut copied = Connection::open(&partial.0)?;
    // Nothing is lost with the copy: it is made again.
    copied.pragma_update(None, "synchronous", "OFF")?;
    // One snapshot for all steps: without it SQLite begins again after each write of another process.
    let snapshot = source.unchecked_transaction()?;
    snapshot.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
    let backup = Backup::new(&snapshot, &mut copied)?;
    loop {
        let step = backup.step(STEP)?;
        file.sync_data().map_err(Error::file(&partial.0))?;
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
    // One file that can be carried about, without a WAL beside it.
    copied.pragma_update(None, "journal_mode", "DELETE")?;
    check(&copied, &partial.0)?;
    copied.close().map_err(|(_, error)| error)?;
    flush(&partial.0)?;
    fs::rename(&partial.0, target).map_err(Error::file(target))?;
    flush_folder(target)
}

/// What was written while a copy held its snapshot is still in the WAL. The next commit would move all of it and wait
/// for it, so it is done here. Failing is no harm: then that commit does it.
fn move_wal_home(database: &Path) {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    if let Ok(connection) = Connection::open_with_flags(database, flags) {
        drop(connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(())));
    }
}

fn check(database: &Connection, path: &Path) -> Result<(), Error> {
    let unsound = |_| content(path, "SQLiteのデータベースとして読めません");
    let sound: String =
        database.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0)).map_err(unsound)?;
    if sound != "ok" {
        return Err(content(path, "壊れています"));
    }
    match migrations::all().current_version(database).map_err(|_| content(path, "版を読めません"))? {
        SchemaVersion::Inside(_) => Ok(()),
        SchemaVersion::NoneSet => Err(content(path, "登録（Touroku）のデータベースではありません")),
        SchemaVersion::Outside(_) => {
            Err(content(path, "新しい版のtouroku-serverで作られています。先にプログラムを更新してください"))
        }
    }
}

/// The locks that say whether somebody uses the database. SQLite is not asked: it can't open a damaged one, and that is
/// the one which is replaced.
struct Held {
    #[cfg(unix)]
    _files: Vec<File>,
}

impl Held {
    /// # Errors
    /// [`Error::Busy`]: a process has the database open. Each holds shared locks on it (WAL) or on the index of the WAL,
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

    /// Windows renames no file that somebody has open.
    #[cfg(not(unix))]
    fn of(_: &Path) -> Result<Self, Error> {
        Ok(Self {})
    }
}

/// Gives the database and what belongs to it a second name each. The copy keeps what may be read out of a damaged one.
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
    flush_folder(database)?;
    Ok(Some(former))
}

/// The owner of `former`, or without one that of its folder: a command that runs as root must not take the database
/// away from the server.
#[cfg(unix)]
fn keep_owner(former: &Path, fresh: &Path) -> Result<(), Error> {
    use std::os::unix::fs::{MetadataExt as _, chown};

    let owner =
        fs::metadata(former).or_else(|_| fs::metadata(folder(former))).map_err(Error::file(former))?;
    let own = fs::metadata(fresh).map_err(Error::file(fresh))?;
    if (own.uid(), own.gid()) != (owner.uid(), owner.gid()) && own.uid() == 0 {
        chown(fresh, Some(owner.uid()), Some(owner.gid())).map_err(Error::file(fresh))?;
    }
    Ok(())
}

#[cfg(not(unix))]
fn keep_owner(_: &Path, _: &Path) -> Result<(), Error> {
    Ok(())
}

/// A file that is removed, with its companions, unless it was renamed.
struct Unfinished(PathBuf);

impl Unfinished {
    fn remove(&self) {
        whole(&self.0).for_each(|file| drop(fs::remove_file(file)));
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        self.remove();
    }
}

/// Makes a file that only its owner reads, whatever the umask.
fn create_private(path: &Path) -> Result<File, Error> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map_err(Error::file(path))
}

fn flush(path: &Path) -> Result<(), Error> {
    File::open(path).and_then(|file| file.sync_all()).map_err(Error::file(path))
}

/// A rename is on the disk when its folder is.
fn flush_folder(path: &Path) -> Result<(), Error> {
    if cfg!(unix) { flush(folder(path)) } else { Ok(()) }
}

fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    }
}

fn open_for_reading(path: &Path) -> Result<Connection, Error> {
    if !path.is_file() {
        return Err(content(path, "ファイルがありません"));
    }
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    Ok(connection)
}

/// The database file and its companions.
fn whole(path: &Path) -> impl Iterator<Item = PathBuf> + '_ {
    std::iter::once(path.to_owned()).chain(companions(path))
}

fn companions(path: &Path) -> impl Iterator<Item = PathBuf> + '_ {
    COMPANIONS.into_iter().map(|ending| beside(path, ending))
}

/// `touroku.db` and `.partial`: `touroku.db.partial`.
fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

fn content(path: &Path, message: &str) -> Error {
    Error::Content { path: path.to_owned(), message: message.to_owned() }
}
