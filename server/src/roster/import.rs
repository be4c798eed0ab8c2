//! Takes a roster over.

use std::path::{Path, PathBuf};

use touroku_japanese::row::RowError;
use touroku_proto::{
    agency::AgencyProfile,
    api::ApiErrorCode,
    officer::import::{Found, ImportRow, RowKind},
};

use super::{
    check::{Listener, check},
    file::RosterFile,
};
use crate::{
    error::Error,
    mail::{Desk, Post},
    registry::information::Vault,
    store::{Actor, Exclusive, NextRoster, RosterSnapshot, Stage, sweep, write_next},
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
/// Columns that the file lacks stay unchanged in existing rows. Others write in between, and see the new roster at once when
/// all of it is written. Registered companies that it renames are told by `post`, and so is whoever a server that stopped has left.
pub fn import(
    database: &mut Exclusive,
    file: &mut RosterFile,
    profile: &AgencyProfile,
    partial: bool,
    post: Post<'_>,
) -> Result<Report, Error> {
    import_stepwise(database, file, profile, partial, post, &mut |_| Ok(()))
}

/// The same. Calls `step` while rows are being written, between two transactions, with how many it has written.
pub fn import_stepwise(
    database: &mut Exclusive,
    file: &mut RosterFile,
    profile: &AgencyProfile,
    partial: bool,
    post: Post<'_>,
    step: &mut dyn FnMut(u64) -> Result<(), Error>,
) -> Result<Report, Error> {
    let vault = Vault { key: post.key, outside: post.outside };
    let location = database.location().clone();
    let stage = StageFile::beside(location.beside());
    let mut step = |rows| {
        step(rows)?;
        Ok(post.outside.now())
    };
    for _ in 0..MAX_TRIES {
        tell_turned(database, profile, post, &mut step)?;
        let snapshot = RosterSnapshot::open(&location)?;
        let version = snapshot.reader().roster_version(&profile.code)?;
        let mut listed = Listed::default();
        let found = check(file, profile, &snapshot, &stage.0, file.describe(), &mut listed, vault)?;
        drop(snapshot);
        let mut report = Report::of(&found, listed);
        if report.wrong > 0 && !partial {
            return Ok(report);
        }
        if found.added + found.changed == 0 {
            report.taken = true;
            return Ok(report);
        }
        let rows = Stage::open(&stage.0)?;
        let next = write_next(&mut *database, (&profile.code, None), &rows, None, &mut step);
        let taken = match next.and_then(|next| put_in_force(database, &next, (profile, version), post)) {
            // It had slept for so long that others took it for dead.
            Err(Error::Refused(ApiErrorCode::WrongState)) => false,
            taken => taken?,
        };
        let told = tell_turned(database, profile, post, &mut step);
        if let Err(error) = told.and_then(|()| sweep(&mut *database, &profile.code, &mut || step(0))) {
            tracing::info!(%error, "a roster's former rows are left to the server");
        }
        if taken {
            report.taken = true;
            return Ok(report);
        }
    }
    Err(Error::Busy)
}

/// Tells the agency's companies of what has come into force.
fn tell_turned(
    database: &mut Exclusive,
    profile: &AgencyProfile,
    post: Post<'_>,
    step: &mut dyn FnMut(u64) -> Result<i64, Error>,
) -> Result<(), Error> {
    loop {
        let now = step(0)?;
        if !database.turn_here(|writer| Desk { writer, post, profile, now }.tell_turned())? {
            return Ok(());
        }
    }
}

/// `false`: the roster has changed since it had that version.
fn put_in_force(
    database: &mut Exclusive,
    next: &NextRoster,
    (profile, version): (&AgencyProfile, i64),
    post: Post<'_>,
) -> Result<bool, Error> {
    let now = post.outside.now();
    let taken = database.write(|writer| {
        if writer.roster_version(&profile.code)? != version {
            return Ok(false);
        }
        writer.take_next(next, Actor::command(&profile.code), now)?;
        Ok(true)
    });
    if !matches!(taken, Ok(true)) {
        database.write(|writer| writer.give_up(next.edition()))?;
    }
    taken
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
