//! Authentication tokens, format `web-eid:1` (see [`touroku_proto::token`]).

use base64::{Engine as _, engine::general_purpose::STANDARD};
use openssl::{
    bn::BigNum,
    ecdsa::EcdsaSig,
    error::ErrorStack,
    hash::{MessageDigest, hash},
    sign::Verifier,
};
use touroku_proto::{
    certificate::Facts,
    origin::Origin,
    token::{Algorithm, Nonce, Token},
};

use crate::{
    cause::Cause,
    decision::{Circumstances, Decision, Refusal, Trail},
    leaf::{self, Leaf},
    path,
    strength::KeyKind,
    trust::Trust,
};

/// The longest token, as the total length of its parts in characters. With a 4096-bit certificate it is about
/// 4,000.
const MAX_TOKEN: usize = 10_000;

/// Whether this token answers that nonce at that origin and was made by a trusted card, at that time (Unix
/// seconds) or under these conditions. Returns the certificate's DER and what it says.
pub fn verify_token(
    trust: &Trust,
    token: &Token,
    origin: &Origin,
    nonce: &Nonce,
    circumstances: impl Into<Circumstances>,
) -> Decision<(Vec<u8>, Facts)> {
    Trail::decide(|trail| {
        let parts = read(trail, token)?;
        let leaf = leaf::read(trail, &parts.certificate)?;
        check_signature(trail, &parts, &leaf, origin, nonce)?;
        path::check(trail, trust, &leaf, circumstances.into())?;
        let facts = leaf.facts;
        Ok((parts.certificate, facts))
    })
}

/// A token's decoded parts.
struct Parts {
    certificate: Vec<u8>,
    algorithm: Algorithm,
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
        return Err(trail.refuse(CHECK, Cause::TokenMalformed, "トークンが長すぎます"));
    }
    if !is_format_1(&token.format) {
        return Err(trail.refuse(CHECK, Cause::TokenFormat, "formatがweb-eid:1ではありません"));
    }
    let Some(algorithm) = Algorithm::from_name(&token.algorithm) else {
        let reason = "algorithmがRS256・ES256・ES384のどれでもありません";
        return Err(trail.refuse(CHECK, Cause::TokenAlgorithm, reason));
    };
    let (Ok(certificate), Ok(signature)) =
        (STANDARD.decode(&token.unverified_certificate), STANDARD.decode(&token.signature))
    else {
        return Err(trail.refuse(CHECK, Cause::TokenMalformed, "証明書または署名がbase64ではありません"));
    };
    if certificate.is_empty() || signature.is_empty() {
        return Err(trail.refuse(CHECK, Cause::TokenMalformed, "証明書または署名が空です"));
    }
    trail.passed(CHECK, format!("{}、{}", token.format, algorithm.name()));
    Ok(Parts { certificate, algorithm, signature })
}

fn is_format_1(format: &str) -> bool {
    format.strip_prefix("web-eid:1").is_some_and(|minor| minor.is_empty() || minor.starts_with('.'))
}

fn check_signature(
    trail: &mut Trail,
    parts: &Parts,
    leaf: &Leaf<'_>,
    origin: &Origin,
    nonce: &Nonce,
) -> Result<(), Refusal> {
    const KEY: &str = "証明書の鍵と署名の方式";
    if !fits(parts.algorithm, leaf.key_kind()) {
        let reason = format!("{}は証明書の鍵と合いません", parts.algorithm.name());
        return Err(trail.refuse(KEY, Cause::TokenAlgorithm, reason));
    }
    trail.passed(KEY, parts.algorithm.name());

    const CHECK: &str = "署名";
    if verifies(parts, leaf, origin, nonce).unwrap_or(false) {
        trail.passed(CHECK, format!("{origin}への応答です"));
        Ok(())
    } else {
        let reason = "署名が合いません（別のサイト、別のチャレンジ、または壊れたトークン）";
        Err(trail.refuse(CHECK, Cause::TokenSignature, reason))
    }
}

/// Whether this algorithm fits keys of this kind.
pub(super) fn fits(algorithm: Algorithm, key: KeyKind) -> bool {
    matches!(
        (algorithm, key),
        (Algorithm::RS256, KeyKind::Rsa(_))
            | (Algorithm::ES256, KeyKind::P256)
            | (Algorithm::ES384, KeyKind::P384)
    )
}

/// The card signed `hash(origin) ‖ hash(nonce)`, hashing the nonce's text, not the bytes it encodes.
fn verifies(parts: &Parts, leaf: &Leaf<'_>, origin: &Origin, nonce: &Nonce) -> Result<bool, ErrorStack> {
    let digest = digest(parts.algorithm);
    let mut signed = hash(digest, origin.as_str().as_bytes())?.to_vec();
    signed.extend_from_slice(&hash(digest, nonce.as_str().as_bytes())?);
    is_signed_by(leaf, parts.algorithm, &parts.signature, &signed)
}

fn digest(algorithm: Algorithm) -> MessageDigest {
    match algorithm {
        Algorithm::RS256 | Algorithm::ES256 => MessageDigest::sha256(),
        Algorithm::ES384 => MessageDigest::sha384(),
    }
}

/// Whether the certificate's key signed that message; ECDSA as raw R ‖ S, each as long as the curve's order (RFC
/// 7518, 3.4), where OpenSSL expects DER.
pub(super) fn is_signed_by(
    leaf: &Leaf<'_>,
    algorithm: Algorithm,
    signature: &[u8],
    message: &[u8],
) -> Result<bool, ErrorStack> {
    let digest = digest(algorithm);
    let ecdsa;
    let signature = match algorithm {
        Algorithm::RS256 => signature,
        Algorithm::ES256 | Algorithm::ES384 => {
            let half = digest.size();
            if signature.len() != 2 * half {
                return Ok(false);
            }
            let (r, s) = signature.split_at(half);
            let (r, s) = (BigNum::from_slice(r)?, BigNum::from_slice(s)?);
            ecdsa = EcdsaSig::from_private_components(r, s)?.to_der()?;
            &ecdsa
        }
    };
    let key = leaf.openssl.public_key()?;
    Verifier::new(digest, &key)?.verify_oneshot(signature, message)
}
