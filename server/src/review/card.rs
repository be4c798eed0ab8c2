//! 審査 of a card's 利用者登録 or ICカード更新.
//!
//! Until its approval nothing of it is registered: even what was entered for the company stays in the
//! application, so that nothing that no officer has seen reaches the company's registration. The 企業ID is
//! issued when the first card is approved.

use touroku_proto::{
    account::ApplicationState,
    api::ApiErrorCode,
    field::{FieldId, Values},
    officer::review::ReviewKind,
};

use super::{Case, Decision, Reviewed, Step};
use crate::{
    agency::Agencies,
    error::Error,
    mail::{Desk, Letter},
    registry::{
        Entry, Place,
        account::applicant_values,
        card::Card,
        company,
        told::{By, Known, Told, note_of},
    },
    store::{Act, Actor, CardApplication, EventKind, Holder, NewCard, Subject},
};

/// Decides the card registration `id`.
///
/// # Errors
/// `wrong_state` when it can't be approved any more: its company has left the roster, or its category the profile.
pub fn decide(
    desk: &Desk<'_>,
    agencies: &Agencies,
    id: i64,
    decision: Decision<'_>,
    reviewer: Actor<'_>,
) -> Result<Reviewed, Error> {
    let found = desk.writer.card_application(desk.agency(), id)?;
    let Some(application) = found else { return Ok(Reviewed::Unknown) };
    if application.state != ApplicationState::Pending {
        return Ok(Reviewed::Before(application.state));
    }
    let approvals = desk.profile.card_approvals();
    let (subject, number) = (Subject { kind: ReviewKind::Card, id }, application.number.as_str());
    let applied_at = application.applied_at;
    let case = Case { subject, number, receipt: &application.receipt, approvals, applied_at };
    if let Step::Stop(reviewed) = case.note(desk, decision, reviewer)? {
        return Ok(reviewed);
    }
    let (card, officer) = (Card::read(agencies, &application.certificate)?, reviewer.login_id());
    let told = match decision {
        Decision::Approve => approve(desk, &application, &card, officer)?,
        Decision::Reject(reason) => reject(desk, &application, &card, reason, officer)?,
    };
    Ok(Reviewed::Decided(told))
}

fn approve(
    desk: &Desk<'_>,
    application: &CardApplication,
    card: &Card,
    officer: &str,
) -> Result<Vec<String>, Error> {
    let &Desk { writer, profile, now, .. } = desk;
    let (agency, number) = (desk.agency(), application.number.as_str());
    let wrong_state = Error::Refused(ApiErrorCode::WrongState);
    let (Some(place), Some(row)) = (place_of(desk, application), writer.roster_row(agency, number)?) else {
        return Err(wrong_state);
    };
    if writer.knows_card(agency, &application.identity)? {
        return Err(wrong_state);
    }
    let known = Known::of(writer, agency, number)?;
    let registered = writer.company(agency, number)?;
    let mut values = company::values(place.category, &row, registered.as_ref());
    let certificate = application.certificate.as_slice();
    let (holder, text) = if let Some(old) = application.replaces {
        // Replaced by another one meanwhile, or its company is gone.
        let old = writer.cards_of(agency, number)?.into_iter().find(|card| card.id == old);
        let old = old.ok_or(wrong_state)?;
        values.merge(old.values.clone());
        (desk.replace(&row, &old, card, certificate)?, &profile.mail.renewed)
    } else {
        let own = company::of_card(&application.values);
        // What another card's registration said about the company meanwhile stays.
        values.merge(if registered.is_none() { application.values.clone() } else { own });
        let new_card = NewCard {
            identity: &application.identity,
            certificate,
            person_in_charge: &application.person_in_charge,
            values: &application.values,
        };
        let (company, holder) =
            desk.register(&Entry { place, row: &row, card, new_card, values: &values })?;
        values.set(FieldId::CompanyId, company.company_id);
        (holder, &profile.mail.card_approved)
    };
    if let Holder::Card(card) = holder {
        writer.decide_card(application.id, Some(card), "", now)?;
    }
    let act = Act { officer, ..Act::of(EventKind::CardApproved) };
    writer.record_act(agency, number, Some(holder), &act, now)?;
    values.merge(card.values());
    let others = [("receipt", application.receipt.as_str())];
    let note = match application.replaces {
        Some(_) => note_of(Told::RenewedToOther.words(), By::Card(card), now),
        None => String::new(),
    };
    let mailed = Letter::new(text, &values).with(&others).noting(&note).queue(desk)?;
    if application.replaces.is_some() {
        desk.tell(Told::RenewedToOther, &known.but(&mailed.left), number, By::Card(card))?;
    }
    Ok(mailed.to)
}

fn reject(
    desk: &Desk<'_>,
    application: &CardApplication,
    card: &Card,
    reason: &str,
    officer: &str,
) -> Result<Vec<String>, Error> {
    let &Desk { writer, profile, now, .. } = desk;
    let (agency, number) = (desk.agency(), application.number.as_str());
    writer.decide_card(application.id, None, reason, now)?;
    let act = Act { officer, reason, ..Act::of(EventKind::CardRejected) };
    writer.record_act(agency, number, Some(Holder::Application(application.id)), &act, now)?;
    let registered = writer.company(agency, number)?;
    let is_renewal = application.replaces.is_some();
    let mut values = match (place_of(desk, application), writer.roster_row(agency, number)?) {
        (Some(place), Some(row)) if is_renewal => company::values(place.category, &row, registered.as_ref()),
        (Some(place), Some(_)) => applicant_values(writer, agency, place.category, number)?,
        // The profile has lost the category. Whether an address was confirmed goes by the number.
        (None, Some(row)) => row.named(),
        (_, None) => Values::default(),
    };
    if is_renewal {
        // The old card's. A new one's are not known to be of whoever has those addresses.
        values.merge(application.values.clone());
    }
    values.merge(card.values());
    let function = if is_renewal { "ICカード更新" } else { "利用者登録" };
    let others = [("reason", reason), ("function", function), ("receipt", application.receipt.as_str())];
    let known = registered.map(|company| company.values).unwrap_or_default();
    let to = [&application.values, &known];
    Letter::new(&profile.mail.card_rejected, &values)
        .with(&others)
        .to(&to)
        .queue(desk)
        .map(|mailed| mailed.to)
}

/// Where it was applied for, unless the profile has lost the category or its form.
fn place_of<'a>(desk: &Desk<'a>, application: &CardApplication) -> Option<Place<'a>> {
    let profile = desk.profile;
    let category = profile.category(&application.category)?;
    Some(Place { profile, category, form: profile.form(category)? })
}
