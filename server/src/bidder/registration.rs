//! 登録: the card becomes one of a company's, in one transaction with its mails; or it waits for officers, see
//! [`super::waiting`].

use std::sync::Arc;

use touroku_proto::{
    agency::{AgencyProfile, Category},
    api::{ApiErrorCode, Completed, Function, Prepared, Register, SessionView},
    card::Purpose,
    document,
    field::{FieldId, Values},
    form::{Form, Occasion},
};

use super::{
    admission::{admit_company, admit_new_card},
    card::Card,
    company,
    confirmation::{Confirmation, Step, carry_out, prepare},
    identity::{causes_of_registration, company_match},
    session::{self, SessionKey, presented_card},
    signature::Filing,
    told::{Known, Told, by_card, tell, told_values},
    waiting::wait,
};
use crate::{
    app::App,
    error::Error,
    mail::{Letter, perhaps_unconfirmed, unconfirmed},
    store::{Company, Holder, NewCard, RosterRow, Waiting, Writer},
};

/// Registers the session's card for the session's company.
pub async fn register(app: &Arc<App>, key: SessionKey, request: Register) -> Result<SessionView, Error> {
    let Register { submission, values, signed } = request;
    carry_out(app, key, (submission, signed), move |confirmation| register_in(confirmation, &values)).await
}

/// Checks a registration that is to be signed.
pub async fn prepare_registration(
    app: &Arc<App>,
    key: SessionKey,
    request: Register,
) -> Result<Prepared, Error> {
    let Register { submission, values, signed: _ } = request;
    prepare(app, key, submission, move |confirmation| register_in(confirmation, &values)).await
}

fn register_in(confirmation: &Confirmation<'_>, sent: &Values) -> Result<Step, Error> {
    let &Confirmation { writer, app, id, session, now, .. } = confirmation;
    let card = presented_card(session, Purpose::Register)?;
    let agency = session.agency.as_str();
    if let Some(application) = writer.latest_card_application(agency, &card.identity)?
        && confirmation.was_carried_out(Holder::Application(application.id))?
    {
        return Ok(Step::Done);
    }
    if let Some(registered) = writer.card(agency, &card.identity)?
        && confirmation.was_carried_out(Holder::Card(registered.id))?
    {
        return Ok(Step::Done);
    }
    admit_new_card(writer, &app.agencies, agency, &card.identity)?;
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

    let found = company_match(&card, &app.agencies, &row);
    let causes = causes_of_registration((profile, category), occasion, &found)?;

    let presented = session.presented.as_ref().ok_or(ApiErrorCode::CardNotPresented)?;
    // Nothing that others entered: the card is not the company's yet.
    let mut values = company::roster_values(category, &row);
    let entered = company::entered(form, occasion, &values, sent)?;
    values.merge(entered.clone());
    let place = (profile, category);
    let filing = confirmation.file(place, (Function::Register, number), &presented.certificate, |head| {
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
    let pending = !causes.is_empty();
    let (text, holder) = if pending {
        let receipt = filing.number();
        let waiting = Waiting { category: &category.code, number, causes: &causes, replaces: None, receipt };
        (&profile.mail.card_applied, wait(confirmation, (profile, &row), waiting, &new_card)?)
    } else {
        let known = Known::of(writer, agency, number)?;
        let told = if registered.is_none() { Told::Registered } else { Told::CardAdded };
        let company = match registered {
            Some(company) => company,
            None => new_company(writer, profile, (category, form), number, &values, now)?,
        };
        let holder = admit(writer, app, profile, (&row, told, &known), &new_card, now)?;
        values.merge(company.values);
        values.set(FieldId::CompanyId, company.company_id);
        (&profile.mail.registered, holder)
    };
    writer.drop_drafts(agency, &card.identity)?;

    values.merge(card.values(&app.agencies));
    let others = [("function", "利用者登録"), ("receipt", filing.number())];
    let letter = Letter::new(text, &values).with(&others);
    let mailed_to = letter.to(&[&entered]).queue(writer, &app.post(), profile, now)?;
    let completed = Completed {
        function: Function::Register,
        company_id: values.text(FieldId::CompanyId).to_owned(),
        unconfirmed: match pending {
            true => perhaps_unconfirmed(profile, &mailed_to),
            false => unconfirmed(writer, profile, number, &mailed_to)?,
        },
        mailed_to,
        values: company::printed(form, occasion, &values),
        pending,
        ..Completed::default()
    };
    confirmation.complete(holder, filing, completed)
}

/// Makes a card one of its company's, and notifies the previously known addresses.
pub(super) fn admit(
    writer: &Writer<'_>,
    app: &App,
    profile: &AgencyProfile,
    (row, told, known): (&RosterRow, Told, &Known),
    new_card: &NewCard<'_>,
    now: i64,
) -> Result<Holder, Error> {
    let (agency, number) = (profile.code.as_str(), row.number.as_str());
    let own: Values = company::of_card(new_card.values);
    let card_row = writer.register_card(agency, number, &NewCard { values: &own, ..*new_card }, now)?;
    let holder = Holder::Card(card_row);
    writer.record_event(agency, number, holder, "card_registered", now)?;
    let card = Card::read(new_card.certificate)?;
    card.note(writer, &app.agencies, card_row, Some(row))?;
    let values = told_values(writer, app, agency, row, Some(&card))?;
    tell(writer, app, profile, (told, known), (&values, &by_card(app, &card)), now)?;
    Ok(holder)
}

/// Makes a roster company an 電子入札業者 with its own 企業ID. `values`: the roster's and what was entered.
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
