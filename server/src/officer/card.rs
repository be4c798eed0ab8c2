//! Sign-in by IC card, and linking cards.

use std::sync::Arc;

use touroku_pki::{Circumstances, Evidence, verify_token};
use touroku_proto::{
    api::{ApiErrorCode, Challenge},
    card::Purpose,
    officer::{
        OfficerView,
        audit::{AuditAction, Detail},
    },
    token::{Nonce, Token},
};

use super::{
    Acting, OfficerKey,
    login::admit_from,
    password::prove,
    session::{SignIn, SignedIn, view_of},
};
use crate::{
    app::App,
    bidder::NONCE_LIFE,
    error::{Error, code_of},
    guess::KnownBrowser,
    http::limits::Address,
    japan,
    mail::notice::{Notice, everybody},
    store::{Actor, CardIdentity, NewDecision, Officer, SessionId, Writer},
    trust,
};

/// Gives the browser's session a new challenge for officers of that agency. Without a session, begins one that
/// nobody has signed in to, and returns its key too.
pub async fn challenge(
    app: &Arc<App>,
    key: Option<OfficerKey>,
    agency: &str,
) -> Result<(Option<OfficerKey>, Challenge), Error> {
    let agency = app.agencies.profile(agency)?.name.clone();
    let nonce = Nonce::issue(&app.outside.random(), Purpose::Officer, &agency);
    let fresh = OfficerKey::fresh(&app.outside);
    let public_id = hex::encode(app.outside.random::<8>());
    let (text, now) = (nonce.as_str().to_owned(), app.outside.now());
    let begun = app
        .store
        .write(move |writer| {
            let until = now + NONCE_LIFE;
            if let Some(key) = key
                && writer.issue_officer_nonce(&key.id(), &text, until, now)?
            {
                return Ok(None);
            }
            writer.begin_nobodys_session(&fresh.id(), &public_id, until, now)?;
            writer.issue_officer_nonce(&fresh.id(), &text, until, now)?;
            Ok(Some(fresh))
        })
        .await?;
    Ok((begun, Challenge { nonce, agency: agency.into() }))
}

/// Checks the signed challenge and the certificate like a contractor's, and signs in the officer whose card it
/// is.
///
/// # Errors
/// Those of tokens and certificates; `card_not_registered` when it is linked to no account, or to a stopped one.
pub async fn card_login(
    app: &Arc<App>,
    (key, known): (OfficerKey, KnownBrowser),
    address: Address,
    agency: &str,
    token: &Token,
) -> Result<SignedIn, Error> {
    let agency = app.agencies.profile(agency)?.code.clone();
    let (id, now) = (key.id(), app.outside.now());
    admit_from(app, address, now).await?;
    let seen = look_at(app, &agency, &id, token, now).await?;
    let sign_in = SignIn::new(app, (Some(key), known), address, true);
    let shared = Arc::clone(app);
    let outcome = app.store.write(move |writer| {
        writer.take_officer_nonce(&id, &seen.nonce, now)?;
        let found = match &seen.card {
            Ok(shown) => owner(writer, &shared, &agency, shown, (address, now))?,
            Err(refusal) => Err(*refusal),
        };
        seen.record(writer, &agency, found.as_ref().err().copied(), now)?;
        match found {
            Ok(officer) => sign_in.sign_in(writer, &officer).map(Ok),
            Err(refusal) => {
                if refusal != ApiErrorCode::CertificateForged {
                    let deed = (AuditAction::CardLoginFailed, "", refusal);
                    record_refusal(writer, &agency, deed, (address, now))?;
                }
                // The transaction is committed: the challenge is used up.
                Ok(Err(refusal))
            }
        }
    });
    let signed_in = outcome.await?.map_err(Error::Refused);
    app.mail_queued.notify_one();
    signed_in
}

/// Whose card it is. Issuer and serial number identify one certificate, unless two trusted authorities share a
/// name or one of them issued a number twice: a different certificate in place of an officer's is an incident.
fn owner(
    writer: &Writer<'_>,
    app: &App,
    agency: &str,
    shown: &Shown,
    (address, now): (Address, i64),
) -> Result<Result<Officer, ApiErrorCode>, Error> {
    let officer = writer.officer_by_card(agency, &shown.identity)?.filter(|officer| !officer.stopped);
    let Some(officer) = officer else { return Ok(Err(ApiErrorCode::CardNotRegistered)) };
    match writer.officer_certificate(officer.id)? {
        Some(linked) if linked == shown.certificate => return Ok(Ok(officer)),
        None => {
            writer.keep_officer_certificate(officer.id, &shown.certificate)?;
            return Ok(Ok(officer));
        }
        Some(_) => {}
    }
    let (login_id, serial) = (officer.login_id.as_str(), shown.identity.serial.as_str());
    tracing::error!(
        agency,
        login_id,
        serial,
        "a certificate was shown that is not the officer's of that number"
    );
    let refusal = ApiErrorCode::CertificateForged;
    record_refusal(writer, agency, (AuditAction::CardForged, login_id, refusal), (address, now))?;
    if writer.take_forged_notice(officer.id, now - japan::DAY, now)? {
        let profile = app.agencies.profile(agency)?;
        let notice = Notice::OfficersCardForged { login_id, serial, at: &japan::minute(now) };
        notice.send(&app.officer_desk(writer, profile, now), &everybody(writer, profile, now)?)?;
    }
    Ok(Err(refusal))
}

fn record_refusal(
    writer: &Writer<'_>,
    agency: &str,
    (action, subject, refusal): (AuditAction, &str, ApiErrorCode),
    (address, now): (Address, i64),
) -> Result<(), Error> {
    let (address, detail) = (address.to_string(), Detail::Refused(refusal));
    writer.record_deed(Actor::stranger(agency, &address), action, subject, &detail, now)
}

/// Links this card to the officer's own account, replacing the previous one.
///
/// # Errors
/// Those of tokens and certificates; `card_already_registered` when it is linked to another account of the agency.
pub async fn link_card(
    app: &Arc<App>,
    acting: Acting,
    token: &Token,
    (password, code): (String, String),
) -> Result<OfficerView, Error> {
    let (id, now) = (acting.session, app.outside.now());
    let seen = look_at(app, acting.agency(), &id, token, now).await?;
    let proof = prove(app, &acting, (password, &code), now).await?;
    let shared = Arc::clone(app);
    let outcome = app.store.write(move |writer| {
        writer.take_officer_nonce(&id, &seen.nonce, now)?;
        let (agency, officer) = (acting.agency(), acting.officer.officer);
        let refusal = match &seen.card {
            Ok(shown) => {
                let holder = writer.officer_by_card(agency, &shown.identity)?;
                holder.filter(|holder| holder.id != officer).map(|_| ApiErrorCode::CardAlreadyRegistered)
            }
            Err(refusal) => Some(*refusal),
        };
        seen.record(writer, agency, refusal, now)?;
        if !proof.take(writer)? {
            let login_id = &acting.officer.login_id;
            acting.record(writer, AuditAction::CardLinkFailed, login_id, &Detail::None, now)?;
            return Ok(Err(ApiErrorCode::CredentialsWrong));
        }
        if let Some(refusal) = refusal {
            return Ok(Err(refusal));
        }
        let shown = seen.card.as_ref().ok();
        let card = shown.map(|shown| (&shown.identity, shown.certificate.as_slice()));
        writer.link_officer_card(officer, card, now)?;
        acting.record(writer, AuditAction::CardLinked, &acting.officer.login_id, &Detail::None, now)?;
        let serial = shown.map_or("", |shown| shown.identity.serial.as_str());
        tell_of_card(writer, &shared, &acting, serial, now)?;
        view_of(writer, &shared, &acting, now).map(Ok)
    });
    let linked = outcome.await?.map_err(Error::Refused);
    app.mail_queued.notify_one();
    linked
}

/// Notifies the officer that a card was linked to their account.
fn tell_of_card(
    writer: &Writer<'_>,
    app: &App,
    acting: &Acting,
    serial: &str,
    now: i64,
) -> Result<(), Error> {
    let officer = writer.officer_by_login(acting.agency(), &acting.officer.login_id)?;
    let email = officer.map(|officer| officer.email).filter(|email| !email.is_empty());
    let profile = app.agencies.profile(acting.agency())?;
    let notice = Notice::CardLinked { login_id: &acting.officer.login_id, serial, at: &japan::minute(now) };
    notice.send(&app.officer_desk(writer, profile, now), email.as_slice())
}

/// Unlinks the card from the officer's own account.
pub async fn unlink_card(app: &Arc<App>, acting: Acting) -> Result<OfficerView, Error> {
    let now = app.outside.now();
    let shared = Arc::clone(app);
    app.store
        .write(move |writer| {
            if acting.officer.card.is_some() {
                writer.link_officer_card(acting.officer.officer, None, now)?;
                acting.record(
                    writer,
                    AuditAction::CardUnlinked,
                    &acting.officer.login_id,
                    &Detail::None,
                    now,
                )?;
            }
            view_of(writer, &shared, &acting, now)
        })
        .await
}

/// A card whose response to a challenge was checked.
struct Seen {
    nonce: String,
    evidence: Evidence,
    card: Result<Shown, ApiErrorCode>,
}

/// An accepted card.
struct Shown {
    identity: CardIdentity,
    /// DER.
    certificate: Vec<u8>,
}

impl Seen {
    fn record(
        &self,
        writer: &Writer<'_>,
        agency: &str,
        refusal: Option<ApiErrorCode>,
        now: i64,
    ) -> Result<(), Error> {
        let code = refusal.map_or("ok", ApiErrorCode::as_str);
        // `card` refers to contractors' cards.
        let decision =
            NewDecision { agency, purpose: Purpose::Officer, code, evidence: &self.evidence, card: None };
        writer.record_decision(&decision, now)
    }
}

/// Checks it like a contractor's card at that agency: where revocation can't be checked, the agency's rule
/// decides.
async fn look_at(
    app: &Arc<App>,
    agency: &str,
    id: &SessionId,
    token: &Token,
    now: i64,
) -> Result<Seen, Error> {
    let id = *id;
    let (text, answer_until) = app.store.read(move |reader| reader.open_officer_nonce(&id, now)).await?;
    if answer_until <= now {
        return Err(ApiErrorCode::NonceExpired.into());
    }
    let nonce = Nonce::parse(&text).map_err(|_| Error::Defect("a stored nonce is no nonce"))?;
    let profile = app.agencies.profile(agency)?;
    if !nonce.is_for(Purpose::Officer, &profile.name) {
        return Err(ApiErrorCode::NonceMissing.into());
    }
    // Officers sign in as officers, never as citizens.
    let circumstances = Circumstances { my_number: false, ..trust::circumstances(now, profile) };
    let decide = || {
        let trust = app.trust.current();
        verify_token(&trust, token, &app.settings.officer_origin, &nonce, circumstances)
    };
    let decision = trust::decide_with_fetching(&app.trust, now, decide).await;
    let card = match decision.outcome {
        Ok((certificate, facts)) => match app.agencies.takes(profile, &facts) {
            true => {
                let identity = CardIdentity { issuer: facts.issuer_der, serial: facts.serial };
                Ok(Shown { identity, certificate })
            }
            false => Err(ApiErrorCode::AuthorityNotAccepted),
        },
        Err(refusal) => Err(code_of(refusal.cause)),
    };
    Ok(Seen { nonce: text, evidence: decision.evidence, card })
}
