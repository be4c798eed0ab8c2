//! Who holds a session: at which place, with which card or ID.

use touroku_proto::{agency::Way, api::ApiErrorCode, card::Purpose};

use super::admission::{admit_account, admit_card};
use crate::{
    agency::Agencies,
    error::Error,
    registry::{Place, card::Card},
    store::{Account, Reader, RegisteredCard, Session},
};

/// What the session's form is built from.
pub(crate) fn place<'a>(agencies: &'a Agencies, session: &Session) -> Result<Place<'a>, Error> {
    let (profile, category, _) = agencies.category(&session.agency, &session.category)?;
    // A profile may have lost the form during the session.
    let form = profile.form_for(category, session.way).ok_or(Error::Refused(ApiErrorCode::WayNotAllowed))?;
    Ok(Place { profile, category, form })
}

/// The card of a session, or the refusal that asks for one.
pub(crate) fn presented_card(
    agencies: &Agencies,
    session: &Session,
    purpose: Purpose,
) -> Result<Card, Error> {
    match &session.presented {
        Some(presented) if presented.purpose == purpose => Card::read(agencies, &presented.certificate),
        _ => Err(ApiErrorCode::CardNotPresented.into()),
    }
}

/// The session's card with its registration. One replaced meanwhile is gone, a suspended one is refused.
pub(crate) fn registered_card(
    reader: &Reader<'_>,
    agencies: &Agencies,
    session: &Session,
    purpose: Purpose,
) -> Result<(Card, RegisteredCard), Error> {
    let card = presented_card(agencies, session, purpose)?;
    let registered = reader.card(&session.agency, &card.identity)?;
    // Another authority's card of that number was refused at its login; it may have come first.
    let presented = session.presented.as_ref().map(|presented| &presented.certificate);
    let registered = registered.filter(|registered| Some(&registered.certificate) == presented);
    let registered = registered.ok_or(ApiErrorCode::CardNotPresented)?;
    admit_card(reader, session, &registered)?;
    Ok((card, registered))
}

/// The ID that logged in.
pub(crate) fn logged_in(reader: &Reader<'_>, session: &Session) -> Result<Option<Account>, Error> {
    let Some(logged_in) = session.logged_in else { return Ok(None) };
    reader.account(&session.agency, logged_in.account)
}

/// A registration that may log in now.
pub(crate) struct SignedIn {
    /// The company's number.
    pub(crate) number: String,
    pub(crate) card: Option<i64>,
    pub(crate) account: Option<i64>,
    /// The ID: when it was applied for.
    pub(crate) applied_at: i64,
}

/// Whom the session has let in for that purpose.
///
/// # Errors
/// `card_not_presented`, also for IDs; that card, ID or company was stopped.
pub(crate) fn signed_in(
    reader: &Reader<'_>,
    agencies: &Agencies,
    session: &Session,
    purpose: Purpose,
) -> Result<SignedIn, Error> {
    match session.way {
        Way::Card => {
            let (_, card) = registered_card(reader, agencies, session, purpose)?;
            Ok(SignedIn { number: card.number, card: Some(card.id), account: None, applied_at: 0 })
        }
        Way::Password => {
            let is_for = session.logged_in.is_some_and(|logged_in| logged_in.purpose == purpose);
            let account = logged_in(reader, session)?.filter(|_| is_for);
            let account = account.ok_or(ApiErrorCode::CardNotPresented)?;
            admit_account(reader, session, &account)?;
            let (number, id) = (account.number, account.id);
            Ok(SignedIn { number, card: None, account: Some(id), applied_at: account.applied_at })
        }
    }
}
