//! The card's challenge and its answer.

use std::sync::Arc;

use touroku_proto::{
    api::{ApiErrorCode, Challenge, SessionView},
    card::Purpose,
    text,
    token::{Nonce, Token},
};

use super::{
    card::Card,
    session::{self, SessionKey},
};
use crate::{
    app::App,
    error::Error,
    pki,
    store::{NonceTaken, Presented},
};

/// How long a challenge may be answered, in milliseconds.
const NONCE_LIFE: i64 = 5 * 60 * 1000;

/// The longest 担当者, in characters.
const MAX_PERSON: usize = 60;

/// Gives the session a new challenge.
pub async fn challenge(app: &Arc<App>, key: SessionKey) -> Result<Challenge, Error> {
    let nonce = Nonce::from_bytes(&app.outside.random());
    let (id, now, expires_at) = (key.id(), app.outside.now(), app.session_end());
    let text = nonce.as_str().to_owned();
    let issued = app
        .store
        .write(move |writer| writer.issue_nonce(&id, &text, now + NONCE_LIFE, now, expires_at))
        .await?;
    if issued { Ok(Challenge { nonce }) } else { Err(ApiErrorCode::SessionMissing.into()) }
}

/// Checks the signed challenge and the card's certificate, and gives the session its card and a new key
/// (so that a key known to somebody before is worth nothing after).
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
    if !matches!(purpose, Purpose::Register | Purpose::Bid | Purpose::Change) {
        return Err(ApiErrorCode::BadRequest.into());
    }
    let (id, now) = (key.id(), app.outside.now());
    let nonce = match app.store.write(move |writer| writer.take_nonce(&id, now)).await? {
        NonceTaken::Missing => return Err(ApiErrorCode::NonceMissing.into()),
        NonceTaken::Used => return Err(ApiErrorCode::NonceUsed.into()),
        NonceTaken::Open { expires_at, .. } if expires_at <= now => {
            return Err(ApiErrorCode::NonceExpired.into());
        }
        NonceTaken::Open { nonce, .. } => {
            Nonce::parse(&nonce).map_err(|_| Error::Defect("a stored nonce is no nonce"))?
        }
    };
    // A third of a millisecond of arithmetic: handing it to another thread would cost a good part of that again.
    let trust = app.trust.current();
    let decision = pki::verify_token(&trust, token, &app.settings.origin, &nonce, now.div_euclid(1000));
    let (certificate, _) = decision.outcome?;

    let card = Card::read(&certificate)?;
    let presented = Presented { purpose, certificate, person_in_charge };
    let new_key = SessionKey::fresh(app);
    let (new_id, expires_at, shared) = (new_key.id(), app.session_end(), Arc::clone(app));
    let view = app
        .store
        .write(move |writer| {
            let session = writer.current_session(&id, now)?;
            let registered = writer.card(&session.agency, &card.identity)?.is_some();
            match (purpose, registered) {
                (Purpose::Register, true) => return Err(ApiErrorCode::CardAlreadyRegistered.into()),
                (Purpose::Bid | Purpose::Change, false) => {
                    return Err(ApiErrorCode::CardNotRegistered.into());
                }
                _ => {}
            }
            writer.present_card(&id, &new_id, &presented, now, expires_at)?;
            let session = writer.current_session(&new_id, now)?;
            session::view(writer, &shared.agencies, &session, now)
        })
        .await?;
    Ok((new_key, view))
}
