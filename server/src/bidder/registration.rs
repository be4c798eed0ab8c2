//! 登録: the card becomes one of a company's, in one transaction with its mails.

use std::sync::Arc;

use touroku_proto::{
    api::{ApiErrorCode, Completed, Function, Register, SaveDraft, SessionView},
    card::Purpose,
    field::{FieldId, Scope, Values},
    form::{Form, Mode, Occasion},
};

use super::{
    company,
    session::{self, SessionKey, presented_card},
};
use crate::{
    app::App,
    error::Error,
    mail::Letter,
    store::{Company, NewCard, Session, SessionId, Writer},
};

/// The longest draft, in bytes of its values. The largest form of the references allows some 1,000 characters.
const MAX_DRAFT: usize = 16 * 1024;

/// The longest submission id, in characters: a UUID has 36.
const MAX_SUBMISSION: usize = 64;

/// Keeps what was typed on the form, valid or not.
pub async fn save_draft(app: &Arc<App>, key: SessionKey, request: SaveDraft) -> Result<(), Error> {
    let length: usize = request.values.0.values().map(String::len).sum();
    if length > MAX_DRAFT {
        return Err(ApiErrorCode::PayloadTooLarge.into());
    }
    let (id, now, expires_at) = (key.id(), app.outside.now(), app.session_end());
    let shared = Arc::clone(app);
    app.store
        .write(move |writer| {
            let session = writer.current_session(&id, now)?;
            let card = presented_card(&session, Purpose::Register)?;
            let number = session.number.as_deref().ok_or(ApiErrorCode::CompanyNotSelected)?;
            if writer.card(&session.agency, &card.identity)?.is_some() {
                return Err(ApiErrorCode::CardAlreadyRegistered.into());
            }
            let (_, _, form) = shared.agencies.category(&session.agency, &session.category)?;
            let typed = typed(form, session.occasion.unwrap_or(Occasion::Register), &request.values);
            writer.save_draft(&session.agency, &card.identity, number, &typed, now)?;
            writer.extend_session(&id, expires_at)
        })
        .await
}

/// Only what the form lets a person type. Repetitions stay: a form that comes back must still pass.
fn typed(form: &Form, occasion: Occasion, values: &Values) -> Values {
    form.rows()
        .filter(|row| row.mode(occasion) == Mode::Edit)
        .filter_map(|row| Some((row.field, values.0.get(&row.field)?.clone())))
        .collect()
}

/// What the transaction came to.
enum Outcome {
    Completed(Box<SessionView>),
    /// The company registered meanwhile with another card: the form on the screen is not the right one.
    Stale,
}

/// Registers the session's card for the session's company.
pub async fn register(app: &Arc<App>, key: SessionKey, request: Register) -> Result<SessionView, Error> {
    let submission = &request.submission;
    if submission.is_empty()
        || submission.len() > MAX_SUBMISSION
        || !submission.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    {
        return Err(ApiErrorCode::BadRequest.into());
    }
    let (id, now, expires_at) = (key.id(), app.outside.now(), app.session_end());
    let shared = Arc::clone(app);
    let outcome = app
        .store
        .write(move |writer| {
            let session = writer.current_session(&id, now)?;
            let outcome = register_in(writer, &shared, &id, &session, &request, now)?;
            if matches!(outcome, Step::Stale) {
                return Ok(Outcome::Stale);
            }
            writer.extend_session(&id, expires_at)?;
            let session = writer.current_session(&id, now)?;
            let view = session::view(writer, &shared.agencies, &session, now)?;
            Ok(Outcome::Completed(Box::new(view)))
        })
        .await?;
    app.mail_queued.notify_one();
    match outcome {
        Outcome::Completed(view) => Ok(*view),
        Outcome::Stale => Err(ApiErrorCode::Stale.into()),
    }
}

enum Step {
    Done,
    Stale,
}

fn register_in(
    writer: &Writer<'_>,
    app: &App,
    id: &SessionId,
    session: &Session,
    request: &Register,
    now: i64,
) -> Result<Step, Error> {
    let card = presented_card(session, Purpose::Register)?;
    let agency = session.agency.as_str();
    if let Some(registered) = writer.card(agency, &card.identity)? {
        let before = writer.completion_of(registered.id, &request.submission)?;
        let before = before.ok_or(ApiErrorCode::CardAlreadyRegistered)?;
        writer.complete_session(id, before.id)?;
        return Ok(Step::Done);
    }
    let number = session.number.as_deref().ok_or(ApiErrorCode::CompanyNotSelected)?;
    let (profile, category, form) = app.agencies.category(agency, &session.category)?;
    let row = writer.roster_row(agency, number)?.ok_or(ApiErrorCode::CompanyNotSelected)?;
    let registered = writer.company(agency, number)?;
    let occasion = if registered.is_none() { Occasion::Register } else { Occasion::SecondCard };
    if session.occasion != Some(occasion) {
        writer.select_company(id, number, occasion)?;
        return Ok(Step::Stale);
    }

    let mut values = company::values(category, &row, registered.as_ref());
    // Checked is what was sent, left out or not: what the roster has of an edited row does not stand in for it.
    // Around it stands what the company has, for the contact rule of a second card.
    let mut entered = values.clone();
    for row in form.rows().filter(|row| row.mode(occasion) == Mode::Edit) {
        entered.set(row.field, request.values.text(row.field));
    }
    let wrong = form.check(occasion, &entered);
    if !wrong.is_empty() {
        return Err(Error::Fields(wrong));
    }
    values.merge(form.entered(occasion, &request.values));
    let company = match registered {
        Some(company) => company,
        None => {
            let sequence = writer.next_company_sequence(agency)?;
            let company_id = profile
                .company_id
                .write(&profile.procurement_code, category.digit, sequence)
                .ok_or(Error::Defect("the 企業ID format has run out of numbers"))?;
            let company = Company { company_id, values: company::owned(form, &values) };
            writer.register_company(agency, number, &company, now)?;
            company
        }
    };
    values.set(FieldId::CompanyId, company.company_id.clone());

    let presented = session.presented.as_ref().ok_or(ApiErrorCode::CardNotPresented)?;
    let own = form.entered(occasion, &request.values);
    let own = own.0.into_iter().filter(|(field, _)| field.scope() == Scope::Card).collect();
    let card_row = writer.register_card(
        agency,
        number,
        &NewCard {
            identity: &card.identity,
            certificate: &presented.certificate,
            person_in_charge: &presented.person_in_charge,
            values: &own,
        },
        now,
    )?;
    writer.record_event(agency, number, card_row, "card_registered", now)?;
    writer.drop_drafts(agency, &card.identity)?;

    values.merge(card.values(&app.agencies));
    let mailed_to = Letter::new(&profile.mail.registered, &values).queue(writer, app, profile, now)?;
    let completed = Completed {
        function: Function::Register,
        company_id: company.company_id,
        values: printed(form, occasion, &values),
        mailed_to,
        at_unix_ms: now,
    };
    let registration = writer.record_completion(agency, card_row, &request.submission, &completed)?;
    writer.complete_session(id, registration)?;
    Ok(Step::Done)
}

/// Every row of 登録内容確認 and of the print.
fn printed(form: &Form, occasion: Occasion, values: &Values) -> Values {
    form.rows()
        .filter(|row| row.print || row.mode(occasion) != Mode::Hidden)
        .filter(|row| !row.field.is_repetition())
        .map(|row| (row.field, values.text(row.field).to_owned()))
        .collect()
}
