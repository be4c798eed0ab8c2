//! A roster file, row by row.

use std::{
    fs::File,
    io::{BufReader, Seek as _},
    path::{Path, PathBuf},
};

use touroku_proto::agency::AgencyProfile;

use super::{
    cells::CheckedRow,
    columns::{Column, Columns},
    header::Header,
    lines::{Encoding, LineError, next_line, split},
    seen::Seen,
};
use crate::error::Error;

/// Lines in which an example is looked for.
const MAX_SAMPLED: usize = 10;

/// A roster file whose header was understood.
pub struct RosterFile {
    path: PathBuf,
    file: File,
    /// How it is written.
    pub encoding: Encoding,
    separator: u8,
    columns: Columns,
}

/// Something wrong in a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowError {
    /// From 1; the header is line 1.
    pub line: usize,
    /// From 1, with the column's title; `None`: the line as a whole.
    pub column: Option<(usize, String)>,
    /// In Japanese.
    pub reason: String,
}

impl std::fmt::Display for RowError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.column {
            Some((number, title)) => write!(f, "{}行{number}列（{title}）: {}", self.line, self.reason),
            None => write!(f, "{}行: {}", self.line, self.reason),
        }
    }
}

/// A line of the file that is not blank.
pub(crate) struct FileRow<'a> {
    /// From 1; the header is line 1.
    pub(crate) line: usize,
    /// Bytes of the file up to its end.
    pub(crate) end: u64,
    /// Its cells, as far as it could be split.
    pub(crate) cells: &'a [String],
    /// The row, or its mistakes.
    pub(crate) row: Result<CheckedRow, Vec<RowError>>,
}

impl RosterFile {
    /// Opens a file and reads its header: encoding, separator and columns are what makes sense of it.
    ///
    /// # Errors
    /// [`Error::Content`] that says in Japanese what the file seems to be, or which columns it lacks.
    pub fn open(path: &Path, profile: &AgencyProfile) -> Result<Self, Error> {
        let (file, header) = Header::open(path)?;
        let columns = Columns::recognise(&header.titles, profile);
        columns.check().map_err(|message| header.content(format!("1行: {message}")))?;
        Ok(Self::with(file, &header, columns))
    }

    /// The file of that header, read by those columns.
    pub(crate) fn with(file: File, header: &Header, columns: Columns) -> Self {
        let (encoding, separator) = (header.encoding, header.separator);
        Self { path: header.path.clone(), file, encoding, separator, columns }
    }

    /// The separator's name.
    pub fn separator_name(&self) -> &'static str {
        if self.separator == b'\t' { "タブ区切り" } else { "カンマ区切り" }
    }

    /// The titles of columns that are not used.
    pub fn unused_columns(&self) -> Vec<String> {
        self.columns.unused()
    }

    pub(crate) fn columns(&self) -> &Columns {
        &self.columns
    }

    /// Reads all rows from the beginning: each is given, in order or with its mistakes.
    pub(crate) fn rows(
        &mut self,
        profile: &AgencyProfile,
        mut give: impl FnMut(FileRow<'_>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let failed = Error::file(&self.path);
        if let Err(error) = self.file.rewind() {
            return Err(failed(error));
        }
        let mut reader = BufReader::with_capacity(256 * 1024, &self.file);
        let mut seen = Seen::default();
        let (mut bytes, mut cells) = (Vec::new(), Vec::new());
        let (mut line, mut end) = (0, 0);
        while let Some(read) = next_line(&mut reader, &mut bytes).map_err(Error::file(&self.path))? {
            line += 1;
            end += read.length;
            if line == 1 {
                continue;
            }
            cells.clear();
            let separated =
                read.outcome.and_then(|()| split(&bytes, self.separator, self.encoding, &mut cells));
            let row = match separated {
                Ok(()) if cells.iter().all(String::is_empty) => continue,
                Ok(()) => self.check(line, &cells, profile, &mut seen),
                Err(error) => Err(vec![self.line_error(line, &error)]),
            };
            give(FileRow { line, end, cells: &cells, row })?;
        }
        Ok(())
    }

    /// The cells of the first line after the header that can be read.
    pub(crate) fn first_cells(&mut self) -> Result<Vec<String>, Error> {
        let failed = |error| Error::file(&self.path)(error);
        self.file.rewind().map_err(failed)?;
        let mut reader = BufReader::new(&self.file);
        let (mut bytes, mut cells) = (Vec::new(), Vec::new());
        for line in 0..=MAX_SAMPLED {
            let Some(read) = next_line(&mut reader, &mut bytes).map_err(failed)? else { break };
            let separated =
                read.outcome.and_then(|()| split(&bytes, self.separator, self.encoding, &mut cells));
            if line > 0 && separated.is_ok() && cells.iter().any(|cell| !cell.is_empty()) {
                return Ok(cells);
            }
        }
        Ok(Vec::new())
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
        if cells.len() < expected || surplus.iter().any(|cell| !cell.is_empty()) {
            let reason = format!("列の数が見出しと違います（見出し{expected}、この行{}）", cells.len());
            return Err(vec![RowError { line, column: None, reason }]);
        }
        let mut row = CheckedRow::default();
        let mut errors = Vec::new();
        for (index, (column, cell)) in self.columns.columns.iter().zip(cells).enumerate() {
            let Some(column) = column else { continue };
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

/// Which cell (from 0), and why.
pub(super) fn describe(error: &LineError) -> (Option<usize>, String) {
    match error {
        LineError::TooLong => (None, "行が長すぎます（64KBまで）".to_owned()),
        LineError::TooManyCells => (None, "列が多すぎます（1024列まで）".to_owned()),
        LineError::Undecodable(index, reason) => (Some(*index), reason.clone()),
        LineError::UnclosedQuote(index) => {
            (Some(*index), "引用符「\"」が閉じていないか、値の中に改行があります".to_owned())
        }
        LineError::AfterQuote(index) => (Some(*index), "閉じる引用符「\"」の後に文字があります".to_owned()),
    }
}
