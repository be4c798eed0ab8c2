//! What a day brings by itself: suspensions and qualifications that begin or end. Recorded as events, so that the feed
//! tells of them.

use std::sync::Arc;

use crate::{
    app::App,
    error::Error,
    japan,
    store::{Act, EventKind, Progress, Turn},
};

/// The name of the work in the store; each agency's own is followed by its code.
const NAME: &str = "days";

/// How many events are recorded in one transaction: others wait for it.
const BATCH: usize = 200;

/// Records what has begun or ended since the last day that was looked at. Once a day; an interrupted look is repeated
/// and records nothing twice. Returns how many events.
///
/// # Errors
/// Those of the store.
pub async fn turn(app: &Arc<App>) -> Result<usize, Error> {
    let now = app.outside.now();
    let today = japan::day(now);
    if seen(app, NAME).await? == Some(today) {
        return Ok(0);
    }
    let mut events = 0;
    for profile in app.agencies.all() {
        let name = format!("{NAME} {}", profile.code);
        // A day still to come was seen by a clock that was ahead.
        let last = seen(app, &name).await?.filter(|&day| day <= today).unwrap_or(today - 1);
        if last < today {
            let days = Turn { last, today };
            let agency = profile.code.clone();
            let turned = app.store.scan(move |reader| reader.turned(&agency, days)).await?;
            for batch in turned.chunks(BATCH) {
                events += record(app, &profile.code, batch.to_vec(), (last, now)).await?;
            }
            note(app, name, today).await?;
        }
    }
    note(app, NAME.to_owned(), today).await?;
    Ok(events)
}

async fn record(
    app: &Arc<App>,
    agency: &str,
    turned: Vec<(String, EventKind)>,
    (last, now): (i64, i64),
) -> Result<usize, Error> {
    // An interrupted look may have been on an earlier day.
    let (agency, since) = (agency.to_owned(), japan::beginning_of(last + 1));
    app.store
        .write(move |writer| {
            let mut events = 0;
            for (number, kind) in &turned {
                if writer.count_events((&agency, number), *kind, (since, now))? == 0 {
                    writer.record_act(&agency, number, None, &Act::of(*kind), now)?;
                    events += 1;
                }
            }
            Ok(events)
        })
        .await
}

/// The last day that was looked at.
async fn seen(app: &Arc<App>, name: &str) -> Result<Option<i64>, Error> {
    let name = name.to_owned();
    let known = app.store.read(move |reader| reader.progress(&name)).await?;
    Ok(known.map(|progress| progress.round))
}

async fn note(app: &Arc<App>, name: String, round: i64) -> Result<(), Error> {
    let progress = Progress { round, finished: true, ..Progress::default() };
    app.store.write(move |writer| writer.note_progress(&name, &progress)).await
}
