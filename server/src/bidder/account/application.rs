//! ID登録申請.

use std::sync::Arc;

use touroku_proto::{
    account::{ApplicationState, Apply},
    agency::Way,
    api::{ApiErrorCode, Completed, Function, SessionView},
    field::Values,
    form::Occasion,
};

use super::{
    guess::{admit_application, admit_password},
    strength::refuse_guessable,
    values::{Entered, account_values, applicant_values, entered, is_login_id_taken},
};
use crate::{
    app::App,
    bidder::{
        admission::admit_company,
        company,
        receipt::receipt_number,
        session::{self, SessionKey},
        submission::Submission,
        told::{Known, Told, tell, told_of},
        view,
    },
    error::Error,
    guess::{Asker, Target},
    http::limits::Address,
    mail::{Letter, perhaps_unconfirmed},
    password,
    store::{Holder, NewApplication, Reader, Session, SessionId, Writer},
};

/// Applies for an ID of the session's company.
pub async fn apply(
    app: &Arc<App>,
    key: SessionKey,
    address: Address,
    request: Apply,
) -> Result<SessionView, Error> {
    let (submission, sent) = (Arc::new(Submission::parse(request.submission)?), Arc::new(request.values));
    let (id, now, expires_at) = (key.id(), app.outside.now(), app.session_end());

    // Checked before the slow hash, and again when writing.
    let (shared, name, values) = (Arc::clone(app), Arc::clone(&submission), Arc::clone(&sent));
    let (agency, step) = app
        .store
        .read(move |reader| {
            let session = reader.current_session(&id, now)?;
            let step = examine(reader, &shared, &session, &name, &values)?;
            Ok((session.agency, step))
        })
        .await?;
    let hash = match step {
        Step::Applied { .. } => None,
        Step::New { login_id, password, company, .. } => {
            refuse_guessable(password.clone(), &login_id, &company).await?;
            // A taken ID is reported as such, but nobody may try IDs out in bulk.
            let target = Target::account(&agency, &login_id);
            admit_password(app, (&id, address), (&target, Asker::Stranger), now).await?;
            app.store.read(move |reader| refuse_taken(reader, &agency, &login_id)).await?;
            admit_application(app, address, now).await?;
            Some(password::hash_aside(password).await?)
        }
    };

    let (shared, receipt) = (Arc::clone(app), receipt_number(&app.outside, now));
    let view = app
        .store
        .write(move |writer| {
            let session = writer.current_session(&id, now)?;
            match (examine(writer, &shared, &session, &submission, &sent)?, &hash) {
                (Step::Applied { application, completion }, _) => {
                    writer.complete_session(&id, completion)?;
                    writer.prove_application(&id, application)?;
                }
                (Step::New { number, login_id, values, .. }, Some(hash)) => {
                    let new = NewApplication {
                        category: &session.category,
                        number: &number,
                        login_id: &login_id,
                        password_hash: hash,
                        values: &values,
                        state: ApplicationState::Pending,
                        receipt: &receipt,
                    };
                    apply_in(writer, &shared, (&id, &session), &submission, new, now)?;
                }
                // Applied for and withdrawn in between: there is nothing left to confirm.
                (Step::New { .. }, None) => return Err(Error::Defect("an application has gone")),
            }
            view::after(writer, &shared.agencies, &id, expires_at, now)
        })
        .await?;
    app.mail_queued.notify_one();
    Ok(view)
}

enum Step {
    /// This submission has already been applied for, and completed this.
    Applied { application: i64, completion: i64 },
    /// It can be created from this.
    New { number: String, login_id: String, password: String, values: Values, company: Values },
}

/// What this application would become, or why it can't be made.
fn examine(
    reader: &Reader<'_>,
    app: &App,
    session: &Session,
    submission: &Submission,
    sent: &Values,
) -> Result<Step, Error> {
    if session.way != Way::Password {
        return Err(ApiErrorCode::WayNotAllowed.into());
    }
    let number = session.number.clone().ok_or(ApiErrorCode::CompanyNotSelected)?;
    admit_company(reader, &session.agency, &number)?;
    let (agency, category) = (session.agency.as_str(), session.category.as_str());
    if let Some((application, completion)) =
        reader.submitted_application(agency, category, &number, submission.as_str())?
    {
        return Ok(Step::Applied { application, completion });
    }
    let (_, category, form) = session::form(&app.agencies, session)?;
    let around = applicant_values(reader, agency, category, &number)?;
    let entered = entered(form, Occasion::Apply, &around, sent)?;
    let Entered { login_id: Some(login_id), password: Some(password), values } = entered else {
        return Err(Error::Defect("a checked form of an application asks for no ID or password"));
    };
    Ok(Step::New { number, login_id, password, values, company: around })
}

/// Only for somebody admitted to try.
fn refuse_taken(reader: &Reader<'_>, agency: &str, login_id: &str) -> Result<(), Error> {
    match is_login_id_taken(reader, agency, login_id, None)? {
        true => Err(ApiErrorCode::LoginIdTaken.into()),
        false => Ok(()),
    }
}

fn apply_in(
    writer: &Writer<'_>,
    app: &App,
    (id, session): (&SessionId, &Session),
    submission: &Submission,
    new: NewApplication<'_>,
    now: i64,
) -> Result<(), Error> {
    let agency = session.agency.as_str();
    let (profile, category, form) = session::form(&app.agencies, session)?;
    refuse_taken(writer, agency, new.login_id)?;
    if let Some(before) = session.application {
        writer.void_application_link(before)?;
    }
    let row = writer.apply(agency, &new, now)?;
    writer.prove_application(id, row)?;
    let holder = Holder::Account(row);
    writer.record_event(agency, new.number, holder, "id_applied", now)?;
    let account = writer.account(agency, row)?.ok_or(Error::Defect("a new application is not there"))?;
    let values = account_values(writer, agency, category, &account)?;
    let told = told_of(writer, app, agency, new.number)?;
    // Nothing that the applicant wrote: it is not known whose addresses these are.
    let (others, to) = ([("receipt", new.receipt)], [&values]);
    let letter = Letter::new(&profile.mail.applied, &told).with(&others).to(&to).by_stranger();
    let mailed_to = letter.queue(writer, &app.post(), profile, now)?;
    let known = Known::of(writer, agency, new.number)?.but(&mailed_to);
    tell(
        writer,
        app,
        profile,
        (Told::IdApplied, &known),
        (&told, "ICカードを使わない申請（簡易認証）"),
        now,
    )?;
    if !category.review {
        super::review::approve(writer, &app.post(), profile, category, &account, "", now)?;
    }
    let completed = Completed {
        function: Function::Apply,
        company_id: String::new(),
        values: company::printed(form, Occasion::Apply, &values),
        unconfirmed: perhaps_unconfirmed(profile, &mailed_to),
        mailed_to,
        at_unix_ms: now,
        receipt: new.receipt.to_owned(),
        pending: category.review,
        signed: false,
    };
    submission.complete(writer, agency, id, holder, &completed).map(drop)
}
