//! The signature on a 申請書 in a form that standard tools read: CMS SignedData (RFC 5652), detached, with
//! one signer and the attributes of a CAdES-BES signature (ETSI EN 319 122-1: content-type, message-digest,
//! signing-time, signing-certificate-v2 of RFC 5035).
//!
//! The host writes the attributes and has the card sign them; the server writes the very same ones from what it
//! knows itself and adds the signature. So nobody parses a CMS that somebody else has written.

use sha2::{Digest as _, Sha256, Sha384};
use x509_parser::{certificate::X509Certificate, prelude::FromDer as _};
use yasna::{DERWriter, Tag, models::ObjectIdentifier, tags::TAG_UTCTIME};

use crate::{
    certificate::{NotACertificate, rfc3339},
    token::Algorithm,
};

// RFC 5652, 4, 5.1, 11.1 to 11.3; RFC 5035, 5.4.
const DATA: &[u64] = &[1, 2, 840, 113_549, 1, 7, 1];
const SIGNED_DATA: &[u64] = &[1, 2, 840, 113_549, 1, 7, 2];
const CONTENT_TYPE: &[u64] = &[1, 2, 840, 113_549, 1, 9, 3];
const MESSAGE_DIGEST: &[u64] = &[1, 2, 840, 113_549, 1, 9, 4];
const SIGNING_TIME: &[u64] = &[1, 2, 840, 113_549, 1, 9, 5];
const SIGNING_CERTIFICATE_V2: &[u64] = &[1, 2, 840, 113_549, 1, 9, 16, 2, 47];

// RFC 5754, 2 and 3.
const SHA256: &[u64] = &[2, 16, 840, 1, 101, 3, 4, 2, 1];
const SHA384: &[u64] = &[2, 16, 840, 1, 101, 3, 4, 2, 2];
const RSA: &[u64] = &[1, 2, 840, 113_549, 1, 1, 1];
const ECDSA_SHA256: &[u64] = &[1, 2, 840, 10045, 4, 3, 2];
const ECDSA_SHA384: &[u64] = &[1, 2, 840, 10045, 4, 3, 3];

/// What the card signs for a document: the DER of SET OF Attribute (RFC 5652, 5.4). `signed_at`: Unix seconds.
///
/// It is longer than the 96 bytes that a token's signature covers at most, so neither can ever stand in for the
/// other.
pub fn attributes(algorithm: Algorithm, certificate: &[u8], document: &str, signed_at: i64) -> Vec<u8> {
    yasna::construct_der(|writer| write_attributes(writer, algorithm, certificate, document, signed_at))
}

/// A signature on a document.
pub struct SignedDocument<'a> {
    /// The text.
    pub document: &'a str,
    /// The signer's certificate, DER.
    pub certificate: &'a [u8],
    /// Unix seconds.
    pub signed_at: i64,
    /// How it was signed.
    pub algorithm: Algorithm,
    /// RSA's block, or ECDSA's R ‖ S.
    pub signature: &'a [u8],
}

impl SignedDocument<'_> {
    /// The complete `.p7s`: DER of ContentInfo. `above`: the certificates of the authorities between signer and
    /// anchor, DER, so that a verifier needs only the anchor.
    pub fn to_cms(&self, above: &[Vec<u8>]) -> Result<Vec<u8>, NotACertificate> {
        let (_, parsed) = X509Certificate::from_der(self.certificate).map_err(|_| NotACertificate)?;
        let issuer = parsed.tbs_certificate.issuer.as_raw();
        let serial = integer(parsed.tbs_certificate.raw_serial());
        Ok(yasna::construct_der(|writer| {
            writer.write_sequence(|writer| {
                writer.next().write_oid(&oid(SIGNED_DATA));
                writer
                    .next()
                    .write_tagged(Tag::context(0), |writer| self.write(writer, (issuer, &serial), above));
            });
        }))
    }

    /// SignedData (RFC 5652, 5.1).
    fn write(&self, writer: DERWriter<'_>, signer: (&[u8], &[u8]), above: &[Vec<u8>]) {
        writer.write_sequence(|writer| {
            writer.next().write_u8(1);
            writer.next().write_set_of(|writer| write_digest_algorithm(writer.next(), self.algorithm));
            // Detached: the document is a separate file.
            writer.next().write_sequence(|writer| writer.next().write_oid(&oid(DATA)));
            writer.next().write_tagged_implicit(Tag::context(0), |writer| {
                writer.write_set_of(|writer| {
                    writer.next().write_der(self.certificate);
                    for certificate in above {
                        writer.next().write_der(certificate);
                    }
                });
            });
            writer.next().write_set_of(|writer| self.write_signer(writer.next(), signer));
        });
    }

    /// SignerInfo (RFC 5652, 5.3).
    fn write_signer(&self, writer: DERWriter<'_>, (issuer, serial): (&[u8], &[u8])) {
        let Self { document, certificate, signed_at, algorithm, signature } = *self;
        writer.write_sequence(|writer| {
            writer.next().write_u8(1);
            writer.next().write_sequence(|writer| {
                writer.next().write_der(issuer);
                writer.next().write_der(serial);
            });
            write_digest_algorithm(writer.next(), algorithm);
            writer.next().write_tagged_implicit(Tag::context(0), |writer| {
                write_attributes(writer, algorithm, certificate, document, signed_at);
            });
            writer.next().write_sequence(|writer| match algorithm {
                Algorithm::RS256 => {
                    writer.next().write_oid(&oid(RSA));
                    writer.next().write_null();
                }
                Algorithm::ES256 => writer.next().write_oid(&oid(ECDSA_SHA256)),
                Algorithm::ES384 => writer.next().write_oid(&oid(ECDSA_SHA384)),
            });
            writer.next().write_bytes(&match algorithm {
                Algorithm::RS256 => signature.to_vec(),
                Algorithm::ES256 | Algorithm::ES384 => ecdsa_der(signature),
            });
        });
    }
}

fn write_attributes(
    writer: DERWriter<'_>,
    algorithm: Algorithm,
    certificate: &[u8],
    document: &str,
    signed_at: i64,
) {
    let attribute = |writer: DERWriter<'_>, kind: &[u64], value: &dyn Fn(DERWriter<'_>)| {
        writer.write_sequence(|writer| {
            writer.next().write_oid(&oid(kind));
            writer.next().write_set_of(|writer| value(writer.next()));
        });
    };
    writer.write_set_of(|writer| {
        attribute(writer.next(), CONTENT_TYPE, &|writer| writer.write_oid(&oid(DATA)));
        attribute(writer.next(), MESSAGE_DIGEST, &|writer| writer.write_bytes(&digest(algorithm, document)));
        attribute(writer.next(), SIGNING_TIME, &|writer| write_time(writer, signed_at));
        // SigningCertificateV2: one ESSCertIDv2 with the default hash, SHA-256.
        attribute(writer.next(), SIGNING_CERTIFICATE_V2, &|writer| {
            writer.write_sequence(|writer| {
                writer.next().write_sequence(|writer| {
                    writer.next().write_sequence(|writer| {
                        writer.next().write_bytes(&Sha256::digest(certificate));
                    });
                });
            });
        });
    });
}

fn digest(algorithm: Algorithm, document: &str) -> Vec<u8> {
    match algorithm {
        Algorithm::RS256 | Algorithm::ES256 => Sha256::digest(document).to_vec(),
        Algorithm::ES384 => Sha384::digest(document).to_vec(),
    }
}

/// Parameters omitted (RFC 5754, 2).
fn write_digest_algorithm(writer: DERWriter<'_>, algorithm: Algorithm) {
    writer.write_sequence(|writer| {
        writer.next().write_oid(&oid(match algorithm {
            Algorithm::RS256 | Algorithm::ES256 => SHA256,
            Algorithm::ES384 => SHA384,
        }));
    });
}

/// UTCTime, `YYMMDDHHMMSSZ`: through 2049 (RFC 5652, 11.3).
fn write_time(writer: DERWriter<'_>, unix: i64) {
    let digits: String = rfc3339(unix).chars().skip(2).filter(char::is_ascii_digit).collect();
    writer.write_tagged_implicit(TAG_UTCTIME, |writer| writer.write_bytes(format!("{digits}Z").as_bytes()));
}

/// R ‖ S as ECDSA-Sig-Value (RFC 3279, 2.2.3).
fn ecdsa_der(raw: &[u8]) -> Vec<u8> {
    let (r, s) = raw.split_at(raw.len() / 2);
    yasna::construct_der(|writer| {
        writer.write_sequence(|writer| {
            writer.next().write_bigint_bytes(r, true);
            writer.next().write_bigint_bytes(s, true);
        });
    })
}

/// An INTEGER with that content, byte for byte as in the certificate.
fn integer(content: &[u8]) -> Vec<u8> {
    yasna::construct_der(|writer| {
        writer.write_tagged_implicit(yasna::tags::TAG_INTEGER, |writer| writer.write_bytes(content));
    })
}

fn oid(components: &[u64]) -> ObjectIdentifier {
    ObjectIdentifier::from_slice(components)
}

#[cfg(test)]
mod tests {
    use openssl::{
        asn1::Asn1Time,
        bn::BigNum,
        cms::{CMSOptions, CmsContentInfo},
        ec::{EcGroup, EcKey},
        ecdsa::EcdsaSig,
        hash::MessageDigest,
        nid::Nid,
        pkey::{PKey, Private},
        rsa::Rsa,
        sign::Signer,
        x509::{X509, X509Builder, X509NameBuilder, store::X509StoreBuilder},
    };

    use super::*;

    const NOW: i64 = 1_795_000_000;

    fn ec(curve: Nid) -> PKey<Private> {
        PKey::from_ec_key(EcKey::generate(&EcGroup::from_curve_name(curve).unwrap()).unwrap()).unwrap()
    }

    fn certificate(key: &PKey<Private>, serial: &[u8]) -> X509 {
        let mut name = X509NameBuilder::new().unwrap();
        name.append_entry_by_text("CN", "試験太郎").unwrap();
        let name = name.build();
        let mut builder = X509Builder::new().unwrap();
        builder.set_version(2).unwrap();
        builder.set_subject_name(&name).unwrap();
        builder.set_issuer_name(&name).unwrap();
        builder.set_serial_number(&BigNum::from_slice(serial).unwrap().to_asn1_integer().unwrap()).unwrap();
        builder.set_not_before(&Asn1Time::from_unix(NOW - 1000).unwrap()).unwrap();
        builder.set_not_after(&Asn1Time::days_from_now(3650).unwrap()).unwrap();
        builder.set_pubkey(key).unwrap();
        builder.sign(key, MessageDigest::sha256()).unwrap();
        builder.build()
    }

    fn sign(key: &PKey<Private>, algorithm: Algorithm, message: &[u8]) -> Vec<u8> {
        let digest =
            if algorithm == Algorithm::ES384 { MessageDigest::sha384() } else { MessageDigest::sha256() };
        let signature = Signer::new(digest, key).unwrap().sign_oneshot_to_vec(message).unwrap();
        if algorithm == Algorithm::RS256 {
            return signature;
        }
        let parts = EcdsaSig::from_der(&signature).unwrap();
        let field = i32::try_from(digest.size()).unwrap();
        [parts.r(), parts.s()].map(|part| part.to_vec_padded(field).unwrap()).concat()
    }

    fn verifies(cms: &[u8], document: &str, anchor: &X509) -> bool {
        let mut store = X509StoreBuilder::new().unwrap();
        store.add_cert(anchor.clone()).unwrap();
        let mut cms = CmsContentInfo::from_der(cms).unwrap();
        let options = CMSOptions::BINARY | CMSOptions::NO_SIGNER_CERT_VERIFY;
        let store = store.build();
        cms.verify(None, Some(&store), Some(document.as_bytes()), None, options).is_ok()
    }

    #[test]
    fn openssl_verifies_what_each_kind_of_key_has_signed_and_nothing_else() {
        let document = "利用者登録の申請\n企業名称\n　（株）テスト\n";
        let kinds = [
            (Algorithm::RS256, PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap()),
            (Algorithm::ES256, ec(Nid::X9_62_PRIME256V1)),
            (Algorithm::ES384, ec(Nid::SECP384R1)),
        ];
        for (algorithm, key) in kinds {
            // Serial numbers with a leading zero byte, as those with the high bit set have.
            for serial in [&[7][..], &[0xFF, 1, 2]] {
                let anchor = certificate(&key, serial);
                let der = anchor.to_der().unwrap();
                let message = attributes(algorithm, &der, document, NOW);
                assert!(message.len() > 96);
                let signature = sign(&key, algorithm, &message);
                let signed = SignedDocument {
                    document,
                    certificate: &der,
                    signed_at: NOW,
                    algorithm,
                    signature: &signature,
                };
                let cms = signed.to_cms(&[]).unwrap();
                assert!(verifies(&cms, document, &anchor), "{algorithm:?}");
                assert!(!verifies(&cms, &document.replace('株', "有"), &anchor));
                let later = SignedDocument { signed_at: NOW + 1, ..signed };
                assert!(!verifies(&later.to_cms(&[]).unwrap(), document, &anchor));
            }
        }
    }

    #[test]
    fn the_certificates_above_come_along() {
        let key = ec(Nid::X9_62_PRIME256V1);
        let (leaf, above) = (certificate(&key, &[1]), certificate(&ec(Nid::X9_62_PRIME256V1), &[2]));
        let (leaf, above) = (leaf.to_der().unwrap(), above.to_der().unwrap());
        let signed = SignedDocument {
            document: "甲\n",
            certificate: &leaf,
            signed_at: NOW,
            algorithm: Algorithm::ES256,
            signature: &[1; 64],
        };
        let cms = signed.to_cms(std::slice::from_ref(&above)).unwrap();
        assert!(cms.windows(above.len()).any(|part| part == above));
        let signed = SignedDocument { certificate: b"none", ..signed };
        assert_eq!(signed.to_cms(&[]), Err(NotACertificate));
    }
}
