//! The officers' API, under `/api/officer`. A handler's first argument is the role that it requires: [`Viewer`],
//! [`Reviewer`] or [`Manager`].

mod audit;
mod card;
mod company;
mod daily;
mod figures;
mod import;
mod number;
mod officers;
mod profile;
mod review;
mod sign_in;
mod who;

use axum::Router;

pub(super) use self::who::{Manager, Reviewer, Viewer};
use crate::app::Live;

/// Everything under `/api/officer`.
pub(super) fn routes() -> Router<Live> {
    Router::new()
        .merge(sign_in::routes())
        .merge(card::routes())
        .merge(audit::routes())
        .merge(profile::routes())
        .merge(officers::routes())
        .merge(review::routes())
        .merge(company::routes())
        .merge(daily::routes())
        .merge(figures::routes())
        .merge(import::routes())
        .merge(number::routes())
}
