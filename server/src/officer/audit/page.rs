//! A page of 監査記録, which verifies what has not been verified yet, and what it shows. The rest was verified
//! before, and is verified again every night.

use std::sync::Arc;

use touroku_japanese::text;
use touroku_proto::{
    agency::AgencyProfile,
    api::ApiErrorCode,
    endpoint::officer::AuditQuery,
    officer::audit::{AuditAction, AuditEntry, AuditFound, AuditPage, Detail},
};

use super::{BATCH, Broken, Chain, How, check::tell_officers, check_state, seal::unsealed};
use crate::{
    app::App,
    error::Error,
    japan,
    officer::Acting,
    store::{AuditFilter, AuditProof, Reader, Writer, hash_of},
};

const PAGE: usize = 100;

/// The most entries that a page goes on to verify: some hundredths of a second. The rest is left to the next page
/// or the nightly check.
const MOST: i64 = 10_000;

/// A page, newest first, and whether the chain is intact as far as known. The viewing itself is recorded too.
///
/// # Errors
/// `bad_request` for a day that is none.
pub async fn page(app: &Arc<App>, acting: Acting, query: AuditQuery) -> Result<AuditPage, Error> {
    let (agency, now) = (acting.agency().to_owned(), app.outside.now());
    let filter = filter(app.agencies.profile(&agency)?, &query)?;
    let (before, is_filtered) = (query.before, filter.is_some());
    let read = {
        let agency = agency.clone();
        app.store.write(move |writer| {
            let detail = before.map(Detail::Before).unwrap_or_default();
            acting.record(writer, AuditAction::AuditViewed, "", &detail, now)?;
            if is_filtered {
                return Ok((Vec::new(), None));
            }
            // One more than is shown, for the link between this page and the next.
            let entries = writer.audit_entries_back(&agency, before.unwrap_or(i64::MAX), PAGE as u32 + 1)?;
            Ok((entries, writer.audit_head(&agency)?))
        })
    };
    let (mut entries, head) = read.await?;
    let shown = match filter {
        None => prove_shown(&agency, &entries, before, head)?,
        Some(filter) => {
            entries = find(app, &agency, before, filter, PAGE as u32 + 1).await?;
            prove_each(&agency, &entries)?
        }
    };
    let is_last = entries.len() <= PAGE;
    let (proved_to, unproved) = go_on(app, &agency).await?;
    let sealed = {
        let (shared, agency) = (Arc::clone(app), agency.clone());
        app.store.read(move |reader| unsealed(reader, &shared, &agency)).await?
    };
    let found = shown.err().into_iter().chain(unproved).chain(sealed).map(|broken| broken.at).min();
    if let Some(at) = found {
        let (shared, agency) = (Arc::clone(app), agency.clone());
        let noted = app.store.write(move |writer| {
            tell_officers(writer, &shared, &agency, at, now)?;
            writer.note_broken(&agency, at)
        });
        noted.await?;
        app.mail_queued.notify_one();
    }
    let check = check_state(app, &agency).await?;
    let broken_at = found.into_iter().chain(check.broken_at).min();
    entries.truncate(PAGE);
    let next = entries.last().map(|entry| entry.sequence).filter(|_| !is_last);
    Ok(AuditPage { entries, next, broken_at, proved_to, check })
}

/// A piece of what a filter selects, newest first. Recorded as an export.
///
/// # Errors
/// As [`page`].
pub async fn list(app: &Arc<App>, acting: Acting, query: AuditQuery) -> Result<AuditFound, Error> {
    let (agency, now) = (acting.agency().to_owned(), app.outside.now());
    let filter = filter(app.agencies.profile(&agency)?, &query)?.unwrap_or_else(everything);
    let before = query.before;
    let record = move |writer: &Writer<'_>| {
        let detail = before.map(Detail::Before).unwrap_or_default();
        acting.record(writer, AuditAction::AuditExported, "", &detail, now)
    };
    app.store.write(record).await?;
    let mut entries = find(app, &agency, before, filter, BATCH + 1).await?;
    let is_last = entries.len() <= BATCH as usize;
    entries.truncate(BATCH as usize);
    let next = entries.last().map(|entry| entry.sequence).filter(|_| !is_last);
    Ok(AuditFound { entries, next })
}

async fn find(
    app: &Arc<App>,
    agency: &str,
    before: Option<i64>,
    filter: AuditFilter,
    most: u32,
) -> Result<Vec<AuditEntry>, Error> {
    let agency = agency.to_owned();
    let found =
        move |reader: &Reader<'_>| reader.audit_found(&agency, before.unwrap_or(i64::MAX), &filter, most);
    app.store.scan(found).await
}

/// What a query selects; `None`: everything.
fn filter(profile: &AgencyProfile, query: &AuditQuery) -> Result<Option<AuditFilter>, Error> {
    let day = |date: &Option<String>| match date {
        Some(date) => japan::day_of(date).map(Some).ok_or(ApiErrorCode::BadRequest),
        None => Ok(None),
    };
    let from = day(&query.from)?.map_or(i64::MIN, japan::beginning_of);
    let until = day(&query.until)?.map_or(i64::MAX, |day| japan::beginning_of(day + 1));
    let subjects = query.subject.as_ref().map(|subject| {
        let subject = text::to_half_width(subject.trim());
        (profile.search.roster_number(&subject), subject)
    });
    let actor = query.actor.as_ref().map(|actor| actor.trim().to_owned());
    let filter = AuditFilter { action: query.action, actor, subjects, days: from..until };
    Ok((filter != everything()).then_some(filter))
}

fn everything() -> AuditFilter {
    AuditFilter { action: None, actor: None, subjects: None, days: i64::MIN..i64::MAX }
}

/// Whether entries that do not follow each other are unchanged, one by one.
fn prove_each(agency: &str, entries: &[AuditEntry]) -> Result<Result<(), Broken>, Error> {
    for entry in entries {
        if hash_of(agency, entry)? != entry.hash {
            return Ok(Err(Broken { at: entry.sequence, how: How::Content }));
        }
    }
    Ok(Ok(()))
}

/// Whether the entries of a page, newest first, are unchanged, follow from each other, and none is missing.
fn prove_shown(
    agency: &str,
    entries: &[AuditEntry],
    before: Option<i64>,
    head: Option<(i64, String)>,
) -> Result<Result<(), Broken>, Error> {
    let last = head.as_ref().map_or(0, |(sequence, _)| *sequence);
    let newest = before.map_or(last, |before| last.min(before.saturating_sub(1)));
    let Some(oldest) = entries.last() else {
        return Ok(if newest > 0 { Err(Broken { at: newest, how: How::Missing }) } else { Ok(()) });
    };
    if entries.len() <= PAGE && oldest.sequence > 1 {
        return Ok(Err(Broken { at: oldest.sequence - 1, how: How::Missing }));
    }
    let mut chain = match oldest.sequence {
        1 => Chain::of(agency),
        sequence => Chain::after(agency, sequence - 1, &oldest.previous),
    };
    for entry in entries.iter().rev() {
        if let Err(broken) = chain.follow(entry)? {
            return Ok(Err(broken));
        }
    }
    if before.is_none() {
        return Ok(chain.end(head));
    }
    let (reached, _) = chain.head();
    Ok(if reached < newest { Err(Broken { at: reached + 1, how: How::Missing }) } else { Ok(()) })
}

/// Continues verifying where the last proof ended. Returns how far it got, and what is broken there.
async fn go_on(app: &Arc<App>, agency: &str) -> Result<(i64, Option<Broken>), Error> {
    let mut chain = Chain::of(agency);
    let start = {
        let agency = agency.to_owned();
        app.store.read(move |reader| {
            let proof = reader.audit_proof(&agency)?.unwrap_or_default();
            Ok((reader.audit_entries(&agency, proof.sequence - 1, 1)?.pop(), proof))
        })
    };
    let (end, proof) = start.await?;
    if proof.sequence > 0 {
        if let Some(broken) = changed_end(agency, &proof, end)? {
            return Ok((0, Some(broken)));
        }
        chain = Chain::after(agency, proof.sequence, &proof.hash);
    }
    let mut broken = None;
    while broken.is_none() && chain.head().0 - proof.sequence < MOST {
        let (after, agency) = (chain.head().0, agency.to_owned());
        let read = app.store.read(move |reader| {
            Ok((reader.audit_entries(&agency, after, BATCH)?, reader.audit_head(&agency)?))
        });
        let (entries, head) = read.await?;
        if entries.is_empty() {
            broken = chain.end(head).err();
            break;
        }
        for entry in &entries {
            if let Err(found) = chain.follow(entry)? {
                broken = Some(found);
                break;
            }
        }
    }
    let (proved_to, hash) = chain.head();
    // Not for each of the entries that pages themselves add.
    if proved_to - proof.sequence >= i64::from(BATCH) {
        let (agency, hash) = (agency.to_owned(), hash.to_owned());
        app.store.write(move |writer| writer.note_proved(&agency, proved_to, &hash)).await?;
    }
    Ok((proved_to, broken))
}

/// Whether the entry that the last proof ended with has been replaced.
fn changed_end(agency: &str, proof: &AuditProof, end: Option<AuditEntry>) -> Result<Option<Broken>, Error> {
    let how = match end {
        Some(end) if end.sequence == proof.sequence => {
            if hash_of(agency, &end)? != end.hash {
                Some(How::Content)
            } else if end.hash != proof.hash {
                Some(How::Link)
            } else {
                None
            }
        }
        _ => Some(How::Missing),
    };
    Ok(how.map(|how| Broken { at: proof.sequence, how }))
}
