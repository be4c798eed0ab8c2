//! 電子入札システムなど: the systems that an agency knows, as its administrators see and change them.

use axum::http::StatusCode;
use serde_json::{Value, json};
use touroku_proto::officer::Role;

use crate::{
    feed::Receiver,
    support::{
        client::{Reply, TestServer},
        officer::Officer,
        relying::{AGENCY, SECRET, basic, form, registered},
    },
};

const CLIENTS: &str = "/api/officer/clients";
const TEXT: &str = "code = \"goods\"\nname = \"物品調達システム\"  # 受け取ったまま\nscopes = [\"feed\"]\n";

/// Two administrators who have nothing to do with each other, old enough for their word to count.
async fn managers(server: &TestServer) -> [Officer; 2] {
    let mut both =
        [Officer::new(server, AGENCY, Role::Manage).await, Officer::new(server, AGENCY, Role::Manage).await];
    server.wait(30 * 86_400_000);
    for officer in &mut both {
        assert_eq!(officer.log_in(server).await.code(), "");
    }
    both
}

async fn confirm(officer: &mut Officer) -> String {
    let waiting = officer.get("/api/officer/profile").await.json()["proposal"]["hash"].clone();
    officer.post("/api/officer/profile/proposal", json!({"hash": waiting})).await.code()
}

async fn token(officer: &mut Officer, code: &str, secret: &str) -> u16 {
    let body = form(&[("grant_type", "client_credentials"), ("scope", "feed")]);
    officer.client.call("token", &basic(code, secret), body).await.status.as_u16()
}

fn secret_of(reply: &Reply) -> String {
    reply.json()["secret"]["secret"].as_str().unwrap_or_else(|| panic!("{reply:?}")).to_owned()
}

#[tokio::test]
async fn a_system_is_known_once_another_administrator_has_confirmed_it_and_its_secret_is_shown_once() {
    let server = TestServer::start();
    let [mut one, mut other] = managers(&server).await;
    let saved = one.post(CLIENTS, json!({"text": TEXT})).await;
    let (view, secret) = (saved.json(), secret_of(&saved));
    assert_eq!((&view["waits"], &view["clients"]), (&json!(true), &json!([])), "{view}");
    assert_eq!((&view["secret"]["code"], &view["secret"]["of_webhook"]), (&json!("goods"), &json!(false)));
    let again = one.post(CLIENTS, json!({"text": TEXT.replace("goods", "works")})).await;
    assert_eq!(again.code(), "wrong_state", "it would take the place of what waits");
    assert_eq!(token(&mut one, "goods", &secret).await, 401);
    assert_eq!(confirm(&mut one).await, "same_officer");
    assert_eq!(confirm(&mut other).await, "");

    assert_eq!(token(&mut other, "goods", &secret).await, 200);
    let seen = other.get(CLIENTS).await;
    let view = seen.json();
    assert_eq!((&view["waits"], &view["secret"]), (&json!(false), &Value::Null));
    assert_eq!(view["issuer"], "https://ebid.example.jp/oidc/aomori");
    let client = &view["clients"][0];
    assert_eq!((&client["name"], &client["secrets"]), (&json!("物品調達システム"), &json!(1)));
    assert_eq!(client["text"], TEXT.trim(), "as it was written");
    let kept = String::from_utf8(seen.body).unwrap();
    let record = String::from_utf8(other.get("/api/officer/audit").await.body).unwrap();
    assert!(!kept.contains(&secret) && !record.contains(&secret));
    assert!(record.contains("clients[goods].name"), "{record}");
}

#[tokio::test]
async fn what_is_wrong_with_a_description_is_named_by_its_own_lines_and_changes_nothing() {
    let server = TestServer::start();
    let [mut officer, _] = managers(&server).await;
    for (text, line, part) in [
        (TEXT.replace("scopes = [\"feed\"]", "scopes = [\"food\"]"), 3, "food"),
        (TEXT.replace("name", "nam"), 2, "nam"),
        (TEXT.replace("\"goods\"", "\"goods"), 1, ""),
        (format!("[[clients]]\n{TEXT}"), 1, "見出し"),
    ] {
        let view = officer.post(CLIENTS, json!({"text": text})).await.json();
        let mistakes = view["mistakes"].as_array().unwrap();
        let is_named =
            |mistake: &Value| mistake["line"] == line && mistake["message"].as_str().unwrap().contains(part);
        assert!(mistakes.iter().any(is_named), "{text}: {view}");
        assert_eq!((&view["waits"], &view["secret"]), (&json!(false), &Value::Null));
    }
    let long = "#".repeat(16 * 1024 + 1);
    assert_eq!(officer.post(CLIENTS, json!({"text": long})).await.code(), "payload_too_large");
}

#[tokio::test]
async fn a_system_described_differently_keeps_its_secret_until_it_gets_another_and_goes_when_it_is_removed() {
    let client = registered(json!({"scopes": ["feed"], "redirect_uris": []}));
    let server = TestServer::start().with_clients(AGENCY, &[client]);
    let [mut one, mut other] = managers(&server).await;
    let view = one.get(CLIENTS).await.json();
    let text = view["clients"][0]["text"].as_str().unwrap().to_owned();
    assert!(!text.contains("sha256"), "{text}");
    let edited = json!({"text": text.replace("電子入札システム", "新しい名前"), "replaces": "bidding"});
    let saved = one.post(CLIENTS, edited).await.json();
    assert_eq!((&saved["secret"], &saved["waits"]), (&Value::Null, &json!(true)), "{saved}");
    assert_eq!(confirm(&mut other).await, "");
    assert_eq!(other.get(CLIENTS).await.json()["clients"][0]["name"], "新しい名前");
    assert_eq!(token(&mut other, "bidding", SECRET).await, 200);

    for (keep_former, former) in [(true, 200), (false, 401)] {
        let renewed =
            other.post(&format!("{CLIENTS}/bidding/secret"), json!({"keep_former": keep_former})).await;
        let secret = secret_of(&renewed);
        assert_eq!(confirm(&mut one).await, "");
        assert_eq!(token(&mut one, "bidding", &secret).await, 200);
        assert_eq!(token(&mut one, "bidding", SECRET).await, former);
        std::mem::swap(&mut one, &mut other);
        // Each browser here has a server of its own.
        server.wait(0);
        one = fresh(&server, one).await;
        other = fresh(&server, other).await;
    }
    assert_eq!(one.delete(&format!("{CLIENTS}/nobody")).await.code(), "not_found");
    assert_eq!(one.delete(&format!("{CLIENTS}/bidding")).await.json()["waits"], true);
    other = fresh(&server, other).await;
    assert_eq!(confirm(&mut other).await, "");
    assert_eq!(other.get(CLIENTS).await.json()["clients"], json!([]));
}

/// The same officer at a server that has read the files again.
async fn fresh(server: &TestServer, mut officer: Officer) -> Officer {
    let cookie = officer.client.cookie.take();
    officer.client = server.browser_beside(touroku_server::http::limits::Limits::NONE);
    officer.client.cookie = cookie;
    officer
}

#[tokio::test]
async fn how_far_a_webhook_is_and_how_a_test_of_it_went_can_be_seen() {
    let (receiver, address) = Receiver::listen().await;
    let client = registered(json!({"scopes": ["feed"], "webhook_uri": address}));
    let server = TestServer::start().with_clients(AGENCY, &[client, registered(json!({"code": "silent"}))]);
    let [mut officer, _] = managers(&server).await;
    let test = format!("{CLIENTS}/bidding/webhook-test");
    let tried = officer.post(&test, json!({})).await.json();
    assert_eq!(tried["tried"], json!({"code": "bidding", "error": ""}));
    assert_eq!(receiver.take().len(), 1);
    receiver.answer(StatusCode::BAD_GATEWAY);
    let tried = officer.post(&test, json!({})).await.json();
    assert!(tried["tried"]["error"].as_str().unwrap().contains("502"), "{tried}");

    touroku_server::feed::webhook::send(&server.app).await.unwrap();
    server.client().registered(&server.card(7)).await;
    touroku_server::feed::webhook::send(&server.app).await.unwrap();
    let webhook = officer.get(CLIENTS).await.json()["clients"][0]["webhook"].clone();
    assert_eq!((&webhook["attempts"], &webhook["arrived_unix_ms"]), (&json!(1), &Value::Null), "{webhook}");
    assert!(webhook["error"].as_str().unwrap().contains("502") && webhook["next_unix_ms"].is_i64());

    let shown = officer.post(&format!("{CLIENTS}/bidding/webhook-secret"), json!({})).await;
    assert!(secret_of(&shown).starts_with("whsec_"));
    for call in ["webhook-secret", "webhook-test"] {
        assert_eq!(officer.post(&format!("{CLIENTS}/silent/{call}"), json!({})).await.code(), "not_found");
    }
    let actions: Vec<String> = server.audit(AGENCY).into_iter().map(|(_, action, _)| action).collect();
    assert!(
        actions.ends_with(&["webhook_tried", "webhook_tried", "webhook_secret_viewed"].map(str::to_owned))
    );
}
