//! 機関設定.

use std::sync::Arc;

use axum::{
    Json as Answer, Router,
    extract::{DefaultBodyLimit, State},
    routing::{get, post},
};
use touroku_proto::officer::profile::{ConfirmProfile, NewProfile, ProfileCheck, ProfileInForce};

use super::{Manager, Viewer};
use crate::{
    app::{App, Live},
    error::Error,
    http::json::Json,
    officer::{
        profile::{self, MAX_TEXT},
        proposal,
    },
};

/// JSON may escape a character as up to six; line breaks and quotes, which profiles are full of, as two.
const MAX_BODY: usize = 2 * MAX_TEXT + 4 * 1024;

pub(super) fn routes() -> Router<Live> {
    Router::new()
        .route("/profile", get(in_force).put(exchange))
        .route("/profile/check", post(check))
        .route("/profile/proposal", post(confirm).delete(withdraw))
        .layer(DefaultBodyLimit::max(MAX_BODY))
}

async fn in_force(
    State(app): State<Arc<App>>,
    Viewer(acting): Viewer,
) -> Result<Answer<ProfileInForce>, Error> {
    profile::in_force(&app, &acting).await.map(Answer)
}

async fn check(
    State(app): State<Arc<App>>,
    Manager(acting): Manager,
    Json(new): Json<NewProfile>,
) -> Result<Answer<ProfileCheck>, Error> {
    profile::check(&app, &acting, new).await.map(Answer)
}

async fn exchange(
    State(live): State<Live>,
    Manager(acting): Manager,
    Json(new): Json<NewProfile>,
) -> Result<Answer<ProfileInForce>, Error> {
    profile::exchange(live, acting, new).await.map(Answer)
}

async fn confirm(
    State(live): State<Live>,
    Manager(acting): Manager,
    Json(request): Json<ConfirmProfile>,
) -> Result<Answer<ProfileInForce>, Error> {
    profile::confirm(live, acting, request).await.map(Answer)
}

async fn withdraw(
    State(app): State<Arc<App>>,
    Manager(acting): Manager,
) -> Result<Answer<ProfileInForce>, Error> {
    proposal::withdraw(&app, &acting).await?;
    profile::in_force(&app, &acting).await.map(Answer)
}
