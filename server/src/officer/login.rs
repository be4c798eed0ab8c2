//! Sign-in with password and code.

use std::sync::Arc;

use touroku_proto::{
    api::ApiErrorCode,
    officer::{OfficerLogin, OfficerView, audit::AuditAction},
};

use super::{OfficerKey, attempt, session::SignIn, setup::open_secret, totp};
use crate::{
    app::App,
    error::Error,
    http::limits::Address,
    password,
    store::{Deed, Officer},
};

/// Checks password and code, and begins a session in place of the browser's former one.
///
/// Nothing tells an account that nobody has, one that was stopped, a wrong password and a wrong code apart: neither the
/// answer nor the time that it takes nor the delays that follow.
pub async fn log_in(
    app: &Arc<App>,
    replaced: Option<OfficerKey>,
    address: Address,
    request: OfficerLogin,
) -> Result<(OfficerKey, OfficerView), Error> {
    let agency = app.agencies.profile(&request.agency)?.code.clone();
    let now = app.outside.now();
    app.governor.admit_officer(address)?;
    let login_id = request.login_id.trim().to_ascii_lowercase();
    let tried = attempt::begin(app, &agency, &login_id, now).await?;
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

    let sign_in = SignIn::new(app, replaced, address, false);
    let shared = Arc::clone(app);
    let signed_in = app
        .store
        .write(move |writer| {
            if let Some((officer, step)) = found.as_ref().zip(step) {
                // Both may have changed while they were checked.
                let still = writer.officer_by_login(&agency, &officer.login_id)?;
                let still =
                    still.filter(|still| !still.stopped && still.password_hash == officer.password_hash);
                if let Some(still) = still
                    && writer.take_totp_step(still.id, step)?
                {
                    tried.forgive(writer)?;
                    return sign_in.sign_in(writer, &shared.agencies, &still).map(Some);
                }
            }
            // What was typed for an account that nobody has may be a password in the wrong field.
            let subject = found.as_ref().map_or("", |officer| &officer.login_id);
            let detail = match tried.delay {
                0 => String::new(),
                delay => format!("blocked_minutes={}", delay / 60_000),
            };
            let action = if tried.delay > 0 { AuditAction::LoginBlocked } else { AuditAction::LoginFailed };
            let address = address.to_string();
            let deed = Deed { actor: "", address: &address, action, subject, detail: &detail };
            writer.record_deed(&agency, &deed, now)?;
            Ok(None)
        })
        .await?;
    signed_in.ok_or(Error::Refused(ApiErrorCode::CredentialsWrong))
}

/// The time step of the officer's code, if it is right.
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
