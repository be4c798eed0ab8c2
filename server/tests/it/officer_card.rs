//! An officer's IC card.

use serde_json::{Value, json};
use touroku_proto::officer::Role;

use crate::support::{
    authority::{Card, Spec},
    client::{Client, ORIGIN, Reply, TestServer},
    officer::Officer,
};

const CARD: &str = "/api/officer/card";

async fn answer(client: &mut Client, card: &Card) -> Value {
    let reply = client.post("/api/officer/challenge", json!({"agency": "aomori"})).await;
    serde_json::to_value(card.token(ORIGIN, reply.json()["nonce"].as_str().unwrap())).unwrap()
}

async fn log_in(client: &mut Client, card: &Card) -> Reply {
    let token = answer(client, card).await;
    client.post("/api/officer/card-login", json!({"agency": "aomori", "token": token})).await
}

#[tokio::test]
async fn a_linked_card_signs_in_until_it_is_unlinked() {
    let server = TestServer::start();
    let mut officer = Officer::new(&server, "aomori", Role::Review).await;
    let card = server.card(7);
    let mut browser = server.client();
    assert_eq!(log_in(&mut browser, &card).await.code(), "card_not_registered");

    let token = answer(&mut officer.client, &card).await;
    let linked = officer.post(CARD, json!({"token": token.clone()})).await;
    assert_eq!((linked.code().as_str(), &linked.json()["has_card"]), ("", &json!(true)));
    assert_eq!(officer.post(CARD, json!({"token": token})).await.code(), "nonce_used");

    server.wait(1000);
    browser.post("/api/officer/challenge", json!({"agency": "aomori"})).await;
    let before = browser.cookie.clone();
    assert_eq!(
        browser.get("/api/officer/session").await.code(),
        "session_missing",
        "a challenge is no sign-in"
    );
    let signed_in = log_in(&mut browser, &card).await;
    assert_eq!((signed_in.code().as_str(), &signed_in.json()["login_id"]), ("", &json!(officer.login_id)));
    assert_ne!(browser.cookie, before, "a new key");
    let sessions = browser.get("/api/officer/sessions").await.json();
    assert_eq!(sessions[0]["by_card"], true);
    assert_eq!(sessions[0]["current"], true);

    let unlinked = officer.delete(CARD).await;
    assert_eq!(unlinked.json()["has_card"], false);
    assert_eq!(log_in(&mut server.client(), &card).await.code(), "card_not_registered");
}

#[tokio::test]
async fn a_card_belongs_to_one_account_of_the_agency_and_a_new_one_takes_its_place() {
    let server = TestServer::start();
    let (first, second) = (server.card(7), server.card(8));
    let mut one = Officer::new(&server, "aomori", Role::View).await;
    let mut other = Officer::new(&server, "aomori", Role::View).await;
    for card in [&first, &first, &second] {
        let token = answer(&mut one.client, card).await;
        assert_eq!(one.post(CARD, json!({"token": token})).await.code(), "");
    }
    let token = answer(&mut other.client, &second).await;
    assert_eq!(other.post(CARD, json!({"token": token})).await.code(), "card_already_registered");
    let token = answer(&mut other.client, &first).await;
    assert_eq!(other.post(CARD, json!({"token": token})).await.code(), "", "given up for the second");
}

#[tokio::test]
async fn answers_are_checked_as_contractors_are() {
    let server = TestServer::start();
    let mut officer = Officer::new(&server, "aomori", Role::View).await;
    let card = server.card(7);
    let expired = server.root.issue(Spec { serial: 9, not_after: -1, ..Spec::card() });
    let mut client = server.client();
    let login = |token: Value| json!({"agency": "aomori", "token": token});

    let token = serde_json::to_value(card.token(ORIGIN, &"A".repeat(44))).unwrap();
    assert_eq!(client.post("/api/officer/card-login", login(token.clone())).await.code(), "session_missing");
    assert_eq!(officer.post(CARD, json!({"token": token})).await.code(), "nonce_missing");
    assert_eq!(log_in(&mut client, &expired).await.code(), "certificate_expired");

    let nonce =
        client.post("/api/officer/challenge", json!({"agency": "aomori"})).await.json()["nonce"].clone();
    let elsewhere =
        serde_json::to_value(card.token("https://evil.example", nonce.as_str().unwrap())).unwrap();
    assert_eq!(client.post("/api/officer/card-login", login(elsewhere)).await.code(), "token_signature");
    let token = serde_json::to_value(card.token(ORIGIN, nonce.as_str().unwrap())).unwrap();
    assert_eq!(client.post("/api/officer/card-login", login(token)).await.code(), "nonce_used");

    let token = answer(&mut client, &card).await;
    server.wait(5 * 60_000);
    assert_eq!(client.post("/api/officer/card-login", login(token)).await.code(), "session_missing");
    let token = answer(&mut officer.client, &card).await;
    server.wait(5 * 60_000);
    assert_eq!(officer.post(CARD, json!({"token": token})).await.code(), "nonce_expired");
    let reply = client.post("/api/officer/card-login", login(json!({"format": 1}))).await;
    assert_eq!(reply.code(), "token_malformed");

    // A contractor's challenge is not an officer's.
    let mut both = server.client();
    both.begin().await;
    let nonce = both.challenge("check").await;
    let token = serde_json::to_value(card.token(ORIGIN, &nonce)).unwrap();
    assert_eq!(both.post("/api/officer/card-login", login(token)).await.code(), "session_missing");

    let decisions = server.app.store.read(|reader| reader.decisions(0)).await.unwrap();
    let codes: Vec<&str> = decisions.iter().map(|(code, _)| code.as_str()).collect();
    assert_eq!(codes, ["certificate_expired", "token_signature"]);
}

#[tokio::test]
async fn where_revocation_cannot_be_checked_the_agencys_rule_decides_and_is_kept_with_the_decision() {
    let server = TestServer::start();
    let (card, next) = (server.card(7), server.card(8));
    let mut officer = Officer::new(&server, "aomori", Role::View).await;
    let token = answer(&mut officer.client, &card).await;
    assert_eq!(officer.post(CARD, json!({"token": token})).await.code(), "");

    std::fs::write(server.folder.path().join("root.crl"), server.root.crl(&[])).unwrap();
    server.wait(2 * 86_400_000);
    let mut server = server.restart();
    let profile = server.folder.path().join("agencies/aomori.toml");
    let text = std::fs::read_to_string(&profile).unwrap();
    for (rule, code, kept) in [
        ("", "crl_expired", "refuse"),
        ("uncheckable = \"accept\"\n", "", "accept"),
        ("uncheckable = \"refuse\"\n", "crl_expired", "refuse"),
    ] {
        std::fs::write(&profile, rule.to_owned() + &text).unwrap();
        server = server.restart();
        assert_eq!(log_in(&mut server.client(), &card).await.code(), code, "{rule}");
        let mut officer = Officer::new(&server, "aomori", Role::View).await;
        let token = answer(&mut officer.client, &next).await;
        assert_eq!(officer.post(CARD, json!({"token": token})).await.code(), code, "{rule}");
        officer.delete(CARD).await;
        let decisions = server.app.store.read(|reader| reader.decisions(0)).await.unwrap();
        for (_, evidence) in &decisions[decisions.len() - 2..] {
            let evidence: Value = serde_json::from_str(evidence).unwrap();
            assert_eq!(evidence["uncheckable"], kept, "{rule}");
        }
    }
}
