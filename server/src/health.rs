//! Whether this server can do its work: not what it believes, but what it has just done.

use std::{path::Path, sync::Arc, time::Duration};

use crate::{
    app::App,
    archive::Status,
    error::Error,
    file,
    readiness::{Check, Readiness},
    store::{self, Location, Look},
};

/// How long reading and writing may take, together.
const PATIENCE: Duration = Duration::from_secs(1);

/// With this little space the database's disk is nearly full: a day of registrations with the WAL beside them.
const MIN_ROOM: u64 = 100 << 20;

/// Checks, or returns the result of a check that began after this call.
pub async fn readiness(app: &Arc<App>) -> Readiness {
    app.looks.latest(async || look(app).await).await
}

async fn look(app: &Arc<App>) -> Readiness {
    let now = app.outside.now();
    let path = app.store.path().to_owned();
    let read_and_write = async {
        let (read, wrote) = tokio::join!(
            app.store.read(|reader| reader.key()),
            app.store.write(move |writer| writer.probe(now))
        );
        read.and(wrote)
    };
    let works = tokio::time::timeout(PATIENCE, read_and_write).await;
    let seen = tokio::time::timeout(PATIENCE, async {
        match app.store.location().clone() {
            Location::File(path) => tokio::task::spawn_blocking(move || store::look(&path)).await.ok(),
            // A new connection to one that is frozen would hold a thread for as long.
            Location::Server { .. } => Some(app.store.read(|reader| reader.look()).await),
        }
    });
    let seen = seen.await.ok().flatten();
    let checks = vec![
        check(
            "database",
            match app.store.location() {
                Location::File(path) => in_place(app, path, seen.as_ref()),
                Location::Server { .. } => reached(seen.as_ref()),
            },
        ),
        check(
            "write",
            match works {
                Ok(Ok(())) => Ok(()),
                Ok(Err(_)) if app.store.location().is_server() => {
                    Err("PostgreSQLに書けません。動いているかと、ディスクの空きを確かめてください")
                }
                Ok(Err(_)) => {
                    Err("データベースに書けません。ディスクの空きと、ファイルの権限を確かめてください")
                }
                Err(_) => Err(
                    "データベースに1秒以内に書けません。ほかの処理が長く使っているか、ディスクが遅くなっています",
                ),
            },
        ),
        check("schema", schema_fits(seen.as_ref())),
        check("key", key_fits(app, seen.as_ref())),
        check("disk", has_room(&path)),
    ];
    Readiness { ready: checks.iter().all(|check| check.ok), checks }
}

fn check(name: &'static str, outcome: Result<(), &'static str>) -> Check {
    Check { name, ok: outcome.is_ok(), why: outcome.err().unwrap_or("") }
}

fn in_place(app: &App, path: &Path, seen: Option<&Result<Look, Error>>) -> Result<(), &'static str> {
    if !path.exists() {
        return Err(
            "データベースのファイルがありません。サーバーを止め、控えをtouroku-server restoreで戻してください",
        );
    }
    if !app.store.is_in_place() {
        return Err(
            "データベースのファイルが、動いている間に別のものに替えられています。サーバーを起動し直してください",
        );
    }
    match seen {
        Some(Ok(_) | Err(Error::Busy)) => Ok(()),
        Some(Err(_)) => {
            Err("データベースが壊れています。サーバーを止め、控えをtouroku-server restoreで戻してください")
        }
        None => Err("データベースを1秒以内に読めません"),
    }
}

fn reached(seen: Option<&Result<Look, Error>>) -> Result<(), &'static str> {
    match seen {
        Some(Ok(_)) => Ok(()),
        _ => Err(
            "PostgreSQLにつながらないか、1秒以内に答えません。理由は、touroku-server serve --checkで分かります",
        ),
    }
}

fn schema_fits(seen: Option<&Result<Look, Error>>) -> Result<(), &'static str> {
    match seen {
        Some(Ok(look)) if look.schema < store::latest() => {
            Err("データベースの形が、このプログラムより古くなっています。サーバーを起動し直してください")
        }
        Some(Ok(look)) if look.schema > store::latest() => Err(
            "データベースは、新しい版のtouroku-serverで使われ始めています。このサーバーのプログラムも新しい版にして、起動し直してください",
        ),
        _ => Ok(()),
    }
}

fn key_fits(app: &App, seen: Option<&Result<Look, Error>>) -> Result<(), &'static str> {
    let known = seen.and_then(|seen| seen.as_ref().ok()).and_then(|look| look.key.as_deref());
    match (known, app.key.fingerprint()) {
        (Some(known), Ok(own)) if known != own => {
            Err("サーバーの鍵が、このデータベースのものではありません。控えから鍵を戻してください")
        }
        _ => Ok(()),
    }
}

fn has_room(path: &Path) -> Result<(), &'static str> {
    match file::room(path) {
        Ok((free, _)) if free < MIN_ROOM => {
            Err("データベースのディスクの空きが100MBを切っています。空けるか、広げてください")
        }
        _ => Ok(()),
    }
}

/// The last backup and drill.
pub fn backups(app: &App) -> Status {
    Status::of(app.store.path())
}
