//! What anybody may request without a session: 利用時間, 業者番号一覧, 郵便番号.

use std::sync::Arc;

use axum::{
    Json as Answer, Router,
    extract::{Extension, Path, Query, State, rejection::QueryRejection},
    routing::get,
};
use serde::Deserialize;
use touroku_proto::{
    api::{ApiErrorCode, CompanyPage, PostalMatches},
    hours::HoursState,
};

use crate::{
    app::{App, Live},
    error::Error,
    http::limits::Address,
    listing, postal,
};

/// The routes under `/api`.
pub(super) fn routes() -> Router<Live> {
    Router::new()
        .route("/agencies/{code}/hours", get(hours))
        .route("/agencies/{code}/companies", get(companies))
        .route("/postal/{code}", get(postal))
}

async fn hours(State(app): State<Arc<App>>, Path(code): Path<String>) -> Result<Answer<HoursState>, Error> {
    Ok(Answer(app.agencies.hours(&code, app.outside.now())?))
}

/// The query of the list. Empty: no such condition.
#[derive(Default, Deserialize)]
#[serde(default)]
struct ListRequest {
    row: String,
    query: String,
    after: String,
}

async fn companies(
    State(app): State<Arc<App>>,
    Extension(address): Extension<Address>,
    Path(code): Path<String>,
    request: Result<Query<ListRequest>, QueryRejection>,
) -> Result<Answer<CompanyPage>, Error> {
    let Query(ListRequest { row, query, after }) =
        request.map_err(|_| Error::Refused(ApiErrorCode::BadRequest))?;
    Ok(Answer(listing::page(&app, address, &code, &row, &query, &after).await?))
}

async fn postal(
    State(app): State<Arc<App>>,
    Path(code): Path<String>,
) -> Result<Answer<PostalMatches>, Error> {
    Ok(Answer(postal::matches(&app, &code).await?))
}
