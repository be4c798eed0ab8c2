//! 監査記録 (管理).

use std::sync::Arc;

use axum::{
    Json as Answer, Router,
    body::Body,
    extract::{Query, State},
    http::header,
    response::{IntoResponse, Response},
    routing::get,
};
use futures_util::{StreamExt as _, stream};
use serde::Deserialize;
use touroku_proto::{
    api::ApiErrorCode,
    officer::audit::{AuditCheck, AuditPage},
};

use super::Manager;
use crate::{
    app::{App, Live},
    error::Error,
    http::json::{Json, Nothing},
    officer::audit,
};

pub(super) fn routes() -> Router<Live> {
    Router::new()
        .route("/audit", get(page))
        .route("/audit/export", get(export))
        .route("/audit/check", get(check).post(begin_check))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Place {
    before: Option<i64>,
}

async fn page(
    State(app): State<Arc<App>>,
    Manager(acting): Manager,
    place: Result<Query<Place>, axum::extract::rejection::QueryRejection>,
) -> Result<Answer<AuditPage>, Error> {
    let Query(place) = place.map_err(|_| Error::Refused(ApiErrorCode::BadRequest))?;
    audit::page(&app, acting, place.before).await.map(Answer)
}

async fn check(State(app): State<Arc<App>>, Manager(acting): Manager) -> Result<Answer<AuditCheck>, Error> {
    audit::check_state(&app, acting.agency()).await.map(Answer)
}

async fn begin_check(
    State(app): State<Arc<App>>,
    Manager(acting): Manager,
    Json(Nothing {}): Json<Nothing>,
) -> Result<Answer<AuditCheck>, Error> {
    audit::begin_check(&app, acting).await.map(Answer)
}

/// Streamed in batches, however long the chain is.
async fn export(State(app): State<Arc<App>>, Manager(acting): Manager) -> Result<Response, Error> {
    let agency = acting.agency().to_owned();
    let name = format!("attachment; filename=\"audit-{agency}.jsonl\"");
    let last = audit::begin_export(&app, acting).await?;
    // Its own entry is the last one, so the export ends where the chain is sealed now.
    let head = audit::head(&app, &agency).await?.filter(|head| head.sequence == last);
    let lines = stream::try_unfold((app, agency, 0), move |(app, agency, after)| async move {
        let mut entries = audit::batch(&app, &agency, after).await?;
        entries.retain(|entry| entry.sequence <= last);
        let Some(end) = entries.last().map(|entry| entry.sequence) else { return Ok(None) };
        let lines = audit::to_lines(&entries)?;
        Ok::<_, Error>(Some((lines, (app, agency, end))))
    });
    let end = head.map(|head| Ok(audit::to_last_line(&head)));
    let lines = lines.chain(stream::iter(end));
    let headers = [(header::CONTENT_TYPE, "application/jsonl"), (header::CONTENT_DISPOSITION, name.as_str())];
    Ok((headers, Body::from_stream(lines)).into_response())
}
