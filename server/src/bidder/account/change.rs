//! 変更 of an ID, its password and its contacts.

use std::sync::Arc;

use touroku_proto::{
    account::ChangeAccount,
    api::{ApiErrorCode, Completed, Function, SessionView},
    card::Purpose,
    field::Values,
    form::Occasion,
};

use super::{
    guess::admit_password,
    login::logged_in,
    strength::refuse_guessable,
    values::{account_values, entered, is_login_id_taken},
};
use crate::{
    app::App,
    bidder::{
        admission::admit_account,
        company,
        receipt::receipt_number,
        session::{self, SessionKey},
        submission::Submission,
        told::{Known, Told, by_account, tell, told_of},
        view,
    },
    error::Error,
    guess::{Asker, Target},
    http::limits::Address,
    mail::{Letter, unconfirmed},
    password,
    store::{Account, Holder, Reader, Session, SessionId, Writer},
};

/// Changes the ID that the session logged in with.
pub async fn change_account(
    app: &Arc<App>,
    key: SessionKey,
    address: Address,
    request: ChangeAccount,
) -> Result<SessionView, Error> {
    let (submission, sent) = (Arc::new(Submission::parse(request.submission)?), Arc::new(request.values));
    let (revision, current) = (request.revision, request.current_password.trim().to_owned());
    let (id, now, expires_at) = (key.id(), app.outside.now(), app.session_end());

    // Checked before the slow hashes, and again when writing.
    let (shared, name, values) = (Arc::clone(app), Arc::clone(&submission), Arc::clone(&sent));
    let (agency, step) = app
        .store
        .read(move |reader| {
            let session = reader.current_session(&id, now)?;
            let step = examine(reader, &shared, &session, &name, revision, &values)?;
            Ok((session.agency, step))
        })
        .await?;
    let hash = match step {
        Step::Changed(_) => None,
        Step::New(new) => {
            if let Some(password) = &new.password {
                refuse_guessable(password.clone(), &new.login_id, &new.company).await?;
            }
            let target = Target::account(&agency, &new.before.login_id);
            admit_password(app, (&id, address), (&target, Asker::Owner), now).await?;
            if !password::fits_aside(current, Some(new.before.password_hash)).await {
                return Err(ApiErrorCode::CredentialsWrong.into());
            }
            match new.password {
                Some(password) => Some(password::hash_aside(password).await?),
                None => None,
            }
        }
    };

    let shared = Arc::clone(app);
    let view = app
        .store
        .write(move |writer| {
            let session = writer.current_session(&id, now)?;
            // The revision also proves that the password is still the one that was checked.
            match examine(writer, &shared, &session, &submission, revision, &sent)? {
                Step::Changed(completion) => writer.complete_session(&id, completion)?,
                Step::New(new) => {
                    change_in(writer, &shared, (&id, &session), &submission, *new, hash.as_deref(), now)?;
                }
            }
            view::after(writer, &shared.agencies, &id, expires_at, now)
        })
        .await?;
    app.mail_queued.notify_one();
    Ok(view)
}

enum Step {
    /// This submission has already changed it; what it completed.
    Changed(i64),
    /// It can become this.
    New(Box<NewAccount>),
}

struct NewAccount {
    before: Account,
    login_id: String,
    /// `None`: unchanged.
    password: Option<String>,
    values: Values,
    company: Values,
}

/// What the ID would become, or why it can't.
fn examine(
    reader: &Reader<'_>,
    app: &App,
    session: &Session,
    submission: &Submission,
    revision: i64,
    sent: &Values,
) -> Result<Step, Error> {
    let purpose = session.logged_in.map(|logged_in| logged_in.purpose);
    let before = logged_in(reader, session)?.filter(|_| purpose == Some(Purpose::Change));
    // The page continues as after a session's end: log in.
    let before = before.ok_or(ApiErrorCode::SessionMissing)?;
    admit_account(reader, &session.agency, &before)?;
    if let Some(done) = reader.completion_of(Holder::Account(before.id), submission.as_str())? {
        return Ok(Step::Changed(done.id));
    }
    if revision != before.revision {
        return Err(ApiErrorCode::Stale.into());
    }
    let agency = session.agency.as_str();
    let (_, category, form) = session::form(&app.agencies, session)?;
    let around = account_values(reader, agency, category, &before)?;
    let entered = entered(form, Occasion::ChangeAccount, &around, sent)?;
    let login_id = entered.login_id.unwrap_or_else(|| before.login_id.clone());
    let mut values = before.values.clone();
    values.merge(entered.values);
    let password = entered.password;
    Ok(Step::New(Box::new(NewAccount { before, login_id, password, values, company: around })))
}

fn change_in(
    writer: &Writer<'_>,
    app: &App,
    (id, session): (&SessionId, &Session),
    submission: &Submission,
    new: NewAccount,
    hash: Option<&str>,
    now: i64,
) -> Result<(), Error> {
    let agency = session.agency.as_str();
    let (profile, category, form) = session::form(&app.agencies, session)?;
    let NewAccount { before, login_id, values, .. } = new;
    // Only here: whoever learns it has typed the correct password.
    if is_login_id_taken(writer, agency, &login_id, Some(before.id))? {
        return Err(ApiErrorCode::LoginIdTaken.into());
    }
    let mut after = Account { login_id, values, ..before.clone() };
    if let Some(hash) = hash {
        hash.clone_into(&mut after.password_hash);
        writer.end_sessions_of(before.id, Some(id))?;
    }
    writer.change_account(&after)?;
    let holder = Holder::Account(before.id);
    writer.record_event(agency, &before.number, holder, "id_changed", now)?;
    let had = account_values(writer, agency, category, &before)?;
    let has = account_values(writer, agency, category, &after)?;
    let receipt = receipt_number(&app.outside, now);
    let (others, to) = ([("receipt", receipt.as_str())], [&had, &has]);
    let letter = Letter::new(&profile.mail.account_changed, &has).with(&others).to(&to);
    let mailed_to = letter.queue(writer, &app.post(), profile, now)?;
    let known = Known::of(writer, agency, &before.number)?.but(&mailed_to);
    let (told, actor) = (told_of(writer, app, agency, &before.number)?, by_account(&before));
    tell(writer, app, profile, (Told::IdChanged, &known), (&told, &actor), now)?;
    let completed = Completed {
        function: Function::ChangeAccount,
        company_id: has.text(touroku_proto::field::FieldId::CompanyId).to_owned(),
        values: company::printed(form, Occasion::ChangeAccount, &has),
        unconfirmed: unconfirmed(writer, profile, &before.number, &mailed_to)?,
        mailed_to,
        at_unix_ms: now,
        receipt,
        pending: false,
        signed: false,
    };
    submission.complete(writer, agency, id, holder, &completed).map(drop)
}
