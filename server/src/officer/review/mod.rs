//! 審査: the queue, an application side by side with roster and certificate, and the decision.

mod detail;
mod rows;

use std::sync::Arc;

use touroku_proto::{
    api::ApiErrorCode,
    officer::review::{ApplicationDetail, ApplicationPage, Decide, Queue, ReviewKind, ReviewState},
};

use self::detail::Shown;
use super::{Acting, reason::reason};
use crate::{
    app::App,
    error::Error,
    review::{Decision, Reviewed, decide_account, decide_card},
    store::{QueuePlace, Subject},
};

const PAGE: usize = 50;

/// A page of the queue, after the position returned with the previous page.
pub async fn applications(
    app: &Arc<App>,
    acting: Acting,
    queue: Queue,
    after: &str,
) -> Result<ApplicationPage, Error> {
    let after =
        if after.is_empty() { None } else { Some(read_place(after).ok_or(ApiErrorCode::BadRequest)?) };
    let shared = Arc::clone(app);
    app.store
        .read(move |reader| {
            let agency = acting.agency();
            let profile = shared.agencies.profile(agency)?;
            let most = u32::try_from(PAGE + 1).unwrap_or(u32::MAX);
            let mut places = match queue {
                Queue::Pending => reader.pending_reviews(agency, after, most)?,
                Queue::Decided => reader.decided_reviews(agency, after, most)?,
            };
            let more = places.len() > PAGE;
            places.truncate(PAGE);
            let next = places.last().filter(|_| more).map(write_place);
            let applications = places
                .iter()
                .map(|place| {
                    let shown = Shown::of(reader, &shared.agencies, profile, place.subject)?;
                    shown
                        .map(|shown| shown.item)
                        .ok_or(Error::Defect("an application in the queue is not there"))
                })
                .collect::<Result<_, _>>()?;
            let (pending, _) = reader.pending_count(agency)?;
            Ok(ApplicationPage { applications, next, pending })
        })
        .await
}

/// An application in its current state.
///
/// # Errors
/// `not_found`.
pub async fn application(
    app: &Arc<App>,
    acting: Acting,
    kind: ReviewKind,
    id: i64,
) -> Result<ApplicationDetail, Error> {
    let shared = Arc::clone(app);
    app.store
        .read(move |reader| {
            let profile = shared.agencies.profile(acting.agency())?;
            let shown = Shown::of(reader, &shared.agencies, profile, Subject { kind, id })?;
            shown.ok_or(ApiErrorCode::NotFound)?.detail(
                reader,
                (&shared.agencies, profile),
                &acting,
                shared.outside.now(),
            )
        })
        .await
}

/// Decides an application that has not changed since the officer saw it.
///
/// # Errors
/// `not_found`, `stale`, `same_officer`, `reason_missing`, `wrong_state`.
pub async fn decide(
    app: &Arc<App>,
    acting: Acting,
    kind: ReviewKind,
    id: i64,
    request: Decide,
) -> Result<ApplicationDetail, Error> {
    let rejected_for = if request.approve { None } else { Some(reason(&request.reason)?) };
    let shared = Arc::clone(app);
    let detail = app
        .store
        .write(move |writer| {
            let (login_id, agencies) = (acting.officer.login_id.as_str(), &shared.agencies);
            let profile = agencies.profile(acting.agency())?;
            let subject = Subject { kind, id };
            let look = || -> Result<Shown, Error> {
                let shown = Shown::of(writer, agencies, profile, subject)?;
                Ok(shown.ok_or(ApiErrorCode::NotFound)?)
            };
            let shown = look()?;
            if matches!(
                shown.item.state,
                ReviewState::Approved | ReviewState::Rejected | ReviewState::Withdrawn
            ) {
                return Err(ApiErrorCode::Stale.into());
            }
            // The first approver's page is older than their own approval.
            if request.approve && shown.is_approved_by(login_id) {
                return Err(ApiErrorCode::SameOfficer.into());
            }
            if shown.revision()? != request.revision {
                return Err(ApiErrorCode::Stale.into());
            }
            let decision = rejected_for.as_deref().map_or(Decision::Approve, Decision::Reject);
            let desk = shared.desk(writer, profile, shared.outside.now());
            let reviewed = match kind {
                ReviewKind::Account => {
                    decide_account(&desk, &shown.item.number, id, decision, acting.actor())?
                }
                ReviewKind::Card => decide_card(&desk, agencies, id, decision, acting.actor())?,
            };
            match reviewed {
                Reviewed::Decided(_) | Reviewed::FirstApproved => {
                    look()?.detail(writer, (agencies, profile), &acting, shared.outside.now())
                }
                Reviewed::Dependent(_) => Err(ApiErrorCode::ApproverDependent.into()),
                Reviewed::SameOfficer => Err(ApiErrorCode::SameOfficer.into()),
                // The page was read before another one got the ユーザーID.
                Reviewed::Before(_) | Reviewed::LoginIdTaken => Err(ApiErrorCode::Stale.into()),
                // It exists, but the profile has lost its category.
                Reviewed::Unknown => Err(ApiErrorCode::WrongState.into()),
            }
        })
        .await?;
    app.mail_queued.notify_one();
    Ok(detail)
}

fn write_place(place: &QueuePlace) -> String {
    let kind = match place.subject.kind {
        ReviewKind::Account => "account",
        ReviewKind::Card => "card",
    };
    format!("{}.{kind}.{}", place.at, place.subject.id)
}

fn read_place(text: &str) -> Option<QueuePlace> {
    let (at, rest) = text.split_once('.')?;
    let (kind, id) = rest.split_once('.')?;
    let kind = match kind {
        "account" => ReviewKind::Account,
        "card" => ReviewKind::Card,
        _ => return None,
    };
    Some(QueuePlace { at: at.parse().ok()?, subject: Subject { kind, id: id.parse().ok()? } })
}
