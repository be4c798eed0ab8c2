//! Sign-in by IC card, and linking cards.

use std::sync::Arc;

use axum::{
    Json as Answer, Router,
    extract::{Extension, State},
    http::{HeaderMap, header::SET_COOKIE},
    response::IntoResponse,
    routing::post,
};
use serde::Deserialize;
use touroku_proto::{
    api::ApiErrorCode,
    officer::{OfficerChallenge, OfficerView},
    token::Token,
};

use super::{Viewer, sign_in::signed_in};
use crate::{
    app::{App, Live},
    error::Error,
    http::{cookie, json::Json, limits::Address},
    officer,
};

pub(super) fn routes() -> Router<Live> {
    Router::new()
        .route("/challenge", post(challenge))
        .route("/card-login", post(card_login))
        .route("/card", post(link).delete(unlink))
}

async fn challenge(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Json(request): Json<OfficerChallenge>,
) -> Result<impl IntoResponse, Error> {
    let (fresh, challenge) =
        officer::challenge(&app, cookie::read_officer(&headers), &request.agency).await?;
    let mut response = Answer(challenge).into_response();
    if let Some(key) = fresh {
        response.headers_mut().append(SET_COOKIE, cookie::set_officer(key));
    }
    Ok(response)
}

/// [`touroku_proto::officer::OfficerCardLogin`] with an unparsed token, so that a broken one gets its own code.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CardLoginRequest {
    agency: String,
    token: serde_json::Value,
}

/// [`touroku_proto::officer::LinkCard`], likewise.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LinkRequest {
    password: String,
    code: String,
    token: serde_json::Value,
}

async fn card_login(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Extension(address): Extension<Address>,
    Json(request): Json<CardLoginRequest>,
) -> Result<impl IntoResponse, Error> {
    let key = cookie::read_officer(&headers).ok_or(Error::Refused(ApiErrorCode::SessionMissing))?;
    let token = read_token(request.token)?;
    let known = cookie::read_known(&headers);
    officer::card_login(&app, (key, known), address, &request.agency, &token).await.map(signed_in)
}

async fn link(
    State(app): State<Arc<App>>,
    Viewer(acting): Viewer,
    Json(request): Json<LinkRequest>,
) -> Result<Answer<OfficerView>, Error> {
    let LinkRequest { password, code, token } = request;
    officer::link_card(&app, acting, &read_token(token)?, (password, code)).await.map(Answer)
}

async fn unlink(State(app): State<Arc<App>>, Viewer(acting): Viewer) -> Result<Answer<OfficerView>, Error> {
    officer::unlink_card(&app, acting).await.map(Answer)
}

fn read_token(value: serde_json::Value) -> Result<Token, Error> {
    serde_json::from_value(value).map_err(|_| Error::Refused(ApiErrorCode::TokenMalformed))
}
