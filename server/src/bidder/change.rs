//! 変更 with a card: what was entered replaces what the company and the card had.

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
    session::{self, SessionKey, registered_card},
    signature::{Filed, Filing, Stage},
    submission::Submission,
    view,
};
use crate::{
    app::App,
    error::Error,
    mail::Letter,
    store::{Holder, Session, SessionId, Writer},
};

/// Changes the registration of the session's card and of its company.
pub async fn change(app: &Arc<App>, key: SessionKey, request: Change) -> Result<SessionView, Error> {
    let stage = Stage::carry_out(app, key, request.signed.clone()).await?;
    let (_, view) = run(app, key, request, stage).await?;
    app.mail_queued.notify_one();
    Ok(view)
}

/// Looks at a change that is to be signed.
pub async fn prepare_change(app: &Arc<App>, key: SessionKey, request: Change) -> Result<Prepared, Error> {
    let (prepared, _) = run(app, key, request, Stage::prepare(app)).await?;
    prepared.ok_or(ApiErrorCode::Stale.into())
}

async fn run(
    app: &Arc<App>,
    key: SessionKey,
    request: Change,
    stage: Stage,
) -> Result<(Option<Prepared>, SessionView), Error> {
    let submission = Submission::parse(request.submission)?;
    let edited = Edited { revision: request.revision, values: request.values };
    let (id, now, expires_at) = (key.id(), app.outside.now(), app.session_end());
    let shared = Arc::clone(app);
    app.store
        .write(move |writer| {
            let session = writer.current_session(&id, now)?;
            let prepared = change_in(writer, &shared, (&id, &session), (&submission, &edited), &stage, now)?;
            Ok((prepared, view::after(writer, &shared.agencies, &id, expires_at, now)?))
        })
        .await
}

/// What a page sent.
struct Edited {
    revision: i64,
    values: Values,
}

/// Answers what is to be signed, where the request is only looked at.
fn change_in(
    writer: &Writer<'_>,
    app: &App,
    (id, session): (&SessionId, &Session),
    (submission, edited): (&Submission, &Edited),
    stage: &Stage,
    now: i64,
) -> Result<Option<Prepared>, Error> {
    let (card, registered) = registered_card(writer, session, Purpose::Change)?;
    let (agency, number) = (session.agency.as_str(), registered.number.as_str());
    let holder = Holder::Card(registered.id);
    if let Some(before) = writer.completion_of(holder, submission.as_str())? {
        writer.complete_session(id, before.id)?;
        return Ok(None);
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
    let filed = Filed {
        session: (id, session),
        place: (profile, category),
        function: Function::Change,
        company: number,
        certificate: certificate.ok_or(ApiErrorCode::CardNotPresented)?,
    };
    let filing = stage.file(writer, app, &filed, now, |head| {
        let mut old = company::shown(form, Occasion::Change, &before);
        old.merge(card.values(&app.agencies));
        let mut new = old.clone();
        new.merge(entered.clone());
        document::change(head, form, &old, &new)
    })?;
    if let Filing::Prepared(prepared) = filing {
        return Ok(Some(prepared));
    }
    // Another category's form may own other rows: what this form does not edit stays.
    let of = |scope: Scope, had: &Values| {
        let mut values = had.clone();
        values.merge(entered.0.clone().into_iter().filter(|(field, _)| field.scope() == scope).collect());
        values
    };
    let (company_now, card_now) = (of(Scope::Company, &company.values), of(Scope::Card, &registered.values));
    if company_now != company.values {
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
    let mailed_to = Letter::new(&profile.mail.changed, &values).to(&[&before, &values]).queue(
        writer,
        &app.outside,
        profile,
        now,
    )?;
    let completed = Completed {
        function: Function::Change,
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
