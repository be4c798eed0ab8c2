//! ICカード更新: a new card replaces an old one in one transaction: before its commit the old card works,
//! afterwards the new one, never both or neither.

use std::sync::Arc;

use touroku_proto::{
    agency::AgencyProfile,
    api::{ApiErrorCode, Completed, Function, Prepared, Renew, SessionView},
    card::Purpose,
    document,
    form::Occasion,
    identity::{CompanyMatch, Verdict},
    text::fold_person,
};

use super::{
    card::Card,
    company,
    confirmation::{Confirmation, Step, carry_out, prepare},
    identity::{causes_of_renewal, company_match},
    login::check_new_card,
    session::{self, SessionKey, registered_card},
    signature::Filing,
    told::{Known, Told, by_card, tell, told_values},
    waiting::wait,
};
use crate::{
    app::App,
    error::Error,
    mail::{Letter, unconfirmed},
    store::{Holder, NewCard, RegisteredCard, RosterRow, Waiting, Writer},
};

/// Replaces the session's old card with its new one.
pub async fn renew(app: &Arc<App>, key: SessionKey, request: Renew) -> Result<SessionView, Error> {
    carry_out(app, key, (request.submission, request.signed), renew_in).await
}

/// Checks a renewal that is to be signed by the new card.
pub async fn prepare_renewal(app: &Arc<App>, key: SessionKey, request: Renew) -> Result<Prepared, Error> {
    prepare(app, key, request.submission, renew_in).await
}

fn renew_in(confirmation: &Confirmation<'_>) -> Result<Step, Error> {
    let &Confirmation { writer, app, session, now, .. } = confirmation;
    let certificate = session.new_certificate.as_ref().ok_or(ApiErrorCode::CardNotPresented)?;
    let new_card = Card::read(certificate)?;
    let agency = session.agency.as_str();
    if let Some(registered) = writer.card(agency, &new_card.identity)?
        && confirmation.was_carried_out(Holder::Card(registered.id))?
    {
        return Ok(Step::Done);
    }
    if let Some(application) = writer.latest_card_application(agency, &new_card.identity)?
        && confirmation.was_carried_out(Holder::Application(application.id))?
    {
        return Ok(Step::Done);
    }
    // Checked when the card was presented; another session may have been quicker.
    check_new_card(writer, &app.agencies, session, &new_card)?;
    let (old_card, old) = registered_card(writer, session, Purpose::RenewNew)?;
    let number = old.number.clone();
    let number = number.as_str();
    let (profile, category, form) = session::form(&app.agencies, session)?;
    let defect = Error::Defect("a registered card has no company");
    let (Some(row), Some(company)) = (writer.roster_row(agency, number)?, writer.company(agency, number)?)
    else {
        return Err(defect);
    };

    let found = company_match(&new_card, &app.agencies, &row);
    let causes = causes_of_renewal(profile, &app.agencies, (&old_card, &new_card), &found)?;
    let known = Known::of(writer, agency, number)?;

    let mut values = company::values(category, &row, Some(&company));
    let filing = confirmation.file((profile, category), (Function::Renew, number), certificate, |head| {
        let shown = company::shown(form, Occasion::Change, &values);
        let [old, new] = [&old_card, &new_card].map(|card| card.values(&app.agencies));
        document::renewal(head, &shown, &old, &new)
    })?;
    if let Filing::Prepared(prepared) = filing {
        return Ok(Step::Prepared(prepared));
    }

    writer.drop_drafts(agency, &old_card.identity)?;
    writer.drop_drafts(agency, &new_card.identity)?;
    values.merge(old.values.clone());
    values.merge(new_card.values(&app.agencies));
    let pending = !causes.is_empty();
    let (holder, text) = if pending {
        let (category, receipt) = (&category.code, filing.number());
        let waiting = Waiting { category, number, causes: &causes, replaces: Some(old.id), receipt };
        let taken_over = NewCard {
            identity: &new_card.identity,
            certificate,
            person_in_charge: &old.person_in_charge,
            values: &old.values,
        };
        let holder = wait(confirmation, (profile, &row), waiting, &taken_over)?;
        (holder, &profile.mail.card_applied)
    } else {
        (replace(writer, app, profile, &row, (old, certificate), now)?, &profile.mail.renewed)
    };
    let others = [("function", "ICカード更新"), ("receipt", filing.number())];
    let letter = Letter::new(text, &values).with(&others);
    let mailed_to = letter.queue(writer, &app.post(), profile, now)?;
    if !pending && is_other(&found, app, &old_card, &new_card) {
        let told = told_values(writer, app, agency, &row, Some(&new_card))?;
        let actor = by_card(app, &new_card);
        tell(writer, app, profile, (Told::RenewedToOther, &known.but(&mailed_to)), (&told, &actor), now)?;
    }
    let completed = Completed {
        function: Function::Renew,
        company_id: company.company_id,
        values: company::printed(form, Occasion::Change, &values),
        unconfirmed: unconfirmed(writer, profile, number, &mailed_to)?,
        mailed_to,
        pending,
        ..Completed::default()
    };
    confirmation.complete(holder, filing, completed)
}

/// Whether the new card belongs to another company or person, as far as that can be told.
fn is_other(found: &CompanyMatch, app: &App, old: &Card, new: &Card) -> bool {
    let [old, new] = [old, new].map(|card| fold_person(&card.names(&app.agencies).holder_name));
    found.verdict() != Verdict::Same || old != new
}

/// Replaces an old card with a new one.
pub(super) fn replace(
    writer: &Writer<'_>,
    app: &App,
    profile: &AgencyProfile,
    row: &RosterRow,
    (old, certificate): (RegisteredCard, &[u8]),
    now: i64,
) -> Result<Holder, Error> {
    let (agency, number) = (profile.code.as_str(), row.number.as_str());
    let new_card = Card::read(certificate)?;
    let taken_over = NewCard {
        identity: &new_card.identity,
        certificate,
        person_in_charge: &old.person_in_charge,
        values: &old.values,
    };
    let new_row = writer.register_card(agency, number, &taken_over, now)?;
    new_card.note(writer, &app.agencies, new_row, Some(row))?;
    writer.replace_card(old.id, new_row, now)?;
    let holder = Holder::Card(new_row);
    writer.record_event(agency, number, Holder::Card(old.id), "card_replaced", now)?;
    writer.record_event(agency, number, holder, "card_renewed", now)?;
    Ok(holder)
}
