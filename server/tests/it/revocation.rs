//! Registered cards that are revoked, and what is kept of each decision.

use serde_json::Value;
use touroku_server::{
    jobs::revocation::check_cards,
    store::{Retention, Store},
};

use crate::support::{
    authority::{Authority, Card, NOW, Spec},
    client::{TestServer, no_limits},
    engine::{apart, location, setting},
};

/// Puts this CRL into force.
fn with_crl(server: TestServer, revoked: &[u32]) -> TestServer {
    std::fs::write(server.folder.path().join("root.crl"), server.root.crl(revoked)).unwrap();
    server.restart()
}

async fn register(server: &TestServer, card: &Card) {
    server.client().registered(card).await;
    server.take_mails().await;
}

/// A server with a registered card of serial number 7.
async fn registered() -> (TestServer, Card) {
    let server = TestServer::start();
    let card = server.card(7);
    register(&server, &card).await;
    (server, card)
}

async fn decisions(server: &TestServer) -> Vec<(String, Value)> {
    let decisions = server.app.store.read(|reader| reader.decisions(0)).await.unwrap();
    decisions.into_iter().map(|(code, evidence)| (code, serde_json::from_str(&evidence).unwrap())).collect()
}

#[tokio::test]
async fn a_revoked_card_cannot_log_in_and_its_company_is_told_once() {
    let (server, card) = registered().await;
    let server = with_crl(server, &[8]);
    let mut before = server.client();
    before.begin().await;
    assert_eq!(before.login(&card, "bid").await.code(), "");
    let checked = check_cards(&server.app).await.unwrap();
    assert_eq!((checked.cards, checked.refused.len(), checked.newly_revoked), (1, 0, 0));
    assert_eq!(server.take_mails().await, []);

    std::fs::write(server.folder.path().join("root.crl"), server.root.crl(&[7, 8])).unwrap();
    for first in [1, 0, 0] {
        let checked = check_cards(&server.app).await.unwrap();
        assert_eq!((checked.cards, checked.newly_revoked), (1, first));
        let refused = &checked.refused[0];
        assert_eq!((refused.number.as_str(), refused.serial.as_str()), ("990000001", "7"));
        assert_eq!(refused.code.as_str(), "certificate_revoked");
    }
    let mails = server.take_mails().await;
    let to: Vec<&str> = mails.iter().map(|(to, ..)| to.as_str()).collect();
    assert_eq!(to, ["card@example.jp", "keiyaku@aomori.example.jp", "representative@example.jp"]);
    assert!(mails[0].1.contains("失効しています"), "{}", mails[0].1);
    assert!(mails[0].2.contains("証明書シリアル番号 : 7"), "{}", mails[0].2);

    assert_eq!(before.get("/api/session").await.code(), "session_missing", "what it had open has ended");
    let mut after = server.client();
    after.begin().await;
    assert_eq!(after.login(&card, "bid").await.code(), "certificate_revoked");
}

#[tokio::test]
async fn only_the_revoked_card_of_a_company_is_touched() {
    let (server, card) = registered().await;
    register(&server, &server.card(9)).await;
    let server = with_crl(server, &[9]);
    let checked = check_cards(&server.app).await.unwrap();
    assert_eq!((checked.cards, checked.newly_revoked), (2, 1));
    let mut client = server.client();
    client.begin().await;
    assert_eq!(client.login(&card, "bid").await.code(), "");
}

#[tokio::test]
async fn a_card_that_cannot_be_checked_is_counted_and_nobody_is_told() {
    let server = with_crl(registered().await.0, &[]);
    server.wait(2 * 86_400_000);
    let checked = check_cards(&server.app).await.unwrap();
    assert_eq!(checked.refused[0].code.as_str(), "crl_expired");
    assert_eq!((checked.newly_revoked, server.take_mails().await), (0, vec![]));
}

#[tokio::test]
async fn an_agency_may_let_in_what_cannot_be_checked_and_its_rule_is_kept_with_the_decision() {
    let (server, card) = registered().await;
    let mut server = with_crl(server, &[]);
    server.wait(2 * 86_400_000);
    for (rule, code, kept) in [("", "crl_expired", "refuse"), ("uncheckable = \"accept\"\n", "", "accept")] {
        let profile = server.folder.path().join("agencies/aomori.toml");
        let text = std::fs::read_to_string(&profile).unwrap();
        std::fs::write(&profile, rule.to_owned() + &text).unwrap();
        server = server.restart();
        let mut client = server.client();
        client.begin().await;
        assert_eq!(client.login(&card, "bid").await.code(), code);
        assert_eq!(decisions(&server).await.last().unwrap().1["uncheckable"], kept);
        assert_eq!(check_cards(&server.app).await.unwrap().refused.len(), usize::from(!code.is_empty()));
    }
}

#[tokio::test]
async fn every_decision_is_kept_with_what_it_rests_on_and_nothing_of_the_holder() {
    let (server, card) = registered().await;
    let server = with_crl(server, &[8]);
    let before = decisions(&server).await.len();
    let mut client = server.client();
    client.begin().await;
    assert_eq!(client.login(&card, "bid").await.code(), "");
    client.begin().await;
    assert_eq!(client.login(&server.card(8), "bid").await.code(), "certificate_revoked");
    client.begin().await;
    assert_eq!(client.login(&server.card(6), "bid").await.code(), "card_not_registered");
    client.begin().await;
    let stranger = Authority::root().issue(Spec::card());
    assert_eq!(client.login(&stranger, "bid").await.code(), "certificate_unknown_issuer");

    let decisions = decisions(&server).await.split_off(before);
    let codes: Vec<&str> = decisions.iter().map(|(code, _)| code.as_str()).collect();
    assert_eq!(codes, ["ok", "certificate_revoked", "card_not_registered", "certificate_unknown_issuer"]);
    for (code, evidence) in &decisions[..3] {
        assert_eq!(evidence["anchor"]["subject"], "C=JP,O=Test Shokai,CN=Root CA", "{code}");
        assert_eq!(evidence["anchor"]["sha256"].as_str().unwrap().len(), 64);
        assert_eq!(evidence["crls"][0]["issuer"], "C=JP,O=Test Shokai,CN=Root CA");
        // A day before the tests' present.
        assert_eq!(evidence["crls"][0]["this_update"], "2026-11-17T11:06:40Z");
        assert!(!evidence.to_string().contains("Taro"), "{evidence}");
    }
    assert!(decisions[3].1["anchor"].is_null());

    let kept = Retention { ended_after: 0, draft: 1, sent_mail: 1, decision: 1000 };
    let tidy = |at| server.app.store.write(move |writer| writer.tidy(at, kept));
    tidy(NOW * 1000 + 999).await.unwrap();
    assert_eq!(self::decisions(&server).await.len(), before + 4);
    tidy(NOW * 1000 + 1000).await.unwrap();
    assert_eq!(self::decisions(&server).await.len(), 0);
}

#[tokio::test]
async fn the_command_finds_what_the_server_would() {
    let server = with_crl(registered().await.0, &[7]);
    server.app.store.close();
    let folder = server.folder.path();
    let mut config = "[trust]\nanchors = [\"root.pem\"]\ncrls = [\"root.crl\"]\n".to_owned();
    config += &setting(folder).unwrap_or_default();
    std::fs::write(folder.join("server.toml"), config).unwrap();
    let check = || {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_touroku-server"));
        let output = command.args(["cards", "check", "--json", "--config"]).arg(folder.join("server.toml"));
        let output = output.output().unwrap();
        assert!(output.status.success(), "{output:?}");
        serde_json::from_slice::<Value>(&output.stdout).unwrap()
    };
    // The command uses the machine's clock: the card may be revoked, or the CRL too old to tell.
    let found = check();
    assert_eq!(found["cards"], 1);
    assert_eq!(found["refused"][0]["number"], "990000001");
    apart(|| drop(Store::open(location(folder)).unwrap()));
}

#[tokio::test]
async fn the_agencys_officers_are_told_how_many_cards_a_night_found_and_where_to_look() {
    let profile = "[mail] => [mail]\u{1}officers = [\"a@city.example.jp\", \"b@city.example.jp\"]";
    let server = TestServer::start_with(no_limits(), profile);
    for serial in [7, 8, 9] {
        register(&server, &server.card(serial)).await;
    }
    let server = with_crl(server, &[7, 9]);
    let told = async || {
        check_cards(&server.app).await.unwrap();
        let mails = server.take_mails().await;
        mails.into_iter().filter(|(to, ..)| to.ends_with("@city.example.jp")).collect::<Vec<_>>()
    };
    let mails = told().await;
    let to: Vec<&str> = mails.iter().map(|(to, ..)| to.as_str()).collect();
    assert_eq!(to, ["a@city.example.jp", "b@city.example.jp"], "one mail each");
    let (_, subject, body) = &mails[0];
    assert!(subject.contains("2枚") && body.contains("2枚"), "{subject} {body}");
    assert!(body.contains("https://ebid.example.jp/officer.html#/companies?filter=revoked"), "{body}");
    assert!(!body.contains("テスト") && !body.contains("990000001"), "nobody is named: {body}");
    assert_eq!(told().await, [], "once");
    std::fs::write(server.folder.path().join("root.crl"), server.root.crl(&[7, 8, 9])).unwrap();
    assert!(told().await[0].1.contains("1枚"), "only what is new");
}
