//! CRLs over HTTP: fetched, kept, refreshed, and never replaced by something worse.

use std::{
    path::Path,
    sync::{Arc, Mutex},
};

use axum::{Router, extract::State, http::StatusCode};
use openssl::hash::MessageDigest;
use tokio::net::TcpListener;
use touroku_pki::{Decision, IssuerRules, verify_certificate};
use touroku_server::trust::{TrustFiles, TrustSources, client, download};

use crate::support::{
    authority::{Authority, Card, NOW, Spec},
    der,
};

const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;

/// A CA's web server: answers every path with what was last put there, and counts.
#[derive(Clone, Default)]
struct Web(Arc<Mutex<(Option<Vec<u8>>, usize)>>);

impl Web {
    /// Returns the URL of a CRL on it.
    async fn start(&self) -> String {
        async fn answer(State(web): State<Web>) -> Result<Vec<u8>, StatusCode> {
            let mut web = web.0.lock().unwrap();
            web.1 += 1;
            web.0.clone().ok_or(StatusCode::SERVICE_UNAVAILABLE)
        }
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().fallback(answer).with_state(self.clone());
        tokio::spawn(async { axum::serve(listener, router).await });
        format!("http://{address}/list.crl")
    }

    fn put(&self, body: Option<Vec<u8>>) {
        self.0.lock().unwrap().0 = body;
    }

    fn asked(&self) -> usize {
        self.0.lock().unwrap().1
    }
}

fn sources(folder: &Path, root: &Authority) -> TrustSources {
    let anchor = folder.join("root.pem");
    std::fs::write(&anchor, root.pem()).unwrap();
    TrustSources { anchors: vec![anchor], cache: folder.join("crls"), ..TrustSources::default() }
}

fn decide(files: &TrustFiles, card: &Card, at: i64) -> Decision<touroku_proto::certificate::Facts> {
    verify_certificate(&files.current(), &card.der(), at)
}

fn list(root: &Authority, revoked: &[u32], from: i64, to: i64) -> Vec<u8> {
    root.crl_with(revoked, from, Some(to), &[], MessageDigest::sha256())
}

/// A card whose certificate names these distribution points.
fn pointing(urls: &[&str]) -> Spec {
    let names: Vec<u8> = urls.iter().flat_map(|url| der::tlv(0x86, url.as_bytes())).collect();
    let point = der::sequence(&[der::tlv(0xA0, &der::tlv(0xA0, &names))]);
    Spec { extensions: vec![("2.5.29.31", false, der::sequence(&[point]))], ..Spec::card() }
}

#[tokio::test]
async fn a_clock_that_was_a_year_ahead_puts_off_no_list() {
    let (folder, root, web) = (tempfile::tempdir().unwrap(), Authority::root(), Web::default());
    let sources = TrustSources { crl_urls: vec![web.start().await], ..sources(folder.path(), &root) };
    let files = TrustFiles::open(sources).unwrap();
    web.put(Some(list(&root, &[], NOW - HOUR, NOW + DAY)));
    assert_eq!(files.fetch_due(NOW * 1000).await, 1);
    files.fetch_due((NOW + 400 * DAY) * 1000).await;
    web.put(Some(list(&root, &[7], NOW, NOW + 2 * DAY)));
    assert_eq!(files.fetch_due((NOW + 2 * HOUR) * 1000).await, 1);
}

#[tokio::test]
async fn a_configured_address_is_fetched_kept_and_refreshed() {
    let (folder, root, web) = (tempfile::tempdir().unwrap(), Authority::root(), Web::default());
    let url = web.start().await;
    let sources = TrustSources { crl_urls: vec![url], ..sources(folder.path(), &root) };
    let files = TrustFiles::open(sources.clone()).unwrap();
    let card = root.issue(Spec::card());
    assert_eq!(decide(&files, &card, NOW).code(), "crl_missing");
    assert_eq!(files.fetch_due(NOW * 1000).await, 0, "it does not answer");
    web.put(Some(list(&root, &[], NOW - HOUR, NOW + DAY)));
    assert_eq!(files.fetch_due(NOW * 1000 + 1000).await, 0, "not asked again at once");
    assert_eq!(files.fetch_due(NOW * 1000 + 600_000).await, 1);
    assert_eq!(decide(&files, &card, NOW).code(), "ok");
    assert_eq!(web.asked(), 2);

    let again = TrustFiles::open(sources).unwrap();
    assert_eq!(decide(&again, &card, NOW).code(), "ok", "kept over a restart");

    web.put(Some(list(&root, &[7], NOW + HOUR, NOW + 2 * DAY)));
    let later = NOW + 2 * HOUR;
    assert_eq!(files.fetch_due(later * 1000).await, 1, "long before its nextUpdate");
    assert_eq!(decide(&files, &card, later).code(), "certificate_revoked");
}

#[tokio::test]
async fn what_is_worse_than_the_crl_at_hand_never_takes_its_place() {
    let (folder, root, web) = (tempfile::tempdir().unwrap(), Authority::root(), Web::default());
    let url = web.start().await;
    let files =
        TrustFiles::open(TrustSources { crl_urls: vec![url], ..sources(folder.path(), &root) }).unwrap();
    let card = root.issue(Spec::card());
    web.put(Some(list(&root, &[7], NOW, NOW + 10 * DAY)));
    assert_eq!(files.fetch_due(NOW * 1000).await, 1);
    let delta = der::extension(&[0x55, 0x1D, 0x1B], true, &der::integer(5));
    let worse = [
        Some(list(&root, &[], NOW - HOUR, NOW + 20 * DAY)),
        Some(list(&Authority::root(), &[], NOW + HOUR, NOW + 20 * DAY)),
        Some(list(&root, &[], NOW + 9 * DAY, NOW + 20 * DAY)),
        Some(root.crl_with(&[], NOW + 1, Some(NOW + 20 * DAY), &[delta], MessageDigest::sha256())),
        Some(b"<html>Sign in to the Wi-Fi</html>".to_vec()),
        Some(Vec::new()),
        None,
    ];
    let mut now = NOW;
    for body in worse {
        now += 2 * HOUR;
        web.put(body);
        assert_eq!(files.fetch_due(now * 1000).await, 0);
        assert_eq!(decide(&files, &card, now).code(), "certificate_revoked");
    }
    assert_eq!(web.asked(), 8);
    assert_eq!(
        decide(&files, &card, NOW + 10 * DAY + 1).code(),
        "certificate_revoked",
        "past its nextUpdate, too"
    );
    let other = root.issue(Spec { serial: 8, ..Spec::card() });
    assert_eq!(decide(&files, &other, NOW + 10 * DAY + 1).code(), "crl_expired");
}

#[tokio::test]
async fn addresses_in_certificates_are_followed_where_that_was_decided() {
    let (folder, root, web) = (tempfile::tempdir().unwrap(), Authority::root(), Web::default());
    let url = web.start().await;
    web.put(Some(root.crl(&[])));
    let card = root.issue(pointing(&["ldaps://ldap.example.jp/cn=CRL", &url]));
    // A CRL of another issuer, so that revocation is checked without following anything.
    let list = folder.path().join("other.crl");
    std::fs::write(&list, Spec::authority("Other").self_signed().crl(&[])).unwrap();
    let off = TrustFiles::open(TrustSources { crls: vec![list], ..sources(folder.path(), &root) }).unwrap();
    let decision = decide(&off, &card, NOW);
    assert_eq!(decision.crls_wanted, [url.as_str()]);
    assert!(!off.fetch_wanted(&decision.crls_wanted, NOW * 1000).await);
    let reason = decision.outcome.unwrap_err().reason;
    assert!(reason.contains("ldaps://ldap.example.jp/cn=CRLからは取得しません"), "{reason}");

    let sources = TrustSources { fetch_crls: true, ..sources(folder.path(), &root) };
    let on = TrustFiles::open(sources.clone()).unwrap();
    let decision = decide(&on, &card, NOW);
    assert_eq!(decision.code(), "crl_missing");
    assert!(on.fetch_wanted(&decision.crls_wanted, NOW * 1000).await);
    let decision = decide(&on, &card, NOW);
    assert_eq!(decision.code(), "ok");
    assert_eq!(decision.evidence.crls.len(), 1);
    assert_eq!(decision.evidence.crls[0].issuer, "C=JP,O=Test Shokai,CN=Root CA");

    let again = TrustFiles::open(sources).unwrap();
    assert_eq!(decide(&again, &card, NOW).code(), "ok", "the address is remembered");
    web.put(Some(root.crl_with(&[7], NOW, Some(NOW + DAY), &[], MessageDigest::sha256())));
    assert_eq!(again.fetch_due((NOW + HOUR) * 1000).await, 1, "and refreshed");
    assert_eq!(decide(&again, &card, NOW + HOUR).code(), "certificate_revoked");
}

#[tokio::test]
async fn an_answer_without_end_is_cut_off() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/list.crl", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut connection, _) = listener.accept().await.unwrap();
        let mut request = [0; 1024];
        tokio::io::AsyncReadExt::read(&mut connection, &mut request).await.unwrap();
        let head = "HTTP/1.1 200 OK\r\nContent-Type: application/pkix-crl\r\n\r\n";
        tokio::io::AsyncWriteExt::write_all(&mut connection, head.as_bytes()).await.unwrap();
        let block = vec![0x30; 1 << 20];
        while tokio::io::AsyncWriteExt::write_all(&mut connection, &block).await.is_ok() {}
    });
    let client = client().unwrap();
    let failure = download(&client, &url).await.unwrap_err();
    assert!(failure.to_string().contains("大きすぎます"), "{failure}");
    let failure = download(&client, "https://crl.example.jp/").await.unwrap_err();
    assert!(failure.to_string().contains("以外のアドレス"), "{failure}");
}

/// A directory server: answers its first request with these bytes, whatever it is, and keeps the request.
async fn directory(answer: Vec<u8>) -> (String, tokio::task::JoinHandle<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let host = listener.local_addr().unwrap().to_string();
    let question = tokio::spawn(async move {
        let (mut connection, _) = listener.accept().await.unwrap();
        let mut question = vec![0; 1024];
        let length = tokio::io::AsyncReadExt::read(&mut connection, &mut question).await.unwrap();
        question.truncate(length);
        // The client may hang up before the end.
        drop(tokio::io::AsyncWriteExt::write_all(&mut connection, &answer).await);
        question
    });
    (host, question)
}

fn ldap(operation: Vec<u8>) -> Vec<u8> {
    der::sequence(&[der::integer(1), operation])
}

/// SearchResultEntry with a list, with lengths as OpenLDAP and Active Directory write them.
fn entry(list: &[u8]) -> Vec<u8> {
    let long = |tag: u8, value: &[u8]| {
        let length = u32::try_from(value.len()).unwrap().to_be_bytes();
        [&[tag, 0x84], length.as_slice(), value].concat()
    };
    let values = long(0x31, &long(0x04, list));
    let attribute = long(0x30, &[der::tlv(0x04, b"certificateRevocationList;binary"), values].concat());
    let entry = [der::tlv(0x04, b"c=JP"), long(0x30, &attribute)].concat();
    long(0x30, &[der::integer(1), long(0x64, &entry)].concat())
}

fn done(code: u8) -> Vec<u8> {
    ldap(der::tlv(0x65, &[der::tlv(0x0A, &[code]), der::tlv(0x04, &[]), der::tlv(0x04, &[])].concat()))
}

#[tokio::test]
async fn a_crl_is_fetched_from_a_directory() {
    let (folder, root) = (tempfile::tempdir().unwrap(), Authority::root());
    let (host, question) = directory([entry(&root.crl(&[7])), done(0)].concat()).await;
    let url = format!(
        "ldap://{host}/ou=%E8%AA%8D%E8%A8%BC%E5%B1%80,o=Test%20Shokai,c=JP?certificateRevocationList;binary"
    );
    let card = root.issue(pointing(&[&url]));
    let sources = TrustSources { fetch_crls: true, ..sources(folder.path(), &root) };
    let files = TrustFiles::open(sources).unwrap();
    let decision = decide(&files, &card, NOW);
    assert_eq!(decision.crls_wanted, [url]);
    assert!(files.fetch_wanted(&decision.crls_wanted, NOW * 1000).await);
    assert_eq!(decide(&files, &card, NOW).code(), "certificate_revoked");
    let question = question.await.unwrap();
    let asks = |text: &str| question.windows(text.len()).any(|part| part == text.as_bytes());
    assert!(asks("ou=認証局,o=Test Shokai,c=JP") && asks("certificateRevocationList;binary"));
}

#[tokio::test]
async fn a_directory_without_the_crl_or_without_sense_is_named() {
    let root = Authority::root();
    let client = client().unwrap();
    let endless = [&[0x30, 0x84, 0x7F, 0xFF, 0xFF, 0xFF][..], &[0; 4096]].concat();
    let mut cut = entry(&root.crl(&[]));
    cut.truncate(100);
    for (answer, why) in [
        (done(32), "noSuchObject"),
        (done(0), "CRLがありません"),
        (done(50), "resultCode 50"),
        (endless, "大きすぎます"),
        (cut, "途中で切れました"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec(), "途中で切れました"),
        (ldap(der::tlv(0x64, &[0x30, 5])), "読めません"),
        (ldap(der::tlv(0x73, b"ldap://elsewhere/")).repeat(100), "読めません"),
        ([entry(b"rubbish"), done(0)].concat(), "CRLではありません"),
        (Vec::new(), "取得できません"),
    ] {
        let (host, _question) = directory(answer).await;
        let url = format!("ldap://{host}/c=JP?certificateRevocationList;binary");
        let failure = download(&client, &url).await.unwrap_err();
        assert!(failure.to_string().contains(why), "{why}: {failure}");
    }
}

/// Time advances only when there is nothing else to do.
#[tokio::test(start_paused = true)]
async fn nobody_waits_for_a_directory_without_end() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("ldap://{}/c=JP", listener.local_addr().unwrap());
    let client = client().unwrap();
    let failure = download(&client, &url).await.unwrap_err();
    assert!(failure.to_string().contains("時間内に"), "{failure}");
}

#[tokio::test]
async fn addresses_of_an_issuers_profile_count_as_soon_as_it_is_read_again_and_no_longer() {
    let (folder, root, web) = (tempfile::tempdir().unwrap(), Authority::root(), Web::default());
    let url = web.start().await;
    web.put(Some(list(&root, &[7], NOW - HOUR, NOW + DAY)));
    let files = TrustFiles::open(sources(folder.path(), &root)).unwrap();
    let card = root.issue(Spec::card());
    assert_eq!(decide(&files, &card, NOW).code(), "ok", "revocation is not checked");
    let issuer =
        IssuerRules { issuer: vec!["CN=Root CA".to_owned()], crl_urls: vec![url], ..IssuerRules::default() };
    files.take_issuers(vec![issuer.clone()]).unwrap();
    files.addresses_changed().await;
    assert_eq!(decide(&files, &card, NOW).code(), "crl_missing");
    assert_eq!(files.fetch_due(NOW * 1000).await, 1);
    assert_eq!(decide(&files, &card, NOW).code(), "certificate_revoked");

    // Another request arrives: nobody is queried twice for the first.
    let other = IssuerRules { issuer: vec!["CN=Other".to_owned()], ..issuer.clone() };
    files.take_issuers(vec![issuer, other]).unwrap();
    assert_eq!(decide(&files, &card, NOW).code(), "certificate_revoked", "what was fetched stays");
    files.fetch_due(NOW * 1000 + 1000).await;
    assert_eq!(web.asked(), 1);

    files.take_issuers(Vec::new()).unwrap();
    assert_eq!(decide(&files, &card, NOW).code(), "ok");
}

#[tokio::test]
async fn an_issuers_profile_is_not_taken_over_while_a_file_of_trust_is_broken() {
    let (folder, root) = (tempfile::tempdir().unwrap(), Authority::root());
    let sources = sources(folder.path(), &root);
    let files = TrustFiles::open(sources.clone()).unwrap();
    std::fs::write(&sources.anchors[0], "half a fi").unwrap();
    let issuer = IssuerRules {
        issuer: vec!["CN=Root CA".to_owned()],
        require_policies: vec!["1.2.3.4".parse().unwrap()],
        ..IssuerRules::default()
    };
    assert!(files.take_issuers(vec![issuer.clone()]).is_err());
    let card = root.issue(Spec::card());
    assert_eq!(decide(&files, &card, NOW).code(), "ok");
    std::fs::write(&sources.anchors[0], root.pem()).unwrap();
    files.take_issuers(vec![issuer]).unwrap();
    assert_eq!(decide(&files, &card, NOW).code(), "certificate_policy");
}
