//! Ownership of an application. Anybody may know a company's number and name; the outcome of an application, and
//! what was entered in it, is shown only to whoever has the link in its mail, or the ID and password that it was
//! made with.

use std::sync::Arc;

use touroku_proto::{
    account::{OpenApplication, ProveApplication},
    agency::Way,
    api::{ApiErrorCode, SessionView},
};

use super::guess::{admit_link_use, admit_password};
use crate::{
    app::App,
    bidder::{key::SessionKey, link::hash_of, view},
    error::Error,
    guess::{Asker, KnownBrowser, Target},
    http::limits::Address,
    password,
    store::Account,
};

/// How many applications with one ID have their passwords compared: each occupies a core for a while.
pub(super) const MOST_COMPARED: u32 = 5;

/// Proves ownership of one of the applications of the session's company by ID and password.
///
/// # Errors
/// `credentials_wrong`, `company_not_selected`, `way_not_allowed`.
pub async fn prove_application(
    app: &Arc<App>,
    (key, known): (SessionKey, KnownBrowser),
    address: Address,
    request: ProveApplication,
) -> Result<SessionView, Error> {
    let (id, now, expires_at) = (key.id(), app.outside.now(), app.session_end());
    let session = app.store.read(move |reader| reader.current_session(&id, now)).await?;
    if session.way != Way::Password {
        return Err(ApiErrorCode::WayNotAllowed.into());
    }
    let number = session.number.ok_or(ApiErrorCode::CompanyNotSelected)?;
    let login_id = request.login_id.trim().to_owned();
    let target = Target::account(&session.agency, &login_id);
    let asker = Asker::of(app, &target, &known, address, now).await?;
    admit_password(app, (&id, address), (&target, asker), now).await?;

    let (agency, category) = (session.agency, session.category);
    let candidates = app
        .store
        .read(move |reader| reader.applications_for((&agency, &category, &number), &login_id, MOST_COMPARED))
        .await?;
    let own = whose_fits(request.password.trim(), candidates).await;
    let own = own.ok_or(ApiErrorCode::CredentialsWrong)?.id;
    let shared = Arc::clone(app);
    app.store
        .write(move |writer| {
            writer.prove_application(&id, own)?;
            view::after(writer, &shared.agencies, &id, expires_at, now)
        })
        .await
}

/// Which of these the password belongs to; if none, it takes as long.
pub(super) async fn whose_fits(password: &str, candidates: Vec<Account>) -> Option<Account> {
    if candidates.is_empty() {
        password::fits_aside(password.to_owned(), None).await;
    }
    for account in candidates {
        if password::fits_aside(password.to_owned(), Some(account.password_hash.clone())).await {
            return Some(account);
        }
    }
    None
}

/// Opens a session for whoever has the link in an application's mail, replacing the previous one.
///
/// # Errors
/// `link_invalid`, `outside_hours`.
pub async fn open_application(
    app: &Arc<App>,
    replaced: Option<SessionKey>,
    address: Address,
    request: OpenApplication,
) -> Result<(SessionKey, SessionView), Error> {
    let now = app.outside.now();
    admit_link_use(app, address, now).await?;
    let hash = hash_of(&request.token)?;
    let found = app
        .store
        .read(move |reader| match reader.application_of_link(&hash, now)? {
            Some((agency, id)) => reader.account(&agency, id).map(|account| Some(agency).zip(account)),
            None => Ok(None),
        })
        .await?;
    let (agency, account) = found.ok_or(ApiErrorCode::LinkInvalid)?;
    // The profile may have lost the category since.
    let (profile, category, _) = app.agencies.category(&agency, &account.category)?;
    if profile.form_for(category, Way::Password).is_none() {
        return Err(ApiErrorCode::WayNotAllowed.into());
    }
    app.agencies.admit(&agency, now)?;
    let key = SessionKey::fresh(&app.outside);
    let (id, expires_at, shared) = (key.id(), app.session_end(), Arc::clone(app));
    let view = app
        .store
        .write(move |writer| {
            let place = (agency.as_str(), account.category.as_str(), Way::Password);
            writer.begin_session(&id, replaced.map(SessionKey::id).as_ref(), place, expires_at)?;
            writer.select_applicant(&id, &account.number)?;
            writer.prove_application(&id, account.id)?;
            view::after(writer, &shared.agencies, &id, expires_at, now)
        })
        .await?;
    Ok((key, view))
}
