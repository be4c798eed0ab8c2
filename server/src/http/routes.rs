//! The API's routes (see proto's `api.rs`), `/healthz` and `/readyz`.

use std::sync::Arc;

use axum::{
    Json as Answer, Router,
    extract::{DefaultBodyLimit, Extension, FromRequestParts, Path, Query, State},
    http::{HeaderMap, StatusCode, header::SET_COOKIE, request::Parts},
    response::{AppendHeaders, IntoResponse, Response},
    routing::{get, post, put},
};
use serde::{Deserialize, Serialize};
use touroku_proto::{
    account::{
        AccountLogin, Apply, ChangeAccount, ConfirmAddress, ForgottenPassword, OpenApplication,
        ProveApplication, ResetPassword,
    },
    api::{
        AgencySummary, ApiErrorCode, Challenge, Change, Clock, CompanySearch, NewChallenge, Portal, Prepared,
        Register, Renew, SaveDraft, SessionView, StartSession,
    },
    card::Purpose,
    status::{CompanyStatus, Stop},
    token::Token,
};

use super::{
    answer::{download, not_found},
    cookie,
    json::{Json, MAX_BODY, Nothing},
    limits::Address,
};
use crate::{
    app::{App, Live},
    archive::Status,
    bidder::{self, SessionKey, account},
    error::Error,
    health,
    readiness::Readiness,
    submission::{self, ReceiptFile},
};

/// Everything under `/api`.
pub(super) fn api() -> Router<Live> {
    Router::new()
        .route("/portal", get(portal))
        .route("/agencies/{code}", get(agency))
        .route("/portals/{code}", get(joint_portal))
        .route("/clock", get(clock))
        .merge(super::public::routes())
        .merge(super::oidc::page_routes())
        .route("/session", get(session).post(begin_session).delete(end_session))
        .route("/challenge", post(challenge))
        .route("/login", post(login))
        .route("/company/search", post(search_company))
        .route("/draft", put(save_draft))
        .route("/registration", post(register))
        .route("/registration/signature", post(prepare_registration))
        .route("/change", post(change))
        .route("/change/signature", post(prepare_change))
        .route("/renewal", post(renew))
        .route("/renewal/signature", post(prepare_renewal))
        .route("/receipt/{file}", get(receipt))
        .route("/status", get(status))
        .route("/status/stop", post(stop))
        .route("/account/application", post(apply))
        .route("/application/withdrawal", post(withdraw))
        .route("/account/proof", post(prove_application))
        .route("/account/result", post(open_application))
        .route("/account/login", post(log_in))
        .route("/mail/confirmation", post(confirm_address))
        .route("/mail/question", post(ask_again))
        .route("/account/change", post(change_account))
        .route("/account/forgotten", post(forgotten))
        .route("/account/password", post(reset_password))
        .nest("/officer", super::officer::routes())
        .fallback(not_found)
        .method_not_allowed_fallback(not_found)
        .layer(DefaultBodyLimit::max(MAX_BODY))
}

/// For load balancers and administrators.
pub(super) fn health() -> Router<Live> {
    Router::new().route("/healthz", get(healthz)).route("/readyz", get(readyz))
}

/// The session's key; without a valid-looking one the request goes no further.
struct Key(SessionKey);

impl FromRequestParts<Live> for Key {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, live: &Live) -> Result<Self, Error> {
        let missing = Error::Refused(ApiErrorCode::SessionMissing);
        let Some(key) = cookie::read(&parts.headers) else { return Err(missing) };
        let (app, id) = (live.now(), key.id());
        // A made-up cookie must not create a counter.
        if !app.governor.knows_session(&id) {
            let now = app.outside.now();
            if !app.store.read(move |reader| reader.has_session(&id, now)).await? {
                return Err(missing);
            }
        }
        app.governor.admit_session(&id)?;
        Ok(Self(key))
    }
}

/// What a page wants to know of the agencies.
#[derive(Deserialize)]
struct Wanted {
    /// Members of portals, too.
    #[serde(default)]
    members: bool,
}

async fn portal(State(app): State<Arc<App>>, Query(wanted): Query<Wanted>) -> Answer<Portal> {
    let alone = app.agencies.all().filter(|agency| wanted.members || agency.portal.is_none());
    let portals = app.agencies.portals();
    Answer(Portal {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        extension_ids: app.settings.extension_ids.clone(),
        agencies: alone
            .map(|agency| AgencySummary { code: agency.code.clone(), name: agency.name.clone() })
            .collect(),
        portals: portals
            .map(|(code, portal)| AgencySummary { code: code.to_owned(), name: portal.name.clone() })
            .collect(),
        authorities: app.agencies.authority_views(),
    })
}

async fn agency(
    State(app): State<Arc<App>>,
    Path(code): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Error> {
    Ok(app.packed.of(&code, app.agencies.profile(&code)?)?.answer(&headers))
}

async fn joint_portal(
    State(app): State<Arc<App>>,
    Path(code): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Error> {
    Ok(app.packed_portals.of(&code, app.agencies.portal(&code)?)?.answer(&headers))
}

async fn clock(State(app): State<Arc<App>>) -> Answer<Clock> {
    Answer(Clock { unix_ms: app.outside.now() })
}

async fn session(State(app): State<Arc<App>>, Key(key): Key) -> Result<Answer<SessionView>, Error> {
    Ok(Answer(bidder::current(&app, key).await?))
}

async fn begin_session(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Json(request): Json<StartSession>,
) -> Result<impl IntoResponse, Error> {
    let (key, view) = bidder::begin(&app, cookie::read(&headers), request).await?;
    Ok(with_cookie(&app, key, view))
}

async fn end_session(State(app): State<Arc<App>>, Key(key): Key) -> Result<impl IntoResponse, Error> {
    bidder::end(&app, key).await?;
    Ok((StatusCode::NO_CONTENT, AppendHeaders([(SET_COOKIE, cookie::clear())])))
}

async fn challenge(
    State(app): State<Arc<App>>,
    Key(key): Key,
    Json(request): Json<NewChallenge>,
) -> Result<Answer<Challenge>, Error> {
    Ok(Answer(bidder::challenge(&app, key, request.purpose).await?))
}

/// [`touroku_proto::api::Login`] with an unparsed token, so that a broken one gets its own code.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LoginRequest {
    token: serde_json::Value,
    purpose: Purpose,
    #[serde(default)]
    person_in_charge: String,
}

async fn login(
    State(app): State<Arc<App>>,
    Key(key): Key,
    Json(request): Json<LoginRequest>,
) -> Result<impl IntoResponse, Error> {
    let token: Token =
        serde_json::from_value(request.token).map_err(|_| Error::Refused(ApiErrorCode::TokenMalformed))?;
    let (key, view) = bidder::login(&app, key, &token, request.purpose, &request.person_in_charge).await?;
    Ok(with_cookie(&app, key, view))
}

async fn search_company(
    State(app): State<Arc<App>>,
    Key(key): Key,
    Extension(address): Extension<Address>,
    Json(request): Json<CompanySearch>,
) -> Result<Answer<SessionView>, Error> {
    Ok(Answer(bidder::search_company(&app, key, address, request).await?))
}

async fn save_draft(
    State(app): State<Arc<App>>,
    Key(key): Key,
    Json(request): Json<SaveDraft>,
) -> Result<StatusCode, Error> {
    bidder::save_draft(&app, key, request).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn register(
    State(app): State<Arc<App>>,
    Key(key): Key,
    Json(request): Json<Register>,
) -> Result<Answer<SessionView>, Error> {
    Ok(Answer(submission::submit(&app, key, request).await?))
}

async fn change(
    State(app): State<Arc<App>>,
    Key(key): Key,
    Json(request): Json<Change>,
) -> Result<Answer<SessionView>, Error> {
    Ok(Answer(submission::submit(&app, key, request).await?))
}

async fn renew(
    State(app): State<Arc<App>>,
    Key(key): Key,
    Json(request): Json<Renew>,
) -> Result<Answer<SessionView>, Error> {
    Ok(Answer(submission::submit(&app, key, request).await?))
}

async fn prepare_registration(
    State(app): State<Arc<App>>,
    Key(key): Key,
    Json(request): Json<Register>,
) -> Result<Answer<Prepared>, Error> {
    Ok(Answer(submission::prepare(&app, key, request).await?))
}

async fn prepare_change(
    State(app): State<Arc<App>>,
    Key(key): Key,
    Json(request): Json<Change>,
) -> Result<Answer<Prepared>, Error> {
    Ok(Answer(submission::prepare(&app, key, request).await?))
}

async fn prepare_renewal(
    State(app): State<Arc<App>>,
    Key(key): Key,
    Json(request): Json<Renew>,
) -> Result<Answer<Prepared>, Error> {
    Ok(Answer(submission::prepare(&app, key, request).await?))
}

async fn status(State(app): State<Arc<App>>, Key(key): Key) -> Result<Answer<CompanyStatus>, Error> {
    Ok(Answer(bidder::status(&app, key).await?))
}

async fn stop(
    State(app): State<Arc<App>>,
    Key(key): Key,
    Json(request): Json<Stop>,
) -> Result<Answer<CompanyStatus>, Error> {
    Ok(Answer(bidder::stop(&app, key, request).await?))
}

async fn receipt(
    State(app): State<Arc<App>>,
    Key(key): Key,
    Path(file): Path<String>,
) -> Result<Response, Error> {
    let file = ReceiptFile::parse(&file)?;
    Ok(download(file.take(submission::receipt_file(&app, key).await?)))
}

async fn apply(
    State(app): State<Arc<App>>,
    Key(key): Key,
    Extension(address): Extension<Address>,
    Json(request): Json<Apply>,
) -> Result<Answer<SessionView>, Error> {
    Ok(Answer(submission::apply(&app, key, address, request).await?))
}

async fn withdraw(
    State(app): State<Arc<App>>,
    Key(key): Key,
    Json(Nothing {}): Json<Nothing>,
) -> Result<Answer<SessionView>, Error> {
    Ok(Answer(submission::withdraw(&app, key).await?))
}

async fn prove_application(
    State(app): State<Arc<App>>,
    Key(key): Key,
    headers: HeaderMap,
    Extension(address): Extension<Address>,
    Json(request): Json<ProveApplication>,
) -> Result<Answer<SessionView>, Error> {
    let known = cookie::read_known(&headers);
    Ok(Answer(account::prove_application(&app, (key, known), address, request).await?))
}

async fn open_application(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Extension(address): Extension<Address>,
    Json(request): Json<OpenApplication>,
) -> Result<impl IntoResponse, Error> {
    let replaced = cookie::read(&headers);
    let (key, view) = account::open_application(&app, replaced, address, request).await?;
    Ok(with_cookie(&app, key, view))
}

async fn confirm_address(
    State(app): State<Arc<App>>,
    Extension(address): Extension<Address>,
    Json(request): Json<ConfirmAddress>,
) -> Result<StatusCode, Error> {
    bidder::confirm_address(&app, address, request).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn ask_again(State(app): State<Arc<App>>, Key(key): Key) -> Result<StatusCode, Error> {
    bidder::ask_again(&app, key).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn log_in(
    State(app): State<Arc<App>>,
    Key(key): Key,
    headers: HeaderMap,
    Extension(address): Extension<Address>,
    Json(request): Json<AccountLogin>,
) -> Result<impl IntoResponse, Error> {
    let known = cookie::read_known(&headers);
    let (key, view, known) = account::log_in(&app, (key, known), address, request).await?;
    let mut response = with_cookie(&app, key, view).into_response();
    if let Some(known) = known {
        response.headers_mut().append(SET_COOKIE, cookie::set_known(&known));
    }
    Ok(response)
}

async fn change_account(
    State(app): State<Arc<App>>,
    Key(key): Key,
    Extension(address): Extension<Address>,
    Json(request): Json<ChangeAccount>,
) -> Result<Answer<SessionView>, Error> {
    Ok(Answer(submission::change_account(&app, key, address, request).await?))
}

async fn forgotten(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Extension(address): Extension<Address>,
    Json(request): Json<ForgottenPassword>,
) -> Result<StatusCode, Error> {
    account::forgotten(&app, cookie::read_known(&headers), address, request).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn reset_password(
    State(app): State<Arc<App>>,
    Extension(address): Extension<Address>,
    Json(request): Json<ResetPassword>,
) -> Result<StatusCode, Error> {
    account::reset_password(&app, address, request).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn with_cookie(app: &App, key: SessionKey, view: SessionView) -> impl IntoResponse + use<> {
    // Known from now on without asking the store; its first request can't exceed the limit.
    drop(app.governor.admit_session(&key.id()));
    (AppendHeaders([(SET_COOKIE, cookie::set(key))]), Answer(view))
}

/// The response of `/healthz`: always successful, whatever the state of the database.
#[derive(Serialize)]
struct Health {
    status: &'static str,
    version: &'static str,
    /// `none`: revoked cards are never detected.
    revocation: &'static str,
    #[serde(flatten)]
    backups: Status,
}

async fn healthz(State(app): State<Arc<App>>) -> Answer<Health> {
    let backups = health::backups(&app);
    let revocation = if app.trust.current().checks_revocation() { "checked" } else { "none" };
    Answer(Health { status: "ok", version: env!("CARGO_PKG_VERSION"), revocation, backups })
}

/// The response of `/readyz`.
#[derive(Serialize)]
struct Ready {
    #[serde(flatten)]
    readiness: Readiness,
    #[serde(flatten)]
    backups: Status,
    mail: Option<MailHealth>,
}

async fn readyz(State(app): State<Arc<App>>) -> (StatusCode, Answer<Ready>) {
    let readiness = health::readiness(&app).await;
    let status = if readiness.ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let mail = if readiness.ready { mail_health(&app).await } else { None };
    (status, Answer(Ready { readiness, backups: health::backups(&app), mail }))
}

/// The state of mail delivery.
#[derive(Serialize)]
struct MailHealth {
    queued: u64,
    refused: u64,
    /// How long the oldest has been waiting.
    oldest_seconds: i64,
    /// Since when mails can't leave, Unix milliseconds, and the last failure.
    #[serde(skip_serializing_if = "Option::is_none")]
    failing_since_unix_ms: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<String>,
}

async fn mail_health(app: &App) -> Option<MailHealth> {
    let counts = app.health().await.ok()?;
    let (failing_since_unix_ms, failure) =
        app.mail_watch.trouble().map(|trouble| (trouble.since, trouble.reason)).unzip();
    Some(MailHealth {
        queued: counts.queued,
        refused: counts.refused,
        oldest_seconds: counts.oldest_seconds(app.outside.now()),
        failing_since_unix_ms,
        failure,
    })
}
