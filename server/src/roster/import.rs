//! Takes a roster over.

use std::path::{Path, PathBuf};

use touroku_japanese::row::RowError;
use touroku_proto::{
    agency::AgencyProfile,
    officer::import::{Found, ImportRow, RowKind},
};

use super::{
    check::{Listener, check},
    file::RosterFile,
};
use crate::{
    error::Error,
    mail::{Desk, Post},
    registry::{
        information::Vault,
        renamed::{Doer, Renamed},
    },
    store::{COMMAND, Exclusive, RosterSnapshot, TakeStaged},
};

/// How many mistakes are listed; the rest is counted.
const MAX_LISTED: usize = 1_000;

/// The result of an import.
#[derive(Debug, Default)]
pub struct Report {
    pub added: u64,
    /// Existing numbers whose data differs.
    pub changed: u64,
    /// Existing numbers whose data is the same.
    pub unchanged: u64,
    pub wrong: u64,
    pub errors: Vec<RowError>,
    /// Rows that were accepted but deserve a look.
    pub doubtful: u64,
    /// The first of their reasons.
    pub doubts: Vec<RowError>,
    /// Numbers in the roster that the file lacks. They stay unchanged.
    pub missing: u64,
    pub taken: bool,
}

impl Report {
    fn of(found: &Found, listed: Listed) -> Self {
        Self {
            added: found.added,
            changed: found.changed,
            unchanged: found.unchanged,
            wrong: found.wrong,
            errors: listed.errors,
            doubtful: found.doubtful,
            doubts: listed.doubts,
            missing: found.missing,
            taken: false,
        }
    }
}

/// How often the comparison is repeated when the roster changes meanwhile.
const MAX_TRIES: usize = 5;

/// Takes a file over: as a whole or, when a row is wrong, not at all; with `partial`, the valid rows.
///
/// Columns that the file lacks stay unchanged in existing rows. Other writers wait for the take-over itself,
/// not for the reading. Registered companies that it renames are told by `post`.
pub fn import(
    database: &mut Exclusive,
    file: &mut RosterFile,
    profile: &AgencyProfile,
    partial: bool,
    post: Post<'_>,
) -> Result<Report, Error> {
    let now = post.outside.now();
    let vault = Vault { key: post.key, outside: post.outside };
    let location = database.location().clone();
    let stage = StageFile::beside(location.beside());
    for _ in 0..MAX_TRIES {
        let snapshot = RosterSnapshot::open(&location)?;
        let version = snapshot.reader().roster_version(&profile.code)?;
        let mut listed = Listed::default();
        let found = check(file, profile, &snapshot, &stage.0, file.describe(), &mut listed, vault)?;
        drop(snapshot);
        let mut report = Report::of(&found, listed);
        if report.wrong > 0 && !partial {
            return Ok(report);
        }
        database.attach(&stage.0)?;
        let taken = database.write(|writer| {
            if writer.roster_version(&profile.code)? != version {
                return Ok(false);
            }
            let rows = found.added + found.changed;
            if rows > 0 {
                let take = TakeStaged { agency: &profile.code, import: None, rows, remove_missing: false };
                let renamings = writer.staged_renamings(&profile.code)?;
                let renamed = Renamed::among(writer, &profile.code, renamings)?;
                writer.take_staged(&take, now, |_| Ok(()))?;
                let doer = Doer { officer: COMMAND, words: "調達機関（名簿の取込）" };
                Desk { writer, post, profile, now }.tell_renamed(&renamed, doer)?;
                writer.roster_changed(&profile.code)?;
            }
            Ok(true)
        });
        database.detach()?;
        if taken? {
            report.taken = true;
            return Ok(report);
        }
    }
    Err(Error::Busy)
}

/// A stage file that is removed on drop.
struct StageFile(PathBuf);

impl StageFile {
    fn beside(database: &Path) -> Self {
        let mut name = database.file_name().unwrap_or_default().to_owned();
        name.push(format!(".command-{}.stage", std::process::id()));
        Self(database.with_file_name(name))
    }
}

impl Drop for StageFile {
    fn drop(&mut self) {
        drop(std::fs::remove_file(&self.0));
    }
}

#[derive(Default)]
struct Listed {
    errors: Vec<RowError>,
    doubts: Vec<RowError>,
}

impl Listener for Listed {
    fn is_full(&self, kind: RowKind) -> bool {
        match kind {
            RowKind::Wrong => self.errors.len() >= MAX_LISTED,
            RowKind::Doubtful => self.doubts.len() >= MAX_LISTED,
            RowKind::Added | RowKind::Changed | RowKind::Missing => true,
        }
    }

    fn add(&mut self, kind: RowKind, row: ImportRow) -> Result<(), Error> {
        let list = if kind == RowKind::Wrong { &mut self.errors } else { &mut self.doubts };
        let line = usize::try_from(row.line).unwrap_or(usize::MAX);
        list.extend(row.cells.into_iter().map(|cell| {
            RowError {
                line,
                column: usize::try_from(cell.column)
                    .ok()
                    .filter(|&column| column > 0)
                    .map(|column| (column, cell.title)),
                reason: cell.reason,
            }
        }));
        Ok(())
    }

    fn at(&mut self, _done: u64, _of: u64) -> Result<(), Error> {
        Ok(())
    }
}
