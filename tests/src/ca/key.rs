//! Keys of the test authority and its cards, made and used by OpenSSL.

use std::str::FromStr;

use anyhow::{Result, bail};
use openssl::{
    bn::BigNumContext,
    ec::{EcGroup, EcKey, PointConversionForm},
    hash::MessageDigest,
    nid::Nid,
    pkey::{Id, PKey, Private},
    rsa::Rsa,
    sign::Signer,
};
use rcgen::{
    PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384, PKCS_RSA_SHA256, PublicKeyData, SignatureAlgorithm,
};
use time::OffsetDateTime;

/// Key types that PIV cards have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyKind {
    /// RSA, 2048 bits.
    Rsa2048,
    /// RSA, 3072 bits.
    Rsa3072,
    /// RSA, 4096 bits.
    Rsa4096,
    /// ECDSA on P-256.
    P256,
    /// ECDSA on P-384.
    P384,
}

impl KeyKind {
    pub fn generate(self) -> Result<PKey<Private>> {
        let rsa = |bits| Ok(PKey::from_rsa(Rsa::generate(bits)?)?);
        let ec = |curve| Ok(PKey::from_ec_key(EcKey::generate(&*EcGroup::from_curve_name(curve)?)?)?);
        match self {
            Self::Rsa2048 => rsa(2048),
            Self::Rsa3072 => rsa(3072),
            Self::Rsa4096 => rsa(4096),
            Self::P256 => ec(Nid::X9_62_PRIME256V1),
            Self::P384 => ec(Nid::SECP384R1),
        }
    }
}

impl FromStr for KeyKind {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        Ok(match text {
            "rsa2048" => Self::Rsa2048,
            "rsa3072" => Self::Rsa3072,
            "rsa4096" => Self::Rsa4096,
            "p256" => Self::P256,
            "p384" => Self::P384,
            _ => bail!("a key is rsa2048, rsa3072, rsa4096, p256 or p384"),
        })
    }
}

/// A moment, in Unix seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Timestamp(i64);

impl Timestamp {
    pub fn from_unix(seconds: i64) -> Self {
        Self(seconds)
    }

    /// That many days later; earlier when negative.
    #[must_use]
    pub fn plus_days(self, days: i64) -> Self {
        Self(self.0 + days * 86_400)
    }

    /// As Unix seconds.
    pub fn unix(self) -> i64 {
        self.0
    }

    pub(super) fn date_time(self) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp(self.0).expect("test times lie within years 0 to 9999")
    }
}

/// A key as rcgen knows it.
pub(super) struct SigningKey {
    key: PKey<Private>,
    /// The content that X.509 wraps: RSAPublicKey (RFC 8017, A.1.1) or the uncompressed point (RFC 5480, 2.2).
    public: Vec<u8>,
    algorithm: &'static SignatureAlgorithm,
}

impl SigningKey {
    pub(super) fn new(key: PKey<Private>) -> Result<Self> {
        let (public, algorithm) = match (key.id(), key.bits()) {
            (Id::RSA, _) => (key.rsa()?.public_key_to_der_pkcs1()?, &PKCS_RSA_SHA256),
            (_, 256) => (point(&key)?, &PKCS_ECDSA_P256_SHA256),
            (_, _) => (point(&key)?, &PKCS_ECDSA_P384_SHA384),
        };
        Ok(Self { key, public, algorithm })
    }

    pub(super) fn private(&self) -> &PKey<Private> {
        &self.key
    }

    pub(super) fn to_pem(&self) -> Result<Vec<u8>> {
        Ok(self.key.private_key_to_pem_pkcs8()?)
    }
}

fn point(key: &PKey<Private>) -> Result<Vec<u8>> {
    let key = key.ec_key()?;
    let mut context = BigNumContext::new()?;
    Ok(key.public_key().to_bytes(key.group(), PointConversionForm::UNCOMPRESSED, &mut context)?)
}

impl PublicKeyData for SigningKey {
    fn der_bytes(&self) -> &[u8] {
        &self.public
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        self.algorithm
    }
}

impl rcgen::SigningKey for SigningKey {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        let digest = if self.algorithm == &PKCS_ECDSA_P384_SHA384 {
            MessageDigest::sha384()
        } else {
            MessageDigest::sha256()
        };
        let sign = || Signer::new(digest, &self.key)?.sign_oneshot_to_vec(message);
        sign().map_err(|_: openssl::error::ErrorStack| rcgen::Error::RemoteKeyError)
    }
}
