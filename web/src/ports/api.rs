//! The server, through `fetch`.

use std::rc::Rc;

use serde::{Serialize, de::DeserializeOwned};
use touroku_proto::api::{ApiError, ApiErrorCode, Clock, NewChallenge};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, Headers, RequestCache, RequestCredentials, RequestInit, Response};

use super::{
    again::Again,
    page::{self, steady_ms},
};
use crate::bidder::{
    account::{AccountAction, AccountAsk},
    action::{Action, Answer},
    clock::Reading,
    effect::{Application, Ask},
    listing::{CompanyQuery, ListingAction},
    members::MembersAction,
    sign_in::SignInAction,
    status::StatusAction,
    trouble::Trouble,
};

/// How long an answer may take. The server's own limit is shorter; this one is for a dead connection.
const TIMEOUT_MS: u32 = 20_000;

/// How long a file may take: a list of a million companies on a slow connection.
const FILE_TIMEOUT_MS: u32 = 30 * 60 * 1000;

/// Sends a request to the server; its answer is an action.
pub async fn ask(ask: Ask) -> Action {
    match ask {
        Ask::Portal => Action::PortalLoaded(get("/api/portal").await),
        Ask::Profile(code) => {
            let path = agency_path(&code);
            Action::ProfileLoaded { answer: get(&path).await.map(Rc::new), code }
        }
        Ask::Members(code) => {
            let answer = get(&format!("/api/portals/{}", encode(&code))).await;
            Action::Members(MembersAction::Read { answer, code })
        }
        Ask::Session => Action::SessionLoaded(get("/api/session").await),
        Ask::Extend => Action::Extended(get("/api/session").await),
        Ask::Clock => Action::ClockRead(clock().await),
        Ask::StartSession(body) => Action::SessionStarted(send("POST", "/api/session", &body).await),
        Ask::Challenge { attempt, purpose } => {
            let body = NewChallenge { purpose };
            Action::ChallengeMade { attempt, answer: send("POST", "/api/challenge", &body).await }
        }
        Ask::Login { attempt, login } => {
            Action::LoggedIn { attempt, answer: send("POST", "/api/login", &login).await }
        }
        Ask::Search(body) => Action::SearchAnswered(send("POST", "/api/company/search", &body).await),
        Ask::SaveDraft { revision, draft } => {
            Action::DraftSaved { revision, answer: order("PUT", "/api/draft", &draft).await }
        }
        Ask::Register(body) => Action::Registered(send("POST", "/api/registration", &body).await),
        Ask::Account(ask) => account(ask).await,
        Ask::Companies { attempt, query } => {
            Action::Listing(ListingAction::Read { attempt, answer: get(&companies(&query)).await })
        }
        Ask::Change(body) => Action::Changed(send("POST", "/api/change", &body).await),
        Ask::Hours(code) => {
            let path = format!("{}/hours", agency_path(&code));
            Action::HoursLoaded { answer: get(&path).await, code }
        }
        Ask::Postal(digits) => {
            Action::AddressesFound { answer: get(&format!("/api/postal/{digits}")).await, digits }
        }
        Ask::Prepare { attempt, application } => {
            let answer = match &application {
                Application::Register(body) => send("POST", "/api/registration/signature", body).await,
                Application::Change(body) => send("POST", "/api/change/signature", body).await,
                Application::Renew(body) => send("POST", "/api/renewal/signature", body).await,
            };
            Action::Prepared { attempt, answer, origin: page::origin() }
        }
        Ask::Renew(body) => Action::Renewed(send("POST", "/api/renewal", &body).await),
        Ask::SignIn { id, fresh } => {
            let path = format!("/api/sign-in?id={}", encode(&id));
            Action::SignIn(SignInAction::Read { fresh, answer: get(&path).await })
        }
        Ask::EndSignIn(body) => {
            Action::SignIn(SignInAction::Ended(send("POST", "/api/sign-in", &body).await))
        }
        Ask::Status => Action::Status(StatusAction::Read(get("/api/status").await)),
        Ask::Stop(stop) => {
            Action::Status(StatusAction::Stopped(send("POST", "/api/status/stop", &stop).await))
        }
        Ask::Receipt(file) => {
            Action::ReceiptSaved(file, save(&format!("/api/receipt/{}", file.as_str())).await)
        }
        Ask::LogOut => Action::LoggedOut(order("DELETE", "/api/session", &NOTHING).await),
    }
}

fn agency_path(code: &str) -> String {
    format!("/api/agencies/{}", encode(code))
}

/// The body of a request fully described by its URL: `{}`.
const NOTHING: Nothing = Nothing {};

#[derive(Serialize)]
struct Nothing {}

async fn account(ask: AccountAsk) -> Action {
    match ask {
        AccountAsk::Apply(body) => Action::Registered(send("POST", "/api/account/application", &body).await),
        AccountAsk::Change(body) => Action::Registered(send("POST", "/api/account/change", &body).await),
        AccountAsk::Login(body) => {
            Action::Account(AccountAction::LoggedIn(send("POST", "/api/account/login", &body).await))
        }
        AccountAsk::Prove(body) => {
            Action::Account(AccountAction::LoggedIn(send("POST", "/api/account/proof", &body).await))
        }
        AccountAsk::Open(body) => {
            Action::Account(AccountAction::LoggedIn(send("POST", "/api/account/result", &body).await))
        }
        AccountAsk::Confirm(body) => {
            Action::Account(AccountAction::PasswordSet(order("POST", "/api/mail/confirmation", &body).await))
        }
        AccountAsk::Forgotten(body) => Action::Account(AccountAction::ForgottenSent(
            order("POST", "/api/account/forgotten", &body).await,
        )),
        AccountAsk::Withdraw => Action::Account(AccountAction::Withdrawn(
            send("POST", "/api/application/withdrawal", &NOTHING).await,
        )),
        AccountAsk::AskAgain => {
            Action::Account(AccountAction::AskedAgain(order("POST", "/api/mail/question", &NOTHING).await))
        }
        AccountAsk::Reset(body) => {
            Action::Account(AccountAction::PasswordSet(order("POST", "/api/account/password", &body).await))
        }
    }
}

/// A part of an address.
fn encode(text: &str) -> String {
    js_sys::encode_uri_component(text).into()
}

fn companies(query: &CompanyQuery) -> String {
    let mut path =
        format!("/api/agencies/{}/companies?query={}", encode(&query.agency), encode(&query.query));
    for (name, value) in [("row", query.row), ("after", query.after.as_deref())] {
        if let Some(value) = value {
            path.push_str(&format!("&{name}={}", encode(value)));
        }
    }
    path
}

async fn clock() -> Answer<Reading> {
    let asked = steady_ms();
    let clock: Clock = get("/api/clock").await?;
    let round_trip_ms = steady_ms() - asked;
    // Half of the round trip is attributed to the response.
    Ok(Reading {
        unix_ms: clock.unix_ms,
        at_ms: asked + round_trip_ms / 2.0,
        computer_ms: (js_sys::Date::now() - round_trip_ms / 2.0) as i64,
        // Never negative: the clock is monotonic.
        round_trip_ms: round_trip_ms as u32,
    })
}

async fn get<T: DeserializeOwned>(path: &str) -> Answer<T> {
    parse(&fetch("GET", path, None).await?)
}

async fn send<T: DeserializeOwned>(method: &str, path: &str, body: &impl Serialize) -> Answer<T> {
    parse(&fetch(method, path, Some(write(body))).await?)
}

/// A request whose answer has no body.
async fn order(method: &str, path: &str, body: &impl Serialize) -> Answer<()> {
    fetch(method, path, Some(write(body))).await.map(|_| ())
}

fn write(body: &impl Serialize) -> String {
    serde_json::to_string(body).expect("our own types have text keys only")
}

fn parse<T: DeserializeOwned>(text: &str) -> Answer<T> {
    // A server newer than this page; reloading the page brings them together.
    serde_json::from_str(text).map_err(|_| ApiErrorCode::Internal.into())
}

pub(super) async fn fetch(method: &str, path: &str, body: Option<String>) -> Answer<String> {
    let body = body.map(|body| ("application/json", body.into()));
    fetch_any(method, path, body, TIMEOUT_MS).await
}

/// Sends a body of any type, and waits this long for the answer. Repeated while the server is restarting.
pub(super) async fn fetch_any(
    method: &str,
    path: &str,
    body: Option<(&str, JsValue)>,
    timeout_ms: u32,
) -> Answer<String> {
    let mut again = Again::begin();
    loop {
        let outcome = exchange(method, path, body.clone(), timeout_ms).await;
        let seen = outcome.as_ref().ok().map(|(_, status, text)| (*status, text.as_str()));
        if again.wait(method, path, seen).await {
            continue;
        }
        let (ok, status, text) = outcome.map_err(|_: JsValue| Trouble::Unreachable)?;
        return if ok { Ok(text) } else { Err(refusal(status, &text)) };
    }
}

/// Fetches a file and hands it to the browser to be saved. A refusal is handled like any other; a file that breaks
/// off is not saved.
pub(super) async fn save(path: &str) -> Answer<()> {
    let lost = |_: JsValue| Trouble::Unreachable;
    let response = respond("GET", path, None, FILE_TIMEOUT_MS).await.map_err(lost)?;
    if !response.ok() {
        let text = JsFuture::from(response.text().map_err(lost)?).await.map_err(lost)?;
        return Err(refusal(response.status(), &text.as_string().unwrap_or_default()));
    }
    let name = response.headers().get("content-disposition").ok().flatten();
    let blob = JsFuture::from(response.blob().map_err(lost)?).await.map_err(lost)?;
    page::save(&blob.unchecked_into(), file_name(name.as_deref().unwrap_or_default())).map_err(lost)
}

/// The name in `attachment; filename="NAME"`, as our server writes it.
fn file_name(disposition: &str) -> &str {
    disposition.split('"').nth(1).unwrap_or_default()
}

async fn exchange(
    method: &str,
    path: &str,
    body: Option<(&str, JsValue)>,
    timeout_ms: u32,
) -> Result<(bool, u16, String), JsValue> {
    let response = respond(method, path, body, timeout_ms).await?;
    let text = JsFuture::from(response.text()?).await?;
    Ok((response.ok(), response.status(), text.as_string().unwrap_or_default()))
}

async fn respond(
    method: &str,
    path: &str,
    body: Option<(&str, JsValue)>,
    timeout_ms: u32,
) -> Result<Response, JsValue> {
    let init = RequestInit::new();
    init.set_method(method);
    // Revalidated each time; an unchanged profile is not sent again.
    init.set_cache(RequestCache::NoCache);
    init.set_credentials(RequestCredentials::SameOrigin);
    init.set_signal(Some(&AbortSignal::timeout_with_u32(timeout_ms)));
    if let Some((content_type, body)) = body {
        let headers = Headers::new()?;
        headers.set("content-type", content_type)?;
        init.set_headers(&headers);
        init.set_body(&body);
    }
    let window = web_sys::window().ok_or(JsValue::UNDEFINED)?;
    JsFuture::from(window.fetch_with_str_and_init(path, &init)).await?.dyn_into()
}

/// The meaning of a refusal, even one written by a proxy in front of the server.
fn refusal(status: u16, text: &str) -> Trouble {
    if let Ok(error) = serde_json::from_str::<ApiError>(text) {
        return Trouble::Api(error);
    }
    let code = match status {
        401 => ApiErrorCode::SessionMissing,
        404 => ApiErrorCode::NotFound,
        413 => ApiErrorCode::PayloadTooLarge,
        429 => ApiErrorCode::RateLimited,
        502..=504 => ApiErrorCode::Unavailable,
        _ => ApiErrorCode::Internal,
    };
    code.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_gets_the_name_that_the_server_gave_it() {
        assert_eq!(file_name("attachment; filename=\"companies-20261121.csv\""), "companies-20261121.csv");
        assert_eq!(file_name(""), "");
    }

    #[test]
    fn a_refusal_keeps_its_code_and_a_proxys_page_gets_one() {
        let ours = refusal(409, r#"{"code":"card_already_registered","request_id":"r-1"}"#);
        assert!(ours.is(ApiErrorCode::CardAlreadyRegistered));
        assert!(refusal(502, "<html>Bad Gateway</html>").is(ApiErrorCode::Unavailable));
        assert!(refusal(500, r#"{"code":"from_the_future"}"#).is(ApiErrorCode::Internal));
    }
}
