//! From bytes to lines to cells. CSV as spreadsheets write it (RFC 4180), parsed by hand: an unclosed quote must
//! spoil only its own line, while the crate `csv` would read on to the end of the file.

use std::io::{self, BufRead};

use crate::{characters, encoding::Encoding};

/// The longest accepted line, in bytes.
pub const MAX_LINE: usize = 64 * 1024;

/// The most cells in a line.
const MAX_CELLS: usize = 1024;

/// Why a line could not be split.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LineError {
    /// Longer than [`MAX_LINE`].
    TooLong,
    /// More than [`MAX_CELLS`].
    TooManyCells,
    /// This cell (from 0) holds bytes of another encoding; the text says which, in Japanese.
    Undecodable(usize, String),
    /// This cell (from 0) opens a quote that is never closed.
    UnclosedQuote(usize),
    /// Something follows the closing quote of this cell (from 0).
    AfterQuote(usize),
}

/// A line that was read.
pub struct Line {
    /// Its length in the file in bytes, line end included.
    pub length: u64,
    /// Whether it was read whole.
    pub outcome: Result<(), LineError>,
}

/// Reads the next line into `line`, without its end: LF, CRLF, or CR as old Macs write it. An overlong line is
/// truncated. `None`: no more lines.
pub fn next_line(reader: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<Option<Line>> {
    line.clear();
    let mut length = 0;
    let mut too_long = false;
    loop {
        let buffer = reader.fill_buf()?;
        if buffer.is_empty() {
            break;
        }
        let end = buffer.iter().position(|&byte| matches!(byte, b'\n' | b'\r'));
        let is_return = end.is_some_and(|end| buffer[end] == b'\r');
        let taken = end.map_or(buffer.len(), |end| end + 1);
        if line.len() + taken > MAX_LINE {
            too_long = true;
        } else {
            line.extend_from_slice(&buffer[..taken]);
        }
        length += taken as u64;
        reader.consume(taken);
        if is_return && reader.fill_buf()?.first() == Some(&b'\n') {
            reader.consume(1);
            length += 1;
        }
        if end.is_some() {
            break;
        }
    }
    if length == 0 {
        return Ok(None);
    }
    if too_long {
        return Ok(Some(Line { length, outcome: Err(LineError::TooLong) }));
    }
    if matches!(line.last(), Some(b'\n' | b'\r')) {
        line.pop();
    }
    Ok(Some(Line { length, outcome: Ok(()) }))
}

/// Splits a line into cells. Separators and quotes never occur as the second byte of a CP932 character, so
/// splitting bytes is safe in both encodings.
pub fn split(
    line: &[u8],
    separator: u8,
    encoding: Encoding,
    cells: &mut Vec<String>,
) -> Result<(), LineError> {
    cells.clear();
    let mut rest = Some(line);
    while let Some(bytes) = rest {
        let index = cells.len();
        if index == MAX_CELLS {
            return Err(LineError::TooManyCells);
        }
        let (cell, after) = match bytes.strip_prefix(b"\"") {
            Some(quoted) => split_quoted(quoted, separator, index)?,
            None => match bytes.iter().position(|&byte| byte == separator) {
                Some(end) => (bytes[..end].into(), Some(&bytes[end + 1..])),
                None => (bytes.into(), None),
            },
        };
        let text = encoding
            .decode(&cell)
            .ok_or_else(|| LineError::Undecodable(index, characters::describe_bytes(&cell, encoding)))?;
        cells.push(trim(&text).to_owned());
        rest = after;
    }
    Ok(())
}

type CellAndRest<'a> = (std::borrow::Cow<'a, [u8]>, Option<&'a [u8]>);

fn split_quoted(bytes: &[u8], separator: u8, index: usize) -> Result<CellAndRest<'_>, LineError> {
    let mut cell = Vec::new();
    let mut rest = bytes;
    loop {
        let end = rest.iter().position(|&byte| byte == b'"').ok_or(LineError::UnclosedQuote(index))?;
        cell.extend_from_slice(&rest[..end]);
        rest = &rest[end + 1..];
        match rest.first() {
            Some(b'"') => {
                cell.push(b'"');
                rest = &rest[1..];
            }
            Some(&byte) if byte == separator => return Ok((cell.into(), Some(&rest[1..]))),
            None => return Ok((cell.into(), None)),
            Some(_) => return Err(LineError::AfterQuote(index)),
        }
    }
}

/// Leading and trailing spaces of either width mean nothing in a roster.
fn trim(text: &str) -> &str {
    text.trim_matches([' ', '\u{3000}', '\t', '\n'])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cells(line: &[u8]) -> Result<Vec<String>, LineError> {
        let mut cells = Vec::new();
        split(line, b',', Encoding::Utf8, &mut cells).map(|()| cells)
    }

    #[test]
    fn quotes_hold_separators_and_doubled_quotes() {
        assert_eq!(cells(b"a,\"b,\"\"c\"\"\",").unwrap(), ["a", "b,\"c\"", ""]);
        assert_eq!(cells(b"a,\"b"), Err(LineError::UnclosedQuote(1)));
        assert_eq!(cells(b"\"a\"b,c"), Err(LineError::AfterQuote(0)));
        assert!(matches!(cells(b"a,\xFF"), Err(LineError::Undecodable(1, _))));
    }

    #[test]
    fn lines_end_with_either_line_end_and_the_last_with_none() {
        let mut reader = &b"a\r\nb\n\rc"[..];
        let mut line = Vec::new();
        let mut lines = Vec::new();
        while let Some(read) = next_line(&mut reader, &mut line).unwrap() {
            read.outcome.unwrap();
            lines.push(String::from_utf8(line.clone()).unwrap());
        }
        assert_eq!(lines, ["a", "b", "", "c"]);
    }

    #[test]
    fn a_line_without_end_takes_no_memory() {
        let endless = vec![b'x'; MAX_LINE * 4];
        let mut line = Vec::new();
        let read = next_line(&mut &endless[..], &mut line).unwrap().unwrap();
        assert_eq!((read.length, read.outcome), (endless.len() as u64, Err(LineError::TooLong)));
        assert!(line.capacity() <= MAX_LINE * 2);
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(line in proptest::collection::vec(any::<u8>(), 0..200)) {
            let mut cells = Vec::new();
            for encoding in [Encoding::Utf8, Encoding::Cp932] {
                for separator in [b',', b'\t'] {
                    drop(split(&line, separator, encoding, &mut cells));
                }
            }
        }

        #[test]
        fn quoted_cells_come_back_as_they_were(cell in "[^\r\n\t \u{3000}]{0,20}") {
            let line = format!("\"{}\",x", cell.replace('"', "\"\""));
            prop_assert_eq!(cells(line.as_bytes()).unwrap(), [cell, "x".to_owned()]);
        }
    }
}
