//! The seal on a chain's end: made with the server's key, which is not in the database.

use std::sync::Arc;

use touroku_proto::officer::audit::{AuditAction, AuditHead, Detail};

use super::{Broken, How};
use crate::{
    app::App,
    error::Error,
    mail::notice::{Notice, everybody},
    store::{Actor, Reader, Seal, seal_of},
};

/// How often the officers are mailed the end of the chain, in milliseconds.
const WEEK: i64 = 7 * 86_400_000;

/// Whether the end of an agency's chain is not the one that this server sealed.
pub(super) fn forged(reader: &Reader<'_>, app: &App, agency: &str) -> Result<Option<Broken>, Error> {
    let Some(head) = reader.sealed_head(agency)? else { return Ok(None) };
    let is_forged = seal_of(&app.key, &head)? == Seal::Forged;
    Ok(is_forged.then_some(Broken { at: head.sequence, how: How::Forged }))
}

pub async fn head(app: &Arc<App>, agency: &str) -> Result<Option<AuditHead>, Error> {
    let agency = agency.to_owned();
    app.store.read(move |reader| reader.sealed_head(&agency)).await
}

/// For each agency: seals an end without a seal by the current key and notifies all officers; mails them the end
/// every week.
pub async fn tend(app: &Arc<App>) {
    for profile in app.agencies.all() {
        let (shared, agency, now) = (Arc::clone(app), profile.code.clone(), app.outside.now());
        let tended = app.store.write(move |writer| {
            let Some(head) = writer.sealed_head(&agency)? else { return Ok(()) };
            let profile = shared.agencies.profile(&agency)?;
            let desk = shared.officer_desk(writer, profile, now);
            if matches!(seal_of(&shared.key, &head)?, Seal::Missing | Seal::OtherKey) {
                writer.reseal(&agency)?;
                let (actor, detail) = (Actor::server(&agency), Detail::Before(head.sequence + 1));
                writer.record_deed(actor, AuditAction::AuditResealed, "", &detail, now)?;
                Notice::Resealed(head.sequence).send(&desk, &everybody(writer, profile)?)?;
            }
            let mailed_at = writer.head_mailed_at(&agency)?;
            let Some(head) = writer.sealed_head(&agency)?.filter(|_| now - mailed_at >= WEEK) else {
                return Ok(());
            };
            if seal_of(&shared.key, &head)? != Seal::Sound {
                return Ok(());
            }
            writer.note_head_mailed(&agency, now)?;
            let line = head.to_line();
            Notice::Head { line: &line }.send(&desk, &everybody(writer, profile)?)
        });
        match tended.await {
            Ok(()) => app.mail_queued.notify_one(),
            Err(error) => {
                tracing::error!(%error, agency = profile.code, "an audit chain's end can't be sealed");
            }
        }
    }
}
