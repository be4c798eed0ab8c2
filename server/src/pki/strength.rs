//! The algorithm floor: no SHA-1 or MD5, RSA of 2048 bits and more, P-256 or P-384.

use openssl::{
    nid::Nid,
    pkey::{Id, PKeyRef, Public},
    x509::X509Ref,
};
use x509_parser::{prelude::FromDer as _, signature_algorithm::SignatureAlgorithm};

/// Smallest RSA modulus, in bits.
const RSA_BITS: u32 = 2048;

/// What is weak about a certificate's own key; `None`: nothing.
pub(super) fn weak_key(certificate: &X509Ref) -> Option<String> {
    match certificate.public_key() {
        Ok(key) => weak_public_key(&key),
        Err(_) => Some("公開鍵を読めません".to_owned()),
    }
}

fn weak_public_key(key: &PKeyRef<Public>) -> Option<String> {
    match key.id() {
        Id::RSA | Id::RSA_PSS if key.bits() >= RSA_BITS => None,
        Id::RSA | Id::RSA_PSS => Some(format!("RSA鍵が{}ビットです（2048ビット以上が必要）", key.bits())),
        Id::EC => match curve(key) {
            Some(Nid::X9_62_PRIME256V1 | Nid::SECP384R1) => None,
            _ => Some("楕円曲線がP-256でもP-384でもありません".to_owned()),
        },
        _ => Some("鍵の種類がRSAでもECDSAでもありません".to_owned()),
    }
}

/// The named curve of an EC key.
pub(super) fn curve(key: &PKeyRef<Public>) -> Option<Nid> {
    key.ec_key().ok()?.group().curve_name()
}

/// What is weak about the signature under a certificate; `None`: nothing.
pub(super) fn weak_signature(certificate: &X509Ref) -> Option<String> {
    let algorithm = certificate.signature_algorithm().object();
    let strong = match algorithm.nid() {
        Nid::SHA256WITHRSAENCRYPTION
        | Nid::SHA384WITHRSAENCRYPTION
        | Nid::SHA512WITHRSAENCRYPTION
        | Nid::ECDSA_WITH_SHA256
        | Nid::ECDSA_WITH_SHA384
        | Nid::ECDSA_WITH_SHA512 => true,
        Nid::RSASSAPSS => certificate.to_der().is_ok_and(|der| has_strong_pss(&der)),
        _ => false,
    };
    if strong { None } else { Some(format!("署名の方式{algorithm}は使えません")) }
}

/// RSASSA-PSS names its hash in parameters; left out, it is SHA-1 (RFC 4055, 3.1).
fn has_strong_pss(der: &[u8]) -> bool {
    let Ok((_, certificate)) = x509_parser::certificate::X509Certificate::from_der(der) else { return false };
    let Ok(SignatureAlgorithm::RSASSA_PSS(parameters)) =
        SignatureAlgorithm::try_from(&certificate.signature_algorithm)
    else {
        return false;
    };
    is_strong_hash(&parameters.hash_algorithm_oid().to_id_string())
}

/// SHA-256, SHA-384, SHA-512.
fn is_strong_hash(oid: &str) -> bool {
    matches!(oid, "2.16.840.1.101.3.4.2.1" | "2.16.840.1.101.3.4.2.2" | "2.16.840.1.101.3.4.2.3")
}

/// Whether a CRL's signature algorithm, by its dotted OID, is accepted.
pub(super) fn is_strong_signature(algorithm: &x509_parser::x509::AlgorithmIdentifier<'_>) -> bool {
    match SignatureAlgorithm::try_from(algorithm) {
        Ok(SignatureAlgorithm::RSASSA_PSS(parameters)) => {
            is_strong_hash(&parameters.hash_algorithm_oid().to_id_string())
        }
        _ => matches!(
            algorithm.algorithm.to_id_string().as_str(),
            // sha256/384/512WithRSAEncryption (RFC 4055, 5), ecdsa-with-SHA256/384/512 (RFC 5758, 3.2).
            "1.2.840.113549.1.1.11"
                | "1.2.840.113549.1.1.12"
                | "1.2.840.113549.1.1.13"
                | "1.2.840.10045.4.3.2"
                | "1.2.840.10045.4.3.3"
                | "1.2.840.10045.4.3.4"
        ),
    }
}
