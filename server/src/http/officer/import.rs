//! `/api/officer/imports`.

use std::sync::Arc;

use axum::{
    Json as Answer, Router,
    body::Bytes,
    extract::{DefaultBodyLimit, FromRequest, Path, Query, Request, State, rejection::BytesRejection},
    http::header,
    response::{IntoResponse as _, Response},
    routing::{get, post, put},
};
use serde::Deserialize;
use touroku_proto::{
    api::ApiErrorCode,
    officer::import::{BeginImport, ImportField, ImportRows, ImportView, MAX_PIECE, MapColumns, TakeImport},
};

use super::{Reviewer, Viewer};
use crate::{
    app::{App, Live},
    error::Error,
    http::json::{Json, Nothing},
    officer::import::{self, FileFormat},
    store::RowKind,
};

pub(super) fn routes() -> Router<Live> {
    Router::new()
        .route("/imports", get(list).post(begin))
        .route("/imports/template/{format}", get(template))
        .route("/imports/{id}", get(view).delete(cancel))
        .route("/imports/{id}/bytes", put(add_piece).layer(DefaultBodyLimit::max(MAX_PIECE)))
        .route("/imports/{id}/fields", get(fields))
        .route("/imports/{id}/columns", post(map_columns))
        .route("/imports/{id}/rows", get(rows))
        .route("/imports/{id}/problems/{format}", get(problems))
        .route("/imports/{id}/take", post(take))
        .route("/imports/{id}/undo", post(undo))
}

/// What is not a number identifies no import.
fn number(text: &str) -> Result<i64, Error> {
    text.parse().map_err(|_| Error::Refused(ApiErrorCode::NotFound))
}

async fn list(State(app): State<Arc<App>>, Viewer(who): Viewer) -> Result<Answer<Vec<ImportView>>, Error> {
    Ok(Answer(import::list(&app, &who).await?))
}

async fn begin(
    State(app): State<Arc<App>>,
    Reviewer(who): Reviewer,
    Json(request): Json<BeginImport>,
) -> Result<Answer<ImportView>, Error> {
    Ok(Answer(import::begin(&app, &who, request).await?))
}

async fn view(
    State(app): State<Arc<App>>,
    Viewer(who): Viewer,
    Path(id): Path<String>,
) -> Result<Answer<ImportView>, Error> {
    Ok(Answer(import::view(&app, &who, number(&id)?).await?))
}

async fn cancel(
    State(app): State<Arc<App>>,
    Reviewer(who): Reviewer,
    Path(id): Path<String>,
) -> Result<Answer<ImportView>, Error> {
    Ok(Answer(import::cancel(&app, &who, number(&id)?).await?))
}

/// The offset of a piece.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Place {
    offset: u64,
}

async fn add_piece(
    State(app): State<Arc<App>>,
    Reviewer(who): Reviewer,
    Path(id): Path<String>,
    request: Request,
) -> Result<Answer<ImportView>, Error> {
    let id = number(&id)?;
    let place = Query::<Place>::try_from_uri(request.uri()).map_err(|_| ApiErrorCode::BadRequest)?;
    let content_type = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if content_type != Some("application/octet-stream") {
        return Err(ApiErrorCode::UnsupportedMediaType.into());
    }
    let piece = Bytes::from_request(request, &()).await.map_err(|rejection| match rejection {
        BytesRejection::FailedToBufferBody(
            axum::extract::rejection::FailedToBufferBody::LengthLimitError(_),
        ) => ApiErrorCode::PayloadTooLarge,
        _ => ApiErrorCode::BadRequest,
    })?;
    Ok(Answer(import::add_piece(&app, &who, id, place.offset, piece.to_vec()).await?))
}

async fn fields(
    State(app): State<Arc<App>>,
    Viewer(who): Viewer,
    Path(id): Path<String>,
) -> Result<Answer<Vec<ImportField>>, Error> {
    Ok(Answer(import::fields(&app, &who, number(&id)?).await?))
}

async fn map_columns(
    State(app): State<Arc<App>>,
    Reviewer(who): Reviewer,
    Path(id): Path<String>,
    Json(request): Json<MapColumns>,
) -> Result<Answer<ImportView>, Error> {
    Ok(Answer(import::map_columns(&app, &who, number(&id)?, request).await?))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Page {
    kind: RowKind,
    #[serde(default)]
    after: i64,
}

async fn rows(
    State(app): State<Arc<App>>,
    Viewer(who): Viewer,
    Path(id): Path<String>,
    request: Request,
) -> Result<Answer<ImportRows>, Error> {
    let page = Query::<Page>::try_from_uri(request.uri()).map_err(|_| ApiErrorCode::BadRequest)?;
    Ok(Answer(import::rows(&app, &who, number(&id)?, page.kind, page.after).await?))
}

async fn template(
    State(app): State<Arc<App>>,
    Viewer(who): Viewer,
    Path(format): Path<String>,
) -> Result<Response, Error> {
    let format = FileFormat::parse(&format)?;
    Ok(file("meibo-template", format, import::template(&app, &who, format)?))
}

async fn problems(
    State(app): State<Arc<App>>,
    Viewer(who): Viewer,
    Path((id, format)): Path<(String, String)>,
) -> Result<Response, Error> {
    let (id, format) = (number(&id)?, FileFormat::parse(&format)?);
    Ok(file(&format!("import-{id}-problems"), format, import::problems(&app, &who, id, format).await?))
}

fn file(name: &str, format: FileFormat, bytes: Vec<u8>) -> Response {
    let disposition = format!("attachment; filename=\"{name}.{}\"", format.name());
    let headers =
        [(header::CONTENT_TYPE, format.media_type().to_owned()), (header::CONTENT_DISPOSITION, disposition)];
    (headers, bytes).into_response()
}

async fn take(
    State(app): State<Arc<App>>,
    Reviewer(who): Reviewer,
    Path(id): Path<String>,
    Json(request): Json<TakeImport>,
) -> Result<Answer<ImportView>, Error> {
    Ok(Answer(import::take(&app, &who, number(&id)?, request).await?))
}

async fn undo(
    State(app): State<Arc<App>>,
    Reviewer(who): Reviewer,
    Path(id): Path<String>,
    Json(Nothing {}): Json<Nothing>,
) -> Result<Answer<ImportView>, Error> {
    Ok(Answer(import::undo(&app, &who, number(&id)?).await?))
}
