//! A card's certificate.

use openssl::x509::X509;
use touroku_proto::certificate::{Facts, rfc3339};
use x509_parser::{certificate::X509Certificate, prelude::FromDer as _};

use crate::{
    authority::MAX_CERTIFICATE,
    cause::Cause,
    decision::{Refusal, Trail},
    strength::KeyKind,
};

/// A card's certificate, parsed once for each of the libraries that examine it.
pub(super) struct Leaf<'a> {
    pub(super) openssl: X509,
    pub(super) facts: Facts,
    pub(super) parsed: X509Certificate<'a>,
}

impl Leaf<'_> {
    pub(super) fn key_kind(&self) -> KeyKind {
        KeyKind::of(self.parsed.public_key())
    }
}

pub(super) fn read<'a>(trail: &mut Trail, der: &'a [u8]) -> Result<Leaf<'a>, Refusal> {
    const CHECK: &str = "証明書の形式";
    if der.len() > MAX_CERTIFICATE {
        return Err(trail.refuse(CHECK, Cause::CertificateMalformed, "証明書が大きすぎます"));
    }
    match (X509::from_der(der), X509Certificate::from_der(der)) {
        (Ok(openssl), Ok(([], parsed))) => {
            let facts = Facts::of(&parsed);
            trail.passed(
                CHECK,
                format!(
                    "シリアル番号 {}、発行者 {}、有効期間 {} ～ {}",
                    facts.serial,
                    facts.issuer(),
                    rfc3339(facts.not_before),
                    rfc3339(facts.not_after)
                ),
            );
            Ok(Leaf { openssl, facts, parsed })
        }
        _ => Err(trail.refuse(CHECK, Cause::CertificateMalformed, "X.509証明書として読めません")),
    }
}
