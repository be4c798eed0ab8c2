//! Checks whole chains: every night, and when an officer asks for it. The result is stored and shown.

use std::{sync::Arc, time::Duration};

use touroku_proto::officer::audit::{AuditAction, AuditCheck, Detail};

use super::{BATCH, Broken, Chain, running::Running, seal::unsealed};
use crate::{
    app::App,
    error::Error,
    japan,
    mail::notice::{Notice, everybody},
    officer::Acting,
    store::{AuditProof, Writer},
};

/// When chains are checked: milliseconds after midnight in Japan.
const AT: i64 = 2 * 3_600_000;

/// The result of a check must not be lost to a briefly busy database: storing it is tried this often, with pauses.
const TRIES: u32 = 5;
const PAUSE: Duration = Duration::from_secs(2);

/// Checks all chains not checked yet this night.
pub async fn check_all(app: &Arc<App>) {
    let night = |time: i64| japan::day(time - AT);
    for profile in app.agencies.all() {
        let agency = profile.code.clone();
        let now = app.outside.now();
        let checked = async {
            let proof = {
                let agency = agency.clone();
                app.store.read(move |reader| reader.audit_proof(&agency)).await?
            };
            // Not "or later": a clock that was once ahead must not suspend the nightly checks until then.
            if proof.is_some_and(|proof| night(proof.checked_at) == night(now)) {
                return Ok(());
            }
            match app.audit_checks.begin(&agency) {
                Some(running) => check(app, running).await,
                None => Ok(()),
            }
        };
        if let Err::<(), Error>(error) = checked.await {
            tracing::error!(%error, agency = profile.code, "an audit chain can't be looked through");
        }
    }
}

/// Starts a check of the whole chain, unless one is running. Returns its progress.
pub async fn begin_check(app: &Arc<App>, acting: Acting) -> Result<AuditCheck, Error> {
    let agency = acting.agency().to_owned();
    if let Some(running) = app.audit_checks.begin(&agency) {
        let now = app.outside.now();
        app.store
            .write(move |writer| acting.record(writer, AuditAction::AuditChecked, "", &Detail::None, now))
            .await?;
        let shared = Arc::clone(app);
        tokio::spawn(async move {
            let agency = running.agency.clone();
            if let Err(error) = check(&shared, running).await {
                tracing::error!(%error, agency, "an audit chain can't be looked through");
            }
        });
    }
    check_state(app, &agency).await
}

/// The result of the last check of the whole chain, and the progress of a running one.
pub async fn check_state(app: &Arc<App>, agency: &str) -> Result<AuditCheck, Error> {
    // Read first: a check ending in between is reported as over next time, not as never begun.
    let proved = app.audit_checks.proved(agency);
    let read = {
        let agency = agency.to_owned();
        app.store.read(move |reader| {
            Ok((reader.audit_proof(&agency)?.unwrap_or_default(), reader.audit_head(&agency)?))
        })
    };
    let (proof, head) = read.await?;
    Ok(AuditCheck {
        proved,
        entries: head.map_or(0, |(sequence, _)| sequence),
        checked_unix_ms: Some(proof.checked_at).filter(|&at| at > 0),
        broken_at: proof.broken_at,
    })
}

async fn check(app: &Arc<App>, running: Running) -> Result<(), Error> {
    let began = {
        let agency = running.agency.clone();
        app.store.read(move |reader| Ok(reader.audit_proof(&agency)?.unwrap_or_default())).await?
    };
    let mut chain = Chain::of(&running.agency);
    chain.must_pass(began.sequence, &began.hash);
    let broken = follow_all(app, &running, &mut chain).await?;
    if let Some(Broken { at, .. }) = broken {
        tracing::error!(agency = running.agency, entry = at, "the audit chain is broken");
    }
    let (sequence, hash) = chain.head();
    let found = match broken {
        Some(Broken { at, .. }) => Err(at),
        None => Ok((sequence, hash.to_owned())),
    };
    let mut tries = TRIES;
    loop {
        match keep(app, &running.agency, &began, &found).await {
            Err(Error::Busy) if tries > 1 => tries -= 1,
            kept => break kept?,
        }
        tokio::time::sleep(PAUSE).await;
    }
    app.mail_queued.notify_one();
    Ok(())
}

/// Stores the result of a check that began with this proof, and notifies the officers.
async fn keep(
    app: &Arc<App>,
    agency: &str,
    began: &AuditProof,
    found: &Result<(i64, String), i64>,
) -> Result<(), Error> {
    let (shared, now) = (Arc::clone(app), app.outside.now());
    let (agency, began, found) = (agency.to_owned(), began.clone(), found.clone());
    let kept = app.store.write(move |writer| {
        if let Err(at) = found {
            tell_officers(writer, &shared, &agency, at, now)?;
        }
        writer.note_checked(&agency, &began, found, now)
    });
    kept.await
}

/// Notifies the officers of a broken entry when it is found, not every night again.
pub(super) fn tell_officers(
    writer: &Writer<'_>,
    app: &App,
    agency: &str,
    at: i64,
    now: i64,
) -> Result<(), Error> {
    let is_known = writer.audit_proof(agency)?.is_some_and(|proof| proof.broken_at.is_some());
    match app.agencies.profile(agency) {
        Ok(profile) if !is_known => {
            let desk = app.officer_desk(writer, profile, now);
            Notice::BrokenAudit(at).send(&desk, &everybody(writer, profile, now)?)
        }
        _ => Ok(()),
    }
}

async fn follow_all(
    app: &Arc<App>,
    running: &Running,
    chain: &mut Chain<'_>,
) -> Result<Option<Broken>, Error> {
    loop {
        let (after, agency) = (chain.head().0, running.agency.clone());
        let read = app.store.read(move |reader| {
            Ok((reader.audit_entries(&agency, after, BATCH)?, reader.audit_head(&agency)?))
        });
        let (entries, head) = read.await?;
        if entries.is_empty() {
            if let Err(broken) = chain.end(head) {
                return Ok(Some(broken));
            }
            let (shared, agency) = (Arc::clone(app), running.agency.clone());
            return app.store.read(move |reader| unsealed(reader, &shared, &agency)).await;
        }
        for entry in &entries {
            if let Err(broken) = chain.follow(entry)? {
                return Ok(Some(broken));
            }
        }
        running.checks.set(&running.agency, chain.head().0);
        // Millions of entries in a row: let requests run in between.
        tokio::task::yield_now().await;
    }
}
