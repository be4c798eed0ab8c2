//! The seal on a chain's end: made with the server's key, which is not in the database.

use std::sync::Arc;

use touroku_proto::officer::audit::{AuditAction, AuditHead, Detail};

use super::{Broken, How, check::tell_officers};
use crate::{
    app::App,
    error::Error,
    mail::{
        Desk,
        notice::{Notice, everybody},
    },
    store::{Actor, Reader, Seal, seal_of},
};

/// How often the officers are mailed the end of the chain, in milliseconds.
const WEEK: i64 = 7 * 86_400_000;

/// Whether the end of an agency's chain is not one that this server sealed: then nobody knows what was replaced.
pub(super) fn unsealed(reader: &Reader<'_>, app: &App, agency: &str) -> Result<Option<Broken>, Error> {
    let Some(head) = reader.sealed_head(agency)? else { return Ok(None) };
    let is_sound = seal_of(&app.key, &head)? == Seal::Sound;
    Ok((!is_sound).then_some(Broken { at: head.sequence, how: How::Unsealed }))
}

/// Seals the end of a chain by the current key, records that and notifies all officers. The server never does so by
/// itself: whoever rewrites a chain in the database only has to remove its seal as well.
pub fn seal_again(desk: &Desk<'_>, head: &AuditHead) -> Result<(), Error> {
    let &Desk { writer, profile, now, .. } = desk;
    writer.reseal(&head.agency)?;
    let detail = Detail::Before(head.sequence + 1);
    writer.record_deed(Actor::command(&head.agency), AuditAction::AuditResealed, "", &detail, now)?;
    Notice::Resealed(head.sequence).send(desk, &everybody(writer, profile, now)?)
}

pub async fn head(app: &Arc<App>, agency: &str) -> Result<Option<AuditHead>, Error> {
    let agency = agency.to_owned();
    app.store.read(move |reader| reader.sealed_head(&agency)).await
}

/// For each agency: notifies all officers of an end without a seal by the current key, as of any other broken entry;
/// mails them the end every week.
pub async fn tend(app: &Arc<App>) {
    for profile in app.agencies.all() {
        let (shared, agency, now) = (Arc::clone(app), profile.code.clone(), app.outside.now());
        let tended = app.store.write(move |writer| {
            if let Some(Broken { at, .. }) = unsealed(writer, &shared, &agency)? {
                tell_officers(writer, &shared, &agency, at, now)?;
                return writer.note_broken(&agency, at);
            }
            // Later than now: a clock was ahead.
            let mailed_at = writer.head_mailed_at(&agency)?;
            let Some(head) = writer.sealed_head(&agency)?.filter(|_| !(0..WEEK).contains(&(now - mailed_at)))
            else {
                return Ok(());
            };
            let profile = shared.agencies.profile(&agency)?;
            let desk = shared.officer_desk(writer, profile, now);
            writer.note_head_mailed(&agency, now)?;
            let line = head.to_line();
            Notice::Head { line: &line }.send(&desk, &everybody(writer, profile, now)?)
        });
        match tended.await {
            Ok(()) => app.mail_queued.notify_one(),
            Err(error) => {
                tracing::error!(%error, agency = profile.code, "an audit chain's end can't be mailed");
            }
        }
    }
}
