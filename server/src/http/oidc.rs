//! Sign-in for bidding systems: the routes under `/oidc/AGENCY` (OpenID Connect).

use std::sync::Arc;

use axum::{
    Json as Answer, Router,
    body::Bytes,
    extract::{DefaultBodyLimit, Path, RawQuery, State},
    http::{
        HeaderMap, HeaderValue, StatusCode,
        header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, LOCATION, SET_COOKIE, WWW_AUTHENTICATE},
    },
    response::{AppendHeaders, Html, IntoResponse, Response},
    routing::{get, post},
};
use serde::Serialize;
use touroku_proto::agency::DeskKind;

use super::{answer::not_found, cookie};
use crate::{
    app::{App, Live},
    error::Error,
    oidc::{self, Authorized, Code, LoggedOut, Parameters, Refusal},
};

/// The largest form, in bytes.
const MAX_FORM: usize = 32 * 1024;

/// How long clients may cache what rarely changes: less than the next keys are published in advance.
const KEPT: HeaderValue = HeaderValue::from_static("public, max-age=300");

/// The issuers' routes, under `/oidc`.
pub(super) fn routes() -> Router<Live> {
    Router::new()
        .route("/{agency}/.well-known/openid-configuration", get(metadata))
        .route("/{agency}/jwks", get(keys))
        .route("/{agency}/authorize", get(authorize).post(authorize_form))
        .route("/{agency}/par", post(push))
        .route("/{agency}/token", post(token))
        .route("/{agency}/userinfo", get(user_info).post(user_info))
        .route("/{agency}/logout", get(log_out).post(log_out_form))
        .fallback(not_found)
        .method_not_allowed_fallback(not_found)
        .layer(DefaultBodyLimit::max(MAX_FORM))
}

async fn metadata(State(app): State<Arc<App>>, Path(agency): Path<String>) -> Result<Response, Error> {
    Ok(([(CACHE_CONTROL, KEPT)], Answer(oidc::metadata(&app, &agency)?)).into_response())
}

async fn keys(State(app): State<Arc<App>>, Path(agency): Path<String>) -> Result<Response, Error> {
    app.agencies.profile(&agency)?;
    Ok(([(CACHE_CONTROL, KEPT)], Answer(oidc::key_set(&app).await?)).into_response())
}

async fn authorize(
    State(app): State<Arc<App>>,
    Path(agency): Path<String>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, Error> {
    authorized(&app, &agency, &headers, Parameters::parse(&query.unwrap_or_default())).await
}

async fn authorize_form(
    State(app): State<Arc<App>>,
    Path(agency): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Error> {
    authorized(&app, &agency, &headers, form(&headers, &body)).await
}

async fn authorized(
    app: &Arc<App>,
    agency: &str,
    headers: &HeaderMap,
    parameters: Option<Parameters>,
) -> Result<Response, Error> {
    let Some(parameters) = parameters else {
        return stays(app, agency, Some(Code::InvalidRequest));
    };
    Ok(match oidc::authorize(app, agency, cookie::read_sign_in(headers), &parameters).await? {
        Authorized::Page { location, browser } => {
            let set = AppendHeaders([(SET_COOKIE, cookie::set_sign_in(browser))]);
            (set, see_other(&location)?).into_response()
        }
        Authorized::Client { location } => see_other(&location)?,
        Authorized::Stays(refusal) => {
            tracing::info!(agency, reason = refusal.reason, "an authorization request was refused");
            return stays(app, agency, Some(refusal.code));
        }
    })
}

/// The identifier of a pushed request.
#[derive(Serialize)]
struct Pushed {
    request_uri: String,
    expires_in: i64,
}

async fn push(
    State(app): State<Arc<App>>,
    Path(agency): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<(StatusCode, Answer<Pushed>), Refused> {
    let (request_uri, expires_in) =
        oidc::push(&app, &agency, authorization(&headers), &sent(&headers, &body)?).await?;
    Ok((StatusCode::CREATED, Answer(Pushed { request_uri, expires_in })))
}

async fn token(
    State(app): State<Arc<App>>,
    Path(agency): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<impl IntoResponse, Refused> {
    let tokens = oidc::redeem(&app, &agency, authorization(&headers), &sent(&headers, &body)?).await?;
    Ok(Answer(tokens))
}

async fn user_info(
    State(app): State<Arc<App>>,
    Path(agency): Path<String>,
    headers: HeaderMap,
) -> Result<impl IntoResponse, Refused> {
    Ok(Answer(oidc::user_info(&app, &agency, authorization(&headers)).await?))
}

async fn log_out(
    State(app): State<Arc<App>>,
    Path(agency): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Error> {
    logged_out(&app, &agency, Parameters::parse(&query.unwrap_or_default())).await
}

async fn log_out_form(
    State(app): State<Arc<App>>,
    Path(agency): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Error> {
    logged_out(&app, &agency, form(&headers, &body)).await
}

async fn logged_out(app: &Arc<App>, agency: &str, parameters: Option<Parameters>) -> Result<Response, Error> {
    let Some(parameters) = parameters else {
        return stays(app, agency, Some(Code::InvalidRequest));
    };
    match oidc::log_out(app, agency, &parameters).await? {
        LoggedOut::Client(location) => see_other(&location),
        LoggedOut::Stays => stays(app, agency, None),
    }
}

pub(super) fn authorization(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let value = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(value)
}

/// The parameters of a form. `None`: not a form, or one occurs twice.
fn form(headers: &HeaderMap, body: &Bytes) -> Option<Parameters> {
    let kind = headers.get(CONTENT_TYPE)?.to_str().ok()?.split(';').next()?.trim();
    if !kind.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return None;
    }
    Parameters::parse(std::str::from_utf8(body).ok()?)
}

fn sent(headers: &HeaderMap, body: &Bytes) -> Result<Parameters, Refusal> {
    let reason = "the body must be a form with each parameter once";
    form(headers, body).ok_or(Refusal { code: Code::InvalidRequest, reason })
}

fn see_other(location: &str) -> Result<Response, Error> {
    let location = HeaderValue::from_str(location).map_err(|_| Error::Defect("an address is ASCII"))?;
    Ok((StatusCode::SEE_OTHER, [(LOCATION, location)]).into_response())
}

/// A refusal in the form that clients expect.
pub(super) struct Refused(Refusal);

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self(refusal)
    }
}

#[derive(Serialize)]
struct RefusedBody {
    error: &'static str,
    error_description: &'static str,
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let Refusal { code, reason } = self.0;
        let body = Answer(RefusedBody { error: code.as_str(), error_description: reason });
        let (status, scheme) = match code {
            Code::InvalidClient => (StatusCode::UNAUTHORIZED, Some("Basic realm=\"token\"")),
            Code::InvalidToken => (StatusCode::UNAUTHORIZED, Some("Bearer error=\"invalid_token\"")),
            Code::ServerError => (StatusCode::INTERNAL_SERVER_ERROR, None),
            Code::TemporarilyUnavailable => (StatusCode::SERVICE_UNAVAILABLE, None),
            _ => (StatusCode::BAD_REQUEST, None),
        };
        let scheme = scheme.map(|scheme| (WWW_AUTHENTICATE, HeaderValue::from_static(scheme)));
        (status, AppendHeaders(scheme), body).into_response()
    }
}

/// A page for when nothing better is known: which system sent the browser here is unknown, or it has logged out.
fn stays(app: &App, agency: &str, refused: Option<Code>) -> Result<Response, Error> {
    let profile = app.agencies.profile(agency)?;
    let desk = [DeskKind::Helpdesk, DeskKind::Agency].into_iter().find_map(|kind| profile.desk(kind));
    let call = desk.map(|desk| format!("{} {}", desk.name, desk.phone)).unwrap_or_default();
    let (status, title, text, english) = match refused {
        Some(code) => (
            StatusCode::BAD_REQUEST,
            "電子入札システムの呼び出しに誤りがあります",
            format!(
                "電子入札システムから、この画面を正しく開けませんでした。電子入札システムの画面に戻り、もう一度ログインしてください。\
                 くり返すときは、次の記号を添えて、お問い合わせください。</p><p><code>{}</code>",
                code.as_str()
            ),
            "The bidding system called this page in a wrong way. Please go back and log in again.",
        ),
        None => (
            StatusCode::OK,
            "ログアウトしました",
            "このブラウザーの画面を閉じてください。".to_owned(),
            "You are logged out. Please close this page.",
        ),
    };
    let (name, call) = (escape(&profile.name), escape(call.trim()));
    let call = if call.is_empty() { call } else { format!("<p>お問い合わせ　{call}</p>") };
    Ok((
        status,
        Html(format!(
            "<!doctype html><html lang=\"ja\"><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width\"><title>{title}｜{name}</title>\
             <main><h1>{title}</h1><p>{name}</p><p>{text}</p><p lang=\"en\">{english}</p>{call}\
             <p><a href=\"/{}\">{name} 利用者登録の画面へ</a></p></main></html>",
            profile.code
        )),
    )
        .into_response())
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
