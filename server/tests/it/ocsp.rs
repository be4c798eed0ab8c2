//! Online revocation checking: a responder's answers, its silence and its lies, and CRLs where it does not help.

use std::{
    path::Path,
    time::{SystemTime, UNIX_EPOCH},
};

use openssl::hash::MessageDigest;
use touroku_pki::{Decision, IssuerRules, OcspSettings, OcspUse, Uncheckable, verify_certificate};
use touroku_proto::certificate::Facts;
use touroku_server::trust::{TrustFiles, TrustSources, decide_with_fetching};

use crate::support::{
    authority::{Authority, Card, NOW, Spec},
    der,
    ocsp::{GOOD, Responder, Response, UNKNOWN, Web, delegate, revoked, status},
};

const DAY: i64 = 86_400;

fn sources(folder: &Path, root: &Authority, use_of: OcspUse, urls: &[&str]) -> TrustSources {
    let anchor = folder.join("root.pem");
    std::fs::write(&anchor, root.pem()).unwrap();
    let urls = urls.iter().map(|url| (*url).to_owned()).collect();
    TrustSources {
        anchors: vec![anchor],
        cache: folder.join("crls"),
        ocsp: OcspSettings { use_of, urls, nonce: false },
        ..TrustSources::default()
    }
}

fn with_crl(sources: TrustSources, folder: &Path, crl: Vec<u8>) -> TrustSources {
    let file = folder.join("list.crl");
    std::fs::write(&file, crl).unwrap();
    TrustSources { crls: vec![file], ..sources }
}

async fn decide(files: &TrustFiles, card: &Card, at: i64) -> Decision<Facts> {
    decide_with_fetching(files, at * 1000, || verify_certificate(&files.current(), &card.der(), at)).await
}

fn said(decision: &Decision<Facts>) -> String {
    decision.steps.iter().map(|step| format!("{}: {}\n", step.check, step.detail)).collect()
}

/// The decision for one response, without any CRL.
async fn decide_by(root: &Authority, card: &Card, response: Option<Vec<u8>>) -> Decision<Facts> {
    let (folder, web) = (tempfile::tempdir().unwrap(), Web::default());
    let url = web.start().await;
    web.put(response);
    let files = TrustFiles::open(sources(folder.path(), root, OcspUse::First, &[&url])).unwrap();
    decide(&files, card, NOW).await
}

#[tokio::test]
async fn good_revoked_and_unknown_are_told_apart() {
    let root = Authority::root();
    let card = root.issue(Spec::card());
    for (status, code, word) in [
        (GOOD.to_vec(), "ok", "失効していません"),
        (revoked(), "certificate_revoked", "失効しています"),
        (UNKNOWN.to_vec(), "crl_missing", "この証明書を知りません"),
    ] {
        let response = Response { status, ..Response::good(&root, &card) };
        let decision = decide_by(&root, &card, Some(response.der())).await;
        assert_eq!(decision.code(), code);
        assert!(said(&decision).contains(word), "{}", said(&decision));
        assert_eq!(decision.evidence.ocsp.len(), 1);
        assert_eq!(decision.evidence.ocsp[0].responder, "C=JP,O=Test Shokai,CN=Root CA");
    }
}

#[tokio::test]
async fn a_good_answer_does_not_lift_what_a_crl_holds() {
    let root = Authority::root();
    let card = root.issue(Spec::card());
    for (crl, code) in [
        (root.crl_on_hold(7, NOW - DAY, NOW + DAY), "certificate_revoked"),
        (root.crl_on_hold(7, NOW - 3 * DAY, NOW - 2 * DAY), "certificate_revoked"),
        (root.crl_on_hold(8, NOW - DAY, NOW + DAY), "ok"),
    ] {
        let (folder, web) = (tempfile::tempdir().unwrap(), Web::default());
        let url = web.start().await;
        web.put(Some(Response::good(&root, &card).der()));
        let sources = with_crl(sources(folder.path(), &root, OcspUse::First, &[&url]), folder.path(), crl);
        let decision = decide(&TrustFiles::open(sources).unwrap(), &card, NOW).await;
        assert_eq!(decision.code(), code, "{}", said(&decision));
    }
}

#[tokio::test]
async fn what_is_not_in_order_is_no_answer_and_the_step_says_why() {
    let root = Authority::root();
    let card = root.issue(Spec::card());
    let other_card = root.issue(Spec { serial: 8, ..Spec::card() });
    // The same name, another key.
    let impostor = Authority::root();
    let good = || Response::good(&root, &card);
    let critical = der::extension(&[0x2A, 3, 4], true, &[5, 0]);
    let mut cut = good().der();
    cut.truncate(200);
    let mut altered = good().der();
    let at = altered.windows(2).position(|pair| pair == GOOD).unwrap();
    altered[at] = 0x82;
    let mut longer = good().der();
    longer.push(0);
    let cases = [
        (Response::good(&root, &other_card).der(), "この証明書についての応答ではありません"),
        (Response::good(&impostor, &card).der(), "この証明書についての応答ではありません"),
        (Response { signer: &impostor, ..good() }.der(), "署名が合いません"),
        (Response { signer: &impostor, certificates: vec![&impostor], ..good() }.der(), "署名が合いません"),
        (altered, "署名が合いません"),
        (Response { digest: MessageDigest::sha1(), ..good() }.der(), "署名の方式が弱すぎます"),
        (Response { this_update: NOW + 301, ..good() }.der(), "まだ有効ではありません"),
        (Response { next_update: Some(NOW - 301), ..good() }.der(), "期限が切れています"),
        (Response { next_update: None, this_update: NOW - 901, ..good() }.der(), "期限が切れています"),
        (Response { extensions: vec![critical], ..good() }.der(), "重要な拡張"),
        (status(1), "malformedRequest"),
        (status(3), "tryLater"),
        (status(6), "unauthorized"),
        (status(77), "読めません"),
        (cut, "読めません"),
        (longer, "読めません"),
        (b"<html>Sign in to the Wi-Fi</html>".to_vec(), "読めません"),
        (Vec::new(), "読めません"),
        (vec![0x30; 10_000_000], "大きすぎます"),
        ([0x30, 0x80].repeat(30_000), "読めません"),
    ];
    for (response, why) in cases {
        let decision = decide_by(&root, &card, Some(response)).await;
        assert_eq!(decision.code(), "crl_missing", "{why}");
        assert!(said(&decision).contains(why), "{why}: {}", said(&decision));
        assert!(decision.evidence.ocsp.is_empty());
    }
    for response in [
        Response { this_update: NOW + 299, ..good() },
        Response { next_update: Some(NOW - 299), ..good() },
        Response { next_update: None, this_update: NOW - 599, ..good() },
    ] {
        assert_eq!(
            decide_by(&root, &card, Some(response.der())).await.code(),
            "ok",
            "clocks differ a little"
        );
    }
    assert!(said(&decide_by(&root, &card, None).await).contains("503"));
}

#[tokio::test]
async fn a_delegated_responder_needs_its_issuers_word_for_it() {
    let root = Authority::root();
    let card = root.issue(Spec::card());
    let other = Spec::authority("Other CA").self_signed();
    let delegated = root.issue(delegate(true));
    let cases = [
        (root.issue(Spec { name: "Responder", ..Spec::card() }), "OCSPSigning"),
        (other.issue(delegate(true)), "発行者の発行した"),
        (delegate(true).self_signed(), "発行者の発行した"),
        (root.issue(Spec { not_after: NOW - 1, ..delegate(true) }), "発行者の発行した"),
        (root.issue(Spec { digest: MessageDigest::sha1(), ..delegate(true) }), "弱すぎます"),
        (root.issue(delegate(false)), "応答者の失効を調べられません"),
    ];
    for (signer, why) in &cases {
        let response = Response { signer, certificates: vec![signer], ..Response::good(&root, &card) };
        let decision = decide_by(&root, &card, Some(response.der())).await;
        assert_eq!(decision.code(), "crl_missing", "{why}");
        assert!(said(&decision).contains(why), "{why}: {}", said(&decision));
    }
    let response = Response { signer: &delegated, ..Response::good(&root, &card) };
    assert_eq!(decide_by(&root, &card, Some(response.der())).await.code(), "crl_missing", "none is enclosed");
    let enclosed = Response { certificates: vec![&other, &delegated], ..response };
    let decision = decide_by(&root, &card, Some(enclosed.der())).await;
    assert_eq!(decision.code(), "ok");
    assert_eq!(decision.evidence.ocsp[0].responder, "C=JP,O=Test Shokai,CN=Responder");
}

#[tokio::test]
async fn a_delegated_responder_without_nocheck_is_looked_up_in_the_crl() {
    let (folder, web) = (tempfile::tempdir().unwrap(), Web::default());
    let url = web.start().await;
    let root = Authority::root();
    let card = root.issue(Spec::card());
    let responder = root.issue(delegate(false));
    let response = Response {
        signer: &responder,
        certificates: vec![&responder],
        status: revoked(),
        ..Response::good(&root, &card)
    };
    web.put(Some(response.der()));
    for (listed, code) in [(vec![], "certificate_revoked"), (vec![90], "ok")] {
        let sources = sources(folder.path(), &root, OcspUse::First, &[&url]);
        let sources = with_crl(sources, folder.path(), root.crl(&listed));
        let files = TrustFiles::open(sources).unwrap();
        assert_eq!(
            decide(&files, &card, NOW).await.code(),
            code,
            "a revoked responder's word counts nothing"
        );
    }
}

#[tokio::test]
async fn the_order_of_ocsp_and_crl_is_the_administrators() {
    let (folder, web) = (tempfile::tempdir().unwrap(), Web::default());
    let url = web.start().await;
    let root = Authority::root();
    let card = root.issue(Spec::card());
    let files = |use_of, crl: Vec<u8>| {
        // A server that was never asked about this card.
        drop(std::fs::remove_dir_all(folder.path().join("crls")));
        let sources = sources(folder.path(), &root, use_of, &[&url]);
        TrustFiles::open(with_crl(sources, folder.path(), crl)).unwrap()
    };
    // The responder knows what the list does not yet.
    web.put(Some(Response { status: revoked(), ..Response::good(&root, &card) }.der()));
    let first = files(OcspUse::First, root.crl(&[]));
    assert_eq!(decide(&first, &card, NOW).await.code(), "certificate_revoked");
    assert_eq!(web.asked().len(), 1);
    let after = files(OcspUse::AfterCrl, root.crl(&[]));
    assert_eq!(decide(&after, &card, NOW).await.code(), "ok");
    let off = files(OcspUse::Off, root.crl(&[]));
    assert_eq!(decide(&off, &card, NOW).await.code(), "ok");
    assert_eq!(web.asked().len(), 1, "nobody was asked");
    // No usable list.
    let old = root.crl_with(&[], NOW - 9 * DAY, Some(NOW - 1), &[], MessageDigest::sha256());
    let after = files(OcspUse::AfterCrl, old.clone());
    assert_eq!(decide(&after, &card, NOW).await.code(), "certificate_revoked");
    let off = files(OcspUse::Off, old);
    assert_eq!(decide(&off, &card, NOW).await.code(), "crl_expired");
    // No usable responder.
    web.put(None);
    let first = files(OcspUse::First, root.crl(&[7]));
    let decision = decide(&first, &card, NOW).await;
    assert_eq!(decision.code(), "certificate_revoked");
    assert_eq!(decision.evidence.crls.len(), 1);
    assert!(decision.evidence.ocsp.is_empty());
}

#[tokio::test]
async fn an_answer_is_kept_until_its_next_update_and_never_spoilt() {
    let (folder, web) = (tempfile::tempdir().unwrap(), Web::default());
    let url = web.start().await;
    let root = Authority::root();
    let card = root.issue(Spec::card());
    web.put(Some(Response::good(&root, &card).der()));
    let files = TrustFiles::open(sources(folder.path(), &root, OcspUse::First, &[&url])).unwrap();
    assert_eq!(decide(&files, &card, NOW).await.code(), "ok");
    web.put(Some(b"rubbish".to_vec()));
    assert_eq!(decide(&files, &card, NOW + 3600).await.code(), "ok");
    assert_eq!(web.asked().len(), 1);
    assert_eq!(
        decide(&files, &card, NOW + 4000).await.code(),
        "crl_missing",
        "too old, and asked again in vain"
    );
    assert_eq!(web.asked().len(), 2);
    let newer =
        Response { this_update: NOW + 4000, next_update: Some(NOW + DAY), ..Response::good(&root, &card) };
    web.put(Some(Response { status: revoked(), ..newer }.der()));
    assert_eq!(decide(&files, &card, NOW + 4061).await.code(), "certificate_revoked");
}

#[tokio::test]
async fn a_restart_asks_nobody_what_was_answered_already_and_believes_nothing_that_lies_on_the_disk() {
    let (folder, web) = (tempfile::tempdir().unwrap(), Web::default());
    let url = web.start().await;
    let root = Authority::root();
    let (card, other) = (root.issue(Spec::card()), root.issue(Spec { serial: 8, ..Spec::card() }));
    let started = || TrustFiles::open(sources(folder.path(), &root, OcspUse::First, &[&url])).unwrap();
    for card in [&card, &other] {
        web.put(Some(Response::good(&root, card).der()));
        assert_eq!(decide(&started(), card, NOW).await.code(), "ok");
    }
    web.put(None);
    let again = started();
    for card in [&card, &other] {
        assert_eq!(decide(&again, card, NOW + 60).await.code(), "ok");
    }
    assert_eq!(web.asked().len(), 2);

    // Replaced or damaged files don't count: the responder is queried, and its response replaces them.
    let kept = || -> Vec<_> {
        let entries = std::fs::read_dir(folder.path().join("crls/ocsp")).unwrap();
        entries.map(|entry| entry.unwrap().path()).collect()
    };
    let [first, second]: [_; 2] = kept().try_into().unwrap();
    let contents = [std::fs::read(&first).unwrap(), std::fs::read(&second).unwrap()];
    std::fs::write(&first, &contents[1]).unwrap();
    std::fs::write(&second, &contents[0]).unwrap();
    for card in [&card, &other] {
        web.put(Some(Response::good(&root, card).der()));
        assert_eq!(decide(&started(), card, NOW + 60).await.code(), "ok");
    }
    assert_eq!(web.asked().len(), 4);
    for file in kept() {
        std::fs::write(file, "half a fi").unwrap();
    }
    for card in [&card, &other] {
        web.put(Some(Response::good(&root, card).der()));
        assert_eq!(decide(&started(), card, NOW + 60).await.code(), "ok");
    }

    // What is too old is removed from disk as well.
    let files = started();
    files.fetch_due((NOW + 60) * 1000).await;
    assert_eq!(kept().len(), 2);
    files.fetch_due((NOW + 9 * DAY) * 1000).await;
    assert_eq!(kept().len(), 0);
}

#[tokio::test]
async fn a_responder_that_does_not_answer_is_left_alone_for_a_while() {
    let (folder, web) = (tempfile::tempdir().unwrap(), Web::default());
    let url = web.start().await;
    let root = Authority::root();
    let card = root.issue(Spec::card());
    let files = TrustFiles::open(sources(folder.path(), &root, OcspUse::First, &[&url])).unwrap();
    for seconds in [0, 1, 30] {
        assert_eq!(decide(&files, &card, NOW + seconds).await.code(), "crl_missing");
    }
    assert_eq!(web.asked().len(), 1);
    web.put(Some(Response::good(&root, &card).der()));
    assert_eq!(decide(&files, &card, NOW + 61).await.code(), "ok");
}

/// Time advances only when there is nothing else to do.
#[tokio::test(start_paused = true)]
async fn nobody_waits_for_a_responder_without_end() {
    let folder = tempfile::tempdir().unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let root = Authority::root();
    let card = root.issue(Spec::card());
    let sources = sources(folder.path(), &root, OcspUse::First, &[&url]);
    let files = TrustFiles::open(with_crl(sources, folder.path(), root.crl(&[]))).unwrap();
    let began = tokio::time::Instant::now();
    let decision = decide(&files, &card, NOW).await;
    assert_eq!(decision.code(), "ok", "by the list");
    assert!(said(&decision).contains("答えを得られません"), "{}", said(&decision));
    assert!(began.elapsed() < std::time::Duration::from_secs(6));
}

#[tokio::test]
async fn with_a_nonce_only_an_answer_to_this_question_counts() {
    let (folder, web) = (tempfile::tempdir().unwrap(), Web::default());
    let url = web.start().await;
    let root = Authority::root();
    let card = root.issue(Spec::card());
    let mut sources = sources(folder.path(), &root, OcspUse::First, &[&url]);
    sources.ocsp.nonce = true;
    for nonce in [None, Some(vec![1; 32])] {
        web.put(Some(Response { nonce, ..Response::good(&root, &card) }.der()));
        let decision = decide(&TrustFiles::open(sources.clone()).unwrap(), &card, NOW).await;
        assert!(said(&decision).contains("nonce"), "{}", said(&decision));
    }
    let asked = web.asked();
    assert_ne!(asked[0], asked[1], "each question has its own");
    assert!(openssl::ocsp::OcspRequest::from_der(&asked[0]).is_ok());
}

#[tokio::test]
async fn the_responder_that_a_certificate_names_is_asked() {
    let (folder, web) = (tempfile::tempdir().unwrap(), Web::default());
    let url = web.start().await;
    let root = Authority::root();
    let describe = |url: &str| {
        let ocsp = der::oid(&[0x2B, 6, 1, 5, 5, 7, 0x30, 1]);
        der::sequence(&[ocsp, der::tlv(0x86, url.as_bytes())])
    };
    let access = der::sequence(&[describe("ldap://x/"), describe("https://127.0.0.1:1/"), describe(&url)]);
    let card = root.issue(Spec { extensions: vec![("1.3.6.1.5.5.7.1.1", false, access)], ..Spec::card() });
    web.put(Some(Response::good(&root, &card).der()));
    let files = TrustFiles::open(sources(folder.path(), &root, OcspUse::First, &[])).unwrap();
    let decision = decide(&files, &card, NOW).await;
    assert_eq!(decision.code(), "ok");
    assert_eq!(decision.evidence.ocsp[0].url, url);
    let unnamed = root.issue(Spec { serial: 8, ..Spec::card() });
    let decision = decide(&files, &unnamed, NOW).await;
    assert!(said(&decision).contains("問い合わせるアドレス（http:）がありません"), "{}", said(&decision));
    let mut rules = sources(folder.path(), &root, OcspUse::First, &[]);
    rules.rules.uncheckable = Uncheckable::Accept;
    let decision = decide(&TrustFiles::open(rules).unwrap(), &unnamed, NOW).await;
    assert_eq!(decision.code(), "ok");
    assert_eq!(decision.evidence.uncheckable, Some(Uncheckable::Accept));
}

#[tokio::test]
async fn the_responder_of_the_issuers_profile_is_asked_about_its_cards_only() {
    let (folder, web) = (tempfile::tempdir().unwrap(), Web::default());
    let url = web.start().await;
    let (root, other) = (Authority::root(), Spec::authority("Other CA").self_signed());
    let card = root.issue(Spec::card());
    let mut sources = sources(folder.path(), &root, OcspUse::First, &[]);
    let anchor = folder.path().join("other.pem");
    std::fs::write(&anchor, other.pem()).unwrap();
    sources.anchors.push(anchor);
    sources.rules.issuers = vec![IssuerRules {
        issuer: vec!["CN=Root CA".to_owned()],
        ocsp_urls: vec![url.clone()],
        ..IssuerRules::default()
    }];
    let files = TrustFiles::open(sources).unwrap();
    web.put(Some(Response::good(&root, &card).der()));
    assert_eq!(decide(&files, &card, NOW).await.code(), "ok");
    assert_eq!(decide(&files, &other.issue(Spec::card()), NOW).await.code(), "crl_missing");
    assert_eq!(web.asked().len(), 1);
}

#[tokio::test]
async fn openssls_own_responder_is_understood() {
    let folder = tempfile::tempdir().unwrap();
    // It knows only the current time.
    let now = i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()).unwrap();
    let valid = |spec: Spec| Spec { not_before: now - DAY, not_after: now + 9 * DAY, ..spec };
    let root = valid(Spec::authority("Root CA")).self_signed();
    let signer = root.issue(valid(delegate(true)));
    let card = |serial| root.issue(valid(Spec { serial, ..Spec::card() }));
    let index = "V\t491231235959Z\t\t07\tunknown\t/CN=A\nR\t491231235959Z\t260101000000Z,keyCompromise\t08\tunknown\t/CN=B\n";
    for signer in [&root, &signer] {
        let (_responder, url) = Responder::start(folder.path(), &root, signer, index);
        for nonce in [false, true] {
            let mut sources = sources(folder.path(), &root, OcspUse::First, &[&url]);
            sources.ocsp.nonce = nonce;
            let files = TrustFiles::open(sources).unwrap();
            for (serial, code) in [(7, "ok"), (8, "certificate_revoked"), (9, "crl_missing")] {
                let decision = decide(&files, &card(serial), now).await;
                assert_eq!(decision.code(), code, "{}", said(&decision));
                assert_eq!(decision.evidence.ocsp.len(), 1, "{}", said(&decision));
            }
        }
    }
}
