//! 利用申請書: 受理, 許可.

use std::sync::Arc;

use touroku_proto::{
    api::ApiErrorCode,
    officer::{
        audit::{AuditAction, Detail},
        company::{
            CompanyDetail, GrantPermits, GrantedPermits, MOST_PERMITS, Permit, PermitState, SetPermit,
        },
    },
};

use super::detail::detail as of_company;
use crate::{
    app::App,
    error::Error,
    officer::Acting,
    store::{Act, Actor, COMMAND, EventKind, Writer},
};

/// Sets how far a company's 利用申請書 is, and records who did. `officer`: ログインID; empty: the command line.
pub(crate) fn put_permit(
    writer: &Writer<'_>,
    (agency, number): (&str, &str),
    (actor, officer): (Actor<'_>, &str),
    state: Option<PermitState>,
    now: i64,
) -> Result<(), Error> {
    let permit = state.map(|state| Permit { state, officer: officer.to_owned(), at_unix_ms: now });
    writer.set_permit(agency, number, permit.as_ref())?;
    let action = match state {
        Some(PermitState::Received) => AuditAction::PermitReceived,
        Some(PermitState::Permitted) => AuditAction::PermitGranted,
        None => AuditAction::PermitWithdrawn,
    };
    let kind = EventKind::of(action).ok_or(Error::Defect("a permit is no event"))?;
    let doer = if officer.is_empty() { COMMAND } else { officer };
    writer.record_act(agency, number, None, &Act { officer: doer, ..Act::of(kind) }, now)?;
    writer.record_deed(actor, action, number, &Detail::None, now)
}

/// Sets how far the company's 利用申請書 is.
///
/// # Errors
/// `not_found`, `stale`, `wrong_state`.
pub async fn set_permit(
    app: &Arc<App>,
    acting: Acting,
    number: String,
    asked: SetPermit,
) -> Result<CompanyDetail, Error> {
    let is_asked = is_asked(app, &acting)?;
    let (shared, now) = (Arc::clone(app), app.outside.now());
    app.store
        .write(move |writer| {
            let agency = acting.agency();
            let number = writer.roster_row(agency, &number)?.ok_or(ApiErrorCode::NotFound)?.number;
            if !is_asked {
                return Err(ApiErrorCode::WrongState.into());
            }
            if writer.permit(agency, &number)?.map(|permit| permit.state) != asked.seen {
                return Err(ApiErrorCode::Stale.into());
            }
            let by = (acting.actor(), acting.officer.login_id.as_str());
            put_permit(writer, (agency, &number), by, asked.state, now)?;
            of_company(writer, &shared, agency, &number)
        })
        .await
}

/// 許可 of those among several companies whose 利用申請書 was received.
///
/// # Errors
/// `bad_request` for too many; `wrong_state`.
pub async fn grant_permits(
    app: &Arc<App>,
    acting: Acting,
    asked: GrantPermits,
) -> Result<GrantedPermits, Error> {
    if asked.companies.len() > MOST_PERMITS {
        return Err(ApiErrorCode::BadRequest.into());
    }
    if !is_asked(app, &acting)? {
        return Err(ApiErrorCode::WrongState.into());
    }
    let now = app.outside.now();
    app.store
        .write(move |writer| {
            let agency = acting.agency();
            let mut done = GrantedPermits { granted: 0, left: 0 };
            for number in &asked.companies {
                let permit = writer.permit(agency, number)?;
                if permit.is_none_or(|permit| permit.state != PermitState::Received) {
                    done.left += 1;
                    continue;
                }
                let by = (acting.actor(), acting.officer.login_id.as_str());
                put_permit(writer, (agency, number), by, Some(PermitState::Permitted), now)?;
                done.granted += 1;
            }
            Ok(done)
        })
        .await
}

fn is_asked(app: &App, acting: &Acting) -> Result<bool, Error> {
    Ok(app.agencies.profile(acting.agency())?.categories.iter().any(|category| category.permit))
}
