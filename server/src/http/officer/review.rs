//! 審査.

use std::sync::Arc;

use axum::{Json as Answer, Router};
use touroku_proto::{
    endpoint::officer as calls,
    officer::review::{ApplicationDetail, ApplicationPage},
};

use crate::{
    app::{App, Live},
    error::Error,
    http::call::{Call, Calls as _},
    officer::review,
};

pub(super) fn routes() -> Router<Live> {
    Router::new()
        .call::<calls::Applications>(applications)
        .call::<calls::Application>(application)
        .call::<calls::Decide>(decide)
}

async fn applications(
    app: Arc<App>,
    call: Call<calls::Applications>,
) -> Result<Answer<ApplicationPage>, Error> {
    let calls::QueueQuery { state, after } = call.query;
    let (queue, after) = (state.unwrap_or_default(), after.unwrap_or_default());
    review::applications(&app, call.who, queue, &after).await.map(Answer)
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
