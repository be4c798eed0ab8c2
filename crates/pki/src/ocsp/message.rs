//! Requests and responses as bytes (RFC 6960, 4).

use openssl::{
    hash::{MessageDigest, hash},
    nid::Nid,
};
use x509_parser::{
    asn1_rs::GeneralizedTime, certificate::X509Certificate, prelude::FromDer as _, x509::AlgorithmIdentifier,
};

use crate::der::{Reader, Value, value};

/// The most single responses considered; responders send one, or a handful prepared together.
const MAX_SINGLES: usize = 100;

/// The most certificates of a response considered.
const MAX_CERTIFICATES: usize = 8;

/// id-pkix-ocsp-nonce, DER value of 1.3.6.1.5.5.7.48.1.2.
const NONCE: &[u8] = &[0x2B, 6, 1, 5, 5, 7, 0x30, 1, 2];
/// id-pkix-ocsp-basic, 1.3.6.1.5.5.7.48.1.1.
const BASIC: &[u8] = &[0x2B, 6, 1, 5, 5, 7, 0x30, 1, 1];
/// id-sha1, 1.3.14.3.2.26. Here it only identifies a certificate and protects nothing; every responder supports
/// it, not all support another (RFC 5019, 2.1.1).
const SHA1: &[u8] = &[0x2B, 0x0E, 3, 2, 0x1A];

/// Identifies a certificate (CertID).
pub(crate) struct Subject {
    issuer_name: Vec<u8>,
    issuer_key: Vec<u8>,
    serial: Vec<u8>,
}

impl Subject {
    /// Computed from the DER of a certificate and of its issuer's.
    pub(crate) fn read(certificate: &[u8], issuer: &[u8]) -> Option<Self> {
        let (_, certificate) = X509Certificate::from_der(certificate).ok()?;
        let (_, issuer) = X509Certificate::from_der(issuer).ok()?;
        Some(Self {
            // As encoded in the certificate: that is what the responder hashes (RFC 6960, 4.1.1).
            issuer_name: certificate.issuer().as_raw().to_vec(),
            issuer_key: issuer.public_key().subject_public_key.data.to_vec(),
            serial: certificate.raw_serial().to_vec(),
        })
    }

    /// An OCSPRequest, with a nonce if one is wanted.
    pub(crate) fn request(&self, nonce: Option<&[u8]>) -> Option<Vec<u8>> {
        let digest = |bytes| hash(MessageDigest::sha1(), bytes).ok();
        let algorithm = value(0x30, &[&value(0x06, &[SHA1]), &value(0x05, &[])]);
        let id = value(
            0x30,
            &[
                &algorithm,
                &value(0x04, &[&digest(&self.issuer_name)?]),
                &value(0x04, &[&digest(&self.issuer_key)?]),
                &value(0x02, &[&self.serial]),
            ],
        );
        let list = value(0x30, &[&value(0x30, &[&id])]);
        let extensions = nonce.map(|nonce| {
            let nonce = value(0x04, &[&value(0x04, &[nonce])]);
            value(0xA2, &[&value(0x30, &[&value(0x30, &[&value(0x06, &[NONCE]), &nonce])])])
        });
        Some(value(0x30, &[&value(0x30, &[&list, &extensions.unwrap_or_default()])]))
    }

    /// Whether a CertID refers to this certificate.
    fn is_meant_by(&self, id: Value<'_>) -> Option<bool> {
        let mut id = id.inside();
        let (_, algorithm) = AlgorithmIdentifier::from_der(id.expect(0x30)?.raw).ok()?;
        let (name, key, serial) = (id.expect(0x04)?, id.expect(0x04)?, id.expect(0x02)?);
        let digest = match algorithm.algorithm.to_id_string().as_str() {
            "1.3.14.3.2.26" => Nid::SHA1,
            "2.16.840.1.101.3.4.2.1" => Nid::SHA256,
            "2.16.840.1.101.3.4.2.2" => Nid::SHA384,
            "2.16.840.1.101.3.4.2.3" => Nid::SHA512,
            _ => return Some(false),
        };
        let digest = MessageDigest::from_nid(digest)?;
        let is_hash = |found: &[u8], of: &[u8]| hash(digest, of).is_ok_and(|hash| *hash == *found);
        Some(
            serial.content == self.serial
                && is_hash(name.content, &self.issuer_name)
                && is_hash(key.content, &self.issuer_key),
        )
    }
}

/// A parsed BasicOCSPResponse.
pub(super) struct Response<'a> {
    pub(super) signed: &'a [u8],
    pub(super) algorithm: AlgorithmIdentifier<'a>,
    pub(super) signature: &'a [u8],
    pub(super) responder: Responder<'a>,
    /// DER.
    pub(super) certificates: Vec<&'a [u8]>,
    pub(super) nonce: Option<&'a [u8]>,
    singles: Vec<(Value<'a>, Single)>,
    has_unknown_critical: bool,
}

pub(super) enum Responder<'a> {
    /// DER of its name.
    Name(&'a [u8]),
    /// SHA-1 of its key.
    Key(&'a [u8]),
}

/// What is said about one certificate. Times in Unix seconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Single {
    pub(super) status: Said,
    pub(super) this_update: i64,
    pub(super) next_update: Option<i64>,
    has_unknown_critical: bool,
}

/// CertStatus.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Said {
    Good,
    Revoked,
    Unknown,
}

/// Why there is no response to judge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum NoResponse {
    /// Not an OCSPResponse, or not of the basic kind.
    Malformed,
    /// The responder's own code for not answering.
    Status(&'static str),
}

impl<'a> Response<'a> {
    /// Parses an OCSPResponse.
    pub(super) fn read(der: &'a [u8]) -> Result<Self, NoResponse> {
        let mut outer = Reader::new(der);
        let response = outer.expect(0x30).ok_or(NoResponse::Malformed)?;
        let mut parts = response.inside();
        let status = parts.expect(0x0A).ok_or(NoResponse::Malformed)?;
        if status.content != [0] {
            return Err(NoResponse::Status(match status.content {
                [1] => "malformedRequest",
                [2] => "internalError",
                [3] => "tryLater",
                [5] => "sigRequired",
                [6] => "unauthorized",
                _ => return Err(NoResponse::Malformed),
            }));
        }
        let basic = || {
            let mut bytes = parts.expect(0xA0)?.inside().expect(0x30)?.inside();
            (bytes.expect(0x06)?.content == BASIC).then_some(())?;
            let basic = bytes.expect(0x04)?;
            (outer.is_empty() && parts.is_empty()).then_some(basic)
        };
        let mut basic = basic;
        basic().and_then(|basic| Self::read_basic(basic.inside())).ok_or(NoResponse::Malformed)
    }

    fn read_basic(mut reader: Reader<'a>) -> Option<Self> {
        let mut basic = reader.expect(0x30)?.inside();
        let signed = basic.expect(0x30)?;
        let (_, algorithm) = AlgorithmIdentifier::from_der(basic.expect(0x30)?.raw).ok()?;
        let signature = basic.expect(0x03)?.whole_bytes()?;
        let mut certificates = Vec::new();
        if let Some(list) = basic.optional(0xA0) {
            let mut list = list.inside().expect(0x30)?.inside();
            while !list.is_empty() && certificates.len() < MAX_CERTIFICATES {
                certificates.push(list.expect(0x30)?.raw);
            }
        }

        let mut data = signed.inside();
        // Version 1 is the only one, and usually omitted.
        if let Some(version) = data.optional(0xA0) {
            (version.inside().expect(0x02)?.content == [0]).then_some(())?;
        }
        let responder = data.next()?;
        let responder = match responder.tag {
            0xA1 => Responder::Name(responder.inside().expect(0x30)?.raw),
            0xA2 => Responder::Key(responder.inside().expect(0x04)?.content),
            _ => return None,
        };
        // producedAt adds nothing to thisUpdate.
        data.expect(0x18)?;
        let mut list = data.expect(0x30)?.inside();
        let mut singles = Vec::new();
        while !list.is_empty() && singles.len() < MAX_SINGLES {
            let mut single = list.expect(0x30)?.inside();
            singles.push((single.expect(0x30)?, Single::read(single)?));
        }
        let mut response = Self {
            signed: signed.raw,
            algorithm,
            signature,
            responder,
            certificates,
            nonce: None,
            singles,
            has_unknown_critical: false,
        };
        if let Some(extensions) = data.optional(0xA1) {
            let mut list = extensions.inside().expect(0x30)?.inside();
            while !list.is_empty() {
                let extension = Extension::read(&mut list)?;
                if extension.id == NONCE {
                    // Some responders omit the inner OCTET STRING (RFC 6960, 4.4.1).
                    let inner = Reader::new(extension.value).expect(0x04);
                    response.nonce = Some(inner.map_or(extension.value, |inner| inner.content));
                } else {
                    response.has_unknown_critical |= extension.is_critical;
                }
            }
        }
        (data.is_empty() && basic.is_empty() && reader.is_empty()).then_some(response)
    }

    /// What it says about that certificate.
    pub(super) fn of(&self, subject: &Subject) -> Option<&Single> {
        let meant = self.singles.iter().find(|(id, _)| subject.is_meant_by(*id) == Some(true));
        meant.map(|(_, single)| single)
    }

    /// Whether it depends on an unsupported critical extension.
    pub(super) fn depends_on_the_unknown(&self, single: &Single) -> bool {
        self.has_unknown_critical || single.has_unknown_critical
    }
}

impl Single {
    /// What follows the CertID.
    fn read(mut parts: Reader<'_>) -> Option<Self> {
        let status = match parts.next()?.tag {
            0x80 => Said::Good,
            0xA1 => Said::Revoked,
            0x82 => Said::Unknown,
            _ => return None,
        };
        let this_update = time(parts.expect(0x18)?)?;
        let next_update = match parts.optional(0xA0) {
            Some(explicit) => Some(time(explicit.inside().expect(0x18)?)?),
            None => None,
        };
        let mut has_unknown_critical = false;
        if let Some(extensions) = parts.optional(0xA1) {
            let mut list = extensions.inside().expect(0x30)?.inside();
            while !list.is_empty() {
                has_unknown_critical |= Extension::read(&mut list)?.is_critical;
            }
        }
        parts.is_empty().then_some(Self { status, this_update, next_update, has_unknown_critical })
    }
}

struct Extension<'a> {
    id: &'a [u8],
    is_critical: bool,
    value: &'a [u8],
}

impl<'a> Extension<'a> {
    fn read(list: &mut Reader<'a>) -> Option<Self> {
        let mut extension = list.expect(0x30)?.inside();
        let id = extension.expect(0x06)?.content;
        let is_critical = extension.optional(0x01).is_some_and(|critical| critical.content != [0]);
        Some(Self { id, is_critical, value: extension.expect(0x04)?.content })
    }
}

fn time(value: Value<'_>) -> Option<i64> {
    let time = GeneralizedTime::from_bytes(value.content).ok()?;
    Some(time.utc_datetime().ok()?.unix_timestamp())
}
