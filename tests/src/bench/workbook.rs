//! Roster import of the largest sheet that Excel has.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use rust_xlsxwriter::Workbook;

use super::Figure;
use crate::harness::{programs, roster};

/// With the header, Excel's last row.
const ROWS: usize = 1_048_575;

/// Of each row; name, address and representative are texts of their own.
const COLUMNS: usize = 12;

/// How often the program's memory is looked at.
const MOMENT: Duration = Duration::from_millis(100);

/// Rows per second, checked and durable, and the program's most memory: a workbook's texts are read into it, its
/// rows are not.
pub fn measure(folder: &Path) -> Result<Vec<Figure>> {
    let file = folder.join("roster.xlsx");
    write(folder, &file)?;
    let started = Instant::now();
    let mut import = Command::new(programs::program("touroku-server")?)
        .args(["roster", "import"])
        .arg(&file)
        .args(["--agency", "aomori", "--database"])
        .arg(folder.join("workbook.db"))
        .arg("--agencies")
        .arg(programs::workspace().join("agencies"))
        .stdout(Stdio::null())
        .spawn()?;
    let mut most = 0;
    let status = loop {
        if let Some(status) = import.try_wait()? {
            break status;
        }
        most = peak_kilobytes(import.id()).unwrap_or(most);
        std::thread::sleep(MOMENT);
    };
    ensure!(status.success(), "the import failed");
    let rate = ROWS as f64 / started.elapsed().as_secs_f64();
    fs::remove_file(&file)?;
    Ok(vec![
        Figure::rate("roster import of Excel's largest sheet", rate, 20_000.0, "aim", "≥ 1"),
        Figure::count("its most memory", most, 1_000_000, "kB", "≤ 1"),
    ])
}

/// The companies of a CSV roster, as texts that Excel shares between cells.
fn write(folder: &Path, file: &Path) -> Result<()> {
    let csv = folder.join("workbook.csv");
    roster::write(&csv, ROWS)?;
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet_with_low_memory()?;
    for (row, line) in (0..).zip(fs::read_to_string(&csv)?.lines()) {
        for (column, cell) in (0..).zip(line.split(',').take(COLUMNS)) {
            // As Excel does with a CSV file; what begins with 0 is a text there, too.
            match cell.parse::<u64>() {
                Ok(number) if !cell.starts_with('0') => sheet.write_number(row, column, number as f64)?,
                _ => sheet.write_string(row, column, cell)?,
            };
        }
    }
    workbook.save(file)?;
    Ok(fs::remove_file(&csv)?)
}

fn peak_kilobytes(process: u32) -> Result<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).context("VmHWM")?;
    Ok(line.split_whitespace().nth(1).context("a number")?.parse()?)
}
