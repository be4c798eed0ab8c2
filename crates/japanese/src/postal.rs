//! 郵便番号: Japan Post's table, `utf_ken_all.csv` (UTF-8) or the older `KEN_ALL.CSV` (CP932), 15 columns without
//! a header. In the older one an overlong 町域名 continues on the next line.

use std::collections::HashSet;

use crate::{
    encoding::Encoding,
    lines::{LineError, next_line, split},
    row::RowError,
    text,
    town::town,
};

const COLUMNS: [&str; 15] = [
    "全国地方公共団体コード",
    "旧郵便番号",
    "郵便番号",
    "都道府県名カナ",
    "市区町村名カナ",
    "町域名カナ",
    "都道府県名",
    "市区町村名",
    "町域名",
    "一町域が二以上の郵便番号",
    "小字毎に番地が起番",
    "丁目を有する",
    "一つの郵便番号で二以上の町域",
    "更新の表示",
    "変更理由",
];
const AREA: usize = 0;
const CODE: usize = 2;
const PREFECTURE: usize = 6;
const CITY: usize = 7;
const TOWN: usize = 8;

/// How many mistakes are listed; a file with more is some other file.
const MAX_LISTED: usize = 1000;

/// A code and one of its addresses.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PostalAddress {
    /// Seven digits.
    pub code: String,
    /// 都道府県, 市区町村 and 町域.
    pub address: String,
}

/// A table without mistakes.
#[derive(Debug)]
pub struct PostalTable {
    /// In the file's order, without duplicates.
    pub addresses: Vec<PostalAddress>,
    /// How it was written.
    pub encoding: Encoding,
}

/// The parts of a line that are used.
struct Line {
    number: usize,
    code: String,
    place: String,
    town: String,
}

impl PostalTable {
    /// Reads a file's bytes, or returns everything wrong with them.
    pub fn parse(bytes: &[u8]) -> Result<Self, Vec<RowError>> {
        let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
        let first = bytes.split(|&byte| byte == b'\n').next().unwrap_or_default();
        // The first line contains Japanese; if the whole file were tried, one bad byte would make it all CP932.
        let encoding = if std::str::from_utf8(first).is_ok() { Encoding::Utf8 } else { Encoding::Cp932 };
        let mut reader =
            Reader { seen: HashSet::new(), addresses: Vec::new(), open: None, mistakes: Vec::new() };
        let (mut rest, mut line, mut cells) = (bytes, Vec::new(), Vec::new());
        let mut number = 0;
        while let Ok(Some(read)) = next_line(&mut rest, &mut line) {
            number += 1;
            match read.outcome.and_then(|()| split(&line, b',', encoding, &mut cells)) {
                Ok(()) if cells.iter().all(String::is_empty) => {}
                Ok(()) => match check(number, &cells) {
                    Ok(line) => reader.take(line),
                    Err(mistake) => reader.mistakes.push(mistake),
                },
                Err(error) => reader.mistakes.push(unreadable(number, &error)),
            }
            if reader.mistakes.len() >= MAX_LISTED {
                break;
            }
        }
        reader.close();
        if reader.addresses.is_empty() && reader.mistakes.is_empty() {
            reader.mistakes.push(mistake(1, None, "郵便番号が一つもありません"));
        }
        if reader.mistakes.is_empty() {
            Ok(Self { addresses: reader.addresses, encoding })
        } else {
            Err(reader.mistakes)
        }
    }
}

/// Joins continued lines.
struct Reader {
    seen: HashSet<PostalAddress>,
    addresses: Vec<PostalAddress>,
    /// A line whose parenthesis is still open.
    open: Option<Line>,
    mistakes: Vec<RowError>,
}

impl Reader {
    fn take(&mut self, line: Line) {
        let line = match self.open.take() {
            Some(open) if open.code == line.code && open.place == line.place => {
                Line { town: open.town + &line.town, ..open }
            }
            Some(open) => {
                self.unclosed(&open);
                line
            }
            None => line,
        };
        if line.town.matches('（').count() > line.town.matches('）').count() {
            self.open = Some(line);
            return;
        }
        let address = PostalAddress { code: line.code, address: line.place + &town(&line.town) };
        if self.seen.insert(address.clone()) {
            self.addresses.push(address);
        }
    }

    fn close(&mut self) {
        if let Some(open) = self.open.take() {
            self.unclosed(&open);
        }
    }

    fn unclosed(&mut self, open: &Line) {
        self.mistakes.push(mistake(open.number, Some(TOWN), "「（」が閉じていません"));
    }
}

fn check(number: usize, cells: &[String]) -> Result<Line, RowError> {
    if cells.len() != COLUMNS.len() {
        let reason = format!("{}列のはずですが、{}列あります", COLUMNS.len(), cells.len());
        return Err(mistake(number, None, &reason));
    }
    let is_digits = |text: &str, length| text.len() == length && text.bytes().all(|b| b.is_ascii_digit());
    for (column, length) in [(AREA, 5), (CODE, 7)] {
        if !is_digits(&cells[column], length) {
            return Err(mistake(number, Some(column), &format!("半角数字{length}桁です")));
        }
    }
    for column in [PREFECTURE, CITY, TOWN] {
        if cells[column].is_empty() {
            return Err(mistake(number, Some(column), "空です"));
        }
        if let Some(bad) = cells[column].chars().find(|&c| text::is_forbidden(c)) {
            let reason = format!("使えない文字（U+{:04X}）があります", u32::from(bad));
            return Err(mistake(number, Some(column), &reason));
        }
    }
    Ok(Line {
        number,
        code: cells[CODE].clone(),
        place: format!("{}{}", cells[PREFECTURE], cells[CITY]),
        town: cells[TOWN].clone(),
    })
}

fn unreadable(number: usize, error: &LineError) -> RowError {
    let (column, reason) = match error {
        LineError::TooLong => (None, "行が長すぎます".to_owned()),
        LineError::TooManyCells => (None, "列が多すぎます".to_owned()),
        LineError::Undecodable(column, reason) => (Some(*column), reason.clone()),
        LineError::UnclosedQuote(column) => (Some(*column), "引用符「\"」が閉じていません".to_owned()),
        LineError::AfterQuote(column) => (Some(*column), "閉じる引用符「\"」の後に文字があります".to_owned()),
    };
    mistake(number, column, &reason)
}

fn mistake(line: usize, column: Option<usize>, reason: &str) -> RowError {
    let title = |column: usize| COLUMNS.get(column).copied().unwrap_or("余分な列").to_owned();
    RowError { line, column: column.map(|column| (column + 1, title(column))), reason: reason.to_owned() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SAMPLE: &str = include_str!("../../../agencies/postal/sample.csv");

    fn line(code: &str, city: &str, town: &str) -> String {
        format!(
            "02201,\"030  \",\"{code}\",\"ア\",\"ア\",\"ア\",\"青森県\",\"{city}\",\"{town}\",0,0,0,0,0,0\r\n"
        )
    }

    fn addresses(text: &str) -> Vec<(String, String)> {
        let table = PostalTable::parse(text.as_bytes()).unwrap();
        table.addresses.into_iter().map(|one| (one.code, one.address)).collect()
    }

    fn mistakes(text: &str) -> Vec<String> {
        PostalTable::parse(text.as_bytes()).unwrap_err().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn the_sample_is_read_whole() {
        let found = addresses(SAMPLE);
        assert!(found.len() >= 30 && found.len() == SAMPLE.lines().count());
        for (code, address) in [
            ("0300801", "青森県青森市新町"),
            ("0300000", "青森県青森市"),
            ("1000005", "東京都千代田区丸の内"),
        ] {
            assert!(found.contains(&(code.into(), address.into())), "{code}");
        }
    }

    #[test]
    fn the_old_file_in_cp932_says_the_same() {
        let (old, _, bad) = encoding_rs::SHIFT_JIS.encode(SAMPLE);
        assert!(!bad);
        let old = PostalTable::parse(&old).unwrap();
        assert_eq!(old.encoding, Encoding::Cp932);
        assert_eq!(old.addresses, PostalTable::parse(SAMPLE.as_bytes()).unwrap().addresses);
    }

    #[test]
    fn a_code_keeps_all_its_towns_and_each_once() {
        let text = [
            line("0300001", "青森市", "甲（１、"),
            line("0300001", "青森市", "２、"),
            line("0300001", "青森市", "３番地）"),
            line("0300001", "青森市", "乙（１番地）"),
            line("0300001", "青森市", "乙（２番地）"),
            line("0300001", "八戸市", "乙"),
        ]
        .concat();
        let found: Vec<String> = addresses(&text).into_iter().map(|(_, address)| address).collect();
        assert_eq!(found, ["青森県青森市甲", "青森県青森市乙", "青森県八戸市乙"]);
    }

    #[test]
    fn every_bad_line_is_named_with_its_column() {
        let good = line("0300001", "青森市", "甲");
        let text = [
            good.clone(),
            line("030-001", "青森市", "甲"),
            good.replace("02201", "2201"),
            line("0300001", "", "甲"),
            good.replace(",0,0,0,0,0,0", ",0,0,0,0,0"),
            line("0300002", "青森市", "乙（１、"),
            good.clone(),
            good.replace("\"甲\"", "\"甲"),
        ]
        .concat();
        let found = mistakes(&text);
        for (index, place) in [
            "2行3列（郵便番号）",
            "3行1列（全国地方公共団体コード）",
            "4行8列（市区町村名）",
            "5行: 15列",
            "6行9列（町域名）",
            "8行9列（町域名）",
        ]
        .iter()
        .enumerate()
        {
            assert!(found[index].starts_with(place), "{found:?}");
        }
        assert_eq!(found.len(), 6);
        assert_eq!(mistakes(""), ["1行: 郵便番号が一つもありません"]);
        assert!(mistakes(&line("0300001", "青森市", "甲（"))[0].starts_with("1行9列"));
        assert!(PostalTable::parse(b"02201,\xE6\n").is_err());
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            drop(PostalTable::parse(&bytes));
        }
    }
}
