//! 登録: the card becomes one of a company's, in one transaction with its mails; or it waits for officers, see
//! [`super::waiting`].

use std::sync::Arc;

use touroku_proto::{
    agency::{AgencyProfile, Category},
    api::{ApiErrorCode, Completed, Function, Prepared, Register, SessionView},
    card::Purpose,
    document,
    field::{FieldId, Scope, Values},
    form::{Form, Occasion},
};

use super::{
    admission::{admit_company, admit_new_card},
    card::Card,
    company,
    session::{self, SessionKey, presented_card},
    signature::{Filed, Filing, Stage},
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
    Prepared(Prepared),
    /// The company registered meanwhile with another card: the form on the screen is not the right one.
    Stale,
}

/// Registers the session's card for the session's company.
pub async fn register(app: &Arc<App>, key: SessionKey, request: Register) -> Result<SessionView, Error> {
    let stage = Stage::carry_out(app, key, request.signed.clone()).await?;
    match run(app, key, request, stage).await? {
        Outcome::Completed(view) => {
            app.mail_queued.notify_one();
            Ok(*view)
        }
        Outcome::Prepared(_) => Err(Error::Defect("a registration was only looked at")),
        Outcome::Stale => Err(ApiErrorCode::Stale.into()),
    }
}

/// Looks at a registration that is to be signed.
pub async fn prepare_registration(
    app: &Arc<App>,
    key: SessionKey,
    request: Register,
) -> Result<Prepared, Error> {
    match run(app, key, request, Stage::prepare(app)).await? {
        Outcome::Prepared(prepared) => Ok(prepared),
        Outcome::Completed(_) | Outcome::Stale => Err(ApiErrorCode::Stale.into()),
    }
}

async fn run(app: &Arc<App>, key: SessionKey, request: Register, stage: Stage) -> Result<Outcome, Error> {
    let (submission, values) = (Submission::parse(request.submission)?, request.values);
    let (id, now, expires_at) = (key.id(), app.outside.now(), app.session_end());
    let shared = Arc::clone(app);
    app.store
        .write(move |writer| {
            let session = writer.current_session(&id, now)?;
            match register_in(writer, &shared, (&id, &session), (&submission, &values), &stage, now)? {
                Step::Stale => Ok(Outcome::Stale),
                Step::Prepared(prepared) => {
                    writer.extend_session(&id, expires_at)?;
                    Ok(Outcome::Prepared(prepared))
                }
                Step::Done => {
                    let view = view::after(writer, &shared.agencies, &id, expires_at, now)?;
                    Ok(Outcome::Completed(Box::new(view)))
                }
            }
        })
        .await
}

enum Step {
    Done,
    Prepared(Prepared),
    Stale,
}

fn register_in(
    writer: &Writer<'_>,
    app: &App,
    (id, session): (&SessionId, &Session),
    (submission, sent): (&Submission, &Values),
    stage: &Stage,
    now: i64,
) -> Result<Step, Error> {
    let card = presented_card(session, Purpose::Register)?;
    let agency = session.agency.as_str();
    if let Some(application) = writer.latest_card_application(agency, &card.identity)?
        && let Some(before) =
            writer.completion_of(Holder::Application(application.id), submission.as_str())?
    {
        if stage.is_preparation() {
            return Err(ApiErrorCode::RegistrationPending.into());
        }
        writer.complete_session(id, before.id)?;
        return Ok(Step::Done);
    }
    if let Some(registered) = writer.card(agency, &card.identity)? {
        let before = writer.completion_of(Holder::Card(registered.id), submission.as_str())?;
        let before = before.filter(|_| !stage.is_preparation()).ok_or(ApiErrorCode::CardAlreadyRegistered)?;
        writer.complete_session(id, before.id)?;
        return Ok(Step::Done);
    }
    admit_new_card(writer, agency, &card.identity)?;
    let number = session.number.as_deref().ok_or(ApiErrorCode::CompanyNotSelected)?;
    admit_company(writer, agency, number)?;
    let (profile, category, form) = session::form(&app.agencies, session)?;
    let row = writer.roster_row(agency, number)?.ok_or(ApiErrorCode::CompanyNotSelected)?;
    let registered = writer.company(agency, number)?;
    let occasion = if registered.is_none() { Occasion::Register } else { Occasion::SecondCard };
    if session.occasion != Some(occasion) {
        writer.select_company(id, number, occasion)?;
        return Ok(Step::Stale);
    }

    let presented = session.presented.as_ref().ok_or(ApiErrorCode::CardNotPresented)?;
    let mut values = company::values(category, &row, registered.as_ref());
    let entered = company::entered(form, occasion, &values, sent)?;
    values.merge(entered.clone());
    let filed = Filed {
        session: (id, session),
        place: (profile, category),
        function: Function::Register,
        company: number,
        certificate: &presented.certificate,
    };
    let filing = stage.file(writer, app, &filed, now, |head| {
        let mut confirmed = company::shown(form, occasion, &values);
        confirmed.merge(card.values(&app.agencies));
        document::registration(head, form, occasion, &confirmed)
    })?;
    if let Filing::Prepared(prepared) = filing {
        return Ok(Step::Prepared(prepared));
    }
    let new_card = NewCard {
        identity: &card.identity,
        certificate: &presented.certificate,
        person_in_charge: &presented.person_in_charge,
        values: &entered,
    };
    let registration = Registration { number, registered, new_card };
    let (holder, company_id) = match category.card_review {
        true => wait(writer, session, registration, now)?,
        false => carry_out(writer, app, (profile, category, form), registration, &mut values, now)?,
    };
    writer.drop_drafts(agency, &card.identity)?;

    values.set(FieldId::CompanyId, company_id.clone());
    values.merge(card.values(&app.agencies));
    let text = match category.card_review {
        true => &profile.mail.card_applied,
        false => &profile.mail.registered,
    };
    let completed = Completed {
        function: Function::Register,
        company_id,
        mailed_to: Letter::new(text, &values).queue(writer, &app.outside, profile, now)?,
        values: company::printed(form, occasion, &values),
        at_unix_ms: now,
        receipt: filing.number().to_owned(),
        pending: category.card_review,
    };
    let completion = submission.complete(writer, agency, id, holder, &completed)?;
    filing.keep(writer, agency, completion)?;
    Ok(Step::Done)
}

/// What a confirmation says.
struct Registration<'a> {
    number: &'a str,
    /// What the company had registered before.
    registered: Option<Company>,
    /// With all that was entered, the company's rows too.
    new_card: NewCard<'a>,
}

/// Keeps the registration until officers have decided. Answers the 企業ID if the company has one already.
fn wait(
    writer: &Writer<'_>,
    session: &Session,
    registration: Registration<'_>,
    now: i64,
) -> Result<(Holder, String), Error> {
    let Registration { number, registered, new_card } = registration;
    let agency = session.agency.as_str();
    let row = writer.apply_with_card(agency, (&session.category, number), &new_card, now)?;
    let holder = Holder::Application(row);
    writer.record_event(agency, number, holder, "card_applied", now)?;
    Ok((holder, registered.map_or_else(String::new, |company| company.company_id)))
}

/// Registers at once. Answers the 企業ID.
fn carry_out(
    writer: &Writer<'_>,
    app: &App,
    (profile, category, form): (&AgencyProfile, &Category, &Form),
    registration: Registration<'_>,
    values: &mut Values,
    now: i64,
) -> Result<(Holder, String), Error> {
    let Registration { number, registered, new_card } = registration;
    let agency = profile.code.as_str();
    let known = known_contacts(writer, agency, number, registered.as_ref())?;
    let company = match registered {
        Some(company) => company,
        None => new_company(writer, profile, (category, form), number, values, now)?,
    };
    values.set(FieldId::CompanyId, company.company_id.clone());
    let own = new_card.values.0.clone().into_iter().filter(|(field, _)| field.scope() == Scope::Card);
    let own: Values = own.collect();
    let card_row = writer.register_card(agency, number, &NewCard { values: &own, ..new_card }, now)?;
    let holder = Holder::Card(card_row);
    writer.record_event(agency, number, holder, "card_registered", now)?;

    let to: Vec<&Values> = known.iter().collect();
    let card = Card::read(new_card.certificate)?;
    card.note(writer, &app.agencies, card_row, writer.roster_row(agency, number)?.as_ref())?;
    let mut told = values.clone();
    told.merge(card.values(&app.agencies));
    Letter::new(&profile.mail.card_added, &told).to(&to).queue(writer, &app.outside, profile, now)?;
    Ok((holder, company.company_id))
}

/// Makes a roster company an 電子入札業者 with a 企業ID of its own. `values`: the roster's and what was entered.
pub(super) fn new_company(
    writer: &Writer<'_>,
    profile: &AgencyProfile,
    (category, form): (&Category, &Form),
    number: &str,
    values: &Values,
    now: i64,
) -> Result<Company, Error> {
    let sequence = writer.next_company_sequence(&profile.code)?;
    let company_id = profile
        .company_id
        .write(&profile.procurement_code, category.digit, sequence)
        .ok_or(Error::Defect("the 企業ID format has run out of numbers"))?;
    let company = Company { company_id, values: company::owned(form, values), revision: 0 };
    writer.register_company(&profile.code, number, &company, now)?;
    Ok(company)
}

/// Whom the company had named before this card: they are told, so that a card that is not theirs can't come in
/// unseen.
pub(super) fn known_contacts(
    writer: &Writer<'_>,
    agency: &str,
    number: &str,
    company: Option<&Company>,
) -> Result<Vec<Values>, Error> {
    let Some(company) = company else { return Ok(Vec::new()) };
    let cards = writer.cards_of(agency, number)?;
    Ok([company.values.clone()].into_iter().chain(cards.into_iter().map(|card| card.values)).collect())
}
