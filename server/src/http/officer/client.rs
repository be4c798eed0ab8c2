//! 電子入札システムなど: the systems that the agency knows.

use std::sync::Arc;

use axum::{Json as Answer, Router};
use touroku_proto::{endpoint::officer as calls, officer::client::ClientsView};

use crate::{
    app::{App, Live},
    error::Error,
    http::call::{Call, Calls as _},
    officer::client,
};

pub(super) fn routes() -> Router<Live> {
    Router::new()
        .call::<calls::Clients>(clients)
        .call::<calls::SaveClient>(save)
        .call::<calls::RenewSecret>(renew_secret)
        .call::<calls::RemoveClient>(remove)
        .call::<calls::WebhookSecret>(webhook_secret)
        .call::<calls::TryWebhook>(try_webhook)
}

async fn clients(app: Arc<App>, call: Call<calls::Clients>) -> Result<Answer<ClientsView>, Error> {
    client::clients(&app, &call.who).await.map(Answer)
}

async fn save(_: Arc<App>, call: Call<calls::SaveClient>) -> Result<Answer<ClientsView>, Error> {
    client::save(call.live, call.who, call.body).await.map(Answer)
}

async fn renew_secret(_: Arc<App>, call: Call<calls::RenewSecret>) -> Result<Answer<ClientsView>, Error> {
    let (code,) = call.path;
    client::renew_secret(call.live, call.who, code, call.body).await.map(Answer)
}

async fn remove(_: Arc<App>, call: Call<calls::RemoveClient>) -> Result<Answer<ClientsView>, Error> {
    let (code,) = call.path;
    client::remove(call.live, call.who, code).await.map(Answer)
}

async fn webhook_secret(
    app: Arc<App>,
    call: Call<calls::WebhookSecret>,
) -> Result<Answer<ClientsView>, Error> {
    let (code,) = call.path;
    client::webhook_secret(&app, &call.who, code).await.map(Answer)
}

async fn try_webhook(app: Arc<App>, call: Call<calls::TryWebhook>) -> Result<Answer<ClientsView>, Error> {
    let (code,) = call.path;
    client::try_webhook(&app, &call.who, code).await.map(Answer)
}
