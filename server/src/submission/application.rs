//! ID登録申請.

use std::sync::Arc;

use touroku_proto::{
    account::{ApplicationState, Apply},
    agency::Way,
    api::{ApiErrorCode, Completed, Function, SessionView, Signed},
    field::Values,
    form::Occasion,
};

use super::{At, Earlier, Examined, Outcome, Submission, Turn, look, submit};
use crate::{
    app::App,
    bidder::{
        SessionKey,
        account::{admit_application, admit_password, refuse_guessable},
        admission::{admit_application_of, admit_company},
    },
    error::Error,
    guess::{Asker, Target},
    http::limits::Address,
    mail::{Letter, perhaps_unconfirmed},
    password,
    registry::{
        Place,
        account::{Entered, account_values, applicant_values, entered, is_login_id_taken},
        company,
        told::{By, Known, Told, told_values},
    },
    review::approve_account,
    store::{Holder, NewApplication, Reader, SessionId, Writer},
};

/// Applies for an ID of the session's company.
pub async fn apply(
    app: &Arc<App>,
    key: SessionKey,
    address: Address,
    request: Apply,
) -> Result<SessionView, Error> {
    // Checked before the slow hash, and again when writing.
    let (mut application, agency, sound) = look(app, key, Application { request, hash: None }).await?;
    if let Some(Sound { login_id, password, company, .. }) = sound {
        let now = app.outside.now();
        refuse_guessable(password.clone(), &login_id, &company).await?;
        // A taken ID is reported as such, but nobody may try IDs out in bulk.
        let target = Target::account(&agency, &login_id);
        admit_password(app, (&key.id(), address), (&target, Asker::Stranger), now).await?;
        app.store.read(move |reader| refuse_taken(reader, &agency, &login_id)).await?;
        admit_application(app, address, now).await?;
        application.hash = Some(password::hash_aside(password).await?);
    }
    submit(app, key, application).await
}

struct Application {
    request: Apply,
    /// PHC string of its password.
    hash: Option<String>,
}

struct Sound {
    number: String,
    login_id: String,
    password: String,
    values: Values,
    company: Values,
}

impl Submission for Application {
    const FUNCTION: Function = Function::Apply;

    type Sound = Sound;

    fn head(&self) -> (&str, Option<&Signed>) {
        (&self.request.submission, None)
    }

    fn earlier(&self, at: &At<'_>) -> Result<Option<Earlier>, Error> {
        let category = at.session.category.as_str();
        let found = at.reader.submitted_application(at.agency(), category, number(at)?, at.name)?;
        Ok(found.map(|(account, completion)| Earlier { holder: Holder::Account(account), completion }))
    }

    fn examine(&self, at: &At<'_>, place: &Place<'_>) -> Result<Examined<Sound>, Error> {
        let number = number(at)?;
        admit_application_of(at.reader, at.agency(), place.category, number)?;
        let company = applicant_values(at.reader, at.agency(), place.category, number)?;
        let entered = entered(place.form, Occasion::Apply, &company, &self.request.values)?;
        let Entered { login_id: Some(login_id), password: Some(password), values } = entered else {
            return Err(Error::Defect("a checked form of an application asks for no ID or password"));
        };
        Ok(Examined::Sound(Sound { number: number.to_owned(), login_id, password, values, company }))
    }

    fn carry_out(&self, turn: &Turn<'_>, sound: Sound) -> Result<Outcome, Error> {
        let &Turn { session, place, desk, receipt, .. } = turn;
        let (writer, agency, Sound { number, login_id, values, .. }) = (desk.writer, desk.agency(), sound);
        // Applied for and withdrawn in between: there is nothing left to confirm.
        let password_hash = self.hash.as_deref().ok_or(Error::Defect("an application has gone"))?;
        refuse_taken(writer, agency, &login_id)?;
        if let Some(before) = session.application {
            writer.void_application_link(before)?;
        }
        let new = NewApplication {
            category: &session.category,
            number: &number,
            login_id: &login_id,
            password_hash,
            values: &values,
            state: ApplicationState::Pending,
            receipt,
        };
        let row = writer.apply(agency, &new, desk.now)?;
        let holder = Holder::Account(row);
        desk.record(&number, holder, Told::IdApplied.kind())?;
        let account = writer.account(agency, row)?.ok_or(Error::Defect("a new application is not there"))?;
        let values = account_values(writer, agency, place.category, &account)?;
        // Nothing that the applicant wrote: it is not known whose addresses these are.
        let (told, others, to) = (told_values(writer, agency, &number)?, [("receipt", receipt)], [&values]);
        let letter = Letter::new(&place.profile.mail.applied, &told).with(&others).to(&to).by_stranger();
        let mailed = letter.queue(&desk)?;
        let known = Known::of(writer, agency, &number)?.but(&mailed.left);
        let actor = By::Words("ICカードを使わない申請（簡易認証）");
        desk.tell(Told::IdApplied, &known, &number, actor)?;
        if !place.category.review {
            approve_account(&desk, place.category, &account, "")?;
        }
        let completed = Completed {
            values: company::printed(place.form, Occasion::Apply, &values),
            unconfirmed: perhaps_unconfirmed(place.profile, &mailed.to),
            mailed_to: mailed.to,
            pending: place.category.review,
            ..Completed::default()
        };
        Ok(Outcome { holder, completed })
    }

    fn settle(&self, writer: &Writer<'_>, session: &SessionId, holder: Holder) -> Result<(), Error> {
        match holder {
            Holder::Account(application) => writer.prove_application(session, application),
            _ => Ok(()),
        }
    }
}

/// The company that an ID may be applied for in this session.
fn number<'a>(at: &At<'a>) -> Result<&'a str, Error> {
    if at.session.way != Way::Password {
        return Err(ApiErrorCode::WayNotAllowed.into());
    }
    let number = at.session.number.as_deref().ok_or(ApiErrorCode::CompanyNotSelected)?;
    admit_company(at.reader, at.session, number)?;
    Ok(number)
}

/// Only for somebody admitted to try.
fn refuse_taken(reader: &Reader<'_>, agency: &str, login_id: &str) -> Result<(), Error> {
    match is_login_id_taken(reader, agency, login_id, None)? {
        true => Err(ApiErrorCode::LoginIdTaken.into()),
        false => Ok(()),
    }
}
