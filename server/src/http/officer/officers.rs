//! The agency's accounts (管理).

use std::sync::Arc;

use axum::{
    Json as Answer, Router,
    extract::{Path, State},
    routing::{get, post, put},
};
use touroku_proto::officer::{AddOfficer, ChangeOfficer, LinkSent, OfficerAccount, ResetOfficer};

use super::Manager;
use crate::{
    app::{App, Live},
    error::Error,
    http::json::Json,
    officer::account::{self, By, Handed, Links},
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
) -> Result<Answer<LinkSent>, Error> {
    let shared = Arc::clone(&app);
    let handed = app.store.write(move |writer| {
        let links = links(&shared, acting.agency())?;
        account::add(writer, &links, &By::Manager(&acting), &request)
    });
    sent(&app, handed.await?)
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
    Json(request): Json<ResetOfficer>,
) -> Result<Answer<LinkSent>, Error> {
    let shared = Arc::clone(&app);
    let handed = app.store.write(move |writer| {
        let links = links(&shared, acting.agency())?;
        account::reset(writer, &links, &By::Manager(&acting), &login_id, &request)
    });
    sent(&app, handed.await?)
}

fn sent(app: &App, handed: Handed) -> Result<Answer<LinkSent>, Error> {
    app.mail_queued.notify_one();
    match handed {
        Handed::Mailed(sent) => Ok(Answer(sent)),
        Handed::Shown { .. } => Err(Error::Defect("a link was made for a manager to hand over")),
    }
}

fn links<'a>(app: &'a App, agency: &str) -> Result<Links<'a>, Error> {
    let profile = app.agencies.profile(agency)?;
    Ok(Links { key: &app.key, outside: &app.outside, origin: &app.settings.officer_origin, profile })
}
