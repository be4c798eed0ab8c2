//! Copies of the database: taken while the server runs, put back while it does not.

use std::{
    fs::File,
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::{Connection, OpenFlags, backup::Backup};
use rusqlite_migration::SchemaVersion;

use super::{migrations, open_for_writing};
use crate::error::Error;

/// Pages that are copied before the server gets a turn to write.
const STEP: i32 = 1024;

/// Copies the database, in use or not, as it is at one moment.
///
/// # Errors
/// [`Error::Content`] when `copy` is there already: a backup never replaces another one.
pub fn back_up(database: &Path, copy: &Path) -> Result<(), Error> {
    if copy.exists() {
        return Err(content(copy, "すでにあります。別の名前にしてください"));
    }
    let source = open_for_reading(database)?;
    copy_whole(&source, copy)
}

/// Puts a copy in the place of the database and brings its schema up to date. Answers where the former
/// database is now, if there was one.
///
/// # Errors
/// [`Error::Content`] when `copy` is damaged, is no database of ours, or was made by a newer version;
/// [`Error::Busy`] when a server uses the database.
pub fn restore(copy: &Path, database: &Path) -> Result<Option<PathBuf>, Error> {
    let source = open_for_reading(copy)?;
    check(&source, copy)?;
    let fresh = beside(database, "restored");
    copy_whole(&source, &fresh)?;
    let former = if database.exists() { Some(set_aside(database)?) } else { None };
    std::fs::rename(&fresh, database).map_err(Error::file(database))?;
    drop(open_for_writing(database)?);
    Ok(former)
}

fn copy_whole(source: &Connection, target: &Path) -> Result<(), Error> {
    let partial = beside(target, "partial");
    if partial.exists() {
        std::fs::remove_file(&partial).map_err(Error::file(&partial))?;
    }
    let mut copied = Connection::open(&partial)?;
    Backup::new(source, &mut copied)?.run_to_completion(STEP, Duration::ZERO, None)?;
    // One file that can be carried about, without a WAL beside it.
    copied.pragma_update(None, "journal_mode", "DELETE")?;
    check(&copied, &partial)?;
    copied.close().map_err(|(_, error)| error)?;
    File::open(&partial).and_then(|file| file.sync_all()).map_err(Error::file(&partial))?;
    std::fs::rename(&partial, target).map_err(Error::file(target))
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

/// Moves the database out of the way, once nobody uses it.
fn set_aside(database: &Path) -> Result<PathBuf, Error> {
    let connection = Connection::open(database)?;
    connection.busy_timeout(Duration::ZERO)?;
    // In WAL mode every other connection, idle or not, holds a lock that this one must have alone.
    connection.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
    connection.execute_batch("BEGIN EXCLUSIVE; COMMIT")?;
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    connection.close().map_err(|(_, error)| error)?;
    let former = (1..).map(|number| beside(database, &format!("before-restore-{number}")));
    let former = former.into_iter().find(|path| !path.exists()).ok_or(Error::Busy)?;
    std::fs::rename(database, &former).map_err(Error::file(&former))?;
    Ok(former)
}

fn open_for_reading(path: &Path) -> Result<Connection, Error> {
    if !path.is_file() {
        return Err(content(path, "ファイルがありません"));
    }
    Ok(Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?)
}

/// `touroku.db` and `partial`: `touroku.db.partial`.
fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    name.into()
}

fn content(path: &Path, message: &str) -> Error {
    Error::Content { path: path.to_owned(), message: message.to_owned() }
}
