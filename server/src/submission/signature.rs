//! 登録, 変更 and ICカード更新 where the agency wants them signed: the same request comes twice. First only to be
//! checked: whatever could refuse it is found before a PIN is asked for, and the session gets a 受付番号 and a
//! nonce. Then with the 申請書 that the page showed and the card's signature over it; the server writes its own
//! 申請書 of what would be carried out, and refuses any difference.

use std::sync::Arc;

use sha2::{Digest as _, Sha256};
use touroku_pki::{Evidence, read_signature, verify_certificate};
use touroku_proto::{
    api::{ApiErrorCode, Function, Prepared, Signed},
    document::{Document, Head},
    token::Nonce,
};

use super::{Request, receipt::receipt_number};
use crate::{
    app::App,
    bidder::{SessionKey, place},
    error::Error,
    registry::{Place, card::Card, told::japanese_moment},
    store::{NewDecision, Receipt, Session, Signing},
    trust,
};

/// How long a card may take to sign, in milliseconds: the card window waits for a person as long as an
/// administrator allows, and they may read what is signed. A session lasts little longer.
pub(crate) const ANSWER_WITHIN: i64 = 25 * 60 * 1000;

/// How far the signing computer's clock may differ from this server's, in seconds. The person sets it, so there is
/// no reason to be strict.
const CLOCKS_APART: u64 = 86_400;

/// The purpose of a request.
pub(super) enum Stage {
    /// To be checked, and given this.
    Prepare(Signing),
    /// To be carried out.
    CarryOut(Option<Box<Checked>>),
}

/// A signature of the session's card, which is trusted now. What was signed has yet to be compared.
pub(super) struct Checked {
    document: Document,
    certificate: Vec<u8>,
    cms: Vec<u8>,
    evidence: Evidence,
}

/// The state of a request when everything else is valid.
pub(super) enum Filing {
    /// It has to be signed now.
    Prepared(Prepared),
    /// Its 受付番号, and what was signed.
    Filed(String, Option<Receipt>),
}

/// What is to be signed, and by whom.
pub(crate) struct ToSign<'a> {
    pub(super) company: &'a str,
    pub(super) card: &'a Card,
    /// The card's, DER.
    pub(super) certificate: &'a [u8],
    /// Writes the 申請書.
    pub(super) write: Box<dyn Fn(&Head<'_>) -> String + 'a>,
}

impl Stage {
    /// Draws a number and a nonce.
    pub(super) fn prepare(app: &App) -> Self {
        let (at, nonce) = (app.outside.now(), Nonce::from_bytes(&app.outside.random()));
        let number = receipt_number(&app.outside, at);
        Self::Prepare(Signing { number, nonce: nonce.into(), at, answer_until: at + ANSWER_WITHIN })
    }

    /// Checks the signature, if there is one.
    pub(super) async fn carry_out(
        app: &Arc<App>,
        key: SessionKey,
        signed: Option<Signed>,
    ) -> Result<Self, Error> {
        let Some(signed) = signed else { return Ok(Self::CarryOut(None)) };
        Ok(Self::CarryOut(Some(Box::new(check(app, key, signed).await?))))
    }

    /// Whether the request is only checked.
    pub(super) fn is_preparation(&self) -> bool {
        matches!(self, Self::Prepare(_))
    }

    /// Gives the session what it needs to sign, or compares what it has signed with the server's own.
    pub(super) fn file(
        &self,
        request: &Request<'_>,
        session: &Session,
        place: &Place<'_>,
        function: Function,
        to_sign: &ToSign<'_>,
    ) -> Result<Filing, Error> {
        let &Request { writer, app, id, now, .. } = request;
        let &Place { profile, category, .. } = place;
        let &ToSign { company, card, certificate, ref write } = to_sign;
        let document = |signing: &Signing| {
            let prepared = prepared(signing, certificate)?;
            let document = write(&Head {
                function,
                origin: app.settings.origin.as_str(),
                prepared: &prepared,
                agency: profile,
                category,
                card: &card.values(),
            });
            Ok::<_, Error>((prepared, document))
        };
        match self {
            Self::Prepare(_) if !profile.signed_applications => Err(ApiErrorCode::WrongState.into()),
            Self::Prepare(signing) => {
                if writer.receipt(&profile.code, &signing.number)?.is_some() {
                    // One in a million million; retrying draws another one.
                    return Err(ApiErrorCode::Unavailable.into());
                }
                let (prepared, text) = document(signing)?;
                if Document::parse(text).is_err() {
                    return Err(Error::Defect("the 申請書 is too long to be signed"));
                }
                writer.give_signing(id, signing)?;
                Ok(Filing::Prepared(prepared))
            }
            Self::CarryOut(None) if profile.signed_applications => {
                Err(ApiErrorCode::SignatureRequired.into())
            }
            Self::CarryOut(None) => Ok(Filing::Filed(receipt_number(&app.outside, now), None)),
            Self::CarryOut(Some(checked)) => {
                let signing = writer.signing(id)?.ok_or(ApiErrorCode::SignatureOutdated)?;
                if signing.answer_until <= now {
                    return Err(ApiErrorCode::SignatureOutdated.into());
                }
                // Another tab of the session has been given another one since.
                if checked.document.number() != signing.number {
                    return Err(ApiErrorCode::SignatureOutdated.into());
                }
                if checked.certificate != certificate {
                    return Err(ApiErrorCode::SignedByOtherCard.into());
                }
                let (_, text) = document(&signing)?;
                if text != checked.document.as_str() {
                    return Err(ApiErrorCode::DocumentDiffers.into());
                }
                writer.take_signing(id)?;
                let purpose = session.presented.as_ref().ok_or(ApiErrorCode::CardNotPresented)?.purpose;
                let (agency, evidence) = (profile.code.as_str(), &checked.evidence);
                let decision =
                    NewDecision { agency, purpose, code: "ok", evidence, card: Some(&card.identity) };
                writer.record_decision(&decision, now)?;
                let (number, company, signature) = (signing.number, company.to_owned(), checked.cms.clone());
                let receipt =
                    Receipt { number: number.clone(), company, function, document: text, signature, at: now };
                Ok(Filing::Filed(number, Some(receipt)))
            }
        }
    }
}

/// What the page is told about it.
fn prepared(signing: &Signing, certificate: &[u8]) -> Result<Prepared, Error> {
    let nonce = Nonce::parse(&signing.nonce).map_err(|_| Error::Defect("a stored nonce is no nonce"))?;
    Ok(Prepared {
        number: signing.number.clone(),
        at: japanese_moment(signing.at),
        nonce,
        card: hex::encode(Sha256::digest(certificate)),
    })
}

/// The signature over the accompanying text, by the session's card; checks also that the card is trusted now, by
/// the rules of a login.
async fn check(app: &Arc<App>, key: SessionKey, signed: Signed) -> Result<Checked, Error> {
    let (id, now) = (key.id(), app.outside.now());
    let session = app.store.read(move |reader| reader.current_session(&id, now)).await?;
    let shown = session.presented.as_ref().ok_or(ApiErrorCode::CardNotPresented)?;
    let profile = place(&app.agencies, &session)?.profile;
    let document = Document::parse(signed.document).map_err(|_| ApiErrorCode::DocumentDiffers)?;
    // It stays in the receipt permanently, beside the time at which this server received it.
    if signed.signature.signed_at.abs_diff(now.div_euclid(1000)) > CLOCKS_APART {
        return Err(ApiErrorCode::ClockWrong.into());
    }
    let read = read_signature(document.as_str(), &signed.signature)?;
    if read.certificate != *session.new_certificate.as_ref().unwrap_or(&shown.certificate) {
        return Err(ApiErrorCode::SignedByOtherCard.into());
    }
    let circumstances = trust::circumstances(now, profile);
    let decide = || verify_certificate(&app.trust.current(), &read.certificate, circumstances);
    let decision = trust::decide_with_fetching(&app.trust, now, decide).await;
    let (code, evidence) = (decision.code(), decision.evidence);
    if let Err(refusal) = decision.outcome {
        let card = Card::read(&app.agencies, &read.certificate)?;
        let (agency, purpose) = (session.agency.clone(), shown.purpose);
        let record = app.store.write(move |writer| {
            let (agency, evidence) = (agency.as_str(), &evidence);
            let decision = NewDecision { agency, purpose, code, evidence, card: Some(&card.identity) };
            writer.record_decision(&decision, now)
        });
        record.await?;
        return Err(refusal.into());
    }
    let cms = read.to_cms(&app.trust.current(), document.as_str(), now.div_euclid(1000));
    let cms = cms.ok_or(Error::Defect("OpenSSL does not verify a signature that is in order"))?;
    Ok(Checked { document, certificate: read.certificate, cms, evidence })
}
