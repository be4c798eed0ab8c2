//! Records: one line each, or several where a quoted value contains line breaks.

use std::{
    collections::VecDeque,
    io::{self, BufRead},
};

use touroku_japanese::{
    encoding::Encoding,
    lines::{Line, LineError, MAX_LINE, next_line, split},
};

/// The most lines in one record. Existing addresses have two or three.
const MAX_LINES: usize = 100;

/// How a text is divided.
#[derive(Clone, Copy, Debug)]
pub(super) struct Layout {
    pub(super) encoding: Encoding,
    pub(super) separator: u8,
    /// Where the first record begins: after a byte order mark and Excel's line `sep=`.
    pub(super) begin: u64,
}

/// A record that was read.
pub(super) struct Record {
    /// From 1, as in a spreadsheet.
    pub(super) row: usize,
    /// Bytes up to its end.
    pub(super) end: u64,
    /// Whether it could be split into cells.
    pub(super) outcome: Result<(), LineError>,
}

/// The records of a text.
pub(super) struct Records<R> {
    reader: R,
    layout: Layout,
    row: usize,
    end: u64,
    /// Lines read while looking for a closing quote.
    ahead: VecDeque<(Vec<u8>, Line)>,
    /// This many following lines belong to an unclosed quote and are not searched again.
    vain: usize,
}

impl<R: BufRead> Records<R> {
    /// `reader` is positioned at the first record.
    pub(super) fn new(reader: R, layout: Layout) -> Self {
        Self { reader, layout, row: 0, end: layout.begin, ahead: VecDeque::new(), vain: 0 }
    }

    /// Reads the next record into `cells`, as far as it can be split. `None`: end of file.
    pub(super) fn next(&mut self, cells: &mut Vec<String>) -> io::Result<Option<Record>> {
        cells.clear();
        let Some((bytes, line)) =
            self.ahead.pop_front().map_or_else(|| self.line(), |line| Ok(Some(line)))?
        else {
            return Ok(None);
        };
        self.row += 1;
        self.end += line.length;
        let may_go_on = self.vain == 0;
        self.vain = self.vain.saturating_sub(1);
        let mut outcome = line.outcome.and_then(|()| self.split(&bytes, cells));
        if may_go_on && matches!(outcome, Err(LineError::UnclosedQuote(_))) {
            outcome = match self.go_on(&bytes, cells)? {
                true => Ok(()),
                false => self.split(&bytes, cells),
            };
        }
        Ok(Some(Record { row: self.row, end: self.end, outcome }))
    }

    /// Reads on to the closing quote. `false`: there is no sensible one, so only this line is spoilt.
    fn go_on(&mut self, first: &[u8], cells: &mut Vec<String>) -> io::Result<bool> {
        let mut joined = first.to_vec();
        let mut length = 0;
        for taken in 1..=MAX_LINES {
            if self.ahead.len() < taken {
                let Some(line) = self.line()? else { break };
                self.ahead.push_back(line);
            }
            let Some((bytes, line)) = self.ahead.get(taken - 1) else { break };
            if line.outcome.is_err() || joined.len() + 1 + bytes.len() > MAX_LINE {
                break;
            }
            joined.push(b'\n');
            joined.extend(bytes);
            length += line.length;
            self.vain = taken;
            if !bytes.contains(&b'"') {
                continue;
            }
            match split(&joined, self.layout.separator, self.layout.encoding, cells) {
                Err(LineError::UnclosedQuote(_)) => {}
                Ok(()) => {
                    self.ahead.drain(..taken);
                    self.end += length;
                    self.vain = 0;
                    return Ok(true);
                }
                Err(_) => break,
            }
        }
        Ok(false)
    }

    fn split(&self, bytes: &[u8], cells: &mut Vec<String>) -> Result<(), LineError> {
        split(bytes, self.layout.separator, self.layout.encoding, cells)
    }

    fn line(&mut self) -> io::Result<Option<(Vec<u8>, Line)>> {
        let mut bytes = Vec::new();
        Ok(next_line(&mut self.reader, &mut bytes)?.map(|line| (bytes, line)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records(text: &str) -> Vec<(usize, Result<Vec<String>, LineError>)> {
        let layout = Layout { encoding: Encoding::Utf8, separator: b',', begin: 0 };
        let mut records = Records::new(text.as_bytes(), layout);
        let (mut found, mut cells) = (Vec::new(), Vec::new());
        while let Some(record) = records.next(&mut cells).unwrap() {
            found.push((record.row, record.outcome.map(|()| cells.clone())));
            assert!(record.end <= text.len() as u64);
        }
        found
    }

    #[test]
    fn a_value_in_quotes_may_hold_line_breaks() {
        for end in ["\n", "\r\n", "\r"] {
            let found = records(&format!("a,\"b{end}c\",d{end}e{end}"));
            assert_eq!(found.len(), 2, "{found:?}");
            assert_eq!(found[0].1.as_ref().unwrap(), &["a", "b\nc", "d"]);
            assert_eq!((found[1].0, found[1].1.as_ref().unwrap().as_slice()), (2, &["e".to_owned()][..]));
        }
    }

    #[test]
    fn a_quote_without_an_end_spoils_its_own_line_only() {
        let found = records("1,\"a\n2,b\n3,\"c\"\n4,\"d");
        let outcomes: Vec<bool> = found.iter().map(|(_, outcome)| outcome.is_ok()).collect();
        assert_eq!(outcomes, [false, true, true, false], "{found:?}");
    }

    #[test]
    fn many_quotes_without_an_end_take_no_longer_than_their_lines() {
        let found = records(&"1,\"a\n2,b\n".repeat(20_000));
        assert_eq!(found.len(), 40_000);
    }
}
