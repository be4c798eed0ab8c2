//! `GET /feed/v1/events`: for systems that keep users of their own.

use std::sync::Arc;

use axum::{
    Router,
    extract::{RawQuery, State},
    http::{
        HeaderMap, HeaderValue, StatusCode,
        header::{CONTENT_TYPE, ETAG, IF_NONE_MATCH},
    },
    response::{IntoResponse as _, Response},
    routing::get,
};
use sha2::{Digest as _, Sha256};

use super::{
    answer::not_found,
    oidc::{Refused, authorization},
    packed::names,
};
use crate::{
    app::{App, Live},
    error::Error,
    feed,
    oidc::{Code, Parameters, Refusal},
};

/// The routes under `/feed`.
pub(super) fn routes() -> Router<Live> {
    Router::new().route("/v1/events", get(events)).fallback(not_found).method_not_allowed_fallback(not_found)
}

async fn events(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, Refused> {
    let parameters = Parameters::parse(&query.unwrap_or_default())
        .ok_or_else(|| Refusal::new(Code::InvalidRequest, "each parameter may occur once"))?;
    let page = feed::page(&app, authorization(&headers), &parameters).await?;
    let body = serde_json::to_vec(&page).map_err(|_| Error::Defect("a page of the feed is plain data"));
    let body = body.map_err(Refusal::from)?;
    let tag = HeaderValue::try_from(format!("\"{}\"", hex::encode(Sha256::digest(&body))));
    let tag = tag.map_err(|_| Refusal::from(Error::Defect("hexadecimal digits are a header")))?;
    if headers.get_all(IF_NONE_MATCH).iter().any(|known| names(known, &tag)) {
        return Ok((StatusCode::NOT_MODIFIED, [(ETAG, tag)]).into_response());
    }
    let kind = HeaderValue::from_static("application/json");
    Ok(([(ETAG, tag)], [(CONTENT_TYPE, kind)], body).into_response())
}
