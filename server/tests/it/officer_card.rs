//! An officer's IC card.

use serde_json::{Value, json};
use touroku_proto::officer::Role;

use crate::support::{
    authority::{Card, Spec},
    client::{Client, ORIGIN, Reply, TestServer},
    officer::{Officer, PASSWORD, STEP},
};

const CARD: &str = "/api/officer/card";

async fn answer(client: &mut Client, card: &Card) -> Value {
    let reply = client.post("/api/officer/challenge", json!({"agency": "aomori"})).await;
    serde_json::to_value(card.token(ORIGIN, reply.json()["nonce"].as_str().unwrap())).unwrap()
}

/// Links the card, half a minute after the last code was used.
async fn link(server: &TestServer, officer: &mut Officer, token: &Value) -> Reply {
    server.wait(STEP);
    let code = officer.authenticator.code(server);
    link_with(officer, token, PASSWORD, &code).await
}

async fn link_with(officer: &mut Officer, token: &Value, password: &str, code: &str) -> Reply {
    officer.post(CARD, json!({"token": token, "password": password, "code": code})).await
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
    let linked = link(&server, &mut officer, &token).await;
    assert_eq!((linked.code().as_str(), &linked.json()["has_card"]), ("", &json!(true)));
    assert_eq!(link(&server, &mut officer, &token).await.code(), "nonce_used");

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
        assert_eq!(link(&server, &mut one, &token).await.code(), "");
    }
    let token = answer(&mut other.client, &second).await;
    assert_eq!(link(&server, &mut other, &token).await.code(), "card_already_registered");
    let token = answer(&mut other.client, &first).await;
    assert_eq!(link(&server, &mut other, &token).await.code(), "", "given up for the second");
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
    assert_eq!(link(&server, &mut officer, &token).await.code(), "nonce_missing");
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
    assert_eq!(link(&server, &mut officer, &token).await.code(), "nonce_expired");
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
    assert_eq!(link(&server, &mut officer, &token).await.code(), "");

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
        assert_eq!(link(&server, &mut officer, &token).await.code(), code, "{rule}");
        officer.delete(CARD).await;
        let decisions = server.app.store.read(|reader| reader.decisions(0)).await.unwrap();
        for (_, evidence) in &decisions[decisions.len() - 2..] {
            let evidence: Value = serde_json::from_str(evidence).unwrap();
            assert_eq!(evidence["uncheckable"], kept, "{rule}");
        }
    }
}

#[tokio::test]
async fn a_page_that_was_left_open_links_no_card() {
    let server = TestServer::start();
    let mut officer = Officer::new(&server, "aomori", Role::View).await;
    let card = server.card(7);
    let token = answer(&mut officer.client, &card).await;
    assert_eq!(officer.post(CARD, json!({"token": token})).await.code(), "bad_request");
    server.wait(STEP);
    let code = officer.authenticator.code(&server);
    for (password, code) in [("guess", code.as_str()), (PASSWORD, "000000")] {
        let token = answer(&mut officer.client, &card).await;
        assert_eq!(link_with(&mut officer, &token, password, code).await.code(), "credentials_wrong");
    }
    assert_eq!(officer.get("/api/officer/session").await.json()["card"], Value::Null);
    let failed = server.audit("aomori").into_iter().filter(|(_, action, _)| action == "card_link_failed");
    assert_eq!(failed.count(), 2);
    for _ in 0..3 {
        let token = answer(&mut officer.client, &card).await;
        link_with(&mut officer, &token, "guess", "000000").await;
    }
    let token = answer(&mut officer.client, &card).await;
    assert_eq!(link(&server, &mut officer, &token).await.code(), "rate_limited");
}

#[tokio::test]
async fn an_officer_is_told_of_a_linked_card_and_sees_it_and_drops_it_with_the_password() {
    let server = TestServer::start();
    let mut officer = Officer::new(&server, "aomori", Role::View).await;
    let card = server.card(7);
    let token = answer(&mut officer.client, &card).await;
    let linked = link(&server, &mut officer, &token).await.json();
    let now = server.now.load(std::sync::atomic::Ordering::SeqCst);
    assert_eq!(linked["card"], json!({"serial": "7", "linked_unix_ms": now}));
    let mails = server.take_mails().await;
    let address = format!("{}@officers.example.jp", officer.login_id);
    assert!(mails.iter().any(|(to, _, body)| *to == address && body.contains(": 7\n")), "{mails:?}");

    let new = "another long and odd phrase";
    for (keep, code) in [(true, ""), (false, "card_not_registered")] {
        server.wait(STEP);
        let current = if keep { PASSWORD } else { new };
        let password = if keep { new } else { PASSWORD };
        let change = json!({"current": current, "code": officer.authenticator.code(&server),
                            "password": password, "unlink_card": !keep});
        assert_eq!(officer.post("/api/officer/password", change).await.code(), "");
        assert_eq!(log_in(&mut server.client(), &card).await.code(), code);
    }
}

#[tokio::test]
async fn another_certificate_of_the_cards_number_is_an_incident_and_no_sign_in() {
    let server = TestServer::start();
    let mut officer = Officer::new(&server, "aomori", Role::Review).await;
    let (card, forged) = (server.card(7), server.card(7));
    let token = answer(&mut officer.client, &card).await;
    assert_eq!(link(&server, &mut officer, &token).await.code(), "");
    server.take_mails().await;
    for _ in 0..2 {
        assert_eq!(log_in(&mut server.client(), &forged).await.code(), "certificate_forged");
    }
    assert_eq!(log_in(&mut server.client(), &card).await.code(), "");

    let incident = (String::new(), "card_forged".to_owned(), officer.login_id.clone());
    assert_eq!(server.audit("aomori").into_iter().filter(|entry| *entry == incident).count(), 2);
    let mails = server.take_mails().await;
    let address = format!("{}@officers.example.jp", officer.login_id);
    let told: Vec<_> = mails.iter().filter(|mail| mail.0 == address).collect();
    assert_eq!(told.len(), 1, "once a day: {mails:?}");
    assert!(told[0].2.contains(&officer.login_id) && told[0].2.contains(": 7\n"), "{told:?}");
}

#[tokio::test]
async fn a_card_that_was_linked_before_certificates_were_kept_is_held_to_the_one_that_it_shows_first() {
    let server = TestServer::start();
    let mut officer = Officer::new(&server, "aomori", Role::Review).await;
    let (card, forged) = (server.card(7), server.card(7));
    let token = answer(&mut officer.client, &card).await;
    assert_eq!(link(&server, &mut officer, &token).await.code(), "");
    server.by_hand("UPDATE officer SET card_certificate = NULL");
    assert_eq!(log_in(&mut server.client(), &card).await.code(), "");
    assert_eq!(log_in(&mut server.client(), &forged).await.code(), "certificate_forged");
}

#[tokio::test]
async fn an_officers_card_is_of_an_authority_that_the_agency_takes() {
    let server = TestServer::start();
    let mut officer = Officer::new(&server, "aomori", Role::Review).await;
    let card = server.card(7);
    let token = answer(&mut officer.client, &card).await;
    assert_eq!(link(&server, &mut officer, &token).await.code(), "");
    assert_eq!(log_in(&mut server.client(), &card).await.code(), "");

    let (file, authorities) =
        (server.folder.path().join("agencies/aomori.toml"), server.folder.path().join("agencies/ca"));
    std::fs::create_dir(&authorities).unwrap();
    std::fs::write(authorities.join("other.toml"), "name = \"別の認証局\"\nissuer = [\"CN=Other CA\"]\n")
        .unwrap();
    let text = std::fs::read_to_string(&file).unwrap();
    let text = text.replacen("\n[company_id]", "\n[cards]\nauthorities = [\"other\"]\n\n[company_id]", 1);
    std::fs::write(&file, text).unwrap();
    let server = server.restart();
    assert_eq!(log_in(&mut server.client(), &card).await.code(), "authority_not_accepted");
}
