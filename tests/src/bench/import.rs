//! Roster import beside SQLite's own.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
    time::Instant,
};

use anyhow::{Result, ensure};

use super::Figure;
use crate::harness::{programs, roster};

const ROWS: usize = 200_000;

/// Rows per second, checked and durable, over `sqlite3 .import` of the same file into one table of text.
pub fn measure(folder: &Path) -> Result<Figure> {
    let file = folder.join("roster.csv");
    roster::write(&file, ROWS)?;
    let started = Instant::now();
    let status = Command::new(programs::program("touroku-server")?)
        .args(["roster", "import"])
        .arg(&file)
        .args(["--agency", "aomori", "--database"])
        .arg(folder.join("import.db"))
        .arg("--agencies")
        .arg(programs::workspace().join("agencies"))
        .stdout(Stdio::null())
        .status()?;
    ensure!(status.success(), "the import failed");
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
    fs::remove_file(&file)?;
    Ok(Figure::rate("roster import, rows checked and durable", ours, limit, "sqlite3 .import", "–"))
}
