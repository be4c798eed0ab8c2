//! Who may go on: not those suspended by officers, nor a card whose registration is pending.

use touroku_proto::{
    account::ApplicationState, agency::Category, api::ApiErrorCode, field::FieldId,
    officer::company::PermitState,
};

use crate::{
    agency::Agencies,
    error::Error,
    registry::card::Card,
    store::{Account, CardIdentity, Reader, RegisteredCard, Session},
};

/// Refuses a suspended company.
pub(crate) fn admit_company(reader: &Reader<'_>, session: &Session, number: &str) -> Result<(), Error> {
    let found = reader.company_suspension(&session.agency, number, session.read_at)?;
    match found.filter(|suspension| suspension.in_force) {
        Some(suspension) => Err(Error::Suspended { until: suspension.period.until }),
        None => Ok(()),
    }
}

/// Refuses an application for an ID without 許可 of the company's 利用申請書, where the category asks for that.
pub(crate) fn admit_application_of(
    reader: &Reader<'_>,
    agency: &str,
    category: &Category,
    number: &str,
) -> Result<(), Error> {
    if !category.permit {
        return Ok(());
    }
    match reader.permit(agency, number)?.map(|permit| permit.state) {
        Some(PermitState::Permitted) => Ok(()),
        Some(PermitState::Received) => Err(ApiErrorCode::PermitPending.into()),
        None => Err(ApiErrorCode::PermitMissing.into()),
    }
}

/// Refuses a registered card that is suspended, or whose company is.
pub(super) fn admit_card(reader: &Reader<'_>, session: &Session, card: &RegisteredCard) -> Result<(), Error> {
    admit_company(reader, session, &card.number)?;
    match reader.card_suspension(card.id)? {
        Some(_) => Err(ApiErrorCode::CardSuspended.into()),
        None => Ok(()),
    }
}

/// Refuses an ID that is suspended, or whose company is.
pub(crate) fn admit_account(reader: &Reader<'_>, session: &Session, account: &Account) -> Result<(), Error> {
    admit_company(reader, session, &account.number)?;
    match reader.account_suspension(account.id)? {
        Some(_) => Err(ApiErrorCode::AccountSuspended.into()),
        None => Ok(()),
    }
}

/// Whether a failure means that the company, the card or the ID is suspended.
pub(super) fn is_suspension(error: &Error) -> bool {
    matches!(
        error.code(),
        ApiErrorCode::CompanySuspended | ApiErrorCode::CardSuspended | ApiErrorCode::AccountSuspended
    )
}

/// Refuses a card whose 審査 is pending.
pub(super) fn refuse_pending(reader: &Reader<'_>, agency: &str, card: &CardIdentity) -> Result<(), Error> {
    let latest = reader.latest_card_application(agency, card)?;
    match latest.map(|application| application.state) {
        Some(ApplicationState::Pending) => Err(ApiErrorCode::RegistrationPending.into()),
        _ => Ok(()),
    }
}

/// The registration of a proved card; refuses one that has none, or no longer has one.
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

/// Refuses a proved card that has been replaced by another, and says which.
pub(super) fn refuse_replaced(
    reader: &Reader<'_>,
    agencies: &Agencies,
    agency: &str,
    card: &CardIdentity,
) -> Result<(), Error> {
    let Some(certificate) = reader.successor(agency, card)? else { return Ok(()) };
    let mut values = Card::read(agencies, &certificate)?.values();
    values.0.retain(|field, _| matches!(field, FieldId::CardHolderName | FieldId::CertificateExpiry));
    Err(Error::Replaced(values))
}

/// Refuses a proved card that can't be registered any more: it is registered, or its 審査 is pending. A rejected
/// one can.
pub(crate) fn admit_new_card(
    reader: &Reader<'_>,
    agencies: &Agencies,
    agency: &str,
    card: &CardIdentity,
) -> Result<(), Error> {
    refuse_known(reader, agencies, agency, card)?;
    refuse_pending(reader, agency, card)
}

/// Refuses a card that nobody would review and that was stopped while it was: it withdrew, and comes in another way.
pub(crate) fn refuse_stopped(
    reader: &Reader<'_>,
    agency: &str,
    number: &str,
    card: &CardIdentity,
) -> Result<(), Error> {
    if reader.was_stopped(agency, number, card)? {
        return Err(ApiErrorCode::CardSuspended.into());
    }
    Ok(())
}

/// Refuses a proved card that is registered, or was.
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
