//! 利用者登録 of a card that waits for 審査, and the effect of its decision.
//!
//! Until its approval nothing of it is registered: even what was entered for the company stays in the
//! application, so that nothing that no officer has seen reaches the company's registration. The 企業ID is
//! issued when the first card is approved.

use touroku_proto::{
    account::ApplicationState,
    agency::{AgencyProfile, Category},
    api::ApiErrorCode,
    field::{FieldId, Values},
    form::Form,
    officer::review::ReviewKind,
};

use super::{
    card::Card,
    company,
    confirmation::Confirmation,
    registration::{admit, new_company},
    renewal::replace,
    review::{Decision, Reviewed, Reviewer, Step, note},
    told::{Known, Told, by_card, tell, told_values},
};
use crate::{
    app::App,
    error::Error,
    mail::Letter,
    store::{Act, CardApplication, Holder, NewCard, Reader, RosterRow, Subject, Waiting, Writer},
};

/// Stores a card until officers have decided, and notifies its company.
pub(super) fn wait(
    confirmation: &Confirmation<'_>,
    (profile, row): (&AgencyProfile, &RosterRow),
    waiting: Waiting<'_>,
    new_card: &NewCard<'_>,
) -> Result<Holder, Error> {
    let &Confirmation { writer, app, now, .. } = confirmation;
    let agency = profile.code.as_str();
    let holder = Holder::Application(writer.apply_with_card(agency, waiting, new_card, now)?);
    let told = if waiting.replaces.is_some() { Told::RenewalWaits } else { Told::CardWaits };
    writer.record_event(agency, waiting.number, holder, told.kind(), now)?;
    let known = Known::of(writer, agency, waiting.number)?;
    let card = Card::read(new_card.certificate)?;
    let values = told_values(writer, app, agency, row, Some(&card))?;
    tell(writer, app, profile, (told, &known), (&values, &by_card(app, &card)), now)?;
    Ok(holder)
}

/// Decides the card registration `id`.
///
/// # Errors
/// `wrong_state` when it can't be approved any more: its company has left the roster, or its category the profile.
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
    let subject = Subject { kind: ReviewKind::Card, id };
    let about = (subject, application.number.as_str(), application.receipt.as_str());
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
    let card = Card::read(&application.certificate)?;
    let known = Known::of(writer, agency, number)?;
    let registered = writer.company(agency, number)?;
    let mut values = company::values(category, &row, registered.as_ref());
    let (holder, text) = if let Some(old) = application.replaces {
        // Replaced by another one meanwhile, or its company is gone.
        let old = writer.cards_of(agency, number)?.into_iter().find(|card| card.id == old);
        let old = old.ok_or(wrong_state)?;
        values.merge(old.values.clone());
        (replace(writer, app, profile, &row, (old, &application.certificate), now)?, &profile.mail.renewed)
    } else {
        let own = company::of_card(&application.values);
        // What another card's registration said about the company meanwhile stays.
        values.merge(if registered.is_none() { application.values.clone() } else { own });
        let told = if registered.is_none() { Told::Registered } else { Told::CardAdded };
        let company = match registered {
            Some(company) => company,
            None => new_company(writer, profile, (category, form), number, &values, now)?,
        };
        values.set(FieldId::CompanyId, company.company_id);
        let new_card = NewCard {
            identity: &application.identity,
            certificate: &application.certificate,
            person_in_charge: &application.person_in_charge,
            values: &application.values,
        };
        (admit(writer, app, profile, (&row, told, &known), &new_card, now)?, &profile.mail.card_approved)
    };
    if let Holder::Card(card) = holder {
        writer.decide_card(application.id, Some(card), "", now)?;
    }
    let act = Act { kind: "card_approved", officer, ..Act::default() };
    writer.record_act(agency, number, Some(holder), &act, now)?;
    values.merge(card.values(&app.agencies));
    let others = [("receipt", application.receipt.as_str())];
    let mailed = Letter::new(text, &values).with(&others).queue(writer, &app.post(), profile, now)?;
    if application.replaces.is_some() {
        let told = told_values(writer, app, agency, &row, Some(&card))?;
        let known = known.but(&mailed);
        tell(writer, app, profile, (Told::RenewedToOther, &known), (&told, &by_card(app, &card)), now)?;
    }
    Ok(mailed)
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
    let act = Act { kind: "card_rejected", officer, reason, ..Act::default() };
    writer.record_act(agency, number, Some(Holder::Application(application.id)), &act, now)?;
    let mut values = match (form_of(profile, application), writer.roster_row(agency, number)?) {
        (Some((category, _)), Some(row)) => application_values(writer, agency, category, &row, application)?,
        _ => application.values.clone(),
    };
    values.merge(Card::read(&application.certificate)?.values(&app.agencies));
    let function = if application.replaces.is_some() { "ICカード更新" } else { "利用者登録" };
    let others = [("reason", reason), ("function", function), ("receipt", application.receipt.as_str())];
    Letter::new(&profile.mail.card_rejected, &values).with(&others).queue(writer, &app.post(), profile, now)
}

/// What a pending registration would make of the company and the card.
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
