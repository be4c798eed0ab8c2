//! Dates as rosters write them.

use touroku_japanese::{clock, date::day};

use super::note::Note;

/// A date as `2026-04-01`, and what can't be read.
pub(super) fn read(cell: &str) -> (String, Option<Note>) {
    if cell.is_empty() {
        return (String::new(), None);
    }
    match day(cell) {
        Some(day) => (day, None),
        None => {
            let reason = match of_excel(cell) {
                Some(day) => format!(
                    "日付がシリアル値（{cell}）のままです（{day}と思われます）。備考として残し、日付は空にしました。Excelで列の\
                     表示形式を「日付」にして、保存し直してください"
                ),
                None => "日付を「2026/4/1」や「令和8年4月1日」の形で読めません。備考として残し、日付は空にしました".to_owned(),
            };
            (String::new(), Some(Note { text: cell.to_owned(), reason }))
        }
    }
}

/// The day whose number, counted from 1900, Excel shows where a cell is not formatted as a date. Five digits are 1927 to
/// 2173.
fn of_excel(cell: &str) -> Option<String> {
    /// Of 1970-01-01.
    const EPOCH: i64 = 25_569;
    let number = Some(cell).filter(|cell| cell.len() == 5)?.parse::<i64>().ok()?;
    Some(clock::date((number - EPOCH) * clock::DAY))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_of_every_writing_are_one_day() {
        for cell in [
            "2026/4/1",
            "2026-04-01",
            "2026年4月1日",
            "令和8年4月1日",
            "R8.4.1",
            "Ｒ８．４．１",
            "20260401",
            "2026/4/1 0:00",
        ] {
            assert_eq!(read(cell).0, "2026-04-01", "{cell}");
        }
        assert_eq!(read("令和元年5月1日").0, "2019-05-01");
        let serial = read("46113").1.unwrap().reason;
        assert!(serial.contains("2026-04-01"), "{serial}");
        for cell in ["46113", "未定", "2026/13/1", "4/1", "8年4月1日"] {
            let (day, note) = read(cell);
            assert_eq!((day.as_str(), note.is_some()), ("", true), "{cell}");
        }
    }
}
