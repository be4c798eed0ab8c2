//! Authentication tokens, format `web-eid:1` (see [`touroku_proto::token`]).

use base64::{Engine as _, engine::general_purpose::STANDARD};
use openssl::{
    bn::BigNum,
    ecdsa::EcdsaSig,
    hash::{MessageDigest, hash},
    nid::Nid,
    pkey::{Id, PKey, Public},
    sign::Verifier,
    x509::X509,
};
use touroku_proto::{
    api::ApiErrorCode as Code,
    certificate::Facts,
    origin::Origin,
    token::{Algorithm, Nonce, Token},
};

use super::{Decision, Refusal, decision::Trail, path, strength, trust::Trust};

/// The longest token, in characters of its parts. With a 4096-bit certificate one has about 4,000.
const MAX_TOKEN: usize = 10_000;

/// Whether this token answers that nonce at that origin, made by a card that is trusted at that time (Unix
/// seconds). Answers the certificate's DER and what it says.
pub fn verify_token(
    trust: &Trust,
    token: &Token,
    origin: &Origin,
    nonce: &Nonce,
    at: i64,
) -> Decision<(Vec<u8>, Facts)> {
    Trail::decide(|trail| {
        let parts = read(trail, token)?;
        check_signature(trail, &parts, origin, nonce)?;
        let facts = path::check(trail, trust, &parts.certificate, at)?;
        Ok((parts.certificate, facts))
    })
}

/// A token's decoded parts.
struct Parts {
    certificate: Vec<u8>,
    algorithm: Algorithm,
    key: PKey<Public>,
    signature: Vec<u8>,
}

fn read(trail: &mut Trail, token: &Token) -> Result<Parts, Refusal> {
    const CHECK: &str = "トークンの形式";
    let length = token.unverified_certificate.len()
        + token.algorithm.len()
        + token.signature.len()
        + token.format.len()
        + token.app_version.len();
    if length > MAX_TOKEN {
        return Err(trail.refuse(CHECK, Code::TokenMalformed, "トークンが長すぎます"));
    }
    if !is_format_1(&token.format) {
        return Err(trail.refuse(CHECK, Code::TokenFormat, "formatがweb-eid:1ではありません"));
    }
    let Some(algorithm) = Algorithm::from_name(&token.algorithm) else {
        return Err(trail.refuse(
            CHECK,
            Code::TokenAlgorithm,
            "algorithmがRS256・ES256・ES384のどれでもありません",
        ));
    };
    let (Ok(certificate), Ok(signature)) =
        (STANDARD.decode(&token.unverified_certificate), STANDARD.decode(&token.signature))
    else {
        return Err(trail.refuse(CHECK, Code::TokenMalformed, "証明書または署名がbase64ではありません"));
    };
    if certificate.is_empty() || signature.is_empty() {
        return Err(trail.refuse(CHECK, Code::TokenMalformed, "証明書または署名が空です"));
    }
    trail.passed(CHECK, format!("{}、{}", token.format, algorithm.name()));

    const KEY: &str = "証明書の鍵と署名の方式";
    let Ok(parsed) = X509::from_der(&certificate) else {
        return Err(trail.refuse(KEY, Code::CertificateMalformed, "X.509証明書として読めません"));
    };
    let key = parsed
        .public_key()
        .map_err(|_| trail.refuse(KEY, Code::TokenAlgorithm, "証明書の公開鍵を扱えません"))?;
    let fits = match algorithm {
        Algorithm::RS256 => key.id() == Id::RSA,
        Algorithm::ES256 => key.id() == Id::EC && strength::curve(&key) == Some(Nid::X9_62_PRIME256V1),
        Algorithm::ES384 => key.id() == Id::EC && strength::curve(&key) == Some(Nid::SECP384R1),
    };
    if !fits {
        let reason = format!("{}は証明書の鍵と合いません", algorithm.name());
        return Err(trail.refuse(KEY, Code::TokenAlgorithm, reason));
    }
    trail.passed(KEY, "合っています");
    Ok(Parts { certificate, algorithm, key, signature })
}

fn is_format_1(format: &str) -> bool {
    format.strip_prefix("web-eid:1").is_some_and(|minor| minor.is_empty() || minor.starts_with('.'))
}

fn check_signature(trail: &mut Trail, parts: &Parts, origin: &Origin, nonce: &Nonce) -> Result<(), Refusal> {
    const CHECK: &str = "署名";
    if verifies(parts, origin, nonce).unwrap_or(false) {
        trail.passed(CHECK, format!("{origin}への応答です"));
        Ok(())
    } else {
        let reason = "署名が合いません（別のサイト、別のチャレンジ、または壊れたトークン）";
        Err(trail.refuse(CHECK, Code::TokenSignature, reason))
    }
}

/// The card signed `hash(origin) ‖ hash(nonce)`; the nonce's text, not the bytes that it encodes.
fn verifies(parts: &Parts, origin: &Origin, nonce: &Nonce) -> Result<bool, openssl::error::ErrorStack> {
    let digest = match parts.algorithm {
        Algorithm::RS256 | Algorithm::ES256 => MessageDigest::sha256(),
        Algorithm::ES384 => MessageDigest::sha384(),
    };
    let mut signed = hash(digest, origin.as_str().as_bytes())?.to_vec();
    signed.extend_from_slice(&hash(digest, nonce.as_str().as_bytes())?);
    let half = match parts.algorithm {
        Algorithm::RS256 => {
            let mut verifier = Verifier::new(digest, &parts.key)?;
            return verifier.verify_oneshot(&parts.signature, &signed);
        }
        Algorithm::ES256 => 32,
        Algorithm::ES384 => 48,
    };
    // Raw R ‖ S, each as long as the curve's order (RFC 7518, 3.4).
    if parts.signature.len() != 2 * half {
        return Ok(false);
    }
    let (r, s) = parts.signature.split_at(half);
    let signature = EcdsaSig::from_private_components(BigNum::from_slice(r)?, BigNum::from_slice(s)?)?;
    signature.verify(&hash(digest, &signed)?, &*parts.key.ec_key()?)
}
