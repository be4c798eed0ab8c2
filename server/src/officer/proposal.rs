//! 機関設定 that changes who is trusted: no administrator decides it alone.
//!
//! Another one confirms it. Where the agency has no other, it takes effect at the earliest a day after all
//! officers were notified; stopping the others first does not immediately make an administrator the only one.

use std::sync::Arc;

use touroku_proto::{
    api::ApiErrorCode,
    officer::{
        Role,
        audit::{AuditAction, Detail, ProfileDifference},
        profile::{ConfirmProfile, Confirmation, KeyChange, NewProfile, ProfileProposal},
        review::ApprovalBlock,
    },
};

use super::{Acting, profile::hash};
use crate::{
    agency::difference,
    app::App,
    error::Error,
    japan,
    mail::notice::{Notice, everybody},
    review::{NEW_FOR, Relation, blocked, relation},
    store::{Makings, Proposal, Reader},
};

/// How long a sole administrator waits after everybody was notified, in milliseconds.
const NOTICE: i64 = 24 * 3_600_000;

/// The most bytes of keys and values in an entry of 監査記録.
const ROOM: usize = 24 * 1024;

/// The proposal, as that officer sees it. `text` is the one in effect.
pub(super) async fn shown(
    app: &Arc<App>,
    acting: &Acting,
    text: &str,
) -> Result<Option<ProfileProposal>, Error> {
    let (acting, now) = (acting.clone(), app.outside.now());
    let found = app.store.read(move |reader| {
        let Some(proposal) = reader.proposal(acting.agency())? else { return Ok(None) };
        let confirm = match refusal(reader, &acting, &proposal, now)? {
            None => Confirmation::Now,
            Some((_, Some(from))) => Confirmation::From(from),
            Some((_, None)) => Confirmation::Another,
        };
        Ok(Some((proposal, confirm)))
    });
    Ok(found.await?.map(|(proposal, confirm)| ProfileProposal {
        hash: hash(&proposal.text),
        changes: difference(text, &proposal.text),
        officer: proposal.officer,
        at_unix_ms: proposal.at,
        confirm,
    }))
}

/// Why that officer can't confirm it, and from when on they can.
fn refusal(
    reader: &Reader<'_>,
    acting: &Acting,
    proposal: &Proposal,
    now: i64,
) -> Result<Option<(ApiErrorCode, Option<i64>)>, Error> {
    let login_id = acting.officer.login_id.as_str();
    if acting.officer.role < Role::Manage {
        return Ok(Some((ApiErrorCode::Forbidden, None)));
    }
    if proposal.officer.eq_ignore_ascii_case(login_id) {
        let from = proposal.at + NOTICE;
        return Ok(match proposal.needs_second {
            true => Some((ApiErrorCode::SameOfficer, None)),
            false if now < from => Some((ApiErrorCode::WrongState, Some(from))),
            false => None,
        });
    }
    Ok(match blocked(reader, acting.agency(), login_id, &[&proposal.officer], (proposal.at, now))? {
        Some(ApprovalBlock::New(from)) => Some((ApiErrorCode::ApproverDependent, Some(from))),
        Some(ApprovalBlock::Made) => Some((ApiErrorCode::ApproverDependent, None)),
        None => None,
    })
}

/// Whether the agency has another administrator who could confirm what this one proposes. One whom they made, or the
/// other way round, can't, and it would wait forever; but who was made just now still counts, as who was stopped does.
fn has_second(reader: &Reader<'_>, agency: &str, by: &str, now: i64) -> Result<bool, Error> {
    let since = now - NEW_FOR;
    let is_recent = |login_id: &str| Ok::<_, Error>(reader.made_at(agency, login_id)? > Some(since));
    let managers = reader.managers(agency, since)?;
    for other in managers.iter().filter(|other| !other.eq_ignore_ascii_case(by)) {
        let relation = relation(reader, agency, [by, other], Makings::LASTING)?;
        if relation != Some(Relation::Made) || is_recent(by)? || is_recent(other)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Stores a proposal for another administrator, replacing the previous one, and notifies all officers.
pub(super) async fn propose(
    app: &Arc<App>,
    acting: &Acting,
    new: NewProfile,
    changes: Vec<KeyChange>,
) -> Result<(), Error> {
    let (shared, acting, now) = (Arc::clone(app), acting.clone(), app.outside.now());
    let proposed = app.store.write(move |writer| {
        let (agency, by) = (acting.agency(), acting.officer.login_id.as_str());
        let needs_second = has_second(writer, agency, by, now)?;
        let keys: Vec<String> = changes
            .iter()
            .filter(|change| change.sensitive)
            .map(|change| format!("・{}", change.key))
            .collect();
        let then = match needs_second {
            true => "役割が「管理」の、ほかの担当者が確認すると、使い始めます。".to_owned(),
            false => format!(
                "ほかに役割が「管理」の担当者がいないため、{}からは、{by} だけで反映できます。",
                japan::minute(now + NOTICE)
            ),
        };
        let detail = Detail::Profile(noted(&new.text, changes));
        let NewProfile { text, base } = new;
        let proposal = Proposal { text, base, officer: by.to_owned(), at: now, needs_second };
        writer.propose(agency, &proposal)?;
        acting.record(writer, AuditAction::ProfileProposed, agency, &detail, now)?;
        let profile = shared.agencies.profile(agency)?;
        let notice = Notice::Proposed { by, keys: &keys.join("\n"), then: &then };
        notice.send(&shared.officer_desk(writer, profile, now), &everybody(writer, profile, now)?)
    });
    proposed.await?;
    app.mail_queued.notify_one();
    Ok(())
}

/// The proposal, if that officer may confirm it.
pub(super) async fn confirmed(
    app: &Arc<App>,
    acting: &Acting,
    request: &ConfirmProfile,
) -> Result<NewProfile, Error> {
    let (acting, request, now) = (acting.clone(), request.clone(), app.outside.now());
    app.store
        .read(move |reader| {
            let waiting = reader.proposal(acting.agency())?;
            let proposal = waiting.filter(|proposal| hash(&proposal.text) == request.hash);
            let proposal = proposal.ok_or(ApiErrorCode::Stale)?;
            match refusal(reader, &acting, &proposal, now)? {
                Some((code, _)) => Err(code.into()),
                None => Ok(NewProfile { text: proposal.text, base: proposal.base }),
            }
        })
        .await
}

pub async fn withdraw(app: &Arc<App>, acting: &Acting) -> Result<(), Error> {
    let (acting, now) = (acting.clone(), app.outside.now());
    app.store
        .write(move |writer| {
            let Some(proposal) = writer.proposal(acting.agency())? else { return Ok(()) };
            writer.end_proposal(acting.agency())?;
            let detail = Detail::Profile(noted(&proposal.text, Vec::new()));
            acting.record(writer, AuditAction::ProfileWithdrawn, acting.agency(), &detail, now)
        })
        .await
}

/// What 監査記録 records of it: first what decides who is trusted.
pub(crate) fn noted(text: &str, mut changes: Vec<KeyChange>) -> ProfileDifference {
    let all = changes.len();
    changes.sort_by_key(|change| !change.sensitive);
    let mut room = ROOM;
    changes.retain(|change| {
        let values = [&change.before, &change.after].into_iter().flatten().map(String::len).sum::<usize>();
        let fits = change.key.len() + values <= room;
        room -= if fits { change.key.len() + values } else { 0 };
        fits
    });
    let left_out = u32::try_from(all - changes.len()).unwrap_or(u32::MAX);
    ProfileDifference { sha256: hash(text), changes, left_out }
}
