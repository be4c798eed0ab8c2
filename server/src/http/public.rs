//! What anybody may ask without a session: 業者番号一覧.

use std::sync::Arc;

use axum::{
    Json as Answer, Router,
    extract::{Path, Query, State, rejection::QueryRejection},
    routing::get,
};
use serde::Deserialize;
use touroku_proto::api::{ApiErrorCode, CompanyPage};

use crate::{app::App, error::Error, listing};

/// The addresses, under `/api`.
pub(super) fn routes() -> Router<Arc<App>> {
    Router::new().route("/agencies/{code}/companies", get(companies))
}

/// What of the list is asked for. Empty: no such condition.
#[derive(Default, Deserialize)]
#[serde(default)]
struct ListRequest {
    row: String,
    query: String,
    after: String,
}

async fn companies(
    State(app): State<Arc<App>>,
    Path(code): Path<String>,
    request: Result<Query<ListRequest>, QueryRejection>,
) -> Result<Answer<CompanyPage>, Error> {
    let Query(ListRequest { row, query, after }) =
        request.map_err(|_| Error::Refused(ApiErrorCode::BadRequest))?;
    Ok(Answer(listing::page(&app, &code, &row, &query, &after).await?))
}
