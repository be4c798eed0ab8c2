//! Limits how often a password may be tried.

use std::sync::Arc;

use crate::{
    app::App,
    error::Error,
    guess::{Asker, Guess, Target, admit},
    http::limits::Address,
    store::SessionId,
};

/// Admits a password attempt, or a check whether an ID is taken.
pub(crate) async fn admit_password(
    app: &Arc<App>,
    (session, address): (&SessionId, Address),
    (target, asker): (&Target, Asker),
    now: i64,
) -> Result<(), Error> {
    let limits = app.settings.limits;
    let guesses = vec![
        Guess::within(app, limits.login_session, "login session", session)?,
        Guess::from(app, limits.login_address, "login address", address)?,
        Guess::at(app, limits.login_id, target, asker)?,
    ];
    admit(app, guesses, now).await
}

pub(crate) async fn admit_application(app: &Arc<App>, address: Address, now: i64) -> Result<(), Error> {
    let rate = app.settings.limits.apply_address;
    admit(app, vec![Guess::from(app, rate, "application address", address)?], now).await
}

/// Admits the use of a link that sets a new password.
pub(in super::super) async fn admit_link_use(
    app: &Arc<App>,
    address: Address,
    now: i64,
) -> Result<(), Error> {
    let rate = app.settings.limits.login_address;
    admit(app, vec![Guess::from(app, rate, "login address", address)?], now).await
}

/// Admits a request for such a link.
pub(super) async fn admit_link(
    app: &Arc<App>,
    address: Address,
    (target, asker): (&Target, Asker),
    now: i64,
) -> Result<(), Error> {
    let limits = app.settings.limits;
    let counter = asker.counter(&app.key, target)?;
    let guesses = vec![
        Guess::from(app, limits.login_address, "login address", address)?,
        Guess::new(app, limits.forgotten_id, "forgotten id", &counter)?,
    ];
    admit(app, guesses, now).await
}
