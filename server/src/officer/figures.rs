//! How registration goes.

use std::sync::Arc;

use touroku_proto::{
    certificate::rfc3339,
    officer::figures::{DayFigures, Figures},
};

use super::Acting;
use crate::{
    app::App,
    error::Error,
    store::{beginning_of, japanese_day},
};

/// Days that are shown.
const DAYS: i64 = 90;

/// Seconds of a day.
const DAY: i64 = 86_400;

/// The figures of the officer's agency.
pub async fn figures(app: &Arc<App>, acting: Acting) -> Result<Figures, Error> {
    let now = app.outside.now();
    app.store
        .read(move |reader| {
            let agency = acting.agency();
            let today = japanese_day(now);
            let first = today - (DAYS - 1);
            let since = beginning_of(first);
            let events = reader.events_by_day(agency, since)?;
            let count =
                |day: i64, kind: &str| events.get(&(day, kind.to_owned())).copied().unwrap_or_default();
            let days = (first..=today).map(|day| DayFigures {
                day: rfc3339(day * DAY).chars().take(10).collect(),
                registered: count(day, "card_registered"),
                changed: count(day, "changed") + count(day, "id_changed"),
                renewed: count(day, "card_renewed"),
                applied: count(day, "id_applied"),
            });
            let stock = reader.stock_counts(agency)?;
            let seconds = now.div_euclid(1000);
            let (pending, oldest_pending_unix_ms) = reader.pending_count(agency)?;
            let times = reader.processing_times(agency, since)?;
            let mails = reader.mail_figures(agency, since)?;
            Ok(Figures {
                days: days.collect(),
                paper: stock.roster.saturating_sub(stock.electronic),
                electronic: stock.electronic,
                suspended: stock.suspended,
                cards: stock.cards,
                expiring_30: reader.count_expiring(agency, seconds, seconds + 30 * DAY)?,
                expiring_90: reader.count_expiring(agency, seconds, seconds + 90 * DAY)?,
                revoked: stock.revoked,
                pending,
                oldest_pending_unix_ms,
                median_processing_ms: quantile(&times, 5),
                slow_processing_ms: quantile(&times, 9),
                mail_queued: mails.queued,
                mail_sent: mails.sent,
                mail_refused: mails.refused,
            })
        })
        .await
}

/// The smallest of the sorted times that so many of ten did not exceed.
fn quantile(times: &[i64], of_ten: usize) -> Option<i64> {
    let rank = (times.len() * of_ten).div_ceil(10);
    times.get(rank.checked_sub(1)?).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_ten_times_the_fifth_is_the_middle_and_the_ninth_is_slow() {
        let times: Vec<i64> = (1..=10).collect();
        assert_eq!((quantile(&times, 5), quantile(&times, 9)), (Some(5), Some(9)));
        assert_eq!((quantile(&[7], 5), quantile(&[7], 9)), (Some(7), Some(7)));
        assert_eq!(quantile(&[], 5), None);
    }
}
