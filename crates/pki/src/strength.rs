//! The algorithm floor: no SHA-1 or MD5, RSA of at least 2048 bits, P-256 or P-384.
//!
//! Read from the certificate's own bytes: OpenSSL 3 takes longer to hand out an EC key than to verify with it.

use x509_parser::{
    prelude::FromDer as _,
    public_key::RSAPublicKey,
    signature_algorithm::SignatureAlgorithm,
    x509::{AlgorithmIdentifier, SubjectPublicKeyInfo},
};

/// Smallest RSA modulus, in bits.
const RSA_BITS: usize = 2048;

/// What kind of key a certificate has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum KeyKind {
    /// rsaEncryption (RFC 3279, 2.3.1), with its modulus in bits.
    Rsa(usize),
    /// id-RSASSA-PSS (RFC 4055, 1.2), with its modulus in bits.
    RsaPss(usize),
    /// secp256r1 (RFC 5480, 2.1.1.1).
    P256,
    /// secp384r1.
    P384,
    /// Another curve.
    OtherCurve,
    /// Neither RSA nor EC.
    Other,
}

impl KeyKind {
    pub(super) fn of(key: &SubjectPublicKeyInfo<'_>) -> Self {
        // `parsed` recognises RSA only by rsaEncryption; RSASSA-PSS has the same structure (RFC 4055, 1.2).
        let modulus = || match RSAPublicKey::from_der(&key.subject_public_key.data) {
            Ok((_, rsa)) => bits(rsa.modulus),
            Err(_) => 0,
        };
        match key.algorithm.algorithm.to_id_string().as_str() {
            "1.2.840.113549.1.1.1" => Self::Rsa(modulus()),
            "1.2.840.113549.1.1.10" => Self::RsaPss(modulus()),
            "1.2.840.10045.2.1" => {
                let curve = key.algorithm.parameters.as_ref().and_then(|curve| curve.as_oid().ok());
                match curve.map(|curve| curve.to_id_string()).as_deref() {
                    Some("1.2.840.10045.3.1.7") => Self::P256,
                    Some("1.3.132.0.34") => Self::P384,
                    _ => Self::OtherCurve,
                }
            }
            _ => Self::Other,
        }
    }

    /// What is weak about it; `None`: nothing.
    pub(super) fn weakness(self) -> Option<String> {
        match self {
            Self::Rsa(bits) | Self::RsaPss(bits) if bits < RSA_BITS => {
                Some(format!("RSA鍵が{bits}ビットです（2048ビット以上が必要）"))
            }
            Self::Rsa(_) | Self::RsaPss(_) | Self::P256 | Self::P384 => None,
            Self::OtherCurve => Some("楕円曲線がP-256でもP-384でもありません".to_owned()),
            Self::Other => Some("鍵の種類がRSAでもECDSAでもありません".to_owned()),
        }
    }
}

/// The length of a big-endian number, in bits.
fn bits(number: &[u8]) -> usize {
    let zeros = number.iter().take_while(|&&byte| byte == 0).count();
    let unused = number.get(zeros).map_or(0, |byte| byte.leading_zeros() as usize);
    (number.len() - zeros) * 8 - unused
}

/// Whether signatures of this algorithm are accepted on certificates and CRLs.
pub(super) fn is_strong_signature(algorithm: &AlgorithmIdentifier<'_>) -> bool {
    match SignatureAlgorithm::try_from(algorithm) {
        // RSASSA-PSS names its hash in the parameters; omitted, it is SHA-1 (RFC 4055, 3.1).
        Ok(SignatureAlgorithm::RSASSA_PSS(parameters)) => matches!(
            parameters.hash_algorithm_oid().to_id_string().as_str(),
            // SHA-256, SHA-384, SHA-512.
            "2.16.840.1.101.3.4.2.1" | "2.16.840.1.101.3.4.2.2" | "2.16.840.1.101.3.4.2.3"
        ),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_modulus_is_as_long_as_its_highest_bit() {
        assert_eq!(bits(&[0, 0x80, 0]), 16);
        assert_eq!(bits(&[0x7F, 0xFF]), 15);
        assert_eq!(bits(&[0, 0]), 0);
        assert_eq!(bits(&[]), 0);
    }
}
