//! A list on its way into a file: CSV line by line, or a workbook, which is a file only at its end.

use std::{
    borrow::Cow,
    fs::File,
    io::{Read as _, Seek as _},
    path::Path,
};

use encoding_rs::SHIFT_JIS;
use rust_xlsxwriter::{Format, Workbook, XlsxError};
use touroku_proto::officer::{company::ListFormat, csv};

use crate::error::Error;

/// What an Excel sheet holds at most. More goes on on the next sheet.
const MOST_ROWS: u32 = 1_048_576;

/// What an Excel cell holds at most, in UTF-16 units.
const MOST_IN_CELL: usize = 32_767;

/// Bytes of a finished workbook that are sent at once.
const PIECE: u64 = 256 * 1024;

pub(super) enum Sheet {
    Text(Text),
    Book(Box<Book>),
    /// A finished workbook.
    Finished(File),
}

impl Sheet {
    /// `scratch`: a folder for a workbook until it is finished. Its rows are written there, not kept.
    pub(super) fn begin(format: ListFormat, scratch: &Path, header: &[String]) -> Result<Self, Error> {
        Ok(match format {
            ListFormat::Utf8 | ListFormat::Cp932 => {
                let mut text =
                    Text { is_cp932: format == ListFormat::Cp932, bytes: Vec::new(), unmappable: 0 };
                if !text.is_cp932 {
                    text.bytes.extend(csv::BEGINNING.to_string().into_bytes());
                }
                text.line(header);
                Self::Text(text)
            }
            ListFormat::Xlsx => Self::Book(Box::new(Book::begin(scratch, header).map_err(defect)?)),
        })
    }

    pub(super) fn add(&mut self, rows: &[Vec<String>]) -> Result<(), Error> {
        match self {
            Self::Text(text) => rows.iter().for_each(|row| text.line(row)),
            Self::Book(book) => rows.iter().try_for_each(|row| book.row(row)).map_err(defect)?,
            Self::Finished(_) => {}
        }
        Ok(())
    }

    /// After the last row.
    pub(super) fn finish(&mut self, scratch: &Path) -> Result<(), Error> {
        match self {
            Self::Text(text) if text.unmappable > 0 => {
                let note = format!("CP932で表せない文字を〓に置き換えました: {}字", text.unmappable);
                text.line(&[note]);
            }
            Self::Book(book) => {
                let mut file = tempfile::tempfile_in(scratch).map_err(Error::file(scratch))?;
                book.workbook.save_to_writer(&mut file).map_err(defect)?;
                file.rewind().map_err(Error::file(scratch))?;
                *self = Self::Finished(file);
            }
            _ => {}
        }
        Ok(())
    }

    /// What can be sent already; empty: nothing yet, or nothing any more.
    pub(super) fn take(&mut self, scratch: &Path) -> Result<Vec<u8>, Error> {
        match self {
            Self::Text(text) => Ok(std::mem::take(&mut text.bytes)),
            Self::Book(_) => Ok(Vec::new()),
            Self::Finished(file) => {
                let mut piece = Vec::new();
                file.take(PIECE).read_to_end(&mut piece).map_err(Error::file(scratch))?;
                Ok(piece)
            }
        }
    }
}

fn defect(_: XlsxError) -> Error {
    Error::Defect("a workbook can't be written")
}

pub(super) struct Book {
    workbook: Workbook,
    header: Vec<String>,
    text: Format,
    title: Format,
    /// Of the current sheet, the last one.
    rows: u32,
    sheets: usize,
}

impl Book {
    fn begin(scratch: &Path, header: &[String]) -> Result<Self, XlsxError> {
        let mut workbook = Workbook::new();
        workbook.set_tempdir(scratch)?;
        let text = Format::new().set_num_format("@");
        let title = text.clone().set_bold();
        let mut book = Self { workbook, header: header.to_vec(), text, title, rows: 0, sheets: 0 };
        book.begin_sheet()?;
        Ok(book)
    }

    fn begin_sheet(&mut self) -> Result<(), XlsxError> {
        let sheet = self.workbook.add_worksheet_with_constant_memory()?;
        self.sheets += 1;
        sheet.set_name(if self.sheets == 1 {
            "会社".to_owned()
        } else {
            format!("会社{}", self.sheets)
        })?;
        sheet.set_freeze_panes(1, 0)?;
        for (column, cell) in (0..).zip(&self.header) {
            // As text: Excel drops leading zeros from numbers.
            sheet.set_column_format(column, &self.text)?;
            sheet.set_column_width(column, 18)?;
            sheet.write_string_with_format(0, column, cell, &self.title)?;
        }
        self.rows = 1;
        Ok(())
    }

    fn row(&mut self, cells: &[String]) -> Result<(), XlsxError> {
        if self.rows == MOST_ROWS {
            self.begin_sheet()?;
        }
        let sheet = self.workbook.worksheet_from_index(self.sheets - 1)?;
        for (column, cell) in (0..).zip(cells) {
            if !cell.is_empty() {
                sheet.write_string_with_format(self.rows, column, within_cell(cell), &self.text)?;
            }
        }
        self.rows += 1;
        Ok(())
    }
}

/// A text as far as an Excel cell holds it.
fn within_cell(text: &str) -> Cow<'_, str> {
    const REST: &str = "\n（以下略）";
    if text.encode_utf16().count() <= MOST_IN_CELL {
        return text.into();
    }
    let mut left = MOST_IN_CELL - REST.encode_utf16().count();
    let fits = |c: &char| match left.checked_sub(c.len_utf16()) {
        Some(rest) => {
            left = rest;
            true
        }
        None => false,
    };
    let short: String = text.chars().take_while(fits).collect();
    (short + REST).into()
}

/// Lines of CSV.
pub(super) struct Text {
    is_cp932: bool,
    bytes: Vec<u8>,
    unmappable: u64,
}

impl Text {
    fn line(&mut self, cells: &[String]) {
        let line = csv::line(cells);
        if !self.is_cp932 {
            self.bytes.extend(line.as_bytes());
            return;
        }
        let (bytes, _, failed) = SHIFT_JIS.encode(&line);
        if !failed {
            self.bytes.extend(&*bytes);
            return;
        }
        for c in line.chars() {
            let text = same_in_cp932(c).to_string();
            let (bytes, _, failed) = SHIFT_JIS.encode(&text);
            if failed {
                self.unmappable += 1;
                // 〓, GETA MARK.
                self.bytes.extend([0x81, 0xAC]);
            } else {
                self.bytes.extend(&*bytes);
            }
        }
    }
}

/// CP932's character for one that Unicode has twice.
fn same_in_cp932(c: char) -> char {
    match c {
        '\u{301C}' => '\u{FF5E}',
        '\u{2014}' => '\u{2015}',
        '\u{2016}' => '\u{2225}',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_longer_than_a_cell_ends_with_a_note_and_the_workbook_is_written() {
        let folder = tempfile::tempdir().unwrap();
        let mut sheet = Sheet::begin(ListFormat::Xlsx, folder.path(), &["経過".to_owned()]).unwrap();
        let long = "𠮷".repeat(MOST_IN_CELL);
        let short = within_cell(&long);
        assert!(short.encode_utf16().count() <= MOST_IN_CELL && short.ends_with("（以下略）"));
        sheet.add(&[vec![long]]).unwrap();
        sheet.finish(folder.path()).unwrap();
        assert!(sheet.take(folder.path()).unwrap().starts_with(b"PK"));
    }

    #[test]
    fn what_cp932_lacks_becomes_a_geta_and_is_counted() {
        let mut sheet = Text { is_cp932: true, bytes: Vec::new(), unmappable: 0 };
        sheet.line(&["㈱髙﨑𠮷〜辻".to_owned()]);
        assert_eq!(sheet.unmappable, 1);
        let (text, _, failed) = SHIFT_JIS.decode(&sheet.bytes);
        assert_eq!((&*text, failed), ("㈱髙﨑〓～辻\r\n", false));
    }
}
