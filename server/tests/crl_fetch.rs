//! CRLs by HTTP: fetched, kept, refreshed, and never replaced by something worse.

#![allow(clippy::unwrap_used, reason = "a test may fail anywhere")]

mod support;

use std::{
    path::Path,
    sync::{Arc, Mutex},
};

use axum::{Router, extract::State, http::StatusCode};
use openssl::hash::MessageDigest;
use support::{
    authority::{Authority, Card, NOW, Spec},
    der,
};
use tokio::net::TcpListener;
use touroku_server::pki::{Decision, TrustFiles, TrustSources, verify_certificate};

const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;

/// A CA's web server: answers every path with what was put there last, and counts.
#[derive(Clone, Default)]
struct Web(Arc<Mutex<(Option<Vec<u8>>, usize)>>);

impl Web {
    /// Answers the address of a CRL on it.
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
    assert_eq!(decide(&files, &card, NOW + 10 * DAY + 1).code(), "crl_expired", "until its nextUpdate");
}

#[tokio::test]
async fn addresses_in_certificates_are_followed_where_that_was_decided() {
    let (folder, root, web) = (tempfile::tempdir().unwrap(), Authority::root(), Web::default());
    let url = web.start().await;
    web.put(Some(root.crl(&[])));
    let card = root.issue(pointing(&["ldap://ldap.example.jp/cn=CRL", &url]));
    // A CRL of another issuer, so that revocation is checked without following anything.
    let list = folder.path().join("other.crl");
    std::fs::write(&list, Spec::authority("Other").self_signed().crl(&[])).unwrap();
    let off = TrustFiles::open(TrustSources { crls: vec![list], ..sources(folder.path(), &root) }).unwrap();
    let decision = decide(&off, &card, NOW);
    assert_eq!(decision.crls_wanted, [url.as_str()]);
    assert!(!off.fetch_wanted(&decision.crls_wanted, NOW * 1000).await);
    let reason = decision.outcome.unwrap_err().reason;
    assert!(reason.contains("ldap://ldap.example.jp/cn=CRLからは取得しません"), "{reason}");

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
    let client = touroku_server::pki::client().unwrap();
    let failure = touroku_server::pki::download(&client, &url).await.unwrap_err();
    assert!(failure.to_string().contains("大きすぎます"), "{failure}");
    let failure = touroku_server::pki::download(&client, "https://crl.example.jp/").await.unwrap_err();
    assert!(failure.to_string().contains("http:以外"), "{failure}");
}
