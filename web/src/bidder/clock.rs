//! The server's clock in Japan time, kept running between requests by the browser's own monotonic clock.

use crate::texts::{Text, time as said};

/// One reading of the server's clock.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reading {
    /// The server's time: milliseconds since 1970-01-01T00:00:00Z.
    pub unix_ms: i64,
    /// Halfway between request and response, in milliseconds of the browser's monotonic clock.
    pub at_ms: f64,
    /// The computer's own clock at that moment: milliseconds since 1970-01-01T00:00:00Z.
    pub computer_ms: i64,
    /// How long request and response took, milliseconds.
    pub round_trip_ms: u32,
}

/// The server's clock as this page knows it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ServerClock {
    /// What to add to the monotonic clock, milliseconds.
    offset_ms: f64,
    /// The server's time when last read, milliseconds since 1970-01-01T00:00:00Z.
    pub now_ms: i64,
}

impl ServerClock {
    pub fn set(reading: Reading) -> Self {
        let offset_ms = reading.unix_ms as f64 - reading.at_ms;
        Self { offset_ms, now_ms: reading.unix_ms }
    }

    /// Advances the clock to a moment of the monotonic clock.
    pub fn tick(&mut self, at_ms: f64) {
        self.now_ms = (self.offset_ms + at_ms) as i64;
    }

    /// Milliseconds until the displayed minute changes. A timer may fire a little early, hence the slack.
    pub fn until_next_minute(&self) -> u32 {
        let into = u32::try_from(self.now_ms.rem_euclid(60_000)).expect("a remainder below 60,000");
        60_000 - into + 20
    }
}

/// Japan is nine hours ahead of UTC all year.
const JST_MS: i64 = 9 * 60 * 60 * 1000;

/// A moment in Japan time: year, month, day, hour, minute.
fn jst(unix_ms: i64) -> (i64, i64, i64, i64, i64) {
    let local = unix_ms + JST_MS;
    let minute_of_day = local.rem_euclid(86_400_000) / 60_000;
    let (year, month, day) = civil(local.div_euclid(86_400_000));
    (year, month, day, minute_of_day / 60, minute_of_day % 60)
}

/// Year, month and day of a number of days since 1970-01-01 (Gregorian, after H. Hinnant's `civil_from_days`).
fn civil(days: i64) -> (i64, i64, i64) {
    // Eras of 400 years that begin on 1 March: leap days then end a year.
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    (era * 400 + year_of_era + i64::from(month <= 2), month, day)
}

/// `2026年11月21日 15時04分`.
pub fn shown(unix_ms: i64) -> String {
    let (year, month, day, hour, minute) = jst(unix_ms);
    said::shown(year, &two(month), &two(day), &two(hour), &two(minute))
}

/// `2026-11-21`.
pub fn day(unix_ms: i64) -> String {
    let (year, month, day, ..) = jst(unix_ms);
    format!("{year:04}-{month:02}-{day:02}")
}

/// `2026年11月21日`, of a day as [`day`] writes it.
pub fn day_shown(day: &str) -> String {
    match day.split('-').collect::<Vec<_>>()[..] {
        [year, month, day] => said::date(year, month, day),
        _ => day.to_owned(),
    }
}

/// `2026-11-21T15:04+09:00`, for `<time datetime>`.
pub fn machine(unix_ms: i64) -> String {
    let (year, month, day, hour, minute) = jst(unix_ms);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}+09:00")
}

/// `11月24日（火）8時30分`: a moment as people say it.
pub fn moment(unix_ms: i64) -> String {
    let (_, month, day, ..) = jst(unix_ms);
    // 1970-01-01 was a Thursday.
    let weekday = (unix_ms + JST_MS).div_euclid(86_400_000).rem_euclid(7);
    let weekday = WEEKDAYS[usize::try_from(weekday).expect("a remainder below 7")];
    let month = MONTHS[usize::try_from(month - 1).expect("a month from 1 to 12")];
    said::moment(&month, day, &weekday, &time_of_day(unix_ms))
}

/// `8時30分`.
pub fn time_of_day(unix_ms: i64) -> String {
    let (.., hour, minute) = jst(unix_ms);
    said::of_day(hour, &two(minute))
}

/// Starting with the weekday of 1970-01-01.
const WEEKDAYS: [Text; 7] = [
    said::THURSDAY,
    said::FRIDAY,
    said::SATURDAY,
    said::SUNDAY,
    said::MONDAY,
    said::TUESDAY,
    said::WEDNESDAY,
];

const MONTHS: [Text; 12] = [
    said::JANUARY,
    said::FEBRUARY,
    said::MARCH,
    said::APRIL,
    said::MAY,
    said::JUNE,
    said::JULY,
    said::AUGUST,
    said::SEPTEMBER,
    said::OCTOBER,
    said::NOVEMBER,
    said::DECEMBER,
];

fn two(number: i64) -> String {
    format!("{number:02}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_shows_japanese_time_whatever_the_computers_zone() {
        // 2026-11-21T06:04:59.999Z
        assert_eq!(shown(1_795_241_099_999), "2026年11月21日 15時04分");
        // The day changes in Japan while it is still yesterday in UTC.
        assert_eq!(shown(1_798_729_200_000), "2027年01月01日 00時00分");
        // 2028-02-28T15:00Z is the leap day in Japan.
        assert_eq!(shown(1_835_362_800_000), "2028年02月29日 00時00分");
        assert_eq!(shown(0), "1970年01月01日 09時00分");
        assert_eq!(machine(1_795_241_099_999), "2026-11-21T15:04+09:00");
    }

    #[test]
    fn a_moment_is_spoken_of_with_its_weekday() {
        // 2026-11-23T23:30Z is Tuesday morning in Japan, the day after 勤労感謝の日.
        assert_eq!(moment(1_795_476_600_000), "11月24日（火）8時30分");
        assert_eq!(moment(0), "1月1日（木）9時00分");
        assert_eq!(moment(-86_400_000), "12月31日（水）9時00分");
        assert_eq!(time_of_day(1_795_476_600_000 + 41_400_000), "20時00分");
    }

    #[test]
    fn the_clock_runs_on_between_two_requests() {
        let mut clock = ServerClock::set(Reading {
            unix_ms: 1_795_241_050_000,
            at_ms: 500.0,
            computer_ms: 0,
            round_trip_ms: 0,
        });
        assert_eq!(clock.until_next_minute(), 50_020);
        clock.tick(500.0 + 49_999.0);
        assert_eq!(shown(clock.now_ms), "2026年11月21日 15時04分");
    }
}
