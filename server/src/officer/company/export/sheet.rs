//! A list on its way into a file: CSV line by line, or a workbook, which is a file only at its end.

use std::{fs::File, io::Read as _, path::Path};

use encoding_rs::SHIFT_JIS;
use touroku_proto::{
    export::{ExportFile, LineEnds, Quotes},
    officer::{company::ListFormat, csv},
};

use crate::{error::Error, officer::workbook::Book};

/// Bytes of a finished workbook that are sent at once.
const PIECE: u64 = 256 * 1024;

/// How a list is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Style {
    pub(super) format: ListFormat,
    /// For a system, which takes each character as it is; `None`: for people, whose spreadsheet takes some for
    /// formulas, and who are told what could not be written.
    exact: Option<Exact>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Exact {
    bom: bool,
    header: bool,
    ends: LineEnds,
    quotes: Quotes,
}

impl Style {
    pub(super) fn of_people(format: ListFormat) -> Self {
        Self { format, exact: None }
    }

    pub(super) fn of(file: &ExportFile) -> Self {
        let &ExportFile { format, bom, header, line_ends: ends, quotes, .. } = file;
        Self { format, exact: Some(Exact { bom, header, ends, quotes }) }
    }

    fn has_mark(self) -> bool {
        self.format == ListFormat::Utf8 && self.exact.is_none_or(|exact| exact.bom)
    }

    fn line(self, cells: &[String]) -> String {
        let Some(Exact { ends, quotes, .. }) = self.exact else { return csv::line(cells) };
        let cell = |cell: &String| {
            let needs = cell.contains([',', '"', '\r', '\n']) || cell.trim() != cell;
            match needs || quotes == Quotes::All {
                true => format!("\"{}\"", cell.replace('"', "\"\"")),
                false => cell.clone(),
            }
        };
        let cells: Vec<String> = cells.iter().map(cell).collect();
        let end = match ends {
            LineEnds::Crlf => "\r\n",
            LineEnds::Lf => "\n",
        };
        cells.join(",") + end
    }
}

pub(super) enum Sheet {
    Text(Text),
    Book(Box<Book>),
    /// A finished workbook.
    Finished(File),
}

impl Sheet {
    /// `scratch`: a folder for a workbook until it is sent.
    pub(super) fn begin(style: Style, scratch: &Path, header: &[String]) -> Result<Self, Error> {
        if style.format == ListFormat::Xlsx {
            return Book::begin(scratch, "会社", header).map(|book| Self::Book(Box::new(book)));
        }
        let mut text = Text { style, ..Text::default() };
        if style.has_mark() {
            text.bytes.extend(csv::BEGINNING.to_string().into_bytes());
        }
        if style.exact.is_none_or(|exact| exact.header) {
            text.line(header);
        }
        Ok(Self::Text(text))
    }

    pub(super) fn add(&mut self, rows: &[Vec<String>]) -> Result<(), Error> {
        match self {
            Self::Text(text) => rows.iter().for_each(|row| text.line(row)),
            Self::Book(book) => book.add(rows)?,
            Self::Finished(_) => {}
        }
        Ok(())
    }

    /// After the last row.
    pub(super) async fn finish(self) -> Result<Self, Error> {
        match self {
            Self::Text(text) if text.unmappable > 0 && text.style.exact.is_some() => {
                tracing::warn!(characters = text.unmappable, "an exported file has 〓 for what CP932 lacks");
                Ok(Self::Text(text))
            }
            Self::Text(mut text) if text.unmappable > 0 => {
                text.line(&[format!("CP932で表せない文字を〓に置き換えました: {}字", text.unmappable)]);
                Ok(Self::Text(text))
            }
            Self::Book(book) => {
                // A big one is packed for seconds.
                let finished = tokio::task::spawn_blocking(|| book.finish());
                finished.await.map_err(|_| Error::Defect("writing a workbook panicked"))?.map(Self::Finished)
            }
            finished => Ok(finished),
        }
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

impl Default for Style {
    fn default() -> Self {
        Self::of_people(ListFormat::Utf8)
    }
}

impl Default for Sheet {
    fn default() -> Self {
        Self::Text(Text::default())
    }
}

/// Lines of CSV.
#[derive(Default)]
pub(super) struct Text {
    style: Style,
    bytes: Vec<u8>,
    unmappable: u64,
}

impl Text {
    fn line(&mut self, cells: &[String]) {
        let line = self.style.line(cells);
        if self.style.format != ListFormat::Cp932 {
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
    fn what_cp932_lacks_becomes_a_geta_and_is_counted() {
        let mut sheet = Text { style: Style::of_people(ListFormat::Cp932), ..Text::default() };
        sheet.line(&["㈱髙﨑𠮷〜辻".to_owned()]);
        assert_eq!(sheet.unmappable, 1);
        let (text, _, failed) = SHIFT_JIS.decode(&sheet.bytes);
        assert_eq!((&*text, failed), ("㈱髙﨑〓～辻\r\n", false));
    }
}
