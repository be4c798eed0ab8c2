//! A certification authority for one test.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use openssl::{
    asn1::{Asn1Integer, Asn1Object, Asn1OctetString, Asn1Time},
    bn::BigNum,
    ec::{EcGroup, EcKey},
    ecdsa::EcdsaSig,
    hash::{MessageDigest, hash},
    nid::Nid,
    pkey::{PKey, Private},
    rsa::Rsa,
    sign::Signer,
    x509::{
        X509, X509Builder, X509Extension, X509Name, X509NameBuilder,
        extension::{BasicConstraints, ExtendedKeyUsage, KeyUsage},
    },
};
use serde_json::{Value, json};

use super::der;

/// The tests' current time, Unix seconds: 2026-11-18.
pub const NOW: i64 = 1_795_000_000;
const DAY: i64 = 86_400;

/// A certificate and its key.
#[derive(Clone)]
pub struct Authority {
    pub certificate: X509,
    pub key: PKey<Private>,
}

/// A card, which is a certificate with its key as well.
pub type Card = Authority;

/// What a certificate should be like.
pub struct Spec {
    /// The common name in a company's name, or a whole name: `O=…,OU=…`.
    pub name: &'static str,
    pub key: PKey<Private>,
    pub serial: u32,
    /// The serial number is negative.
    pub is_negative: bool,
    pub not_before: i64,
    pub not_after: i64,
    pub digest: MessageDigest,
    /// `Some(path length)`: a CA.
    pub authority: Option<Option<u32>>,
    pub key_usage: Option<KeyUsage>,
    pub extended: Option<ExtendedKeyUsage>,
    /// OID as text, critical, DER of the value.
    pub extensions: Vec<(&'static str, bool, Vec<u8>)>,
}

pub fn p256() -> PKey<Private> {
    ec(Nid::X9_62_PRIME256V1)
}

pub fn ec(curve: Nid) -> PKey<Private> {
    let group = EcGroup::from_curve_name(curve).unwrap();
    PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap()
}

pub fn rsa(bits: u32) -> PKey<Private> {
    PKey::from_rsa(Rsa::generate(bits).unwrap()).unwrap()
}

impl Spec {
    /// A valid card.
    pub fn card() -> Self {
        let mut usage = KeyUsage::new();
        usage.critical().digital_signature();
        Self {
            name: "Taro Test",
            key: p256(),
            serial: 7,
            is_negative: false,
            not_before: NOW - 30 * DAY,
            not_after: NOW + 100 * DAY,
            digest: MessageDigest::sha256(),
            authority: None,
            key_usage: Some(usage),
            extended: None,
            extensions: Vec::new(),
        }
    }

    /// A valid CA.
    pub fn authority(name: &'static str) -> Self {
        let mut usage = KeyUsage::new();
        usage.critical().key_cert_sign().crl_sign();
        Self {
            name,
            serial: 1,
            not_after: NOW + 3650 * DAY,
            authority: Some(None),
            key_usage: Some(usage),
            ..Self::card()
        }
    }

    fn build(self, issuer: Option<&Authority>) -> Authority {
        let mut builder = X509Builder::new().unwrap();
        builder.set_version(2).unwrap();
        let mut serial = BigNum::from_u32(self.serial).unwrap();
        serial.set_negative(self.is_negative);
        builder.set_serial_number(&Asn1Integer::from_bn(&serial).unwrap()).unwrap();
        builder.set_not_before(&Asn1Time::from_unix(self.not_before).unwrap()).unwrap();
        builder.set_not_after(&Asn1Time::from_unix(self.not_after).unwrap()).unwrap();
        builder.set_pubkey(&self.key).unwrap();
        let subject = name(self.name);
        builder.set_subject_name(&subject).unwrap();
        match issuer {
            Some(issuer) => builder.set_issuer_name(issuer.certificate.subject_name()).unwrap(),
            None => builder.set_issuer_name(&subject).unwrap(),
        }
        if let Some(length) = self.authority {
            let mut constraints = BasicConstraints::new();
            constraints.critical().ca();
            if let Some(length) = length {
                constraints.pathlen(length);
            }
            builder.append_extension(constraints.build().unwrap()).unwrap();
        }
        if let Some(usage) = self.key_usage {
            builder.append_extension(usage.build().unwrap()).unwrap();
        }
        if let Some(extended) = self.extended {
            builder.append_extension(extended.build().unwrap()).unwrap();
        }
        for (oid, critical, value) in self.extensions {
            let oid = Asn1Object::from_str(oid).unwrap();
            let value = Asn1OctetString::new_from_bytes(&value).unwrap();
            builder.append_extension(X509Extension::new_from_der(&oid, critical, &value).unwrap()).unwrap();
        }
        let signer = issuer.map_or(&self.key, |issuer| &issuer.key);
        builder.sign(signer, self.digest).unwrap();
        Authority { certificate: builder.build(), key: self.key }
    }

    pub fn self_signed(self) -> Authority {
        self.build(None)
    }
}

fn name(common_name: &str) -> X509Name {
    let mut builder = X509NameBuilder::new().unwrap();
    if common_name.contains('=') {
        for (kind, value) in common_name.split(',').filter_map(|pair| pair.split_once('=')) {
            builder.append_entry_by_text(kind, value).unwrap();
        }
        return builder.build();
    }
    builder.append_entry_by_text("C", "JP").unwrap();
    builder.append_entry_by_text("O", "Test Shokai").unwrap();
    builder.append_entry_by_text("CN", common_name).unwrap();
    builder.build()
}

impl Authority {
    pub fn root() -> Self {
        Spec::authority("Root CA").self_signed()
    }

    pub fn issue(&self, spec: Spec) -> Authority {
        spec.build(Some(self))
    }

    pub fn der(&self) -> Vec<u8> {
        self.certificate.to_der().unwrap()
    }

    pub fn pem(&self) -> Vec<u8> {
        self.certificate.to_pem().unwrap()
    }

    /// A valid CRL (DER).
    pub fn crl(&self, revoked: &[u32]) -> Vec<u8> {
        self.crl_with(revoked, NOW - DAY, Some(NOW + DAY), &[], MessageDigest::sha256())
    }

    /// A CRL that puts that card on hold (certificateHold).
    pub fn crl_on_hold(&self, serial: u32, this_update: i64, next_update: i64) -> Vec<u8> {
        let reason = der::extension(&[0x55, 0x1D, 0x15], false, &[0x0A, 1, 6]);
        let entry = [der::integer(serial), der::time(this_update), der::sequence(&[reason])];
        let entries = vec![der::sequence(&entry)];
        self.crl_of(entries, (this_update, Some(next_update)), &[], MessageDigest::sha256())
    }

    /// A CRL with this validity, these extensions and this digest; EC keys only.
    pub fn crl_with(
        &self,
        revoked: &[u32],
        this_update: i64,
        next_update: Option<i64>,
        extensions: &[Vec<u8>],
        digest: MessageDigest,
    ) -> Vec<u8> {
        let entry = |&serial: &u32| der::sequence(&[der::integer(serial), der::time(this_update)]);
        let entries = revoked.iter().map(entry).collect();
        self.crl_of(entries, (this_update, next_update), extensions, digest)
    }

    pub fn crl_of(
        &self,
        entries: Vec<Vec<u8>>,
        (this_update, next_update): (i64, Option<i64>),
        extensions: &[Vec<u8>],
        digest: MessageDigest,
    ) -> Vec<u8> {
        // ecdsa-with-SHA256 (RFC 5758, 3.2), ecdsa-with-SHA1 (RFC 3279, 2.2.3).
        let algorithm: &[u8] = if digest == MessageDigest::sha256() {
            &[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x02]
        } else {
            &[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x01]
        };
        let algorithm = der::sequence(&[der::oid(algorithm)]);
        let mut parts = vec![
            der::integer(1),
            algorithm.clone(),
            self.certificate.subject_name().to_der().unwrap(),
            der::time(this_update),
        ];
        parts.extend(next_update.map(der::time));
        if !entries.is_empty() {
            parts.push(der::sequence(&entries));
        }
        if !extensions.is_empty() {
            parts.push(der::tlv(0xA0, &der::sequence(extensions)));
        }
        let list = der::sequence(&parts);
        let mut signer = Signer::new(digest, &self.key).unwrap();
        let signature = signer.sign_oneshot_to_vec(&list).unwrap();
        let signature = der::tlv(0x03, &[&[0], signature.as_slice()].concat());
        der::sequence(&[list, algorithm, signature])
    }

    /// A signature on an application as the host makes it, at that time, Unix seconds.
    pub fn sign(&self, document: &str, at: i64) -> Value {
        let (algorithm, digest) = self.algorithm();
        let name = touroku_proto::token::Algorithm::from_name(algorithm).unwrap();
        let message = touroku_proto::cms::attributes(name, &self.der(), document, at);
        json!({
            "certificate": STANDARD.encode(self.der()),
            "algorithm": algorithm,
            "signed_at": at,
            "signature": STANDARD.encode(self.raw_signature(digest, &message)),
        })
    }

    fn algorithm(&self) -> (&'static str, MessageDigest) {
        match self.key.ec_key() {
            Ok(key) if key.group().curve_name() == Some(Nid::SECP384R1) => ("ES384", MessageDigest::sha384()),
            Ok(_) => ("ES256", MessageDigest::sha256()),
            Err(_) => ("RS256", MessageDigest::sha256()),
        }
    }

    fn raw_signature(&self, digest: MessageDigest, message: &[u8]) -> Vec<u8> {
        match self.key.ec_key() {
            Ok(key) => {
                let half = i32::try_from(digest.size()).unwrap();
                let made = EcdsaSig::sign(&hash(digest, message).unwrap(), &key).unwrap();
                let mut raw = made.r().to_vec_padded(half).unwrap();
                raw.extend(made.s().to_vec_padded(half).unwrap());
                raw
            }
            Err(_) => Signer::new(digest, &self.key).unwrap().sign_oneshot_to_vec(message).unwrap(),
        }
    }

    /// A token as the host makes it.
    pub fn token(&self, origin: &str, nonce: &str) -> Value {
        let (algorithm, digest) = self.algorithm();
        let mut signed = hash(digest, origin.as_bytes()).unwrap().to_vec();
        signed.extend_from_slice(&hash(digest, nonce.as_bytes()).unwrap());
        let signature = self.raw_signature(digest, &signed);
        json!({
            "unverifiedCertificate": STANDARD.encode(self.der()),
            "algorithm": algorithm,
            "signature": STANDARD.encode(signature),
            "format": "web-eid:1.0",
            "appVersion": "test",
        })
    }
}
