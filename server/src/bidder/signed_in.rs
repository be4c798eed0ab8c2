//! Whom a session has let in, for those that use it to sign in elsewhere.

use touroku_proto::{agency::Way, api::ApiErrorCode, card::Purpose};

use super::{account, admission::admit_account, session::registered_card};
use crate::{
    agency::Agencies,
    error::Error,
    store::{Reader, Session},
};

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
            let account = account::logged_in(reader, session)?.filter(|_| is_for);
            let account = account.ok_or(ApiErrorCode::CardNotPresented)?;
            admit_account(reader, &session.agency, &account)?;
            let (number, id) = (account.number, account.id);
            Ok(SignedIn { number, card: None, account: Some(id), applied_at: account.applied_at })
        }
    }
}
