//! 変更 of an ID, its password and its contacts.

use std::sync::Arc;

use touroku_proto::{
    account::ChangeAccount,
    api::{ApiErrorCode, Completed, Function, SessionView, Signed},
    card::Purpose,
    field::{FieldId, Values},
    form::Occasion,
};

use super::{At, Earlier, Examined, Outcome, Submission, Turn, look, submit};
use crate::{
    app::App,
    bidder::{
        SessionKey,
        account::{admit_password, refuse_guessable},
        admission::admit_account,
        logged_in,
    },
    error::Error,
    guess::{Asker, Target},
    http::limits::Address,
    mail::{Letter, unconfirmed},
    password,
    registry::{
        Place,
        account::{account_values, entered, is_login_id_taken, mailed_values},
        company,
        told::{By, Known, Told, by_holder, note_of},
    },
    store::{Account, Holder},
};

/// Changes the ID that the session logged in with.
pub async fn change_account(
    app: &Arc<App>,
    key: SessionKey,
    address: Address,
    request: ChangeAccount,
) -> Result<SessionView, Error> {
    // Checked before the slow hashes, and again when writing.
    let (mut edited, agency, sound) = look(app, key, Edited { request, hash: None }).await?;
    if let Some(Sound { before, after, password, company }) = sound {
        if let Some(password) = &password {
            refuse_guessable(password.clone(), &after.login_id, &company).await?;
        }
        let target = Target::account(&agency, &before.login_id);
        admit_password(app, (&key.id(), address), (&target, Asker::Owner), app.outside.now()).await?;
        let typed = edited.request.current_password.trim().to_owned();
        if !password::fits_aside(typed, Some(before.password_hash)).await {
            return Err(ApiErrorCode::CredentialsWrong.into());
        }
        if let Some(password) = password {
            edited.hash = Some(password::hash_aside(password).await?);
        }
    }
    submit(app, key, edited).await
}

struct Edited {
    request: ChangeAccount,
    /// PHC string of a new password; `None`: unchanged.
    hash: Option<String>,
}

struct Sound {
    before: Account,
    /// With the password before.
    after: Account,
    /// `None`: unchanged.
    password: Option<String>,
    company: Values,
}

impl Submission for Edited {
    const FUNCTION: Function = Function::ChangeAccount;

    type Sound = Sound;

    fn head(&self) -> (&str, Option<&Signed>) {
        (&self.request.submission, None)
    }

    fn earlier(&self, at: &At<'_>) -> Result<Option<Earlier>, Error> {
        at.completed_by(Holder::Account(own(at)?.id))
    }

    fn examine(&self, at: &At<'_>, place: &Place<'_>) -> Result<Examined<Sound>, Error> {
        let before = own(at)?;
        // Also proves that the password is still the one that was checked.
        if self.request.revision != before.revision {
            return Err(ApiErrorCode::Stale.into());
        }
        let company = account_values(at.reader, at.agency(), place.category, &before)?;
        let entered = entered(place.form, Occasion::ChangeAccount, &company, &self.request.values)?;
        let mut after = before.clone();
        after.values.merge(entered.values);
        if let Some(login_id) = entered.login_id {
            after.login_id = login_id;
        }
        Ok(Examined::Sound(Sound { before, after, password: entered.password, company }))
    }

    fn carry_out(&self, turn: &Turn<'_>, sound: Sound) -> Result<Outcome, Error> {
        let &Turn { session_id, place, desk, receipt, .. } = turn;
        let (writer, agency, Sound { before, mut after, .. }) = (desk.writer, desk.agency(), sound);
        let number = before.number.as_str();
        // Only here: whoever learns it has typed the correct password.
        if is_login_id_taken(writer, agency, &after.login_id, Some(before.id))? {
            return Err(ApiErrorCode::LoginIdTaken.into());
        }
        let known = Known::of(writer, agency, number)?;
        if let Some(hash) = &self.hash {
            after.password_hash.clone_from(hash);
            writer.end_sessions_of(before.id, Some(session_id))?;
        }
        writer.change_account(&after)?;
        let holder = Holder::Account(before.id);
        desk.record(number, holder, Told::IdChanged.kind())?;
        let had = account_values(writer, agency, place.category, &before)?;
        let has = account_values(writer, agency, place.category, &after)?;
        let (others, to) = ([("receipt", receipt)], [&had, &has]);
        let actor = by_holder(writer, &before)?;
        let by = By::account(writer, before.id, &actor)?;
        let note = note_of(Told::IdChanged.words(), by, desk.now);
        let mailed = mailed_values(writer, agency, place.category, &after)?;
        let letter = Letter::new(&place.profile.mail.account_changed, &mailed).with(&others).to(&to);
        let mailed = by.sends(letter.noting(&note)).queue(&desk)?;
        desk.tell(Told::IdChanged, &known.but(&mailed.left), number, by)?;
        let completed = Completed {
            company_id: has.text(FieldId::CompanyId).to_owned(),
            values: company::printed(place.form, Occasion::ChangeAccount, &has),
            unconfirmed: unconfirmed(writer, place.profile, number, &mailed.to)?,
            mailed_to: mailed.to,
            ..Completed::default()
        };
        Ok(Outcome { holder, completed })
    }
}

/// The ID that the session logged in with, to change it.
fn own(at: &At<'_>) -> Result<Account, Error> {
    let is_for_change = at.session.logged_in.is_some_and(|logged_in| logged_in.purpose == Purpose::Change);
    // The page continues as after a session's end: log in.
    let own = logged_in(at.reader, at.session)?.filter(|_| is_for_change);
    let own = own.ok_or(ApiErrorCode::SessionMissing)?;
    admit_account(at.reader, at.session, &own)?;
    Ok(own)
}
