//! A pending application is withdrawn by whoever has proved to have made it.

use std::sync::Arc;

use touroku_proto::{
    account::ApplicationState,
    agency::Way,
    api::{ApiErrorCode, SessionView},
    card::Purpose,
    officer::review::ReviewKind,
};

use super::{
    session::{SessionKey, presented_card},
    told::{Known, Told, by_account, by_card, tell, told_of},
    view,
};
use crate::{
    app::App,
    error::Error,
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
            let Own { subject, holder, number, actor } = own(writer, &shared, &session)?;
            writer.withdraw(subject, now)?;
            writer.record_event(agency, &number, holder, Told::Withdrawn.kind(), now)?;
            let profile = shared.agencies.profile(agency)?;
            let (known, values) =
                (Known::of(writer, agency, &number)?, told_of(writer, &shared, agency, &number)?);
            tell(writer, &shared, profile, (Told::Withdrawn, &known), (&values, &actor), now)?;
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

fn own(reader: &Reader<'_>, app: &App, session: &Session) -> Result<Own, Error> {
    let agency = session.agency.as_str();
    if session.way == Way::Password {
        let id = session.application.ok_or(ApiErrorCode::Stale)?;
        let account = reader.account(agency, id)?.filter(|own| own.state == ApplicationState::Pending);
        let account = account.ok_or(ApiErrorCode::Stale)?;
        let (subject, holder) = (Subject { kind: ReviewKind::Account, id }, Holder::Account(id));
        return Ok(Own { subject, holder, actor: by_account(&account), number: account.number });
    }
    let card = presented_card(session, Purpose::Register)?;
    let application = reader.latest_card_application(agency, &card.identity)?;
    let application = application.filter(|own| own.state == ApplicationState::Pending);
    let application = application.ok_or(ApiErrorCode::Stale)?;
    let (subject, holder) =
        (Subject { kind: ReviewKind::Card, id: application.id }, Holder::Application(application.id));
    Ok(Own { subject, holder, actor: by_card(app, &card), number: application.number })
}
