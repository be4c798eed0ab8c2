//! ホーム: figures, the events of today and yesterday, and what officers get mail about.

use std::sync::Arc;

use axum::{Json as Answer, Router};
use touroku_proto::{
    endpoint::officer as calls,
    officer::{OfficerView, daily::DailyList, figures::Figures},
};

use crate::{
    app::{App, Live},
    error::Error,
    http::call::{Call, Calls as _},
    officer,
};

pub(super) fn routes() -> Router<Live> {
    Router::new()
        .call::<calls::Figures>(figures)
        .call::<calls::Daily>(daily)
        .call::<calls::SetNotices>(set_notices)
}

async fn figures(app: Arc<App>, call: Call<calls::Figures>) -> Result<Answer<Figures>, Error> {
    officer::figures(&app, call.who).await.map(Answer)
}

async fn daily(app: Arc<App>, call: Call<calls::Daily>) -> Result<Answer<Vec<DailyList>>, Error> {
    officer::daily(&app, call.who).await.map(Answer)
}

async fn set_notices(app: Arc<App>, call: Call<calls::SetNotices>) -> Result<Answer<OfficerView>, Error> {
    officer::set_notices(&app, call.who, call.body).await.map(Answer)
}
