//! Signed applications (申請書): who signed, and what standard tools will say about the signature.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use openssl::{
    cms::{CMSOptions, CmsContentInfo},
    x509::X509,
};
use touroku_proto::{
    cms::{self, SignedDocument},
    document::DocumentSignature,
    token::Algorithm,
};

use crate::{
    cause::Cause,
    chain::run_openssl,
    decision::{Refusal, Trail},
    leaf,
    token::{fits, is_signed_by},
    trust::Trust,
};

/// The maximum total length of certificate and signature, in characters.
const MAX_SIGNATURE: usize = 10_000;

/// A document with a valid signature by this certificate's key; the certificate itself has not been judged.
pub struct ReadSignature {
    /// The certificate, DER.
    pub certificate: Vec<u8>,
    algorithm: Algorithm,
    signed_at: i64,
    signature: Vec<u8>,
}

/// Parses a signature and verifies it over that text. The signed structure is rebuilt here: the certificate is the
/// only outside input that gets parsed.
pub fn read_signature(document: &str, sent: &DocumentSignature) -> Result<ReadSignature, Refusal> {
    let refuse = |cause, reason: &str| Refusal { cause, reason: reason.to_owned() };
    if sent.certificate.len() + sent.signature.len() > MAX_SIGNATURE {
        return Err(refuse(Cause::TokenMalformed, "署名が長すぎます"));
    }
    let algorithm = Algorithm::from_name(&sent.algorithm)
        .ok_or_else(|| refuse(Cause::TokenAlgorithm, "algorithmがRS256・ES256・ES384のどれでもありません"))?;
    // Four-digit years, as in certificates; UTCTime ends in 2049.
    if !(0..2_524_608_000).contains(&sent.signed_at) {
        return Err(refuse(Cause::TokenMalformed, "署名の時刻を表せません"));
    }
    let (Ok(certificate), Ok(signature)) =
        (STANDARD.decode(&sent.certificate), STANDARD.decode(&sent.signature))
    else {
        return Err(refuse(Cause::TokenMalformed, "証明書または署名がbase64ではありません"));
    };
    let leaf = leaf::read(&mut Trail::default(), &certificate)?;
    if !fits(algorithm, leaf.key_kind()) {
        return Err(refuse(Cause::TokenAlgorithm, "署名の方式が証明書の鍵と合いません"));
    }
    let message = cms::attributes(algorithm, &certificate, document, sent.signed_at);
    if !is_signed_by(&leaf, algorithm, &signature, &message).unwrap_or(false) {
        return Err(refuse(Cause::TokenSignature, "署名が申請書と合いません"));
    }
    drop(leaf);
    Ok(ReadSignature { certificate, algorithm, signed_at: sent.signed_at, signature })
}

impl ReadSignature {
    /// The signature over that text as a `.p7s`, with the authorities above the signer as trusted at that time,
    /// Unix seconds. Returns nothing that OpenSSL does not verify.
    pub fn to_cms(&self, trust: &Trust, document: &str, at: i64) -> Option<Vec<u8>> {
        let leaf = X509::from_der(&self.certificate).ok()?;
        let path = run_openssl(trust, &leaf, at).ok()?.ok()?;
        // Up to a self-signed certificate: one of our anchors may be a CA above which others know another.
        let issued = |authority: &&X509| {
            let [subject, issuer] = [authority.subject_name(), authority.issuer_name()];
            !subject.try_cmp(issuer).is_ok_and(std::cmp::Ordering::is_eq)
        };
        let above = path.iter().skip(1).filter(issued).map(|authority| authority.to_der());
        let above: Vec<_> = above.collect::<Result<_, _>>().ok()?;
        let Self { certificate, algorithm, signed_at, signature } = self;
        let signed =
            SignedDocument { document, certificate, signed_at: *signed_at, algorithm: *algorithm, signature };
        let der = signed.to_cms(&above).ok()?;
        // The certificate has already been checked by stricter rules.
        let options = CMSOptions::BINARY | CMSOptions::NO_SIGNER_CERT_VERIFY;
        CmsContentInfo::from_der(&der)
            .ok()?
            .verify(None, None, Some(document.as_bytes()), None, options)
            .ok()?;
        Some(der)
    }
}
