//! Revocation by CRL (RFC 5280, 5 and 6.3), over the path that OpenSSL built.
//!
//! Our own matching, so that "no CRL at hand", "too old" and "not this issuer's" are told apart.

use openssl::x509::{X509, X509Crl, X509Name, X509Ref};
use touroku_proto::{api::ApiErrorCode as Code, certificate::rfc3339};
use x509_parser::{
    certificate::X509Certificate,
    extensions::{DistributionPointName, GeneralName, ParsedExtension},
    prelude::FromDer as _,
    revocation_list::CertificateRevocationList,
};

use super::{
    Refusal,
    decision::{CrlEvidence, Trail},
    fetch::is_http,
    path::{name_text, sound_path, subject},
    policy::Uncheckable,
    strength::is_strong_signature,
    trust::{Authority, Trust},
};
use crate::error::Error;

/// The most addresses of one certificate that are looked at; real ones have one or two.
const MAX_URLS: usize = 8;

/// A CRL, made ready for look-ups. OpenSSL's own form takes several times the memory.
pub(super) struct Crl {
    issuer: X509Name,
    /// cRLNumber, decimal.
    number: Option<String>,
    this_update: i64,
    next_update: Option<i64>,
    /// Why it can't be used at all.
    defect: Option<&'static str>,
    /// Serial numbers as their shortest DER, sorted.
    revoked: Vec<Box<[u8]>>,
    scope: Scope,
    /// The known CA certificates whose key made its signature.
    signers: Vec<X509>,
}

/// Which certificates a CRL speaks of (issuingDistributionPoint; RFC 5280, 5.2.5).
#[derive(Default)]
struct Scope {
    only_users: bool,
    only_authorities: bool,
    /// DER-equal names of the distribution point; `None`: the CRL is not partitioned.
    names: Option<Vec<String>>,
}

/// Checks every certificate below the anchor against its issuer's CRL, when any CRL is configured.
pub(super) fn check(trail: &mut Trail, trust: &Trust, path: &[X509], at: i64) -> Result<(), Refusal> {
    const CHECK: &str = "失効";
    let Some(crls) = trust.crls() else {
        trail.passed(CHECK, "CRLが設定されていないので調べません");
        return Ok(());
    };
    if path.len() == 1 {
        trail.passed(CHECK, "信頼する証明書そのものなので調べません");
    }
    for pair in path.windows(2) {
        let [certificate, issuer] = pair else { continue };
        let speaks = |crl: &Crl| crl.signers.contains(issuer) || is_vouched_for(crl, trust, path.last(), at);
        let Err(mut refusal) = check_one(trail, crls, certificate, speaks, at) else { continue };
        let is_uncheckable = matches!(refusal.code, Code::CrlMissing | Code::CrlExpired | Code::CrlInvalid);
        if is_uncheckable {
            let urls = distribution_urls(certificate);
            let others: Vec<&str> = urls.iter().map(String::as_str).filter(|url| !is_http(url)).collect();
            if !others.is_empty() {
                refusal.reason += &format!("（{}からは取得しません。http:だけです）", others.join("、"));
            }
            trail.crls_wanted.extend(urls.into_iter().filter(|url| is_http(url)));
        }
        if !(is_uncheckable && trust.rules().uncheckable == Uncheckable::Accept) {
            return Err(trail.refuse(CHECK, refusal.code, refusal.reason));
        }
        let note = "調べられませんが、設定（uncheckable = accept）により受理します";
        trail.passed(CHECK, format!("{}: {note}", refusal.reason));
    }
    // An anchor that is no root is believed as it is: no CRL need speak of it. But where its own issuer is an
    // anchor too and says that it was revoked, that is heard.
    if let Some(anchor) = path.last()
        && !trust.authority(anchor).is_some_and(|known| known.is_self_issued)
        && let Some(above) = trust.anchor_above(anchor)
        && crls.iter().any(|crl| crl.is_signed_by(&above.certificate) && crl.lists(anchor))
    {
        let reason = format!("{}は失効しています", subject(anchor));
        return Err(trail.refuse(CHECK, Code::CertificateRevoked, reason));
    }
    Ok(())
}

fn check_one(
    trail: &mut Trail,
    crls: &[Crl],
    certificate: &X509Ref,
    speaks: impl Fn(&Crl) -> bool,
    at: i64,
) -> Result<(), Refusal> {
    const CHECK: &str = "失効";
    let name = subject(certificate);
    let of_issuer: Vec<&Crl> =
        crls.iter().filter(|crl| crl.is_issued_by(certificate) && crl.covers(certificate)).collect();
    if of_issuer.is_empty() {
        let reason = format!("{name}の発行者（{}）のCRLがありません", name_text(certificate.issuer_name()));
        return Err(Refusal { code: Code::CrlMissing, reason });
    }
    // The best CRL decides: a good one is not spoiled by an old or foreign one beside it.
    let (mut expired, mut defect) = (None, None);
    let mut newest: Option<&Crl> = None;
    for crl in of_issuer {
        match crl.fitness(&speaks, at) {
            Fitness::Good if newest.is_none_or(|other| crl.this_update > other.this_update) => {
                newest = Some(crl);
            }
            Fitness::Good => {}
            Fitness::Expired(next_update) => expired = expired.max(Some(next_update)),
            Fitness::Unusable(why) => defect = Some(why),
        }
    }
    trail.evidence.crls.extend(newest.map(Crl::evidence));
    match (newest, expired, defect) {
        (Some(crl), ..) if crl.lists(certificate) => {
            Err(Refusal { code: Code::CertificateRevoked, reason: format!("{name}は失効しています") })
        }
        (Some(crl), ..) => {
            trail.passed(CHECK, format!("{name}は失効していません（CRL {}）", rfc3339(crl.this_update)));
            Ok(())
        }
        (None, Some(next_update), _) => {
            let reason = format!("{name}の発行者のCRLは{}で期限が切れています", rfc3339(next_update));
            Err(Refusal { code: Code::CrlExpired, reason })
        }
        (None, None, why) => {
            let reason = format!("{name}の発行者のCRLは使えません: {}", why.unwrap_or("不明"));
            Err(Refusal { code: Code::CrlInvalid, reason })
        }
    }
}

/// Whether a CRL that the certificate on the path did not sign was signed by another one of the same CA, with its own
/// sound path to the same anchor (RFC 5280, 6.3.3 f): after a change of keys, or where a CA signs CRLs with a key of
/// their own. The signer must not be revoked: by its own CRL where that speaks of it, else by another.
fn is_vouched_for(crl: &Crl, trust: &Trust, anchor: Option<&X509>, at: i64) -> bool {
    crl.signers.iter().any(|signer| {
        let Some(path) = sound_path(trust, signer, at) else { return false };
        let is_current = |pair: &[X509]| {
            let [certificate, issuer] = pair else { return false };
            if crl.is_issued_by(certificate) {
                return !crl.lists(certificate);
            }
            let crls = trust.crls().unwrap_or_default();
            let speaks = |crl: &Crl| crl.signers.contains(issuer);
            check_one(&mut Trail::default(), crls, certificate, speaks, at).is_ok()
        };
        path.last() == anchor && path.windows(2).all(is_current)
    })
}

/// From when to when a CRL says how things are, Unix seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CrlTimes {
    /// thisUpdate.
    pub this_update: i64,
    /// nextUpdate, where it has one.
    pub next_update: Option<i64>,
}

enum Fitness {
    Good,
    Expired(i64),
    Unusable(&'static str),
}

impl Crl {
    /// Reads a CRL's DER and finds out which of the known CAs signed it.
    ///
    /// # Errors
    /// [`Error::Setting`] when it is no CRL at all. One that is a CRL but can't be used is kept with its
    /// defect, so that the refusal of a certificate can tell it.
    pub(super) fn read(der: &[u8], issuers: &[&Authority]) -> Result<Self, Error> {
        let no_crl = || Error::Setting {
            name: "crl",
            message: "CRLとして読めないファイルがあります".to_owned(),
        };
        let openssl = X509Crl::from_der(der).map_err(|_| no_crl())?;
        let (rest, parsed) = CertificateRevocationList::from_der(der).map_err(|_| no_crl())?;
        if !rest.is_empty() {
            return Err(no_crl());
        }
        let mut signers = Vec::new();
        for issuer in issuers.iter().filter(|issuer| issuer.may_sign_crls) {
            // A key of a kind that OpenSSL can't read has signed nothing for us.
            let Ok(key) = issuer.certificate.public_key() else { continue };
            if same_name(issuer.certificate.subject_name(), openssl.issuer_name())
                && openssl.verify(&key).unwrap_or(false)
            {
                signers.push(issuer.certificate.clone());
            }
        }
        let (scope, mut defect) = read_extensions(&parsed);
        if !is_strong_signature(&parsed.signature_algorithm) {
            defect = defect.or(Some("署名の方式が弱すぎます"));
        }
        let mut revoked = Vec::new();
        for entry in parsed.iter_revoked_certificates() {
            // reasonCode and invalidityDate are never critical; a critical certificateIssuer is indirect.
            if entry.extensions().iter().any(|extension| extension.critical) {
                defect = defect.or(Some("項目に解釈できない重要な拡張があります"));
            }
            revoked.push(Box::from(shortest(entry.raw_serial())));
        }
        revoked.sort_unstable();
        Ok(Self {
            issuer: openssl.issuer_name().to_owned()?,
            number: parsed.crl_number().map(ToString::to_string),
            this_update: parsed.last_update().timestamp(),
            next_update: parsed.next_update().map(|time| time.timestamp()),
            defect,
            revoked,
            scope,
            signers,
        })
    }

    /// How long it is valid, in seconds.
    pub(super) fn lifetime(&self) -> Option<i64> {
        self.next_update.map(|next_update| next_update - self.this_update)
    }

    /// Whether this one, from the same address, is at least as good at that time.
    pub(super) fn may_replace(&self, former: &Self, at: i64) -> bool {
        let is_good = |crl: &Self| {
            let is_current =
                crl.this_update <= at && crl.next_update.is_some_and(|next_update| at <= next_update);
            is_current && crl.defect.is_none() && !crl.signers.is_empty()
        };
        !is_good(former) || (is_good(self) && self.this_update >= former.this_update)
    }

    /// Its issuer's name, and its times.
    pub(super) fn times(&self) -> (String, CrlTimes) {
        let Self { this_update, next_update, .. } = *self;
        (name_text(&self.issuer), CrlTimes { this_update, next_update })
    }

    fn evidence(&self) -> CrlEvidence {
        CrlEvidence {
            issuer: name_text(&self.issuer),
            number: self.number.clone(),
            this_update: rfc3339(self.this_update),
        }
    }

    fn is_issued_by(&self, certificate: &X509Ref) -> bool {
        same_name(&self.issuer, certificate.issuer_name())
    }

    fn is_signed_by(&self, issuer: &X509) -> bool {
        self.defect.is_none() && self.signers.contains(issuer)
    }

    fn lists(&self, certificate: &X509Ref) -> bool {
        // OpenSSL's number would lose the sign; and what can't be read counts as listed.
        let Ok(der) = certificate.to_der() else { return true };
        let Ok((_, parsed)) = X509Certificate::from_der(&der) else { return true };
        let serial = shortest(parsed.raw_serial());
        self.revoked.binary_search_by(|entry| entry.as_ref().cmp(serial)).is_ok()
    }

    fn covers(&self, certificate: &X509Ref) -> bool {
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
        parsed.extensions().iter().any(|extension| match extension.parsed_extension() {
            ParsedExtension::CRLDistributionPoints(points) => points
                .iter()
                .filter_map(|point| point.distribution_point.as_ref())
                .flat_map(names_of)
                .any(|name| names.contains(&name)),
            _ => false,
        })
    }

    fn fitness(&self, speaks: impl Fn(&Self) -> bool, at: i64) -> Fitness {
        if let Some(defect) = self.defect {
            return Fitness::Unusable(defect);
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

fn read_extensions(crl: &CertificateRevocationList<'_>) -> (Scope, Option<&'static str>) {
    let mut scope = Scope::default();
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
                scope.names = point.distribution_point.as_ref().map(names_of);
                // A name that the parser passes over (nameRelativeToCRLIssuer) makes no full CRL of a partition.
                if scope.names.is_none() && names_a_point(extension.value) {
                    scope.names = Some(Vec::new());
                }
            }
            // deltaCRLIndicator (RFC 5280, 5.2.4).
            _ if extension.oid.to_id_string() == "2.5.29.27" => defect = Some("差分CRLには対応していません"),
            ParsedExtension::CRLNumber(_) | ParsedExtension::AuthorityKeyIdentifier(_) => {}
            _ if extension.critical => defect = Some("解釈できない重要な拡張があります"),
            _ => {}
        }
    }
    (scope, defect)
}

/// The addresses in a certificate's cRLDistributionPoints, of any scheme.
pub(super) fn distribution_urls(certificate: &X509Ref) -> Vec<String> {
    let Ok(der) = certificate.to_der() else { return Vec::new() };
    let Ok((_, parsed)) = X509Certificate::from_der(&der) else { return Vec::new() };
    let mut urls = Vec::new();
    for extension in parsed.extensions() {
        let ParsedExtension::CRLDistributionPoints(points) = extension.parsed_extension() else { continue };
        for point in points.iter().filter_map(|point| point.distribution_point.as_ref()) {
            let DistributionPointName::FullName(names) = point else { continue };
            urls.extend(names.iter().filter_map(|name| match name {
                GeneralName::URI(uri) => Some((*uri).to_owned()),
                _ => None,
            }));
        }
    }
    urls.truncate(MAX_URLS);
    urls
}

/// Whether the DER of an issuingDistributionPoint begins with distributionPoint [0].
fn names_a_point(der: &[u8]) -> bool {
    let content = match der {
        [0x30, length @ ..=0x7F, rest @ ..] => rest.get(..usize::from(*length)),
        [0x30, 0x81, length, rest @ ..] => rest.get(..usize::from(*length)),
        [0x30, 0x82, high, low, rest @ ..] => rest.get(..usize::from(u16::from_be_bytes([*high, *low]))),
        // Longer than any real one, or no SEQUENCE.
        _ => return true,
    };
    content.is_none_or(|content| content.first() == Some(&0xA0))
}

/// The names of a distribution point, comparable. A name relative to the issuer is kept as such: it equals
/// itself and nothing else.
fn names_of(point: &DistributionPointName<'_>) -> Vec<String> {
    match point {
        DistributionPointName::FullName(names) => names
            .iter()
            .map(|name| match name {
                GeneralName::URI(uri) => format!("uri:{uri}"),
                GeneralName::DirectoryName(name) => format!("dn:{name}"),
                other => format!("{other:?}"),
            })
            .collect(),
        DistributionPointName::NameRelativeToCRLIssuer(name) => vec![format!("relative:{name:?}")],
    }
}

fn same_name(one: &openssl::x509::X509NameRef, other: &openssl::x509::X509NameRef) -> bool {
    one.try_cmp(other).is_ok_and(|order| order == std::cmp::Ordering::Equal)
}

/// An INTEGER's bytes without those that say nothing (X.690, 8.3.2): some CAs write them in one place and not in
/// the other. A sign is kept: 80 is negative, 00 80 is not.
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
