//! Sign-in with password and code.

use std::sync::Arc;

use touroku_proto::{
    api::ApiErrorCode,
    officer::{
        OfficerLogin,
        audit::{AuditAction, Detail},
    },
};

use super::{
    OfficerKey, attempt,
    session::{SignIn, SignedIn},
    setup::open_secret,
    totp,
};
use crate::{
    app::App,
    error::Error,
    guess::{Asker, Guess, KnownBrowser, Target, admit},
    http::limits::Address,
    password,
    store::{Actor, Officer},
};

/// Checks password and code, and begins a session in place of the browser's previous one.
///
/// An unknown account, a stopped one, a wrong password and a wrong code can't be told apart: neither by the answer
/// nor by its timing nor by the delays that follow.
pub async fn log_in(
    app: &Arc<App>,
    (replaced, known): (Option<OfficerKey>, KnownBrowser),
    address: Address,
    request: OfficerLogin,
) -> Result<SignedIn, Error> {
    let agency = app.agencies.profile(&request.agency)?.code.clone();
    let now = app.outside.now();
    admit_from(app, address, now).await?;
    let login_id = request.login_id.trim().to_ascii_lowercase();
    let target = Target::officer(&agency, &login_id);
    let asker = Asker::of(app, &target, &known, address, now).await?;
    let tried = attempt::begin(app, &target, asker, now).await?;
    let found = {
        let agency = agency.clone();
        app.store.read(move |reader| reader.officer_by_login(&agency, &login_id)).await?
    };
    let usable = found.as_ref().filter(|officer| !officer.stopped);
    let hash = usable.and_then(|officer| officer.password_hash.clone());
    let fits = password::fits_aside(request.password, hash).await;
    let step = match usable {
        Some(officer) if fits => accepted_step(app, officer, &request.code, now)?,
        _ => None,
    };

    let sign_in = SignIn::new(app, (replaced, known), address, false);
    let signed_in = app
        .store
        .write(move |writer| {
            if let Some((officer, step)) = found.as_ref().zip(step) {
                // Both may have changed while they were being checked.
                let still = writer.officer_by_login(&agency, &officer.login_id)?;
                let still =
                    still.filter(|still| !still.stopped && still.password_hash == officer.password_hash);
                if let Some(still) = still
                    && writer.take_totp_step(officer, step)?
                {
                    tried.forgive(writer)?;
                    return sign_in.sign_in(writer, &still).map(Some);
                }
            }
            // What was typed as an unknown account may be a password in the wrong field.
            let subject = found.as_ref().map_or("", |officer| &officer.login_id);
            let detail = match tried.delay {
                0 => Detail::None,
                delay => Detail::BlockedMinutes(delay / 60_000),
            };
            let action = if tried.delay > 0 { AuditAction::LoginBlocked } else { AuditAction::LoginFailed };
            let address = address.to_string();
            writer.record_deed(Actor::stranger(&agency, &address), action, subject, &detail, now)?;
            Ok(None)
        })
        .await?;
    signed_in.ok_or(Error::Refused(ApiErrorCode::CredentialsWrong))
}

/// Admits a sign-in attempt from there, or the use of a setup link.
pub(super) async fn admit_from(app: &Arc<App>, address: Address, now: i64) -> Result<(), Error> {
    let guess = Guess::from(app, app.settings.limits.login_address, "officer address", address)?;
    admit(app, vec![guess], now).await
}

/// The time step of the officer's code, if it is correct.
pub(super) fn accepted_step(
    app: &App,
    officer: &Officer,
    code: &str,
    now: i64,
) -> Result<Option<i64>, Error> {
    let secret = open_secret(app, officer, officer.totp_secret.as_deref());
    let Some(secret) = secret else { return Ok(None) };
    totp::accept(&secret, code, officer.totp_step, now)
}
