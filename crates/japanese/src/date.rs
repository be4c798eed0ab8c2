//! Dates as people write them, with or without an era name (元号).

use crate::text;

/// A day such as `2026/4/1`, `令和8年4月1日`, `R8.4.1`, with a time or without, as `2026-04-01`.
///
/// ```
/// use touroku_japanese::date::day;
///
/// assert_eq!(day("令和元年５月１日").as_deref(), Some("2019-05-01"));
/// assert_eq!(day("平成31年2月30日"), None);
/// ```
pub fn day(cell: &str) -> Option<String> {
    let half = text::to_half_width(cell);
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
