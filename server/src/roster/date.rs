//! Days as rosters write them.

use super::note::Note;

/// A day as `2026-04-01`, and what can't be read.
pub(super) fn read(cell: &str) -> (String, Option<Note>) {
    if cell.is_empty() {
        return (String::new(), None);
    }
    match day(cell) {
        Some(day) => (day, None),
        None => {
            let reason =
                "日付を「2026/4/1」や「令和8年4月1日」の形で読めません。備考として残し、日付は空にしました";
            (String::new(), Some(Note { text: cell.to_owned(), reason: reason.to_owned() }))
        }
    }
}

fn day(cell: &str) -> Option<String> {
    let half = touroku_proto::text::to_half_width(cell);
    let day =
        half.trim().split_once(' ').filter(|(_, time)| time.contains(':')).map_or(&*half, |(day, _)| day);
    let text: String = day.chars().filter(|c| !c.is_whitespace()).collect();
    let text = text.replace('元', "1");
    const ERAS: [(&str, i16); 10] = [
        ("令和", 2018),
        ("平成", 1988),
        ("昭和", 1925),
        ("R", 2018),
        ("H", 1988),
        ("S", 1925),
        ("r", 2018),
        ("h", 1988),
        ("s", 1925),
        ("西暦", 0),
    ];
    let era = ERAS.iter().find_map(|(name, before)| Some((text.strip_prefix(name)?, *before)));
    let (rest, before) = era.unwrap_or((&text, 0));
    let parts: Vec<&str> =
        rest.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty()).collect();
    let (year, month, day): (i16, i8, i8) = match parts.as_slice() {
        [year, month, day, ..] => (year.parse().ok()?, month.parse().ok()?, day.parse().ok()?),
        [digits] if digits.len() == 8 && before == 0 => {
            (digits.get(..4)?.parse().ok()?, digits.get(4..6)?.parse().ok()?, digits.get(6..)?.parse().ok()?)
        }
        _ => return None,
    };
    let year = year.checked_add(before)?;
    if year < 1900 {
        return None;
    }
    jiff::civil::Date::new(year, month, day).ok().map(|day| day.to_string())
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
        for cell in ["未定", "2026/13/1", "4/1", "8年4月1日"] {
            let (day, note) = read(cell);
            assert_eq!((day.as_str(), note.is_some()), ("", true), "{cell}");
        }
    }
}
