//! ホーム: figures, the events of today and yesterday, what officers get mail about, and what did not arrive.

use std::sync::Arc;

use axum::{Json as Answer, Router};
use touroku_proto::{
    endpoint::officer as calls,
    officer::{OfficerView, daily::DailyList, figures::Figures, mail::Undelivered},
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
        .call::<calls::Mails>(mails)
        .call::<calls::ActOnMails>(act_on_mails)
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

async fn mails(app: Arc<App>, call: Call<calls::Mails>) -> Result<Answer<Undelivered>, Error> {
    officer::mail::undelivered(&app, call.who, call.query.after).await.map(Answer)
}

async fn act_on_mails(app: Arc<App>, call: Call<calls::ActOnMails>) -> Result<Answer<Undelivered>, Error> {
    officer::mail::act(&app, call.who, call.body).await.map(Answer)
}
