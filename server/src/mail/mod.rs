//! The mailer: takes queued mails from the outbox and hands them over, retrying until they are gone.
//!
//! A mail is claimed in the store before it is tried, so that several connections, and several servers, never
//! send the same one. Recording one mail's result and claiming the next share a transaction: while nothing
//! can be recorded, nothing is sent.

mod admit;
mod calendar;
mod failure;
mod gate;
pub(crate) mod letter;
mod message;
pub mod notice;
mod relay;
mod retry;
mod seal;
mod smtp;
mod texts;
mod tls;
mod transport;
pub(crate) mod watch;
mod worker;

use std::{sync::Arc, time::Duration};

use tokio::{sync::watch as signal, task::JoinSet, time::Instant};

use self::worker::Mailer;
pub(crate) use self::{admit::LINK_LIFE, retry::LONGEST_WAIT};
pub use self::{
    admit::{ask_again, perhaps_unconfirmed, unconfirmed},
    calendar::DayEvent,
    letter::{Desk, Letter, Mailed, Post},
    relay::Relay,
    seal::open_body,
    smtp::Times,
    texts::fill_texts,
    transport::Transport,
    watch::{AttemptCounts, MailWatch, Trouble},
};
use crate::{app::App, error::Error, store::Priority};

/// The longest sleep, so that mails queued by another process (or after a clock change) are found.
const LONGEST_SLEEP: Duration = Duration::from_secs(5);

/// How long a mail may wait before it causes an alert, milliseconds.
const LONG: i64 = 15 * 60_000;

/// How often the same alert is repeated, milliseconds.
const ALERT_EVERY: i64 = 10 * 60_000;

/// How often it is looked for such mails at most.
const LOOK_EVERY: Duration = Duration::from_secs(10);

/// A larger step backwards means that the clock was set back, milliseconds.
const PUT_BACK: i64 = 60_000;

/// The mailer's timing.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// Simultaneous connections. One of them is reserved for what people wait for.
    pub connections: u32,
    /// The first pause when the mail server does not answer; it doubles.
    pub first_pause: Duration,
    pub longest_pause: Duration,
    pub keep_alive: Duration,
    /// How long a claim lasts; renewed while the mail is being sent.
    pub lease: Duration,
    /// How long shutdown waits for the reply to a mail whose end has been sent.
    pub stop: Duration,
    /// The first pause when nothing can be recorded; it doubles up to the longest.
    pub note: Duration,
    /// How often officers end the pauses.
    pub try_now: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            connections: 8,
            first_pause: Duration::from_secs(2),
            longest_pause: Duration::from_secs(60),
            keep_alive: Duration::from_secs(30),
            lease: Duration::from_secs(300),
            stop: Duration::from_secs(5),
            note: Duration::from_secs(1),
            try_now: Duration::from_secs(5),
        }
    }
}

/// Delivers until `stop` resolves.
pub async fn run(app: Arc<App>, transport: Transport, stop: impl Future<Output = ()>) {
    run_at(Pace::default(), app, transport, stop).await;
}

/// The same with other timing.
pub async fn run_at(pace: Pace, app: Arc<App>, transport: Transport, stop: impl Future<Output = ()>) {
    tokio::pin!(stop);
    let mailer = Arc::new(Mailer::new(Arc::clone(&app), transport, pace));
    let (work, _) = signal::channel(());
    let (stopping, stopped) = signal::channel(false);
    let mut workers = JoinSet::new();
    for number in 0..pace.connections {
        let least = if number == 0 && pace.connections > 1 { Priority::Awaited } else { Priority::Bulk };
        workers.spawn(Arc::clone(&mailer).work(least, work.subscribe(), stopped.clone()));
    }
    let (mut alerted, mut looked) = (None, None);
    let mut clock = Clock::read(&app);
    loop {
        let sleep = until_next(&app).await;
        tokio::select! {
            () = &mut stop => break,
            () = app.mail_queued.notified() => {}
            () = app.mail_watch.wanted() => mailer.try_now(),
            () = tokio::time::sleep(sleep) => {}
        }
        if clock.was_put_back(&app) {
            match end_waits(&app).await {
                Ok(mails) => tracing::warn!(mails, "the clock was put back: waiting mails are tried now"),
                Err(error) => tracing::warn!(%error, "the clock was put back: mails wait longer"),
            }
        }
        work.send_replace(());
        // It counts the whole queue, and each queued mail comes by here.
        if looked.is_none_or(|at: Instant| at.elapsed() >= LOOK_EVERY) {
            looked = Some(Instant::now());
            alert(&app, &mut alerted).await;
        }
    }
    stopping.send_replace(true);
    while workers.join_next().await.is_some() {}
}

async fn end_waits(app: &Arc<App>) -> Result<usize, Error> {
    let (now, mut ended) = (app.outside.now(), 0);
    loop {
        match app.store.write(move |writer| writer.end_mail_waits(now)).await? {
            0 => return Ok(ended),
            mails => ended += mails,
        }
    }
}

/// Detects a clock that was set back.
struct Clock {
    wall: i64,
    monotonic: Instant,
}

impl Clock {
    fn read(app: &App) -> Self {
        Self { wall: app.outside.now(), monotonic: Instant::now() }
    }

    /// Whether it was since the last call, by more than normal clock adjustment.
    fn was_put_back(&mut self, app: &App) -> bool {
        let now = Self::read(app);
        let passed = i64::try_from((now.monotonic - self.monotonic).as_millis()).unwrap_or(i64::MAX);
        let jump = now.wall - self.wall - passed;
        *self = now;
        jump < -PUT_BACK
    }
}

/// Tries every due mail once, on one connection, until the mail server fails. Returns how many were handed over.
pub async fn deliver_due(app: &Arc<App>, transport: &Transport) -> Result<usize, Error> {
    Mailer::new(Arc::clone(app), transport.clone(), Pace::default()).deliver_due().await
}

async fn until_next(app: &Arc<App>) -> Duration {
    match app.store.read(|reader| reader.next_mail_at()).await {
        Ok(Some(at)) => {
            let wait = u64::try_from(at - app.outside.now()).unwrap_or(0);
            // What is already due is being worked on, or waits for the mail server.
            Duration::from_millis(if wait == 0 { 1000 } else { wait }).min(LONGEST_SLEEP)
        }
        _ => LONGEST_SLEEP,
    }
}

/// Logs when mails have been waiting for long.
async fn alert(app: &Arc<App>, alerted: &mut Option<i64>) {
    let now = app.outside.now();
    let Ok(counts) = app.store.read(|reader| reader.mail_counts()).await else { return };
    let age = counts.oldest.map_or(0, |oldest| now - oldest);
    if age < LONG {
        *alerted = None;
        return;
    }
    if alerted.is_some_and(|at| (0..ALERT_EVERY).contains(&(now - at))) {
        return;
    }
    *alerted = Some(now);
    let trouble = app.mail_watch.trouble().map_or_else(String::new, |trouble| trouble.reason);
    tracing::error!(queued = counts.queued, oldest_minutes = age / 60_000, trouble, "mails wait for long");
}
