//! Whether an OCSP response can be trusted, and what it says.

use openssl::{
    error::ErrorStack,
    hash::{MessageDigest, hash},
    rsa::Padding,
    sign::{RsaPssSaltlen, Verifier},
    x509::X509,
};
use x509_parser::{
    certificate::X509Certificate, extensions::ParsedExtension, prelude::FromDer as _,
    signature_algorithm::SignatureAlgorithm, x509::AlgorithmIdentifier,
};

use super::message::{NoResponse, Responder, Response, Said, Subject};
use crate::{
    chain::responder_path,
    names::name_text,
    question::Status,
    strength::{KeyKind, is_strong_signature},
    trust::Trust,
};

/// Allowed clock skew between server and responder, in seconds.
const SKEW: i64 = 300;

/// How long a response without nextUpdate is valid, in seconds; its absence means that newer information is always
/// available.
const WITHOUT_NEXT: i64 = 600;

/// A valid response.
pub(crate) struct Answer {
    pub(crate) status: Status,
    /// Unix seconds.
    pub(crate) this_update: i64,
    /// Valid until, Unix seconds.
    pub(crate) until: i64,
    /// Its signer.
    pub(crate) responder: String,
    /// The responder's certificate, where its own revocation must be checked.
    pub(crate) unchecked_responder: Option<X509>,
}

/// Why it is not trusted, in Japanese.
pub(crate) type Unusable = String;

/// Judges a response (DER) about a certificate of that issuer at that time, Unix seconds. The issuer is on a valid
/// path.
pub(crate) fn judge(
    trust: &Trust,
    der: &[u8],
    certificate: &X509,
    issuer: &X509,
    at: i64,
) -> Result<Answer, Unusable> {
    let unusable = |reason: &str| reason.to_owned();
    let response = Response::read(der).map_err(|none| match none {
        NoResponse::Malformed => unusable("OCSPの応答として読めません"),
        NoResponse::Status(status) => unusable(&format!("応答者が答えません（{status}）")),
    })?;
    let broken = |_: ErrorStack| unusable("証明書を読めません");
    let (certificate_der, issuer_der) =
        (certificate.to_der().map_err(broken)?, issuer.to_der().map_err(broken)?);
    let subject =
        Subject::read(&certificate_der, &issuer_der).ok_or_else(|| unusable("証明書を読めません"))?;
    let single = response.of(&subject).ok_or_else(|| unusable("この証明書についての応答ではありません"))?;
    if response.depends_on_the_unknown(single) {
        return Err(unusable("解釈できない重要な拡張があります"));
    }
    if !is_strong_signature(&response.algorithm) {
        return Err(unusable("署名の方式が弱すぎます"));
    }
    let signer = find_signer(trust, &response, issuer, at).map_err(unusable)?;
    let key = signer.certificate.public_key().map_err(|_| unusable("応答者の鍵を読めません"))?;
    if !verifies(&response, &key).unwrap_or(false) {
        return Err(unusable("署名が合いません"));
    }
    if single.this_update > at + SKEW {
        return Err(unusable("まだ有効ではありません"));
    }
    let until = single.next_update.unwrap_or(single.this_update + WITHOUT_NEXT);
    if until + SKEW < at {
        return Err(unusable("期限が切れています"));
    }
    Ok(Answer {
        status: match single.status {
            Said::Good => Status::Good,
            Said::Revoked => Status::Revoked,
            Said::Unknown => Status::Unknown,
        },
        this_update: single.this_update,
        until,
        responder: name_text(signer.certificate.subject_name()),
        unchecked_responder: signer.needs_check.then_some(signer.certificate),
    })
}

/// Whether a response repeats that nonce.
pub(crate) fn repeats(der: &[u8], nonce: &[u8]) -> bool {
    Response::read(der).is_ok_and(|response| response.nonce == Some(nonce))
}

struct Signer {
    certificate: X509,
    needs_check: bool,
}

/// The issuer itself, or a responder authorised by the issuer's key (RFC 6960, 4.2.2.2).
fn find_signer(
    trust: &Trust,
    response: &Response<'_>,
    issuer: &X509,
    at: i64,
) -> Result<Signer, &'static str> {
    if is_named(&response.responder, issuer) {
        return Ok(Signer { certificate: issuer.clone(), needs_check: false });
    }
    let mut defect = "応答者の証明書が応答にありません";
    for der in &response.certificates {
        let (Ok(certificate), Ok((_, parsed))) = (X509::from_der(der), X509Certificate::from_der(der)) else {
            continue;
        };
        if !is_named(&response.responder, &certificate) {
            continue;
        }
        let is_delegated =
            parsed.extended_key_usage().ok().flatten().is_some_and(|usage| usage.value.ocsp_signing)
                && parsed
                    .key_usage()
                    .is_ok_and(|usage| usage.is_none_or(|usage| usage.value.digital_signature()));
        let is_strong = KeyKind::of(parsed.public_key()).weakness().is_none()
            && is_strong_signature(&parsed.signature_algorithm);
        if !is_delegated {
            defect = "応答者の証明書にOCSPSigningの用途がありません";
        } else if !is_strong {
            defect = "応答者の鍵または署名の方式が弱すぎます";
        } else if responder_path(trust, &certificate, at).is_none_or(|path| path.get(1) != Some(issuer)) {
            defect = "応答者の証明書が、発行者の発行した有効なものではありません";
        } else {
            // id-pkix-ocsp-nocheck (RFC 6960, 4.2.2.2.1).
            let nocheck =
                |extension: &ParsedExtension<'_>| !matches!(extension, ParsedExtension::ParseError { .. });
            let is_exempt = parsed.extensions().iter().any(|extension| {
                extension.oid.to_id_string() == "1.3.6.1.5.5.7.48.1.5"
                    && nocheck(extension.parsed_extension())
            });
            return Ok(Signer { certificate, needs_check: !is_exempt });
        }
    }
    Err(defect)
}

fn is_named(responder: &Responder<'_>, certificate: &X509) -> bool {
    let Ok(der) = certificate.to_der() else { return false };
    let Ok((_, parsed)) = X509Certificate::from_der(&der) else { return false };
    match responder {
        Responder::Name(name) => parsed.subject().as_raw() == *name,
        Responder::Key(key) => {
            let bits = &parsed.public_key().subject_public_key.data;
            hash(MessageDigest::sha1(), bits).is_ok_and(|hash| *hash == **key)
        }
    }
}

fn verifies(
    response: &Response<'_>,
    key: &openssl::pkey::PKeyRef<openssl::pkey::Public>,
) -> Result<bool, ErrorStack> {
    let Some(digest) = digest_of(&response.algorithm) else { return Ok(false) };
    let mut verifier = Verifier::new(digest, key)?;
    if let Ok(SignatureAlgorithm::RSASSA_PSS(_)) = SignatureAlgorithm::try_from(&response.algorithm) {
        verifier.set_rsa_padding(Padding::PKCS1_PSS)?;
        verifier.set_rsa_mgf1_md(digest)?;
        verifier.set_rsa_pss_saltlen(RsaPssSaltlen::DIGEST_LENGTH)?;
    }
    verifier.verify_oneshot(response.signature, response.signed)
}

fn digest_of(algorithm: &AlgorithmIdentifier<'_>) -> Option<MessageDigest> {
    let oid = match SignatureAlgorithm::try_from(algorithm) {
        Ok(SignatureAlgorithm::RSASSA_PSS(parameters)) => parameters.hash_algorithm_oid().to_id_string(),
        _ => algorithm.algorithm.to_id_string(),
    };
    match oid.as_str() {
        "1.2.840.113549.1.1.11" | "1.2.840.10045.4.3.2" | "2.16.840.1.101.3.4.2.1" => {
            Some(MessageDigest::sha256())
        }
        "1.2.840.113549.1.1.12" | "1.2.840.10045.4.3.3" | "2.16.840.1.101.3.4.2.2" => {
            Some(MessageDigest::sha384())
        }
        "1.2.840.113549.1.1.13" | "1.2.840.10045.4.3.4" | "2.16.840.1.101.3.4.2.3" => {
            Some(MessageDigest::sha512())
        }
        _ => None,
    }
}
