//! Excel workbooks for officers. Rows are written to a file as they come, not kept.

use std::{
    borrow::Cow,
    fs::File,
    io::Seek as _,
    path::{Path, PathBuf},
};

use rust_xlsxwriter::{Format, Workbook, XlsxError};

use crate::error::Error;

/// What an Excel sheet holds at most. More goes on on the next sheet.
const MOST_ROWS: u32 = 1_048_576;

/// What an Excel cell holds at most, in UTF-16 units.
const MOST_IN_CELL: usize = 32_767;

/// A table, on as many sheets as it takes.
pub(super) struct Book {
    workbook: Workbook,
    scratch: PathBuf,
    name: &'static str,
    header: Vec<String>,
    text: Format,
    title: Format,
    /// Of the current sheet, the last one.
    rows: u32,
    sheets: usize,
}

impl Book {
    /// `scratch`: a folder for what is written until it is finished. `name`: the first sheet's.
    pub(super) fn begin(scratch: &Path, name: &'static str, header: &[String]) -> Result<Self, Error> {
        let mut workbook = Workbook::new();
        workbook.set_tempdir(scratch).map_err(unwritten(scratch))?;
        let text = Format::new().set_num_format("@");
        let title = text.clone().set_bold();
        let (scratch, header) = (scratch.to_owned(), header.to_vec());
        let mut book = Self { workbook, scratch, name, header, text, title, rows: 0, sheets: 0 };
        book.begin_sheet().map_err(unwritten(&book.scratch))?;
        Ok(book)
    }

    fn begin_sheet(&mut self) -> Result<(), XlsxError> {
        let sheet = self.workbook.add_worksheet_with_constant_memory()?;
        self.sheets += 1;
        let name = self.name;
        sheet.set_name(if self.sheets == 1 { name.to_owned() } else { format!("{name}{}", self.sheets) })?;
        sheet.set_freeze_panes(1, 0)?;
        for (column, cell) in (0..).zip(&self.header) {
            // As text, also what is typed later: Excel drops leading zeros from numbers.
            sheet.set_column_format(column, &self.text)?;
            sheet.set_column_width(column, 18)?;
            sheet.write_string_with_format(0, column, cell, &self.title)?;
        }
        self.rows = 1;
        Ok(())
    }

    pub(super) fn add(&mut self, rows: &[Vec<String>]) -> Result<(), Error> {
        rows.iter().try_for_each(|row| self.row(row)).map_err(unwritten(&self.scratch))
    }

    fn row(&mut self, cells: &[String]) -> Result<(), XlsxError> {
        if self.rows == MOST_ROWS {
            self.begin_sheet()?;
        }
        let sheet = self.workbook.worksheet_from_index(self.sheets - 1)?;
        for (column, cell) in (0..).zip(cells).filter(|(_, cell)| !cell.is_empty()) {
            sheet.write_string_with_format(self.rows, column, within_cell(cell), &self.text)?;
        }
        self.rows += 1;
        Ok(())
    }

    /// The finished workbook, in a file that disappears with the handle.
    pub(super) fn finish(mut self) -> Result<File, Error> {
        let mut file = tempfile::tempfile_in(&self.scratch).map_err(Error::file(&self.scratch))?;
        self.workbook.save_to_writer(&mut file).map_err(unwritten(&self.scratch))?;
        file.rewind().map_err(Error::file(&self.scratch))?;
        Ok(file)
    }
}

fn unwritten(scratch: &Path) -> impl FnOnce(XlsxError) -> Error {
    move |error| match error {
        XlsxError::IoError(error) => Error::file(scratch)(error),
        _ => Error::Defect("a workbook can't be written"),
    }
}

/// A text as far as an Excel cell holds it.
fn within_cell(text: &str) -> Cow<'_, str> {
    const REST: &str = "\n（以下略）";
    if text.encode_utf16().count() <= MOST_IN_CELL {
        return text.into();
    }
    let mut left = MOST_IN_CELL - REST.encode_utf16().count();
    let fits = |c: &char| {
        let rest = left.checked_sub(c.len_utf16());
        left = rest.unwrap_or(left);
        rest.is_some()
    };
    let short: String = text.chars().take_while(fits).collect();
    (short + REST).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_longer_than_a_cell_ends_with_a_note_and_the_workbook_is_written() {
        let folder = tempfile::tempdir().unwrap();
        let mut book = Book::begin(folder.path(), "会社", &["経過".to_owned()]).unwrap();
        let long = "𠮷".repeat(MOST_IN_CELL);
        let short = within_cell(&long);
        assert!(short.encode_utf16().count() <= MOST_IN_CELL && short.ends_with("（以下略）"));
        book.add(&[vec![long]]).unwrap();
        assert!(book.finish().unwrap().metadata().unwrap().len() > 1_000);
    }
}
