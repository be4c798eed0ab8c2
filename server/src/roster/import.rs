//! Taking a roster over.

use std::{
    collections::{HashMap, HashSet},
    path::{Path, PathBuf},
};

use touroku_proto::{
    agency::AgencyProfile,
    officer::import::{Found, ImportRow},
};

use super::{
    check::{Listener, check},
    columns::{Column, Columns, note_of},
    file::{RosterFile, RowError},
};
use crate::{
    error::Error,
    password,
    store::{Exclusive, RosterRow, RosterSnapshot, RowKind, TakeStaged},
};

/// Most mistakes that are listed; the rest is counted.
const MAX_LISTED: usize = 1_000;

/// What an import did.
#[derive(Debug, Default)]
pub struct Report {
    /// New numbers.
    pub added: u64,
    /// Numbers that were there with something different.
    pub changed: u64,
    /// Numbers that were there just so.
    pub unchanged: u64,
    /// Rows with mistakes.
    pub wrong: u64,
    /// The first mistakes.
    pub errors: Vec<RowError>,
    /// Rows that were read, but should be looked at.
    pub doubtful: u64,
    /// The first of their reasons.
    pub doubts: Vec<RowError>,
    /// Numbers of the roster that the file does not have. They stay as they are.
    pub missing: u64,
    /// Whether the good rows were taken over.
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

/// How often a roster that changes meanwhile is compared again.
const MAX_TRIES: usize = 5;

/// Takes a file over: all of it or, when a row is wrong, nothing; with `partial`, the rows that are right.
///
/// Columns that the file does not have stay as they are in rows that exist. Who writes meanwhile waits for the take-over
/// itself, not for the reading.
pub fn import(
    database: &mut Exclusive,
    file: &mut RosterFile,
    profile: &AgencyProfile,
    partial: bool,
    now: i64,
) -> Result<Report, Error> {
    let path = database.path()?;
    let stage = StageFile::beside(&path);
    for _ in 0..MAX_TRIES {
        let snapshot = RosterSnapshot::open(&path)?;
        let version = snapshot.reader().roster_version(&profile.code)?;
        let mut listed = Listed::default();
        let found = check(file, profile, &snapshot, &stage.0, file.describe(), &mut listed)?;
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
                writer.take_staged(&take, now, |_| Ok(()))?;
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

/// A stage that is gone with this.
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

/// The first mistakes and doubts.
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

/// The columns that a file does not have, and the names under which it brings something of its own to
/// [`RosterRow::more`].
pub(crate) struct Absent(Vec<Column>, HashSet<String>);

impl Absent {
    pub(crate) fn of(columns: &Columns, profile: &AgencyProfile) -> Self {
        let brought = columns.columns.iter().flatten();
        Self(
            Column::all(profile).filter(|column| !columns.has(column)).collect(),
            brought.flat_map(|column| [column.name().to_owned(), note_of(column.name())]).collect(),
        )
    }

    /// They stay as they were.
    pub(crate) fn keep(&self, row: &mut RosterRow, before: &RosterRow) {
        let copy = |into: &mut String, from: &String| into.clone_from(from);
        for (name, value) in before.more.iter().filter(|(name, _)| !self.1.contains(*name)) {
            row.more.entry(name.clone()).or_insert_with(|| value.clone());
        }
        for column in &self.0 {
            match column {
                Column::Number | Column::Name | Column::More(_) => {}
                Column::Kana => copy(&mut row.kana, &before.kana),
                Column::CorporateNumber => copy(&mut row.corporate_number, &before.corporate_number),
                Column::PostalCode => copy(&mut row.postal_code, &before.postal_code),
                Column::Address => copy(&mut row.address, &before.address),
                Column::RepresentativeName => copy(&mut row.representative_name, &before.representative_name),
                Column::RepresentativeTitle => {
                    copy(&mut row.representative_title, &before.representative_title);
                }
                Column::Phone => copy(&mut row.phone, &before.phone),
                Column::Fax => copy(&mut row.fax, &before.fax),
                Column::Branch => copy(&mut row.branch, &before.branch),
                Column::UserId => copy(&mut row.user_id, &before.user_id),
                Column::Password => copy(&mut row.password_hash, &before.password_hash),
                Column::InformationUserId => copy(&mut row.information_user_id, &before.information_user_id),
                Column::InformationPassword => row.information_password = before.information_password,
                Column::Qualification(name) => {
                    if let Some(grade) = before.qualifications.get(name) {
                        row.qualifications.insert(name.clone(), grade.clone());
                    }
                }
            }
        }
    }
}

/// Hashes passwords. One that fits the hash that is there keeps it, so that the same file changes nothing. Before the
/// transaction, on all cores: a hash takes some 20 ms.
pub(crate) fn hash_all(
    passwords: Vec<(String, String)>,
    known: &HashMap<String, String>,
) -> Result<HashMap<String, String>, Error> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let share = passwords.len().div_ceil(threads).max(1);
    let hashed: Vec<Result<(String, String), Error>> = std::thread::scope(|scope| {
        let workers: Vec<_> = passwords
            .chunks(share)
            .map(|chunk| {
                scope.spawn(move || {
                    let hash = |(number, password): &(String, String)| {
                        let hash = match known.get(number).filter(|known| password::fits(password, known)) {
                            Some(known) => known.clone(),
                            None => password::hash(password)?,
                        };
                        Ok((number.clone(), hash))
                    };
                    chunk.iter().map(hash).collect::<Vec<_>>()
                })
            })
            .collect();
        workers
            .into_iter()
            .flat_map(|worker| {
                worker.join().unwrap_or_else(|_| vec![Err(Error::Defect("password hashing panicked"))])
            })
            .collect()
    });
    hashed.into_iter().collect()
}
