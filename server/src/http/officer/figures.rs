//! Figures.

use std::sync::Arc;

use axum::{Json as Answer, Router, extract::State, routing::get};
use touroku_proto::officer::figures::Figures;

use super::Viewer;
use crate::{
    app::{App, Live},
    error::Error,
    officer,
};

/// The routes under `/api/officer`.
pub(super) fn routes() -> Router<Live> {
    Router::new().route("/figures", get(figures))
}

async fn figures(State(app): State<Arc<App>>, Viewer(acting): Viewer) -> Result<Answer<Figures>, Error> {
    Ok(Answer(officer::figures(&app, acting).await?))
}
