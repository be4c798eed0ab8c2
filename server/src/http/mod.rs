//! The HTTP server: routes, middleware, static files.

mod answer;
mod call;
mod caller;
mod cookie;
mod feed;
mod guard;
mod headers;
mod health;
pub mod limits;
mod listen;
pub mod metrics;
mod officer;
mod oidc;
pub mod packed;
mod routes;
mod site;
mod stall;

use axum::{Router, middleware};
use touroku_proto::endpoint::ROOT;
use tower_http::catch_panic::CatchPanicLayer;

pub use self::listen::{Room, serve};
use crate::{app::Live, error::Error};

/// The public server. Connections must provide [`ConnectInfo`](axum::extract::ConnectInfo) with their peer's
/// address.
pub fn router(live: impl Into<Live>) -> Router {
    let live = live.into();
    let shown = middleware::from_fn_with_state(live.clone(), guard::without_officers);
    around(live.clone(), inside(&live).layer(shown))
}

/// The same for the officers' separate listener.
pub fn officers_router(live: impl Into<Live>) -> Router {
    let live = live.into();
    around(live.clone(), inside(&live))
}

fn inside(live: &Live) -> Router<Live> {
    let site = live.now().settings.site.clone();
    let api = routes::api()
        .layer(CatchPanicLayer::custom(panicked))
        .layer(middleware::from_fn_with_state(live.clone(), guard::admit));
    let oidc = oidc::routes()
        .layer(CatchPanicLayer::custom(panicked))
        .layer(middleware::from_fn_with_state(live.clone(), guard::admit_anybody));
    let feed = feed::routes()
        .layer(CatchPanicLayer::custom(panicked))
        .layer(middleware::from_fn_with_state(live.clone(), guard::admit_anybody));
    let router =
        Router::new().nest(ROOT, api).nest("/oidc", oidc).nest("/feed", feed).merge(health::routes());
    // The pages themselves are served to the end: they know how to wait for the rest.
    let router = router.layer(middleware::from_fn(guard::stopping));
    match site {
        Some(folder) => router.fallback_service(site::service(&folder)),
        None => router.fallback(answer::not_found),
    }
}

fn around(live: Live, router: Router<Live>) -> Router {
    router
        .layer(middleware::from_fn_with_state(live.clone(), headers::add))
        .layer(middleware::from_fn_with_state(live.clone(), guard::observe))
        .with_state(live)
}

#[allow(clippy::needless_pass_by_value, reason = "the layer's signature")]
fn panicked(_: Box<dyn std::any::Any + Send>) -> axum::response::Response {
    use axum::response::IntoResponse as _;

    Error::Defect("a request handler panicked").into_response()
}

#[cfg(test)]
mod tests {
    use axum::{body::Body, http::Request, routing::get};
    use tower::ServiceExt as _;

    use super::*;

    #[tokio::test]
    async fn a_panic_answers_internal_and_not_a_closed_connection() {
        async fn broken() -> &'static str {
            panic!("a defect")
        }
        let router: Router = Router::new().route("/", get(broken)).layer(CatchPanicLayer::custom(panicked));
        let response = router.oneshot(Request::new(Body::empty())).await.unwrap();
        let error = response.extensions().get::<touroku_proto::api::ApiError>().unwrap();
        assert_eq!((response.status().as_u16(), error.code.as_str()), (500, "internal"));
    }
}
