//! From a card's certificate up to an anchor.
//!
//! OpenSSL builds and checks the path (names, signatures, validity, constraints, unknown critical
//! extensions). What depends on our purpose is checked here: the algorithm floor, key usage, revocation.

use openssl::{hash::MessageDigest, x509::X509};
use touroku_proto::certificate::{Facts, MyNumberUse};

use crate::{
    cause::Cause,
    chain::run_openssl,
    decision::{AnchorEvidence, Circumstances, Decision, Refusal, Trail},
    leaf::{self, Leaf},
    names::subject,
    policy, revocation,
    strength::{KeyKind, is_strong_signature},
    trust::Trust,
};

/// Whether the holder of this certificate (DER) may log in, at that time (Unix seconds) or under these circumstances.
pub fn verify_certificate(
    trust: &Trust,
    der: &[u8],
    circumstances: impl Into<Circumstances>,
) -> Decision<Facts> {
    Trail::decide(|trail| {
        let leaf = leaf::read(trail, der)?;
        check(trail, trust, &leaf, circumstances.into())?;
        Ok(leaf.facts)
    })
}

/// Checks everything about the path from this certificate up.
pub(super) fn check(
    trail: &mut Trail,
    trust: &Trust,
    leaf: &Leaf<'_>,
    circumstances: Circumstances,
) -> Result<(), Refusal> {
    let path = build(trail, trust, &leaf.openssl, circumstances.at)?;
    check_strength(trail, trust, leaf, &path)?;
    check_authorities(trail, trust, &path)?;
    policy::check(trail, trust.rules(), &leaf.facts, &path)?;
    check_my_number(trail, &leaf.facts, circumstances)?;
    check_usage(trail, leaf)?;
    revocation::check(trail, trust, &path, circumstances)
}

/// 公的個人認証サービス: only where the agency accepts it, and only the certificate that names nobody. An anchor
/// trusted for one agency's sake must not open the others.
fn check_my_number(trail: &mut Trail, facts: &Facts, circumstances: Circumstances) -> Result<(), Refusal> {
    const CHECK: &str = "マイナンバーカード";
    match facts.my_number() {
        None => Ok(()),
        Some(_) if !circumstances.my_number => {
            let reason =
                "公的個人認証サービスの証明書です。受け付ける発注機関（[cards] my_number）ではありません";
            Err(trail.refuse(CHECK, Cause::MyNumberNotAccepted, reason))
        }
        Some(MyNumberUse::Authentication) => {
            trail.passed(CHECK, "利用者証明用の証明書です。この発注機関は受け付けます".to_owned());
            Ok(())
        }
        Some(MyNumberUse::Other) => {
            let reason = "公的個人認証サービスの、利用者証明用でない証明書（署名用など）です";
            Err(trail.refuse(CHECK, Cause::CertificatePolicy, reason))
        }
    }
}

fn build(trail: &mut Trail, trust: &Trust, leaf: &X509, at: i64) -> Result<Vec<X509>, Refusal> {
    const CHECK: &str = "信頼する認証局までの経路";
    if trust.left_out() > 0 {
        trail.passed("中間の認証局の候補", format!("大きすぎる証明書{}枚は使いません", trust.left_out()));
    }
    match run_openssl(trust, leaf, at) {
        Ok(Ok(path)) => {
            let names: Vec<String> = path.iter().map(|certificate| subject(certificate)).collect();
            trail.passed(CHECK, names.join(" → "));
            trail.evidence.anchor = path.last().and_then(|anchor| {
                let sha256 = hex::encode(anchor.digest(MessageDigest::sha256()).ok()?);
                let subject = if path.len() > 1 { subject(anchor) } else { String::new() };
                Some(AnchorEvidence { subject, sha256 })
            });
            Ok(path)
        }
        Ok(Err(failure)) => {
            let cause =
                if failure.is_damaged { Cause::CertificateMalformed } else { cause_of(failure.error) };
            let what = if failure.is_damaged { "証明書が壊れています" } else { in_japanese(cause) };
            let reason = format!("{what}: {}（OpenSSL: {}）", failure.subject, failure.text);
            Err(trail.refuse(CHECK, cause, reason))
        }
        Err(_) => Err(trail.refuse(CHECK, Cause::CertificatePath, "OpenSSLが経路を調べられませんでした")),
    }
}

/// OpenSSL's verification errors (`x509_vfy.h`) as causes.
fn cause_of(error: i32) -> Cause {
    use openssl_codes as e;
    match error {
        e::UNABLE_TO_GET_ISSUER_CERT
        | e::UNABLE_TO_GET_ISSUER_CERT_LOCALLY
        | e::UNABLE_TO_VERIFY_LEAF_SIGNATURE
        | e::DEPTH_ZERO_SELF_SIGNED_CERT
        | e::SELF_SIGNED_CERT_IN_CHAIN
        | e::CERT_UNTRUSTED
        // Issued in the name of an anchor, but not by its key.
        | e::CERT_SIGNATURE_FAILURE => Cause::CertificateUnknownIssuer,
        e::CERT_NOT_YET_VALID => Cause::CertificateNotYetValid,
        e::CERT_HAS_EXPIRED => Cause::CertificateExpired,
        e::ERROR_IN_CERT_NOT_BEFORE_FIELD | e::ERROR_IN_CERT_NOT_AFTER_FIELD => Cause::CertificateMalformed,
        e::EE_KEY_TOO_SMALL | e::CA_KEY_TOO_SMALL | e::CA_MD_TOO_WEAK => Cause::CertificateWeak,
        _ => Cause::CertificatePath,
    }
}

fn in_japanese(cause: Cause) -> &'static str {
    match cause {
        Cause::CertificateUnknownIssuer => "信頼する認証局につながりません",
        Cause::CertificateNotYetValid => "まだ有効期間に入っていません",
        Cause::CertificateExpired => "有効期限が切れています",
        Cause::CertificateMalformed => "有効期間を読めません",
        Cause::CertificateWeak => "鍵または署名の方式が弱すぎます",
        _ => "経路が規則（RFC 5280）に合いません",
    }
}

/// `X509_V_ERR_…` of OpenSSL 3, stable since 0.9.
mod openssl_codes {
    pub(super) const UNABLE_TO_GET_ISSUER_CERT: i32 = 2;
    pub(super) const CERT_SIGNATURE_FAILURE: i32 = 7;
    pub(super) const CERT_NOT_YET_VALID: i32 = 9;
    pub(super) const CERT_HAS_EXPIRED: i32 = 10;
    pub(super) const ERROR_IN_CERT_NOT_BEFORE_FIELD: i32 = 13;
    pub(super) const ERROR_IN_CERT_NOT_AFTER_FIELD: i32 = 14;
    pub(super) const DEPTH_ZERO_SELF_SIGNED_CERT: i32 = 18;
    pub(super) const SELF_SIGNED_CERT_IN_CHAIN: i32 = 19;
    pub(super) const UNABLE_TO_GET_ISSUER_CERT_LOCALLY: i32 = 20;
    pub(super) const UNABLE_TO_VERIFY_LEAF_SIGNATURE: i32 = 21;
    pub(super) const CERT_UNTRUSTED: i32 = 27;
    pub(super) const EE_KEY_TOO_SMALL: i32 = 66;
    pub(super) const CA_KEY_TOO_SMALL: i32 = 67;
    pub(super) const CA_MD_TOO_WEAK: i32 = 68;
}

/// Every certificate below the anchor has a strong signature, and every one including the anchor a strong key: the
/// anchor's key made the signature below it. The signature on an anchor means nothing.
fn check_strength(trail: &mut Trail, trust: &Trust, leaf: &Leaf<'_>, path: &[X509]) -> Result<(), Refusal> {
    const CHECK: &str = "鍵の長さと署名の方式";
    for (height, certificate) in path.iter().enumerate() {
        let is_anchor = height + 1 == path.len();
        let (weak_key, is_signed_strongly) = if height == 0 {
            (leaf.key_kind().weakness(), is_strong_signature(&leaf.parsed.signature_algorithm))
        } else {
            match trust.authority(certificate) {
                Some(known) => (known.weak_key.clone(), known.is_signed_strongly),
                None => (Some("信頼する証明書にありません".to_owned()), false),
            }
        };
        let weak_signature = (!is_anchor && !is_signed_strongly)
            .then(|| format!("署名の方式{}は使えません", certificate.signature_algorithm().object()));
        if let Some(weakness) = weak_key.or(weak_signature) {
            let reason = format!("{}: {weakness}", subject(certificate));
            return Err(trail.refuse(CHECK, Cause::CertificateWeak, reason));
        }
    }
    trail.passed(CHECK, "RSA 2048ビット以上またはP-256・P-384、SHA-2");
    Ok(())
}

/// Certificates between card and anchor must declare themselves CAs in basicConstraints (RFC 5280, 6.1.4 k).
/// OpenSSL accepts keyCertSign alone.
fn check_authorities(trail: &mut Trail, trust: &Trust, path: &[X509]) -> Result<(), Refusal> {
    const CHECK: &str = "中間の認証局";
    let between = path.get(1..path.len().saturating_sub(1)).unwrap_or_default();
    for certificate in between {
        if !trust.authority(certificate).is_some_and(|known| known.is_ca) {
            let reason = format!("{}: 認証局の証明書ではありません", subject(certificate));
            return Err(trail.refuse(CHECK, Cause::CertificatePath, reason));
        }
    }
    trail.passed(CHECK, format!("{}枚", between.len()));
    Ok(())
}

/// The card's key may sign a challenge: keyUsage, if present, contains digitalSignature; extendedKeyUsage, if
/// present, contains clientAuth or anyExtendedKeyUsage, which restricts nothing (RFC 5280, 4.2.1.12).
fn check_usage(trail: &mut Trail, leaf: &Leaf<'_>) -> Result<(), Refusal> {
    const CHECK: &str = "鍵の用途";
    let malformed =
        |trail: &mut Trail| trail.refuse(CHECK, Cause::CertificateMalformed, "鍵の用途を読めません");
    let (Ok(usage), Ok(extended)) = (leaf.parsed.key_usage(), leaf.parsed.extended_key_usage()) else {
        return Err(malformed(trail));
    };
    if usage.is_some_and(|usage| !usage.value.digital_signature()) {
        let reason = "keyUsageにdigitalSignatureがありません";
        return Err(trail.refuse(CHECK, Cause::CertificateKeyUsage, reason));
    }
    if extended.is_some_and(|extended| !extended.value.client_auth && !extended.value.any) {
        let reason = "extendedKeyUsageにclientAuthがありません";
        return Err(trail.refuse(CHECK, Cause::CertificateKeyUsage, reason));
    }
    if matches!(leaf.key_kind(), KeyKind::RsaPss(_)) {
        let reason = "鍵がRSA-PSS専用です。ログインの署名（RS256）には使えません";
        return Err(trail.refuse(CHECK, Cause::CertificateKeyUsage, reason));
    }
    trail.passed(CHECK, "ログインに使えます");
    Ok(())
}
