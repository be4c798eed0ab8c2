//! The systems that an agency knows. They are part of its profile, so whatever changes them goes the profile's way and
//! waits for another administrator.

use std::sync::Arc;

use touroku_proto::{
    api::ApiErrorCode,
    officer::{
        audit::{AuditAction, Detail},
        client::{
            ClientSecret, ClientView, ClientsView, MAX_CLIENT, RenewSecret, SaveClient, TriedWebhook,
            WebhookView,
        },
        profile::{NewProfile, ProfileInForce, ProfileMistake},
    },
    sign_in::Client,
};

use super::{Acting, profile};
use crate::{
    agency::{Secrets, entry_of, with_entry, with_secret, without_client},
    app::{App, Live},
    error::Error,
    feed::webhook,
    oidc,
    store::WebhookState,
};

/// All of them.
///
/// # Errors
/// Those of the store and of the profile's file.
pub async fn clients(app: &Arc<App>, acting: &Acting) -> Result<ClientsView, Error> {
    let ProfileInForce { text, writable, proposal, .. } = profile::in_force(app, acting).await?;
    let (shared, agency) = (Arc::clone(app), acting.agency().to_owned());
    let clients = app.store.read(move |reader| {
        let of = |client: &Client| -> Result<ClientView, Error> {
            let webhook = match client.webhook_uri.as_str() {
                "" => None,
                uri => Some(webhook_view(uri, reader.webhook(&agency, &client.code)?)),
            };
            Ok(ClientView {
                code: client.code.clone(),
                name: client.name.to_string(),
                text: entry_of(&text, &client.code),
                secrets: client.secret_sha256.len(),
                keys: client.public_keys.len(),
                webhook,
            })
        };
        shared.agencies.profile(&agency)?.clients.iter().map(of).collect::<Result<Vec<_>, Error>>()
    });
    Ok(ClientsView {
        issuer: oidc::issuer(&app.settings.origin, acting.agency()),
        writable,
        waits: proposal.is_some(),
        clients: clients.await?,
        ..ClientsView::default()
    })
}

/// How far a webhook is. `state`: nothing was sent yet if there is none.
fn webhook_view(uri: &str, state: Option<WebhookState>) -> WebhookView {
    let attempts = state.as_ref().map_or(0, |state| state.attempts);
    WebhookView {
        uri: uri.to_owned(),
        arrived_unix_ms: state.as_ref().and_then(|state| state.arrived_at),
        attempts,
        next_unix_ms: state.as_ref().filter(|_| attempts > 0).map(|state| state.next_attempt_at),
        error: state.map(|state| state.error).unwrap_or_default(),
    }
}

/// Adds one, or describes one differently. A new one without keys gets a secret.
///
/// # Errors
/// `payload_too_large`; `not_found`: there is none to replace; `wrong_state`: another change awaits confirmation, or
/// the file can't be written; `stale`.
pub async fn save(live: Live, acting: Acting, new: SaveClient) -> Result<ClientsView, Error> {
    let SaveClient { text, replaces } = new;
    if text.len() > MAX_CLIENT {
        return Err(ApiErrorCode::PayloadTooLarge.into());
    }
    let app = live.now();
    let settled = settled(&app, &acting).await?;
    let former = app.agencies.profile(acting.agency())?.client(&replaces).cloned();
    if former.is_none() && !replaces.is_empty() {
        return Err(ApiErrorCode::NotFound.into());
    }
    let (secret, hash) = oidc::new_secret(&app.outside);
    let kept = former.map(|former| former.secret_sha256).unwrap_or_default();
    let is_new = kept.is_empty();
    let secrets = if is_new { Secrets::New(hash) } else { Secrets::Kept(kept) };
    let wrong = |mistakes| async {
        let view = clients(&app, &acting).await?;
        Ok(ClientsView { mistakes, ..view })
    };
    let entry = match with_entry(&settled.text, &text, &replaces, secrets) {
        Ok(entry) => entry,
        Err(mistake) => return wrong(vec![mistake.into()]).await,
    };
    let new = NewProfile { text: entry.text, base: settled.hash };
    let check = profile::check(&app, &acting, new.clone()).await?;
    if !check.mistakes.is_empty() {
        let of_entry = |mistake: ProfileMistake| ProfileMistake {
            line: mistake.line.saturating_sub(entry.lines_before).max(1),
            ..mistake
        };
        return wrong(check.mistakes.into_iter().map(of_entry).collect()).await;
    }
    profile::exchange(live.clone(), acting.clone(), new).await?;
    let secret = (is_new && entry.takes_secrets).then_some(ClientSecret {
        code: entry.code,
        of_webhook: false,
        secret,
    });
    Ok(ClientsView { secret, ..clients(&live.now(), &acting).await? })
}

/// Gives one a new secret.
///
/// # Errors
/// As [`save`].
pub async fn renew_secret(
    live: Live,
    acting: Acting,
    code: String,
    request: RenewSecret,
) -> Result<ClientsView, Error> {
    let (secret, hash) = oidc::new_secret(&live.now().outside);
    let change = |text: &str| with_secret(text, &code, &hash, request.keep_former);
    let view = exchange(&live, &acting, change).await?;
    Ok(ClientsView { secret: Some(ClientSecret { code, of_webhook: false, secret }), ..view })
}

/// Removes one.
///
/// # Errors
/// As [`save`].
pub async fn remove(live: Live, acting: Acting, code: String) -> Result<ClientsView, Error> {
    exchange(&live, &acting, |text| without_client(text, &code)).await
}

async fn exchange(
    live: &Live,
    acting: &Acting,
    change: impl FnOnce(&str) -> Option<String>,
) -> Result<ClientsView, Error> {
    let settled = settled(&live.now(), acting).await?;
    let text = change(&settled.text).ok_or(ApiErrorCode::NotFound)?;
    profile::exchange(live.clone(), acting.clone(), NewProfile { text, base: settled.hash }).await?;
    clients(&live.now(), acting).await
}

/// The profile, if it can be changed: a proposal would be replaced by the next one, unseen.
async fn settled(app: &Arc<App>, acting: &Acting) -> Result<ProfileInForce, Error> {
    let in_force = profile::in_force(app, acting).await?;
    if in_force.proposal.is_some() || !in_force.writable {
        return Err(ApiErrorCode::WrongState.into());
    }
    Ok(in_force)
}

/// Shows what a system checks webhooks with, and records that.
///
/// # Errors
/// `not_found`: it has no webhook.
pub async fn webhook_secret(app: &Arc<App>, acting: &Acting, code: String) -> Result<ClientsView, Error> {
    let client = with_webhook(app, acting, &code)?;
    note(app, acting, AuditAction::WebhookSecretViewed, &code).await?;
    let secret = webhook::secret(&app.key, acting.agency(), &client)?;
    let view = clients(app, acting).await?;
    Ok(ClientsView { secret: Some(ClientSecret { code, of_webhook: true, secret }), ..view })
}

/// Sends a system an event of no consequence.
///
/// # Errors
/// `not_found`: it has no webhook.
pub async fn try_webhook(app: &Arc<App>, acting: &Acting, code: String) -> Result<ClientsView, Error> {
    let client = with_webhook(app, acting, &code)?;
    note(app, acting, AuditAction::WebhookTried, &code).await?;
    let outcome = webhook::try_out(app, app.agencies.profile(acting.agency())?, &client).await?;
    let view = clients(app, acting).await?;
    Ok(ClientsView { tried: Some(TriedWebhook { code, error: outcome.err().unwrap_or_default() }), ..view })
}

fn with_webhook(app: &App, acting: &Acting, code: &str) -> Result<Client, Error> {
    let client = app.agencies.profile(acting.agency())?.client(code);
    let client = client.filter(|client| !client.webhook_uri.is_empty());
    Ok(client.ok_or(ApiErrorCode::NotFound)?.clone())
}

async fn note(app: &App, acting: &Acting, action: AuditAction, code: &str) -> Result<(), Error> {
    let (acting, code, now) = (acting.clone(), code.to_owned(), app.outside.now());
    app.store.write(move |writer| acting.record(writer, action, &code, &Detail::None, now)).await
}
