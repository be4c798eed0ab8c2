//! The contractors' calls, and the API as a whole.

use std::sync::Arc;

use axum::{Json as Answer, Router};
use touroku_proto::{
    api::{
        AgencySummary, ApiErrorCode, Challenge, Clock, CompanyPage, Portal, PostalMatches, Prepared,
        SessionView,
    },
    endpoint::{Nothing, bidder as calls},
    hours::HoursState,
    officer::company::Timeline,
    sign_in::{Onward, SignIn},
    status::{CompanyStatus, ShownPassword},
};

use super::{
    answer::{not_found, receipt_download},
    call::{Call, Calls as _, Download, WithCookies, Written},
    cookie,
};
use crate::{
    app::{App, Live},
    bidder::{self, SessionKey, account},
    error::Error,
    listing, oidc, postal, submission,
};

/// Everything under `/api`.
pub(super) fn api() -> Router<Live> {
    contractors().merge(super::officer::routes()).fallback(not_found).method_not_allowed_fallback(not_found)
}

fn contractors() -> Router<Live> {
    Router::new()
        .call::<calls::Portal>(portal)
        .call::<calls::JointPortal>(joint_portal)
        .call::<calls::Profile>(profile)
        .call::<calls::Hours>(hours)
        .call::<calls::Companies>(companies)
        .call::<calls::Clock>(clock)
        .call::<calls::Postal>(postal)
        .call::<calls::StartSession>(start_session)
        .call::<calls::Session>(session)
        .call::<calls::EndSession>(end_session)
        .call::<calls::Challenge>(challenge)
        .call::<calls::Login>(login)
        .call::<calls::SearchCompany>(search_company)
        .call::<calls::SaveDraft>(save_draft)
        .call::<calls::Register>(register)
        .call::<calls::PrepareRegistration>(prepare_registration)
        .call::<calls::Change>(change)
        .call::<calls::PrepareChange>(prepare_change)
        .call::<calls::Renew>(renew)
        .call::<calls::PrepareRenewal>(prepare_renewal)
        .call::<calls::ReceiptOfSession>(receipt)
        .call::<calls::Withdraw>(withdraw)
        .call::<calls::Status>(status)
        .call::<calls::StatusTimeline>(timeline)
        .call::<calls::InformationPassword>(information_password)
        .call::<calls::StopOther>(stop)
        .call::<calls::Apply>(apply)
        .call::<calls::AccountLogin>(account_login)
        .call::<calls::ProveApplication>(prove_application)
        .call::<calls::OpenApplication>(open_application)
        .call::<calls::ChangeAccount>(change_account)
        .call::<calls::ForgottenPassword>(forgotten)
        .call::<calls::ResetPassword>(reset_password)
        .call::<calls::ConfirmAddress>(confirm_address)
        .call::<calls::AskAgain>(ask_again)
        .call::<calls::SignIn>(sign_in)
        .call::<calls::EndSignIn>(end_sign_in)
}

async fn portal(app: Arc<App>, call: Call<calls::Portal>) -> Result<Written, Error> {
    let members = call.query.members.unwrap_or_default();
    let choice = || {
        let alone = app.agencies.all().filter(|agency| members || agency.portal.is_none());
        let portals = app.agencies.portals();
        Portal {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            extension_ids: app.settings.extension_ids.clone(),
            agencies: alone
                .map(|agency| AgencySummary { code: agency.code.clone(), name: agency.name.clone() })
                .collect(),
            portals: portals
                .map(|(code, portal)| AgencySummary { code: code.to_owned(), name: portal.name.clone() })
                .collect(),
            authorities: app.agencies.authority_views(),
            install: app.settings.install.clone(),
        }
    };
    Ok(Written(app.packed_choice[usize::from(members)].of(choice)?.answer(&call.headers)))
}

async fn joint_portal(app: Arc<App>, call: Call<calls::JointPortal>) -> Result<Written, Error> {
    let (code,) = call.path;
    Ok(Written(app.packed_portals.of(&code, app.agencies.portal(&code)?)?.answer(&call.headers)))
}

async fn profile(app: Arc<App>, call: Call<calls::Profile>) -> Result<Written, Error> {
    let (code,) = call.path;
    Ok(Written(app.packed.of(&code, app.agencies.profile(&code)?)?.answer(&call.headers)))
}

async fn hours(app: Arc<App>, call: Call<calls::Hours>) -> Result<Answer<HoursState>, Error> {
    let (code,) = call.path;
    Ok(Answer(app.agencies.hours(&code, app.outside.now())?))
}

async fn companies(app: Arc<App>, call: Call<calls::Companies>) -> Result<Answer<CompanyPage>, Error> {
    let (code,) = call.path;
    Ok(Answer(listing::page(&app, call.address, &code, call.query).await?))
}

async fn clock(app: Arc<App>, _: Call<calls::Clock>) -> Result<Answer<Clock>, Error> {
    Ok(Answer(Clock { unix_ms: app.outside.now() }))
}

async fn postal(app: Arc<App>, call: Call<calls::Postal>) -> Result<Answer<PostalMatches>, Error> {
    let (digits,) = call.path;
    Ok(Answer(postal::matches(&app, &digits).await?))
}

async fn start_session(
    app: Arc<App>,
    call: Call<calls::StartSession>,
) -> Result<WithCookies<Answer<SessionView>>, Error> {
    let (key, view) = bidder::begin(&app, cookie::read(&call.headers), call.body).await?;
    Ok(opened(&app, key, view))
}

async fn session(app: Arc<App>, call: Call<calls::Session>) -> Result<Answer<SessionView>, Error> {
    Ok(Answer(bidder::current(&app, call.who).await?))
}

async fn end_session(app: Arc<App>, call: Call<calls::EndSession>) -> Result<WithCookies<Nothing>, Error> {
    bidder::end(&app, call.who).await?;
    Ok(WithCookies(Nothing, vec![cookie::clear()]))
}

async fn challenge(app: Arc<App>, call: Call<calls::Challenge>) -> Result<Answer<Challenge>, Error> {
    Ok(Answer(bidder::challenge(&app, call.who, call.body.purpose).await?))
}

async fn login(app: Arc<App>, call: Call<calls::Login>) -> Result<WithCookies<Answer<SessionView>>, Error> {
    let token = call.body.token.ok_or(ApiErrorCode::TokenMalformed)?;
    let (purpose, person) = (call.body.purpose, call.body.person_in_charge);
    let (key, view) = bidder::login(&app, call.who, &token, purpose, &person).await?;
    Ok(opened(&app, key, view))
}

async fn search_company(
    app: Arc<App>,
    call: Call<calls::SearchCompany>,
) -> Result<Answer<SessionView>, Error> {
    Ok(Answer(bidder::search_company(&app, call.who, call.address, call.body).await?))
}

async fn save_draft(app: Arc<App>, call: Call<calls::SaveDraft>) -> Result<Nothing, Error> {
    bidder::save_draft(&app, call.who, call.body).await?;
    Ok(Nothing)
}

async fn register(app: Arc<App>, call: Call<calls::Register>) -> Result<Answer<SessionView>, Error> {
    Ok(Answer(submission::submit(&app, call.who, call.body).await?))
}

async fn prepare_registration(
    app: Arc<App>,
    call: Call<calls::PrepareRegistration>,
) -> Result<Answer<Prepared>, Error> {
    Ok(Answer(submission::prepare(&app, call.who, call.body).await?))
}

async fn change(app: Arc<App>, call: Call<calls::Change>) -> Result<Answer<SessionView>, Error> {
    Ok(Answer(submission::submit(&app, call.who, call.body).await?))
}

async fn prepare_change(app: Arc<App>, call: Call<calls::PrepareChange>) -> Result<Answer<Prepared>, Error> {
    Ok(Answer(submission::prepare(&app, call.who, call.body).await?))
}

async fn renew(app: Arc<App>, call: Call<calls::Renew>) -> Result<Answer<SessionView>, Error> {
    Ok(Answer(submission::submit(&app, call.who, call.body).await?))
}

async fn prepare_renewal(
    app: Arc<App>,
    call: Call<calls::PrepareRenewal>,
) -> Result<Answer<Prepared>, Error> {
    Ok(Answer(submission::prepare(&app, call.who, call.body).await?))
}

async fn receipt(app: Arc<App>, call: Call<calls::ReceiptOfSession>) -> Result<Download<Vec<u8>>, Error> {
    let (file,) = call.path;
    Ok(receipt_download(file, submission::receipt_file(&app, call.who).await?))
}

async fn withdraw(app: Arc<App>, call: Call<calls::Withdraw>) -> Result<Answer<SessionView>, Error> {
    Ok(Answer(submission::withdraw(&app, call.who).await?))
}

async fn status(app: Arc<App>, call: Call<calls::Status>) -> Result<Answer<CompanyStatus>, Error> {
    Ok(Answer(bidder::status(&app, call.who).await?))
}

async fn information_password(
    app: Arc<App>,
    call: Call<calls::InformationPassword>,
) -> Result<Answer<ShownPassword>, Error> {
    Ok(Answer(bidder::information_password(&app, call.who).await?))
}

async fn timeline(app: Arc<App>, call: Call<calls::StatusTimeline>) -> Result<Answer<Timeline>, Error> {
    bidder::timeline(&app, call.who, call.query.after.as_deref()).await.map(Answer)
}

async fn stop(app: Arc<App>, call: Call<calls::StopOther>) -> Result<Answer<CompanyStatus>, Error> {
    Ok(Answer(bidder::stop(&app, call.who, call.body).await?))
}

async fn apply(app: Arc<App>, call: Call<calls::Apply>) -> Result<Answer<SessionView>, Error> {
    Ok(Answer(submission::apply(&app, call.who, call.address, call.body).await?))
}

async fn account_login(
    app: Arc<App>,
    call: Call<calls::AccountLogin>,
) -> Result<WithCookies<Answer<SessionView>>, Error> {
    let known = cookie::read_known(&call.headers);
    let (key, view, known) = account::log_in(&app, (call.who, known), call.address, call.body).await?;
    let WithCookies(answer, mut cookies) = opened(&app, key, view);
    cookies.extend(known.as_ref().map(cookie::set_known));
    Ok(WithCookies(answer, cookies))
}

async fn prove_application(
    app: Arc<App>,
    call: Call<calls::ProveApplication>,
) -> Result<Answer<SessionView>, Error> {
    let known = cookie::read_known(&call.headers);
    Ok(Answer(account::prove_application(&app, (call.who, known), call.address, call.body).await?))
}

async fn open_application(
    app: Arc<App>,
    call: Call<calls::OpenApplication>,
) -> Result<WithCookies<Answer<SessionView>>, Error> {
    let replaced = cookie::read(&call.headers);
    let (key, view) = account::open_application(&app, replaced, call.address, call.body).await?;
    Ok(opened(&app, key, view))
}

async fn change_account(
    app: Arc<App>,
    call: Call<calls::ChangeAccount>,
) -> Result<Answer<SessionView>, Error> {
    Ok(Answer(submission::change_account(&app, call.who, call.address, call.body).await?))
}

async fn forgotten(app: Arc<App>, call: Call<calls::ForgottenPassword>) -> Result<Nothing, Error> {
    account::forgotten(&app, cookie::read_known(&call.headers), call.address, call.body).await?;
    Ok(Nothing)
}

async fn reset_password(app: Arc<App>, call: Call<calls::ResetPassword>) -> Result<Nothing, Error> {
    account::reset_password(&app, call.address, call.body).await?;
    Ok(Nothing)
}

async fn confirm_address(app: Arc<App>, call: Call<calls::ConfirmAddress>) -> Result<Nothing, Error> {
    bidder::confirm_address(&app, call.address, call.body).await?;
    Ok(Nothing)
}

async fn ask_again(app: Arc<App>, call: Call<calls::AskAgain>) -> Result<Nothing, Error> {
    bidder::ask_again(&app, call.who).await?;
    Ok(Nothing)
}

async fn sign_in(app: Arc<App>, call: Call<calls::SignIn>) -> Result<Answer<SignIn>, Error> {
    Ok(Answer(oidc::waiting(&app, cookie::read_sign_in(&call.headers), call.query.id).await?))
}

async fn end_sign_in(app: Arc<App>, call: Call<calls::EndSignIn>) -> Result<Answer<Onward>, Error> {
    let (browser, session) = (cookie::read_sign_in(&call.headers), cookie::read(&call.headers));
    Ok(Answer(oidc::end(&app, browser, session, call.body).await?))
}

/// A session with a new key.
fn opened(app: &App, key: SessionKey, view: SessionView) -> WithCookies<Answer<SessionView>> {
    // Known from now on without asking the store; its first request can't exceed the limit.
    drop(app.governor.admit_session(&key.id()));
    WithCookies(Answer(view), vec![cookie::set(key)])
}
