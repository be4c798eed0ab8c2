//! Certificate policies (RFC 5280, 4.2.1.4 and 6.1): those that certificates demand of each other, and those
//! that the administrator requires or forbids.
//!
//! OpenSSL could do the first half, but its binding can't tell it which policies are wanted; without any it
//! refuses every path in which a CA demands an explicit policy (requireExplicitPolicy), whatever the
//! certificates assert.

use std::collections::BTreeSet;

use openssl::x509::X509;
use touroku_proto::certificate::Facts;
use x509_parser::{certificate::X509Certificate, extensions::ParsedExtension, prelude::FromDer as _};

use crate::{
    cause::Cause,
    decision::{Refusal, Trail},
    names::subject,
    rules::{ANY, Policy, Rules},
};

/// Checks a path, ordered from the card to the anchor.
pub(super) fn check(trail: &mut Trail, rules: &Rules, facts: &Facts, path: &[X509]) -> Result<(), Refusal> {
    const CHECK: &str = "証明書ポリシー";
    // The anchor's own policies don't count (RFC 5280, 6.1.1 d); a card that is itself an anchor speaks for
    // itself.
    let below_anchor = path.get(..path.len().saturating_sub(1).max(1)).unwrap_or_default();
    let mut statements = Vec::new();
    for certificate in below_anchor.iter().rev() {
        let Some(statement) = Statement::read(certificate) else {
            let reason = format!("{}: 証明書ポリシーの拡張を読めません", subject(certificate));
            return Err(trail.refuse(CHECK, Cause::CertificatePath, reason));
        };
        statements.push(statement);
    }
    let none = BTreeSet::new();
    let of_card = statements.last().map_or(&none, |card| &card.asserted);
    let listed = || {
        let listed: Vec<&str> = of_card.iter().map(String::as_str).collect();
        if listed.is_empty() { "なし".to_owned() } else { listed.join("、") }
    };
    let forbidden = rules.forbid_policies.iter().find(|policy| of_card.contains(policy.as_str()));
    if let Some(policy) = forbidden {
        let reason = format!("使えないポリシー{policy}の証明書です");
        return Err(trail.refuse(CHECK, Cause::CertificatePolicy, reason));
    }
    if !rules.forbid_policies.is_empty() && of_card.contains(ANY) {
        let reason = "anyPolicyの証明書は、使えないポリシーも含みます";
        return Err(trail.refuse(CHECK, Cause::CertificatePolicy, reason));
    }
    if !is_valid_for(None, &statements) {
        let reason = "認証局が求めるポリシー（requireExplicitPolicy）が、経路全体では有効でありません";
        return Err(trail.refuse(CHECK, Cause::CertificatePath, reason));
    }
    let of_issuer = rules.of_issuer(facts);
    let wishes = [
        ("", rules.require_policies.as_slice()),
        of_issuer.map_or(("", &[]), |issuer| (issuer.name.as_str(), &issuer.require_policies)),
    ];
    if wishes.iter().all(|(_, policies)| policies.is_empty()) {
        trail.passed(CHECK, format!("必要なポリシーの設定はありません（証明書のポリシー: {}）", listed()));
    }
    for (whose, policies) in wishes.into_iter().filter(|(_, policies)| !policies.is_empty()) {
        let whose = if whose.is_empty() { String::new() } else { format!("認証局「{whose}」に") };
        match policies.iter().find(|policy| is_valid_for(Some(policy), &statements)) {
            Some(policy) => {
                trail.passed(CHECK, format!("{whose}必要なポリシー{policy}が、経路全体で有効です"));
            }
            None => {
                let wanted: Vec<&str> = policies.iter().map(Policy::as_str).collect();
                let reason = format!(
                    "{whose}必要なポリシー（{}）が、経路全体では有効でありません（証明書のポリシー: {}）",
                    wanted.join("、"),
                    listed()
                );
                return Err(trail.refuse(CHECK, Cause::CertificatePolicy, reason));
            }
        }
    }
    Ok(())
}

/// What a certificate says about policies.
struct Statement {
    asserted: BTreeSet<String>,
    /// Issuer's policy, subject's policy.
    mappings: Vec<(String, String)>,
    require_explicit: Option<u32>,
    inhibit_mapping: Option<u32>,
    inhibit_any: Option<u32>,
    is_self_issued: bool,
}

impl Statement {
    /// `None`: a policy extension can't be parsed.
    fn read(certificate: &X509) -> Option<Self> {
        let der = certificate.to_der().ok()?;
        let (_, parsed) = X509Certificate::from_der(&der).ok()?;
        let mut statement = Self {
            asserted: BTreeSet::new(),
            mappings: Vec::new(),
            require_explicit: None,
            inhibit_mapping: None,
            inhibit_any: None,
            is_self_issued: parsed.subject().as_raw() == parsed.issuer().as_raw(),
        };
        for extension in parsed.extensions() {
            match extension.parsed_extension() {
                ParsedExtension::CertificatePolicies(policies) => {
                    statement.asserted =
                        policies.iter().map(|policy| policy.policy_id.to_id_string()).collect();
                }
                ParsedExtension::PolicyMappings(mappings) => {
                    statement.mappings = mappings
                        .mappings
                        .iter()
                        .map(|mapping| {
                            let oids = [&mapping.issuer_domain_policy, &mapping.subject_domain_policy];
                            let [issuer, subject] = oids.map(x509_parser::der_parser::oid::Oid::to_id_string);
                            (issuer, subject)
                        })
                        .collect();
                }
                ParsedExtension::PolicyConstraints(constraints) => {
                    statement.require_explicit = constraints.require_explicit_policy;
                    statement.inhibit_mapping = constraints.inhibit_policy_mapping;
                }
                ParsedExtension::InhibitAnyPolicy(inhibit) => {
                    statement.inhibit_any = Some(inhibit.skip_certs);
                }
                // certificatePolicies, policyMappings, policyConstraints, inhibitAnyPolicy.
                ParsedExtension::ParseError { .. } | ParsedExtension::Unparsed
                    if matches!(
                        extension.oid.to_id_string().as_str(),
                        "2.5.29.32" | "2.5.29.33" | "2.5.29.36" | "2.5.29.54"
                    ) =>
                {
                    return None;
                }
                _ => {}
            }
        }
        // Mapping from or to anyPolicy is forbidden (6.1.4 a).
        let maps_any = statement.mappings.iter().any(|(issuer, subject)| issuer == ANY || subject == ANY);
        (!maps_any).then_some(statement)
    }
}

/// Whether a path, top first, is valid for one policy, or for any (RFC 5280, 6.1.2 to 6.1.5).
///
/// Only the lowest level of the standard's tree is kept: which policies are expected next, and whether every
/// certificate so far asserted anyPolicy. That decides the outcome; nobody needs the rest of the tree.
fn is_valid_for(policy: Option<&Policy>, path: &[Statement]) -> bool {
    let mut tree = Tree {
        expected: policy.iter().map(|policy| policy.as_str().to_owned()).collect(),
        any: policy.is_none(),
    };
    let mut explicit_after = if policy.is_some() { 0 } else { u32::MAX };
    let (mut any_for, mut mapping_for) = (u32::MAX, u32::MAX);
    for (depth, certificate) in path.iter().enumerate() {
        let is_card = depth + 1 == path.len();
        let any_counts = any_for > 0 || (certificate.is_self_issued && !is_card);
        tree.descend(certificate, any_counts && certificate.asserted.contains(ANY));
        if explicit_after == 0 && tree.is_empty() {
            return false;
        }
        if is_card {
            let asks_now = certificate.require_explicit == Some(0);
            return !tree.is_empty() || (explicit_after > 1 && !asks_now);
        }
        tree.map(&certificate.mappings, mapping_for > 0);
        if !certificate.is_self_issued {
            explicit_after = explicit_after.saturating_sub(1);
            any_for = any_for.saturating_sub(1);
            mapping_for = mapping_for.saturating_sub(1);
        }
        explicit_after = explicit_after.min(certificate.require_explicit.unwrap_or(u32::MAX));
        any_for = any_for.min(certificate.inhibit_any.unwrap_or(u32::MAX));
        mapping_for = mapping_for.min(certificate.inhibit_mapping.unwrap_or(u32::MAX));
    }
    true
}

struct Tree {
    expected: BTreeSet<String>,
    any: bool,
}

impl Tree {
    fn is_empty(&self) -> bool {
        self.expected.is_empty() && !self.any
    }

    /// 6.1.3 d and e.
    fn descend(&mut self, certificate: &Statement, asserts_any: bool) {
        let fits = |policy: &&String| *policy != ANY && (self.any || self.expected.contains(*policy));
        let mut expected: BTreeSet<String> = certificate.asserted.iter().filter(fits).cloned().collect();
        if asserts_any {
            expected.append(&mut self.expected);
        }
        *self = Self { expected, any: self.any && asserts_any };
    }

    /// 6.1.4 b. Where mapping is inhibited, a mapped policy ends.
    fn map(&mut self, mappings: &[(String, String)], is_allowed: bool) {
        let is_mapped = |policy: &String| mappings.iter().any(|(issuer, _)| issuer == policy);
        let (mapped, mut below): (BTreeSet<_>, BTreeSet<_>) =
            std::mem::take(&mut self.expected).into_iter().partition(is_mapped);
        if is_allowed {
            let targets = mappings.iter().filter(|(issuer, _)| self.any || mapped.contains(issuer));
            below.extend(targets.map(|(_, subject)| subject.clone()));
        }
        self.expected = below;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn says(asserted: &[&str]) -> Statement {
        Statement {
            asserted: asserted.iter().map(ToString::to_string).collect(),
            mappings: Vec::new(),
            require_explicit: None,
            inhibit_mapping: None,
            inhibit_any: None,
            is_self_issued: false,
        }
    }

    fn holds(path: &[Statement]) -> bool {
        is_valid_for(Some(&"1.2.3".parse().unwrap()), path)
    }

    #[test]
    fn an_oid_is_digits_and_dots() {
        for good in ["1.2.392.200127.1", "0.0", "2.16.840.1.101.3.2.1.48.1"] {
            assert!(good.parse::<Policy>().is_ok(), "{good}");
        }
        for bad in ["", "1", "3.1", "1..2", "1.02", "1.2.", "policy", "1.-2", "2.5.29.32.0", &"1.".repeat(99)]
        {
            assert!(bad.parse::<Policy>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_policy_holds_only_where_everyone_below_the_anchor_asserts_it() {
        assert!(holds(&[says(&["1.2.3"]), says(&["1.2.4", "1.2.3"])]));
        assert!(!holds(&[says(&["1.2.4"]), says(&["1.2.3"])]));
        assert!(!holds(&[says(&["1.2.3"]), says(&[])]));
        assert!(!holds(&[says(&[])]));
    }

    #[test]
    fn any_policy_stands_for_it_until_it_is_inhibited() {
        assert!(holds(&[says(&[ANY]), says(&["1.2.3"])]));
        assert!(holds(&[says(&["1.2.3"]), says(&[ANY])]));
        let inhibits = || Statement { inhibit_any: Some(0), ..says(&["1.2.3"]) };
        assert!(!holds(&[inhibits(), says(&[ANY])]));
        let self_issued = || Statement { is_self_issued: true, ..says(&[ANY]) };
        assert!(holds(&[inhibits(), self_issued(), says(&["1.2.3"])]), "self-issued ones are exempt");
        assert!(!holds(&[inhibits(), self_issued()]), "but not as the last");
    }

    #[test]
    fn a_mapping_renames_it_below_unless_it_is_inhibited() {
        let maps = || Statement { mappings: vec![("1.2.3".into(), "9.9".into())], ..says(&["1.2.3"]) };
        assert!(holds(&[maps(), says(&["9.9"])]));
        assert!(!holds(&[maps(), says(&["1.2.3"])]));
        let inhibits = Statement { inhibit_mapping: Some(0), ..says(&["1.2.3"]) };
        assert!(!holds(&[inhibits, maps(), says(&["9.9"])]));
    }
    #[test]
    fn who_asks_for_an_explicit_policy_gets_one_or_the_path_is_refused() {
        let any = |path: &[Statement]| is_valid_for(None, path);
        let asks = |after, asserted| Statement { require_explicit: Some(after), ..says(asserted) };
        assert!(any(&[says(&[]), says(&[])]), "nobody asks");
        assert!(any(&[asks(0, &["1.2.3"]), says(&["1.2.3"])]));
        assert!(any(&[asks(0, &[ANY]), says(&["1.2.4"])]));
        assert!(!any(&[asks(0, &["1.2.3"]), says(&["1.2.4"])]));
        assert!(!any(&[asks(1, &["1.2.3"]), says(&["1.2.4"])]));
        assert!(any(&[asks(5, &["1.2.3"]), says(&["1.2.4"])]), "it asks of certificates further down");
        assert!(!any(&[says(&["1.2.3"]), asks(0, &["1.2.4"])]), "the card itself asks");
    }
}
