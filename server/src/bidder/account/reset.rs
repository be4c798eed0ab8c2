//! A forgotten password: a mailed link sets a new one, once.

use std::sync::Arc;

use sha2::{Digest as _, Sha256};
use touroku_proto::{
    account::{ApplicationState, ForgottenPassword, ResetPassword},
    api::ApiErrorCode,
    field::{FieldError, FieldId, Values},
    mail::Recipient,
};

use super::{
    guess::{admit_link, admit_link_use},
    strength::refuse_guessable,
};
use crate::{
    app::App,
    bidder::link::hash_of,
    error::Error,
    guess::{Asker, KnownBrowser, Target},
    http::limits::Address,
    mail::Letter,
    password,
    registry::{
        account::{account_values, mailed_values},
        told::{By, Known, Told, by_holder, note_of},
    },
    store::{Account, EventKind, Holder, Reader, Writer},
};

/// How long a link is valid, in milliseconds, once its mail has left.
const LINK_LIFE: i64 = 30 * 60 * 1000;

/// How long its mail may take: as long as the confirmation that its address may have to give first.
const MAIL_WAITS: i64 = 7 * 86_400_000;

/// Mails a link to that address, if it belongs to that ID. Neither the answer nor its timing reveals whether it
/// does: the work begins after the answer.
pub async fn forgotten(
    app: &Arc<App>,
    known: KnownBrowser,
    address: Address,
    request: ForgottenPassword,
) -> Result<(), Error> {
    app.agencies.profile(&request.agency)?;
    let now = app.outside.now();
    let target = Target::account(&request.agency, request.login_id.trim());
    let asker = Asker::of(app, &target, &known, address, now).await?;
    admit_link(app, address, (&target, asker), now).await?;
    let app = Arc::clone(app);
    tokio::spawn(async move {
        let shared = Arc::clone(&app);
        match app.store.write(move |writer| send_link(writer, &shared, &request, asker, now)).await {
            Ok(()) => app.mail_queued.notify_one(),
            Err(error) => tracing::warn!(%error, "a link for a new password could not be sent"),
        }
    });
    Ok(())
}

fn send_link(
    writer: &Writer<'_>,
    app: &App,
    request: &ForgottenPassword,
    asker: Asker,
    now: i64,
) -> Result<(), Error> {
    let profile = app.agencies.profile(&request.agency)?;
    let found = writer.account_by_login(&profile.code, request.login_id.trim())?;
    let Some(account) = found.filter(|account| account.state == ApplicationState::Approved) else {
        return Ok(());
    };
    let Some(category) = profile.category(&account.category) else { return Ok(()) };
    let values = account_values(writer, &profile.code, category, &account)?;
    let email = request.email.trim();
    let asked: Values = Recipient::ALL
        .into_iter()
        .map(Recipient::address)
        .filter(|&field| !email.is_empty() && values.text(field).eq_ignore_ascii_case(email))
        .map(|field| (field, values.text(field).to_owned()))
        .collect();

    let token: [u8; 32] = app.outside.random();
    let link = format!("{}/reset#{}", app.settings.origin.as_str(), hex::encode(token));
    let others = [("link", link.as_str())];
    let to = [&asked];
    let mailed = mailed_values(writer, &profile.code, category, &account)?;
    let letter = Letter::new(&profile.mail.password_reset, &mailed).with(&others).to(&to).awaited().sealed();
    let is_strangers = asker == Asker::Stranger || !writer.is_admitted(account.id)?;
    let letter = if is_strangers { letter.by_stranger() } else { letter };
    // One address, so one mail.
    let Some(mail) = letter.queue(&app.desk(writer, profile, now))?.message_id else { return Ok(()) };
    writer.issue_reset(account.id, &Sha256::digest(token).into(), (&mail, LINK_LIFE), now + MAIL_WAITS)?;
    let holder = Holder::Account(account.id);
    writer.record_event(&profile.code, &account.number, holder, EventKind::PasswordLinkSent, now)
}

/// Sets the password of the ID that the link is for, and ends its sessions.
pub async fn reset_password(app: &Arc<App>, address: Address, request: ResetPassword) -> Result<(), Error> {
    let now = app.outside.now();
    admit_link_use(app, address, now).await?;
    let hash = hash_of(&request.token)?;

    let (agency, account) = app.store.read(move |reader| account_of(reader, &hash, now)).await?;
    let new_password = request.password.trim().to_owned();
    check_password(app, &agency, &account, &new_password)?;
    let (place, number) = (agency.clone(), account.number.clone());
    let row = app.store.read(move |reader| reader.roster_row(&place, &number)).await?;
    let company = row.map(|row| row.named());
    refuse_guessable(new_password.clone(), &account.login_id, &company.unwrap_or_default()).await?;
    let password_hash = password::hash_aside(new_password).await?;

    let shared = Arc::clone(app);
    app.store
        .write(move |writer| {
            // Looked up again: of two requests with one link the second finds it void.
            let (agency, account) = account_of(writer, &hash, now)?;
            let account = Account { password_hash, ..account };
            writer.change_account(&account)?;
            writer.end_sessions_of(account.id, None)?;
            let profile = shared.agencies.profile(&agency)?;
            let (desk, number) = (shared.desk(writer, profile, now), account.number.as_str());
            desk.record(number, Holder::Account(account.id), Told::PasswordReset.kind())?;
            let Some(category) = profile.category(&account.category) else { return Ok(()) };
            let values = account_values(writer, &agency, category, &account)?;
            // Nothing was applied for: the number is the ID's own.
            let others = [("receipt", account.receipt.as_str())];
            let actor = by_holder(writer, &account)?;
            let by = By::account(writer, account.id, &actor)?;
            let note = note_of(Told::PasswordReset.words(), by, now);
            let (mailed, to) = (mailed_values(writer, &agency, category, &account)?, [&values]);
            let letter =
                Letter::new(&profile.mail.account_changed, &mailed).with(&others).to(&to).noting(&note);
            let known = Known::of(writer, &agency, number)?.but(&by.sends(letter).queue(&desk)?.left);
            desk.tell(Told::PasswordReset, &known, number, by)
        })
        .await?;
    app.mail_queued.notify_one();
    Ok(())
}

fn account_of(reader: &Reader<'_>, hash: &[u8; 32], now: i64) -> Result<(String, Account), Error> {
    let (agency, id) = reader.reset_of(hash, now)?.ok_or(ApiErrorCode::LinkInvalid)?;
    let account = reader.account(&agency, id)?.ok_or(ApiErrorCode::LinkInvalid)?;
    Ok((agency, account))
}

/// The rule of the form that the ID was applied for with.
fn check_password(app: &App, agency: &str, account: &Account, new_password: &str) -> Result<(), Error> {
    let profile = app.agencies.profile(agency)?;
    let form = profile.category(&account.category).and_then(|category| profile.account_form(category));
    let row = form.and_then(|form| form.rows().find(|row| row.field == FieldId::LoginPassword));
    let row = row.ok_or(ApiErrorCode::LinkInvalid)?;
    let mut values = Values::default();
    values.set(FieldId::LoginPassword, new_password);
    row.check(&values)
        .map_err(|problem| Error::Fields(vec![FieldError { field: FieldId::LoginPassword, problem }]))
}
