//! Answers that several routes give.

use axum::{
    http::header::{CONTENT_DISPOSITION, CONTENT_TYPE},
    response::{IntoResponse as _, Response},
};
use touroku_proto::api::ApiErrorCode;

use crate::error::Error;

pub(super) async fn not_found() -> Error {
    ApiErrorCode::NotFound.into()
}

/// A file to be saved under its name.
pub(super) fn download((name, media_type, content): (String, &'static str, Vec<u8>)) -> Response {
    let disposition = format!("attachment; filename=\"{name}\"");
    let headers = [(CONTENT_TYPE, media_type.to_owned()), (CONTENT_DISPOSITION, disposition)];
    (headers, content).into_response()
}
