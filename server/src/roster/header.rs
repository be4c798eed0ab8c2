//! The first line of a file: what the file is, and how it is written.

use std::{
    fs::File,
    io::{self, BufRead, BufReader},
    path::{Path, PathBuf},
};

use touroku_proto::text;

use super::{
    file::describe,
    lines::{Encoding, next_line, split},
};
use crate::error::Error;

const UTF8_MARK: &[u8] = b"\xEF\xBB\xBF";

/// What files that are no text begin with, and what they are.
const OTHERS: [(&[u8], &str); 8] = [
    (b"PK\x03\x04", "Excelブックか圧縮ファイルです。CSV形式で保存し直してください"),
    (b"\xD0\xCF\x11\xE0", "Excelブックか圧縮ファイルです。CSV形式で保存し直してください"),
    (b"\x1F\x8B", "圧縮ファイルです。展開してから、CSVファイルを選んでください"),
    (b"\xFF\xFE", "UTF-16で書かれています。「CSV UTF-8」で保存し直してください"),
    (b"\xFE\xFF", "UTF-16で書かれています。「CSV UTF-8」で保存し直してください"),
    (b"%PDF", "PDFです。CSV形式で保存し直してください"),
    (b"<", "HTMLかXMLです。Excelで開き、CSV形式で保存し直してください"),
    (b"{", "JSONのようです。CSV形式で保存し直してください"),
];

/// Rows that are asked for the encoding, where the header does not tell it.
const MAX_TELLING: usize = 1_000;

/// A file's header.
pub(crate) struct Header {
    pub(super) path: PathBuf,
    /// How the file is written.
    pub(crate) encoding: Encoding,
    /// Between its cells.
    pub(crate) separator: u8,
    /// Its cells.
    pub(crate) titles: Vec<String>,
}

impl Header {
    /// Opens a file and reads its header.
    ///
    /// # Errors
    /// [`Error::Content`] that says in Japanese what the file seems to be.
    pub(crate) fn open(path: &Path) -> Result<(File, Self), Error> {
        let file = File::open(path).map_err(Error::file(path))?;
        let content = |message: String| Error::Content { path: path.to_owned(), message };
        let mut line = Vec::new();
        let mut reader = BufReader::new(&file);
        let read = next_line(&mut reader, &mut line).map_err(Error::file(path))?;
        let Some(read) = read else { return Err(content("ファイルが空です".to_owned())) };
        if let Some((_, what)) = OTHERS.iter().find(|(begin, _)| line.starts_with(begin)) {
            return Err(content((*what).to_owned()));
        }
        if read.outcome.is_err() {
            return Err(content("1行目が長すぎます。CSVファイルではないようです".to_owned()));
        }
        let header = line.strip_prefix(UTF8_MARK).unwrap_or(&line);
        if header.contains(&0) {
            let message = "1行目にNUL（0x00）があります。UTF-16で書かれているか、テキストファイルではありません。\
                           「CSV UTF-8」で保存し直してください";
            return Err(content(message.to_owned()));
        }
        // The header's Japanese tells the encoding; were the whole file tried, one bad byte in a UTF-8 file
        // would turn all of it into rubbish that happens to be CP932.
        let marked = header.len() < line.len();
        let encoding = match std::str::from_utf8(header) {
            Ok(text) if !marked && text.is_ascii() => {
                told_by_rows(&mut reader).map_err(Error::file(path))?.unwrap_or(Encoding::Utf8)
            }
            Ok(_) => Encoding::Utf8,
            Err(_) if marked => Encoding::Utf8,
            Err(_) => Encoding::Cp932,
        };
        let separator = if header.contains(&b'\t') { b'\t' } else { b',' };
        let mut titles = Vec::new();
        split(header, separator, encoding, &mut titles).map_err(|error| {
            let (column, reason) = describe(&error);
            let column = column.map(|column| format!("{}列", column + 1)).unwrap_or_default();
            content(format!("1行{column}: {reason}"))
        })?;
        // Titles are shown, also on terminals.
        titles.iter_mut().for_each(|title| title.retain(|c| !text::is_forbidden(c)));
        Ok((file, Self { path: path.to_owned(), encoding, separator, titles }))
    }

    pub(super) fn content(&self, message: String) -> Error {
        Error::Content { path: self.path.clone(), message }
    }
}

/// Of a file whose header has no Japanese: what the first rows that have some say.
fn told_by_rows(reader: &mut impl BufRead) -> io::Result<Option<Encoding>> {
    let mut line = Vec::new();
    for _ in 0..MAX_TELLING {
        if next_line(reader, &mut line)?.is_none() {
            break;
        }
        if !line.is_ascii() {
            let of = |encoding: Encoding| encoding.decode(&line).is_some().then_some(encoding);
            return Ok(of(Encoding::Utf8).or_else(|| of(Encoding::Cp932)));
        }
    }
    Ok(None)
}
