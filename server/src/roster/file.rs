//! A roster file, row by row.

use std::{
    collections::HashMap,
    fs::File,
    hash::{BuildHasher as _, RandomState},
    io::{BufReader, Seek as _},
    path::{Path, PathBuf},
};

use touroku_proto::agency::AgencyProfile;

use super::{
    cells::CheckedRow,
    columns::{Column, Columns},
    lines::{Encoding, LineError, next_line, split},
};
use crate::error::Error;

const UTF8_MARK: &[u8] = b"\xEF\xBB\xBF";

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

impl RosterFile {
    /// Opens a file and reads its header: encoding, separator and columns are what makes sense of it.
    ///
    /// # Errors
    /// [`Error::Content`] that says in Japanese what the file seems to be, or which columns it lacks.
    pub fn open(path: &Path, profile: &AgencyProfile) -> Result<Self, Error> {
        let mut file = File::open(path).map_err(Error::file(path))?;
        let content = |message: String| Error::Content { path: path.to_owned(), message };
        let mut line = Vec::new();
        match next_line(&mut BufReader::new(&mut file), &mut line).map_err(Error::file(path))? {
            None => return Err(content("ファイルが空です".to_owned())),
            Some(Err(_)) => return Err(content("1行目が長すぎます。CSVファイルではないようです".to_owned())),
            Some(Ok(())) => {}
        }
        if line.starts_with(b"PK\x03\x04") || line.starts_with(b"\xD0\xCF\x11\xE0") {
            return Err(content("Excelブックか圧縮ファイルです。CSV形式で保存し直してください".to_owned()));
        }
        if line.starts_with(b"\xFF\xFE") || line.starts_with(b"\xFE\xFF") {
            return Err(content("UTF-16で書かれています。「CSV UTF-8」で保存し直してください".to_owned()));
        }
        let (header, marked) = match line.strip_prefix(UTF8_MARK) {
            Some(header) => (header, true),
            None => (line.as_slice(), false),
        };
        // The header's Japanese tells the encoding; were the whole file tried, one bad byte in a UTF-8 file
        // would turn all of it into rubbish that happens to be CP932.
        let encoding =
            if marked || std::str::from_utf8(header).is_ok() { Encoding::Utf8 } else { Encoding::Cp932 };
        let separator = if header.contains(&b'\t') { b'\t' } else { b',' };
        let mut titles = Vec::new();
        split(header, separator, encoding, &mut titles).map_err(|error| {
            let (column, reason) = describe(&error, encoding);
            let column = column.map(|column| format!("{}列", column + 1)).unwrap_or_default();
            content(format!("1行{column}: {reason}"))
        })?;
        let columns =
            Columns::read(&titles, profile).map_err(|message| content(format!("1行: {message}")))?;
        Ok(Self { path: path.to_owned(), file, encoding, separator, columns })
    }

    /// The separator's name.
    pub fn separator_name(&self) -> &'static str {
        if self.separator == b'\t' { "タブ区切り" } else { "カンマ区切り" }
    }

    /// The titles of columns that are not used.
    pub fn unused_columns(&self) -> Vec<String> {
        self.columns.unused()
    }

    pub(super) fn has(&self, column: &Column) -> bool {
        self.columns.has(column)
    }

    /// Reads all rows from the beginning: each is given, in order or with its mistakes.
    pub(super) fn rows(
        &mut self,
        profile: &AgencyProfile,
        mut give: impl FnMut(Result<CheckedRow, Vec<RowError>>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let failed = Error::file(&self.path);
        if let Err(error) = self.file.rewind() {
            return Err(failed(error));
        }
        let mut reader = BufReader::with_capacity(256 * 1024, &self.file);
        let mut seen = Seen::default();
        let (mut line, mut cells) = (Vec::new(), Vec::new());
        let mut number = 0;
        while let Some(read) = next_line(&mut reader, &mut line).map_err(Error::file(&self.path))? {
            number += 1;
            if number == 1 {
                continue;
            }
            let separated = read.and_then(|()| split(&line, self.separator, self.encoding, &mut cells));
            if let Err(error) = separated {
                give(Err(vec![self.line_error(number, &error)]))?;
                continue;
            }
            if cells.iter().all(String::is_empty) {
                continue;
            }
            give(self.check(number, &cells, profile, &mut seen))?;
        }
        Ok(())
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
            let outcome = row.set(column, cell, profile).and_then(|()| match column {
                Column::Number => seen.first(&row.row.number, line),
                _ => Ok(()),
            });
            if let Err(reason) = outcome {
                errors.push(RowError { line, column: Some(self.column_name(index)), reason });
            }
        }
        if errors.is_empty() { Ok(row) } else { Err(errors) }
    }

    fn line_error(&self, line: usize, error: &LineError) -> RowError {
        let (column, reason) = describe(error, self.encoding);
        RowError { line, column: column.map(|index| self.column_name(index)), reason }
    }

    fn column_name(&self, index: usize) -> (usize, String) {
        (index + 1, self.columns.titles.get(index).cloned().unwrap_or_else(|| "見出しなし".to_owned()))
    }
}

fn describe(error: &LineError, encoding: Encoding) -> (Option<usize>, String) {
    match error {
        LineError::TooLong => (None, "行が長すぎます".to_owned()),
        LineError::TooManyCells => (None, "列が多すぎます".to_owned()),
        LineError::Undecodable(index) => {
            (Some(*index), format!("{}として読めない文字（外字など）があります", encoding.name()))
        }
        LineError::UnclosedQuote(index) => {
            (Some(*index), "引用符「\"」が閉じていないか、値の中に改行があります".to_owned())
        }
        LineError::AfterQuote(index) => (Some(*index), "閉じる引用符「\"」の後に文字があります".to_owned()),
    }
}

/// The numbers that occurred: 12 bytes each. Two numbers with the same 64-bit hash would need some hundred
/// million rows.
#[derive(Default)]
struct Seen {
    hasher: RandomState,
    lines: HashMap<u64, u32>,
}

impl Seen {
    fn first(&mut self, number: &str, line: usize) -> Result<(), String> {
        let hash = self.hasher.hash_one(number);
        match self.lines.insert(hash, u32::try_from(line).unwrap_or(u32::MAX)) {
            None => Ok(()),
            Some(first) => {
                self.lines.insert(hash, first);
                Err(format!("同じ番号が{first}行にもあります"))
            }
        }
    }
}
