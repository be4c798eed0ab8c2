//! `/healthz` and `/readyz`: for load balancers and administrators.

use std::{sync::Arc, time::Duration};

use axum::{Json as Answer, Router, extract::State, http::StatusCode, routing::get};
use serde::Serialize;

use crate::{
    app::{App, Live},
    archive::Status,
    health,
    readiness::Readiness,
};

/// How long the outbox may take to be counted: a load balancer waits for the answer.
const PATIENCE: Duration = Duration::from_secs(1);

pub(super) fn routes() -> Router<Live> {
    Router::new().route("/healthz", get(healthz)).route("/readyz", get(readyz))
}

/// The response of `/healthz`: always successful, whatever the state of the database.
#[derive(Serialize)]
struct Health {
    status: &'static str,
    version: &'static str,
    /// `none`: revoked cards are never detected.
    revocation: &'static str,
    #[serde(flatten)]
    backups: Status,
}

async fn healthz(State(app): State<Arc<App>>) -> Answer<Health> {
    let backups = health::backups(&app);
    let revocation = if app.trust.current().checks_revocation() { "checked" } else { "none" };
    Answer(Health { status: "ok", version: env!("CARGO_PKG_VERSION"), revocation, backups })
}

/// The response of `/readyz`.
#[derive(Serialize)]
struct Ready {
    #[serde(flatten)]
    readiness: Readiness,
    #[serde(flatten)]
    backups: Status,
    mail: Option<MailHealth>,
}

async fn readyz(State(app): State<Arc<App>>) -> (StatusCode, Answer<Ready>) {
    let readiness = health::readiness(&app).await;
    let status = if readiness.ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    // With a full disk it can still be read, and matters most.
    let mail = tokio::time::timeout(PATIENCE, mail_health(&app)).await.ok().flatten();
    (status, Answer(Ready { readiness, backups: health::backups(&app), mail }))
}

/// The state of mail delivery.
#[derive(Serialize)]
struct MailHealth {
    queued: u64,
    refused: u64,
    /// How long the oldest has been waiting.
    oldest_seconds: i64,
    /// Since when mails can't leave, Unix milliseconds, and the last failure.
    #[serde(skip_serializing_if = "Option::is_none")]
    failing_since_unix_ms: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<String>,
}

async fn mail_health(app: &App) -> Option<MailHealth> {
    let counts = app.health().await.ok()?;
    let (failing_since_unix_ms, failure) =
        app.mail_watch.trouble().map(|trouble| (trouble.since, trouble.reason)).unzip();
    Some(MailHealth {
        queued: counts.queued,
        refused: counts.refused,
        oldest_seconds: counts.oldest_seconds(app.outside.now()),
        failing_since_unix_ms,
        failure,
    })
}
