//! How registration is going.

use std::sync::Arc;

use touroku_proto::officer::figures::{DayFigures, Figures};

use super::Acting;
use crate::{
    app::App,
    error::Error,
    japan,
    store::{EventKind, Reader},
};

const DAYS: i64 = 90;

/// Seconds of a day.
const DAY: i64 = 86_400;

/// With this many companies, cards and mails, counting takes too long to do it at every request.
const LARGE: u64 = 50_000;

/// How long counted figures are then shown, milliseconds.
const SHOWN_FOR: i64 = 60_000;

pub async fn figures(app: &Arc<App>, acting: Acting) -> Result<Figures, Error> {
    let now = app.outside.now();
    let slot = app.figures.of(acting.agency());
    let mut counted = slot.lock().await;
    let mut figures = match &*counted {
        Some(figures) if is_fresh(figures, now) => figures.clone(),
        _ => {
            let agency = acting.agency().to_owned();
            let figures = app.store.scan(move |reader| count(reader, &agency, now)).await?;
            *counted = is_large(&figures).then(|| figures.clone());
            figures
        }
    };
    drop(counted);
    // They go by how many are suspended and how many mails wait.
    let read = app.store.scan(move |reader| {
        Ok((reader.urgent_counts(acting.agency(), now)?, reader.pending_count(acting.agency())?))
    });
    let (urgent, (pending, oldest_pending_unix_ms)) = read.await?;
    figures.suspended = urgent.suspended;
    figures.revoked = urgent.revoked;
    figures.checks_revocation = app.trust.current().checks_revocation();
    figures.mail_queued = urgent.mail_queued;
    figures.permits = urgent.permits;
    figures.pending = pending;
    figures.oldest_pending_unix_ms = oldest_pending_unix_ms;
    Ok(figures)
}

fn is_fresh(figures: &Figures, now: i64) -> bool {
    (0..SHOWN_FOR).contains(&(now - figures.counted_unix_ms))
}

fn is_large(figures: &Figures) -> bool {
    figures.paper + figures.electronic + figures.cards + figures.mail_sent >= LARGE
}

/// Everything except what officers act on.
fn count(reader: &Reader<'_>, agency: &str, now: i64) -> Result<Figures, Error> {
    let today = japan::day(now);
    let first = today - (DAYS - 1);
    let since = japan::beginning_of(first);
    let events = reader.events_by_day(agency, first)?;
    let count = |day: i64, kind: EventKind| events.get(&(day, kind)).copied().unwrap_or_default();
    let days = (first..=today).map(|day| DayFigures {
        day: japan::date(japan::beginning_of(day)),
        registered: count(day, EventKind::CardRegistered),
        changed: count(day, EventKind::Changed) + count(day, EventKind::IdChanged),
        renewed: count(day, EventKind::CardRenewed),
        applied: count(day, EventKind::IdApplied),
    });
    let stock = reader.stock_counts(agency)?;
    let seconds = now.div_euclid(1000);
    let times = reader.processing_times(agency, since)?;
    let mails = reader.mail_figures(agency, first)?;
    Ok(Figures {
        counted_unix_ms: now,
        days: days.collect(),
        paper: stock.roster.saturating_sub(stock.electronic),
        electronic: stock.electronic,
        suspended: 0,
        cards: stock.cards,
        expiring_30: reader.count_expiring(agency, seconds, seconds + 30 * DAY)?,
        expiring_90: reader.count_expiring(agency, seconds, seconds + 90 * DAY)?,
        revoked: 0,
        checks_revocation: true,
        permits: 0,
        pending: 0,
        oldest_pending_unix_ms: None,
        median_processing_ms: quantile(&times, 5),
        slow_processing_ms: quantile(&times, 9),
        mail_queued: 0,
        mail_sent: mails.sent,
        mail_refused: mails.refused,
    })
}

/// A percentile of sorted times, in tenths.
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
