//! `GET /metrics`, on a separate address: behind a proxy on the same computer every request comes from there, so
//! the peer's address does not tell who asks.

use std::sync::Arc;

use axum::{Router, extract::State, http::header::CONTENT_TYPE, response::IntoResponse, routing::get};

use crate::{
    app::{App, Live},
    error::Error,
    metrics,
};

/// The metrics as a service.
pub fn router(live: impl Into<Live>) -> Router {
    Router::new().route("/metrics", get(answer)).with_state(live.into())
}

async fn answer(State(app): State<Arc<App>>) -> Result<impl IntoResponse, Error> {
    Ok(([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], metrics::text(&app).await?))
}
