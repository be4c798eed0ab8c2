//! Login by ID and password.

use std::sync::Arc;

use touroku_proto::{
    account::{AccountLogin, ApplicationState},
    agency::Way,
    api::{ApiErrorCode, SessionView},
    card::Purpose,
};

use super::{
    guess::admit_password,
    proof::{MOST_COMPARED, whose_fits},
};
use crate::{
    app::App,
    bidder::{admission::admit_account, key::SessionKey, view::view},
    error::Error,
    guess::{Asker, KnownBrowser, Target, note_sign_in},
    http::limits::Address,
    store::LoggedIn,
};

/// Checks ID and password, and gives the session the ID and a new key (so that a key known to somebody before is
/// worthless afterwards).
pub async fn log_in(
    app: &Arc<App>,
    (key, known): (SessionKey, KnownBrowser),
    address: Address,
    request: AccountLogin,
) -> Result<(SessionKey, SessionView, Option<KnownBrowser>), Error> {
    let purpose = request.purpose;
    if !matches!(purpose, Purpose::Bid | Purpose::Change) {
        return Err(ApiErrorCode::BadRequest.into());
    }
    let login_id = request.login_id.trim().to_owned();
    let (id, now) = (key.id(), app.outside.now());
    let session = app.store.read(move |reader| reader.current_session(&id, now)).await?;
    if session.way != Way::Password {
        return Err(ApiErrorCode::WayNotAllowed.into());
    }
    let target = Target::account(&session.agency, &login_id);
    let asker = Asker::of(app, &target, &known, address, now).await?;
    admit_password(app, (&id, address), (&target, asker), now).await?;

    let found = app
        .store
        .read(move |reader| {
            let mut found = reader.accounts_by_login(&session.agency, &login_id, MOST_COMPARED)?;
            // An ID is valid for the category that it was reviewed for.
            found.retain(|account| account.category == session.category);
            Ok(found)
        })
        .await?;
    let wrong = Error::Refused(ApiErrorCode::CredentialsWrong);
    // Only those who know the password learn the state of the review.
    let Some(account) = whose_fits(request.password.trim(), found).await else { return Err(wrong) };
    match account.state {
        ApplicationState::Pending => return Err(ApiErrorCode::ApplicationPending.into()),
        ApplicationState::Rejected | ApplicationState::Withdrawn => {
            return Err(ApiErrorCode::ApplicationRejected.into());
        }
        ApplicationState::Approved => {}
    }

    let new_key = SessionKey::fresh(&app.outside);
    let noted = target.clone();
    let (new_id, expires_at, shared) = (new_key.id(), app.session_end(), Arc::clone(app));
    let view = app
        .store
        .write(move |writer| {
            let session = writer.current_session(&id, now)?;
            // The password may have been changed while it was being checked.
            let still = writer.account(&session.agency, account.id)?;
            if still.is_none_or(|still| still.password_hash != account.password_hash) {
                return Err(wrong);
            }
            admit_account(writer, &session, &account)?;
            let logged_in = LoggedIn { purpose, account: account.id };
            writer.log_in(&id, &new_id, logged_in, (now, expires_at))?;
            note_sign_in(writer, &shared.key, &noted, address, now)?;
            view(writer, &shared.agencies, &writer.current_session(&new_id, now)?, now)
        })
        .await?;
    Ok((new_key, view, known.with(app, &target)?))
}
