//! Tokens, certificate paths and CRLs.

use openssl::{
    hash::MessageDigest,
    nid::Nid,
    x509::extension::{ExtendedKeyUsage, KeyUsage},
};
use proptest::prelude::*;
use serde_json::Value;
use touroku_pki::{Trust, verify_certificate, verify_token};
use touroku_proto::{
    origin::Origin,
    token::{Nonce, Token},
};

use crate::support::{
    authority::{Authority, Card, NOW, Spec, ec, rsa},
    der,
};

const DAY: i64 = 86_400;
const ORIGIN: &str = "https://ebid.example.jp";

/// The decision's code; `ok` when accepted.
fn decide(trust: &Trust, card: &Card, at: i64) -> String {
    let decision = verify_certificate(trust, &card.der(), at);
    assert!(!decision.steps.is_empty());
    let failed = decision.steps.iter().filter(|step| !step.passed).count();
    assert_eq!(failed, usize::from(decision.outcome.is_err()), "{decision:?}");
    decision.outcome.map_or_else(|refusal| refusal.cause.as_str().to_owned(), |_| "ok".to_owned())
}

fn trusting(anchors: &[&Authority], intermediates: &[&Authority], crls: Option<Vec<Vec<u8>>>) -> Trust {
    let certificates =
        |list: &[&Authority]| list.iter().map(|authority| authority.certificate.clone()).collect();
    Trust::new(certificates(anchors), certificates(intermediates), crls).unwrap()
}

fn issued(spec: Spec) -> String {
    let root = Authority::root();
    decide(&trusting(&[&root], &[], None), &root.issue(spec), NOW)
}

#[test]
fn cards_of_each_accepted_key_are_accepted() {
    for key in [rsa(2048), ec(Nid::X9_62_PRIME256V1), ec(Nid::SECP384R1)] {
        let root = Authority::root();
        let card = root.issue(Spec { key, ..Spec::card() });
        let trust = trusting(&[&root], &[], None);
        let nonce = Nonce::from_bytes(&[1; 32]);
        let token: Token = serde_json::from_value(card.token(ORIGIN, nonce.as_str())).unwrap();
        let origin = Origin::parse(ORIGIN).unwrap();
        let decision = verify_token(&trust, &token, &origin, &nonce, NOW);
        assert_eq!(decision.outcome.unwrap().0, card.der());
        let other = Nonce::from_bytes(&[2; 32]);
        let refusal = verify_token(&trust, &token, &origin, &other, NOW).outcome.unwrap_err();
        assert_eq!(refusal.cause.as_str(), "token_signature");
    }
}

#[test]
fn validity_is_judged_at_the_given_time() {
    let root = Authority::root();
    let card = root.issue(Spec::card());
    let trust = trusting(&[&root], &[], None);
    assert_eq!(decide(&trust, &card, NOW), "ok");
    assert_eq!(decide(&trust, &card, NOW + 101 * DAY), "certificate_expired");
    assert_eq!(decide(&trust, &card, NOW + 100 * DAY - 1), "ok");
    assert_eq!(decide(&trust, &card, NOW - 31 * DAY), "certificate_not_yet_valid");
}

#[test]
fn only_what_an_anchor_vouches_for_is_believed() {
    let root = Authority::root();
    let trust = trusting(&[&root], &[], None);
    assert_eq!(decide(&trust, &Spec::card().self_signed(), NOW), "certificate_unknown_issuer");
    let namesake = Authority::root();
    assert_eq!(decide(&trust, &namesake.issue(Spec::card()), NOW), "certificate_unknown_issuer");
    let middle = root.issue(Spec::authority("Middle CA"));
    let card = middle.issue(Spec::card());
    assert_eq!(decide(&trust, &card, NOW), "certificate_unknown_issuer", "the link is missing");
    assert_eq!(decide(&trusting(&[&root], &[&middle], None), &card, NOW), "ok");
    assert_eq!(decide(&trusting(&[&middle], &[], None), &card, NOW), "ok", "an anchor need not be a root");
    let foreign = Authority::root();
    assert_eq!(
        decide(&trusting(&[&foreign], &[&middle, &root], None), &card, NOW),
        "certificate_unknown_issuer",
        "an intermediate vouches for nobody by itself"
    );
}

#[test]
fn key_usage_must_allow_a_login_where_it_is_given() {
    let usage = |build: fn(&mut KeyUsage) -> &mut KeyUsage| {
        let mut usage = KeyUsage::new();
        build(&mut usage);
        Some(usage)
    };
    let extended = |build: fn(&mut ExtendedKeyUsage) -> &mut ExtendedKeyUsage| {
        let mut extended = ExtendedKeyUsage::new();
        build(&mut extended);
        Some(extended)
    };
    assert_eq!(issued(Spec { key_usage: None, ..Spec::card() }), "ok");
    assert_eq!(
        issued(Spec { key_usage: usage(|usage| usage.non_repudiation()), ..Spec::card() }),
        "certificate_key_usage"
    );
    assert_eq!(
        issued(Spec { extended: extended(|usage| usage.client_auth().email_protection()), ..Spec::card() }),
        "ok"
    );
    assert_eq!(issued(Spec { extended: extended(|usage| usage.other("2.5.29.37.0")), ..Spec::card() }), "ok");
    assert_eq!(
        issued(Spec { extended: extended(|usage| usage.server_auth()), ..Spec::card() }),
        "certificate_key_usage"
    );
}

#[test]
fn weak_keys_and_signatures_are_refused_anywhere_on_the_path() {
    assert_eq!(issued(Spec { key: rsa(1024), ..Spec::card() }), "certificate_weak");
    assert_eq!(issued(Spec { key: ec(Nid::SECP256K1), ..Spec::card() }), "certificate_weak");
    assert_eq!(issued(Spec { digest: MessageDigest::sha1(), ..Spec::card() }), "certificate_weak");

    let root = Authority::root();
    let middle = root.issue(Spec { digest: MessageDigest::sha1(), ..Spec::authority("Old CA") });
    let card = middle.issue(Spec::card());
    assert_eq!(decide(&trusting(&[&root], &[&middle], None), &card, NOW), "certificate_weak");
    // The signature on an anchor proves nothing and may be of any age; its key still must be strong.
    let old = Spec { digest: MessageDigest::sha1(), ..Spec::authority("Old Root") }.self_signed();
    assert_eq!(decide(&trusting(&[&old], &[], None), &old.issue(Spec::card()), NOW), "ok");
    let small = Spec { key: rsa(1024), ..Spec::authority("Small Root") }.self_signed();
    assert_eq!(decide(&trusting(&[&small], &[], None), &small.issue(Spec::card()), NOW), "certificate_weak");
}

#[test]
fn paths_that_break_a_rule_are_refused() {
    let root = Authority::root();
    let narrow = root.issue(Spec { authority: Some(Some(0)), ..Spec::authority("Narrow CA") });
    let below = narrow.issue(Spec::authority("Below CA"));
    let card = below.issue(Spec::card());
    assert_eq!(decide(&trusting(&[&root], &[&narrow, &below], None), &card, NOW), "certificate_path");

    let holder = root.issue(Spec { name: "Holder", ..Spec::card() });
    let forged = holder.issue(Spec::card());
    assert_eq!(decide(&trusting(&[&root], &[&holder], None), &forged, NOW), "certificate_path");
    let signs_only = root.issue(Spec { name: "Says CA nowhere", authority: None, ..Spec::authority("x") });
    let forged = signs_only.issue(Spec::card());
    assert_eq!(decide(&trusting(&[&root], &[&signs_only], None), &forged, NOW), "certificate_path");

    let strange = vec![("1.3.6.1.4.1.99999.1", true, der::integer(1))];
    assert_eq!(issued(Spec { extensions: strange, ..Spec::card() }), "certificate_path");
    let harmless = vec![("1.3.6.1.4.1.99999.1", false, der::integer(1))];
    assert_eq!(issued(Spec { extensions: harmless, ..Spec::card() }), "ok");
    // certificatePolicies, critical: { 1.2.392.200127.1 }
    let policy = der::sequence(&[der::sequence(&[der::oid(&[0x2A, 0x83, 0x08, 0x8C, 0x9B, 0x3F, 0x01])])]);
    let policies = vec![("2.5.29.32", true, policy)];
    assert_eq!(issued(Spec { extensions: policies, ..Spec::card() }), "ok");
}

#[test]
fn a_name_constraint_binds_what_is_below() {
    let root = Authority::root();
    let name = |country: &[u8]| {
        let attribute = der::sequence(&[der::oid(&[0x55, 0x04, 0x06]), der::tlv(0x13, country)]);
        der::sequence(&[der::tlv(0x31, &attribute)])
    };
    for (country, code) in [(b"JP", "ok"), (b"DE", "certificate_path")] {
        // permittedSubtrees [0] { GeneralSubtree { directoryName [4] } }
        let subtree = der::sequence(&[der::tlv(0xA4, &name(country))]);
        let constraints = der::sequence(&[der::tlv(0xA0, &subtree)]);
        let extensions = vec![("2.5.29.30", true, constraints)];
        let middle = root.issue(Spec { extensions, ..Spec::authority("Bound CA") });
        let card = middle.issue(Spec::card());
        assert_eq!(decide(&trusting(&[&root], &[&middle], None), &card, NOW), code);
    }
}

#[test]
fn a_crl_of_the_issuer_decides_when_any_is_configured() {
    let root = Authority::root();
    let card = root.issue(Spec::card());
    let other = Spec::authority("Other CA").self_signed();
    let decide_by = |crls: Vec<Vec<u8>>| decide(&trusting(&[&root, &other], &[], Some(crls)), &card, NOW);

    assert_eq!(decide_by(vec![root.crl(&[])]), "ok");
    assert_eq!(decide_by(vec![root.crl(&[6, 8])]), "ok");
    assert_eq!(decide_by(vec![root.crl(&[6, 7, 8])]), "certificate_revoked");
    assert_eq!(decide_by(vec![other.crl(&[7])]), "crl_missing");
    assert_eq!(decide_by(vec![]), "crl_missing");
    let sha256 = MessageDigest::sha256();
    let old = root.crl_with(&[], NOW - 9 * DAY, Some(NOW - 1), &[], sha256);
    assert_eq!(decide_by(vec![old.clone()]), "crl_expired");
    assert_eq!(decide_by(vec![old, root.crl(&[])]), "ok", "a new one beside it is enough");
    assert_eq!(decide_by(vec![root.crl_with(&[], NOW - DAY, None, &[], sha256)]), "crl_invalid");
    assert_eq!(decide_by(vec![root.crl_with(&[], NOW + 1, Some(NOW + DAY), &[], sha256)]), "crl_invalid");
    let weak = root.crl_with(&[], NOW - DAY, Some(NOW + DAY), &[], MessageDigest::sha1());
    assert_eq!(decide_by(vec![weak]), "crl_invalid");
    let namesake = Authority::root();
    assert_eq!(decide_by(vec![namesake.crl(&[])]), "crl_invalid", "signed by another key of that name");
}

#[test]
fn a_newer_crl_gives_no_revoked_card_back() {
    let root = Authority::root();
    let card = root.issue(Spec::card());
    let sha256 = MessageDigest::sha256();
    let before = root.crl_with(&[7], NOW - 2 * DAY, Some(NOW + DAY), &[], sha256);
    let after = root.crl_with(&[], NOW - DAY, Some(NOW + DAY), &[], sha256);
    for crls in [vec![before.clone(), after.clone()], vec![after, before]] {
        assert_eq!(decide(&trusting(&[&root], &[], Some(crls)), &card, NOW), "certificate_revoked");
    }
}

#[test]
fn crls_of_kinds_that_are_not_understood_are_refused() {
    let root = Authority::root();
    let card = root.issue(Spec::card());
    let decide_with = |extension: Vec<u8>| {
        let crl = root.crl_with(&[], NOW - DAY, Some(NOW + DAY), &[extension], MessageDigest::sha256());
        decide(&trusting(&[&root], &[], Some(vec![crl])), &card, NOW)
    };
    let distribution_point = [0x55, 0x1D, 0x1C];
    assert_eq!(decide_with(der::extension(&[0x55, 0x1D, 0x14], false, &der::integer(5))), "ok");
    assert_eq!(decide_with(der::extension(&[0x55, 0x1D, 0x1B], true, &der::integer(5))), "crl_invalid");
    assert_eq!(decide_with(der::extension(&[0x2A, 0x03], true, &der::integer(5))), "crl_invalid");
    assert_eq!(decide_with(der::extension(&[0x2A, 0x03], false, &der::integer(5))), "ok");
    // issuingDistributionPoint: indirectCRL [4], onlyContainsUserCerts [1], onlyContainsCACerts [2].
    let point = |tag: u8| der::sequence(&[der::tlv(tag, &[0xFF])]);
    assert_eq!(decide_with(der::extension(&distribution_point, true, &point(0x84))), "crl_invalid");
    assert_eq!(decide_with(der::extension(&distribution_point, true, &point(0x81))), "ok");
    assert_eq!(decide_with(der::extension(&distribution_point, true, &point(0x82))), "crl_missing");
}

#[test]
fn a_crl_number_that_is_longer_than_numbers_may_be_is_not_told_and_costs_no_time() {
    let root = Authority::root();
    let card = root.issue(Spec::card());
    let number = |length: usize| {
        let number = der::extension(&[0x55, 0x1D, 0x14], false, &der::tlv(0x02, &vec![1; length]));
        let crl = root.crl_with(&[], NOW - DAY, Some(NOW + DAY), &[number], MessageDigest::sha256());
        let decision = verify_certificate(&trusting(&[&root], &[], Some(vec![crl])), &card.der(), NOW);
        assert_eq!(decision.code(), "ok");
        decision.evidence.crls[0].number.clone()
    };
    assert_eq!(number(1).as_deref(), Some("1"));
    assert!(number(20).is_some_and(|number| number.len() > 40));
    assert_eq!(number(21), None);
    assert_eq!(number(8 * 1024 * 1024), None, "in decimal it would take hours");
}

#[test]
fn nothing_in_a_certificate_commands_the_terminal_on_which_a_decision_is_shown() {
    let root = Authority::root();
    let url = |text: &[u8]| der::tlv(0xA0, &der::tlv(0xA0, &der::tlv(0x86, text)));
    let points = der::sequence(&[
        der::sequence(&[url(b"https://a.example.jp/\x1B[2J")]),
        der::sequence(&[url(b"http://a.example.jp/\nhttp://b.example.jp/")]),
        der::sequence(&[url(b"http://c.example.jp/c.crl")]),
    ]);
    let spec = Spec { name: "Taro\u{1B}[2J\u{202E}", ..Spec::card() };
    let card = root.issue(Spec { extensions: vec![("2.5.29.31", false, points)], ..spec });
    let decision = verify_certificate(&trusting(&[&root], &[], Some(Vec::new())), &card.der(), NOW);
    assert_eq!(decision.code(), "crl_missing");
    let reason = decision.outcome.unwrap_err().reason;
    assert!(reason.contains("Taro[2J"), "{reason}");
    for text in decision.steps.into_iter().map(|step| step.detail).chain([reason]) {
        assert!(!text.chars().any(touroku_proto::text::is_forbidden), "{text:?}");
    }
    assert_eq!(decision.crls_wanted, ["http://c.example.jp/c.crl"]);
}

#[test]
fn a_partitioned_crl_speaks_of_its_own_certificates_only() {
    let root = Authority::root();
    let point = |uri: &[u8]| der::tlv(0xA0, &der::tlv(0xA0, &der::tlv(0x86, uri)));
    let scope = der::sequence(&[point(b"http://crl.example.jp/1.crl")]);
    let scope = der::extension(&[0x55, 0x1D, 0x1C], true, &scope);
    let crl = root.crl_with(&[], NOW - DAY, Some(NOW + DAY), &[scope], MessageDigest::sha256());
    for (uri, code) in
        [(&b"http://crl.example.jp/1.crl"[..], "ok"), (b"http://crl.example.jp/2.crl", "crl_missing")]
    {
        let points = der::sequence(&[der::sequence(&[point(uri)])]);
        let card = root.issue(Spec { extensions: vec![("2.5.29.31", false, points)], ..Spec::card() });
        assert_eq!(decide(&trusting(&[&root], &[], Some(vec![crl.clone()])), &card, NOW), code);
    }
}

#[test]
fn every_certificate_below_the_anchor_needs_its_crl() {
    let root = Authority::root();
    let middle = root.issue(Spec { serial: 3, ..Spec::authority("Middle CA") });
    let card = middle.issue(Spec::card());
    let decide_by = |crls: Vec<Vec<u8>>| decide(&trusting(&[&root], &[&middle], Some(crls)), &card, NOW);
    assert_eq!(decide_by(vec![root.crl(&[]), middle.crl(&[])]), "ok");
    assert_eq!(decide_by(vec![middle.crl(&[])]), "crl_missing");
    assert_eq!(decide_by(vec![root.crl(&[])]), "crl_missing");
    assert_eq!(decide_by(vec![root.crl(&[3]), middle.crl(&[])]), "certificate_revoked");

    // A pinned intermediate needs no CRL; but what its root says against it counts.
    let pinned = |crls| decide(&trusting(&[&root, &middle], &[], Some(crls)), &card, NOW);
    assert_eq!(pinned(vec![middle.crl(&[])]), "ok");
    assert_eq!(pinned(vec![middle.crl(&[]), root.crl(&[3])]), "certificate_revoked");
}

#[test]
fn a_ca_that_may_not_sign_crls_signs_none() {
    let mut usage = KeyUsage::new();
    usage.critical().key_cert_sign();
    let root = Spec { key_usage: Some(usage), ..Spec::authority("Root CA") }.self_signed();
    let card = root.issue(Spec::card());
    assert_eq!(decide(&trusting(&[&root], &[], Some(vec![root.crl(&[])])), &card, NOW), "crl_invalid");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_certificate_makes_the_verification_panic(der in prop::collection::vec(any::<u8>(), 0..300)) {
        let trust = Trust::new(Vec::new(), Vec::new(), None).unwrap();
        prop_assert!(verify_certificate(&trust, &der, NOW).outcome.is_err());
    }

    #[test]
    fn no_damaged_certificate_is_accepted(at in any::<prop::sample::Index>(), bit in 0..8u8) {
        thread_local! {
            static SAMPLE: (Trust, Vec<u8>) = {
                let root = Authority::root();
                (trusting(&[&root], &[], None), root.issue(Spec::card()).der())
            };
        }
        SAMPLE.with(|(trust, der)| {
            let mut damaged = der.clone();
            let at = at.index(damaged.len());
            damaged[at] ^= 1 << bit;
            prop_assert!(verify_certificate(trust, &damaged, NOW).outcome.is_err(), "byte {at}");
            Ok(())
        })?;
    }

    #[test]
    fn no_token_makes_the_verification_panic(
        certificate in "[A-Za-z0-9+/=]{0,64}",
        signature in ".{0,64}",
        algorithm in "RS256|ES256|ES384|none",
        format in "web-eid:1(\\.0)?|.{0,12}",
    ) {
        let token: Token = serde_json::from_value(serde_json::json!({
            "unverifiedCertificate": certificate,
            "signature": signature,
            "algorithm": algorithm,
            "format": format,
        })).unwrap();
        let trust = Trust::new(Vec::new(), Vec::new(), None).unwrap();
        let nonce = Nonce::from_bytes(&[0; 32]);
        let origin = Origin::parse(ORIGIN).unwrap();
        prop_assert!(verify_token(&trust, &token, &origin, &nonce, NOW).outcome.is_err());
    }
}

#[test]
fn a_decision_tells_its_steps_in_order() {
    let root = Authority::root();
    let card = root.issue(Spec::card());
    let trust = trusting(&[&root], &[], Some(vec![root.crl(&[7])]));
    let decision = verify_certificate(&trust, &card.der(), NOW);
    let last = decision.steps.last().unwrap();
    assert_eq!((last.check, last.passed), ("失効", false));
    assert!(decision.steps.iter().rev().skip(1).all(|step| step.passed));
    let json: Value = serde_json::to_value(&decision.steps).unwrap();
    assert!(json[0]["detail"].as_str().unwrap().contains("シリアル番号 7"));
}

#[test]
fn a_partition_is_known_by_its_whole_name_and_by_one_relative_to_the_issuer() {
    let root = Authority::root();
    let attribute = |name: &str| der::sequence(&[der::oid(&[0x55, 4, 3]), der::tlv(0x0C, name.as_bytes())]);
    let issuer = root.certificate.subject_name().to_der().unwrap();
    let whole = |name: &str| {
        let names = [&issuer[2..], &der::tlv(0x31, &attribute(name))].concat();
        der::tlv(0xA0, &der::tlv(0xA0, &der::tlv(0xA4, &der::sequence(&[names]))))
    };
    let relative = |name: &str| der::tlv(0xA0, &der::tlv(0xA1, &attribute(name)));
    let code = |of_card: Vec<u8>, of_crl: Vec<u8>| {
        let points = der::sequence(&[der::sequence(&[of_card])]);
        let card = root.issue(Spec { extensions: vec![("2.5.29.31", false, points)], ..Spec::card() });
        let part = der::extension(&[0x55, 0x1D, 0x1C], true, &der::sequence(&[of_crl]));
        let crl = root.crl_with(&[8], NOW - DAY, Some(NOW + DAY), &[part], MessageDigest::sha256());
        decide(&trusting(&[&root], &[], Some(vec![crl])), &card, NOW)
    };
    for of_card in [whole("Part 1"), relative("Part 1")] {
        for of_crl in [whole("Part 1"), relative("Part 1")] {
            assert_eq!(code(of_card.clone(), of_crl), "ok");
        }
        for of_crl in [whole("Part 2"), relative("Part 2"), der::tlv(0xA0, &der::tlv(0xA1, &[5, 0]))] {
            assert_eq!(code(of_card.clone(), of_crl), "crl_missing");
        }
    }
}
