//! Sign-in, the officer's own account and sessions.

use std::sync::Arc;

use axum::{
    Json as Answer, Router,
    extract::{Extension, Path, State},
    http::{HeaderMap, StatusCode, header::SET_COOKIE},
    response::{AppendHeaders, IntoResponse, Response},
    routing::{delete, get, post},
};
use touroku_proto::officer::{
    BeginSetup, ChangePassword, FinishSetup, OfficerLogin, OfficerView, OpenSession, Setup,
};

use super::Viewer;
use crate::{
    app::{App, Live},
    error::Error,
    http::{cookie, json::Json, limits::Address},
    officer::{self, SignedIn},
};

pub(super) fn routes() -> Router<Live> {
    Router::new()
        .route("/session", get(current).delete(sign_out))
        .route("/login", post(log_in))
        .route("/setup/begin", post(begin_setup))
        .route("/setup", post(finish_setup))
        .route("/password", post(change_password))
        .route("/sessions", get(sessions))
        .route("/sessions/{id}", delete(end_session))
}

async fn current(State(app): State<Arc<App>>, Viewer(acting): Viewer) -> Result<Answer<OfficerView>, Error> {
    officer::current(&app, &acting).map(Answer)
}

async fn sign_out(State(app): State<Arc<App>>, Viewer(acting): Viewer) -> Result<impl IntoResponse, Error> {
    officer::sign_out(&app, acting).await?;
    Ok((StatusCode::NO_CONTENT, AppendHeaders([(SET_COOKIE, cookie::clear_officer())])))
}

async fn log_in(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Extension(address): Extension<Address>,
    Json(request): Json<OfficerLogin>,
) -> Result<impl IntoResponse, Error> {
    let former = (cookie::read_officer(&headers), cookie::read_known(&headers));
    officer::log_in(&app, former, address, request).await.map(signed_in)
}

async fn begin_setup(
    State(app): State<Arc<App>>,
    Extension(address): Extension<Address>,
    Json(request): Json<BeginSetup>,
) -> Result<Answer<Setup>, Error> {
    officer::begin_setup(&app, address, request).await.map(Answer)
}

async fn finish_setup(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Extension(address): Extension<Address>,
    Json(request): Json<FinishSetup>,
) -> Result<impl IntoResponse, Error> {
    let former = (cookie::read_officer(&headers), cookie::read_known(&headers));
    officer::finish_setup(&app, former, address, request).await.map(signed_in)
}

async fn change_password(
    State(app): State<Arc<App>>,
    Viewer(acting): Viewer,
    Json(request): Json<ChangePassword>,
) -> Result<StatusCode, Error> {
    officer::change_password(&app, acting, request).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn sessions(
    State(app): State<Arc<App>>,
    Viewer(acting): Viewer,
) -> Result<Answer<Vec<OpenSession>>, Error> {
    officer::sessions(&app, acting).await.map(Answer)
}

async fn end_session(
    State(app): State<Arc<App>>,
    Viewer(acting): Viewer,
    Path(id): Path<String>,
) -> Result<StatusCode, Error> {
    officer::end_session(&app, acting, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) fn signed_in(SignedIn { key, view, known }: SignedIn) -> Response {
    let mut response = Answer(view).into_response();
    response.headers_mut().append(SET_COOKIE, cookie::set_officer(key));
    if let Some(known) = known {
        response.headers_mut().append(SET_COOKIE, cookie::set_known(&known));
    }
    response
}
