//! The events of today and yesterday, and officers' mail settings.

use std::sync::Arc;

use axum::{
    Json as Answer, Router,
    extract::State,
    routing::{get, put},
};
use touroku_proto::officer::{Notices, OfficerView, daily::DailyList};

use super::Viewer;
use crate::{
    app::{App, Live},
    error::Error,
    http::json::Json,
    officer,
};

/// The routes under `/api/officer`.
pub(super) fn routes() -> Router<Live> {
    Router::new().route("/daily", get(daily)).route("/notices", put(set_notices))
}

async fn daily(State(app): State<Arc<App>>, Viewer(acting): Viewer) -> Result<Answer<Vec<DailyList>>, Error> {
    officer::daily(&app, acting).await.map(Answer)
}

async fn set_notices(
    State(app): State<Arc<App>>,
    Viewer(acting): Viewer,
    Json(notices): Json<Notices>,
) -> Result<Answer<OfficerView>, Error> {
    officer::set_notices(&app, acting, notices).await.map(Answer)
}
