//! Who may go on: not those whom officers suspended, nor a card whose registration waits.

use touroku_proto::{account::ApplicationState, api::ApiErrorCode};

use crate::{
    error::Error,
    store::{CardIdentity, Reader, RegisteredCard},
};

/// Refuses a company that is suspended.
pub(super) fn admit_company(reader: &Reader<'_>, agency: &str, number: &str) -> Result<(), Error> {
    match reader.company_suspension(agency, number)? {
        Some(_) => Err(ApiErrorCode::CompanySuspended.into()),
        None => Ok(()),
    }
}

/// Refuses a registered card that is suspended, or whose company is.
pub(super) fn admit_card(reader: &Reader<'_>, agency: &str, card: &RegisteredCard) -> Result<(), Error> {
    admit_company(reader, agency, &card.number)?;
    match reader.card_suspension(card.id)? {
        Some(_) => Err(ApiErrorCode::CardSuspended.into()),
        None => Ok(()),
    }
}

/// Whether a refusal says that officers suspended the company or the card.
pub(super) fn is_suspension(refusal: ApiErrorCode) -> bool {
    matches!(refusal, ApiErrorCode::CompanySuspended | ApiErrorCode::CardSuspended)
}

/// Refuses a card that waits for its 審査.
pub(super) fn refuse_pending(reader: &Reader<'_>, agency: &str, card: &CardIdentity) -> Result<(), Error> {
    let latest = reader.latest_card_application(agency, card)?;
    match latest.map(|application| application.state) {
        Some(ApplicationState::Pending) => Err(ApiErrorCode::RegistrationPending.into()),
        _ => Ok(()),
    }
}

/// Refuses a card that can't be registered any more: it was, or waits for its 審査. One that was rejected can.
pub(super) fn admit_new_card(reader: &Reader<'_>, agency: &str, card: &CardIdentity) -> Result<(), Error> {
    if reader.knows_card(agency, card)? {
        return Err(ApiErrorCode::CardAlreadyRegistered.into());
    }
    refuse_pending(reader, agency, card)
}
