//! 利用時間.

use touroku_proto::hours::{BusinessHours, ClosedDays};

use super::finding::{Finding, at};
use crate::agency::layers::Step;

pub(super) fn check(hours: &BusinessHours, found: &mut Vec<Finding>) {
    if hours.close <= hours.open {
        found.push((
            at(&["hours", "close"]),
            format!("終わる時刻（{}）は、始まる時刻（{}）より後にしてください", hours.close, hours.open),
        ));
    }
    if hours.weekdays.is_empty() {
        found.push((at(&["hours", "weekdays"]), "利用できる曜日が一つもありません".to_owned()));
    }
    for (index, day) in hours.weekdays.iter().enumerate() {
        if hours.weekdays[..index].contains(day) {
            let place = vec![Step::Key("hours".into()), Step::Key("weekdays".into()), Step::Index(index)];
            found.push((place, "同じ曜日が二度あります".to_owned()));
        }
    }
    for (index, days) in hours.closed.iter().enumerate() {
        if let Some(day) = impossible_day(days) {
            let place = vec![Step::Key("hours".into()), Step::Key("closed".into()), Step::Index(index)];
            found.push((place, format!("{day}という日はありません")));
        }
    }
}

/// A day that does not exist in any year, or not in that year.
fn impossible_day(days: &ClosedDays) -> Option<String> {
    let text = String::from(days.clone());
    let is_impossible = |day: &&str| {
        // A day without a year may be 29 February.
        let dated = if day.len() == 5 { format!("2000-{day}") } else { (*day).to_owned() };
        dated.parse::<jiff::civil::Date>().is_err()
    };
    text.split("..").find(is_impossible).map(str::to_owned)
}
