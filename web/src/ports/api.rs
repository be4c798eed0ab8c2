//! The server, through `fetch`.

use touroku_proto::{
    api::{ApiError, ApiErrorCode},
    endpoint::{Endpoint, Octets},
};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, Headers, RequestCache, RequestCredentials, RequestInit, Response};

use super::{again::Again, page};
use crate::{
    bidder::{action::Answer, trouble::Trouble},
    call::{Call, Request, parse},
};

/// How long an answer may take. The server's own limit is shorter; this one is for a dead connection.
const TIMEOUT_MS: u32 = 20_000;

/// How long a file may take: a list of a million companies on a slow connection.
const FILE_TIMEOUT_MS: u32 = 30 * 60 * 1000;

/// Makes a call.
pub(super) async fn send<T>(call: Call<T>) -> T {
    let answer = match call.request.kind.is_file {
        true => save(&call.request.url).await.map(|()| String::new()),
        false => fetch(call.request).await,
    };
    (call.read)(answer)
}

/// Sends bytes of a file, and waits this long for the answer.
pub(super) async fn upload<E: Endpoint<Request = Octets>>(
    path: E::Path,
    query: E::Query,
    bytes: JsValue,
    timeout_ms: u32,
) -> Answer<E::Response> {
    let request = Request::of::<E>(path, query, None);
    parse(&fetch_any(request, Some(("application/octet-stream", bytes)), timeout_ms).await?)
}

async fn fetch(mut request: Request) -> Answer<String> {
    let body = request.body.take().map(|body| ("application/json", body.into()));
    fetch_any(request, body, TIMEOUT_MS).await
}

/// Repeated while the server is restarting.
async fn fetch_any(
    request: Request,
    body: Option<(&'static str, JsValue)>,
    timeout_ms: u32,
) -> Answer<String> {
    let mut again = Again::begin();
    loop {
        let outcome = exchange(request.kind.method.as_str(), &request.url, body.clone(), timeout_ms).await;
        let seen = outcome.as_ref().ok().map(|(_, status, text)| (*status, text.as_str()));
        if again.wait(request.kind.is_repeatable, seen).await {
            continue;
        }
        let (ok, status, text) = outcome.map_err(|_: JsValue| Trouble::Unreachable)?;
        return if ok { Ok(text) } else { Err(refusal(status, &text)) };
    }
}

/// Fetches a file and hands it to the browser to be saved. A refusal is handled like any other; a file that breaks
/// off is not saved.
async fn save(path: &str) -> Answer<()> {
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
    if let Ok(error) = touroku_json::from_str::<ApiError>(text) {
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
