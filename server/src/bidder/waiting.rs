//! 利用者登録 of a card that waits for 審査, and what its decision does.
//!
//! Until its approval nothing of it is registered: what was entered for the company, too, stays in the application,
//! so that nothing which no officer has seen reaches the company's registration. The 企業ID is given at the approval
//! of the first card.

use touroku_proto::{
    account::ApplicationState,
    agency::{AgencyProfile, Category},
    api::ApiErrorCode,
    field::{FieldId, Scope, Values},
    form::Form,
    officer::review::ReviewKind,
};

use super::{
    card::Card,
    company,
    registration::{known_contacts, new_company},
    review::{Decision, Reviewed, Reviewer, Step, note},
};
use crate::{
    app::App,
    error::Error,
    mail::Letter,
    store::{Act, CardApplication, Holder, NewCard, Reader, RosterRow, Subject, Writer},
};

/// Decides the card registration `id`.
///
/// # Errors
/// `wrong_state` when it can't be approved any more: its company has left the roster, its category the profile.
pub fn decide_card(
    writer: &Writer<'_>,
    app: &App,
    profile: &AgencyProfile,
    id: i64,
    (decision, reviewer): (Decision<'_>, Reviewer<'_>),
) -> Result<Reviewed, Error> {
    let agency = profile.code.as_str();
    let Some(application) = writer.card_application(agency, id)? else { return Ok(Reviewed::Unknown) };
    if application.state != ApplicationState::Pending {
        return Ok(Reviewed::Before(application.state));
    }
    let now = app.outside.now();
    let approvals = profile.category(&application.category).map_or(1, |category| category.approvals);
    let about = (Subject { kind: ReviewKind::Card, id }, application.number.as_str());
    if let Step::Stop(reviewed) = note(writer, agency, about, approvals, (decision, reviewer), now)? {
        return Ok(reviewed);
    }
    let officer = reviewer.login_id;
    let told = match decision {
        Decision::Approve => approve(writer, app, profile, &application, officer, now)?,
        Decision::Reject(reason) => reject(writer, app, profile, &application, (officer, reason), now)?,
    };
    Ok(Reviewed::Decided(told))
}

fn approve(
    writer: &Writer<'_>,
    app: &App,
    profile: &AgencyProfile,
    application: &CardApplication,
    officer: &str,
    now: i64,
) -> Result<Vec<String>, Error> {
    let (agency, number) = (profile.code.as_str(), application.number.as_str());
    let wrong_state = Error::Refused(ApiErrorCode::WrongState);
    let (Some((category, form)), Some(row)) =
        (form_of(profile, application), writer.roster_row(agency, number)?)
    else {
        return Err(wrong_state);
    };
    if writer.knows_card(agency, &application.identity)? {
        return Err(wrong_state);
    }
    let registered = writer.company(agency, number)?;
    let known = known_contacts(writer, agency, number, registered.as_ref())?;
    let mut values = company::values(category, &row, registered.as_ref());
    let own: Values = of_card(&application.values);
    // What another card's registration said of the company meanwhile stays.
    values.merge(if registered.is_none() { application.values.clone() } else { own.clone() });
    let company = match registered {
        Some(company) => company,
        None => new_company(writer, profile, (category, form), number, &values, now)?,
    };
    values.set(FieldId::CompanyId, company.company_id);

    let card = NewCard {
        identity: &application.identity,
        certificate: &application.certificate,
        person_in_charge: &application.person_in_charge,
        values: &own,
    };
    let card_row = writer.register_card(agency, number, &card, now)?;
    writer.decide_card(application.id, Some(card_row), "", now)?;
    let act = Act { kind: "card_registered", officer, reason: "" };
    writer.record_act(agency, number, Some(Holder::Card(card_row)), &act, now)?;

    values.merge(Card::read(&application.certificate)?.values(&app.agencies));
    let to: Vec<&Values> = known.iter().collect();
    Letter::new(&profile.mail.card_added, &values).to(&to).queue(writer, &app.outside, profile, now)?;
    Letter::new(&profile.mail.card_approved, &values).queue(writer, &app.outside, profile, now)
}

fn reject(
    writer: &Writer<'_>,
    app: &App,
    profile: &AgencyProfile,
    application: &CardApplication,
    (officer, reason): (&str, &str),
    now: i64,
) -> Result<Vec<String>, Error> {
    let (agency, number) = (profile.code.as_str(), application.number.as_str());
    writer.decide_card(application.id, None, reason, now)?;
    let act = Act { kind: "card_rejected", officer, reason };
    writer.record_act(agency, number, Some(Holder::Application(application.id)), &act, now)?;
    let mut values = match (form_of(profile, application), writer.roster_row(agency, number)?) {
        (Some((category, _)), Some(row)) => application_values(writer, agency, category, &row, application)?,
        _ => application.values.clone(),
    };
    values.merge(Card::read(&application.certificate)?.values(&app.agencies));
    let others = [("reason", reason)];
    Letter::new(&profile.mail.card_rejected, &values).with(&others).queue(writer, &app.outside, profile, now)
}

/// What a waiting registration would make of the company and the card.
fn application_values(
    reader: &Reader<'_>,
    agency: &str,
    category: &Category,
    row: &RosterRow,
    application: &CardApplication,
) -> Result<Values, Error> {
    let registered = reader.company(agency, &application.number)?;
    let mut values = company::values(category, row, registered.as_ref());
    values.merge(application.values.clone());
    Ok(values)
}

/// The category and form of an application, unless the profile has lost them.
fn form_of<'a>(
    profile: &'a AgencyProfile,
    application: &CardApplication,
) -> Option<(&'a Category, &'a Form)> {
    let category = profile.category(&application.category)?;
    Some((category, profile.form(category)?))
}

/// The card's own values.
fn of_card(values: &Values) -> Values {
    values.0.clone().into_iter().filter(|(field, _)| field.scope() == Scope::Card).collect()
}
