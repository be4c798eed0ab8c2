//! The beginning of a file: its format, its encoding, and which row is the header.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, Seek as _, SeekFrom},
    path::{Path, PathBuf},
};

use touroku_japanese::{
    encoding::Encoding,
    lines::{LineError, next_line},
};
use touroku_proto::text;

use super::{
    columns::FITS,
    heading::joined,
    line_error::describe,
    records::{Layout, Records},
    workbook::{self, Workbook},
};
use crate::error::Error;

const UTF8_MARK: &[u8] = b"\xEF\xBB\xBF";

/// Signatures of files that are not rosters, and what they are.
const OTHERS: [(&[u8], &str); 7] = [
    (
        b"\xD0\xCF\x11\xE0",
        "古い形式のExcelブック（.xls）か、パスワードの付いたExcelブックです。Excelで開き、パスワードを外して、\
         「Excelブック（.xlsx）」か「CSV UTF-8」で保存し直してください",
    ),
    (b"\x1F\x8B", "圧縮ファイルです。展開してから、CSVファイルかExcelブックを選んでください"),
    (b"\xFF\xFE", "UTF-16で書かれています。「CSV UTF-8」で保存し直してください"),
    (b"\xFE\xFF", "UTF-16で書かれています。「CSV UTF-8」で保存し直してください"),
    (b"%PDF", "PDFです。CSV形式かExcelブックで保存し直してください"),
    (b"<", "HTMLかXMLです。Excelで開き、CSV形式かExcelブックで保存し直してください"),
    (b"{", "JSONのようです。CSV形式で保存し直してください"),
];

/// Rows that may precede the header, and that are shown for choosing it.
const MAX_HEAD: usize = 50;

/// Lines examined for the encoding.
const MAX_TELLING: usize = 1_000;

/// A person's choices; otherwise they are detected.
#[derive(Clone, Debug, Default)]
pub struct Choice {
    pub sheet: Option<String>,
    /// The header's row, from 1.
    pub row: Option<usize>,
}

/// A file's header, and how to read the rest.
pub(crate) struct Header {
    pub(super) path: PathBuf,
    pub(super) layout: Layout,
    /// Its row, from 1; of two rows the second.
    pub(crate) row: usize,
    /// Its cells, of two rows together, without empty ones at the end.
    pub(crate) titles: Vec<String>,
    /// The first rows, for choosing another one.
    pub(crate) head: Vec<Vec<String>>,
    pub(crate) workbook: Option<Workbook>,
    /// Bytes of the text.
    pub(crate) length: u64,
}

impl Header {
    /// Opens a file and finds its header: the row that `rate` rates highest. A workbook is converted to text in
    /// `scratch`,
    /// which is removed with the returned file.
    ///
    /// # Errors
    /// [`Error::Content`] that says in Japanese what the file seems to be.
    pub(crate) fn open(
        path: &Path,
        scratch: &Path,
        choice: &Choice,
        rate: &dyn Fn(&[String]) -> Result<usize, Error>,
    ) -> Result<(File, Self), Error> {
        let mut file = File::open(path).map_err(Error::file(path))?;
        let mut first = Vec::new();
        let read = next_line(&mut BufReader::new(&file), &mut first).map_err(Error::file(path))?;
        let content = |message: String| Error::Content { path: path.to_owned(), message };
        if read.is_none() {
            return Err(content("ファイルが空です".to_owned()));
        }
        if let Some((_, what)) = OTHERS.iter().find(|(begin, _)| first.starts_with(begin)) {
            return Err(content((*what).to_owned()));
        }
        let mut workbook = None;
        if first.starts_with(b"PK\x03\x04") {
            let (text, found) = workbook::to_text(path, scratch, choice.sheet.as_deref())?;
            (file, workbook) = (text, Some(found));
        } else if first.contains(&0) {
            let message = "1行目にNUL（0x00）があります。UTF-16で書かれているか、テキストファイルではありません。\
                           「CSV UTF-8」で保存し直してください";
            return Err(content(message.to_owned()));
        }
        let length = file.metadata().map_err(Error::file(path))?.len();
        let failed = Error::file(path);
        let (encoding, begin, told) = match how_written(&mut file) {
            Ok(found) => found,
            Err(error) => return Err(failed(error)),
        };
        let separators = match (told, &workbook) {
            (Some(separator), _) => vec![separator],
            (None, Some(_)) => vec![b','],
            (None, None) => vec![b'\t', b',', b';'],
        };
        let mut best: Option<((usize, usize), Self)> = None;
        let mut first_error = None;
        for separator in separators {
            let layout = Layout { encoding, separator, begin };
            let head = head(&mut file, layout).map_err(Error::file(path))?;
            let found = propose(&head, choice.row, workbook.as_ref(), rate)?;
            if let Some(Err(error)) = head.first() {
                first_error.get_or_insert_with(|| error.clone());
            }
            let Some(Proposed { rating, row, titles, .. }) = found else { continue };
            let rating = (rating, titles.len());
            if best.as_ref().is_none_or(|(most, _)| rating > *most) {
                let header = Self {
                    path: path.to_owned(),
                    layout,
                    row,
                    titles,
                    head: head.into_iter().map(Result::unwrap_or_default).collect(),
                    workbook: workbook.clone(),
                    length,
                };
                best = Some((rating, header));
            }
        }
        match (best, first_error) {
            (Some(((rating, _), header)), error)
                if error.is_none() || rating >= FITS || choice.row.is_some() =>
            {
                Ok((file, header))
            }
            (_, Some(LineError::TooLong)) => {
                Err(content("1行目が長すぎます。CSVファイルではないようです".to_owned()))
            }
            (_, Some(error)) => {
                let (column, reason) = describe(&error);
                let column = column.map(|column| format!("{}列", column + 1)).unwrap_or_default();
                Err(content(format!("1行{column}: {reason}")))
            }
            (_, None) => Err(content("見出しの行がありません".to_owned())),
        }
    }

    /// The file's format, for people.
    pub(super) fn format(&self) -> String {
        match &self.workbook {
            Some(workbook) => format!("Excelブック、シート「{}」", workbook.sheet),
            None => format!("{}、{}区切り", self.layout.encoding.name(), self.separator_name()),
        }
    }

    /// The separator, for people.
    pub(crate) fn separator_name(&self) -> &'static str {
        match self.layout.separator {
            b'\t' => "タブ",
            b';' => "セミコロン",
            _ => "カンマ",
        }
    }

    pub(crate) fn encoding(&self) -> Encoding {
        self.layout.encoding
    }

    pub(super) fn content(&self, message: String) -> Error {
        Error::Content { path: self.path.clone(), message }
    }

    /// The records, from the first.
    pub(super) fn records(file: &mut File, layout: Layout) -> io::Result<Records<BufReader<&File>>> {
        file.seek(SeekFrom::Start(layout.begin))?;
        Ok(Records::new(BufReader::with_capacity(256 * 1024, &*file), layout))
    }
}

/// Encoding, start of the first record, and the separator if a line `sep=` gives it.
///
/// The first line with Japanese determines the encoding; if the whole file were tried, one bad byte in a
/// UTF-8 file would turn all of it into garbage that happens to be valid CP932.
fn how_written(file: &mut File) -> io::Result<(Encoding, u64, Option<u8>)> {
    file.rewind()?;
    let mut reader = BufReader::new(&*file);
    let mut begin = 0;
    let is_marked = reader.fill_buf()?.starts_with(UTF8_MARK);
    if is_marked {
        reader.consume(UTF8_MARK.len());
        begin = UTF8_MARK.len() as u64;
    }
    let (mut told, mut encoding) = (None, is_marked.then_some(Encoding::Utf8));
    let mut line = Vec::new();
    for index in 0..MAX_TELLING {
        let Some(read) = next_line(&mut reader, &mut line)? else { break };
        if index == 0 {
            told = separator_line(&line);
            begin += if told.is_some() { read.length } else { 0 };
        }
        if encoding.is_none() && !line.is_ascii() && read.outcome.is_ok() {
            let of = |encoding: Encoding| encoding.decode(&line).is_some().then_some(encoding);
            encoding = of(Encoding::Utf8).or_else(|| of(Encoding::Cp932));
        }
        if encoding.is_some() {
            break;
        }
    }
    Ok((encoding.unwrap_or(Encoding::Utf8), begin, told))
}

/// Excel's `sep=;`.
fn separator_line(line: &[u8]) -> Option<u8> {
    let line = line.strip_prefix(b"\"").and_then(|line| line.strip_suffix(b"\"")).unwrap_or(line);
    match line.strip_prefix(b"sep=").or_else(|| line.strip_prefix(b"SEP="))? {
        [separator @ (b',' | b';' | b'\t')] => Some(*separator),
        _ => None,
    }
}

fn head(file: &mut File, layout: Layout) -> io::Result<Vec<Result<Vec<String>, LineError>>> {
    let mut records = Header::records(file, layout)?;
    let (mut head, mut cells) = (Vec::new(), Vec::new());
    while head.len() < MAX_HEAD {
        let Some(record) = records.next(&mut cells)? else { break };
        head.push(record.outcome.map(|()| cells.clone()));
    }
    Ok(head)
}

/// A row that may be the header.
struct Proposed {
    rating: usize,
    /// From 1.
    row: usize,
    titles: Vec<String>,
    /// With the titles of the row above.
    is_double: bool,
}

/// The header's row: the chosen one, the one rated highest, or the first with two values. `None`: it can't be read.
fn propose(
    head: &[Result<Vec<String>, LineError>],
    chosen: Option<usize>,
    workbook: Option<&Workbook>,
    rate: &dyn Fn(&[String]) -> Result<usize, Error>,
) -> Result<Option<Proposed>, Error> {
    let at = |index: usize| -> Result<Option<Proposed>, Error> {
        let cells = |index: usize| head.get(index).and_then(|row| row.as_ref().ok()).map(|row| clean(row));
        let Some(titles) = cells(index) else { return Ok(None) };
        let alone = rate(&titles)?;
        // A chosen row that needs no other was meant as it is.
        if (chosen.is_none() || alone < FITS)
            && let Some(above) = index.checked_sub(1)
            && let Some(upper) = cells(above)
        {
            let merged: Vec<_> = workbook.map(|workbook| workbook.merged_in(above)).unwrap_or_default();
            if let Some((rating, titles)) = joined(&upper, &titles, &merged, rate)? {
                return Ok(Some(Proposed { rating, row: index + 1, titles, is_double: true }));
            }
        }
        Ok(Some(Proposed { rating: alone, row: index + 1, titles, is_double: false }))
    };
    if let Some(row) = chosen {
        return at(row.saturating_sub(1));
    }
    let mut best: Option<Proposed> = None;
    for index in 0..head.len() {
        let Some(found) = at(index)?.filter(|found| found.rating > 0) else { continue };
        let most = best.as_ref().map_or(0, |best| best.rating);
        if found.rating > most || found.is_double && found.rating == most {
            best = Some(found);
        }
    }
    if best.is_some() {
        return Ok(best);
    }
    let filled = |least: usize| {
        head.iter().position(|cells| {
            cells.as_ref().is_ok_and(|cells| cells.iter().filter(|cell| !cell.is_empty()).count() >= least)
        })
    };
    at(filled(2).or_else(|| filled(1)).unwrap_or(0))
}

/// Titles made safe for display, also on terminals, without empty ones at the end.
fn clean(cells: &[String]) -> Vec<String> {
    let is_shown = |c: &char| !text::is_forbidden(*c);
    let mut titles: Vec<String> = cells.iter().map(|cell| cell.chars().filter(is_shown).collect()).collect();
    let end = titles.iter().rposition(|title: &String| !title.is_empty()).map_or(1, |last| last + 1);
    titles.truncate(end);
    titles
}
