//! The card's challenge and its response.

use std::sync::Arc;

use touroku_pki::verify_token;
use touroku_proto::{
    account::ApplicationState,
    agency::Way,
    api::{ApiErrorCode, Challenge, SessionView},
    card::Purpose,
    form::Occasion,
    text,
    token::{Nonce, Token},
};

use super::{
    admission::{admit_card, refuse_known, refuse_pending, refuse_replaced, registered},
    holder::registered_card,
    key::SessionKey,
    view::view,
};
use crate::{
    agency::Agencies,
    app::App,
    error::Error,
    japan,
    mail::notice::Notice,
    registry::{
        card::Card,
        company,
        identity::{company_match, refuse_other},
        told::{By, Known, Told},
    },
    store::{CardApplication, NewDecision, OpenNonce, Presented, Reader, Session, SessionId, Writer},
    trust,
};

/// How long a challenge is valid, in milliseconds.
pub(crate) const NONCE_LIFE: i64 = 5 * 60 * 1000;

/// The longest 担当者, in characters.
const MAX_PERSON: usize = 60;

/// Gives the session a new challenge, for that purpose at its agency.
pub async fn challenge(app: &Arc<App>, key: SessionKey, purpose: Purpose) -> Result<Challenge, Error> {
    let random = app.outside.random();
    let (id, now, expires_at) = (key.id(), app.outside.now(), app.session_end());
    let shared = Arc::clone(app);
    app.store
        .write(move |writer| {
            let session = writer.current_session(&id, now)?;
            let agency = shared.agencies.profile(&session.agency)?.name.clone();
            let nonce = Nonce::issue(&random, purpose, &agency);
            writer.issue_nonce(&id, nonce.as_str(), now + NONCE_LIFE, expires_at)?;
            Ok(Challenge { nonce, agency: agency.into() })
        })
        .await
}

/// Checks the signed challenge and the card's certificate, and gives the session its card and a new key
/// (so that a key known to somebody before is worthless afterwards).
///
/// A challenge is consumed by the write that the response leads to, whether the card is accepted or not: of two
/// responses one is examined, and a correct one costs a single commit.
pub async fn login(
    app: &Arc<App>,
    key: SessionKey,
    token: &Token,
    purpose: Purpose,
    person_in_charge: &str,
) -> Result<(SessionKey, SessionView), Error> {
    let person_in_charge = person_in_charge.trim().to_owned();
    if text::characters(&person_in_charge) > MAX_PERSON || person_in_charge.chars().any(text::is_forbidden) {
        return Err(ApiErrorCode::BadRequest.into());
    }
    let (id, now) = (key.id(), app.outside.now());
    let OpenNonce { nonce: text, answer_until, agency } =
        app.store.read(move |reader| reader.open_nonce(&id, now)).await?;
    if answer_until <= now {
        return Err(ApiErrorCode::NonceExpired.into());
    }
    let nonce = Nonce::parse(&text).map_err(|_| Error::Defect("a stored nonce is no nonce"))?;
    let profile = app.agencies.profile(&agency)?;
    if !nonce.is_for(purpose, &profile.name) {
        return Err(ApiErrorCode::NonceMissing.into());
    }
    let circumstances = trust::circumstances(now, profile);
    // A third of a millisecond of computation: handing it to another thread would cost a good part of that again.
    let decide = || {
        let trust = app.trust.current();
        verify_token(&trust, token, &app.settings.origin, &nonce, circumstances)
    };
    let decision = trust::decide_with_fetching(&app.trust, now, decide).await;
    let (code, evidence) = (decision.code(), decision.evidence);
    let (certificate, facts) = match decision.outcome {
        Ok(accepted) => accepted,
        Err(refusal) => {
            // Before the path is valid, anybody may have claimed anything.
            let card = evidence.anchor.as_ref().and_then(|_| Card::of_token(&app.agencies, token));
            let write = app.store.write(move |writer| {
                writer.take_nonce(&id, &text, now)?;
                let agency = &writer.current_session(&id, now)?.agency;
                let card = card.as_ref().map(|card| &card.identity);
                let decision = NewDecision { agency, purpose, code, evidence: &evidence, card };
                writer.record_decision(&decision, now)
            });
            write.await?;
            return Err(refusal.into());
        }
    };

    let card = Card::of(&app.agencies, facts);
    let presented = Presented { purpose, certificate, person_in_charge };
    let new_key = SessionKey::fresh(&app.outside);
    let (new_id, expires_at, shared) = (new_key.id(), app.session_end(), Arc::clone(app));
    let outcome = app
        .store
        .write(move |writer| {
            writer.take_nonce(&id, &text, now)?;
            let session = writer.current_session(&id, now)?;
            let checked = check_card(writer, &shared, &session, (&card, &presented.certificate), now)
                .and_then(|()| check_purpose(writer, &shared, &session, &card, purpose));
            let refusal = match checked {
                Ok(()) => None,
                Err(refusal @ (Error::Refused(_) | Error::Replaced(_) | Error::Suspended { .. })) => {
                    Some(refusal)
                }
                Err(error) => return Err(error),
            };
            let decision = NewDecision {
                agency: &session.agency,
                purpose,
                code: refusal.as_ref().map_or(code, |refusal| refusal.code().as_str()),
                evidence: &evidence,
                card: Some(&card.identity),
            };
            writer.record_decision(&decision, now)?;
            if let Some(refusal) = refusal {
                // The transaction is committed: the challenge is used up.
                return Ok(Err(refusal));
            }
            present(writer, (&id, &new_id), &presented, (now, expires_at))?;
            if purpose == Purpose::Register {
                find_again(writer, &session.agency, &new_id, &card)?;
            }
            let session = writer.current_session(&new_id, now)?;
            view(writer, &shared.agencies, &session, now).map(Ok)
        })
        .await?;
    Ok((new_key, outcome?))
}

/// Whether the agency accepts cards of this authority, and whether this is the card it seems to be: issuer and
/// serial number identify one certificate, and so one key, unless two trusted authorities share a name or one of
/// them issued a number twice. That is an incident, and those concerned are notified.
fn check_card(
    writer: &Writer<'_>,
    app: &App,
    session: &Session,
    (card, certificate): (&Card, &[u8]),
    now: i64,
) -> Result<(), Error> {
    let agency = session.agency.as_str();
    let profile = app.agencies.profile(agency)?;
    if !app.agencies.takes(profile, card.facts()) {
        return Err(ApiErrorCode::AuthorityNotAccepted.into());
    }
    let known = writer.certificates_of(agency, &card.identity)?;
    if known.iter().all(|known| known == certificate) {
        return Ok(());
    }
    let serial = card.identity.serial.as_str();
    tracing::error!(agency, serial, "a certificate was shown that is not the registered one of that number");
    if let Some((number, holder)) = writer.whose_certificate(agency, &card.identity)? {
        let (number, told) = (number.as_str(), Told::CardForged);
        writer.record_event(agency, number, holder, told.kind(), now)?;
        if writer.roster_row(agency, number)?.is_some() {
            let desk = app.desk(writer, profile, now);
            desk.tell(told, &Known::of(writer, agency, number)?, number, By::Card(card))?;
        }
        // Once a day, like the company.
        if writer.count_events((agency, number), told.kind(), (now - japan::DAY, now))? == 1 {
            Notice::Forged.tell(&app.officer_desk(writer, profile, now))?;
        }
    }
    Err(ApiErrorCode::CertificateForged.into())
}

/// Whether this card may be used for that.
fn check_purpose(
    writer: &Writer<'_>,
    app: &App,
    session: &Session,
    card: &Card,
    purpose: Purpose,
) -> Result<(), Error> {
    if session.way != Way::Card {
        return Err(ApiErrorCode::WayNotAllowed.into());
    }
    let (agencies, agency) = (&app.agencies, session.agency.as_str());
    match purpose {
        Purpose::Officer => Err(ApiErrorCode::WayNotAllowed.into()),
        Purpose::Check => Ok(()),
        // A pending one shows its state, and may be withdrawn.
        Purpose::Register => refuse_known(writer, agencies, agency, &card.identity),
        Purpose::Bid | Purpose::Change | Purpose::RenewOld => {
            refuse_pending(writer, agency, &card.identity)?;
            admit_card(writer, session, &registered(writer, agencies, agency, &card.identity)?)
        }
        Purpose::RenewNew => check_new_card(writer, agencies, session, card),
    }
}

/// ICカード更新: whether this card may replace the session's old one.
pub(crate) fn check_new_card(
    reader: &Reader<'_>,
    agencies: &Agencies,
    session: &Session,
    new_card: &Card,
) -> Result<(), Error> {
    let shown_for = session.presented.as_ref().map(|presented| presented.purpose);
    let purpose = match shown_for {
        Some(purpose @ (Purpose::RenewOld | Purpose::RenewNew)) => purpose,
        _ => return Err(ApiErrorCode::CardNotPresented.into()),
    };
    let (old_card, old) = registered_card(reader, agencies, session, purpose)?;
    if old_card.identity == new_card.identity {
        return Err(ApiErrorCode::SameCard.into());
    }
    if reader.knows_card(&session.agency, &new_card.identity)? {
        refuse_replaced(reader, agencies, &session.agency, &new_card.identity)?;
        return Err(ApiErrorCode::NewCardRegistered.into());
    }
    refuse_pending(reader, &session.agency, &new_card.identity)?;
    // Told before anything is entered, as at the search.
    let profile = agencies.profile(&session.agency)?;
    let (row, _) = company::registered(reader, &session.agency, &old.number)?;
    refuse_other(profile, &company_match(new_card.names(), &row))
}

/// A card with a pending registration is not asked for a company: it corrects what it has entered.
fn find_again(writer: &Writer<'_>, agency: &str, id: &SessionId, card: &Card) -> Result<(), Error> {
    let latest = writer.latest_card_application(agency, &card.identity)?;
    let waits =
        |latest: &CardApplication| latest.state == ApplicationState::Pending && latest.replaces.is_none();
    let Some(waiting) = latest.filter(waits) else { return Ok(()) };
    if writer.roster_row(agency, &waiting.number)?.is_none() {
        return Ok(());
    }
    let occasion = match writer.company(agency, &waiting.number)? {
        None => Occasion::Register,
        Some(_) => Occasion::SecondCard,
    };
    writer.select_company(id, &waiting.number, occasion)
}

fn present(
    writer: &Writer<'_>,
    (id, new_id): (&SessionId, &SessionId),
    presented: &Presented,
    (now, expires_at): (i64, i64),
) -> Result<(), Error> {
    match presented.purpose {
        Purpose::RenewNew => writer.present_new_card(id, new_id, &presented.certificate, expires_at),
        _ => writer.present_card(id, new_id, presented, (now, expires_at)),
    }
}
