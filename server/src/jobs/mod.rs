//! What the server does by itself, apart from requests.
//!
//! Of several servers on one database one does each job: see [`Holder::lead`]. Whatever concerns only this
//! server's files (CRLs, uploads), each does for itself.

pub mod days;
pub mod expiry;
pub mod file_watch;
pub mod files;
mod lease;
pub mod revocation;
pub mod tidy;

use std::time::Duration;

use tokio::{sync::watch, task::JoinSet, time::sleep};

pub use self::lease::Holder;
use crate::{
    app::{App, Live},
    error::Error,
    feed::webhook,
    officer::{self, audit, company::index},
    oidc,
};

/// How often ended sessions are removed, refused requests reported, and rosters swept.
const TIDY_EVERY: Duration = Duration::from_secs(60);

/// How often due reminders are looked for.
const REMIND_EVERY: Duration = Duration::from_secs(3600);

/// How often due CRLs are looked for, and whether a new night has begun.
const NIGHT_EVERY: Duration = Duration::from_secs(600);

/// How often officers' news are looked for.
const NEWS_EVERY: Duration = Duration::from_secs(60);

/// How often ended sign-ins, and clients not notified of them, are looked for.
const LOGOUTS_EVERY: Duration = Duration::from_secs(5);

/// How often events that clients have not been sent are looked for.
const WEBHOOKS_EVERY: Duration = Duration::from_secs(2);

/// How often files for other systems are looked for.
const FILES_EVERY: Duration = Duration::from_secs(30);

/// How often names waiting to be indexed are looked for.
const INDEX_EVERY: Duration = Duration::from_secs(2);

/// Works until told to stop. Interrupted work resumes where it was the next time.
pub async fn run(live: Live, mut stop: watch::Receiver<bool>) {
    let holder = Holder::fresh(&live.now());
    let mut jobs = JoinSet::new();
    jobs.spawn(tidy(live.clone(), holder.clone()));
    jobs.spawn(sweep_rosters(live.clone(), holder.clone()));
    jobs.spawn(remind(live.clone(), holder.clone()));
    jobs.spawn(check_cards(live.clone(), holder.clone()));
    jobs.spawn(check_audit(live.clone(), holder.clone()));
    jobs.spawn(turn_days(live.clone(), holder.clone()));
    jobs.spawn(tell_of_days(live.clone(), holder.clone()));
    jobs.spawn(tell_of_news(live.clone(), holder.clone()));
    jobs.spawn(index(live.clone(), holder.clone()));
    jobs.spawn(tell_of_logouts(live.clone(), holder.clone()));
    jobs.spawn(send_feed(live.clone(), holder.clone()));
    jobs.spawn(write_files(live.clone(), holder.clone()));
    // The sender lives as long as the server; if it were gone, stopping would be right too.
    drop(stop.wait_for(|&stop| stop).await);
    jobs.shutdown().await;
    let app = live.now();
    tell_refusals(&app);
    if let Err(error) = holder.end(&app).await {
        tracing::warn!(%error, "leases are left to end by themselves");
    }
}

async fn tidy(live: Live, holder: Holder) {
    loop {
        let app = live.now();
        tell_refusals(&app);
        warn(holder.lead(&app, "tidy", tidy::tidy(&app)).await, "housekeeping failed");
        if let Err(error) = officer::import::resume_abandoned(&app).await {
            tracing::error!(%error, "imports that were cut off could not go on");
        }
        if let Err(error) = officer::import::tidy(&app).await {
            tracing::warn!(%error, "tidying imports failed");
        }
        sleep(TIDY_EVERY).await;
    }
}

/// Apart from the rest: a large roster takes a while.
async fn sweep_rosters(live: Live, holder: Holder) {
    loop {
        let app = live.now();
        let swept = holder.lead(&app, "rosters", officer::import::sweep_rosters(&app)).await;
        warn(swept, "rosters can't be swept");
        sleep(TIDY_EVERY).await;
    }
}

/// Logs one line for all requests rate-limited since the last one.
fn tell_refusals(app: &App) {
    let refused = app.metrics.take_refused();
    let count: u64 = refused.values().sum();
    if count > 0 {
        tracing::warn!(count, routes = ?refused, "too many requests were refused");
    }
}

async fn remind(live: Live, holder: Holder) {
    loop {
        let app = live.now();
        let reminded = holder.lead(&app, "remind", expiry::remind(&app)).await;
        if let Some(cards @ 1..) = warn(reminded, "expiring cards can't be looked for") {
            tracing::info!(cards, "expiring cards' companies reminded");
        }
        sleep(REMIND_EVERY).await;
    }
}

/// Keeps this server's CRLs fresh, and checks the cards every night.
async fn check_cards(live: Live, holder: Holder) {
    loop {
        let app = live.now();
        app.trust.fetch_due(app.outside.now()).await;
        let checked = holder.lead(&app, "revocation", revocation::check_night(&app)).await;
        if let Some(Some(checked)) = warn(checked, "registered cards can't be checked") {
            tracing::info!(
                cards = checked.cards,
                refused = checked.refused.len(),
                newly_revoked = checked.newly_revoked,
                "registered cards checked"
            );
        }
        tokio::select! {
            () = sleep(NIGHT_EVERY) => {}
            // Until their lists arrive, cards of that issuer can't be checked.
            () = app.trust.addresses_changed() => {}
        }
    }
}

async fn check_audit(live: Live, holder: Holder) {
    loop {
        let app = live.now();
        let work = async {
            audit::tend(&app).await;
            audit::check_all(&app).await;
            Ok(())
        };
        warn(holder.lead(&app, "audit", work).await, "audit chains can't be looked through");
        sleep(NIGHT_EVERY).await;
    }
}

async fn turn_days(live: Live, holder: Holder) {
    loop {
        let app = live.now();
        warn(holder.lead(&app, "days", days::turn(&app)).await, "what the day brings can't be recorded");
        sleep(NIGHT_EVERY).await;
    }
}

async fn tell_of_days(live: Live, holder: Holder) {
    loop {
        let app = live.now();
        let told = holder.lead(&app, "daily", officer::send_daily_mails(&app)).await;
        if let Some(agencies @ 1..) = warn(told, "officers can't be told of the day before") {
            tracing::info!(agencies, "officers told of the day before");
        }
        sleep(NIGHT_EVERY).await;
    }
}

async fn tell_of_news(live: Live, holder: Holder) {
    loop {
        let app = live.now();
        let told = holder.lead(&app, "news", officer::send_news(&app)).await;
        if let Some(agencies @ 1..) = warn(told, "officers can't be told of news") {
            tracing::info!(agencies, "officers told of news");
        }
        sleep(NEWS_EVERY).await;
    }
}

async fn index(live: Live, holder: Holder) {
    loop {
        let app = live.now();
        // Checked first: taking a lease is a write, and would happen every other second for nothing.
        match index::is_due(&app).await {
            Ok(true) => {
                warn(holder.lead(&app, "index", index::catch_up(&app)).await, "companies can't be indexed");
            }
            Ok(false) => {}
            Err(error) => tracing::warn!(%error, "companies can't be indexed"),
        }
        sleep(INDEX_EVERY).await;
    }
}

async fn tell_of_logouts(live: Live, holder: Holder) {
    loop {
        let app = live.now();
        match oidc::is_due(&app).await {
            Ok(true) => {
                warn(
                    holder.lead(&app, "logouts", oidc::tell(&app)).await,
                    "clients can't be told of logouts",
                );
            }
            Ok(false) => {}
            Err(error) => tracing::warn!(%error, "clients can't be told of logouts"),
        }
        sleep(LOGOUTS_EVERY).await;
    }
}

async fn send_feed(live: Live, holder: Holder) {
    loop {
        let app = live.now();
        match webhook::is_due(&app).await {
            Ok(true) => {
                warn(holder.lead(&app, "webhooks", webhook::send(&app)).await, "webhooks can't be sent");
            }
            Ok(false) => {}
            Err(error) => tracing::warn!(%error, "webhooks can't be sent"),
        }
        sleep(WEBHOOKS_EVERY).await;
    }
}

async fn write_files(live: Live, holder: Holder) {
    let mut swept = None;
    loop {
        let app = live.now();
        if files::is_due(&app) {
            let work = async { Ok(files::write(&app, &mut swept).await) };
            if let Some(files @ 1..) = warn(holder.lead(&app, "files", work).await, "no file can be written")
            {
                tracing::info!(files, "files written for other systems");
            }
        }
        sleep(FILES_EVERY).await;
    }
}

/// A job's result, if this server did it successfully.
fn warn<T>(led: Result<Option<Result<T, Error>>, Error>, message: &'static str) -> Option<T> {
    match led {
        Ok(Some(Ok(result))) => Some(result),
        Ok(None) => None,
        Ok(Some(Err(error))) | Err(error) => {
            tracing::warn!(%error, "{message}");
            None
        }
    }
}
