//! A pending application is withdrawn by whoever has proved to have made it.

use std::sync::Arc;

use touroku_proto::{
    account::ApplicationState,
    agency::Way,
    api::{ApiErrorCode, SessionView},
    card::Purpose,
    officer::review::ReviewKind,
};

use crate::{
    agency::Agencies,
    app::App,
    bidder::{SessionKey, presented_card, view},
    error::Error,
    registry::told::{By, Known, Told, by_card},
    store::{Holder, Reader, Session, Subject},
};

/// Withdraws what the session's card, or its applicant, has applied for.
///
/// # Errors
/// `stale` when it is no longer pending.
pub async fn withdraw(app: &Arc<App>, key: SessionKey) -> Result<SessionView, Error> {
    let (id, now, expires_at) = (key.id(), app.outside.now(), app.session_end());
    let shared = Arc::clone(app);
    let view = app
        .store
        .write(move |writer| {
            let session = writer.current_session(&id, now)?;
            let agency = session.agency.as_str();
            let Own { subject, holder, number, actor } = own(writer, &shared.agencies, &session)?;
            let profile = shared.agencies.profile(agency)?;
            let desk = shared.desk(writer, profile, now);
            writer.withdraw(subject, now)?;
            desk.record(&number, holder, Told::Withdrawn.kind())?;
            let known = Known::of(writer, agency, &number)?;
            desk.tell(Told::Withdrawn, &known, &number, By::Words(&actor))?;
            view::after(writer, &shared.agencies, &id, expires_at, now)
        })
        .await?;
    app.mail_queued.notify_one();
    Ok(view)
}

/// The session's own pending applications.
struct Own {
    subject: Subject,
    holder: Holder,
    number: String,
    actor: String,
}

fn own(reader: &Reader<'_>, agencies: &Agencies, session: &Session) -> Result<Own, Error> {
    let agency = session.agency.as_str();
    if session.way == Way::Password {
        let id = session.application.ok_or(ApiErrorCode::Stale)?;
        let account = reader.account(agency, id)?.filter(|own| own.state == ApplicationState::Pending);
        let account = account.ok_or(ApiErrorCode::Stale)?;
        let (subject, holder) = (Subject { kind: ReviewKind::Account, id }, Holder::Account(id));
        let actor = "ICカードを使わない申請（簡易認証）".to_owned();
        return Ok(Own { subject, holder, actor, number: account.number });
    }
    let card = presented_card(agencies, session, Purpose::Register)?;
    let application = reader.latest_card_application(agency, &card.identity)?;
    // Another authority's card of that number has not applied for it.
    let presented = session.presented.as_ref().map(|presented| &presented.certificate);
    let application = application
        .filter(|own| own.state == ApplicationState::Pending && Some(&own.certificate) == presented);
    let application = application.ok_or(ApiErrorCode::Stale)?;
    let (subject, holder) =
        (Subject { kind: ReviewKind::Card, id: application.id }, Holder::Application(application.id));
    Ok(Own { subject, holder, actor: by_card(&card), number: application.number })
}
