//! Japan's clock and calendar. Japan keeps UTC+9 all year.

use jiff::{Timestamp, tz::Offset};

/// Japan's offset from UTC.
pub const OFFSET: Offset = Offset::constant(9);

/// The offset in milliseconds.
pub const AHEAD: i64 = 9 * 3_600_000;

/// A day in milliseconds.
pub const DAY: i64 = 86_400_000;

/// The day a time falls on, counted from 1970-01-01. Times here and below are Unix milliseconds.
pub fn day(unix_ms: i64) -> i64 {
    (unix_ms + AHEAD).div_euclid(DAY)
}

/// When that day begins.
pub fn beginning_of(day: i64) -> i64 {
    day * DAY - AHEAD
}

/// The day that `YYYY-MM-DD` names.
pub fn day_of(date: &str) -> Option<i64> {
    // Nothing but this spelling.
    let date: jiff::civil::Date =
        date.parse().ok().filter(|parsed: &jiff::civil::Date| parsed.to_string() == date)?;
    let midnight = OFFSET.to_timestamp(date.to_datetime(jiff::civil::Time::midnight())).ok()?;
    Some(day(midnight.as_millisecond()))
}

/// `YYYY-MM-DD`.
pub fn date(unix_ms: i64) -> String {
    // Years have four digits until the end of 9999, Japan time.
    clock(unix_ms).split('T').next().unwrap_or_default().to_owned()
}

/// `YYYY-MM-DDTHH:MM:SS`.
pub fn clock(unix_ms: i64) -> String {
    // A time outside the calendar's range is clamped to its limit.
    let end = if unix_ms < 0 { Timestamp::MIN } else { Timestamp::MAX };
    let moment = Timestamp::from_second(unix_ms.div_euclid(1000)).unwrap_or(end);
    OFFSET.to_datetime(moment).strftime("%Y-%m-%dT%H:%M:%S").to_string()
}

/// `YYYY-MM-DD HH:MM`.
pub fn minute(unix_ms: i64) -> String {
    clock(unix_ms).chars().take(16).collect::<String>().replace('T', " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_at_midnight_in_japan() {
        // 2026-11-21T15:00:00Z.
        let midnight = 1_795_273_200_000;
        assert_eq!((date(midnight - 1), date(midnight)), ("2026-11-21".to_owned(), "2026-11-22".to_owned()));
        assert_eq!(clock(midnight), "2026-11-22T00:00:00");
        assert_eq!(day(midnight), day(midnight - 1) + 1);
        assert_eq!(beginning_of(day(midnight + 1)), midnight);
        assert_eq!(day_of("2026-11-22"), Some(day(midnight)));
        for wrong in ["", "2026-11-31", "2026/11/22", "20261122", "2026-11-22T00:00", "26-11-22"] {
            assert_eq!(day_of(wrong), None, "{wrong}");
        }
    }
}
