//! 変更 with a card: what was entered replaces the company's and the card's values.

use std::sync::Arc;

use touroku_proto::{
    api::{ApiErrorCode, Change, Completed, Function, Prepared, SessionView},
    card::Purpose,
    document,
    field::{Scope, Values},
    form::Occasion,
};

use super::{
    company,
    confirmation::{Confirmation, Step, carry_out, prepare},
    session::{self, SessionKey, registered_card},
    signature::Filing,
    told::{Known, Told, by_card, tell, told_values},
};
use crate::{
    app::App,
    error::Error,
    mail::{Letter, unconfirmed},
    store::Holder,
};

/// Changes the registration of the session's card and of its company.
pub async fn change(app: &Arc<App>, key: SessionKey, request: Change) -> Result<SessionView, Error> {
    let Change { submission, revision, values, signed } = request;
    let edited = Edited { revision, values };
    carry_out(app, key, (submission, signed), move |confirmation| change_in(confirmation, &edited)).await
}

/// Checks a change that is to be signed.
pub async fn prepare_change(app: &Arc<App>, key: SessionKey, request: Change) -> Result<Prepared, Error> {
    let Change { submission, revision, values, signed: _ } = request;
    let edited = Edited { revision, values };
    prepare(app, key, submission, move |confirmation| change_in(confirmation, &edited)).await
}

/// What a page sent.
struct Edited {
    revision: i64,
    values: Values,
}

fn change_in(confirmation: &Confirmation<'_>, edited: &Edited) -> Result<Step, Error> {
    let &Confirmation { writer, app, session, now, .. } = confirmation;
    let (card, registered) = registered_card(writer, session, Purpose::Change)?;
    let (agency, number) = (session.agency.as_str(), registered.number.as_str());
    let holder = Holder::Card(registered.id);
    if confirmation.was_carried_out(holder)? {
        return Ok(Step::Done);
    }
    let (profile, category, form) = session::form(&app.agencies, session)?;
    let defect = Error::Defect("a registered card has no company");
    let (Some(row), Some(company)) = (writer.roster_row(agency, number)?, writer.company(agency, number)?)
    else {
        return Err(defect);
    };
    if edited.revision != company::revision(Some(&company), Some(&registered)) {
        return Err(ApiErrorCode::Stale.into());
    }

    let mut before = company::values(category, &row, Some(&company));
    before.merge(registered.values.clone());
    let entered = company::entered(form, Occasion::Change, &before, &edited.values)?;
    let certificate = session.presented.as_ref().map(|presented| presented.certificate.as_slice());
    let certificate = certificate.ok_or(ApiErrorCode::CardNotPresented)?;
    let filing = confirmation.file((profile, category), (Function::Change, number), certificate, |head| {
        let mut old = company::shown(form, Occasion::Change, &before);
        old.merge(card.values(&app.agencies));
        let mut new = old.clone();
        new.merge(entered.clone());
        document::change(head, form, &old, &new)
    })?;
    if let Filing::Prepared(prepared) = filing {
        return Ok(Step::Prepared(prepared));
    }
    // Another category's form may own other rows: what this form does not edit stays.
    let of = |scope: Scope, had: &Values| {
        let mut values = had.clone();
        values.merge(entered.0.clone().into_iter().filter(|(field, _)| field.scope() == scope).collect());
        values
    };
    let (company_now, card_now) = (of(Scope::Company, &company.values), of(Scope::Card, &registered.values));
    let known = Known::of(writer, agency, number)?;
    let is_company_changed = company_now != company.values;
    if is_company_changed {
        writer.change_company(agency, number, &company_now)?;
    }
    if card_now != registered.values {
        writer.change_card(registered.id, &card_now)?;
    }
    writer.record_event(agency, number, holder, "changed", now)?;
    writer.drop_drafts(agency, &card.identity)?;

    let mut values = before.clone();
    values.merge(entered);
    values.merge(card.values(&app.agencies));
    let (others, to) = ([("receipt", filing.number())], [&before, &values]);
    let letter = Letter::new(&profile.mail.changed, &values).with(&others).to(&to);
    let mailed_to = letter.queue(writer, &app.post(), profile, now)?;
    if is_company_changed {
        let told = told_values(writer, app, agency, &row, Some(&card))?;
        let (told, actor) = ((Told::CompanyChanged, &known.but(&mailed_to)), (&told, by_card(app, &card)));
        tell(writer, app, profile, told, (actor.0, &actor.1), now)?;
    }
    let completed = Completed {
        function: Function::Change,
        company_id: company.company_id,
        values: company::printed(form, Occasion::Change, &values),
        unconfirmed: unconfirmed(writer, profile, number, &mailed_to)?,
        mailed_to,
        ..Completed::default()
    };
    confirmation.complete(holder, filing, completed)
}
