//! 審査.

use std::sync::Arc;

use axum::{
    Json as Answer, Router,
    extract::{Path, Query, State, rejection::QueryRejection},
    routing::{get, post},
};
use serde::Deserialize;
use touroku_proto::{
    api::ApiErrorCode,
    officer::review::{ApplicationDetail, ApplicationPage, Decide, ReviewKind},
};

use super::{Reviewer, Viewer};
use crate::{
    app::{App, Live},
    error::Error,
    http::json::Json,
    officer::review::{self, Queue},
};

/// The routes under `/api/officer`.
pub(super) fn routes() -> Router<Live> {
    Router::new()
        .route("/applications", get(applications))
        .route("/applications/{kind}/{id}", get(application))
        .route("/applications/{kind}/{id}/decision", post(decide))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ListRequest {
    state: String,
    after: String,
}

async fn applications(
    State(app): State<Arc<App>>,
    Viewer(acting): Viewer,
    request: Result<Query<ListRequest>, QueryRejection>,
) -> Result<Answer<ApplicationPage>, Error> {
    let bad = Error::Refused(ApiErrorCode::BadRequest);
    let Ok(Query(ListRequest { state, after })) = request else { return Err(bad) };
    let queue = match state.as_str() {
        "" | "pending" => Queue::Pending,
        "decided" => Queue::Decided,
        _ => return Err(bad),
    };
    Ok(Answer(review::applications(&app, acting, queue, &after).await?))
}

async fn application(
    State(app): State<Arc<App>>,
    Viewer(acting): Viewer,
    Path((kind, id)): Path<(String, String)>,
) -> Result<Answer<ApplicationDetail>, Error> {
    let (kind, id) = subject(&kind, &id)?;
    Ok(Answer(review::application(&app, acting, kind, id).await?))
}

async fn decide(
    State(app): State<Arc<App>>,
    Reviewer(acting): Reviewer,
    Path((kind, id)): Path<(String, String)>,
    Json(request): Json<Decide>,
) -> Result<Answer<ApplicationDetail>, Error> {
    let (kind, id) = subject(&kind, &id)?;
    Ok(Answer(review::decide(&app, acting, kind, id, request).await?))
}

fn subject(kind: &str, id: &str) -> Result<(ReviewKind, i64), Error> {
    let kind = match kind {
        "account" => ReviewKind::Account,
        "card" => ReviewKind::Card,
        _ => return Err(ApiErrorCode::NotFound.into()),
    };
    let id = id.parse().map_err(|_| ApiErrorCode::NotFound)?;
    Ok((kind, id))
}
