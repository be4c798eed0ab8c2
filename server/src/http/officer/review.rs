//! 審査.

use std::sync::Arc;

use axum::{Json as Answer, Router};
use touroku_proto::{
    endpoint::officer as calls,
    officer::review::{ApplicationDetail, ApplicationPage, Differences},
};

use crate::{
    app::{App, Live},
    error::Error,
    http::call::{Call, Calls as _},
    officer::review::{self, Wanted},
};

pub(super) fn routes() -> Router<Live> {
    Router::new()
        .call::<calls::Applications>(applications)
        .call::<calls::Application>(application)
        .call::<calls::Decide>(decide)
        .call::<calls::Note>(note)
}

async fn applications(
    app: Arc<App>,
    call: Call<calls::Applications>,
) -> Result<Answer<ApplicationPage>, Error> {
    let calls::QueueQuery { state, after, query, kind, differences } = call.query;
    let wanted = Wanted {
        queue: state.unwrap_or_default(),
        query: query.unwrap_or_default(),
        kind,
        differs: differences.map(|differences| differences == Differences::Some),
    };
    review::applications(&app, call.who, wanted, &after.unwrap_or_default()).await.map(Answer)
}

async fn application(
    app: Arc<App>,
    call: Call<calls::Application>,
) -> Result<Answer<ApplicationDetail>, Error> {
    let (kind, id) = call.path;
    review::application(&app, call.who, kind, id).await.map(Answer)
}

async fn decide(app: Arc<App>, call: Call<calls::Decide>) -> Result<Answer<ApplicationDetail>, Error> {
    let (kind, id) = call.path;
    review::decide(&app, call.who, kind, id, call.body).await.map(Answer)
}

async fn note(app: Arc<App>, call: Call<calls::Note>) -> Result<Answer<ApplicationDetail>, Error> {
    let (kind, id) = call.path;
    review::note(&app, call.who, kind, id, call.body).await.map(Answer)
}
