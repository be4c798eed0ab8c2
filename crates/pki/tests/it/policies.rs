//! What the administrator requires of certificates, and what hostile ones may cost.

use openssl::{asn1::Asn1Object, hash::MessageDigest, x509::X509};
use touroku_pki::{Circumstances, Decision, IssuerRules, Rules, Trust, Uncheckable, verify_certificate};

use crate::support::{
    authority::{Authority, Card, NOW, Spec},
    der,
};

const DAY: i64 = 86_400;

fn trusting(anchors: &[&Authority], intermediates: &[&Authority], rules: Rules) -> Trust {
    let certificates =
        |list: &[&Authority]| list.iter().map(|authority| authority.certificate.clone()).collect();
    Trust::new(certificates(anchors), certificates(intermediates), None).unwrap().with_rules(rules)
}

fn code(trust: &Trust, card: &Card) -> String {
    code_of(&verify_certificate(trust, &card.der(), NOW))
}

fn code_of<T>(decision: &Decision<T>) -> String {
    decision.outcome.as_ref().map_or_else(|refusal| refusal.cause.as_str().to_owned(), |_| "ok".to_owned())
}

/// certificatePolicies with these OIDs.
fn policies(oids: &[&str], critical: bool) -> (&'static str, bool, Vec<u8>) {
    let of = |oid: &&str| {
        let oid = Asn1Object::from_str(oid).unwrap();
        der::sequence(&[der::oid(oid.as_slice())])
    };
    ("2.5.29.32", critical, der::sequence(&oids.iter().map(of).collect::<Vec<_>>()))
}

fn requiring(oids: &[&str]) -> Rules {
    Rules { require_policies: oids.iter().map(|oid| oid.parse().unwrap()).collect(), ..Rules::default() }
}

fn forbidding(oid: &str) -> Rules {
    Rules { forbid_policies: vec![oid.parse().unwrap()], ..Rules::default() }
}

#[test]
fn a_required_policy_must_hold_from_below_the_anchor_to_the_card() {
    let root = Authority::root();
    let card = |oids: &[&str], critical| Spec { extensions: vec![policies(oids, critical)], ..Spec::card() };
    for critical in [false, true] {
        let of_card = root.issue(card(&["1.2.392.1", "1.2.392.2"], critical));
        let by = |rules| code(&trusting(&[&root], &[], rules), &of_card);
        assert_eq!(by(requiring(&["1.2.392.1"])), "ok");
        assert_eq!(by(requiring(&["1.2.392.9", "1.2.392.2"])), "ok", "one of several is enough");
        assert_eq!(by(requiring(&["1.2.392.9"])), "certificate_policy");
        assert_eq!(by(forbidding("1.2.392.2")), "certificate_policy");
        assert_eq!(by(forbidding("1.2.392.9")), "ok");
    }
    assert_eq!(
        code(&trusting(&[&root], &[], requiring(&["1.2.392.1"])), &root.issue(Spec::card())),
        "certificate_policy",
        "a card that asserts none"
    );
    for (of_authority, expected) in
        [("1.2.392.1", "ok"), ("2.5.29.32.0", "ok"), ("1.2.392.7", "certificate_policy")]
    {
        let extensions = vec![policies(&[of_authority], false)];
        let middle = root.issue(Spec { extensions, ..Spec::authority("Middle CA") });
        let of_card = middle.issue(card(&["1.2.392.1"], false));
        let trust = trusting(&[&root], &[&middle], requiring(&["1.2.392.1"]));
        assert_eq!(code(&trust, &of_card), expected, "{of_authority}");
        // What is above an anchor is irrelevant.
        let trust = trusting(&[&middle], &[], requiring(&["1.2.392.1"]));
        assert_eq!(code(&trust, &of_card), "ok", "{of_authority}");
    }
    let any = root.issue(card(&["2.5.29.32.0"], false));
    assert_eq!(code(&trusting(&[&root], &[], forbidding("1.2.3")), &any), "certificate_policy");
}

#[test]
fn a_card_whose_revocation_cannot_be_checked_is_let_in_only_where_that_was_decided() {
    let root = Authority::root();
    let card = root.issue(Spec::card());
    let old = root.crl_with(&[], NOW - 9 * DAY, Some(NOW - 1), &[], MessageDigest::sha256());
    let delta = der::extension(&[0x55, 0x1D, 0x1B], true, &der::integer(5));
    let delta = root.crl_with(&[], NOW - DAY, Some(NOW + DAY), &[delta], MessageDigest::sha256());
    let lists = [(vec![], "crl_missing"), (vec![old], "crl_expired"), (vec![delta], "crl_invalid")];
    for (crls, refusal) in lists {
        let trust = |uncheckable| {
            let trust = Trust::new(vec![root.certificate.clone()], Vec::new(), Some(crls.clone())).unwrap();
            trust.with_rules(Rules { uncheckable, ..Rules::default() })
        };
        assert_eq!(code(&trust(Uncheckable::Refuse), &card), refusal);
        let decision = verify_certificate(&trust(Uncheckable::Accept), &card.der(), NOW);
        assert_eq!(code_of(&decision), "ok");
        let said = &decision.steps.last().unwrap().detail;
        assert!(said.contains("uncheckable = accept"), "{said}");
    }
    let revoked = Trust::new(vec![root.certificate.clone()], Vec::new(), Some(vec![root.crl(&[7])])).unwrap();
    let rules = Rules { uncheckable: Uncheckable::Accept, ..Rules::default() };
    assert_eq!(code(&revoked.with_rules(rules), &card), "certificate_revoked");
}

#[test]
fn whom_any_crl_of_the_issuer_lists_is_refused_however_useless_it_is_otherwise() {
    let root = Authority::root();
    let card = root.issue(Spec::card());
    let (past, long_past) = (NOW - DAY, NOW - 900 * DAY);
    let next = Some(NOW + DAY);
    let (sha256, sha1) = (MessageDigest::sha256(), MessageDigest::sha1());
    for (crl, what) in [
        (root.crl_with(&[7], long_past, Some(NOW - 800 * DAY), &[], sha256), "expired"),
        (root.crl_with(&[7], past, None, &[], sha256), "without nextUpdate"),
        (root.crl_with(&[7], past, next, &[], sha1), "SHA-1"),
        (root.crl_with(&[7], NOW + 60, next, &[], sha256), "of the future"),
    ] {
        for beside in [None, Some(root.crl(&[]))] {
            let crls = beside.into_iter().chain([crl.clone()]).collect();
            let trust = Trust::new(vec![root.certificate.clone()], Vec::new(), Some(crls)).unwrap();
            let rules = Rules { uncheckable: Uncheckable::Accept, ..Rules::default() };
            assert_eq!(code(&trust.with_rules(rules), &card), "certificate_revoked", "{what}");
        }
    }
    let forged = Authority::root().crl_with(&[7], past, None, &[], sha256);
    let trust = Trust::new(vec![root.certificate.clone()], Vec::new(), Some(vec![forged])).unwrap();
    let rules = Rules { uncheckable: Uncheckable::Accept, ..Rules::default() };
    assert_eq!(code(&trust.with_rules(rules), &card), "ok", "of another authority of that name");
}

#[test]
fn a_card_on_hold_is_given_back_by_a_newer_crl_only() {
    let root = Authority::root();
    let card = root.issue(Spec::card());
    let hold = |at| root.crl_on_hold(7, at, NOW - 2 * DAY);
    let decide = |crls: Vec<Vec<u8>>| {
        let trust = Trust::new(vec![root.certificate.clone()], Vec::new(), Some(crls)).unwrap();
        code(&trust, &card)
    };
    assert_eq!(decide(vec![hold(NOW - 3 * DAY)]), "certificate_revoked");
    assert_eq!(decide(vec![hold(NOW - 3 * DAY), root.crl(&[])]), "ok");
    assert_eq!(decide(vec![hold(NOW), root.crl(&[])]), "certificate_revoked");
}

/// An entry with this extension.
fn entry(serial: u32, extension: &[Vec<u8>]) -> Vec<u8> {
    let mut parts = vec![der::integer(serial), der::time(NOW - DAY)];
    if !extension.is_empty() {
        parts.push(der::sequence(extension));
    }
    der::sequence(&parts)
}

#[test]
fn what_an_indirect_or_partly_unknown_crl_lists_of_its_own_issuer_is_revoked() {
    let root = Authority::root();
    let unknown = der::extension(&[0x2A, 3, 4], true, &[5, 0]);
    // certificateIssuer: directoryName [4].
    let issued_by =
        |name: &[u8]| der::extension(&[0x55, 0x1D, 0x1D], true, &der::sequence(&[der::tlv(0xA4, name)]));
    let own = root.certificate.subject_name().to_der().unwrap();
    let mut other = openssl::x509::X509NameBuilder::new().unwrap();
    other.append_entry_by_text("CN", "Other CA").unwrap();
    let other = other.build().to_der().unwrap();
    let entries = vec![
        entry(7, &[]),
        entry(8, &[unknown]),
        entry(9, &[issued_by(&other)]),
        // Of the issuer named last.
        entry(10, &[]),
        entry(11, &[issued_by(&own)]),
    ];
    let crl = root.crl_of(entries, (NOW - DAY, Some(NOW + DAY)), &[], MessageDigest::sha256());
    let rules = Rules { uncheckable: Uncheckable::Accept, ..Rules::default() };
    let trust = Trust::new(vec![root.certificate.clone()], Vec::new(), Some(vec![crl])).unwrap();
    let trust = trust.with_rules(rules);
    for (serial, decided) in [
        (7, "certificate_revoked"),
        (8, "certificate_revoked"),
        (9, "ok"),
        (10, "ok"),
        (11, "certificate_revoked"),
        (12, "ok"),
    ] {
        let card = root.issue(Spec { serial, ..Spec::card() });
        assert_eq!(code(&trust, &card), decided, "{serial}");
    }
}

#[test]
fn delta_and_indirect_crls_are_refused_by_name() {
    let root = Authority::root();
    let card = root.issue(Spec::card());
    let delta = der::extension(&[0x55, 0x1D, 0x1B], true, &der::integer(5));
    let indirect = der::extension(&[0x55, 0x1D, 0x1C], true, &der::sequence(&[der::tlv(0x84, &[0xFF])]));
    for (extension, word) in [(delta, "差分CRL"), (indirect, "間接CRL")] {
        let crl = root.crl_with(&[], NOW - DAY, Some(NOW + DAY), &[extension], MessageDigest::sha256());
        let trust = Trust::new(vec![root.certificate.clone()], Vec::new(), Some(vec![crl])).unwrap();
        let refusal = verify_certificate(&trust, &card.der(), NOW).outcome.unwrap_err();
        assert!(refusal.reason.contains(word), "{}", refusal.reason);
    }
}

#[test]
fn a_partition_with_a_relative_name_is_not_taken_for_the_full_crl() {
    let root = Authority::root();
    let card = root.issue(Spec::card());
    // nameRelativeToCRLIssuer [1] { CN = CRL1 }
    let attribute = der::sequence(&[der::oid(&[0x55, 0x04, 0x03]), der::tlv(0x0C, b"CRL1")]);
    let point = der::sequence(&[der::tlv(0xA0, &der::tlv(0xA1, &attribute))]);
    let scope = der::extension(&[0x55, 0x1D, 0x1C], true, &point);
    let crl = root.crl_with(&[], NOW - DAY, Some(NOW + DAY), &[scope], MessageDigest::sha256());
    let trust = Trust::new(vec![root.certificate.clone()], Vec::new(), Some(vec![crl])).unwrap();
    assert_eq!(code(&trust, &card), "crl_missing");
}

#[test]
fn an_authority_that_asks_for_an_explicit_policy_gets_one() {
    let root = Authority::root();
    // policyConstraints { requireExplicitPolicy [0] 0 }
    let asks = || ("2.5.29.36", true, der::sequence(&[der::tlv(0x80, &[0])]));
    let middle = root.issue(Spec {
        extensions: vec![policies(&["1.2.392.1"], true), asks()],
        ..Spec::authority("Asking CA")
    });
    let trust = trusting(&[&root], &[&middle], Rules::default());
    let card = |oids: &[&str]| middle.issue(Spec { extensions: vec![policies(oids, true)], ..Spec::card() });
    assert_eq!(code(&trust, &card(&["1.2.392.1"])), "ok");
    assert_eq!(code(&trust, &card(&["1.2.392.2"])), "certificate_path");
    assert_eq!(code(&trust, &middle.issue(Spec::card())), "certificate_path");
}

#[test]
fn after_a_change_of_keys_the_new_key_speaks_for_cards_of_the_old_one() {
    let root = Authority::root();
    let old = root.issue(Spec::authority("Middle CA"));
    let new = root.issue(Spec { serial: 2, ..Spec::authority("Middle CA") });
    let revoked = root.issue(Spec { serial: 3, ..Spec::authority("Middle CA") });
    let stranger = Authority::root().issue(Spec { serial: 2, ..Spec::authority("Middle CA") });
    let card = old.issue(Spec::card());
    let decide = |signer: &Authority, list: &[u32]| {
        let certificates = [&old, signer].map(|authority| authority.certificate.clone()).to_vec();
        let crls = vec![signer.crl(list), root.crl(&[3])];
        code(&Trust::new(vec![root.certificate.clone()], certificates, Some(crls)).unwrap(), &card)
    };
    assert_eq!(decide(&new, &[]), "ok");
    assert_eq!(decide(&new, &[7]), "certificate_revoked");
    assert_eq!(decide(&revoked, &[]), "crl_invalid", "a key that was itself revoked");
    assert_eq!(decide(&stranger, &[]), "crl_invalid", "a namesake under no anchor");
}

#[test]
fn two_authorities_of_a_path_may_have_changed_their_keys() {
    let root = Authority::root();
    let middle = |serial| root.issue(Spec { serial, ..Spec::authority("Middle CA") });
    let (old_middle, new_middle) = (middle(2), middle(3));
    let lower = |serial| new_middle.issue(Spec { serial, ..Spec::authority("Lower CA") });
    let (old_lower, new_lower) = (lower(4), lower(5));
    let card = new_lower.issue(Spec::card());
    // Both still sign their lists with the old key.
    let decide = |by_root: &[u32], by_middle: &[u32], by_lower: &[u32]| {
        let certificates = [&old_middle, &new_middle, &old_lower, &new_lower];
        let certificates = certificates.map(|authority| authority.certificate.clone()).to_vec();
        let crls = vec![root.crl(by_root), old_middle.crl(by_middle), old_lower.crl(by_lower)];
        code(&Trust::new(vec![root.certificate.clone()], certificates, Some(crls)).unwrap(), &card)
    };
    assert_eq!(decide(&[], &[], &[]), "ok");
    assert_eq!(decide(&[], &[], &[7]), "certificate_revoked");
    assert_eq!(decide(&[], &[5], &[]), "certificate_revoked", "the card's own issuer");
    assert_eq!(decide(&[], &[4], &[]), "crl_invalid", "the key of the lower list");
    assert_eq!(decide(&[2], &[], &[]), "crl_invalid", "the key of the list that speaks of it");
}

#[test]
fn what_a_delta_crl_lists_is_revoked_and_what_it_does_not_is_not_good() {
    let root = Authority::root();
    let card = root.issue(Spec::card());
    let indicator = || der::extension(&[0x55, 0x1D, 0x1B], true, &der::integer(5));
    let delta = |by: &Authority, serials: &[u32], from| {
        by.crl_with(serials, from, Some(NOW + DAY), &[indicator()], MessageDigest::sha256())
    };
    let decide = |crls: Vec<Vec<u8>>| {
        let trust = Trust::new(vec![root.certificate.clone()], Vec::new(), Some(crls)).unwrap();
        code(&trust, &card)
    };
    assert_eq!(decide(vec![root.crl(&[]), delta(&root, &[7], NOW - 60)]), "certificate_revoked");
    assert_eq!(decide(vec![delta(&root, &[7], NOW - 60)]), "certificate_revoked");
    assert_eq!(decide(vec![delta(&root, &[8], NOW - 60)]), "crl_invalid", "the full one is still missing");
    assert_eq!(decide(vec![root.crl(&[]), delta(&root, &[8], NOW - 60)]), "ok");
    assert_eq!(
        decide(vec![root.crl(&[]), delta(&root, &[7], NOW + 60)]),
        "certificate_revoked",
        "early, but known"
    );
    assert_eq!(decide(vec![root.crl(&[]), delta(&Authority::root(), &[7], NOW - 60)]), "ok", "a forged one");
    assert_eq!(decide(vec![root.crl(&[7]), delta(&root, &[8], NOW - 60)]), "certificate_revoked");
}

#[test]
fn the_rules_of_an_issuers_profile_hold_for_its_cards_only() {
    let (one, other) = (Authority::root(), Spec::authority("Other CA").self_signed());
    let with = |policy: &str| Spec { extensions: vec![policies(&[policy], false)], ..Spec::card() };
    let of = |common_name: &str| IssuerRules {
        issuer: vec!["O=Test Shokai".to_owned(), format!("CN={common_name}")],
        name: "甲認証".to_owned(),
        require_policies: vec!["1.2.3".parse().unwrap()],
        ..IssuerRules::default()
    };
    let rules = Rules { issuers: vec![of("Root CA")], ..Rules::default() };
    let trust = trusting(&[&one, &other], &[], rules);
    assert_eq!(code(&trust, &one.issue(with("1.2.3"))), "ok");
    assert_eq!(code(&trust, &other.issue(with("1.2.4"))), "ok");
    let refused = verify_certificate(&trust, &one.issue(with("1.2.4")).der(), NOW);
    assert_eq!(code_of(&refused), "certificate_policy");
    assert!(refused.outcome.unwrap_err().reason.contains("認証局「甲認証」に必要なポリシー（1.2.3）"));
    // A trusted issuer must meet the server's own requirements as well.
    let rules = Rules { issuers: vec![of("Root CA")], ..requiring(&["1.2.4"]) };
    assert_eq!(code(&trusting(&[&one], &[], rules), &one.issue(with("1.2.3"))), "certificate_policy");
    // The profile naming more attributes applies to the card.
    let wide = IssuerRules { issuer: vec!["O=Test Shokai".to_owned()], ..of("") };
    let narrow = IssuerRules { require_policies: vec!["1.2.4".parse().unwrap()], ..of("Root CA") };
    let rules = Rules { issuers: vec![wide, narrow], ..Rules::default() };
    assert_eq!(code(&trusting(&[&one], &[], rules), &one.issue(with("1.2.4"))), "ok");
}

#[test]
fn a_my_number_card_is_taken_where_the_agency_takes_it_and_its_signing_certificate_nowhere() {
    let authority = |name| Spec::authority(name).self_signed();
    let root = Authority::root();
    let authentication = authority("C=JP,O=JPKI,OU=JPKI for user authentication");
    let signature = authority("C=JP,O=JPKI,OU=JPKI for digital signature");
    let trust = trusting(&[&root, &authentication, &signature], &[], Rules::default());
    for (issuer, my_number, expected) in [
        (&authentication, false, "my_number_not_accepted"),
        (&authentication, true, "ok"),
        (&signature, false, "my_number_not_accepted"),
        (&signature, true, "certificate_policy"),
        (&root, false, "ok"),
        (&root, true, "ok"),
    ] {
        let card = issuer.issue(Spec::card()).der();
        let decision = verify_certificate(&trust, &card, Circumstances { my_number, ..NOW.into() });
        assert_eq!(code_of(&decision), expected);
        let told = decision.steps.iter().any(|step| step.check == "マイナンバーカード");
        assert_eq!(told, !std::ptr::eq(issuer, &root), "the record says why");
    }
    // A matching name alone opens nothing.
    let card = authentication.issue(Spec::card()).der();
    let trust = trusting(&[&root], &[], Rules::default());
    let decision = verify_certificate(&trust, &card, Circumstances { my_number: true, ..NOW.into() });
    assert_eq!(code_of(&decision), "certificate_unknown_issuer");
}

#[test]
fn an_agencys_own_rule_for_what_cannot_be_checked_goes_before_the_servers() {
    let root = Authority::root();
    let card = root.issue(Spec::card()).der();
    for (server, agency, accepted) in [
        (Uncheckable::Refuse, None, false),
        (Uncheckable::Accept, None, true),
        (Uncheckable::Refuse, Some(Uncheckable::Accept), true),
        (Uncheckable::Accept, Some(Uncheckable::Refuse), false),
    ] {
        let trust = Trust::new(vec![root.certificate.clone()], Vec::new(), Some(Vec::new())).unwrap();
        let trust = trust.with_rules(Rules { uncheckable: server, ..Rules::default() });
        let decision = verify_certificate(&trust, &card, Circumstances { uncheckable: agency, ..NOW.into() });
        assert_eq!(decision.outcome.is_ok(), accepted);
        assert_eq!(decision.evidence.uncheckable, Some(agency.unwrap_or(server)));
        let says = decision.steps.iter().any(|step| step.detail.contains("発注機関の設定"));
        assert_eq!(says, agency == Some(Uncheckable::Accept));
    }
}

/// Nested values of that depth.
fn deep(depth: usize) -> Vec<u8> {
    (0..depth).fold(vec![5, 0], |inner, _| der::tlv(0x30, &inner))
}

#[test]
fn values_in_values_without_end_do_no_harm_wherever_they_stand() {
    let root = Authority::root();
    let trust = || trusting(&[&root], &[], Rules::default());
    let nested = deep(15_000);
    let bare = verify_certificate(&trust(), &nested, NOW);
    assert_eq!(code_of(&bare), "certificate_malformed");
    // subjectAltName, policies and their mappings, constraints of policies and names, points, access, key usage.
    for oid in [
        "2.5.29.17",
        "2.5.29.32",
        "2.5.29.33",
        "2.5.29.36",
        "2.5.29.30",
        "2.5.29.31",
        "1.3.6.1.5.5.7.1.1",
        "2.5.29.37",
        "2.5.29.46",
        "1.2.3.4",
    ] {
        let spec = Spec { extensions: vec![(oid, false, nested.clone())], ..Spec::card() };
        let decision = verify_certificate(&trust(), &root.issue(spec).der(), NOW);
        assert!(!decision.steps.is_empty(), "{oid}");
    }
    let extension = der::extension(&[0x55, 0x1D, 0x1C], true, &nested);
    let crl = root.crl_with(&[], NOW - DAY, Some(NOW + DAY), &[extension], MessageDigest::sha256());
    let trust = Trust::new(vec![root.certificate.clone()], Vec::new(), Some(vec![crl]));
    let code = trust.map(|trust| code(&trust, &root.issue(Spec::card())));
    assert_ne!(code.unwrap_or_default(), "ok");
}

/// 10 MB in an unknown extension.
fn huge(spec: Spec) -> Spec {
    let extensions = vec![("1.3.6.1.4.1.99999.1", false, der::tlv(0x04, &vec![0x5A; 10 << 20]))];
    Spec { extensions, ..spec }
}

#[test]
fn a_certificate_of_ten_megabytes_is_refused_and_no_issuer_either() {
    let root = Authority::root();
    let card = root.issue(huge(Spec::card()));
    assert_eq!(code(&trusting(&[&root], &[], Rules::default()), &card), "certificate_malformed");
    let middle = root.issue(huge(Spec::authority("Huge CA")));
    let decision = verify_certificate(
        &trusting(&[&root], &[&middle], Rules::default()),
        &middle.issue(Spec::card()).der(),
        NOW,
    );
    assert_eq!(code_of(&decision), "certificate_unknown_issuer");
    assert!(decision.steps.iter().any(|step| step.detail.contains("大きすぎる証明書1枚")));
}

#[test]
fn issuers_in_a_circle_lead_nowhere() {
    let root = Authority::root();
    let one = Spec::authority("One").self_signed();
    let two = one.issue(Spec::authority("Two"));
    // One's certificate issued by Two, with One's key, so that the signatures form a circle.
    let again = two.issue(Spec { key: one.key.clone(), ..Spec::authority("One") });
    let card = two.issue(Spec::card());
    let trust = trusting(&[&root], &[&two, &again], Rules::default());
    assert_eq!(code(&trust, &card), "certificate_unknown_issuer");
    let trust = trusting(&[&root, &one], &[&two, &again], Rules::default());
    assert_eq!(code(&trust, &card), "ok", "unless the anchor stands beside the circle");
}

#[test]
fn of_a_thousand_namesakes_the_one_that_signed_is_found() {
    let root = Authority::root();
    let spec = || Spec::authority("Middle CA");
    let middle = root.issue(spec());
    let template = Authority::root().issue(spec());
    let card = middle.issue(Spec::card());
    let mut intermediates: Vec<X509> = (0..1000)
        .map(|serial| {
            let issuer = Authority { certificate: root.certificate.clone(), key: template.key.clone() };
            issuer.issue(Spec { serial, key: template.key.clone(), ..spec() }).certificate
        })
        .collect();
    let trust = Trust::new(vec![root.certificate.clone()], intermediates.clone(), None).unwrap();
    assert_eq!(code(&trust, &card), "certificate_unknown_issuer");
    intermediates.push(middle.certificate.clone());
    let trust = Trust::new(vec![root.certificate.clone()], intermediates, None).unwrap();
    assert_eq!(code(&trust, &card), "ok");
}

#[test]
fn a_chain_of_a_thousand_issuers_is_not_followed_to_its_end() {
    let names: Vec<&'static str> = (0..1000).map(|number| &*format!("CA {number}").leak()).collect();
    let root = Authority::root();
    let mut chain = vec![root.issue(Spec::authority(names[0]))];
    for name in &names[1..] {
        chain.push(chain.last().unwrap().issue(Spec::authority(name)));
    }
    let card = chain.last().unwrap().issue(Spec::card());
    let trust = trusting(&[&root], &chain.iter().collect::<Vec<_>>(), Rules::default());
    assert_eq!(code(&trust, &card), "certificate_unknown_issuer");
    let card = chain[9].issue(Spec::card());
    assert_eq!(code(&trust, &card), "ok", "ten are");
}
