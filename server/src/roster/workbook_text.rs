//! Cells of a workbook as Excel displays them.

use calamine::DataRef;

/// A value as text. `format` is its number format.
pub(super) fn shown(value: &DataRef<'_>, format: &str) -> String {
    match value {
        DataRef::Int(number) => integer(*number, format),
        DataRef::Float(number) => float(*number, format),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::String(text) | DataRef::DurationIso(text) => text.clone(),
        DataRef::DateTimeIso(text) => of_iso(text).unwrap_or_else(|| text.clone()),
        DataRef::Bool(true) => "TRUE".to_owned(),
        DataRef::Bool(false) => "FALSE".to_owned(),
        DataRef::DateTime(time) => {
            let (year, month, day, hour, minute, _, _) = time.to_ymd_hms_milli();
            moment(year, [month, day, hour, minute])
        }
        DataRef::Error(error) => error.to_string(),
        DataRef::Empty => String::new(),
    }
}

fn moment(year: u16, [month, day, hour, minute]: [u8; 4]) -> String {
    if hour == 0 && minute == 0 {
        format!("{year}/{month}/{day}")
    } else {
        format!("{year}/{month}/{day} {hour}:{minute:02}")
    }
}

/// A day of a strict workbook, with or without a time: `2026-04-01T09:30:00`.
fn of_iso(text: &str) -> Option<String> {
    let mut numbers = text.splitn(6, ['-', 'T', ':']);
    let mut next = || numbers.next().map_or(Some(0), |number| number.parse().ok());
    let year = text.split('-').next()?.parse().ok()?;
    let [_, month, day, hour, minute]: [u16; 5] = [next()?, next()?, next()?, next()?, next()?];
    let byte = |number: u16| u8::try_from(number).ok();
    Some(moment(year, [byte(month)?, byte(day)?, byte(hour)?, byte(minute)?]))
}

/// Excel stores numbers as floats: up to 15 digits are exact, and shown in full here, where Excel's cell would say
/// 9.9E+08.
fn float(number: f64, format: &str) -> String {
    if number.fract() == 0.0 && number.abs() < 1e15 {
        // Below 10¹⁵ every whole number fits.
        return integer(number as i64, format);
    }
    format!("{number}")
}

fn integer(number: i64, format: &str) -> String {
    by_format(number, format).unwrap_or_else(|| number.to_string())
}

/// A number in a format of digits and literal characters, such as `000000000` or `000\-0000`. `None`: another
/// format, or one that changes nothing.
fn by_format(number: i64, format: &str) -> Option<String> {
    let digits = u64::try_from(number).ok()?.to_string();
    let section = section(number, format)?;
    let parts = parts(section)?;
    let places = parts.iter().filter(|part| matches!(part, Part::Digit { .. })).count();
    let zeros = parts.iter().filter(|part| matches!(part, Part::Digit { zero: true })).count();
    let literals = places < parts.len();
    if places == 0 || (zeros <= 1 && !literals) {
        return None;
    }
    let mut rest = digits.chars().rev();
    let mut reversed = Vec::new();
    let mut left = places;
    for part in parts.iter().rev() {
        match part {
            Part::Digit { zero } => {
                left -= 1;
                match rest.next() {
                    Some(digit) => reversed.push(digit),
                    None if *zero => reversed.push('0'),
                    None => {}
                }
                if left == 0 {
                    // Surplus digits go before the first.
                    reversed.extend(rest.by_ref());
                }
            }
            Part::Literal(c) => reversed.push(*c),
        }
    }
    Some(reversed.into_iter().rev().collect())
}

/// The section of a format that applies to a number: `[<=999]000;[<=9999]000\-00;000\-0000`.
fn section(number: i64, format: &str) -> Option<&str> {
    let sections: Vec<&str> = format.split(';').collect();
    let mut has_condition = false;
    for section in &sections {
        let Some((condition, rest)) = section.strip_prefix("[<").and_then(|rest| rest.split_once(']')) else {
            return if has_condition || *section == sections[0] { Some(section) } else { None };
        };
        has_condition = true;
        let (inclusive, limit) =
            condition.strip_prefix('=').map_or((false, condition), |limit| (true, limit));
        let limit: i64 = limit.parse().ok()?;
        if number < limit || inclusive && number == limit {
            return Some(rest);
        }
    }
    None
}

enum Part {
    Digit { zero: bool },
    Literal(char),
}

/// `None`: the format has more than digits and literal characters.
fn parts(section: &str) -> Option<Vec<Part>> {
    let mut parts = Vec::new();
    let mut characters = section.chars();
    while let Some(c) = characters.next() {
        match c {
            '0' => parts.push(Part::Digit { zero: true }),
            '#' | '?' => parts.push(Part::Digit { zero: false }),
            '\\' => parts.push(Part::Literal(characters.next()?)),
            '"' => loop {
                match characters.next()? {
                    '"' => break,
                    c => parts.push(Part::Literal(c)),
                }
            },
            // `_x` (space as wide as x) and `*x` (fill with x): not part of the value.
            '_' | '*' => drop(characters.next()),
            '-' | '(' | ')' | ' ' | '〒' => parts.push(Part::Literal(c)),
            '[' => drop(characters.by_ref().find(|&c| c == ']')?),
            _ => return None,
        }
    }
    Some(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_as_excel_shows_them() {
        for (number, format, text) in [
            (1.0, "000000000", "000000001"),
            (990_000_001.0, "General", "990000001"),
            (4_011_001_098_993.0, "General", "4011001098993"),
            (300_801.0, "[<=999]000;[<=9999]000\\-00;000\\-0000", "030-0801"),
            (312_345_678.0, "[<=99999999]####\\-####;\\(00\\)\\ ####\\-####", "(03) 1234-5678"),
            (1234.0, "#,##0", "1234"),
            (12.0, "0_ ", "12"),
            (0.5, "0%", "0.5"),
            (-5.0, "000", "-5"),
        ] {
            assert_eq!(shown(&DataRef::Float(number), format), text, "{format}");
        }
    }

    #[test]
    fn dates_are_days() {
        let day = calamine::ExcelDateTime::new(46_113.0, calamine::ExcelDateTimeType::DateTime, false);
        assert_eq!(shown(&DataRef::DateTime(day), "yyyy/m/d"), "2026/4/1");
    }
}
