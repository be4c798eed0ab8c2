//! 利用時間: opening hours by day of the week, and closed days. All times are Japan time.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// The opening hours (利用時間) of an agency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct BusinessHours {
    /// Opening time.
    pub open: TimeOfDay,
    /// Closing time: the first minute that is closed.
    pub close: TimeOfDay,
    /// The days of the week on which it is open.
    #[serde(default = "working_days")]
    pub weekdays: Vec<Weekday>,
    /// Closed on 国民の祝日 and 休日.
    #[serde(default = "yes")]
    pub closed_on_holidays: bool,
    /// Further closed days, yearly or once.
    #[serde(default)]
    pub closed: Vec<ClosedDays>,
}

impl BusinessHours {
    /// The rule in words, such as `平日8時30分～20時（土日祝・12月29日～1月5日を除く）`. Days that are closed once are left out.
    pub fn words(&self) -> String {
        let is_weekday = self.weekdays == working_days();
        let days = match self.weekdays.len() {
            _ if is_weekday => "平日".to_owned(),
            7 => "毎日".to_owned(),
            _ => {
                format!("{}曜日", self.weekdays.iter().map(|day| day.kanji()).collect::<Vec<_>>().join("・"))
            }
        };
        let weekly = match (is_weekday, self.closed_on_holidays) {
            (true, true) => Some("土日祝"),
            (true, false) => Some("土日"),
            (false, true) => Some("祝日"),
            (false, false) => None,
        };
        let yearly = self.closed.iter().filter(|days| days.first.year.is_none()).map(ClosedDays::words);
        let but: Vec<String> = weekly.map(str::to_owned).into_iter().chain(yearly).collect();
        let but = if but.is_empty() { String::new() } else { format!("（{}を除く）", but.join("・")) };
        format!("{days}{}～{}{but}", self.open.words(), self.close.words())
    }
}

/// Monday to Friday.
pub fn working_days() -> Vec<Weekday> {
    use Weekday::{Fri, Mon, Thu, Tue, Wed};
    vec![Mon, Tue, Wed, Thu, Fri]
}

fn yes() -> bool {
    true
}

/// A day of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Weekday {
    /// 月曜日.
    Mon,
    /// 火曜日.
    Tue,
    /// 水曜日.
    Wed,
    /// 木曜日.
    Thu,
    /// 金曜日.
    Fri,
    /// 土曜日.
    Sat,
    /// 日曜日.
    Sun,
}

impl Weekday {
    /// All, Monday first.
    pub const ALL: [Self; 7] = [Self::Mon, Self::Tue, Self::Wed, Self::Thu, Self::Fri, Self::Sat, Self::Sun];

    /// That of a day (Sakamoto's method; Gregorian).
    pub fn of(year: u16, month: u8, day: u8) -> Self {
        const SHIFT: [usize; 12] = [0, 3, 2, 5, 0, 3, 5, 1, 4, 6, 2, 4];
        let (month, day) = (usize::from(month), usize::from(day));
        let year = usize::from(year) - usize::from(month < 3);
        Self::ALL[(year + year / 4 - year / 100 + year / 400 + SHIFT[(month + 11) % 12] + day + 6) % 7]
    }
}

impl Weekday {
    fn kanji(self) -> &'static str {
        match self {
            Self::Mon => "月",
            Self::Tue => "火",
            Self::Wed => "水",
            Self::Thu => "木",
            Self::Fri => "金",
            Self::Sat => "土",
            Self::Sun => "日",
        }
    }
}

/// A time of day, `HH:MM` from `00:00` to `24:00`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(with = "String", extend("format" = "time-of-day")))]
#[serde(try_from = "String", into = "String")]
pub struct TimeOfDay {
    minutes: u16,
}

impl TimeOfDay {
    /// Minutes since midnight, 0 to 1440.
    pub fn minutes(self) -> u16 {
        self.minutes
    }

    fn words(self) -> String {
        match (self.minutes / 60, self.minutes % 60) {
            (hour, 0) => format!("{hour}時"),
            (hour, minute) => format!("{hour}時{minute:02}分"),
        }
    }
}

/// Not a time of day.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("時刻は08:30のように書きます")]
pub struct NotTimeOfDay;

impl FromStr for TimeOfDay {
    type Err = NotTimeOfDay;

    fn from_str(text: &str) -> Result<Self, NotTimeOfDay> {
        let (hour, minute) = text.split_once(':').ok_or(NotTimeOfDay)?;
        let (hour, minute) = (two_digits(hour).ok_or(NotTimeOfDay)?, two_digits(minute).ok_or(NotTimeOfDay)?);
        let minutes = u16::from(hour) * 60 + u16::from(minute);
        if minute < 60 && minutes <= 24 * 60 { Ok(Self { minutes }) } else { Err(NotTimeOfDay) }
    }
}

impl TryFrom<String> for TimeOfDay {
    type Error = NotTimeOfDay;

    fn try_from(text: String) -> Result<Self, NotTimeOfDay> {
        text.parse()
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.minutes / 60, self.minutes % 60)
    }
}

impl From<TimeOfDay> for String {
    fn from(time: TimeOfDay) -> Self {
        time.to_string()
    }
}

/// Closed days, both ends included: `12-29..01-05` every year (wrapping around the year's end if the last day is
/// earlier), `08-13` a single day every year, `2026-11-30` or `2026-11-28..2026-11-30` once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(with = "String", extend("format" = "closed-days")))]
#[serde(try_from = "String", into = "String")]
pub struct ClosedDays {
    first: Day,
    last: Day,
}

/// A day, with or without its year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Day {
    year: Option<u16>,
    month: u8,
    day: u8,
}

/// Not closed days.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("休みの日は12-29..01-05、08-13、2026-11-30のように書きます")]
pub struct NotClosedDays;

impl ClosedDays {
    /// Whether that day is among them.
    pub fn contain(&self, year: u16, month: u8, day: u8) -> bool {
        let (from, to) = (self.first, self.last);
        if let (Some(first_year), Some(last_year)) = (from.year, to.year) {
            let asked = (year, month, day);
            return (first_year, from.month, from.day) <= asked && asked <= (last_year, to.month, to.day);
        }
        let (first, last, asked) = ((from.month, from.day), (to.month, to.day), (month, day));
        if first <= last { first <= asked && asked <= last } else { asked >= first || asked <= last }
    }
}

impl ClosedDays {
    /// One day of one year.
    pub fn once(year: u16, month: u8, day: u8) -> Self {
        let day = Day { year: Some(year), month, day };
        Self { first: day, last: day }
    }

    /// The same days of every year.
    pub fn yearly(&self) -> Self {
        let [first, last] = [self.first, self.last].map(|day| Day { year: None, ..day });
        Self { first, last }
    }

    /// Whether they come back every year.
    pub fn are_yearly(&self) -> bool {
        self.first.year.is_none()
    }

    /// What is left of the days of a year without one of them: one part, two or none.
    pub fn without(&self, year: u16, month: u8, day: u8) -> Vec<Self> {
        let day = Day { year: Some(year), month, day };
        let before = (self.first < day).then(|| Self { first: self.first, last: day.previous() });
        let after = (day < self.last).then(|| Self { first: day.next(), last: self.last });
        before.into_iter().chain(after).collect()
    }

    /// These days and those that follow them without a gap, as one; `None`: there is a gap, or a year does not count.
    pub fn joined(&self, later: &Self) -> Option<Self> {
        let follow = !self.are_yearly() && !later.are_yearly() && self.last.next() == later.first;
        follow.then_some(Self { first: self.first, last: later.last })
    }

    /// `毎年12月29日～1月5日`, `2026年11月28日～11月30日`.
    pub fn said(&self) -> String {
        let year = |day: Day| day.year.map_or_else(|| "毎年".to_owned(), |year| format!("{year}年"));
        let [first, last] = [self.first, self.last].map(|day| format!("{}月{}日", day.month, day.day));
        match self.first == self.last {
            true => format!("{}{first}", year(self.first)),
            false if self.first.year == self.last.year => format!("{}{first}～{last}", year(self.first)),
            false => format!("{}{first}～{}{last}", year(self.first), year(self.last)),
        }
    }

    fn words(&self) -> String {
        let [first, last] = [self.first, self.last].map(|day| format!("{}月{}日", day.month, day.day));
        if first == last { first } else { format!("{first}～{last}") }
    }
}

impl FromStr for ClosedDays {
    type Err = NotClosedDays;

    fn from_str(text: &str) -> Result<Self, NotClosedDays> {
        let (first, last) = text.split_once("..").unwrap_or((text, text));
        let (first, last) = (Day::parse(first).ok_or(NotClosedDays)?, Day::parse(last).ok_or(NotClosedDays)?);
        let in_order = first.year.is_none() || first <= last;
        if first.year.is_some() == last.year.is_some() && in_order {
            Ok(Self { first, last })
        } else {
            Err(NotClosedDays)
        }
    }
}

impl TryFrom<String> for ClosedDays {
    type Error = NotClosedDays;

    fn try_from(text: String) -> Result<Self, NotClosedDays> {
        text.parse()
    }
}

impl From<ClosedDays> for String {
    fn from(days: ClosedDays) -> Self {
        if days.first == days.last {
            days.first.to_string()
        } else {
            format!("{}..{}", days.first, days.last)
        }
    }
}

/// How many days a month has.
pub fn days_in(year: u16, month: u8) -> u8 {
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        2 => 28 + u8::from(is_leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

impl Day {
    /// The next one, of a day with its year.
    fn next(self) -> Self {
        let year = self.year.unwrap_or_default();
        match (self.month, self.day) {
            (12, 31) => Self { year: Some(year + 1), month: 1, day: 1 },
            (month, day) if day >= days_in(year, month) => Self { month: month + 1, day: 1, ..self },
            (_, day) => Self { day: day + 1, ..self },
        }
    }

    /// The one before.
    fn previous(self) -> Self {
        let year = self.year.unwrap_or_default();
        match (self.month, self.day) {
            (1, 1) => Self { year: Some(year.saturating_sub(1)), month: 12, day: 31 },
            (month, 1) => Self { month: month - 1, day: days_in(year, month - 1), ..self },
            (_, day) => Self { day: day - 1, ..self },
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let parts: Vec<&str> = text.split('-').collect();
        let (year, month, day) = match parts[..] {
            [month, day] => (None, month, day),
            [year, month, day] if year.len() == 4 => (Some(year.parse().ok()?), month, day),
            _ => return None,
        };
        let (month, day) = (two_digits(month)?, two_digits(day)?);
        ((1..=12).contains(&month) && (1..=31).contains(&day)).then_some(Self { year, month, day })
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(year) = self.year {
            write!(f, "{year:04}-")?;
        }
        write!(f, "{:02}-{:02}", self.month, self.day)
    }
}

fn two_digits(text: &str) -> Option<u8> {
    (text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_day_are_written_with_two_digits_each() {
        assert_eq!("08:30".parse::<TimeOfDay>().map(TimeOfDay::minutes), Ok(510));
        assert_eq!("24:00".parse::<TimeOfDay>().map(TimeOfDay::minutes), Ok(1440));
        for text in ["8:30", "08:60", "24:01", "0830", "", "０８:30", "-1:00"] {
            assert_eq!(text.parse::<TimeOfDay>(), Err(NotTimeOfDay), "{text}");
        }
    }

    #[test]
    fn the_rule_is_said_in_words() {
        let time = |text: &str| text.parse::<TimeOfDay>().unwrap();
        let mut hours = BusinessHours {
            open: time("08:30"),
            close: time("20:00"),
            weekdays: working_days(),
            closed_on_holidays: true,
            closed: vec!["12-29..01-05".parse().unwrap(), "2026-11-30".parse().unwrap()],
        };
        assert_eq!(hours.words(), "平日8時30分～20時（土日祝・12月29日～1月5日を除く）");
        hours.closed = vec!["08-13".parse().unwrap()];
        hours.weekdays.push(Weekday::Sat);
        assert_eq!(hours.words(), "月・火・水・木・金・土曜日8時30分～20時（祝日・8月13日を除く）");
        let always = BusinessHours { closed_on_holidays: false, closed: Vec::new(), ..hours };
        let week = always.weekdays.iter().copied().chain([Weekday::Sun]).collect();
        assert_eq!(BusinessHours { weekdays: week, ..always }.words(), "毎日8時30分～20時");
    }

    #[test]
    fn a_day_is_taken_out_of_closed_days_and_added_to_those_beside_it() {
        let days = |text: &str| text.parse::<ClosedDays>().unwrap();
        let left = |text: &str, (year, month, day)| -> Vec<String> {
            days(text).without(year, month, day).into_iter().map(String::from).collect()
        };
        let turn = "2026-12-29..2027-01-05";
        assert_eq!(left(turn, (2027, 1, 1)), ["2026-12-29..2026-12-31", "2027-01-02..2027-01-05"]);
        assert_eq!(left(turn, (2026, 12, 29)), ["2026-12-30..2027-01-05"]);
        assert_eq!(left(turn, (2027, 1, 5)), ["2026-12-29..2027-01-04"]);
        assert!(left("2026-11-30", (2026, 11, 30)).is_empty());
        let one = days("2028-02-28").joined(&ClosedDays::once(2028, 2, 29)).unwrap();
        assert_eq!(
            String::from(one.joined(&days("2028-03-01..2028-03-02")).unwrap()),
            "2028-02-28..2028-03-02"
        );
        assert_eq!(days("2026-02-27").joined(&ClosedDays::once(2026, 3, 1)), None);
        assert_eq!(days("12-29").joined(&days("12-30")), None);
        assert_eq!(days(turn).said(), "2026年12月29日～2027年1月5日");
        assert_eq!(days(turn).yearly().said(), "毎年12月29日～1月5日");
        assert_eq!(days("2026-11-30").said(), "2026年11月30日");
    }

    #[test]
    fn closed_days_reach_over_the_turn_of_the_year() {
        let days: ClosedDays = "12-29..01-05".parse().unwrap();
        assert!(days.contain(2026, 12, 29) && days.contain(2027, 1, 1) && days.contain(2027, 1, 5));
        assert!(!days.contain(2026, 12, 28) && !days.contain(2027, 1, 6));
        let once: ClosedDays = "2026-11-28..2026-11-30".parse().unwrap();
        assert!(once.contain(2026, 11, 29) && !once.contain(2027, 11, 29));
        for text in ["", "13-01", "12-32", "2026-11-30..11-29", "2026-11-30..2026-11-29", "1-1", "12/29"] {
            assert_eq!(text.parse::<ClosedDays>(), Err(NotClosedDays), "{text}");
        }
        for text in ["12-29..01-05", "08-13", "2026-11-30"] {
            assert_eq!(String::from(text.parse::<ClosedDays>().unwrap()), text);
        }
    }
}
