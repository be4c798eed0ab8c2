//! The one-time link that sets an officer's password and authenticator.

use std::sync::Arc;

use sha2::{Digest as _, Sha256};
use touroku_proto::{
    api::ApiErrorCode,
    officer::{
        BeginSetup, FinishSetup, Setup,
        audit::{AuditAction, Detail},
    },
};

use super::{
    OfficerKey,
    attempt::Tried,
    login::admit_from,
    password::check,
    session::{SignIn, SignedIn},
    totp,
};
use crate::{
    app::App,
    error::Error,
    guess::{Asker, KnownBrowser, Target},
    http::limits::Address,
    key::ServerKey,
    outside::Outside,
    password,
    store::{NewLink, Officer},
};

/// How long a link is valid, in milliseconds: over a weekend.
pub(crate) const LINK_LIFE: i64 = 72 * 3_600_000;

pub(super) struct Link {
    /// The rest of the URL after `officer.html`.
    pub(super) fragment: String,
    /// When it expires, Unix milliseconds.
    pub(super) expires_at: i64,
}

/// A new link for an account, and what the store keeps of it.
pub(super) fn make_link(
    key: &ServerKey,
    outside: &Outside,
    (agency, login_id): (&str, &str),
) -> Result<(Link, NewLink), Error> {
    let token: [u8; 32] = outside.random();
    let secret: [u8; totp::SECRET] = outside.random();
    let expires_at = outside.now() + LINK_LIFE;
    let link = Link { fragment: format!("#setup={}", hex::encode(token)), expires_at };
    let kept = NewLink {
        hash: Sha256::digest(token).into(),
        expires_at,
        secret: key.seal(&secret_purpose(agency, login_id), &secret, outside)?,
    };
    Ok((link, kept))
}

/// The purpose that an authenticator's secret is sealed for: in another account's row it opens nothing.
fn secret_purpose(agency: &str, login_id: &str) -> String {
    format!("officer authenticator {agency} {login_id}")
}

/// What the officer needs to set up an authenticator.
///
/// # Errors
/// `link_invalid`.
pub async fn begin_setup(app: &Arc<App>, address: Address, request: BeginSetup) -> Result<Setup, Error> {
    let (_, officer) = find(app, address, &request.token).await?;
    let secret = offered_secret(app, &officer)?;
    let agency_name = app.agencies.profile(&officer.agency)?.name.clone();
    let uri = totp::uri(&secret, &agency_name, &officer.login_id);
    Ok(Setup {
        login_id: officer.login_id,
        name: officer.name,
        agency_name: agency_name.into(),
        qr: totp::qr(&uri)?,
        uri,
        secret: totp::typed(&secret),
    })
}

/// Sets the password and the authenticator, ends the account's older sessions, and signs in. The link is used up.
///
/// # Errors
/// `link_invalid`, `password_weak`, `credentials_wrong`.
pub async fn finish_setup(
    app: &Arc<App>,
    (replaced, known): (Option<OfficerKey>, KnownBrowser),
    address: Address,
    request: FinishSetup,
) -> Result<SignedIn, Error> {
    let now = app.outside.now();
    let (hash, officer) = find(app, address, &request.token).await?;
    check(request.password.clone(), &officer.login_id, &officer.name).await?;
    let secret = offered_secret(app, &officer)?;
    let step = totp::accept(&secret, &request.code, 0, now)?;
    let step = step.ok_or(Error::Refused(ApiErrorCode::CredentialsWrong))?;
    let password_hash = password::hash_aside(request.password).await?;

    let target = Target::officer(&officer.agency, &officer.login_id);
    let tried = Tried::of(app, &target, Asker::Stranger)?;
    let sign_in = SignIn::new(app, (replaced, known), address, false);
    app.store
        .write(move |writer| {
            // If two use it at once, one comes first.
            let officer = writer.officer_by_link(&hash, now)?.ok_or(ApiErrorCode::LinkInvalid)?;
            writer.finish_setup(officer.id, &password_hash, step)?;
            writer.end_officer_sessions(officer.id, None)?;
            tried.forgive(writer)?;
            let (address, action) = (address.to_string(), AuditAction::SetupFinished);
            writer.record_deed(officer.actor(&address), action, &officer.login_id, &Detail::None, now)?;
            sign_in.sign_in(writer, &officer)
        })
        .await
}

async fn find(app: &Arc<App>, address: Address, token: &str) -> Result<([u8; 32], Officer), Error> {
    let now = app.outside.now();
    admit_from(app, address, now).await?;
    let mut bytes = [0; 32];
    let invalid = || Error::Refused(ApiErrorCode::LinkInvalid);
    hex::decode_to_slice(token.trim(), &mut bytes).map_err(|_| invalid())?;
    let hash: [u8; 32] = Sha256::digest(bytes).into();
    let found = app.store.read(move |reader| reader.officer_by_link(&hash, now)).await?;
    found.map(|officer| (hash, officer)).ok_or_else(invalid)
}

fn offered_secret(app: &App, officer: &Officer) -> Result<Vec<u8>, Error> {
    let secret = open_secret(app, officer, officer.setup_secret.as_deref());
    // With another key than the one that sealed it, only a new link helps.
    secret.ok_or(ApiErrorCode::LinkInvalid.into())
}

pub(super) fn open_secret(app: &App, officer: &Officer, sealed: Option<&[u8]>) -> Option<Vec<u8>> {
    let opened = app.key.unseal(&secret_purpose(&officer.agency, &officer.login_id), sealed?);
    if opened.is_none() {
        tracing::error!(
            agency = officer.agency,
            login_id = officer.login_id,
            "an authenticator was sealed with another server key: bring that key back, or make a new link (officer reset)"
        );
    }
    opened
}
