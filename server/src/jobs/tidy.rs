//! What has ended is removed, and what is old, whatever the clock said in between.

use std::sync::Arc;

use crate::{
    app::App,
    bidder,
    error::Error,
    guess, mail, officer, oidc, outgoing, review,
    store::{Lives, Progress, Retention, Writer},
    submission,
};

const DAY: i64 = 86_400_000;

/// Drafts are kept for 30 days, delivered mails (without text) and decisions about cards for 400: a year and some.
const RETENTION: Retention =
    Retention { ended_after: 0, draft: 30 * DAY, sent_mail: 400 * DAY, decision: 400 * DAY };

/// How long the clock must have gone evenly before anything is removed for its age, or because it ended before: within one
/// minute a clock that is a year ahead would take all drafts and links. By then somebody has put it right.
const EVEN: i64 = DAY;

/// Clocks of several servers may differ by as much.
const SKEW: i64 = 5 * 60_000;

/// The clock's row in the table of progress: `round` since when it goes evenly, `row` when it was last read.
const CLOCK: &str = "clock";

/// Returns how many rows were removed or shortened.
pub async fn tidy(app: &Arc<App>) -> Result<usize, Error> {
    let (now, lives) = (app.outside.now(), lives(app));
    app.store
        .write(move |writer| {
            let clock = read_clock(writer, now)?;
            // Once, when it has been put right: it reads whole tables.
            let shortened = if clock.was_ahead { writer.shorten(now, &lives)? } else { 0 };
            let retention = if clock.goes_evenly(now) {
                RETENTION
            } else {
                Retention::all_but_ended_after(clock.even_since)
            };
            Ok(shortened + writer.tidy(now, retention)?)
        })
        .await
}

/// Whether the clock has gone evenly for a day, so that something may be removed for its age.
pub async fn clock_goes_evenly(app: &App) -> Result<bool, Error> {
    let now = app.outside.now();
    let known = app.store.read(|reader| reader.progress(CLOCK)).await?;
    Ok(Clock::of(known, now).goes_evenly(now))
}

struct Clock {
    /// It was later the last time, or nobody knows.
    was_ahead: bool,
    even_since: i64,
}

impl Clock {
    fn of(known: Option<Progress>, now: i64) -> Self {
        let was_ahead = known.as_ref().is_none_or(|known| now < known.row - SKEW);
        let even = known.filter(|known| (-SKEW..=EVEN).contains(&(now - known.row)));
        Self { was_ahead, even_since: even.map_or(now, |known| known.round) }
    }

    fn goes_evenly(&self, now: i64) -> bool {
        now - self.even_since >= EVEN
    }
}

/// In the database, because a server that is started every night would never have been up for so long.
fn read_clock(writer: &Writer<'_>, now: i64) -> Result<Clock, Error> {
    let clock = Clock::of(writer.progress(CLOCK)?, now);
    writer.note_progress(CLOCK, &Progress { round: clock.even_since, row: now, ..Progress::default() })?;
    Ok(clock)
}

fn lives(app: &App) -> Lives {
    Lives {
        session: app.settings.session_idle,
        challenge: bidder::NONCE_LIFE,
        signing: submission::ANSWER_WITHIN,
        application_link: review::LINK_LIFE,
        address_link: mail::LINK_LIFE,
        officer_link: officer::LINK_LIFE,
        known_address: guess::KNOWN_FOR,
        sign_in_request: oidc::PATIENCE,
        code: oidc::SHORT,
        token: oidc::TOKEN_LIFE,
        sign_in: oidc::SIGN_IN_LIFE,
        mail_wait: mail::LONGEST_WAIT,
        outgoing_wait: outgoing::LONGEST_PAUSE,
    }
}
