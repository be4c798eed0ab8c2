//! Roster import by command: beside SQLite's own, and beside a server on the same database.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Instant,
};

use anyhow::{Result, ensure};

use super::{
    Figure,
    officer_import::{Contractor, LONGEST},
    server::Server,
};
use crate::{
    ca::TestCa,
    harness::{programs, roster, world::now},
};

const ROWS: usize = 200_000;

/// Rows per second, checked and durable, over `sqlite3 .import` of the same file into one table of text; and a contractor's
/// longest write meanwhile.
pub async fn measure(folder: &Path) -> Result<Vec<Figure>> {
    let file = folder.join("roster.csv");
    roster::write(&file, ROWS)?;
    let started = Instant::now();
    import(&file, &folder.join("import.db"))?;
    let ours = ROWS as f64 / started.elapsed().as_secs_f64();

    let bare = folder.join("bare.db");
    let started = Instant::now();
    let status = Command::new("sqlite3")
        .arg(&bare)
        .args(["PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", ".mode csv"])
        .arg(format!(".import {} roster", file.display()))
        .stdout(Stdio::null())
        .status()?;
    ensure!(status.success(), "sqlite3 .import failed");
    let limit = ROWS as f64 / started.elapsed().as_secs_f64();

    let server = Server::start(&folder.join("command"), &TestCa::new("Bench", now()?)?, 1, None).await?;
    let contractor = Contractor::begin(&server.origin);
    let (roster, database): (PathBuf, PathBuf) = (file.clone(), server.database.clone());
    tokio::task::spawn_blocking(move || import(&roster, &database)).await??;
    let longest = contractor.end().await?;
    fs::remove_file(&file)?;
    Ok(vec![
        Figure::rate("roster import, rows checked and durable", ours, limit, "sqlite3 .import", "–"),
        Figure::duration("contractor's longest write beside roster import", longest, LONGEST, "limit", "≤ 1"),
    ])
}

fn import(file: &Path, database: &Path) -> Result<()> {
    let status = Command::new(programs::program("touroku-server")?)
        .args(["roster", "import"])
        .arg(file)
        .args(["--agency", "aomori", "--database"])
        .arg(database)
        .arg("--agencies")
        .arg(programs::workspace().join("agencies"))
        .stdout(Stdio::null())
        .status()?;
    ensure!(status.success(), "the import failed");
    Ok(())
}
