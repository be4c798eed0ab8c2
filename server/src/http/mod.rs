//! The HTTP server: routes, what stands before them, static files.

mod cookie;
mod guard;
mod headers;
mod json;
pub mod limits;
mod routes;
mod site;

use std::sync::Arc;

use axum::{Router, middleware};
use tower_http::catch_panic::CatchPanicLayer;

use crate::{app::App, error::Error};

/// The whole server as one service. Connections must bring
/// [`ConnectInfo`](axum::extract::ConnectInfo) of their peer's address.
pub fn router(app: Arc<App>) -> Router {
    let site = app.settings.site.clone();
    let api = routes::api()
        .layer(CatchPanicLayer::custom(panicked))
        .layer(middleware::from_fn_with_state(Arc::clone(&app), guard::admit));
    let router = Router::new().nest("/api", api).merge(routes::health());
    let router = match site {
        Some(folder) => router.fallback_service(site::service(&folder)),
        None => router.fallback(routes::not_found),
    };
    router
        .layer(middleware::from_fn_with_state(Arc::clone(&app), headers::add))
        .layer(middleware::from_fn_with_state(Arc::clone(&app), guard::observe))
        .with_state(app)
}

#[allow(clippy::needless_pass_by_value, reason = "the layer's signature")]
fn panicked(_: Box<dyn std::any::Any + Send>) -> axum::response::Response {
    use axum::response::IntoResponse as _;

    Error::Defect("a request handler panicked").into_response()
}
