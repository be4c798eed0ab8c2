//! Whoever reads mail at an address confirms it through a mailed link; whoever entered it may have the link mailed
//! again.

use std::sync::Arc;

use touroku_proto::{account::ConfirmAddress, agency::Way, api::ApiErrorCode, card::Purpose};

use super::{account::admit_link_use, holder::logged_in, key::SessionKey, link::hash_of};
use crate::{
    app::App,
    error::Error,
    guess::{Guess, admit},
    http::limits::Address,
    mail,
    registry::account::addresses,
    store::{Act, EventKind, Reader, Session},
};

/// Confirms the link's address, and releases what was waiting for it. Repeating it has no further effect.
///
/// # Errors
/// `link_invalid`.
pub async fn confirm_address(app: &Arc<App>, address: Address, request: ConfirmAddress) -> Result<(), Error> {
    let now = app.outside.now();
    admit_link_use(app, address, now).await?;
    let hash = hash_of(&request.token)?;
    app.store
        .write(move |writer| {
            let confirmed = writer.confirm_address(&hash, now)?.ok_or(ApiErrorCode::LinkInvalid)?;
            let Some((agency, number)) = confirmed else { return Ok(()) };
            let act = Act::of(EventKind::AddressConfirmed);
            writer.record_act(&agency, &number, None, &act, now)
        })
        .await?;
    app.mail_queued.notify_one();
    Ok(())
}

/// Again asks the unconfirmed addresses of what the session applied for, registered or changed. The answer
/// does not reveal which these are, and whether the limits let a mail leave.
///
/// # Errors
/// `not_found` when there is nothing of that kind.
pub async fn ask_again(app: &Arc<App>, key: SessionKey) -> Result<(), Error> {
    let (id, now, expires_at) = (key.id(), app.outside.now(), app.session_end());
    let guess = Guess::within(app, app.settings.limits.login_session, "mail session", &id)?;
    admit(app, vec![guess], now).await?;
    let shared = Arc::clone(app);
    app.store
        .write(move |writer| {
            let session = writer.current_session(&id, now)?;
            let own = own_addresses(writer, &session)?.ok_or(ApiErrorCode::NotFound)?;
            let profile = shared.agencies.profile(&session.agency)?;
            let desk = shared.desk(writer, profile, now);
            mail::ask_again(&desk, &own.number, &own.addresses, own.by_stranger)?;
            writer.extend_session(&id, expires_at)
        })
        .await?;
    app.mail_queued.notify_one();
    Ok(())
}

/// What the session's holder entered.
struct Own {
    /// The company's.
    number: String,
    addresses: Vec<String>,
    /// The holder has proved nothing: an applicant, or a card that officers have not admitted.
    by_stranger: bool,
}

fn own_addresses(reader: &Reader<'_>, session: &Session) -> Result<Option<Own>, Error> {
    let agency = session.agency.as_str();
    if session.way == Way::Password {
        let own = match (logged_in(reader, session)?, session.application) {
            (None, Some(application)) => reader.account(agency, application)?,
            (own, _) => own,
        };
        let Some(own) = own else { return Ok(None) };
        let by_stranger = !reader.is_admitted(own.id)?;
        let addresses = addresses(&own);
        return Ok(Some(Own { number: own.number, addresses, by_stranger }));
    }
    let Some(completion) = session.completion else { return Ok(None) };
    let completed = reader.completion(agency, completion)?;
    let number = reader.completed_company(agency, completion)?;
    let is_first = session.presented.as_ref().is_some_and(|card| card.purpose == Purpose::Register);
    Ok(completed.zip(number).map(|(completed, number)| Own {
        number,
        addresses: completed.mailed_to,
        by_stranger: completed.pending && is_first,
    }))
}
