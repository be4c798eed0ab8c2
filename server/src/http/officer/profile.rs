//! 機関設定.

use std::sync::Arc;

use axum::{Json as Answer, Router};
use touroku_proto::{
    endpoint::officer as calls,
    officer::{
        profile::{ProfileCheck, ProfileInForce, ProfileVersions, VersionText},
        settings::ChangedKeys,
    },
};

use crate::{
    app::{App, Live},
    error::Error,
    http::call::{Call, Calls as _},
    officer::{profile, proposal, version},
};

pub(super) fn routes() -> Router<Live> {
    Router::new()
        .call::<calls::InForce>(in_force)
        .call::<calls::EarlierProfiles>(earlier)
        .call::<calls::ProfileVersion>(one_version)
        .call::<calls::CheckProfile>(check)
        .call::<calls::ChangeKeys>(change_keys)
        .call::<calls::TakeProfile>(exchange)
        .call::<calls::ConfirmProfile>(confirm)
        .call::<calls::WithdrawProfile>(withdraw)
}

async fn in_force(app: Arc<App>, call: Call<calls::InForce>) -> Result<Answer<ProfileInForce>, Error> {
    profile::in_force(&app, &call.who).await.map(Answer)
}

async fn earlier(
    app: Arc<App>,
    call: Call<calls::EarlierProfiles>,
) -> Result<Answer<ProfileVersions>, Error> {
    version::earlier(&app, &call.who, call.query.before).await.map(Answer)
}

async fn one_version(app: Arc<App>, call: Call<calls::ProfileVersion>) -> Result<Answer<VersionText>, Error> {
    let (id,) = call.path;
    version::version(&app, &call.who, id).await.map(Answer)
}

async fn check(app: Arc<App>, call: Call<calls::CheckProfile>) -> Result<Answer<ProfileCheck>, Error> {
    profile::check(&app, &call.who, call.body).await.map(Answer)
}

async fn change_keys(app: Arc<App>, call: Call<calls::ChangeKeys>) -> Result<Answer<ChangedKeys>, Error> {
    profile::change_keys(&app, &call.who, call.body).await.map(Answer)
}

async fn exchange(_: Arc<App>, call: Call<calls::TakeProfile>) -> Result<Answer<ProfileInForce>, Error> {
    profile::exchange(call.live, call.who, call.body).await.map(Answer)
}

async fn confirm(_: Arc<App>, call: Call<calls::ConfirmProfile>) -> Result<Answer<ProfileInForce>, Error> {
    profile::confirm(call.live, call.who, call.body).await.map(Answer)
}

async fn withdraw(
    app: Arc<App>,
    call: Call<calls::WithdrawProfile>,
) -> Result<Answer<ProfileInForce>, Error> {
    proposal::withdraw(&app, &call.who).await?;
    profile::in_force(&app, &call.who).await.map(Answer)
}
