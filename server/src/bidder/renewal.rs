//! ICカード更新: a new card takes the place of an old one, in one transaction: before its commit the old card
//! works, from it on the new one, and never both or neither.

use std::sync::Arc;

use touroku_proto::{
    api::{ApiErrorCode, Completed, Function, Prepared, Renew, SessionView},
    card::Purpose,
    document,
    form::Occasion,
};

use super::{
    card::Card,
    company,
    login::check_new_card,
    session::{self, SessionKey, registered_card},
    signature::{Filed, Filing, Stage},
    submission::Submission,
    view,
};
use crate::{
    app::App,
    error::Error,
    mail::Letter,
    store::{Holder, NewCard, Session, SessionId, Writer},
};

/// Puts the session's new card in the place of its old one.
pub async fn renew(app: &Arc<App>, key: SessionKey, request: Renew) -> Result<SessionView, Error> {
    let stage = Stage::carry_out(app, key, request.signed.clone()).await?;
    let (_, view) = run(app, key, request, stage).await?;
    app.mail_queued.notify_one();
    Ok(view)
}

/// Looks at a renewal that is to be signed by the new card.
pub async fn prepare_renewal(app: &Arc<App>, key: SessionKey, request: Renew) -> Result<Prepared, Error> {
    let (prepared, _) = run(app, key, request, Stage::prepare(app)).await?;
    prepared.ok_or(ApiErrorCode::Stale.into())
}

async fn run(
    app: &Arc<App>,
    key: SessionKey,
    request: Renew,
    stage: Stage,
) -> Result<(Option<Prepared>, SessionView), Error> {
    let submission = Submission::parse(request.submission)?;
    let (id, now, expires_at) = (key.id(), app.outside.now(), app.session_end());
    let shared = Arc::clone(app);
    app.store
        .write(move |writer| {
            let session = writer.current_session(&id, now)?;
            let prepared = renew_in(writer, &shared, (&id, &session), &submission, &stage, now)?;
            Ok((prepared, view::after(writer, &shared.agencies, &id, expires_at, now)?))
        })
        .await
}

/// Answers what is to be signed, where the request is only looked at.
fn renew_in(
    writer: &Writer<'_>,
    app: &App,
    (id, session): (&SessionId, &Session),
    submission: &Submission,
    stage: &Stage,
    now: i64,
) -> Result<Option<Prepared>, Error> {
    let certificate = session.new_certificate.as_ref().ok_or(ApiErrorCode::CardNotPresented)?;
    let new_card = Card::read(certificate)?;
    let agency = session.agency.as_str();
    if let Some(registered) = writer.card(agency, &new_card.identity)?
        && let Some(before) = writer.completion_of(Holder::Card(registered.id), submission.as_str())?
    {
        writer.complete_session(id, before.id)?;
        return Ok(None);
    }
    // Looked at when the card was shown; another session may have been quicker.
    check_new_card(writer, session, &new_card)?;
    let (old_card, old) = registered_card(writer, session, Purpose::RenewNew)?;
    let number = old.number.as_str();
    let (profile, category, form) = session::form(&app.agencies, session)?;
    let defect = Error::Defect("a registered card has no company");
    let (Some(row), Some(company)) = (writer.roster_row(agency, number)?, writer.company(agency, number)?)
    else {
        return Err(defect);
    };

    let mut values = company::values(category, &row, Some(&company));
    let filed = Filed {
        session: (id, session),
        place: (profile, category),
        function: Function::Renew,
        company: number,
        certificate,
    };
    let filing = stage.file(writer, app, &filed, now, |head| {
        let shown = company::shown(form, Occasion::Change, &values);
        let [old, new] = [&old_card, &new_card].map(|card| card.values(&app.agencies));
        document::renewal(head, &shown, &old, &new)
    })?;
    if let Filing::Prepared(prepared) = filing {
        return Ok(Some(prepared));
    }

    let taken_over = NewCard {
        identity: &new_card.identity,
        certificate,
        person_in_charge: &old.person_in_charge,
        values: &old.values,
    };
    let new_row = writer.register_card(agency, number, &taken_over, now)?;
    new_card.note(writer, &app.agencies, new_row, Some(&row))?;
    writer.replace_card(old.id, new_row, now)?;
    let holder = Holder::Card(new_row);
    writer.record_event(agency, number, Holder::Card(old.id), "card_replaced", now)?;
    writer.record_event(agency, number, holder, "card_renewed", now)?;
    writer.drop_drafts(agency, &old_card.identity)?;
    writer.drop_drafts(agency, &new_card.identity)?;

    values.merge(old.values);
    values.merge(new_card.values(&app.agencies));
    let mailed_to = Letter::new(&profile.mail.renewed, &values).queue(writer, &app.outside, profile, now)?;
    let completed = Completed {
        function: Function::Renew,
        company_id: company.company_id,
        values: company::printed(form, Occasion::Change, &values),
        mailed_to,
        at_unix_ms: now,
        receipt: filing.number().to_owned(),
        pending: false,
    };
    let completion = submission.complete(writer, agency, id, holder, &completed)?;
    filing.keep(writer, agency, completion)?;
    Ok(None)
}
