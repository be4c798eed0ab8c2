//! Who may go on: not those whom officers suspended, nor a card whose registration waits.

use touroku_proto::{account::ApplicationState, api::ApiErrorCode, field::FieldId};

use super::card::Card;
use crate::{
    agency::Agencies,
    error::Error,
    store::{Account, CardIdentity, Reader, RegisteredCard},
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

/// Refuses an ID that is suspended, or whose company is.
pub(super) fn admit_account(reader: &Reader<'_>, agency: &str, account: &Account) -> Result<(), Error> {
    admit_company(reader, agency, &account.number)?;
    match reader.account_suspension(account.id)? {
        Some(_) => Err(ApiErrorCode::AccountSuspended.into()),
        None => Ok(()),
    }
}

/// Whether a refusal says that the company, the card or the ID is suspended.
pub(super) fn is_suspension(refusal: ApiErrorCode) -> bool {
    matches!(
        refusal,
        ApiErrorCode::CompanySuspended | ApiErrorCode::CardSuspended | ApiErrorCode::AccountSuspended
    )
}

/// Refuses a card that waits for its 審査.
pub(super) fn refuse_pending(reader: &Reader<'_>, agency: &str, card: &CardIdentity) -> Result<(), Error> {
    let latest = reader.latest_card_application(agency, card)?;
    match latest.map(|application| application.state) {
        Some(ApplicationState::Pending) => Err(ApiErrorCode::RegistrationPending.into()),
        _ => Ok(()),
    }
}

/// The registration of a card that was proved; refuses one that has none, or had one.
pub(super) fn registered(
    reader: &Reader<'_>,
    agencies: &Agencies,
    agency: &str,
    card: &CardIdentity,
) -> Result<RegisteredCard, Error> {
    match reader.card(agency, card)? {
        Some(registered) => Ok(registered),
        None => {
            refuse_replaced(reader, agencies, agency, card)?;
            Err(ApiErrorCode::CardNotRegistered.into())
        }
    }
}

/// Refuses a card that was proved and in whose place another one has come, and tells which.
pub(super) fn refuse_replaced(
    reader: &Reader<'_>,
    agencies: &Agencies,
    agency: &str,
    card: &CardIdentity,
) -> Result<(), Error> {
    let Some(certificate) = reader.successor(agency, card)? else { return Ok(()) };
    let mut values = Card::read(&certificate)?.values(agencies);
    values.0.retain(|field, _| matches!(field, FieldId::CardHolderName | FieldId::CertificateExpiry));
    Err(Error::Replaced(values))
}

/// Refuses a card that was proved and can't be registered any more: it was, or waits for its 審査. One that was
/// rejected can.
pub(super) fn admit_new_card(
    reader: &Reader<'_>,
    agencies: &Agencies,
    agency: &str,
    card: &CardIdentity,
) -> Result<(), Error> {
    refuse_known(reader, agencies, agency, card)?;
    refuse_pending(reader, agency, card)
}

/// Refuses a card that was proved and is registered, or was.
pub(super) fn refuse_known(
    reader: &Reader<'_>,
    agencies: &Agencies,
    agency: &str,
    card: &CardIdentity,
) -> Result<(), Error> {
    if reader.knows_card(agency, card)? {
        refuse_replaced(reader, agencies, agency, card)?;
        return Err(ApiErrorCode::CardAlreadyRegistered.into());
    }
    Ok(())
}
