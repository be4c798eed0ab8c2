//! Sends the feed's events to clients (Standard Webhooks 1.0), one after the other, each until it arrives.
//!
//! How far a client is stands in the store, not each event: however long a client was away, it gets all of them in
//! order. An event may arrive twice when a server dies after sending it; its `webhook-id` tells.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use reqwest::header::CONTENT_TYPE;
use standardwebhooks::{HEADER_WEBHOOK_ID, HEADER_WEBHOOK_SIGNATURE, HEADER_WEBHOOK_TIMESTAMP, Webhook};
use touroku_proto::{
    agency::AgencyProfile,
    feed::{FeedEvent, FeedKind, Registration},
    sign_in::Client,
};

use super::{events, timestamp};
use crate::{
    app::App,
    error::Error,
    key::ServerKey,
    outgoing::{self, Sender},
    store::WebhookState,
};

/// How long a client has to respond.
const TIMEOUT: Duration = Duration::from_secs(10);

/// How long one client is sent events before the others are looked at again.
const TURN: Duration = Duration::from_secs(20);

/// How many events are read at once.
const BATCH: u32 = 50;

/// The secret that a client checks signatures with, as Standard Webhooks writes it. Derived from the server's key, so
/// that nothing keeps it.
///
/// # Errors
/// Those of OpenSSL.
pub fn secret(key: &ServerKey, agency: &str, client: &Client) -> Result<String, Error> {
    let whose = format!("{agency}\n{}\n{}", client.code, client.webhook_secret_version);
    Ok(format!("whsec_{}", STANDARD.encode(key.hash("webhook secret", whose.as_bytes())?)))
}

/// Whether a client may be sent something now.
///
/// # Errors
/// Those of the store.
pub async fn is_due(app: &Arc<App>) -> Result<bool, Error> {
    let clients = clients(app);
    if clients.is_empty() {
        return Ok(false);
    }
    let now = app.outside.now();
    let look = app.store.scan(move |reader| {
        for (agency, client) in &clients {
            let is_due = match reader.webhook(agency, &client.code)? {
                None => true,
                Some(state) => {
                    state.next_attempt_at <= now && !reader.feed(agency, state.position, 1)?.is_empty()
                }
            };
            if is_due {
                return Ok(true);
            }
        }
        Ok(false)
    });
    look.await
}

/// Sends every client what is due. Returns how many events arrived.
///
/// # Errors
/// Those of the store.
pub async fn send(app: &Arc<App>) -> Result<usize, Error> {
    let web = Sender::new(TIMEOUT, &app.settings.internal)?;
    let mut turns = tokio::task::JoinSet::new();
    for (agency, client) in clients(app) {
        let (app, web) = (Arc::clone(app), web.clone());
        turns.spawn(async move { turn(&app, &web, &agency, &client).await });
    }
    let mut arrived = 0;
    while let Some(turn) = turns.join_next().await {
        arrived += turn.unwrap_or(Err(Error::Defect("a webhook panicked")))?;
    }
    Ok(arrived)
}

/// Sends an event of no consequence, and says how it went.
///
/// # Errors
/// Those of OpenSSL; not when the client refuses it.
pub async fn try_out(
    app: &App,
    profile: &AgencyProfile,
    client: &Client,
) -> Result<Result<(), String>, Error> {
    let event = FeedEvent {
        id: 0,
        kind: FeedKind::Test,
        timestamp: timestamp(app.outside.now())?,
        data: Registration { agency: profile.code.clone(), ..Registration::default() },
    };
    post(app, &Sender::new(TIMEOUT, &app.settings.internal)?, &profile.code, client, &event).await
}

fn clients(app: &App) -> Vec<(String, Client)> {
    let of = |profile: &AgencyProfile| {
        let clients = profile.clients.iter().filter(|client| !client.webhook_uri.is_empty());
        clients.map(|client| (profile.code.clone(), client.clone())).collect::<Vec<_>>()
    };
    app.agencies.all().flat_map(of).collect()
}

async fn turn(app: &Arc<App>, web: &Sender, agency: &str, client: &Client) -> Result<usize, Error> {
    let began = Instant::now();
    let Some(mut state) = begin(app, agency, client).await? else { return Ok(0) };
    let mut arrived = 0;
    while began.elapsed() < TURN && state.next_attempt_at <= app.outside.now() {
        let events = events(app, agency, client, state.position, BATCH).await?;
        if events.is_empty() {
            break;
        }
        for event in events {
            let outcome = post(app, web, agency, client, &event).await?;
            let now = app.outside.now();
            let failed = outcome.as_ref().err().cloned();
            state = match outcome {
                Ok(()) => WebhookState {
                    position: event.id,
                    attempts: 0,
                    next_attempt_at: 0,
                    arrived_at: Some(now),
                    error: String::new(),
                },
                Err(error) => WebhookState {
                    attempts: state.attempts.saturating_add(1),
                    next_attempt_at: now + outgoing::pause(state.attempts),
                    error,
                    ..state
                },
            };
            note(app, agency, client, state.clone()).await?;
            if let Some(reason) = failed {
                tracing::warn!(agency, client = client.code, reason, "a webhook was not delivered");
                return Ok(arrived);
            }
            arrived += 1;
        }
    }
    Ok(arrived)
}

/// How far it is. `None`: this client was new, and begins with what happens from now on.
async fn begin(app: &Arc<App>, agency: &str, client: &Client) -> Result<Option<WebhookState>, Error> {
    let (of, code) = (agency.to_owned(), client.code.clone());
    let known = app.store.read(move |reader| reader.webhook(&of, &code)).await?;
    if known.is_none() {
        let of = agency.to_owned();
        let position = app.store.read(move |reader| reader.last_event(&of)).await?;
        let state = WebhookState {
            position,
            attempts: 0,
            next_attempt_at: 0,
            arrived_at: None,
            error: String::new(),
        };
        note(app, agency, client, state).await?;
    }
    Ok(known)
}

async fn note(app: &Arc<App>, agency: &str, client: &Client, state: WebhookState) -> Result<(), Error> {
    let (agency, code) = (agency.to_owned(), client.code.clone());
    app.store.write(move |writer| writer.set_webhook(&agency, &code, &state)).await
}

/// Sends one event. Fails with the reason why it did not arrive.
async fn post(
    app: &App,
    web: &Sender,
    agency: &str,
    client: &Client,
    event: &FeedEvent,
) -> Result<Result<(), String>, Error> {
    let body = serde_json::to_vec(event).map_err(|_| Error::Defect("an event is plain data"))?;
    let (id, at) = (format!("evt_{agency}_{}", event.id), app.outside.now().div_euclid(1000));
    let signer =
        Webhook::new(&secret(&app.key, agency, client)?).map_err(|_| Error::Defect("a secret is Base64"))?;
    let signature = signer.sign(&id, at, &body).map_err(|_| Error::Defect("an event can be signed"))?;
    let request = web
        .post(&client.webhook_uri)
        .header(CONTENT_TYPE, "application/json")
        .header(HEADER_WEBHOOK_ID, id)
        .header(HEADER_WEBHOOK_TIMESTAMP, at.to_string())
        .header(HEADER_WEBHOOK_SIGNATURE, signature)
        .body(body);
    Ok(web.arrived(request).await)
}
