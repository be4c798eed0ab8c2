//! The dry run: every row is checked and compared with the roster, and what a take-over would bring is laid ready.

use std::collections::HashMap;

use touroku_proto::{
    api::ApiErrorCode,
    officer::import::{FileColumn, Found, ImportCell, ImportRow, ImportState},
};

use super::{
    shown::{Shown, clip},
    work::Job,
};
use crate::{
    error::Error,
    listing::SortKey,
    roster::{
        Absent, CheckedRow, Column, Columns, Encoding, FileRow, Header, RosterFile, RowError, Seen, Suspects,
        fingerprint, hash_all, meant_numbers,
    },
    store::{Exclusive, RosterRow, RosterSnapshot, RowKind, Stage, Staged},
};

/// Rows that are compared together: passwords among them are hashed on all cores.
const BATCH: usize = 256;

/// Bytes of the file between two reports of progress.
const REPORT_EVERY: u64 = 4 * 1024 * 1024;

/// Runs it to its end, or until the server stops.
pub(super) fn run(job: &Job) -> Result<(), Error> {
    let mut database = Exclusive::open(&job.database)?;
    // Given up, or looked at by another instance, while this one waited for the file.
    let import = database.write(|writer| writer.import(&job.profile.code, job.id))?;
    if import.is_none_or(|import| import.state != ImportState::Checking) {
        return Ok(());
    }
    job.spool.remove_stage(job.id);
    database.write(|writer| writer.clear_import_rows(job.id))?;
    let agency = &job.profile.code;
    let (file, header) = Header::open(&job.spool.upload(job.id))?;
    let remembered =
        database.write(|writer| writer.remembered_columns(agency, &fingerprint(&header.titles)))?;
    let columns = remembered
        .and_then(|names| Columns::named(&header.titles, &names, &job.profile))
        .unwrap_or_else(|| Columns::recognise(&header.titles, &job.profile));
    let problem = columns.check().err();
    let mut found = describe(&header, &columns);
    let mut file = RosterFile::with(file, &header, columns);
    let snapshot = RosterSnapshot::open(&job.database)?;
    let version = snapshot.reader().roster_version(agency)?;
    if let Some(problem) = problem {
        fill_samples(&mut found, &file.first_cells()?);
        let problem = format!(
            "{problem}。それぞれの列を何として読むか、選んでください。1行目が見出しでないときは、\
             見出しの行を加えたファイルを選び直してください。"
        );
        let now = job.outside.now();
        database.write(|writer| writer.import_checked(job.id, &found, &problem, version, now))?;
        return Ok(());
    }

    let path = job.spool.stage(job.id);
    let mut check = Check {
        job,
        found,
        columns: file.columns().clone(),
        absent: Absent::of(file.columns(), &job.profile),
        is_first: !snapshot.reader().has_roster(agency)?,
        snapshot,
        stage: Stage::make(&path)?,
        shown: Shown::new(&mut database, job.id),
        names: Seen::default(),
        corporate_numbers: Seen::default(),
        suspects: Suspects::default(),
        batch: Vec::with_capacity(BATCH),
        rows: 0,
        reported: 0,
    };
    let finished = file.rows(&job.profile, |row| check.take(row)).and_then(|()| check.finish());
    let now = job.outside.now();
    let is_wanted = match finished {
        Ok(found) => database.write(|writer| writer.import_checked(job.id, &found, "", version, now))?,
        Err(Error::Refused(ApiErrorCode::WrongState)) => false,
        // The next start begins anew.
        Err(Error::Busy) if job.imports.is_stopping() => return Ok(()),
        Err(error) => return Err(error),
    };
    if !is_wanted {
        database.write(|writer| writer.clear_import_rows(job.id))?;
        job.spool.remove(job.id);
    }
    Ok(())
}

fn describe(header: &Header, columns: &Columns) -> Found {
    let named = |(column, title): (&Option<Column>, &String)| FileColumn {
        title: clip(title),
        field: column.as_ref().map(|column| column.name().to_owned()).unwrap_or_default(),
        sample: String::new(),
    };
    Found {
        encoding: match header.encoding {
            Encoding::Utf8 => "UTF-8",
            Encoding::Cp932 => "CP932",
        }
        .to_owned(),
        separator: if header.separator == b'\t' { "タブ" } else { "カンマ" }.to_owned(),
        columns: columns.columns.iter().zip(&columns.titles).map(named).collect(),
        added: 0,
        changed: 0,
        unchanged: 0,
        missing: 0,
        suspended: 0,
        held: 0,
        wrong: 0,
        anybodys: 0,
        doubtful: 0,
    }
}

/// A row that waits to be compared.
struct Waiting {
    line: usize,
    checked: CheckedRow,
    /// 注意, as far as the file alone tells.
    doubts: Vec<ImportCell>,
}

struct Check<'a> {
    job: &'a Job,
    found: Found,
    columns: Columns,
    absent: Absent,
    /// Whether the roster is empty: then there is nothing to compare with.
    is_first: bool,
    snapshot: RosterSnapshot,
    stage: Stage,
    shown: Shown<'a>,
    names: Seen,
    corporate_numbers: Seen,
    suspects: Suspects,
    batch: Vec<Waiting>,
    rows: u64,
    reported: u64,
}

impl Check<'_> {
    fn take(&mut self, row: FileRow<'_>) -> Result<(), Error> {
        self.rows += 1;
        if self.rows == 1 {
            fill_samples(&mut self.found, row.cells);
        }
        match row.row {
            Ok(checked) => self.batch.push(Waiting { line: row.line, checked, doubts: Vec::new() }),
            Err(errors) => self.note_wrong(row.line, row.cells, errors)?,
        }
        if self.batch.len() == BATCH {
            self.compare()?;
        }
        if row.end >= self.reported + REPORT_EVERY {
            self.reported = row.end;
            if !self.shown.report(row.end)? {
                return Err(ApiErrorCode::WrongState.into());
            }
        }
        if self.job.imports.is_stopping() { Err(Error::Busy) } else { Ok(()) }
    }

    /// A row that can't be taken over. As far as it tells whose it is, that company is not missing.
    fn note_wrong(&mut self, line: usize, cells: &[String], errors: Vec<RowError>) -> Result<(), Error> {
        let cell = |column: &Column| {
            self.columns.position(column).and_then(|index| cells.get(index)).map_or("", String::as_str)
        };
        let (agency, profile) = (&self.job.profile.code, &self.job.profile);
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
        self.shown.add(RowKind::Wrong, row)
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

    /// Compares the rows that wait.
    fn compare(&mut self) -> Result<(), Error> {
        let mut batch = std::mem::take(&mut self.batch);
        let agency = &self.job.profile.code;
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
        let Waiting { line, checked, mut doubts } = waiting;
        let CheckedRow { mut row, doubts: of_cells, .. } = checked;
        if let Some(before) = &before {
            self.absent.keep(&mut row, before);
        }
        let key = SortKey::of(&row.name, &row.kana);
        for (index, reason) in of_cells {
            let column = self.columns.columns.get(index).and_then(Option::as_ref);
            doubts.push(self.doubt(column, &row, reason));
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
                self.shown.add_with(RowKind::Added, || shown_row(line, &row, Vec::new()))?;
            }
            Some(before) if before == row => {
                self.found.unchanged += 1;
                self.stage.note(&row.number)?;
            }
            Some(before) => {
                if before.name != row.name
                    && self
                        .snapshot
                        .reader()
                        .has_registered_or_applied(&self.job.profile.code, &row.number)?
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
                let columns = &self.columns;
                self.shown.add_with(RowKind::Changed, || {
                    shown_row(line, &row, differences(columns, &before, &row))
                })?;
            }
        }
        if !doubts.is_empty() {
            self.found.doubtful += 1;
            self.shown.add_with(RowKind::Doubtful, || shown_row(line, &row, doubts))?;
        }
        Ok(())
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

    /// 削除候補, and the end.
    fn finish(mut self) -> Result<Found, Error> {
        self.compare()?;
        if self.rows == 0 {
            return Err(Error::Content {
                path: self.job.spool.upload(self.job.id),
                message: "見出しだけで、業者の行がありません".to_owned(),
            });
        }
        let Self { job, snapshot, stage, shown, found, suspects, .. } = &mut self;
        let (agency, reader) = (&job.profile.code, snapshot.reader());
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
            if found.anybodys > 0 || stage.has_wrong(number)? || suspects.may_be(name, corporate_number) {
                found.held += 1;
                return Ok(());
            }
            found.missing += 1;
            stage.put_missing(number)?;
            let is_in_use = reader.has_registered_or_applied(agency, number)?;
            found.suspended += u64::from(is_in_use);
            if shown.is_full(RowKind::Missing) {
                return Ok(());
            }
            let cells = match is_in_use {
                true => vec![ImportCell {
                    column: 0,
                    title: String::new(),
                    before: String::new(),
                    after: String::new(),
                    reason: "利用者登録または申請があるので、削除せず、停止します".to_owned(),
                }],
                false => Vec::new(),
            };
            let row = ImportRow { line: 0, number: clip(number), name: clip(name), cells };
            shown.add(RowKind::Missing, row)
        })?;
        let path = self.job.spool.stage(self.job.id);
        self.shown.flush()?;
        self.stage.finish(&path)?;
        Ok(self.found)
    }
}

fn shown_row(line: usize, row: &RosterRow, cells: Vec<ImportCell>) -> ImportRow {
    ImportRow { line: line as u64, number: clip(&row.number), name: clip(&row.name), cells }
}

/// What differs, column by column. Of a secret, that it does.
fn differences(columns: &Columns, before: &RosterRow, after: &RosterRow) -> Vec<ImportCell> {
    let used = columns.columns.iter().zip(&columns.titles).enumerate();
    used.filter_map(|(index, (column, title))| {
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
    })
    .collect()
}

/// An example for each column.
fn fill_samples(found: &mut Found, cells: &[String]) {
    for (column, cell) in found.columns.iter_mut().zip(cells) {
        let is_secret = [Column::Password, Column::InformationPassword]
            .iter()
            .any(|secret| column.field == secret.name() || column.title.contains(secret.name()));
        if !is_secret {
            column.sample = clip(cell);
        }
    }
}

/// A password that fits what is stored keeps it.
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
