//! Suspends a company or a card, and lifts it. Open sessions can do nothing from then on: their requests are
//! refused (`bidder::admission`), and when they ask for their progress, they are back at the beginning
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
    store::{Act, EventKind, Holder, Reader, Writer},
};

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// The company with that number, with all its cards and IDs.
    Company(String),
    /// The registered card with that row id.
    Card(i64),
    /// The ID with that row id.
    Account(i64),
}

impl Target {
    fn holder(&self) -> Option<Holder> {
        match *self {
            Self::Company(_) => None,
            Self::Card(card) => Some(Holder::Card(card)),
            Self::Account(account) => Some(Holder::Account(account)),
        }
    }

    /// The audit actions for suspending and lifting it.
    fn actions(&self) -> [AuditAction; 2] {
        match self {
            Self::Company(_) => [AuditAction::CompanySuspended, AuditAction::CompanyLifted],
            Self::Card(_) => [AuditAction::CardSuspended, AuditAction::CardLifted],
            Self::Account(_) => [AuditAction::IdSuspended, AuditAction::IdLifted],
        }
    }
}

/// Suspends it.
///
/// # Errors
/// `reason_missing`, `not_found`, `stale` when it is already suspended, `wrong_state` for a replaced card.
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
            let number = find(writer, acting.agency(), &target)?;
            let now = shared.outside.now();
            let officer = acting.officer.login_id.clone();
            let suspension = Suspension { reason, officer, at_unix_ms: now };
            let is_new = match target {
                Target::Company(_) => writer.suspend(acting.agency(), &number, None, &suspension)?,
                Target::Card(card) => writer.suspend(acting.agency(), &number, Some(card), &suspension)?,
                Target::Account(account) => writer.suspend_account(account, &suspension)?,
            };
            if !is_new {
                return Err(ApiErrorCode::Stale.into());
            }
            let [action, _] = target.actions();
            note(writer, &acting, (&number, target.holder()), (action, &suspension.reason), now)?;
            detail(writer, &shared, acting.agency(), &number)
        })
        .await
}

/// Lifts its suspension.
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
            let number = find(writer, acting.agency(), &target)?;
            let was_suspended = match target {
                Target::Company(_) => writer.lift(acting.agency(), &number, None)?,
                Target::Card(card) => writer.lift(acting.agency(), &number, Some(card))?,
                Target::Account(account) => writer.lift_account(account)?,
            };
            if !was_suspended {
                return Err(ApiErrorCode::Stale.into());
            }
            let [_, action] = target.actions();
            note(writer, &acting, (&number, target.holder()), (action, &reason), shared.outside.now())?;
            detail(writer, &shared, acting.agency(), &number)
        })
        .await
}

fn find(reader: &Reader<'_>, agency: &str, target: &Target) -> Result<String, Error> {
    match target {
        Target::Company(number) => match reader.roster_row(agency, number)? {
            Some(row) => Ok(row.number),
            None => Err(ApiErrorCode::NotFound.into()),
        },
        Target::Card(card) => match reader.company_of_card(agency, *card)? {
            Some((_, true)) => Err(ApiErrorCode::WrongState.into()),
            Some((number, false)) => Ok(number),
            None => Err(ApiErrorCode::NotFound.into()),
        },
        Target::Account(account) => match reader.account(agency, *account)? {
            Some(account) => Ok(account.number),
            None => Err(ApiErrorCode::NotFound.into()),
        },
    }
}

/// Records it in timeline and audit chain. The reason stays out of the chain: it may name a person.
pub(in crate::officer) fn note(
    writer: &Writer<'_>,
    acting: &Acting,
    (number, holder): (&str, Option<Holder>),
    (action, reason): (AuditAction, &str),
    now: i64,
) -> Result<(), Error> {
    let kind = EventKind::of(action).ok_or(Error::Defect("an action on a company is no event of it"))?;
    let act = Act { officer: &acting.officer.login_id, reason, ..Act::of(kind) };
    writer.record_act(acting.agency(), number, holder, &act, now)?;
    let detail = match holder {
        Some(Holder::Card(card)) => Detail::Card(card),
        Some(Holder::Account(account)) => Detail::Account(account),
        _ => Detail::None,
    };
    acting.record(writer, action, number, &detail, now)
}
