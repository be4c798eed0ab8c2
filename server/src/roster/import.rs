//! Taking a roster over.

use std::collections::HashMap;

use touroku_proto::agency::AgencyProfile;

use super::{
    cells::CheckedRow,
    columns::{Column, Columns},
    file::{RosterFile, RowError},
};
use crate::{
    error::Error,
    password,
    store::{Exclusive, RosterRow, TakeOver},
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
    /// Whether the good rows were taken over.
    pub taken: bool,
}

impl Report {
    fn note(&mut self, errors: Vec<RowError>) {
        self.wrong += 1;
        let room = MAX_LISTED.saturating_sub(self.errors.len());
        self.errors.extend(errors.into_iter().take(room));
    }
}

/// Takes a file over: all of it or, when a row is wrong, nothing; with `partial`, the rows that are right.
///
/// Columns that the file does not have stay as they are in rows that exist.
pub fn import(
    database: &mut Exclusive,
    file: &mut RosterFile,
    profile: &AgencyProfile,
    partial: bool,
    now: i64,
) -> Result<Report, Error> {
    let mut report = Report::default();
    let mut passwords = Vec::new();
    file.rows(profile, |row| {
        match row.row {
            Ok(CheckedRow { row, password, .. }) if !password.is_empty() => {
                passwords.push((row.number, password));
            }
            Ok(_) => {}
            Err(errors) => report.note(errors),
        }
        Ok(())
    })?;
    if report.wrong > 0 && !partial {
        return Ok(report);
    }

    let known = database.write(|writer| {
        let mut known = HashMap::new();
        for (number, _) in &passwords {
            if let Some(row) = writer.roster_row(&profile.code, number)? {
                known.insert(number.clone(), row.password_hash);
            }
        }
        Ok(known)
    })?;
    let hashes = hash_all(passwords, &known)?;
    let absent = Absent::of(file.columns(), profile);
    database.write(|writer| {
        file.rows(profile, |row| {
            let CheckedRow { mut row, password, .. } = match row.row {
                Ok(row) => row,
                Err(_) if partial => return Ok(()),
                Err(_) => return Err(Error::Defect("the roster file changed while it was read")),
            };
            if !password.is_empty() {
                let hash = hashes.get(&row.number);
                row.password_hash = hash.cloned().ok_or(Error::Defect("a password was not hashed"))?;
            }
            if !absent.is_empty()
                && let Some(before) = writer.roster_row(&profile.code, &row.number)?
            {
                absent.keep(&mut row, &before);
            }
            match writer.take_over(&profile.code, &row, now)? {
                TakeOver::Added => report.added += 1,
                TakeOver::Changed => report.changed += 1,
                TakeOver::Unchanged => report.unchanged += 1,
            }
            Ok(())
        })?;
        if report.added + report.changed > 0 {
            writer.roster_changed(&profile.code)?;
        }
        Ok(())
    })?;
    report.taken = true;
    Ok(report)
}

/// The columns that a file does not have.
pub(crate) struct Absent(Vec<Column>);

impl Absent {
    pub(crate) fn of(columns: &Columns, profile: &AgencyProfile) -> Self {
        Self(Column::all(profile).filter(|column| !columns.has(column)).collect())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// They stay as they were.
    pub(crate) fn keep(&self, row: &mut RosterRow, before: &RosterRow) {
        let copy = |into: &mut String, from: &String| into.clone_from(from);
        for column in &self.0 {
            match column {
                Column::Number | Column::Name => {}
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
