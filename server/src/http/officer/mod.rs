//! The officers' API, under `/api/officer`. A handler names the role that it asks for as its first argument:
//! [`Viewer`], [`Reviewer`] or [`Manager`].

mod company;
mod review;
mod who;

use axum::Router;

#[allow(unused_imports, reason = "the routes that come next use them")]
pub(super) use self::who::{Manager, Reviewer, Viewer};
use crate::app::Live;

/// Everything under `/api/officer`.
pub(super) fn routes() -> Router<Live> {
    Router::new().merge(company::routes()).merge(review::routes())
}
