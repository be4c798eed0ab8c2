//! Excel workbooks (.xlsx): a sheet is converted to CSV text and treated as such from there on.

use std::{
    fs::File,
    io::{BufReader, BufWriter, Read, Write},
    ops::Range,
    path::Path,
};

use calamine::{DataRef, Dimensions, Reader as _, SheetType, SheetVisible, Style, Xlsx, XlsxError};

use super::workbook_text::shown;
use crate::error::Error;

/// The maximum size of workbook parts that are read into memory, in bytes.
const MAX_PART: u64 = 256 * 1024 * 1024;

/// The same of the texts that cells share: of 1,048,576 rows, 12 each, with how they are read aloud.
const MAX_TEXTS: u64 = 1024 * 1024 * 1024;

/// The maximum size of a sheet, in bytes. 1,048,576 rows of 20 cells take some 1.5 GB.
const MAX_SHEET: u64 = 4 * 1024 * 1024 * 1024;

/// The most bytes between two tags. A cell of Excel holds 32,767 characters.
const MAX_TEXT: usize = 1024 * 1024;

const MAX_FILES: usize = 10_000;

/// The most elements of a name in a part, of those that are read into memory: each takes many times the bytes it has in
/// the file. Excel itself has some 65,000 formats, of cells and of named styles.
const MAX_ELEMENTS: [(&[u8], u64); 7] = [
    (b"xf", 262_144),
    (b"font", 262_144),
    (b"fill", 262_144),
    (b"border", 262_144),
    (b"mergeCell", 100_000),
    (b"si", 12 * 1_048_576),
    FORMULA,
];

/// Within so many bytes shared strings say how many they are.
const HEAD: usize = 4096;

/// Not read into memory, but counted.
const FORMULA: (&[u8], u64) = (b"f", u64::MAX);

/// The most columns read.
const MAX_COLUMNS: u32 = 1024;

/// Rows in which a vertically merged cell applies to the rows below it: titles are merged, companies are not.
const MERGED_ROWS: u32 = 50;

#[derive(Clone, Debug)]
pub(crate) struct Workbook {
    /// Its sheets in order, including hidden ones.
    pub(crate) sheets: Vec<String>,
    pub(crate) sheet: String,
    /// Row and columns, from 0, of what is merged sideways at its beginning.
    merged: Vec<(usize, Range<usize>)>,
}

impl Workbook {
    /// Columns, from 0, that are merged in that row.
    pub(super) fn merged_in(&self, row: usize) -> Vec<Range<usize>> {
        self.merged.iter().filter(|(in_row, _)| *in_row == row).map(|(_, columns)| columns.clone()).collect()
    }
}

/// Writes a sheet as CSV into a file in `scratch` that disappears with the handle. By default the first visible
/// sheet.
pub(super) fn to_text(path: &Path, scratch: &Path, sheet: Option<&str>) -> Result<(File, Workbook), Error> {
    let content = |message: &str| Error::Content { path: path.to_owned(), message: message.to_owned() };
    let has_formulas = examine(path).map_err(|refused| match refused {
        Refused::Io(error) => Error::file(path)(error),
        Refused::Content(message) => content(message),
    })?;
    let broken = |error| match error {
        // Of the newer ones: `#SPILL!`.
        XlsxError::CellError(shown) => content(&format!(
            "数式がエラー（{shown}）になっているセルがあります。Excelで直して保存し直してください"
        )),
        _ => content(BROKEN),
    };
    let file = BufReader::new(File::open(path).map_err(Error::file(path))?);
    let mut workbook: Xlsx<_> = Xlsx::new(file).map_err(broken)?;
    let sheets: Vec<_> = workbook
        .sheets_metadata()
        .iter()
        .filter(|sheet| sheet.typ == SheetType::WorkSheet)
        .cloned()
        .collect();
    let chosen = match sheet {
        Some(name) => sheets.iter().find(|sheet| sheet.name == name),
        None => sheets.iter().find(|sheet| sheet.visible == SheetVisible::Visible).or(sheets.first()),
    };
    let Some(chosen) = chosen else {
        let names: Vec<&str> = sheets.iter().map(|sheet| sheet.name.as_str()).collect();
        return Err(Error::Content {
            path: path.to_owned(),
            message: format!("選んだシートがありません。あるシート: {}", names.join("、")),
        });
    };
    let name = chosen.name.clone();
    if has_formulas && let Some(cell) = never_calculated(&mut workbook, &name).map_err(broken)? {
        return Err(content(&format!(
            "数式の計算結果が保存されていないセル（{cell}）があります。Excelで開き、保存し直してください"
        )));
    }
    let merged = workbook.merge_cells_by_sheet_name(&name).unwrap_or_default();
    let text = tempfile::tempfile_in(scratch).map_err(Error::file(scratch))?;
    let mut writer =
        Sheet { text: BufWriter::new(text), merged: titles(&merged), row: 0, cells: Vec::new(), width: 0 };
    let mut cells = workbook.worksheet_cells_reader(&name).map_err(broken)?;
    let styles: Vec<Style> = cells.styles().to_vec();
    while let Some((cell, style)) = cells.next_cell_with_style_id().map_err(broken)? {
        let (row, column) = cell.get_position();
        let value = cell.get_value();
        if matches!(value, DataRef::Empty) {
            continue;
        }
        if column >= MAX_COLUMNS {
            return Err(content("列が多すぎます（1024列まで）"));
        }
        if row < writer.row {
            return Err(content(BROKEN));
        }
        let format = styles.get(style).and_then(|style| style.number_format.as_ref());
        let text = shown(value, format.map_or("", |format| &format.format_code));
        writer.put(row, column as usize, text).map_err(Error::file(scratch))?;
    }
    let text = writer.finish().map_err(Error::file(scratch))?;
    let sheets = sheets.into_iter().map(|sheet| sheet.name).collect();
    Ok((text, Workbook { sheets, sheet: name, merged: sideways(&merged) }))
}

/// The first cell of a sheet whose formula was written by a program that does not calculate: its value is not known.
fn never_calculated(workbook: &mut Xlsx<BufReader<File>>, sheet: &str) -> Result<Option<String>, XlsxError> {
    let mut cells = workbook.worksheet_cells_reader(sheet)?;
    while let Some(cell) = cells.next_cell_with_formula_metadata()? {
        if cell.formula.is_some() && matches!(cell.value, DataRef::Empty) {
            return Ok(Some(place_of(cell.pos)));
        }
    }
    Ok(None)
}

/// `AB3`, of row and column from 0.
fn place_of((row, column): (u32, u32)) -> String {
    let (mut letters, mut rest) = (Vec::new(), column + 1);
    while rest > 0 {
        letters.extend(char::from_digit((rest - 1) % 26 + 10, 36).map(|letter| letter.to_ascii_uppercase()));
        rest = (rest - 1) / 26;
    }
    format!("{}{}", letters.into_iter().rev().collect::<String>(), row + 1)
}

const BROKEN: &str = "Excelブックとして読めません。壊れているか、別の種類のファイルです。Excelで開き、「Excelブック（.xlsx）」か\
                      「CSV UTF-8」で保存し直してください";

const TOO_BIG: &str = "展開すると大きくなりすぎるExcelブックです。名簿のシートだけを新しいブックに写すか、「CSV UTF-8」で保存し直して\
                       ください";

enum Refused {
    Io(std::io::Error),
    Content(&'static str),
}

/// Scans the parts of a workbook before anything is kept of them: a few kilobytes may expand to gigabytes. Whether a
/// sheet has formulas.
fn examine(path: &Path) -> Result<bool, Refused> {
    let file = BufReader::new(File::open(path).map_err(Refused::Io)?);
    let mut archive = zip::ZipArchive::new(file).map_err(|_| Refused::Content(BROKEN))?;
    if archive.len() > MAX_FILES {
        return Err(Refused::Content(TOO_BIG));
    }
    // Where a part stands is written in others; some programs write it with `\`.
    let normal = |name: &str| name.replace('\\', "/").to_ascii_lowercase();
    let mut names = Vec::with_capacity(archive.len());
    for name in archive.file_names() {
        names.push(normal(&name.map_err(|_| Refused::Content(BROKEN))?));
    }
    let has = |wanted: &str| names.iter().any(|name| name.ends_with(wanted));
    if has("workbook.bin") {
        return Err(Refused::Content(
            "Excelバイナリブック（.xlsb）です。Excelで開き、「Excelブック（.xlsx）」か「CSV UTF-8」で保存し直してください",
        ));
    }
    if has("meta-inf/manifest.xml") {
        return Err(Refused::Content(
            "LibreOfficeなどの表計算ファイル（.ods）です。「Excelブック（.xlsx）」か「CSV」で保存し直してください",
        ));
    }
    if !has("workbook.xml") {
        return Err(Refused::Content(if has("[content_types].xml") {
            BROKEN
        } else {
            "圧縮ファイルです。展開してから、CSVファイルかExcelブックを選んでください"
        }));
    }
    let mut has_formulas = false;
    for index in 0..archive.len() {
        let mut part = archive.by_index(index).map_err(|_| Refused::Content(BROKEN))?;
        let name = normal(&part.name().map_err(|_| Refused::Content(BROKEN))?);
        if !name.ends_with(".xml") && !name.ends_with(".rels") {
            continue;
        }
        let (is_sheet, holds_texts) = (name.contains("worksheets/"), name.ends_with("sharedstrings.xml"));
        let most = match (holds_texts, is_sheet) {
            (true, _) => MAX_TEXTS,
            (_, true) => MAX_SHEET,
            _ => MAX_PART,
        };
        if part.size() > most {
            return Err(Refused::Content(TOO_BIG));
        }
        has_formulas |= examine_part(&mut part, most, holds_texts)?;
    }
    Ok(has_formulas)
}

/// How often those of [`MAX_ELEMENTS`] begin, and the tag that is being read.
#[derive(Default)]
struct Elements {
    counts: [u64; MAX_ELEMENTS.len()],
    tag: Vec<u8>,
    is_in_tag: bool,
}

impl Elements {
    /// Reads on; `piece` ends with `<` or with what was read of the part. Whether there are too many.
    fn read(&mut self, piece: &[u8]) -> bool {
        if self.is_in_tag {
            let end =
                piece.iter().position(|byte| matches!(byte, b' ' | b'/' | b'>' | b'\t' | b'\r' | b'\n'));
            self.tag.extend(piece.iter().take(end.unwrap_or(piece.len())));
            if end.is_some() {
                self.is_in_tag = false;
                let local = self.tag.rsplit(|&byte| byte == b':').next().unwrap_or_default();
                let counts = self.counts.iter_mut().zip(MAX_ELEMENTS);
                for (count, _) in counts.filter(|(_, (name, _))| *name == local) {
                    *count += 1;
                }
            }
        }
        if piece.ends_with(b"<") {
            self.tag.clear();
            self.is_in_tag = true;
        }
        self.counts.iter().zip(MAX_ELEMENTS).any(|(&count, (_, most))| count > most)
    }
}

/// The actual size of a part; also checks that no text in it is too long to be kept. Whether it has formulas.
fn examine_part(part: &mut impl Read, most: u64, holds_texts: bool) -> Result<bool, Refused> {
    let mut buffer = vec![0; 256 * 1024];
    let (mut total, mut text) = (0_u64, 0);
    let (mut head, mut elements) = (Vec::new(), Elements::default());
    loop {
        let read = part.read(&mut buffer).map_err(|_| Refused::Content(BROKEN))?;
        let Some(bytes) = buffer.get(..read).filter(|bytes| !bytes.is_empty()) else { break };
        total += bytes.len() as u64;
        for piece in bytes.split_inclusive(|&byte| byte == b'<') {
            text += piece.len();
            if text > MAX_TEXT || elements.read(piece) {
                return Err(Refused::Content(TOO_BIG));
            }
            if piece.ends_with(b"<") {
                text = 0;
            }
        }
        if total > most {
            return Err(Refused::Content(TOO_BIG));
        }
        head.extend(bytes.iter().take(HEAD.saturating_sub(head.len())));
    }
    // Space is reserved for as many strings as are announced; the shortest takes five bytes: `<si/>`.
    if holds_texts && announced_texts(&head).is_none_or(|announced| announced > total / 5) {
        return Err(Refused::Content(BROKEN));
    }
    Ok(elements.counts.iter().zip(MAX_ELEMENTS).any(|(&count, counted)| count > 0 && counted == FORMULA))
}

/// `uniqueCount` of the shared strings, 0 where it is not said. `None`: they don't begin with `sst`, or it is no count.
fn announced_texts(head: &[u8]) -> Option<u64> {
    let head = String::from_utf8_lossy(head);
    let mut head = head.trim_start_matches('\u{feff}').trim_start();
    if head.starts_with("<?xml") {
        head = head.split_once("?>")?.1.trim_start();
    }
    let (tag, _) = head.strip_prefix('<')?.split_once('>')?;
    let (name, attributes) = tag.split_once(char::is_whitespace).unwrap_or((tag.trim_end_matches('/'), ""));
    if name.rsplit(':').next() != Some("sst") {
        return None;
    }
    let Some((_, value)) = attributes.split_once("uniqueCount") else { return Some(0) };
    let value = value.trim_start().strip_prefix('=')?.trim_start();
    let digits = value.strip_prefix(['"', '\''])?.split(['"', '\'']).next()?;
    digits.parse().ok()
}

/// A vertically merged title.
struct Title {
    column: usize,
    first: u32,
    last: u32,
    text: String,
}

fn titles(merged: &[Dimensions]) -> Vec<Title> {
    let downwards = merged.iter().filter(|cells| cells.end.0 > cells.start.0 && cells.start.0 < MERGED_ROWS);
    downwards
        .map(|cells| Title {
            column: cells.start.1 as usize,
            first: cells.start.0,
            last: cells.end.0.min(MERGED_ROWS),
            text: String::new(),
        })
        .filter(|title| title.column < MAX_COLUMNS as usize)
        .collect()
}

fn sideways(merged: &[Dimensions]) -> Vec<(usize, Range<usize>)> {
    let wide = merged.iter().filter(|cells| cells.end.1 > cells.start.1 && cells.start.0 < MERGED_ROWS);
    wide.map(|cells| (cells.start.0 as usize, cells.start.1 as usize..cells.end.1 as usize + 1)).collect()
}

/// A sheet being converted to text.
struct Sheet {
    text: BufWriter<File>,
    merged: Vec<Title>,
    /// From 0.
    row: u32,
    cells: Vec<String>,
    /// Of the widest row so far: cells that are empty to its end do not stand in a workbook, and are no fault.
    width: usize,
}

impl Sheet {
    fn put(&mut self, row: u32, column: usize, text: String) -> std::io::Result<()> {
        while self.row < row {
            self.end_row()?;
        }
        for title in self.merged.iter_mut().filter(|title| title.first == row && title.column == column) {
            title.text.clone_from(&text);
        }
        if self.cells.len() <= column {
            self.cells.resize(column + 1, String::new());
        }
        if let Some(cell) = self.cells.get_mut(column) {
            *cell = text;
        }
        Ok(())
    }

    fn end_row(&mut self) -> std::io::Result<()> {
        if self.row <= MERGED_ROWS {
            for title in self.merged.iter().filter(|title| title.first < self.row && self.row <= title.last) {
                if self.cells.len() <= title.column {
                    self.cells.resize(title.column + 1, String::new());
                }
                if let Some(cell) = self.cells.get_mut(title.column).filter(|cell| cell.is_empty()) {
                    cell.clone_from(&title.text);
                }
            }
        }
        self.width = self.width.max(self.cells.len());
        if !self.cells.is_empty() {
            self.cells.resize(self.width, String::new());
        }
        for (index, cell) in self.cells.iter().enumerate() {
            if index > 0 {
                self.text.write_all(b",")?;
            }
            if !cell.is_empty() {
                write!(
                    self.text,
                    "\"{}\"",
                    cell.replace('"', "\"\"").replace("\r\n", "\n").replace('\r', "\n")
                )?;
            }
        }
        self.text.write_all(b"\n")?;
        self.cells.clear();
        self.row += 1;
        Ok(())
    }

    fn finish(mut self) -> std::io::Result<File> {
        self.end_row()?;
        self.text.into_inner().map_err(std::io::IntoInnerError::into_error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_that_unfolds_without_end_is_refused() {
        let endless = std::io::repeat(b' ');
        assert!(matches!(examine_part(&mut { endless }, MAX_PART, false), Err(Refused::Content(TOO_BIG))));
        let rows = b"<row/>".repeat(1000);
        assert!(matches!(examine_part(&mut &rows[..], 5_999, false), Err(Refused::Content(TOO_BIG))));
        assert!(examine_part(&mut &rows[..], 6_000, false).is_ok());
    }

    #[test]
    fn more_formats_than_excel_has_are_refused_however_small_they_are() {
        let read = |part: Vec<u8>| examine_part(&mut &part[..], MAX_PART, false);
        assert!(read(b"<xf/>".repeat(262_144)).is_ok());
        assert!(matches!(read(b"<xf/>".repeat(262_145)), Err(Refused::Content(TOO_BIG))));
        assert!(matches!(read(b"<x:xf a='1'></x:xf>".repeat(262_145)), Err(Refused::Content(TOO_BIG))));
        assert!(matches!(read(b"<mergeCell ref='A1'/>".repeat(100_001)), Err(Refused::Content(TOO_BIG))));
        assert!(read(b"<row r='1'/>".repeat(200_000)).is_ok());
    }

    #[test]
    fn texts_that_are_announced_and_not_there_are_refused() {
        let part = br#"<sst count="1" uniqueCount="99999999999"><si><t>a</t></si></sst>"#;
        assert!(matches!(examine_part(&mut &part[..], MAX_PART, true), Err(Refused::Content(BROKEN))));
        for begin in [
            r#"<!-- <sst uniqueCount="0"> --><sst uniqueCount="99999999999">"#,
            r#"<?xml version="1.0"?> <x:sst uniqueCount = '99999999999'>"#,
            r#"<sst uniqueCount="999999999999999999999999">"#,
            "<si>",
        ] {
            let part = format!("{begin}<si><t>a</t></si>");
            assert!(examine_part(&mut part.as_bytes(), MAX_PART, true).is_err(), "{begin}");
        }
        let part = b"\xef\xbb\xbf<?xml version='1.0'?>\r\n<sst/>";
        assert!(examine_part(&mut &part[..], MAX_PART, true).is_ok());
        let part = br#"<sst count="1" uniqueCount="1"><si><t>a</t></si></sst>"#;
        assert!(examine_part(&mut &part[..], MAX_PART, true).is_ok());
    }
}
