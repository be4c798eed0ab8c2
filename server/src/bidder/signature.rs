//! 登録, 変更 and ICカード更新 where the agency wants them signed: the same request comes twice. First only to be
//! checked: whatever could refuse it is found before a PIN is asked for, and the session gets a 受付番号 and a
//! nonce. Then with the 申請書 that the page showed and the card's signature over it; the server writes its own
//! 申請書 of what would be carried out, and refuses any difference.

use std::sync::Arc;

use sha2::{Digest as _, Sha256};
use touroku_pki::{Evidence, read_signature, verify_certificate};
use touroku_proto::{
    agency::{AgencyProfile, Category},
    api::{ApiErrorCode, Function, Prepared, Signed},
    document::{Document, Head},
    token::Nonce,
};

use super::{
    card::Card,
    receipt::receipt_number,
    revocation::decide_with_fetching,
    session::{SessionKey, form},
};
use crate::{
    app::App,
    error::Error,
    japan,
    store::{NewDecision, Receipt, Session, SessionId, Signing, Writer},
    trust,
};

/// How long a card may take to sign, in milliseconds: the card window waits for a person as long as an
/// administrator allows, and they may read what is signed. A session lasts little longer.
const ANSWER_WITHIN: i64 = 25 * 60 * 1000;

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
    /// Nothing had to be signed; its 受付番号.
    Unsigned(String),
    Signed(Receipt),
}

impl Filing {
    /// 受付番号.
    pub(super) fn number(&self) -> &str {
        match self {
            Self::Prepared(prepared) => &prepared.number,
            Self::Unsigned(number) => number,
            Self::Signed(receipt) => &receipt.number,
        }
    }

    /// Whether there is a signature to be saved.
    pub(super) fn is_signed(&self) -> bool {
        matches!(self, Self::Signed(_))
    }

    /// Stores what was signed with its result.
    pub(super) fn keep(self, writer: &Writer<'_>, agency: &str, completion: i64) -> Result<(), Error> {
        if let Self::Signed(receipt) = self {
            writer.keep_receipt(agency, completion, &receipt)?;
        }
        Ok(())
    }
}

/// What is to be signed, and by whom.
pub(super) struct Filed<'a> {
    pub(super) session: (&'a SessionId, &'a Session),
    /// The agency's profile and the session's category.
    pub(super) place: (&'a AgencyProfile, &'a Category),
    /// 登録, 変更 or ICカード更新.
    pub(super) function: Function,
    pub(super) company: &'a str,
    /// The signing card's certificate, DER.
    pub(super) certificate: &'a [u8],
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

    /// Gives the session what it needs to sign, or compares what it has signed with the output of `write`.
    pub(super) fn file(
        &self,
        writer: &Writer<'_>,
        app: &App,
        filed: &Filed<'_>,
        now: i64,
        write: impl FnOnce(&Head<'_>) -> String,
    ) -> Result<Filing, Error> {
        let ((id, session), (profile, category)) = (filed.session, filed.place);
        let card = Card::read(filed.certificate)?;
        let document = |signing: &Signing| {
            let prepared = prepared(signing, filed.certificate)?;
            let document = write(&Head {
                function: filed.function,
                origin: app.settings.origin.as_str(),
                prepared: &prepared,
                agency: profile,
                category,
                card: &card.values(&app.agencies),
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
            Self::CarryOut(None) => Ok(Filing::Unsigned(receipt_number(&app.outside, now))),
            Self::CarryOut(Some(checked)) => {
                let signing = writer.signing(id)?.ok_or(ApiErrorCode::SignatureOutdated)?;
                if signing.answer_until <= now {
                    return Err(ApiErrorCode::SignatureOutdated.into());
                }
                // Another tab of the session has been given another one since.
                if checked.document.number() != signing.number {
                    return Err(ApiErrorCode::SignatureOutdated.into());
                }
                if checked.certificate != filed.certificate {
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
                Ok(Filing::Signed(Receipt {
                    number: signing.number,
                    company: filed.company.to_owned(),
                    function: filed.function,
                    document: text,
                    signature: checked.cms.clone(),
                    at: now,
                }))
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

/// `YYYY/MM/DD HH:MM:SS` in Japan time.
pub(crate) fn japanese_moment(unix_ms: i64) -> String {
    japan::clock(unix_ms).replace('-', "/").replace('T', " ")
}

/// The signature over the accompanying text, by the session's card; checks also that the card is trusted now, by
/// the rules of a login.
async fn check(app: &Arc<App>, key: SessionKey, signed: Signed) -> Result<Checked, Error> {
    let (id, now) = (key.id(), app.outside.now());
    let session = app.store.read(move |reader| reader.current_session(&id, now)).await?;
    let shown = session.presented.as_ref().ok_or(ApiErrorCode::CardNotPresented)?;
    let (profile, ..) = form(&app.agencies, &session)?;
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
    let decision = decide_with_fetching(app, decide).await;
    let (code, evidence) = (decision.code(), decision.evidence);
    if let Err(refusal) = decision.outcome {
        let (agency, purpose, card) = (session.agency.clone(), shown.purpose, Card::read(&read.certificate)?);
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
