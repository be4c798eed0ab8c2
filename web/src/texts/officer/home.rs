//! ホーム.

use yew::AttrValue;

pub(crate) use super::said::home::*;
use super::{
    Text,
    screen::{count, duration},
};

/// How long the oldest application has waited.
pub(crate) fn pending(oldest_ms: Option<i64>) -> AttrValue {
    match oldest_ms {
        Some(age) => oldest(&duration(age)).into(),
        None => NONE_PENDING.into(),
    }
}

/// `YYYY-MM-DD` as `11月29日`.
pub(crate) fn date_of(day: &str) -> String {
    let parts: Vec<&str> = day.split('-').map(|part| part.trim_start_matches('0')).collect();
    match parts.as_slice() {
        [_, month, day] => date(month, day),
        _ => day.to_owned(),
    }
}

/// One of the two days.
pub(crate) fn day(is_today: bool, day: &str) -> String {
    let date = date_of(day);
    if is_today { today(&date) } else { yesterday(&date) }
}

pub(crate) const DAILY_COLUMNS: [Text; 4] =
    [DAILY_COLUMNS_1, DAILY_COLUMNS_2, DAILY_COLUMNS_3, DAILY_COLUMNS_4];
/// How many do not fit on the screen.
pub(crate) fn left_out(left_out: u32) -> String {
    left_out_of(&count(u64::from(left_out)))
}

pub(crate) const SERIES: [Text; 4] = [SERIES_1, SERIES_2, SERIES_3, SERIES_4];

/// What the bars show, in one sentence.
pub(crate) fn bars(totals: [u64; 4], highest: u64) -> String {
    let parts: Vec<String> =
        SERIES.iter().zip(totals).map(|(name, total)| bars_part(name, &count(total))).collect();
    bars_of(&parts.join("、"), &count(highest))
}
