//! `/api/officer/numbers`.

use std::sync::Arc;

use axum::{Json as Answer, Router, extract::State, routing::post};
use touroku_proto::officer::number::{IssueNumbers, IssuedNumbers};

use super::Reviewer;
use crate::{
    app::{App, Live},
    error::Error,
    http::json::Json,
    officer::number,
};

pub(super) fn routes() -> Router<Live> {
    Router::new().route("/numbers", post(issue))
}

async fn issue(
    State(app): State<Arc<App>>,
    Reviewer(who): Reviewer,
    Json(request): Json<IssueNumbers>,
) -> Result<Answer<IssuedNumbers>, Error> {
    Ok(Answer(number::issue(&app, &who, request).await?))
}
