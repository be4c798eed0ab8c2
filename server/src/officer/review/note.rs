//! What officers write down about an application for one another.

use std::sync::Arc;

use touroku_proto::{
    api::ApiErrorCode,
    officer::{
        audit::{AuditAction, Detail},
        review::{AddNote, ApplicationDetail, ReviewKind, ReviewNote},
    },
};

use super::detail::Shown;
use crate::{
    app::App,
    error::Error,
    officer::{Acting, reason::reason},
    store::Subject,
};

/// Adds a note, whatever the application's state.
///
/// # Errors
/// `not_found`, `reason_missing`.
pub async fn note(
    app: &Arc<App>,
    acting: Acting,
    kind: ReviewKind,
    id: i64,
    request: AddNote,
) -> Result<ApplicationDetail, Error> {
    let text = reason(&request.text)?;
    let shared = Arc::clone(app);
    app.store
        .write(move |writer| {
            let (agencies, now) = (&shared.agencies, shared.outside.now());
            let profile = agencies.profile(acting.agency())?;
            let subject = Subject { kind, id };
            let look = || -> Result<Shown, Error> {
                Ok(Shown::of(writer, agencies, profile, subject)?.ok_or(ApiErrorCode::NotFound)?)
            };
            let item = look()?.item;
            let officer = acting.officer.login_id.clone();
            let note = ReviewNote { officer, at_unix_ms: now, text };
            writer.add_review_note(acting.agency(), subject, &note)?;
            let filed = Detail::Filed(kind, item.receipt);
            acting.record(writer, AuditAction::ApplicationNoted, &item.number, &filed, now)?;
            look()?.detail(writer, (agencies, profile), &acting, now)
        })
        .await
}
