//! Whether a file is a database of ours, of which version, and intact; and its migration to this version.

use std::{collections::BTreeSet, path::Path, sync::OnceLock};

use rusqlite::Connection;
use rusqlite_migration::SchemaVersion;

use super::{backup, migrations};
use crate::{
    error::Error,
    file::{beside, whole},
};

pub fn latest() -> usize {
    migrations::all()
        .pending_migrations(&memory())
        .ok()
        .and_then(|all| usize::try_from(all).ok())
        .unwrap_or(0)
}

/// Updates the schema. A file of an earlier version is copied first, in case this program is rolled back.
pub(super) fn upgrade(connection: &mut Connection, path: &Path) -> Result<(), Error> {
    let copy = match version(connection, path)? {
        Some(version) if is_earlier(connection, path)? => Some(keep_copy(connection, path, version)?),
        _ => None,
    };
    let upgraded = upgrade_without_copy(connection, path);
    if upgraded.is_err()
        && let Some(copy) = copy
    {
        // Nothing was changed, and a server in a restart loop would fill the disk with copies.
        drop(std::fs::remove_file(copy));
    }
    upgraded
}

pub(super) fn upgrade_without_copy(connection: &mut Connection, path: &Path) -> Result<(), Error> {
    if is_earlier(connection, path)? {
        migrations::all().to_latest(connection).map_err(|error| Error::Database(error.to_string()))?;
    }
    whole_schema(connection, path)
}

fn is_earlier(connection: &Connection, path: &Path) -> Result<bool, Error> {
    let pending = migrations::all().pending_migrations(connection).map_err(|_| content(path, UNREADABLE))?;
    Ok(pending > 0)
}

fn keep_copy(connection: &Connection, path: &Path, version: usize) -> Result<std::path::PathBuf, Error> {
    let names = (1_u32..).map(|number| match number {
        1 => beside(path, &format!(".before-upgrade-from-{version}")),
        _ => beside(path, &format!(".before-upgrade-from-{version}-{number}")),
    });
    let copy = names.into_iter().find(|copy| !whole(copy).any(|file| file.exists())).ok_or(Error::Busy)?;
    tracing::info!(version, copy = %copy.display(), "copying the database before its schema changes");
    backup::copy_whole(connection, &copy, &mut |_, _| ()).map_err(|error| match error {
        Error::Database(_) | Error::Disk(_) | Error::File { .. } => {
            let message = format!(
                "データベースの形を新しくする前の写しを作れません（{error}）。ディスクの空きを確かめて、もう一度起動してください。データベースは変えていません"
            );
            Error::Content { path: copy.clone(), message }
        }
        other => other,
    })?;
    Ok(copy)
}

/// Refuses what is damaged, incomplete, not ours, or of a newer version; returns the version.
pub(super) fn check(database: &Connection, path: &Path) -> Result<usize, Error> {
    let sound: String = database
        .query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))
        .map_err(|_| content(path, UNREADABLE))?;
    if sound != "ok" {
        return Err(content(path, "壊れています。別の日の控えを使ってください"));
    }
    let version = version(database, path)?.ok_or_else(|| content(path, NOT_OURS))?;
    if !is_earlier(database, path)? {
        whole_schema(database, path)?;
    }
    Ok(version)
}

/// `None`: an empty file, from which a database can be made. One of a newer program is refused.
pub(super) fn version(database: &Connection, path: &Path) -> Result<Option<usize>, Error> {
    match number(database, path)? {
        Some(version) if version > latest() => Err(content(path, NEWER)),
        found => Ok(found),
    }
}

/// The same, of a newer program's as well.
pub(super) fn number(database: &Connection, path: &Path) -> Result<Option<usize>, Error> {
    let count = |connection: &Connection| {
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get::<_, i64>(0))
    };
    let tables = count(database).map_err(|error| match Error::from(error) {
        Error::Busy => Error::Busy,
        _ => content(path, UNREADABLE),
    })?;
    match migrations::all().current_version(database).map_err(|_| content(path, UNREADABLE))? {
        SchemaVersion::Inside(version) => Ok(Some(version.get())),
        SchemaVersion::NoneSet if tables == 0 => Ok(None),
        SchemaVersion::NoneSet => Err(content(path, NOT_OURS)),
        SchemaVersion::Outside(version) => Ok(Some(version.get())),
    }
}

const NEWER: &str = "新しい版のtouroku-serverで使われています。プログラムを新しい版にするか、古い版のときの控えをrestoreで戻してください";
const UNREADABLE: &str =
    "データベースとして読めません（壊れています）。控えをtouroku-server restoreで戻してください";
const NOT_OURS: &str = "登録（Touroku）のデータベースではありません。パスを確かめてください";

/// Refuses a database of this version that lacks a table or an index. Not a trigger: whoever removed one had a
/// reason, and `audit verify` has to find out.
fn whole_schema(database: &Connection, path: &Path) -> Result<(), Error> {
    static EXPECTED: OnceLock<BTreeSet<String>> = OnceLock::new();
    let names = |connection: &Connection| -> Result<BTreeSet<String>, Error> {
        let mut statement = connection.prepare(
            "SELECT name FROM sqlite_schema WHERE type IN ('table', 'index') AND name NOT LIKE 'sqlite_%'",
        )?;
        let names = statement.query_map([], |row| row.get(0))?;
        Ok(names.collect::<Result<_, _>>()?)
    };
    let expected = match EXPECTED.get() {
        Some(expected) => expected,
        None => {
            let mut model = memory();
            migrations::all().to_latest(&mut model).map_err(|error| Error::Database(error.to_string()))?;
            let names = names(&model)?;
            EXPECTED.get_or_init(|| names)
        }
    };
    let own = names(database)?;
    let missing: Vec<&str> = expected.difference(&own).map(String::as_str).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let message = format!(
        "あるはずの表などがありません（{}）。壊れたか、手で消されています。控えをtouroku-server restoreで戻してください",
        missing.join("、")
    );
    Err(Error::Content { path: path.to_owned(), message })
}

fn memory() -> Connection {
    Connection::open_in_memory().expect("SQLite opens a database in memory")
}

pub(super) fn content(path: &Path, message: &str) -> Error {
    Error::Content { path: path.to_owned(), message: message.to_owned() }
}
