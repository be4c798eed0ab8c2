//! How a sign-in ends: by its client, by whoever stops a card or a company, and with its keys.

use std::sync::{Arc, Mutex};

use axum::{Form, Router, extract::State, http::StatusCode, routing::post};
use serde_json::{Value, json};
use touroku_japanese::clock;
use touroku_proto::officer::Role;

use crate::support::{
    authority::Card,
    client::TestServer,
    engine::is_sqlite,
    officer::Officer,
    relying::{AGENCY, claims, error, form, issuer, parameter, query, registered},
};

/// A client's logout URL: what it received, and what it answers.
#[derive(Clone)]
struct Heard(Arc<Mutex<(Vec<Value>, StatusCode)>>);

#[derive(serde::Deserialize)]
struct Told {
    logout_token: String,
}

async fn hear(State(heard): State<Heard>, Form(told): Form<Told>) -> StatusCode {
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as B64};

    let parts: Vec<Value> = told
        .logout_token
        .split('.')
        .take(2)
        .map(|part| serde_json::from_slice(&B64.decode(part).unwrap()).unwrap())
        .collect();
    let mut heard = heard.0.lock().unwrap();
    heard.0.push(json!({"header": parts[0], "claims": parts[1]}));
    heard.1
}

impl Heard {
    async fn listen() -> (Self, String) {
        let heard = Self(Arc::new(Mutex::new((Vec::new(), StatusCode::OK))));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/logout", listener.local_addr().unwrap());
        let router = Router::new().route("/logout", post(hear)).with_state(heard.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        (heard, address)
    }

    fn take(&self) -> Vec<Value> {
        std::mem::take(&mut self.0.lock().unwrap().0)
    }

    fn answer(&self, status: StatusCode) {
        self.0.lock().unwrap().1 = status;
    }
}

/// Signs in with a card; returns the ID token's claims, the token and the access token.
async fn signed_in(server: &TestServer, card: &Card) -> (Value, String, String) {
    let location = server.client().sign_in(card, &query(&[])).await;
    let tokens = server.client().redeem(&parameter(&location, "code"), &[]).await;
    let text = |key: &str| tokens.json()[key].as_str().unwrap().to_owned();
    (claims(&tokens), text("id_token"), text("access_token"))
}

#[tokio::test]
async fn who_is_stopped_is_logged_out_of_the_bidding_systems_too() {
    let (heard, address) = Heard::listen().await;
    let server = TestServer::with_client(json!({"backchannel_logout_uri": address}));
    let cards = [server.card(7), server.card(8)];
    for card in &cards {
        server.client().registered(card).await;
    }
    let (first, _, access) = signed_in(&server, &cards[0]).await;
    let (second, _, _) = signed_in(&server, &cards[1]).await;
    assert!(!touroku_server::oidc::is_due(&server.app).await.unwrap());
    let mut officer = Officer::new(&server, AGENCY, Role::Review).await;
    let card = server.app.store.read(|reader| reader.cards_of(AGENCY, "990000001")).await.unwrap()[0].id;
    let reason = json!({"reason": "紛失"});
    assert_eq!(officer.post(&format!("/api/officer/cards/{card}/suspend"), reason.clone()).await.code(), "");
    assert_eq!(error(&server.client().user_info(&access).await), "invalid_token", "at once");

    heard.answer(StatusCode::SERVICE_UNAVAILABLE);
    assert!(touroku_server::oidc::is_due(&server.app).await.unwrap());
    assert_eq!(touroku_server::oidc::tell(&server.app).await.unwrap(), 0);
    assert_eq!(heard.take().len(), 1);
    assert!(!touroku_server::oidc::is_due(&server.app).await.unwrap(), "it waits a little");
    heard.answer(StatusCode::OK);
    server.wait(10_000);
    assert_eq!(touroku_server::oidc::tell(&server.app).await.unwrap(), 1);
    let told = heard.take().pop().unwrap();
    assert_eq!(told["header"]["typ"], "logout+jwt");
    assert_eq!((&told["claims"]["iss"], &told["claims"]["aud"]), (&json!(issuer()), &json!("bidding")));
    assert_eq!((&told["claims"]["sub"], &told["claims"]["sid"]), (&first["sub"], &first["sid"]));
    let event = "http://schemas.openid.net/event/backchannel-logout";
    assert_eq!(told["claims"]["events"], json!({event: {}}));
    assert!(told["claims"]["nonce"].is_null());
    assert!(!touroku_server::oidc::is_due(&server.app).await.unwrap(), "once");

    let suspended = officer.post("/api/officer/companies/990000001/suspend", reason).await;
    assert_eq!(suspended.code(), "");
    assert_eq!(touroku_server::oidc::tell(&server.app).await.unwrap(), 1);
    assert_eq!(heard.take()[0]["claims"]["sid"], second["sid"]);
}

#[tokio::test]
async fn who_is_suspended_from_a_day_on_is_logged_out_when_it_begins() {
    let (heard, address) = Heard::listen().await;
    let server = TestServer::with_client(json!({"backchannel_logout_uri": address}));
    let card = server.card(7);
    server.client().registered(&card).await;
    let now = server.app.outside.now();
    let tomorrow = clock::beginning_of(clock::day(now) + 1);
    server.wait(tomorrow - now - 60_000);
    let (signed_in, _, access) = signed_in(&server, &card).await;
    let mut officer = Officer::new(&server, AGENCY, Role::Review).await;
    let asked = json!({"reason": "指名停止", "period": {"from": clock::date(tomorrow)}});
    assert_eq!(officer.post("/api/officer/companies/990000001/suspend", asked).await.code(), "");
    assert!(!touroku_server::oidc::is_due(&server.app).await.unwrap());
    server.wait(60_000);
    assert_eq!(error(&server.client().user_info(&access).await), "invalid_token");
    assert!(touroku_server::oidc::is_due(&server.app).await.unwrap(), "the server looks every few seconds");
    assert_eq!(touroku_server::oidc::tell(&server.app).await.unwrap(), 1);
    assert_eq!(heard.take()[0]["claims"]["sid"], signed_in["sid"]);
}

#[tokio::test]
async fn a_code_that_was_stolen_and_used_logs_its_session_out() {
    let (heard, address) = Heard::listen().await;
    let server = TestServer::with_client(json!({"backchannel_logout_uri": address}));
    let card = server.card(7);
    server.client().registered(&card).await;
    let location = server.client().sign_in(&card, &query(&[])).await;
    let code = parameter(&location, "code");
    let tokens = server.client().redeem(&code, &[]).await;
    server.client().redeem(&code, &[]).await;
    assert_eq!(touroku_server::oidc::tell(&server.app).await.unwrap(), 1);
    assert_eq!(heard.take()[0]["claims"]["sid"], claims(&tokens)["sid"]);
}

#[tokio::test]
async fn a_card_that_was_stopped_before_its_code_came_gets_no_tokens() {
    let server = TestServer::with_client(json!({}));
    let card = server.card(7);
    server.client().registered(&card).await;
    let location = server.client().sign_in(&card, &query(&[])).await;
    let mut officer = Officer::new(&server, AGENCY, Role::Review).await;
    let reason = json!({"reason": "紛失"});
    assert_eq!(officer.post("/api/officer/companies/990000001/suspend", reason).await.code(), "");
    let reply = server.client().redeem(&parameter(&location, "code"), &[]).await;
    assert_eq!(error(&reply), "invalid_grant");
}

#[tokio::test]
async fn a_client_logs_a_browser_out_and_gets_it_back_at_its_own_addresses_only() {
    let other =
        registered(json!({"code": "other", "post_logout_redirect_uris": ["https://other.example.jp/"]}));
    let server = TestServer::start().with_clients(AGENCY, &[registered(json!({})), other]);
    let card = server.card(7);
    server.client().registered(&card).await;
    let bye = "https://bid.example.jp/bye";
    let (_, token, access) = signed_in(&server, &card).await;
    let mut browser = server.client();
    let go = |parameters: &[(&str, &str)]| format!("/oidc/aomori/logout?{}", form(parameters));
    for parameters in [
        &[][..],
        &[("post_logout_redirect_uri", bye)],
        &[("post_logout_redirect_uri", "https://attacker.example/"), ("client_id", "bidding")],
        &[
            ("post_logout_redirect_uri", "https://other.example.jp/"),
            ("id_token_hint", "x.y.z"),
            ("client_id", "bidding"),
        ],
        &[
            ("post_logout_redirect_uri", "https://other.example.jp/"),
            ("id_token_hint", &token),
            ("client_id", "other"),
        ],
    ] {
        let reply = browser.raw("GET", &go(parameters), &[], "").await;
        assert_eq!((reply.status.as_u16(), reply.header("location")), (200, ""), "{parameters:?}");
    }
    assert_eq!(server.client().user_info(&access).await.status, 200, "nobody was logged out by that");
    let hint = [("post_logout_redirect_uri", bye), ("id_token_hint", &token), ("state", "s")];
    let reply = browser.raw("GET", &go(&hint), &[], "").await;
    assert_eq!(
        (reply.status.as_u16(), reply.header("location")),
        (303, "https://bid.example.jp/bye?state=s")
    );
    assert_eq!(error(&server.client().user_info(&access).await), "invalid_token");
    let posted = browser
        .call("logout", "", form(&[("client_id", "bidding"), ("post_logout_redirect_uri", bye)]))
        .await;
    assert_eq!(posted.header("location"), bye);
    assert!(!touroku_server::oidc::is_due(&server.app).await.unwrap(), "whoever logs out need not be told");
}

#[tokio::test]
async fn keys_are_rotated_without_a_token_that_nobody_can_prove() {
    use touroku_server::oidc::keys::rotate;

    let server = TestServer::with_client(json!({}));
    let card = server.card(7);
    server.client().registered(&card).await;
    let kids = || async {
        let keys = server.client().get("/oidc/aomori/jwks").await.json();
        let keys = keys["keys"].as_array().unwrap().clone();
        keys.iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let kid_of = |token: &str| {
        use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as B64};
        let header = B64.decode(token.split('.').next().unwrap()).unwrap();
        serde_json::from_slice::<Value>(&header).unwrap()["kid"].as_str().unwrap().to_owned()
    };
    let turn = |compromised: bool| {
        let app = Arc::clone(&server.app);
        async move {
            let shared = Arc::clone(&app);
            let turned = app.store.write(move |writer| {
                rotate(writer, &shared.agencies, (&shared.key, &shared.outside), compromised)
            });
            turned.await.unwrap();
        }
    };
    let before = kids().await;
    let (_, token, _) = signed_in(&server, &card).await;
    assert_eq!(kid_of(&token), before[0]);
    turn(false).await;
    let after = kids().await;
    assert!(before.iter().all(|kid| after.contains(kid)) && after.len() == 6, "{before:?} {after:?}");
    let (_, later, _) = signed_in(&server, &card).await;
    assert_eq!(kid_of(&later), before[1], "the one that was published before");
    let hint = form(&[("id_token_hint", &token), ("post_logout_redirect_uri", "https://bid.example.jp/bye")]);
    let reply = server.client().raw("GET", &format!("/oidc/aomori/logout?{hint}"), &[], "").await;
    assert_eq!(reply.status, 303, "the retired key still proves");
    turn(true).await;
    let fresh = kids().await;
    assert!(fresh.len() == 4 && fresh.iter().all(|kid| !after.contains(kid)), "{fresh:?}");
    let entries = server.app.store.read(|reader| reader.audit_entries(AGENCY, 0, 100)).await.unwrap();
    assert_eq!(entries.iter().filter(|entry| entry.action == "signing_keys_rotated").count(), 2);
}

#[tokio::test]
async fn the_database_alone_holds_no_secret_of_a_sign_in() {
    if !is_sqlite() {
        return;
    }
    let server = TestServer::with_client(json!({}));
    let card = server.card(7);
    server.client().registered(&card).await;
    let mut browser = server.client();
    let waiting = browser.begin_sign_in(&query(&[])).await;
    let location = server.client().sign_in(&card, &query(&[])).await;
    let code = parameter(&location, "code");
    let access = server.client().redeem(&code, &[]).await.json()["access_token"].as_str().unwrap().to_owned();
    let path = server.folder.path().join("touroku.db");
    server.app.store.close();
    let bytes = std::fs::read(path).unwrap();
    let cookie = browser.sign_in.as_ref().unwrap().split_once('=').unwrap().1.to_owned();
    for secret in [waiting, code, access, cookie] {
        assert!(!bytes.windows(secret.len()).any(|window| window == secret.as_bytes()));
    }
    let pem = b"PRIVATE KEY";
    assert!(!bytes.windows(pem.len()).any(|window| window == pem));
}
