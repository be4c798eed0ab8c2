//! What the host needs from a card's certificate: its id, its key, its validity, its summary.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use touroku_proto::{
    card::{CardError, CardErrorCode, CardSummary, PinRules},
    certificate::{DisplayMap, Facts, rfc3339},
    token::Algorithm,
};
use x509_parser::{certificate::X509Certificate, prelude::FromDer, public_key::PublicKey};

use crate::error::Error;

/// id-ecPublicKey's named curves (RFC 5480, 2.1.1.1).
const P256: &str = "1.2.840.10045.3.1.7";
const P384: &str = "1.3.132.0.34";

/// id-RSASSA-PSS (RFC 4055, 1.2).
const RSASSA_PSS: &str = "1.2.840.113549.1.1.10";

/// A certificate read from a card. Nothing is verified here; that is up to the server.
pub struct CardCertificate {
    der: Vec<u8>,
    facts: Facts,
}

/// The keys that this host can sign with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Key {
    /// RSA with so many bytes of modulus.
    Rsa {
        /// 256, 384 or 512.
        bytes: usize,
    },
    /// NIST P-256.
    P256,
    /// NIST P-384.
    P384,
}

impl CardCertificate {
    /// Parses a certificate's DER. Trailing padding, which some cards leave in a fixed-size file, is dropped.
    pub fn parse(mut der: Vec<u8>) -> Result<Self, Error> {
        let unreadable = |why: &str| Error::CertificateUnreadable(why.to_owned());
        let rest = super::tlv::first(&der).map_err(|_| unreadable("no DER"))?.1.len();
        der.truncate(der.len() - rest);
        let facts = Facts::parse(&der).map_err(|_| unreadable("no X.509 certificate"))?;
        Ok(Self { der, facts })
    }

    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// Identifies the card: lower-case hex SHA-256 of the DER.
    pub fn id(&self) -> String {
        hex::encode(Sha256::digest(&self.der))
    }

    /// The public key's kind.
    pub fn key(&self) -> Result<Key, Error> {
        let (_, certificate) = X509Certificate::from_der(&self.der)
            .map_err(|_| Error::CertificateUnreadable("no X.509 certificate".to_owned()))?;
        let info = certificate.public_key();
        let algorithm = info.algorithm.algorithm.to_id_string();
        if algorithm == RSASSA_PSS {
            // Such a key makes no other signatures, and a token has no name for these.
            return Err(Error::KeyUnsupported("RSA-PSS".to_owned()));
        }
        let parameters = info.algorithm.parameters.as_ref();
        let curve = parameters.and_then(|any| any.as_oid().ok()).map(|oid| oid.to_id_string());
        match (info.parsed(), curve.as_deref()) {
            (Ok(PublicKey::RSA(key)), _) => match key.key_size() {
                bits @ (2048 | 3072 | 4096) => Ok(Key::Rsa { bytes: bits / 8 }),
                bits => Err(Error::KeyUnsupported(format!("RSA-{bits}"))),
            },
            (Ok(PublicKey::EC(_)), Some(P256)) => Ok(Key::P256),
            (Ok(PublicKey::EC(_)), Some(P384)) => Ok(Key::P384),
            (Ok(PublicKey::EC(_)), Some(curve)) => Err(Error::KeyUnsupported(format!("EC {curve}"))),
            _ => Err(Error::KeyUnsupported(algorithm)),
        }
    }

    /// Whether it may be used to log in.
    pub fn is_for_authentication(&self) -> bool {
        self.check_usage().is_ok()
    }

    /// Whether it may be used to log in: not a certification authority's, and its key usages, if any, allow
    /// signatures by a client (RFC 5280, 4.2.1.3 and 4.2.1.12). The server requires the same.
    pub fn check_usage(&self) -> Result<(), Error> {
        let unsuitable = |why| Err(Error::CertificateUnsuitable(why));
        let Ok((_, certificate)) = X509Certificate::from_der(&self.der) else { return unsuitable("X.509") };
        if certificate.basic_constraints().ok().flatten().is_some_and(|found| found.value.ca) {
            return unsuitable("basicConstraints: CA");
        }
        let usage = certificate.key_usage().ok().flatten();
        if usage.is_some_and(|usage| !usage.value.digital_signature()) {
            return unsuitable("keyUsage: no digitalSignature");
        }
        let extended = certificate.extended_key_usage().ok().flatten();
        if extended.is_some_and(|extended| !extended.value.client_auth && !extended.value.any) {
            return unsuitable("extendedKeyUsage: no clientAuth");
        }
        Ok(())
    }

    /// Whether it can be used to log in at that Unix time.
    pub fn check(&self, now: i64) -> Result<(), Error> {
        self.check_validity(now)?;
        self.check_usage()?;
        self.key().map(drop)
    }

    /// Whether the certificate is valid at that Unix time.
    fn check_validity(&self, now: i64) -> Result<(), Error> {
        if now < self.facts.not_before {
            Err(Error::CertificateNotYetValid)
        } else if now > self.facts.not_after {
            Err(Error::CertificateExpired)
        } else {
            Ok(())
        }
    }

    /// What the card window shows.
    pub fn summary(&self, family: &str, pin: PinRules, tries_left: Option<u8>, now: i64) -> CardSummary {
        let names = self.facts.display(&DisplayMap::default());
        let unusable = self.check(now);
        let locked = (tries_left == Some(0)).then(|| CardError::new(CardErrorCode::PinLocked));
        CardSummary {
            id: self.id(),
            family: family.to_owned(),
            holder: names.holder_name,
            company: names.company_name,
            issuer: self.facts.issuer_name(),
            not_before: rfc3339(self.facts.not_before),
            not_after: rfc3339(self.facts.not_after),
            tries_left,
            pin,
            pin_pad: false,
            tries_low: false,
            problem: unusable.err().map(|error| error.to_card_error()).or(locked),
        }
    }
}

impl Key {
    /// The signature algorithm that goes with this key.
    pub fn algorithm(self) -> Algorithm {
        match self {
            Self::Rsa { .. } => Algorithm::RS256,
            Self::P256 => Algorithm::ES256,
            Self::P384 => Algorithm::ES384,
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "in a test, a panic is the message")]
mod tests {
    use super::*;

    /// 2026-11-30, when the certificates of `server/tests/field` are valid.
    const NOW: i64 = 1_796_000_000;

    fn field(name: &str) -> Result<CardCertificate, Error> {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../server/tests/field/certs");
        CardCertificate::parse(std::fs::read(format!("{folder}/{name}.der")).unwrap())
    }

    #[test]
    fn what_cannot_log_in_is_said_with_its_reason_before_any_pin_is_asked() {
        let problem = |name: &str| field(name).and_then(|certificate| certificate.check(NOW)).err();
        assert_eq!(problem("c00_plain"), None);
        assert_eq!(
            problem("c52_nonrep_only"),
            Some(Error::CertificateUnsuitable("keyUsage: no digitalSignature"))
        );
        assert_eq!(problem("c58_rsa_pss_key"), Some(Error::KeyUnsupported("RSA-PSS".to_owned())));
        assert!(matches!(problem("c46_feb29"), Some(Error::CertificateUnreadable(_))));
    }

    #[test]
    fn what_stands_in_odd_certificates_is_read_as_it_was_meant() {
        let summary = |name: &str| {
            let pin = PinRules { min: 6, max: 8, letters: false };
            field(name).unwrap().summary("piv", pin, None, NOW)
        };
        assert_eq!(summary("c41_9999").not_after, "9999-12-31T23:59:59Z", "no end");
        assert_eq!(summary("c03_t61_utf8").company, "株式会社架空建設");
        assert_eq!(summary("c12_two_dirnames").company, "株式会社架空建設");
        assert_ne!(summary("c30_negative_serial").id, summary("c31_serial_251").id, "two cards");
    }
}
