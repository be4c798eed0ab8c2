//! The parts of 機関設定 that have a form, and what becomes of a key's value when somebody types, adds or removes.

use touroku_proto::{
    agency::DeskKind,
    hours::{BusinessHours, ClosedDays, Weekday, days_in},
    localized::Localized,
    mail::MAILS,
    officer::settings::{FORM_KEYS, KeyValue},
    text,
};

/// A form of 機関設定.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// お知らせ.
    Notices,
    /// リンクと更新情報.
    Guide,
    /// 利用時間と休業日.
    Hours,
    /// 窓口.
    Desks,
    /// メールの文面: which.
    Mails,
    /// One of [`MAILS`], by its place.
    Mail(usize),
    /// 却下の理由.
    Reasons,
}

impl Part {
    /// Those that 機関設定 lists.
    pub const LISTED: [Self; 6] =
        [Self::Notices, Self::Guide, Self::Hours, Self::Desks, Self::Mails, Self::Reasons];

    /// Its name in addresses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Notices => "notices",
            Self::Guide => "guide",
            Self::Hours => "hours",
            Self::Desks => "desks",
            Self::Mails => "mail",
            Self::Mail(index) => MAILS.get(index).map_or("", |mail| mail.key),
            Self::Reasons => "reasons",
        }
    }

    /// The part of that name.
    pub fn from_text(text: &str) -> Option<Self> {
        Self::LISTED.into_iter().chain(Self::mails()).find(|part| part.as_str() == text)
    }

    /// Each of the mails.
    pub fn mails() -> impl Iterator<Item = Self> {
        (0..MAILS.len()).map(Self::Mail)
    }

    /// Its keys in the profile, in the order of the form.
    pub fn keys(self) -> Vec<String> {
        if let Self::Mail(_) = self {
            return ["subject", "body"].map(|text| format!("mail.{}.{text}", self.as_str())).into();
        }
        FORM_KEYS.iter().filter(|key| Self::of(key) == Some(self)).map(|&key| key.to_owned()).collect()
    }

    fn of(key: &str) -> Option<Self> {
        Some(match key.split('.').next()? {
            "notices" => Self::Notices,
            "news" | "links" | "footer" => Self::Guide,
            "hours" | "hours_rule" => Self::Hours,
            "desks" => Self::Desks,
            "reject_reasons" => Self::Reasons,
            _ => return None,
        })
    }
}

/// What is done to a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edit {
    /// A text was typed: of that entry, at that key or in that language.
    Text(usize, &'static str, String),
    /// An entry more.
    Add,
    Remove(usize),
    /// One place up.
    Up(usize),
    /// One place down.
    Down(usize),
    /// Open or closed on that day of the week.
    Weekday(Weekday, bool),
    Switch(bool),
    /// Closed on that day, or open again.
    Day(u16, u8, u8),
    /// Closed on these days.
    Close(ClosedDays),
}

/// Carries it out. Returns the entry to go on at.
pub fn edit(value: &mut KeyValue, edit: Edit) -> Option<usize> {
    match (value, edit) {
        (KeyValue::Text(text), Edit::Text(.., typed)) => *text = typed,
        (KeyValue::Words(words), Edit::Text(_, language, typed)) => words.write(language, typed),
        (KeyValue::WordList(list), edit) => {
            return entries(list, edit, false, |words: &mut Localized, language, typed| {
                words.write(language, typed);
            });
        }
        (KeyValue::Lines(list), edit) => {
            return entries(list, edit, false, |line: &mut String, _, typed| *line = typed);
        }
        (KeyValue::News(list), edit) => {
            // The latest is on top.
            return entries(list, edit, true, |news, at, typed| match at {
                "date" => news.date = typed,
                language => news.text.write(language, typed),
            });
        }
        (KeyValue::Links(list), edit) => {
            return entries(list, edit, false, |link, at, typed| match at.split_once('.') {
                Some(("label", language)) => link.label.write(language, typed),
                Some((_, language)) => link.note.write(language, typed),
                None => link.url = typed,
            });
        }
        (KeyValue::Desks(list), edit) => {
            return entries(list, edit, false, |desk, at, typed| match at {
                "kind" => {
                    desk.kind =
                        KINDS.into_iter().find(|kind| kind.0 == typed).map_or(desk.kind, |kind| kind.1);
                }
                "phone" => desk.phone = typed,
                "email" => desk.email = typed,
                "url" => desk.url = typed,
                language => desk.name.write(language, typed),
            });
        }
        (KeyValue::Week(days), Edit::Weekday(day, open)) => {
            let is_open = |known: &Weekday| if *known == day { open } else { days.contains(known) };
            *days = Weekday::ALL.into_iter().filter(is_open).collect();
        }
        (KeyValue::Switch(value), Edit::Switch(on)) => *value = on,
        (KeyValue::Days(days), Edit::Remove(index)) if index < days.len() => drop(days.remove(index)),
        (KeyValue::Days(days), Edit::Close(closed)) => days.push(closed),
        (KeyValue::Days(days), Edit::Day(year, month, day)) => toggle(days, (year, month, day)),
        _ => {}
    }
    None
}

/// How many entries it has, if they have an order.
pub fn count(value: &KeyValue) -> usize {
    match value {
        KeyValue::WordList(list) => list.len(),
        KeyValue::Lines(list) => list.len(),
        KeyValue::News(list) => list.len(),
        KeyValue::Links(list) => list.len(),
        KeyValue::Desks(list) => list.len(),
        _ => 0,
    }
}

/// The kinds of desk, with their names in the profile.
pub const KINDS: [(&str, DeskKind); 3] = [
    ("helpdesk", DeskKind::Helpdesk),
    ("certification_authority", DeskKind::CertificationAuthority),
    ("agency", DeskKind::Agency),
];

fn entries<T: Default>(
    list: &mut Vec<T>,
    edit: Edit,
    first: bool,
    write: impl Fn(&mut T, &'static str, String),
) -> Option<usize> {
    match edit {
        Edit::Text(index, at, typed) => {
            write(list.get_mut(index)?, at, typed);
            None
        }
        Edit::Add => {
            let at = if first { 0 } else { list.len() };
            list.insert(at, T::default());
            Some(at)
        }
        Edit::Remove(index) if index < list.len() => {
            list.remove(index);
            None
        }
        Edit::Up(index) if 0 < index && index < list.len() => {
            list.swap(index - 1, index);
            Some(index - 1)
        }
        Edit::Down(index) if index + 1 < list.len() => {
            list.swap(index, index + 1);
            Some(index + 1)
        }
        _ => None,
    }
}

/// Days of a year that follow each other are one entry; what comes back every year is not touched.
fn toggle(days: &mut Vec<ClosedDays>, (year, month, day): (u16, u8, u8)) {
    let is_here = |known: &ClosedDays| !known.are_yearly() && known.contain(year, month, day);
    if days.iter().any(is_here) {
        *days = days
            .drain(..)
            .flat_map(|known| if is_here(&known) { known.without(year, month, day) } else { vec![known] })
            .collect();
        return;
    }
    let mut closed = ClosedDays::once(year, month, day);
    days.retain(|known| match known.joined(&closed).or_else(|| closed.joined(known)) {
        Some(both) => {
            closed = both;
            false
        }
        None => true,
    });
    days.push(closed);
}

/// A time of day as profiles write it: `８：３０` is 08:30.
pub fn time_of_day(typed: &str) -> String {
    let text = text::to_half_width(typed.trim());
    if text.find(':') == Some(1) { format!("0{text}") } else { text }
}

/// Why a day is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closed {
    /// It is open.
    Not,
    /// By the day of the week.
    Weekly,
    /// 祝日.
    Holiday,
    /// A day that is closed every year.
    Yearly,
    /// That day alone.
    Once,
}

/// Whether that day is closed, and why.
pub fn closed(hours: &BusinessHours, holidays: &[String], (year, month, day): (u16, u8, u8)) -> Closed {
    let weekday = Weekday::of(year, month, day);
    let is = |yearly| {
        let mut days = hours.closed.iter().filter(move |days| days.are_yearly() == yearly);
        days.any(|days| days.contain(year, month, day))
    };
    let date = format!("{year:04}-{month:02}-{day:02}");
    if is(false) {
        Closed::Once
    } else if is(true) {
        Closed::Yearly
    } else if hours.closed_on_holidays && holidays.contains(&date) {
        Closed::Holiday
    } else if !hours.weekdays.contains(&weekday) {
        Closed::Weekly
    } else {
        Closed::Not
    }
}

/// The days of a month by weeks that begin on Sunday, as calendars in Japan are printed; 0: another month's.
pub fn weeks(year: u16, month: u8) -> Vec<[u8; 7]> {
    let first = Weekday::of(year, month, 1);
    let before = Weekday::ALL.iter().position(|day| *day == first).map_or(0, |place| (place + 1) % 7);
    let days = std::iter::repeat_n(0, before).chain(1..=days_in(year, month));
    let days: Vec<u8> = days.collect();
    days.chunks(7).map(|week| std::array::from_fn(|day| week.get(day).copied().unwrap_or_default())).collect()
}

/// The month that is so many months later.
pub fn later((year, month): (u16, u8), months: i32) -> (u16, u8) {
    let count = i32::from(year) * 12 + i32::from(month) - 1 + months;
    (
        u16::try_from(count.div_euclid(12)).unwrap_or(year),
        u8::try_from(count.rem_euclid(12) + 1).unwrap_or(month),
    )
}
