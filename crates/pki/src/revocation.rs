//! Whether any certificate on a path has been revoked: by OCSP, by CRL, or both, as the administrator configured.

use openssl::x509::{X509, X509Ref};
use touroku_proto::{agency::Uncheckable, certificate::rfc3339};

use crate::{
    address::is_fetched,
    cause::Cause,
    chain::sound_path,
    crl::{Crl, Fitness},
    decision::{Circumstances, OcspEvidence, Refusal, Trail},
    names::{name_text, subject},
    ocsp::judge,
    points::Points,
    question::{Known, OcspQuestion, OcspUse, Status},
    trust::Trust,
};

const CHECK: &str = "失効";
const BY_OCSP: &str = "失効（OCSP）";

/// How many CAs on one path may have changed keys without signing their CRL with the new one. Each costs as many
/// checks as there are CRLs of that name times certificates above their signers, so the number is bounded.
const MAX_VOUCHERS: usize = 2;

/// Checks every certificate below the anchor, if any source of revocation is configured.
pub(super) fn check(
    trail: &mut Trail,
    trust: &Trust,
    path: &[X509],
    circumstances: Circumstances,
) -> Result<(), Refusal> {
    let Some(crls) = trust.crls() else {
        trail.passed(CHECK, "CRLもOCSPも設定されていないので調べません");
        return Ok(());
    };
    if path.len() == 1 {
        trail.passed(CHECK, "信頼する証明書そのものなので調べません");
    }
    for pair in path.windows(2) {
        let [certificate, issuer] = pair else { continue };
        let pair = Pair { certificate, issuer, anchor: path.last(), points: Points::of(certificate) };
        check_pair(trail, trust, crls, &pair, circumstances)?;
    }
    // An anchor that is not a root is trusted as it is: no CRL needs to vouch for it. But if its own issuer is an
    // anchor too and has revoked it, that counts.
    if let Some(anchor) = path.last()
        && !trust.authority(anchor).is_some_and(|known| known.is_self_issued)
        && let Some(above) = trust.anchor_above(anchor)
        && crls.iter().any(|crl| crl.has_revoked(anchor, |crl| crl.signers.contains(&above.certificate)))
    {
        let reason = format!("{}は失効しています", subject(anchor));
        return Err(trail.refuse(CHECK, Cause::CertificateRevoked, reason));
    }
    Ok(())
}

/// A certificate on a path and its issuer.
struct Pair<'a> {
    certificate: &'a X509,
    issuer: &'a X509,
    anchor: Option<&'a X509>,
    points: Points,
}

fn check_pair(
    trail: &mut Trail,
    trust: &Trust,
    crls: &[Crl],
    pair: &Pair<'_>,
    circumstances: Circumstances,
) -> Result<(), Refusal> {
    let use_of_ocsp = trust.ocsp_use();
    let speaks = |crl: &Crl| speaks_for(crl, pair.issuer, trust, pair.anchor, circumstances.at, MAX_VOUCHERS);
    if let Some(crl) = crls.iter().find(|crl| crl.has_revoked(pair.certificate, speaks)) {
        let refusal = revoked(trail, pair.certificate, crl);
        return Err(trail.refuse(CHECK, refusal.cause, refusal.reason));
    }
    // A responder may answer from older data: only a newer CRL lifts a hold.
    if let Some(crl) = held(crls, pair.certificate, speaks, circumstances.at) {
        trail.crls_wanted.extend(pair.points.crls.iter().filter(|url| is_fetched(url)).cloned());
        let refusal = revoked(trail, pair.certificate, crl);
        return Err(trail.refuse(CHECK, refusal.cause, refusal.reason));
    }
    if use_of_ocsp == OcspUse::First && by_ocsp(trail, trust, pair, circumstances.at)? == Found::Good {
        return Ok(());
    }
    let Err(mut refusal) = by_crl(trail, trust, crls, pair, circumstances.at) else { return Ok(()) };
    if refusal.cause == Cause::CertificateRevoked {
        return Err(trail.refuse(CHECK, refusal.cause, refusal.reason));
    }
    if use_of_ocsp == OcspUse::AfterCrl {
        trail.passed(CHECK, format!("{}。OCSPで調べます", refusal.reason));
        if by_ocsp(trail, trust, pair, circumstances.at)? == Found::Good {
            return Ok(());
        }
    }
    let others: Vec<&str> =
        pair.points.crls.iter().map(String::as_str).filter(|url| !is_fetched(url)).collect();
    if !others.is_empty() {
        refusal.reason += &format!("（{}からは取得しません）", others.join("、"));
    }
    trail.crls_wanted.extend(pair.points.crls.iter().filter(|url| is_fetched(url)).cloned());
    let (uncheckable, whose) = match circumstances.uncheckable {
        Some(uncheckable) => (uncheckable, "発注機関の設定"),
        None => (trust.rules().uncheckable, "設定"),
    };
    trail.evidence.uncheckable = Some(uncheckable);
    if uncheckable == Uncheckable::Refuse {
        return Err(trail.refuse(CHECK, refusal.cause, refusal.reason));
    }
    let reason = refusal.reason;
    trail.passed(
        CHECK,
        format!("{reason}: 調べられませんが、{whose}（uncheckable = accept）により受理します"),
    );
    Ok(())
}

#[derive(PartialEq, Eq)]
enum Found {
    /// Not revoked.
    Good,
    /// Nothing to decide by.
    Nothing,
}

/// What responders said about a certificate. A refusal means that it was revoked.
fn by_ocsp(trail: &mut Trail, trust: &Trust, pair: &Pair<'_>, at: i64) -> Result<Found, Refusal> {
    let (certificate, issuer) = (pair.certificate, pair.issuer);
    let name = subject(certificate);
    let urls = trust.responders(certificate, &pair.points);
    if urls.is_empty() {
        trail.passed(BY_OCSP, format!("{name}: 問い合わせるアドレス（http:）がありません"));
        return Ok(Found::Nothing);
    }
    let question =
        || OcspQuestion { urls: urls.clone(), certificate: certificate.clone(), issuer: issuer.clone() };
    let (url, der) = match trust.known(certificate, issuer) {
        Some(Known::Response { url, der }) => (url, der),
        Some(Known::Failure { why }) => {
            trail.ocsp_wanted.push(question());
            trail.passed(BY_OCSP, format!("{name}: 答えを得られません（{why}）"));
            return Ok(Found::Nothing);
        }
        None => {
            trail.ocsp_wanted.push(question());
            trail.passed(BY_OCSP, format!("{name}: まだ問い合わせていません（{}）", urls.join("、")));
            return Ok(Found::Nothing);
        }
    };
    let answer = match judge(trust, &der, certificate, issuer, at) {
        Ok(answer) => answer,
        // Too old, or cached before the server's trust changed: a new query may do better.
        Err(reason) => {
            trail.ocsp_wanted.push(question());
            trail.passed(BY_OCSP, format!("{name}: {url}の答えは使えません（{reason}）"));
            return Ok(Found::Nothing);
        }
    };
    if let Some(responder) = &answer.unchecked_responder
        && let Err(refusal) = check_responder(trail, trust, responder, issuer, at)
    {
        trail.passed(BY_OCSP, format!("{name}: 応答者の失効を調べられません（{}）", refusal.reason));
        return Ok(Found::Nothing);
    }
    let this_update = rfc3339(answer.this_update);
    trail.evidence.ocsp.push(OcspEvidence {
        responder: answer.responder.clone(),
        url,
        status: answer.status,
        this_update: this_update.clone(),
    });
    match answer.status {
        Status::Good => {
            let responder = answer.responder;
            trail.passed(BY_OCSP, format!("{name}は失効していません（応答者 {responder}、{this_update}）"));
            Ok(Found::Good)
        }
        Status::Revoked => {
            let reason = format!("{name}は失効しています（応答者 {}）", answer.responder);
            Err(trail.refuse(BY_OCSP, Cause::CertificateRevoked, reason))
        }
        Status::Unknown => {
            trail.passed(BY_OCSP, format!("{name}: 応答者（{}）はこの証明書を知りません", answer.responder));
            Ok(Found::Nothing)
        }
    }
}

/// A delegated responder without id-pkix-ocsp-nocheck is itself looked up in its issuer's CRL.
fn check_responder(
    trail: &mut Trail,
    trust: &Trust,
    responder: &X509,
    issuer: &X509,
    at: i64,
) -> Result<(), Refusal> {
    let crls = trust.crls().unwrap_or_default();
    let speaks = |crl: &Crl| crl.signers.contains(issuer);
    let checked = check_one(&mut Trail::default(), crls, responder, speaks, at);
    if checked.as_ref().is_err_and(|refusal| refusal.cause != Cause::CertificateRevoked) {
        let urls = Points::of(responder).crls.into_iter();
        trail.crls_wanted.extend(urls.filter(|url| is_fetched(url)));
    }
    checked
}

fn by_crl(trail: &mut Trail, trust: &Trust, crls: &[Crl], pair: &Pair<'_>, at: i64) -> Result<(), Refusal> {
    let speaks = |crl: &Crl| speaks_for(crl, pair.issuer, trust, pair.anchor, at, MAX_VOUCHERS);
    check_one(trail, crls, pair.certificate, speaks, at)?;
    if pair.points.has_delta {
        let note = "freshestCRLに差分CRLの案内がありますが、差分CRLは取得しません";
        trail.passed(CHECK, format!("{}: {note}", subject(pair.certificate)));
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
    let name = subject(certificate);
    // A CRL that can't vouch for a card (old, weak, a delta) can still say which one is revoked.
    if let Some(crl) = crls.iter().find(|crl| crl.has_revoked(certificate, &speaks)) {
        return Err(revoked(trail, certificate, crl));
    }
    let of_issuer: Vec<&Crl> =
        crls.iter().filter(|crl| crl.is_issued_by(certificate) && crl.covers(certificate)).collect();
    if of_issuer.is_empty() {
        let reason = format!("{name}の発行者（{}）のCRLがありません", name_text(certificate.issuer_name()));
        return Err(Refusal { cause: Cause::CrlMissing, reason });
    }
    // The best CRL decides: an old or foreign CRL beside it does not spoil a good one.
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
    if let Some(crl) = held(crls, certificate, &speaks, at) {
        return Err(revoked(trail, certificate, crl));
    }
    trail.evidence.crls.extend(newest.map(Crl::evidence));
    match (newest, expired, defect) {
        (Some(crl), ..) if crl.lists(certificate) => Err(Refusal {
            cause: Cause::CertificateRevoked,
            reason: format!("{name}は失効しています"),
        }),
        (Some(crl), ..) => {
            trail.passed(CHECK, format!("{name}は失効していません（CRL {}）", rfc3339(crl.this_update)));
            Ok(())
        }
        (None, Some(next_update), _) => {
            let reason = format!("{name}の発行者のCRLは{}で期限が切れています", rfc3339(next_update));
            Err(Refusal { cause: Cause::CrlExpired, reason })
        }
        (None, None, why) => {
            let reason = format!("{name}の発行者のCRLは使えません: {}", why.unwrap_or("不明"));
            Err(Refusal { cause: Cause::CrlInvalid, reason })
        }
    }
}

/// The CRL that puts a certificate on hold, unless a good one that is newer has lifted that.
fn held<'a>(
    crls: &'a [Crl],
    certificate: &X509Ref,
    speaks: impl Fn(&Crl) -> bool,
    at: i64,
) -> Option<&'a Crl> {
    let mut holding = crls.iter().filter(|crl| crl.has_held(certificate, &speaks)).peekable();
    holding.peek()?;
    let good = crls.iter().filter(|crl| {
        crl.is_issued_by(certificate)
            && crl.covers(certificate)
            && matches!(crl.fitness(&speaks, at), Fitness::Good)
    });
    let newest = good.map(|crl| crl.this_update).max();
    holding.find(|crl| newest.is_none_or(|newest| newest <= crl.this_update))
}

fn revoked(trail: &mut Trail, certificate: &X509Ref, crl: &Crl) -> Refusal {
    trail.evidence.crls.push(crl.evidence());
    let reason = format!("{}は失効しています（CRL {}）", subject(certificate), rfc3339(crl.this_update));
    Refusal { cause: Cause::CertificateRevoked, reason }
}

/// Whether a CRL is valid for that issuer on a path to that anchor.
fn speaks_for(
    crl: &Crl,
    issuer: &X509,
    trust: &Trust,
    anchor: Option<&X509>,
    at: i64,
    vouchers: usize,
) -> bool {
    crl.signers.contains(issuer)
        || vouchers.checked_sub(1).is_some_and(|left| is_vouched_for(crl, trust, anchor, at, left))
}

/// Whether a CRL not signed by the certificate on the path was signed by another certificate of the same CA with
/// its own valid path to the same anchor (RFC 5280, 6.3.3 f): after a key change, or where a CA signs CRLs with a
/// separate key. The signer must not be revoked: by its own CRL where that covers it, else by another, for which
/// in turn one of up to `vouchers` may vouch.
fn is_vouched_for(crl: &Crl, trust: &Trust, anchor: Option<&X509>, at: i64, vouchers: usize) -> bool {
    crl.signers.iter().any(|signer| {
        let Some(path) = sound_path(trust, signer, at) else { return false };
        let is_current = |pair: &[X509]| {
            let [certificate, issuer] = pair else { return false };
            if crl.is_issued_by(certificate) {
                return !crl.lists(certificate);
            }
            let crls = trust.crls().unwrap_or_default();
            let speaks = |crl: &Crl| speaks_for(crl, issuer, trust, anchor, at, vouchers);
            check_one(&mut Trail::default(), crls, certificate, speaks, at).is_ok()
        };
        path.last() == anchor && path.windows(2).all(is_current)
    })
}
