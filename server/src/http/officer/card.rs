//! Sign-in by IC card, and linking cards.

use std::sync::Arc;

use axum::{Json as Answer, Router};
use touroku_proto::{
    api::{ApiErrorCode, Challenge},
    endpoint::officer as calls,
    officer::{LinkCard, OfficerView},
};

use super::sign_in::signed_in;
use crate::{
    app::{App, Live},
    error::Error,
    http::{
        call::{Call, Calls as _, WithCookies},
        cookie,
    },
    officer,
};

pub(super) fn routes() -> Router<Live> {
    Router::new()
        .call::<calls::OfficerChallenge>(challenge)
        .call::<calls::CardLogin>(card_login)
        .call::<calls::LinkCard>(link)
        .call::<calls::UnlinkCard>(unlink)
}

async fn challenge(
    app: Arc<App>,
    call: Call<calls::OfficerChallenge>,
) -> Result<WithCookies<Answer<Challenge>>, Error> {
    let former = cookie::read_officer(&call.headers);
    let (fresh, challenge) = officer::challenge(&app, former, &call.body.agency).await?;
    Ok(WithCookies(Answer(challenge), fresh.map(cookie::set_officer).into_iter().collect()))
}

async fn card_login(
    app: Arc<App>,
    call: Call<calls::CardLogin>,
) -> Result<WithCookies<Answer<OfficerView>>, Error> {
    let key = cookie::read_officer(&call.headers).ok_or(Error::Refused(ApiErrorCode::SessionMissing))?;
    let token = call.body.token.ok_or(ApiErrorCode::TokenMalformed)?;
    let known = cookie::read_known(&call.headers);
    officer::card_login(&app, (key, known), call.address, &call.body.agency, &token).await.map(signed_in)
}

async fn link(app: Arc<App>, call: Call<calls::LinkCard>) -> Result<Answer<OfficerView>, Error> {
    let LinkCard { password, code, token } = call.body;
    let token = token.ok_or(ApiErrorCode::TokenMalformed)?;
    officer::link_card(&app, call.who, &token, (password, code)).await.map(Answer)
}

async fn unlink(app: Arc<App>, call: Call<calls::UnlinkCard>) -> Result<Answer<OfficerView>, Error> {
    officer::unlink_card(&app, call.who).await.map(Answer)
}
