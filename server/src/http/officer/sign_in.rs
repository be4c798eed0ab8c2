//! Sign-in, the officer's own account and sessions.

use std::sync::Arc;

use axum::{Json as Answer, Router};
use touroku_proto::{
    endpoint::{Nothing, officer as calls},
    officer::{OfficerView, OpenSession, Setup},
};

use crate::{
    app::{App, Live},
    error::Error,
    http::{
        call::{Call, Calls as _, WithCookies},
        cookie,
    },
    officer::{self, SignedIn},
};

pub(super) fn routes() -> Router<Live> {
    Router::new()
        .call::<calls::Session>(current)
        .call::<calls::SignOut>(sign_out)
        .call::<calls::Login>(log_in)
        .call::<calls::BeginSetup>(begin_setup)
        .call::<calls::FinishSetup>(finish_setup)
        .call::<calls::ChangePassword>(change_password)
        .call::<calls::Sessions>(sessions)
        .call::<calls::EndSession>(end_session)
}

async fn current(app: Arc<App>, call: Call<calls::Session>) -> Result<Answer<OfficerView>, Error> {
    officer::current(&app, &call.who).map(Answer)
}

async fn sign_out(app: Arc<App>, call: Call<calls::SignOut>) -> Result<WithCookies<Nothing>, Error> {
    officer::sign_out(&app, call.who).await?;
    Ok(WithCookies(Nothing, vec![cookie::clear_officer()]))
}

async fn log_in(app: Arc<App>, call: Call<calls::Login>) -> Result<WithCookies<Answer<OfficerView>>, Error> {
    let former = (cookie::read_officer(&call.headers), cookie::read_known(&call.headers));
    officer::log_in(&app, former, call.address, call.body).await.map(signed_in)
}

async fn begin_setup(app: Arc<App>, call: Call<calls::BeginSetup>) -> Result<Answer<Setup>, Error> {
    officer::begin_setup(&app, call.address, call.body).await.map(Answer)
}

async fn finish_setup(
    app: Arc<App>,
    call: Call<calls::FinishSetup>,
) -> Result<WithCookies<Answer<OfficerView>>, Error> {
    let former = (cookie::read_officer(&call.headers), cookie::read_known(&call.headers));
    officer::finish_setup(&app, former, call.address, call.body).await.map(signed_in)
}

async fn change_password(app: Arc<App>, call: Call<calls::ChangePassword>) -> Result<Nothing, Error> {
    officer::change_password(&app, call.who, call.body).await?;
    Ok(Nothing)
}

async fn sessions(app: Arc<App>, call: Call<calls::Sessions>) -> Result<Answer<Vec<OpenSession>>, Error> {
    officer::sessions(&app, call.who).await.map(Answer)
}

async fn end_session(app: Arc<App>, call: Call<calls::EndSession>) -> Result<Nothing, Error> {
    let (id,) = call.path;
    officer::end_session(&app, call.who, id).await?;
    Ok(Nothing)
}

pub(super) fn signed_in(signed_in: SignedIn) -> WithCookies<Answer<OfficerView>> {
    let SignedIn { key, view, known } = signed_in;
    let known = known.as_ref().map(cookie::set_known);
    WithCookies(Answer(view), [cookie::set_officer(key)].into_iter().chain(known).collect())
}
