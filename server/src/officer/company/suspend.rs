//! Suspension of a company or a card, and its end. Sessions that are open do nothing more from then on: whatever they
//! ask is refused (`bidder::admission`), and when they ask how far they are, they are back at their beginning
//! (`bidder::current`).

use std::sync::Arc;

use touroku_proto::{
    api::ApiErrorCode,
    officer::{
        audit::{AuditAction, Detail},
        company::{CompanyDetail, Suspension},
    },
};

use super::detail::detail;
use crate::{
    app::App,
    error::Error,
    officer::{Acting, reason::reason},
    store::{Act, Holder, Reader, Writer},
};

/// What is suspended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// The company of that number, with all its cards and IDs.
    Company(String),
    /// The registered card of that row.
    Card(i64),
}

/// Suspends it.
///
/// # Errors
/// `reason_missing`, `not_found`, `stale` when it is suspended already, `wrong_state` for a card that was replaced.
pub async fn suspend(
    app: &Arc<App>,
    acting: Acting,
    target: Target,
    typed: &str,
) -> Result<CompanyDetail, Error> {
    let reason = reason(typed)?;
    let shared = Arc::clone(app);
    app.store
        .write(move |writer| {
            let (number, card) = find(writer, acting.agency(), &target)?;
            let now = shared.outside.now();
            let officer = acting.officer.login_id.clone();
            let suspension = Suspension { reason, officer, at_unix_ms: now };
            if !writer.suspend(acting.agency(), &number, card, &suspension)? {
                return Err(ApiErrorCode::Stale.into());
            }
            let action =
                if card.is_some() { AuditAction::CardSuspended } else { AuditAction::CompanySuspended };
            note(writer, &acting, (&number, card), (action, &suspension.reason), now)?;
            detail(writer, &shared, acting.agency(), &number)
        })
        .await
}

/// Ends its suspension.
///
/// # Errors
/// `reason_missing`, `not_found`, `stale` when it is not suspended.
pub async fn lift(
    app: &Arc<App>,
    acting: Acting,
    target: Target,
    typed: &str,
) -> Result<CompanyDetail, Error> {
    let reason = reason(typed)?;
    let shared = Arc::clone(app);
    app.store
        .write(move |writer| {
            let (number, card) = find(writer, acting.agency(), &target)?;
            if !writer.lift(acting.agency(), &number, card)? {
                return Err(ApiErrorCode::Stale.into());
            }
            let action = if card.is_some() { AuditAction::CardLifted } else { AuditAction::CompanyLifted };
            note(writer, &acting, (&number, card), (action, &reason), shared.outside.now())?;
            detail(writer, &shared, acting.agency(), &number)
        })
        .await
}

/// The company, and the card if it is one.
fn find(reader: &Reader<'_>, agency: &str, target: &Target) -> Result<(String, Option<i64>), Error> {
    match target {
        Target::Company(number) => match reader.roster_row(agency, number)? {
            Some(row) => Ok((row.number, None)),
            None => Err(ApiErrorCode::NotFound.into()),
        },
        Target::Card(card) => match reader.company_of_card(agency, *card)? {
            Some((_, true)) => Err(ApiErrorCode::WrongState.into()),
            Some((number, false)) => Ok((number, Some(*card))),
            None => Err(ApiErrorCode::NotFound.into()),
        },
    }
}

/// Into timeline and audit chain. The reason stays out of the chain: it may name a person.
pub(in crate::officer) fn note(
    writer: &Writer<'_>,
    acting: &Acting,
    (number, card): (&str, Option<i64>),
    (action, reason): (AuditAction, &str),
    now: i64,
) -> Result<(), Error> {
    let act = Act { kind: action.as_str(), officer: &acting.officer.login_id, reason };
    writer.record_act(acting.agency(), number, card.map(Holder::Card), &act, now)?;
    let detail = card.map(Detail::Card).unwrap_or_default();
    acting.record(writer, action, number, &detail, now)
}
