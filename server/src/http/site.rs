//! The web app's files.

use std::path::Path;

use axum::{
    Router,
    extract::Request,
    http::{HeaderValue, Method, header},
    middleware::{self, Next},
    response::{IntoResponse as _, Response},
};
use touroku_proto::api::ApiErrorCode;
use tower_http::services::{ServeDir, ServeFile};

use crate::error::Error;

/// The folder's files, preferring their compressed versions; `index.html` for the app's own paths.
pub(super) fn service(folder: &Path) -> Router {
    let index = ServeFile::new(folder.join("index.html")).precompressed_br().precompressed_gzip();
    let files = ServeDir::new(folder).precompressed_br().precompressed_gzip().fallback(index);
    Router::new().fallback_service(files).layer(middleware::from_fn(cache))
}

/// A file whose name contains a hash of its content never changes; everything else is revalidated.
async fn cache(request: Request, next: Next) -> Response {
    let name = request.uri().path().rsplit('/').next().unwrap_or_default().to_owned();
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return Error::Refused(ApiErrorCode::NotFound).into_response();
    }
    let mut response = next.run(request).await;
    let content_type = response.headers().get(header::CONTENT_TYPE);
    let is_html = content_type.is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    // The app's own paths have no dot. A missing script must not be answered with a page.
    if is_html && name.contains('.') && !name.ends_with(".html") {
        return Error::Refused(ApiErrorCode::NotFound).into_response();
    }
    let policy = if response.status().is_success() && !is_html && is_hashed(&name) {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(policy));
    response
}

/// `app-0a1b2c3d4e5f6a7b_bg.wasm`: some part of the name is eight or more hex digits, not all letters.
fn is_hashed(name: &str) -> bool {
    name.split(['-', '.', '_']).any(|part| {
        part.len() >= 8
            && part.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
            && part.bytes().any(|b| b.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_with_a_hash_are_kept_for_ever() {
        for name in ["app-0a1b2c3d4e5f6a7b_bg.wasm", "app-0a1b2c3d.js", "0a1b2c3d4e5f6a7b.css"] {
            assert!(is_hashed(name), "{name}");
        }
        for name in ["index.html", "app.js", "decade-deadbeef.js", "icon-192.png"] {
            assert!(!is_hashed(name), "{name}");
        }
    }
}
