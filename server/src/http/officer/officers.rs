//! The agency's accounts (管理).

use std::sync::Arc;

use axum::{
    Json as Answer, Router,
    extract::{Path, State},
    routing::{get, post, put},
};
use touroku_proto::officer::{AddOfficer, ChangeOfficer, OfficerAccount, SetupLink};

use super::{Manager, Nothing};
use crate::{
    app::{App, Live},
    error::Error,
    http::json::Json,
    officer::account::{self, By, Links},
};

pub(super) fn routes() -> Router<Live> {
    Router::new()
        .route("/officers", get(list).post(add))
        .route("/officers/{login_id}", put(change))
        .route("/officers/{login_id}/setup", post(reset))
}

async fn list(
    State(app): State<Arc<App>>,
    Manager(acting): Manager,
) -> Result<Answer<Vec<OfficerAccount>>, Error> {
    account::officers(&app, acting).await.map(Answer)
}

async fn add(
    State(app): State<Arc<App>>,
    Manager(acting): Manager,
    Json(request): Json<AddOfficer>,
) -> Result<Answer<SetupLink>, Error> {
    let shared = Arc::clone(&app);
    let link =
        app.store.write(move |writer| account::add(writer, &links(&shared), &By::Manager(&acting), &request));
    link.await.map(Answer)
}

async fn change(
    State(app): State<Arc<App>>,
    Manager(acting): Manager,
    Path(login_id): Path<String>,
    Json(request): Json<ChangeOfficer>,
) -> Result<Answer<OfficerAccount>, Error> {
    let now = app.outside.now();
    let changed = app
        .store
        .write(move |writer| account::change(writer, &By::Manager(&acting), &login_id, &request, now));
    changed.await.map(Answer)
}

async fn reset(
    State(app): State<Arc<App>>,
    Manager(acting): Manager,
    Path(login_id): Path<String>,
    Json(Nothing {}): Json<Nothing>,
) -> Result<Answer<SetupLink>, Error> {
    let shared = Arc::clone(&app);
    let link = app
        .store
        .write(move |writer| account::reset(writer, &links(&shared), &By::Manager(&acting), &login_id));
    link.await.map(Answer)
}

fn links(app: &App) -> Links<'_> {
    Links { key: &app.key, outside: &app.outside, origin: &app.settings.officer_origin }
}
