//! 審査: the queue, an application side by side with roster and certificate, and the decision.

mod detail;
mod note;
mod rows;

use std::sync::Arc;

use touroku_proto::{
    api::ApiErrorCode,
    officer::review::{
        ApplicationDetail, ApplicationItem, ApplicationPage, Decide, Queue, ReviewKind, ReviewState,
    },
    text::{fold_name, to_half_width},
};

use self::detail::Shown;
pub use self::note::note;
use super::{Acting, reason::reason};
use crate::{
    app::App,
    error::Error,
    review::{Decision, Reviewed, decide_account, decide_card},
    store::{QueuePlace, QueuedReview, Reader, Subject},
};

const PAGE: usize = 50;

/// How many reviews are read at a time.
const BATCH: u32 = 200;

/// How many applications are compared for a page; a page may be shorter than others.
const MOST_LOOKED: usize = 500;

/// Which part of the queue is wanted.
#[derive(Clone, Debug)]
pub struct Wanted {
    pub queue: Queue,
    /// A part of 受付番号, number or name; empty: any.
    pub query: String,
    pub kind: Option<ReviewKind>,
    /// With or without differences.
    pub differs: Option<bool>,
}

impl Wanted {
    /// The longest query, in characters.
    const MAX_QUERY: usize = 100;

    /// Whether a review matches as far as the queue itself tells.
    fn matches(&self, review: &QueuedReview, words: &Words) -> bool {
        self.kind.is_none_or(|kind| kind == review.place.subject.kind)
            && (words.narrow.is_empty()
                || review.receipt.contains(&words.narrow)
                || review.number.contains(&words.narrow)
                || fold_name(&review.name).contains(&words.name))
    }
}

/// The query in its possible meanings.
struct Words {
    narrow: String,
    name: String,
}

/// A page of the queue, after the position returned with the previous page.
pub async fn applications(
    app: &Arc<App>,
    acting: Acting,
    wanted: Wanted,
    after: &str,
) -> Result<ApplicationPage, Error> {
    if wanted.query.chars().count() > Wanted::MAX_QUERY {
        return Err(ApiErrorCode::BadRequest.into());
    }
    let after =
        if after.is_empty() { None } else { Some(read_place(after).ok_or(ApiErrorCode::BadRequest)?) };
    let shared = Arc::clone(app);
    let query = wanted.query.trim().to_owned();
    let words = Words { narrow: to_half_width(&query), name: fold_name(&query) };
    app.store
        .scan(move |reader| {
            let agency = acting.agency();
            let profile = shared.agencies.profile(agency)?;
            let look = |subject| -> Result<ApplicationItem, Error> {
                let shown = Shown::of(reader, &shared.agencies, profile, subject)?;
                Ok(shown.ok_or(Error::Defect("an application in the queue is not there"))?.item)
            };
            let (applications, next) = page(reader, agency, after, &wanted, &words, look)?;
            let (pending, _) = reader.pending_count(agency)?;
            Ok(ApplicationPage { applications, next: next.as_ref().map(write_place), pending })
        })
        .await
}

/// The applications of a page, and where the next one begins.
fn page(
    reader: &Reader<'_>,
    agency: &str,
    mut after: Option<QueuePlace>,
    wanted: &Wanted,
    words: &Words,
    look: impl Fn(Subject) -> Result<ApplicationItem, Error>,
) -> Result<(Vec<ApplicationItem>, Option<QueuePlace>), Error> {
    let (mut found, mut looked) = (Vec::new(), 0);
    loop {
        let reviews = match wanted.queue {
            Queue::Pending => reader.pending_reviews(agency, after, BATCH)?,
            Queue::Decided => reader.decided_reviews(agency, after, BATCH)?,
        };
        for review in &reviews {
            if wanted.matches(review, words) {
                if found.len() == PAGE || looked == MOST_LOOKED {
                    return Ok((found, after));
                }
                let item = look(review.place.subject)?;
                looked += 1;
                if wanted.differs.is_none_or(|differs| differs == (item.differences > 0)) {
                    found.push(item);
                }
            }
            after = Some(review.place);
        }
        if reviews.len() < BATCH as usize {
            return Ok((found, None));
        }
    }
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
                // The page was read before another one got the ユーザーID, or before the company stopped this one.
                Reviewed::Before(_) | Reviewed::LoginIdTaken | Reviewed::Suspended => {
                    Err(ApiErrorCode::Stale.into())
                }
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
