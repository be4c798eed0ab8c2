//! 登録: the card becomes one of a company's, in one transaction with its mails.

use std::sync::Arc;

use touroku_proto::{
    api::{ApiErrorCode, Completed, Function, Register, SessionView},
    card::Purpose,
    field::{FieldId, Scope, Values},
    form::Occasion,
};

use super::{
    company,
    session::{self, SessionKey, presented_card},
    submission::Submission,
    view,
};
use crate::{
    app::App,
    error::Error,
    mail::Letter,
    store::{Company, Holder, NewCard, Session, SessionId, Writer},
};

/// What the transaction came to.
enum Outcome {
    Completed(Box<SessionView>),
    /// The company registered meanwhile with another card: the form on the screen is not the right one.
    Stale,
}

/// Registers the session's card for the session's company.
pub async fn register(app: &Arc<App>, key: SessionKey, request: Register) -> Result<SessionView, Error> {
    let (submission, values) = (Submission::parse(request.submission)?, request.values);
    let (id, now, expires_at) = (key.id(), app.outside.now(), app.session_end());
    let shared = Arc::clone(app);
    let outcome = app
        .store
        .write(move |writer| {
            let session = writer.current_session(&id, now)?;
            let outcome = register_in(writer, &shared, (&id, &session), &submission, &values, now)?;
            if matches!(outcome, Step::Stale) {
                return Ok(Outcome::Stale);
            }
            let view = view::after(writer, &shared.agencies, &id, expires_at, now)?;
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
    (id, session): (&SessionId, &Session),
    submission: &Submission,
    sent: &Values,
    now: i64,
) -> Result<Step, Error> {
    let card = presented_card(session, Purpose::Register)?;
    let agency = session.agency.as_str();
    if let Some(registered) = writer.card(agency, &card.identity)? {
        let before = writer.completion_of(Holder::Card(registered.id), submission.as_str())?;
        let before = before.ok_or(ApiErrorCode::CardAlreadyRegistered)?;
        writer.complete_session(id, before.id)?;
        return Ok(Step::Done);
    }
    if writer.knows_card(agency, &card.identity)? {
        return Err(ApiErrorCode::CardAlreadyRegistered.into());
    }
    let number = session.number.as_deref().ok_or(ApiErrorCode::CompanyNotSelected)?;
    let (profile, category, form) = session::form(&app.agencies, session)?;
    let row = writer.roster_row(agency, number)?.ok_or(ApiErrorCode::CompanyNotSelected)?;
    let registered = writer.company(agency, number)?;
    let occasion = if registered.is_none() { Occasion::Register } else { Occasion::SecondCard };
    if session.occasion != Some(occasion) {
        writer.select_company(id, number, occasion)?;
        return Ok(Step::Stale);
    }

    let known = known_contacts(writer, agency, number, registered.as_ref())?;
    let mut values = company::values(category, &row, registered.as_ref());
    let entered = company::entered(form, occasion, &values, sent)?;
    values.merge(entered.clone());
    let company = match registered {
        Some(company) => company,
        None => {
            let sequence = writer.next_company_sequence(agency)?;
            let company_id = profile
                .company_id
                .write(&profile.procurement_code, category.digit, sequence)
                .ok_or(Error::Defect("the 企業ID format has run out of numbers"))?;
            let company = Company { company_id, values: company::owned(form, &values), revision: 0 };
            writer.register_company(agency, number, &company, now)?;
            company
        }
    };
    values.set(FieldId::CompanyId, company.company_id.clone());

    let presented = session.presented.as_ref().ok_or(ApiErrorCode::CardNotPresented)?;
    let own = entered.0.into_iter().filter(|(field, _)| field.scope() == Scope::Card).collect();
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
    let holder = Holder::Card(card_row);
    writer.record_event(agency, number, holder, "card_registered", now)?;
    writer.drop_drafts(agency, &card.identity)?;

    values.merge(card.values(&app.agencies));
    let mailed_to =
        Letter::new(&profile.mail.registered, &values).queue(writer, &app.outside, profile, now)?;
    let to: Vec<&Values> = known.iter().collect();
    Letter::new(&profile.mail.card_added, &values).to(&to).queue(writer, &app.outside, profile, now)?;
    let completed = Completed {
        function: Function::Register,
        company_id: company.company_id,
        values: company::printed(form, occasion, &values),
        mailed_to,
        at_unix_ms: now,
        pending: false,
    };
    submission.complete(writer, agency, id, holder, &completed)?;
    Ok(Step::Done)
}

/// Whom the company had named before this card: they are told, so that a card that is not theirs can't come in
/// unseen.
fn known_contacts(
    writer: &Writer<'_>,
    agency: &str,
    number: &str,
    company: Option<&Company>,
) -> Result<Vec<Values>, Error> {
    let Some(company) = company else { return Ok(Vec::new()) };
    let cards = writer.cards_of(agency, number)?;
    Ok([company.values.clone()].into_iter().chain(cards.into_iter().map(|card| card.values)).collect())
}
