//! 国民の祝日 and 休日 in the format of the Cabinet Office's `syukujitsu.csv`: CP932, a header, then one date such
//! as `1955/1/1` and a name per line.

use std::{
    collections::BTreeSet,
    sync::atomic::{AtomicBool, Ordering},
};

use jiff::civil::Date;

use crate::{
    encoding::Encoding,
    lines::{next_line, split},
};

/// The bytes are not a table of holidays; the reason is in Japanese.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NotHolidays(String);

/// The known holidays.
#[derive(Debug, Default)]
pub struct Holidays {
    days: BTreeSet<Date>,
    /// A day past the last year was asked for.
    asked_beyond: AtomicBool,
    /// That has been reported; once is enough.
    said: AtomicBool,
}

impl Holidays {
    /// Reads a table, CP932 or UTF-8.
    ///
    /// # Errors
    /// [`NotHolidays`]: what is wrong, and where.
    pub fn parse(bytes: &[u8]) -> Result<Self, NotHolidays> {
        Self::read(bytes).map_err(NotHolidays)
    }

    fn read(bytes: &[u8]) -> Result<Self, String> {
        let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
        let encoding = if std::str::from_utf8(bytes).is_ok() { Encoding::Utf8 } else { Encoding::Cp932 };
        let mut days = BTreeSet::new();
        let (mut rest, mut line, mut cells) = (bytes, Vec::new(), Vec::new());
        let mut number = 0;
        while let Some(read) =
            next_line(&mut rest, &mut line).map_err(|error| format!("読み取れません（{error}）"))?
        {
            number += 1;
            read.outcome
                .and_then(|()| split(&line, b',', encoding, &mut cells))
                .map_err(|_| format!("{number}行: CSVとして読めません"))?;
            let [date, name, ..] = cells.as_slice() else {
                if cells.iter().all(String::is_empty) {
                    continue;
                }
                return Err(format!("{number}行: 「月日,名称」の2列が要ります"));
            };
            match parse_date(date) {
                Some(day) if !name.is_empty() => {
                    days.insert(day);
                }
                Some(_) => return Err(format!("{number}行2列: 祝日の名称が空です")),
                None if number == 1 => {}
                None => return Err(format!("{number}行1列: 「{date}」は日付（例 2026/11/3）ではありません")),
            }
        }
        if days.is_empty() {
            return Err("祝日が一つもありません".to_owned());
        }
        Ok(Self { days, ..Self::default() })
    }

    /// All of them, in their order.
    pub fn days(&self) -> impl Iterator<Item = Date> {
        self.days.iter().copied()
    }

    /// Whether that day is a holiday. Days past the table's last year are not; [`Self::ended`] reports that.
    pub fn contain(&self, day: Date) -> bool {
        if self.last_year().is_some_and(|last| day.year() > last) {
            self.asked_beyond.store(true, Ordering::Relaxed);
        }
        self.days.contains(&day)
    }

    /// Returns the table's last year, once, after a day past it was asked for: whoever runs the system needs a
    /// newer table.
    pub fn ended(&self) -> Option<i16> {
        let is_news = self.asked_beyond.load(Ordering::Relaxed) && !self.said.swap(true, Ordering::Relaxed);
        self.last_year().filter(|_| is_news)
    }

    fn last_year(&self) -> Option<i16> {
        self.days.last().map(|last| last.year())
    }
}

/// `1955/1/1`, with or without leading zeros.
fn parse_date(text: &str) -> Option<Date> {
    let mut parts = text.split('/').map(|part| {
        let digits = (1..=4).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
        digits.then(|| part.parse::<i16>().ok()).flatten()
    });
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    if parts.next().is_some() || year < 1000 {
        return None;
    }
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_shipped_table_reaches_from_1955_to_2027() {
        let bytes = include_bytes!("../../../agencies/holidays.csv");
        assert!(Encoding::Utf8.decode(bytes).is_none(), "the Cabinet Office writes CP932");
        let holidays = Holidays::parse(bytes).unwrap();
        for (day, is_one) in [
            ("1955-01-01", true),
            ("2019-04-30", true),
            ("2026-09-22", true),
            ("2026-11-23", true),
            ("2026-11-24", false),
            ("2027-03-22", true),
            ("2027-11-23", true),
        ] {
            assert_eq!(holidays.contain(day.parse().unwrap()), is_one, "{day}");
        }
        assert_eq!(holidays.ended(), None);
        assert!(!holidays.contain("2028-01-01".parse().unwrap()));
        assert_eq!(holidays.ended(), Some(2027), "that the table has ended is told");
        assert_eq!(holidays.ended(), None, "once");
    }

    #[test]
    fn a_table_is_read_in_either_encoding_and_its_mistakes_are_placed() {
        for good in
            ["月日,名称\r\n2026/1/1,元日\r\n", "2026/01/01,元日\n\n", "\u{FEFF}月日,名称\n2026/1/1,元日,追加"]
        {
            assert!(Holidays::parse(good.as_bytes()).is_ok(), "{good}");
        }
        for (bad, place) in [
            ("", "祝日が一つもありません"),
            ("月日,名称\n", "祝日が一つもありません"),
            ("月日,名称\n2026/13/1,元日\n", "2行1列"),
            ("月日,名称\n2026/2/29,元日\n", "2行1列"),
            ("月日,名称\n2026-1-1,元日\n", "2行1列"),
            ("月日,名称\n2026/1/1,\n", "2行2列"),
            ("月日,名称\n2026/1/1\n", "2行"),
            ("月日,名称\n\"2026/1/1,元日\n", "2行"),
        ] {
            let message = Holidays::parse(bad.as_bytes()).unwrap_err().to_string();
            assert!(message.starts_with(place), "{bad}: {message}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            drop(Holidays::parse(&bytes));
        }
    }
}
