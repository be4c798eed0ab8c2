//! JSON in requests.

use axum::{
    body::Bytes,
    extract::{FromRequest, Request, rejection::BytesRejection},
    http::header,
};
use serde::{Deserialize, de::DeserializeOwned};
use touroku_proto::api::ApiErrorCode;

use crate::error::Error;

/// The largest body, in bytes.
pub(super) const MAX_BODY: usize = 64 * 1024;

/// The body of a request fully described by its URL: an empty object.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Nothing {}

/// A JSON body with a known schema. axum's own extractor would answer in its own words.
pub(super) struct Json<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Json<T> {
    type Rejection = Error;

    async fn from_request(request: Request, state: &S) -> Result<Self, Error> {
        let content_type = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let media_type = content_type.and_then(|value| value.split(';').next()).unwrap_or_default();
        if !media_type.trim().eq_ignore_ascii_case("application/json") {
            return Err(ApiErrorCode::UnsupportedMediaType.into());
        }
        let body = Bytes::from_request(request, state).await.map_err(|rejection| match rejection {
            BytesRejection::FailedToBufferBody(
                axum::extract::rejection::FailedToBufferBody::LengthLimitError(_),
            ) => ApiErrorCode::PayloadTooLarge,
            _ => ApiErrorCode::BadRequest,
        })?;
        serde_json::from_slice(&body).map(Self).map_err(|_| ApiErrorCode::BadRequest.into())
    }
}
