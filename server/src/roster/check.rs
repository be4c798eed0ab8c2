//! The dry run: every row is checked and compared with the roster, and what a take-over would write is staged. The
//! officers' console and the command line both use it.

use std::{
    collections::{HashMap, HashSet},
    path::Path,
};

use touroku_japanese::row::RowError;
use touroku_proto::{
    agency::AgencyProfile,
    officer::import::{Found, ImportCell, ImportRow, RowKind},
};

use super::{
    absent::Absent,
    cells::{CheckedRow, NewSecret, meant_numbers},
    columns::{Column, Columns, note_of},
    file::{Content, FileRow, RosterFile},
    found::{clip, fill_samples},
    hashes::hash_all,
    seen::Seen,
    suspects::Suspects,
};
use crate::{
    error::Error,
    listing::SortKey,
    registry::information::Vault,
    store::{RosterRow, RosterSnapshot, Stage, Staged},
};

/// Rows that are compared together: their passwords are hashed on all cores.
const BATCH: usize = 256;

/// Bytes of the file between two progress reports.
const REPORT_EVERY: u64 = 4 * 1024 * 1024;

/// Why a row of the file changes nothing: an officer keeps what was entered by hand.
const KEPT: &str = "手作業の内容を残します（取り込みません）";
const KEPT_SAME: &str = "手作業の内容を残す会社です（ファイルと同じ内容です）";
const KEPT_MISSING: &str = "ファイルにありませんが、手作業の内容を残します";

/// Receives what a dry run finds.
pub(crate) trait Listener {
    /// Whether rows of that kind are only counted from now on.
    fn is_full(&self, kind: RowKind) -> bool;
    fn add(&mut self, kind: RowKind, row: ImportRow) -> Result<(), Error>;
    /// Progress in bytes, of the total. An error aborts the dry run.
    fn at(&mut self, done: u64, of: u64) -> Result<(), Error>;
}

/// Reads a file and compares it with the agency's roster in `snapshot`; what a take-over would write is
/// staged in the file `stage`.
///
/// # Errors
/// [`Error::Content`] for a file without rows, and whatever the listener returns.
pub(crate) fn check(
    file: &mut RosterFile,
    profile: &AgencyProfile,
    snapshot: &RosterSnapshot,
    stage: &Path,
    found: Found,
    listener: &mut impl Listener,
    vault: Vault<'_>,
) -> Result<Found, Error> {
    let mut check = Check {
        profile,
        found,
        columns: file.columns().clone(),
        absent: Absent::of(file.columns(), profile),
        kept: snapshot.reader().kept_rows(&profile.code)?,
        is_first: !snapshot.reader().has_roster(&profile.code)?,
        snapshot,
        stage: Stage::make(stage)?,
        listener,
        vault,
        names: Seen::default(),
        corporate_numbers: Seen::default(),
        suspects: Suspects::default(),
        batch: Vec::with_capacity(BATCH),
        rows: 0,
        reported: 0,
        length: file.length(),
    };
    file.rows(profile, |row| check.take(row))?;
    if check.rows == 0 {
        return Err(file.content("見出しだけで、業者の行がありません"));
    }
    check.finish(stage)
}

/// A row waiting to be compared.
struct Waiting {
    line: usize,
    checked: CheckedRow,
    /// 注意, as far as the file alone tells.
    doubts: Vec<ImportCell>,
}

struct Check<'a, L> {
    profile: &'a AgencyProfile,
    found: Found,
    columns: Columns,
    absent: Absent,
    /// The companies whose row an officer keeps.
    kept: HashSet<String>,
    /// Whether the roster is empty: then there is nothing to compare with.
    is_first: bool,
    snapshot: &'a RosterSnapshot,
    stage: Stage,
    listener: &'a mut L,
    vault: Vault<'a>,
    names: Seen,
    corporate_numbers: Seen,
    suspects: Suspects,
    batch: Vec<Waiting>,
    rows: u64,
    reported: u64,
    length: u64,
}

impl<L: Listener> Check<'_, L> {
    fn take(&mut self, row: FileRow<'_>) -> Result<(), Error> {
        self.rows += 1;
        if self.rows == 1 {
            fill_samples(&mut self.found, row.cells);
        }
        match row.row {
            Content::Company(checked) => {
                self.batch.push(Waiting { line: row.line, checked: *checked, doubts: Vec::new() });
            }
            Content::Wrong(errors) => self.note_wrong(row.line, row.cells, errors)?,
            Content::Other(what) => {
                self.rows -= 1;
                self.note_other(row.line, row.cells, what)?;
            }
        }
        if self.batch.len() == BATCH {
            self.compare()?;
        }
        if row.end >= self.reported + REPORT_EVERY {
            self.reported = row.end;
            self.listener.at(row.end, self.length)?;
        }
        Ok(())
    }

    /// A row that is not a company.
    fn note_other(&mut self, line: usize, cells: &[String], what: &str) -> Result<(), Error> {
        // The doubts of the rows before it come first.
        self.compare()?;
        let text = cells.iter().filter(|cell| !cell.is_empty()).cloned().collect::<Vec<_>>().join(" ");
        let cell = ImportCell {
            column: 0,
            title: String::new(),
            before: String::new(),
            after: clip(&text),
            reason: what.to_owned(),
        };
        let row =
            ImportRow { line: line as u64, number: String::new(), name: String::new(), cells: vec![cell] };
        self.found.doubtful += 1;
        self.add(RowKind::Doubtful, || row)
    }

    fn add(&mut self, kind: RowKind, row: impl FnOnce() -> ImportRow) -> Result<(), Error> {
        if self.listener.is_full(kind) { Ok(()) } else { self.listener.add(kind, row()) }
    }

    /// A row that can't be taken over. If it tells which company it is, that company is not missing.
    fn note_wrong(&mut self, line: usize, cells: &[String], errors: Vec<RowError>) -> Result<(), Error> {
        let cell = |column: &Column| {
            self.columns.position(column).and_then(|index| cells.get(index)).map_or("", String::as_str)
        };
        let (agency, profile) = (&self.profile.code, self.profile);
        let numbers = meant_numbers(cell(&Column::Number), profile);
        let mut is_numbered = numbers.len() == 1;
        for number in &numbers {
            is_numbered |= self.snapshot.reader().roster_row(agency, number)?.is_some();
            self.stage.note_wrong(number)?;
        }
        self.suspects.note(cell(&Column::Name), cell(&Column::CorporateNumber), is_numbered);
        let number = numbers.into_iter().next().unwrap_or_default();
        self.found.wrong += 1;
        let row = ImportRow {
            line: line as u64,
            number: clip(&number),
            name: clip(cell(&Column::Name)),
            cells: errors.into_iter().map(|error| self.wrong_cell(cells, error)).collect(),
        };
        self.add(RowKind::Wrong, || row)
    }

    fn wrong_cell(&self, cells: &[String], error: RowError) -> ImportCell {
        let (number, title) = error.column.unwrap_or((0, String::new()));
        let column = number.checked_sub(1).and_then(|index| self.columns.columns.get(index)?.as_ref());
        let text = number.checked_sub(1).and_then(|index| cells.get(index));
        let after = match (column, text) {
            (Some(column), Some(text)) if !column.is_secret() => clip(text),
            _ => String::new(),
        };
        ImportCell {
            column: u32::try_from(number).unwrap_or(u32::MAX),
            title: clip(&title),
            before: String::new(),
            after,
            reason: error.reason,
        }
    }

    /// Compares the waiting rows.
    fn compare(&mut self) -> Result<(), Error> {
        let mut batch = std::mem::take(&mut self.batch);
        let agency = &self.profile.code;
        let mut befores = Vec::with_capacity(batch.len());
        for waiting in &batch {
            befores.push(match self.is_first {
                true => None,
                false => self.snapshot.reader().roster_row(agency, &waiting.checked.row.number)?,
            });
        }
        hash_passwords(&mut batch, &befores)?;
        for (waiting, before) in batch.drain(..).zip(befores) {
            self.compare_row(waiting, before)?;
        }
        self.batch = batch;
        Ok(())
    }

    fn compare_row(&mut self, waiting: Waiting, before: Option<RosterRow>) -> Result<(), Error> {
        let Waiting { line, mut checked, mut doubts } = waiting;
        let secret = checked.mark_password(self.vault, &self.profile.code, before.as_ref())?;
        let CheckedRow { mut row, doubts: of_cells, .. } = checked;
        if let Some(before) = &before {
            self.absent.keep(&mut row, before);
        }
        let key = SortKey::of(&row.name, &row.kana);
        for (index, reason) in of_cells {
            let column = index.and_then(|index| self.columns.columns.get(index)).and_then(Option::as_ref);
            let mut doubt = self.doubt(column, &row, reason);
            if let Some(note) = column.and_then(|column| row.more.get(&note_of(column.name()))) {
                doubt.after = clip(note);
            }
            doubts.push(doubt);
        }
        if let Some(first) = self.names.first(&key.name, line) {
            doubts.push(self.doubt(Some(&Column::Name), &row, format!("{first}行と同じ名称です")));
        }
        if !row.corporate_number.is_empty()
            && let Some(first) = self.corporate_numbers.first(&row.corporate_number, line)
        {
            let reason = format!("{first}行と同じ法人番号です（支店などであれば問題ありません）");
            doubts.push(self.doubt(Some(&Column::CorporateNumber), &row, reason));
        }
        match before {
            None => {
                self.found.added += 1;
                self.stage.put(Staged::Added, &row, &key)?;
                self.stage_secret(&row, secret)?;
                self.add(RowKind::Added, || shown_row(line, &row, Vec::new()))?;
            }
            Some(before) if self.kept.contains(&row.number) => {
                self.found.unchanged += 1;
                self.found.kept += 1;
                self.stage.note(&row.number)?;
                doubts = differences(&self.columns, &before, &row);
                doubts.iter_mut().for_each(|cell| KEPT.clone_into(&mut cell.reason));
                if doubts.is_empty() {
                    doubts.push(self.doubt(None, &before, KEPT_SAME.to_owned()));
                }
            }
            Some(before) if before == row => {
                self.found.unchanged += 1;
                self.stage.note(&row.number)?;
            }
            Some(before) => {
                if before.name != row.name
                    && self.snapshot.reader().has_registered_or_applied(&self.profile.code, &row.number)?
                {
                    let mut doubt = self.doubt(
                        Some(&Column::Name),
                        &row,
                        "利用者登録または申請のある業者の名称が変わります".to_owned(),
                    );
                    doubt.before = clip(&before.name);
                    doubts.push(doubt);
                }
                self.found.changed += 1;
                self.stage.put(Staged::Changed, &row, &key)?;
                self.stage_secret(&row, secret)?;
                let cells = match self.listener.is_full(RowKind::Changed) {
                    true => Vec::new(),
                    false => differences(&self.columns, &before, &row),
                };
                self.add(RowKind::Changed, || shown_row(line, &row, cells))?;
            }
        }
        if !doubts.is_empty() {
            self.found.doubtful += 1;
            self.add(RowKind::Doubtful, || shown_row(line, &row, doubts))?;
        }
        Ok(())
    }

    fn stage_secret(&self, row: &RosterRow, secret: Option<NewSecret>) -> Result<(), Error> {
        match secret {
            Some(NewSecret { mark, sealed }) => self.stage.put_secret(&row.number, &mark, &sealed),
            None => Ok(()),
        }
    }

    fn doubt(&self, column: Option<&Column>, row: &RosterRow, reason: String) -> ImportCell {
        let index = column.and_then(|column| self.columns.position(column));
        let title = index.and_then(|index| self.columns.titles.get(index));
        ImportCell {
            column: index.and_then(|index| u32::try_from(index + 1).ok()).unwrap_or(0),
            title: title.map(|title| clip(title)).unwrap_or_default(),
            before: String::new(),
            after: column
                .filter(|column| !column.is_secret())
                .map(|column| clip(column.value(row)))
                .unwrap_or_default(),
            reason,
        }
    }

    /// Determines 削除候補, and finishes.
    fn finish(mut self, path: &Path) -> Result<Found, Error> {
        self.compare()?;
        let Self { profile, snapshot, stage, listener, found, suspects, kept, .. } = &mut self;
        let (agency, reader) = (&profile.code, snapshot.reader());
        if suspects.has_nameless() {
            reader.each_of_roster(agency, |_, name, corporate_number| {
                suspects.may_be(name, corporate_number);
                Ok(())
            })?;
            found.anybodys = suspects.anybody();
        }
        reader.each_of_roster(agency, |number, name, corporate_number| {
            if stage.has(number)? {
                return Ok(());
            }
            if kept.contains(number) {
                found.unchanged += 1;
                found.kept += 1;
                found.doubtful += 1;
                if !listener.is_full(RowKind::Doubtful) {
                    listener.add(RowKind::Doubtful, row_as_a_whole(number, name, KEPT_MISSING))?;
                }
                return Ok(());
            }
            if found.anybodys > 0 || stage.has_wrong(number)? || suspects.may_be(name, corporate_number) {
                found.held += 1;
                return Ok(());
            }
            found.missing += 1;
            stage.put_missing(number)?;
            let is_in_use = reader.has_registered_or_applied(agency, number)?;
            found.suspended += u64::from(is_in_use);
            if listener.is_full(RowKind::Missing) {
                return Ok(());
            }
            let mut row =
                row_as_a_whole(number, name, "利用者登録または申請があるので、削除せず、停止します");
            if !is_in_use {
                row.cells.clear();
            }
            listener.add(RowKind::Missing, row)
        })?;
        self.stage.finish(path)?;
        Ok(self.found)
    }
}

/// A company that the file lacks, and what becomes of it.
fn row_as_a_whole(number: &str, name: &str, reason: &str) -> ImportRow {
    let cell = ImportCell {
        column: 0,
        title: String::new(),
        before: String::new(),
        after: String::new(),
        reason: reason.to_owned(),
    };
    ImportRow { line: 0, number: clip(number), name: clip(name), cells: vec![cell] }
}

fn shown_row(line: usize, row: &RosterRow, cells: Vec<ImportCell>) -> ImportRow {
    ImportRow { line: line as u64, number: clip(&row.number), name: clip(&row.name), cells }
}

/// What differs, column by column; for a secret, only that it does.
pub(super) fn differences(columns: &Columns, before: &RosterRow, after: &RosterRow) -> Vec<ImportCell> {
    let used = columns.columns.iter().zip(&columns.titles).enumerate();
    let notes = columns.columns.iter().flatten().filter_map(|column| {
        let name = note_of(column.name());
        let of = |row: &RosterRow| row.more.get(&name).cloned().unwrap_or_default();
        let (before, after) = (of(before), of(after));
        (before != after).then(|| ImportCell {
            column: 0,
            title: clip(&name),
            before: clip(&before),
            after: clip(&after),
            reason: String::new(),
        })
    });
    let cells = used.filter_map(|(index, (column, title))| {
        let column = column.as_ref()?;
        let (before, after) = (column.value(before), column.value(after));
        let show = |text: &str| if column.is_secret() { String::new() } else { clip(text) };
        (before != after).then(|| ImportCell {
            column: u32::try_from(index + 1).unwrap_or(u32::MAX),
            title: clip(title),
            before: show(before),
            after: show(after),
            reason: String::new(),
        })
    });
    cells.chain(notes).collect()
}

/// A password that matches the stored hash keeps it.
fn hash_passwords(batch: &mut [Waiting], befores: &[Option<RosterRow>]) -> Result<(), Error> {
    let passwords: Vec<(String, String)> = batch
        .iter_mut()
        .filter(|waiting| !waiting.checked.password.is_empty())
        .map(|waiting| (waiting.checked.row.number.clone(), std::mem::take(&mut waiting.checked.password)))
        .collect();
    if passwords.is_empty() {
        return Ok(());
    }
    let known: HashMap<String, String> =
        befores.iter().flatten().map(|row| (row.number.clone(), row.password_hash.clone())).collect();
    let mut hashes = hash_all(passwords, &known)?;
    for waiting in batch {
        if let Some(hash) = hashes.remove(&waiting.checked.row.number) {
            waiting.checked.row.password_hash = hash;
        }
    }
    Ok(())
}
