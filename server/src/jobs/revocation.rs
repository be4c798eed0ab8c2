//! Checks registered cards against current CRLs: a revoked card opens nothing any more, and its company is
//! notified once.

use std::sync::Arc;

use touroku_pki::{Cause, verify_certificate};
use touroku_proto::{agency::AgencyProfile, api::ApiErrorCode};

use crate::{
    app::App,
    error::{Error, code_of},
    japan,
    mail::{
        Letter,
        notice::{self, Notice},
    },
    registry::card::{Card, registered_values},
    store::{CardInUse, EventKind, Holder, Progress, Writer},
    trust,
};

/// How many certificates are read at once.
const BATCH: u32 = 200;

/// The nightly check's name in the store.
const NIGHTLY: &str = "revocation";

/// When the cards are checked: milliseconds after midnight in Japan.
const AT: i64 = 3 * 3_600_000;

/// The result of checking all cards.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// How many cards there are.
    pub cards: usize,
    /// Those that could not log in now, each with its reason.
    pub refused: Vec<RefusedCard>,
    /// How many were found to be revoked for the first time.
    pub newly_revoked: usize,
}

/// A registered card that could not log in now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedCard {
    /// Profile code.
    pub agency: String,
    pub number: String,
    /// Serial number of its certificate, decimal.
    pub serial: String,
    pub code: ApiErrorCode,
}

/// Fetches the CRLs that are due and checks all cards in use.
pub async fn check_cards(app: &Arc<App>) -> Result<Checked, Error> {
    app.trust.fetch_due(app.outside.now()).await;
    look_through(app, None).await
}

/// Checks all cards in use, once a night. An interrupted check resumes; `None`: this night's is done.
pub async fn check_night(app: &Arc<App>) -> Result<Option<Checked>, Error> {
    let night = japan::day(app.outside.now() - AT);
    let known = app.store.read(|reader| reader.progress(NIGHTLY)).await?;
    // Not "or later": a clock that was once ahead must not suspend the nightly checks until then.
    let begun = known.filter(|progress| progress.round == night);
    let begun = begun.unwrap_or_else(|| Progress { round: night, ..Progress::default() });
    if begun.finished {
        return Ok(None);
    }
    look_through(app, Some(begun)).await.map(Some)
}

/// Checks the cards, resuming if progress is kept.
async fn look_through(app: &Arc<App>, mut progress: Option<Progress>) -> Result<Checked, Error> {
    let mut checked = Checked::default();
    for profile in app.agencies.all() {
        let begun = progress.clone().unwrap_or_default();
        if profile.code < begun.agency {
            continue;
        }
        let mut after = if profile.code == begun.agency { begun.row } else { 0 };
        loop {
            let agency = profile.code.clone();
            let cards = app.store.read(move |reader| reader.cards_in_use(&agency, after, BATCH)).await?;
            let Some(last) = cards.last() else { break };
            after = last.card;
            for card in cards {
                checked.cards += 1;
                check_card(app, profile, card, &mut checked).await?;
            }
            if let Some(progress) = &mut progress {
                (progress.agency, progress.row) = (profile.code.clone(), after);
                keep(app, progress).await?;
            }
        }
        tell_officers(app, profile).await?;
    }
    if let Some(progress) = &mut progress {
        progress.finished = true;
        keep(app, progress).await?;
    }
    if checked.newly_revoked > 0 {
        app.mail_queued.notify_one();
    }
    Ok(checked)
}

async fn keep(app: &Arc<App>, progress: &Progress) -> Result<(), Error> {
    let progress = progress.clone();
    app.store.write(move |writer| writer.note_progress(NIGHTLY, &progress)).await
}

async fn check_card(
    app: &Arc<App>,
    profile: &AgencyProfile,
    card: CardInUse,
    checked: &mut Checked,
) -> Result<(), Error> {
    // Thousands of cards in a row: let requests run in between.
    tokio::task::yield_now().await;
    let now = app.outside.now();
    let agency = profile.code.as_str();
    let circumstances = trust::circumstances(now, profile);
    let decide = || {
        let decision = verify_certificate(&app.trust.current(), &card.certificate, circumstances);
        decision.map(|_| ())
    };
    let decision = trust::decide_with_fetching(&app.trust, now, decide).await;
    let Err(refusal) = decision.outcome else { return Ok(()) };
    let (number, serial) = (card.number.clone(), card.serial.clone());
    checked.refused.push(RefusedCard {
        agency: agency.to_owned(),
        number,
        serial,
        code: code_of(refusal.cause),
    });
    if refusal.cause == Cause::CertificateRevoked {
        let (shared, agency) = (Arc::clone(app), agency.to_owned());
        let is_new = app
            .store
            .write(move |writer| {
                let profile = shared.agencies.profile(&agency)?;
                revoke(writer, &shared, profile, &card, now)
            })
            .await?;
        checked.newly_revoked += usize::from(is_new);
    }
    Ok(())
}

/// Notifies the agency's officers, in one mail, of the cards not reported yet.
async fn tell_officers(app: &Arc<App>, profile: &AgencyProfile) -> Result<(), Error> {
    if !notice::has_address(profile) {
        return Ok(());
    }
    let (shared, agency, now) = (Arc::clone(app), profile.code.clone(), app.outside.now());
    let told = app.store.write(move |writer| {
        let cards = writer.take_untold_revoked(&agency, now)?;
        if cards > 0 {
            let profile = shared.agencies.profile(&agency)?;
            Notice::Revoked(cards).tell(&shared.officer_desk(writer, profile, now))?;
        }
        Ok(cards)
    });
    if told.await? > 0 {
        app.mail_queued.notify_one();
    }
    Ok(())
}

/// Returns whether the card was found to be revoked for the first time.
fn revoke(
    writer: &Writer<'_>,
    app: &App,
    profile: &AgencyProfile,
    found: &CardInUse,
    now: i64,
) -> Result<bool, Error> {
    let agency = profile.code.as_str();
    writer.end_sessions_with(agency, &found.certificate)?;
    let card = Card::read(&app.agencies, &found.certificate)?;
    // Replaced while it was being checked.
    let Some(registered) = writer.card(agency, &card.identity)? else { return Ok(false) };
    if !writer.note_revoked(found.card, now)? {
        return Ok(false);
    }
    let holder = Holder::Card(found.card);
    writer.record_event(agency, &found.number, holder, EventKind::CardRevoked, now)?;
    let values = registered_values(writer, profile, &card, registered)?;
    Letter::new(&profile.mail.card_revoked, &values).queue(&app.desk(writer, profile, now))?;
    Ok(true)
}
