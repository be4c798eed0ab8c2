//! A roster file, row by row.

use std::{
    fs::File,
    path::{Path, PathBuf},
};

use touroku_japanese::{lines::LineError, row::RowError};
use touroku_proto::{agency::AgencyProfile, officer::import::Found};

use super::{
    cells::CheckedRow,
    columns::{Column, Columns},
    found,
    header::{Choice, Header},
    line_error::describe,
    other,
    records::Layout,
    seen::Seen,
};
use crate::error::Error;

/// Lines searched for an example.
const MAX_SAMPLED: usize = 10;

/// A roster file whose header was understood.
pub struct RosterFile {
    path: PathBuf,
    file: File,
    layout: Layout,
    /// The header's row.
    header: usize,
    length: u64,
    format: String,
    found: Found,
    columns: Columns,
}

/// A row of the file that is not blank.
pub(crate) struct FileRow<'a> {
    /// From 1, as in a spreadsheet.
    pub(crate) line: usize,
    /// Bytes of the text up to its end.
    pub(crate) end: u64,
    /// Its cells, as far as it could be split.
    pub(crate) cells: &'a [String],
    pub(crate) row: Content,
}

/// What a row contains.
pub(crate) enum Content {
    Company(Box<CheckedRow>),
    /// A company, with mistakes.
    Wrong(Vec<RowError>),
    /// Not a company; what it is taken for, in Japanese.
    Other(&'static str),
}

impl RosterFile {
    /// Opens a file and reads its header, determining encoding, separator and columns.
    ///
    /// # Errors
    /// [`Error::Content`] that says in Japanese what the file seems to be, or which columns it lacks.
    pub fn open(path: &Path, profile: &AgencyProfile) -> Result<Self, Error> {
        Self::open_as(path, &std::env::temp_dir(), &Choice::default(), profile)
    }

    /// Like [`open`](Self::open), with a person's choices; `scratch` is a folder for a converted workbook.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_as(
        path: &Path,
        scratch: &Path,
        choice: &Choice,
        profile: &AgencyProfile,
    ) -> Result<Self, Error> {
        let (file, header) =
            Header::open(path, scratch, choice, &|titles| Ok(Columns::rate(titles, profile)))?;
        let columns = Columns::recognise(&header.titles, profile);
        columns.check().map_err(|message| header.content(format!("{}行: {message}", header.row)))?;
        Ok(Self::with(file, &header, columns))
    }

    /// The file with that header, read with those columns.
    pub(crate) fn with(file: File, header: &Header, columns: Columns) -> Self {
        Self {
            path: header.path.clone(),
            file,
            layout: header.layout,
            header: header.row,
            length: header.length,
            format: header.format(),
            found: found::describe(header, &columns),
            columns,
        }
    }

    /// What is known before its rows are read.
    pub(crate) fn describe(&self) -> Found {
        self.found.clone()
    }

    /// Its format, for people.
    pub fn format(&self) -> &str {
        &self.format
    }

    pub fn unused_columns(&self) -> Vec<String> {
        self.columns.unused()
    }

    pub(crate) fn columns(&self) -> &Columns {
        &self.columns
    }

    pub(super) fn content(&self, message: &str) -> Error {
        Error::Content { path: self.path.clone(), message: message.to_owned() }
    }

    /// Bytes of its text.
    pub(crate) fn length(&self) -> u64 {
        self.length
    }

    /// Reads all rows after the header; each is valid or comes with its mistakes.
    pub(crate) fn rows(
        &mut self,
        profile: &AgencyProfile,
        mut give: impl FnMut(FileRow<'_>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let path = self.path.clone();
        let mut file = self.file.try_clone().map_err(Error::file(&path))?;
        let mut records = Header::records(&mut file, self.layout).map_err(Error::file(&path))?;
        let mut seen = Seen::default();
        let mut cells = Vec::new();
        while let Some(record) = records.next(&mut cells).map_err(Error::file(&path))? {
            if record.row <= self.header {
                continue;
            }
            let row = match record.outcome {
                Ok(()) if cells.iter().all(String::is_empty) => continue,
                Ok(()) => self.read(record.row, &cells, profile, &mut seen),
                Err(error) => Content::Wrong(vec![self.line_error(record.row, &error)]),
            };
            give(FileRow { line: record.row, end: record.end, cells: &cells, row })?;
        }
        Ok(())
    }

    /// The cells of the first readable row after the header.
    pub(crate) fn first_cells(&mut self) -> Result<Vec<String>, Error> {
        let failed = |error| Error::file(&self.path)(error);
        let mut records = Header::records(&mut self.file, self.layout).map_err(failed)?;
        let mut cells = Vec::new();
        while let Some(record) = records.next(&mut cells).map_err(failed)? {
            let is_sample = record.outcome.is_ok() && cells.iter().any(|cell| !cell.is_empty());
            if record.row > self.header && is_sample {
                return Ok(cells);
            }
            if record.row > self.header + MAX_SAMPLED {
                break;
            }
        }
        Ok(Vec::new())
    }

    fn read(&self, line: usize, cells: &[String], profile: &AgencyProfile, seen: &mut Seen) -> Content {
        let cell = |column: &Column| {
            self.columns.position(column).and_then(|index| cells.get(index)).map_or("", String::as_str)
        };
        if let Some(what) = other::what_it_is(cells, cell(&Column::Number), &self.columns.titles, profile) {
            return Content::Other(what);
        }
        match self.check(line, cells, profile, seen) {
            Ok(row) => Content::Company(Box::new(row)),
            Err(errors) => Content::Wrong(errors),
        }
    }

    fn check(
        &self,
        line: usize,
        cells: &[String],
        profile: &AgencyProfile,
        seen: &mut Seen,
    ) -> Result<CheckedRow, Vec<RowError>> {
        let expected = self.columns.columns.len();
        let surplus = cells.get(expected..).unwrap_or_default();
        if surplus.iter().any(|cell| !cell.is_empty()) {
            let reason = format!("列の数が見出しと違います（見出し{expected}、この行{}）", cells.len());
            return Err(vec![RowError { line, column: None, reason }]);
        }
        let mut row = CheckedRow::default();
        let mut errors = Vec::new();
        if cells.len() < expected {
            let reason = format!(
                "列の数が見出しより少ない行です（見出し{expected}、この行{}）。足りない列は空とみなします",
                cells.len()
            );
            row.doubts.push((None, reason));
        }
        for (index, column) in self.columns.columns.iter().enumerate() {
            let Some(column) = column else { continue };
            let cell = cells.get(index).map_or("", String::as_str);
            let outcome = row.set(index, column, cell, profile).and_then(|()| match column {
                Column::Number => match seen.first(&row.row.number, line) {
                    None => Ok(()),
                    Some(first) => Err(format!("同じ番号が{first}行にもあります")),
                },
                _ => Ok(()),
            });
            if let Err(reason) = outcome {
                errors.push(RowError { line, column: Some(self.column_name(index)), reason });
            }
        }
        if errors.is_empty() { Ok(row) } else { Err(errors) }
    }

    fn line_error(&self, line: usize, error: &LineError) -> RowError {
        let (column, reason) = describe(error);
        RowError { line, column: column.map(|index| self.column_name(index)), reason }
    }

    pub(crate) fn column_name(&self, index: usize) -> (usize, String) {
        (index + 1, self.columns.titles.get(index).cloned().unwrap_or_else(|| "見出しなし".to_owned()))
    }
}
