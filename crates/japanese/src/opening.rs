//! 利用時間: whether an agency's system is open, and when that changes. All days are Japan's.

use jiff::{Timestamp, ToSpan as _, civil::Date};

use crate::{
    clock,
    holidays::Holidays,
    hours::{BusinessHours, Weekday},
};

const MINUTE: i64 = 60_000;

/// How many days ahead the next opening is looked for: a system closed for longer than a fiscal year and its
/// neighbours has been shut down.
const LOOK_AHEAD: i32 = 1000;

/// Whether a moment is within the opening hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opening {
    /// It is.
    pub open: bool,
    /// The next change, Unix milliseconds; `None`: never.
    pub changes: Option<i64>,
}

/// Whether that moment is within the opening hours, and when that changes next. `now` in Unix milliseconds.
pub fn state(hours: Option<&BusinessHours>, holidays: &Holidays, now: i64) -> Opening {
    let always = Opening { open: true, changes: None };
    let (Some(hours), Ok(moment)) = (hours, Timestamp::from_millisecond(now)) else { return always };
    let today = clock::OFFSET.to_datetime(moment).date();
    let mut closes = None;
    for ahead in 0..LOOK_AHEAD {
        let Ok(day) = today.checked_add(ahead.days()) else { break };
        if !is_open_on(hours, holidays, day) {
            if closes.is_some() {
                break;
            }
            continue;
        }
        let Some(midnight) = midnight(day) else { break };
        let open = midnight + i64::from(hours.open.minutes()) * MINUTE;
        let close = midnight + i64::from(hours.close.minutes()) * MINUTE;
        match closes {
            // Open until midnight and again from midnight: nothing changes in between.
            Some(end) if open == end => closes = Some(close),
            Some(_) => break,
            None if now < open => return Opening { open: false, changes: Some(open) },
            None if now < close => closes = Some(close),
            None => {}
        }
        if ahead == LOOK_AHEAD - 1 && closes.is_some() {
            return always;
        }
    }
    Opening { open: closes.is_some(), changes: closes }
}

fn is_open_on(hours: &BusinessHours, holidays: &Holidays, day: Date) -> bool {
    let (year, month, date) = (
        u16::try_from(day.year()).unwrap_or(0),
        u8::try_from(day.month()).unwrap_or(0),
        u8::try_from(day.day()).unwrap_or(0),
    );
    hours.weekdays.contains(&Weekday::of(year, month, date))
        && !(hours.closed_on_holidays && holidays.contain(day))
        && !hours.closed.iter().any(|days| days.contain(year, month, date))
}

/// Midnight in Japan, Unix milliseconds.
fn midnight(day: Date) -> Option<i64> {
    clock::OFFSET.to_timestamp(day.at(0, 0, 0, 0)).ok().map(Timestamp::as_millisecond)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHIPPED: &[u8] = include_bytes!("../../../agencies/holidays.csv");

    fn hours(toml: &str) -> BusinessHours {
        toml::from_str(toml).unwrap()
    }

    fn usual() -> BusinessHours {
        hours("open = \"08:30\"\nclose = \"20:00\"\nclosed = [\"12-29..01-05\"]")
    }

    /// State and next change at a time in Japan.
    fn at(hours: &BusinessHours, time: &str) -> (bool, Option<String>) {
        let holidays = Holidays::parse(SHIPPED).unwrap();
        let time: Timestamp = format!("{time}+09:00").parse().unwrap();
        let state = state(Some(hours), &holidays, time.as_millisecond());
        let change = state.changes.map(|at| {
            let at = Timestamp::from_millisecond(at).unwrap();
            clock::OFFSET.to_datetime(at).strftime("%Y-%m-%dT%H:%M").to_string()
        });
        (state.open, change)
    }

    #[test]
    fn the_first_minute_is_open_and_the_last_is_closed() {
        let hours = usual();
        let of = |open, change: &str| (open, Some(change.to_owned()));
        // 2026-11-20 is a Friday, 23 is 勤労感謝の日.
        assert_eq!(at(&hours, "2026-11-20T08:29:59.999"), of(false, "2026-11-20T08:30"));
        assert_eq!(at(&hours, "2026-11-20T08:30:00"), of(true, "2026-11-20T20:00"));
        assert_eq!(at(&hours, "2026-11-20T19:59:59.999"), of(true, "2026-11-20T20:00"));
        assert_eq!(at(&hours, "2026-11-20T20:00:00"), of(false, "2026-11-24T08:30"));
        assert_eq!(at(&hours, "2026-11-21T12:00:00"), of(false, "2026-11-24T08:30"));
        assert_eq!(at(&hours, "2026-09-18T21:00:00"), of(false, "2026-09-24T08:30"));
        // The turn of the year: 2027-01-05 is a Tuesday.
        assert_eq!(at(&hours, "2026-12-28T20:00:00"), of(false, "2027-01-06T08:30"));
        assert_eq!(at(&hours, "2027-01-05T23:59:59"), of(false, "2027-01-06T08:30"));
    }

    #[test]
    fn hours_from_midnight_to_midnight_change_only_where_a_day_is_closed() {
        let all = "open = \"00:00\"\nclose = \"24:00\"\nclosed_on_holidays = false\n\
                   weekdays = [\"mon\", \"tue\", \"wed\", \"thu\", \"fri\", \"sat\", \"sun\"]\n";
        assert_eq!(at(&hours(all), "2026-11-20T23:59:59"), (true, None));
        let but = hours(&format!("{all}closed = [\"2026-11-30\"]"));
        assert_eq!(at(&but, "2026-11-20T00:00:00"), (true, Some("2026-11-30T00:00".into())));
        assert_eq!(at(&but, "2026-11-30T12:00:00"), (false, Some("2026-12-01T00:00".into())));
        let never = hours(&format!("{all}closed = [\"01-01..12-31\"]"));
        assert_eq!(at(&never, "2026-11-20T12:00:00"), (false, None));
    }

    #[test]
    fn an_agency_without_hours_is_always_open() {
        let state = state(None, &Holidays::default(), 0);
        assert_eq!(state, Opening { open: true, changes: None });
    }
}
