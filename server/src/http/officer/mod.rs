//! The officers' calls. Each is admitted by the role that its declaration names.

mod audit;
mod card;
mod client;
mod company;
mod import;
mod officers;
mod profile;
mod review;
mod roster;
mod sign_in;
mod today;

use axum::Router;

use crate::app::Live;

pub(super) fn routes() -> Router<Live> {
    Router::new()
        .merge(sign_in::routes())
        .merge(card::routes())
        .merge(audit::routes())
        .merge(profile::routes())
        .merge(client::routes())
        .merge(officers::routes())
        .merge(review::routes())
        .merge(company::routes())
        .merge(roster::routes())
        .merge(today::routes())
        .merge(import::routes())
}
