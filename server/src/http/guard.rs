//! What applies to every request: a number, a log line, and for the API who may ask and how often.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    body::{Body, to_bytes},
    extract::{ConnectInfo, MatchedPath, Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use tokio::time::timeout;
use touroku_proto::{
    api::{ApiError, ApiErrorCode},
    endpoint::{
        Endpoint as _, MAX_BODY,
        officer::{AddPiece, Undo},
    },
};

use super::{limits::Address, listen::Coming};
use crate::{
    app::{App, Settings},
    error::Error,
};

/// The longest that a request may take. Each waits only for the database.
const TIMEOUT: Duration = Duration::from_secs(30);

/// An upload's piece waits for the officer's connection, an undo for a large roster.
const LONG_TIMEOUT: Duration = Duration::from_secs(120);

/// How long to keep reading the rest of a request that is refused anyway.
const BODY_TIMEOUT: Duration = Duration::from_millis(300);

/// Numbers the request, logs it, and writes the body of a refusal. The log contains no query, cookie, address or
/// body: the number links a person's question to the line.
pub(super) async fn observe(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let request_id = hex::encode(app.outside.random::<8>());
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let began = Instant::now();
    let mut response = next.run(request).await;
    if let Some(mut error) = response.extensions_mut().remove::<ApiError>() {
        error.request_id.clone_from(&request_id);
        response = refusal(response, &error);
    }
    let status = response.status().as_u16();
    let seconds = began.elapsed().as_secs_f64();
    app.metrics.record(&method, route.as_deref().unwrap_or("-"), status, seconds);
    if status == StatusCode::TOO_MANY_REQUESTS {
        // Flooding the server must not fill the log as well: an occasional line says how many there were.
        return response;
    }
    let milliseconds = seconds * 1000.0;
    tracing::info!(
        request_id,
        %method,
        route = route.as_deref().unwrap_or("-"),
        status,
        milliseconds = (milliseconds * 100.0).round() / 100.0,
        "request"
    );
    response
}

/// Refuses everything that arrives while the server is stopping, before any of it is done: it may be resent
/// unchanged. So may a request under way then whose body does not come: no handler has begun.
pub(super) async fn stopping(mut request: Request, next: Next) -> Response {
    let Some(coming) = request.extensions_mut().remove::<Coming>() else { return next.run(request).await };
    if coming.is_late {
        // A connection closed before everything was read is reset, and the answer is lost with it.
        drop(timeout(BODY_TIMEOUT, to_bytes(request.into_body(), MAX_BODY)).await);
        return Error::Stopping.into_response();
    }
    tokio::select! {
        response = next.run(request) => response,
        () = coming.given_up() => Error::Stopping.into_response(),
    }
}

fn refusal(response: Response, error: &ApiError) -> Response {
    let (mut parts, _) = response.into_parts();
    parts.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    parts.headers.remove(header::CONTENT_LENGTH);
    if let Some(seconds) = error.retry_after {
        parts.headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    let body = serde_json::to_vec(error).expect("an ApiError is plain data");
    Response::from_parts(parts, Body::from(body))
}

/// Admits API requests: from our own pages, in JSON, within limits of rate and time.
pub(super) async fn admit(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    match same_origin(&request, own_origin(&app.settings, request.uri().path())) {
        Ok(()) => admit_anybody(State(app), request, next).await,
        // Flooding the server with such requests is limited, too.
        Err(error) => match app.governor.admit_address(address(&request, &app.settings.trusted_proxies)) {
            Ok(()) => error.into_response(),
            Err(limited) => limited.into_response(),
        },
    }
}

/// Admits requests by other systems, and by browsers that they send: within limits of rate and time.
pub(super) async fn admit_anybody(State(app): State<Arc<App>>, mut request: Request, next: Next) -> Response {
    let address = address(&request, &app.settings.trusted_proxies);
    let limit = time_limit(request.extensions().get());
    if let Err(error) = app.governor.admit_address(address) {
        return error.into_response();
    }
    request.extensions_mut().insert(address);
    match timeout(limit, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Error::Busy.into_response(),
    }
}

/// The time limit for a request to that route.
fn time_limit(route: Option<&MatchedPath>) -> Duration {
    let is_long = route.is_some_and(|route| [AddPiece::PATH, Undo::PATH].contains(&route.as_str()));
    if is_long { LONG_TIMEOUT } else { TIMEOUT }
}

/// The origin that requests to that path, below `/api`, must come from.
fn own_origin<'s>(settings: &'s Settings, path: &str) -> &'s str {
    let is_officers = path.starts_with("/officer/");
    if is_officers { settings.officer_origin.as_str() } else { settings.origin.as_str() }
}

/// Where officers have a separate listener, nothing of theirs is found on the public one.
pub(super) async fn without_officers(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    if app.settings.officers_apart && is_officers(request.uri().path()) {
        return Error::Refused(ApiErrorCode::NotFound).into_response();
    }
    next.run(request).await
}

/// Whether a path names something of theirs, however it is spelled: files are also found by `%6f` and `//`.
fn is_officers(path: &str) -> bool {
    let path = percent_encoding::percent_decode_str(path).decode_utf8_lossy();
    let parts: Vec<&str> = path.split(['/', '\\']).filter(|part| !matches!(*part, "" | ".")).collect();
    let path = parts.join("/");
    path.starts_with("api/officer") || path.starts_with("officer")
}

/// CSRF: whatever changes something must come from our own origin. Browsers always send `Origin` with such
/// requests, and no page can forge it.
fn same_origin(request: &Request, own: &str) -> Result<(), Error> {
    if matches!(*request.method(), Method::GET | Method::HEAD) {
        return Ok(());
    }
    let headers = request.headers();
    let from_us = single(headers, "origin") == Some(own);
    let site = headers.get("sec-fetch-site");
    if from_us && site.is_none_or(|site| site == "same-origin") {
        Ok(())
    } else {
        Err(ApiErrorCode::CrossSite.into())
    }
}

/// A header that must not occur twice.
fn single<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(value)
}

/// The peer's address, or the one seen by a trusted proxy: the last of `X-Forwarded-For`, which that proxy added
/// itself. Anybody may have written those before it.
fn address(request: &Request, trusted_proxies: &[IpAddr]) -> Address {
    let peer = request
        .extensions()
        .get::<ConnectInfo<SocketAddr>>()
        .map_or(IpAddr::from([0, 0, 0, 0]), |ConnectInfo(peer)| peer.ip().to_canonical());
    let forwarded = || {
        let last = request.headers().get_all("x-forwarded-for").iter().next_back()?.to_str().ok()?;
        last.rsplit(',').next()?.trim().parse::<IpAddr>().ok()
    };
    let seen = if trusted_proxies.contains(&peer) { forwarded().unwrap_or(peer) } else { peer };
    Address::of(seen)
}

#[cfg(test)]
mod tests {
    use axum::{Router, routing::any};
    use touroku_proto::endpoint::{ROOT, bidder::Clock};
    use tower::ServiceExt as _;

    use super::*;

    #[tokio::test]
    async fn a_piece_of_an_upload_and_an_undo_have_more_time() {
        let tell = async |request: Request, _: Next| {
            time_limit(request.extensions().get()).as_secs().to_string().into_response()
        };
        let routes =
            [AddPiece::PATH, Undo::PATH, Clock::PATH].into_iter().fold(Router::new(), |router, path| {
                router.route(path.strip_prefix(ROOT).unwrap(), any(async || ()))
            });
        let router: Router = Router::new().nest(ROOT, routes.layer(axum::middleware::from_fn(tell)));
        for (path, seconds) in [
            ("/api/officer/imports/7/bytes?offset=0", "120"),
            ("/api/officer/imports/7/undo", "120"),
            ("/api/clock", "30"),
        ] {
            let request = Request::builder().uri(path).body(Body::empty()).unwrap();
            let response = router.clone().oneshot(request).await.unwrap();
            let told = to_bytes(response.into_body(), 10).await.unwrap();
            assert_eq!(told, seconds, "{path}");
        }
    }
}
