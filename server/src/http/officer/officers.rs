//! The agency's accounts (管理).

use std::sync::Arc;

use axum::{Json as Answer, Router};
use touroku_proto::{
    endpoint::officer as calls,
    officer::{LinkSent, OfficerAccount},
};

use crate::{
    app::{App, Live},
    error::Error,
    http::call::{Call, Calls as _},
    officer::account::{self, By, Handed, Links},
};

pub(super) fn routes() -> Router<Live> {
    Router::new()
        .call::<calls::Officers>(list)
        .call::<calls::AddOfficer>(add)
        .call::<calls::ChangeOfficer>(change)
        .call::<calls::ResetOfficer>(reset)
}

async fn list(app: Arc<App>, call: Call<calls::Officers>) -> Result<Answer<Vec<OfficerAccount>>, Error> {
    account::officers(&app, call.who).await.map(Answer)
}

async fn add(app: Arc<App>, call: Call<calls::AddOfficer>) -> Result<Answer<LinkSent>, Error> {
    let (shared, acting, request) = (Arc::clone(&app), call.who, call.body);
    let handed = app.store.write(move |writer| {
        let links = links(&shared, acting.agency())?;
        account::add(writer, &links, &By::Manager(&acting), &request)
    });
    sent(&app, handed.await?)
}

async fn change(app: Arc<App>, call: Call<calls::ChangeOfficer>) -> Result<Answer<OfficerAccount>, Error> {
    let shared = Arc::clone(&app);
    let ((login_id,), acting, request) = (call.path, call.who, call.body);
    let changed = app.store.write(move |writer| {
        let links = links(&shared, acting.agency())?;
        account::change(writer, &links, &By::Manager(&acting), &login_id, &request)
    });
    let changed = changed.await?;
    app.mail_queued.notify_one();
    Ok(Answer(changed))
}

async fn reset(app: Arc<App>, call: Call<calls::ResetOfficer>) -> Result<Answer<LinkSent>, Error> {
    let shared = Arc::clone(&app);
    let ((login_id,), acting, request) = (call.path, call.who, call.body);
    let handed = app.store.write(move |writer| {
        let links = links(&shared, acting.agency())?;
        account::reset(writer, &links, &By::Manager(&acting), &login_id, &request)
    });
    sent(&app, handed.await?)
}

fn sent(app: &App, handed: Handed) -> Result<Answer<LinkSent>, Error> {
    app.mail_queued.notify_one();
    match handed {
        Handed::Mailed(sent) => Ok(Answer(sent)),
        Handed::Shown { .. } => Err(Error::Defect("a link was made for a manager to hand over")),
    }
}

fn links<'a>(app: &'a App, agency: &str) -> Result<Links<'a>, Error> {
    let profile = app.agencies.profile(agency)?;
    Ok(Links { key: &app.key, outside: &app.outside, origin: &app.settings.officer_origin, profile })
}
