//! A CRL, and what it says about a certificate (RFC 5280, 5 and 6.3).
//!
//! We match CRLs ourselves so that "no CRL at hand", "too old" and "not this issuer's" are told apart.

use openssl::x509::{X509, X509Crl, X509Name, X509Ref};
use touroku_proto::certificate::rfc3339;
use x509_parser::{
    certificate::X509Certificate,
    extensions::{GeneralName, ParsedExtension, X509Extension},
    prelude::{FromDer as _, ReasonCode},
    revocation_list::CertificateRevocationList,
    x509::{RelativeDistinguishedName, X509Name as Name},
};

use crate::{
    authority::Authority,
    decision::CrlEvidence,
    der::{self, Reader, Value},
    error::Error,
    names::name_text,
    strength::is_strong_signature,
};

/// The longest cRLNumber, in bits (RFC 5280, 5.2.3). Converting to decimal takes quadratic time, and a CRL may
/// come from anyone on the network.
const MAX_NUMBER: u64 = 20 * 8;

/// A CRL prepared for lookups. OpenSSL's own form takes several times the memory.
pub struct Crl {
    issuer: X509Name,
    /// cRLNumber, decimal; `None`: absent, or longer than allowed.
    number: Option<String>,
    pub(super) this_update: i64,
    pub(super) next_update: Option<i64>,
    /// Contains only the changes since another CRL (RFC 5280, 5.2.4).
    is_delta: bool,
    /// Why it can't be used at all.
    defect: Option<&'static str>,
    /// Serial numbers as their shortest DER, sorted.
    revoked: Serials,
    /// Those of them on hold (certificateHold), sorted: only these may be released again.
    on_hold: Serials,
    /// Of other issuers' certificates, in an indirect CRL, sorted.
    foreign: Serials,
    scope: Scope,
    /// The known CA certificates whose key signed it.
    pub(super) signers: Vec<X509>,
}

type Serials = Vec<Box<[u8]>>;

/// Which certificates a CRL covers (issuingDistributionPoint; RFC 5280, 5.2.5).
#[derive(Default)]
struct Scope {
    only_users: bool,
    only_authorities: bool,
    /// The distribution point's names in DER; `None`: the CRL is not partitioned.
    names: Option<Vec<String>>,
}

/// The period for which a CRL is current, Unix seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CrlTimes {
    /// thisUpdate.
    pub this_update: i64,
    /// nextUpdate, if present.
    pub next_update: Option<i64>,
}

/// Whether a CRL can be trusted.
pub(super) enum Fitness {
    Good,
    Expired(i64),
    Unusable(&'static str),
}

impl Crl {
    /// Parses a CRL's DER and finds out which of the known CAs signed it.
    ///
    /// # Errors
    /// [`Error::NoCrl`] when it is not a CRL. A CRL that can't be used is kept together with its defect, so that a
    /// refusal can name it.
    pub(super) fn read(der: &[u8], issuers: &[&Authority]) -> Result<Self, Error> {
        let openssl = X509Crl::from_der(der).map_err(|_| Error::NoCrl)?;
        let (rest, parsed) = CertificateRevocationList::from_der(der).map_err(|_| Error::NoCrl)?;
        if !rest.is_empty() {
            return Err(Error::NoCrl);
        }
        let mut signers = Vec::new();
        for issuer in issuers.iter().filter(|issuer| issuer.may_sign_crls) {
            // If OpenSSL can't read a key, nothing it signed counts.
            let Ok(key) = issuer.certificate.public_key() else { continue };
            if same_name(issuer.certificate.subject_name(), openssl.issuer_name())
                && openssl.verify(&key).unwrap_or(false)
            {
                signers.push(issuer.certificate.clone());
            }
        }
        let (scope, is_delta, mut defect) = read_extensions(&parsed);
        if !is_strong_signature(&parsed.signature_algorithm) {
            defect = defect.or(Some("署名の方式が弱すぎます"));
        }
        let (mut revoked, mut on_hold, mut foreign) = (Serials::new(), Serials::new(), Serials::new());
        // Whose the entries are: the CRL's issuer's until a certificateIssuer names another (RFC 5280, 5.3.3).
        let mut is_own = true;
        for entry in parsed.iter_revoked_certificates() {
            // reasonCode and invalidityDate are never critical. What an unknown extension says about its entry makes
            // the CRL no good for accepting; that the entry is listed stays true.
            if entry.extensions().iter().any(|extension| extension.critical) {
                defect = defect.or(Some("項目に解釈できない重要な拡張があります"));
            }
            if let Some(issuer) = entry.extensions().iter().find(|extension| is_certificate_issuer(extension))
            {
                defect = defect.or(Some("間接CRLには対応していません"));
                is_own = names_the_issuer(issuer.value, parsed.issuer());
            }
            if !is_own {
                foreign.push(Box::from(shortest(entry.raw_serial())));
                continue;
            }
            // removeFromCRL, in delta CRLs only: no longer on hold.
            let reason = entry.reason_code().map(|(_, reason)| reason);
            if !(is_delta && reason == Some(ReasonCode::RemoveFromCRL)) {
                revoked.push(Box::from(shortest(entry.raw_serial())));
            }
            if reason == Some(ReasonCode::CertificateHold) {
                on_hold.push(Box::from(shortest(entry.raw_serial())));
            }
        }
        revoked.sort_unstable();
        foreign.sort_unstable();
        on_hold.sort_unstable();
        Ok(Self {
            issuer: openssl.issuer_name().to_owned()?,
            number: parsed.crl_number().filter(|number| number.bits() <= MAX_NUMBER).map(ToString::to_string),
            this_update: parsed.last_update().timestamp(),
            next_update: parsed.next_update().map(|time| time.timestamp()),
            is_delta,
            defect,
            revoked,
            on_hold,
            foreign,
            scope,
            signers,
        })
    }

    /// How long it is valid, in seconds.
    pub fn lifetime(&self) -> Option<i64> {
        self.next_update.map(|next_update| next_update - self.this_update)
    }

    /// Whether this one, from the same URL, is at least as good at that time, Unix seconds.
    pub fn may_replace(&self, former: &Self, at: i64) -> bool {
        let is_good = |crl: &Self| {
            let is_current =
                crl.this_update <= at && crl.next_update.is_some_and(|next_update| at <= next_update);
            is_current && crl.defect.is_none() && !crl.is_delta && !crl.signers.is_empty()
        };
        !is_good(former) || (is_good(self) && self.this_update >= former.this_update)
    }

    /// Its issuer's name and its times.
    pub fn times(&self) -> (String, CrlTimes) {
        let Self { this_update, next_update, .. } = *self;
        (name_text(&self.issuer), CrlTimes { this_update, next_update })
    }

    pub(super) fn evidence(&self) -> CrlEvidence {
        CrlEvidence {
            issuer: name_text(&self.issuer),
            number: self.number.clone(),
            this_update: rfc3339(self.this_update),
        }
    }

    pub(super) fn is_issued_by(&self, certificate: &X509Ref) -> bool {
        same_name(&self.issuer, certificate.issuer_name())
    }

    /// Whether it revokes this certificate permanently. What disqualifies a CRL from vouching for a card (age, a
    /// date in the future, a weak algorithm, covering only some reasons or certificates) does not matter here:
    /// once revoked, always revoked.
    pub(super) fn has_revoked(&self, certificate: &X509Ref, speaks: impl Fn(&Self) -> bool) -> bool {
        self.has_listed(certificate) && !is_in(&self.on_hold, certificate) && speaks(self)
    }

    /// Whether it puts this certificate on hold (certificateHold), which a newer CRL may end.
    pub(super) fn has_held(&self, certificate: &X509Ref, speaks: impl Fn(&Self) -> bool) -> bool {
        self.has_listed(certificate) && is_in(&self.on_hold, certificate) && speaks(self)
    }

    fn has_listed(&self, certificate: &X509Ref) -> bool {
        self.is_issued_by(certificate) && is_in(&self.revoked, certificate)
    }

    /// Whether it lists that number, whoever's it is.
    pub(super) fn lists(&self, certificate: &X509Ref) -> bool {
        is_in(&self.revoked, certificate) || is_in(&self.foreign, certificate)
    }

    pub(super) fn covers(&self, certificate: &X509Ref) -> bool {
        let scope = &self.scope;
        if !scope.only_users && !scope.only_authorities && scope.names.is_none() {
            return true;
        }
        let Ok(der) = certificate.to_der() else { return false };
        let Ok((_, parsed)) = X509Certificate::from_der(&der) else { return false };
        if (scope.only_users && parsed.is_ca()) || (scope.only_authorities && !parsed.is_ca()) {
            return false;
        }
        let Some(names) = &scope.names else { return true };
        // cRLDistributionPoints; parsed here because the parser does not support names relative to the issuer.
        let mut points =
            parsed.extensions().iter().filter(|extension| extension.oid.to_id_string() == "2.5.29.31");
        points.any(|points| {
            let own = names_of_points(points.value, parsed.issuer()).unwrap_or_default();
            own.iter().any(|name| names.contains(name))
        })
    }

    pub(super) fn fitness(&self, speaks: impl Fn(&Self) -> bool, at: i64) -> Fitness {
        if let Some(defect) = self.defect {
            return Fitness::Unusable(defect);
        }
        if self.is_delta {
            return Fitness::Unusable("差分CRLには対応していません");
        }
        if !speaks(self) {
            return Fitness::Unusable("署名が発行者のものではありません");
        }
        match self.next_update {
            None => Fitness::Unusable("次回更新日時がありません"),
            _ if self.this_update > at => Fitness::Unusable("まだ有効ではありません"),
            Some(next_update) if next_update < at => Fitness::Expired(next_update),
            Some(_) => Fitness::Good,
        }
    }
}

/// certificateIssuer (RFC 5280, 5.3.3).
fn is_certificate_issuer(extension: &X509Extension<'_>) -> bool {
    extension.oid.to_id_string() == "2.5.29.29"
}

/// Whether a certificateIssuer names the CRL's own issuer.
fn names_the_issuer(der: &[u8], issuer: &Name<'_>) -> bool {
    let names = Reader::new(der).expect(0x30);
    let first = names.and_then(|names| GeneralName::from_der(names.content).ok());
    matches!(first, Some((_, GeneralName::DirectoryName(name))) if name.to_string() == issuer.to_string())
}

/// Whether a certificate's serial number is in a sorted list.
fn is_in(serials: &[Box<[u8]>], certificate: &X509Ref) -> bool {
    // OpenSSL's number would lose the sign; an unreadable one counts as listed.
    let Ok(der) = certificate.to_der() else { return true };
    let Ok((_, parsed)) = X509Certificate::from_der(&der) else { return true };
    let serial = shortest(parsed.raw_serial());
    serials.binary_search_by(|entry| entry.as_ref().cmp(serial)).is_ok()
}

fn read_extensions(crl: &CertificateRevocationList<'_>) -> (Scope, bool, Option<&'static str>) {
    let mut scope = Scope::default();
    let mut is_delta = false;
    let mut defect = None;
    for extension in crl.extensions() {
        match extension.parsed_extension() {
            ParsedExtension::IssuingDistributionPoint(point) => {
                if point.indirect_crl {
                    defect = Some("間接CRLには対応していません");
                }
                if point.only_some_reasons.is_some() || point.only_contains_attribute_certs {
                    defect = Some("一部の理由だけのCRLには対応していません");
                }
                scope.only_users = point.only_contains_user_certs;
                scope.only_authorities = point.only_contains_ca_certs;
                match fields_of_point(extension.value) {
                    Some(fields) => {
                        let point = fields.iter().find(|field| field.tag == 0xA0);
                        // An unreadable name must not turn a partition into a full CRL.
                        scope.names = point.map(|point| names_of(*point, crl.issuer()).unwrap_or_default());
                    }
                    None => defect = Some("配布点の拡張を解釈できません"),
                }
            }
            // deltaCRLIndicator (RFC 5280, 5.2.4).
            _ if extension.oid.to_id_string() == "2.5.29.27" => is_delta = true,
            ParsedExtension::CRLNumber(_) | ParsedExtension::AuthorityKeyIdentifier(_) => {}
            _ if extension.critical => defect = Some("解釈できない重要な拡張があります"),
            _ => {}
        }
    }
    (scope, is_delta, defect)
}

/// The fields of an issuingDistributionPoint; `None`: it contains something else, which the parser would skip.
fn fields_of_point(der: &[u8]) -> Option<Vec<Value<'_>>> {
    let mut outer = Reader::new(der);
    let mut inside = outer.expect(0x30)?.inside();
    let mut fields = Vec::new();
    while !inside.is_empty() {
        fields.push(inside.next().filter(|field| matches!(field.tag, 0xA0 | 0x81..=0x85))?);
    }
    outer.is_empty().then_some(fields)
}

/// The names of all distribution points in a cRLDistributionPoints extension (RFC 5280, 4.2.1.13), in comparable
/// form.
fn names_of_points(der: &[u8], issuer: &Name<'_>) -> Option<Vec<String>> {
    let mut points = Reader::new(der).expect(0x30)?.inside();
    let mut all = Vec::new();
    while !points.is_empty() {
        let mut fields = points.expect(0x30)?.inside();
        let Some(point) = fields.optional(0xA0) else { continue };
        fields.optional(0x81);
        // A cRLIssuer: its name would be the base of a relative name.
        let is_indirect = fields.optional(0xA2).is_some();
        let is_relative = point.inside().next().is_some_and(|choice| choice.tag == 0xA1);
        if !(is_indirect && is_relative) {
            all.extend(names_of(point, issuer)?);
        }
    }
    Some(all)
}

/// The names of a distribution point in comparable form; a name relative to the issuer is prefixed with the
/// issuer's.
fn names_of(point: Value<'_>, issuer: &Name<'_>) -> Option<Vec<String>> {
    let choice = point.inside().next()?;
    match choice.tag {
        0xA0 => {
            let (mut rest, mut names) = (choice.content, Vec::new());
            while !rest.is_empty() {
                let (after, name) = GeneralName::from_der(rest).ok()?;
                names.push(match name {
                    GeneralName::URI(uri) => format!("uri:{uri}"),
                    GeneralName::DirectoryName(name) => format!("dn:{name}"),
                    other => format!("{other:?}"),
                });
                rest = after;
            }
            Some(names)
        }
        0xA1 => {
            let set = der::value(0x31, &[choice.content]);
            let (_, last) = RelativeDistinguishedName::from_der(&set).ok()?;
            let whole = issuer.iter_rdn().cloned().chain([last]).collect();
            Some(vec![format!("dn:{}", Name::new(whole, &[]))])
        }
        _ => None,
    }
}

fn same_name(one: &openssl::x509::X509NameRef, other: &openssl::x509::X509NameRef) -> bool {
    one.try_cmp(other).is_ok_and(|order| order == std::cmp::Ordering::Equal)
}

/// An INTEGER's bytes without redundant leading ones (X.690, 8.3.2), which some CAs write in one place and not in
/// another. The sign is kept: 80 is negative, 00 80 is not.
fn shortest(mut bytes: &[u8]) -> &[u8] {
    while let [first, rest @ ..] = bytes
        && let [next, ..] = rest
        && matches!((first, next), (0, ..0x80) | (0xFF, 0x80..))
    {
        bytes = rest;
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn serial_numbers_are_compared_by_value_and_sign() {
        assert_eq!(shortest(&[0, 0, 7]), [7]);
        assert_eq!(shortest(&[0, 0, 0x80]), [0, 0x80]);
        assert_eq!(shortest(&[0xFF, 0xFF, 0x80]), [0x80]);
        assert_eq!(shortest(&[0xFF, 0x7F]), [0xFF, 0x7F]);
        assert_eq!(shortest(&[0]), [0]);
    }
}
