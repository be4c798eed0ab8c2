//! The password of the 入札情報公開システム: a company is shown it during one login of a card, and nobody ever again.

use serde_json::{Value, json};
use touroku_server::jobs::tidy::tidy;

use crate::support::{
    authority::{Card, Spec},
    client::{Client, ROSTER, TestServer, account_form, card_form, no_limits},
};

const AGENCY: &str = "aomori";
const SHOW: &str = "/api/status/information_password";
const TITLE: &str = "入札情報公開パスワード";
const SECRET: &str = "geheim9XyZ";

/// A company with a card and a password.
async fn registered() -> (TestServer, Card) {
    let server = TestServer::start();
    server.enrol(&format!("入札情報公開ユーザID,{TITLE}"), &format!("ID123123,{SECRET}"));
    let card = server.card(7);
    server.client().registered(&card).await;
    (server, card)
}

/// A new login of the card.
async fn logged_in(server: &TestServer, card: &Card) -> Client {
    let mut client = server.client();
    client.log_in(card, "bid").await;
    client
}

async fn state(client: &mut Client) -> Value {
    client.get("/api/status").await.json()["information"]["password"].clone()
}

async fn shown(client: &mut Client) -> Value {
    let shown = client.post(SHOW, json!({})).await;
    assert_eq!(shown.code(), "", "{shown:?}");
    shown.json()["password"].clone()
}

/// A file with the company's row, as an officer takes it over. Returns the import.
async fn taken(server: &TestServer, officer: &mut Client, password: &str) -> (Value, Value) {
    let roster = format!(
        "業者番号,商号又は名称,郵便番号,住所,代表者氏名,{TITLE}\n\
         990000001,（株）テスト商会０１,030-0801,青森市新町１－１,試験太郎,{password}\n"
    );
    let checked = officer.upload(server, roster.as_bytes()).await;
    let id = checked["id"].clone();
    officer.taken(server, &id, json!({})).await;
    (id, checked)
}

#[tokio::test]
async fn a_card_is_shown_the_password_during_one_login_and_nobody_after_it() {
    let (server, card) = registered().await;
    server.take_mails().await;
    let mut client = logged_in(&server, &card).await;
    let information = client.get("/api/status").await.json()["information"].clone();
    assert_eq!(information, json!({"user_id": "ID123123", "password": "ready"}));
    // Whose answer gets lost asks again.
    for _ in 0..2 {
        assert_eq!(shown(&mut client).await, SECRET);
    }
    let told = server.take_mails().await;
    let told: Vec<&String> =
        told.iter().filter(|mail| mail.2.contains("パスワードが、")).map(|mail| &mail.2).collect();
    assert!(
        !told.is_empty() && told.iter().all(|mail| mail.contains("「登録状況」") && !mail.contains(SECRET)),
        "{told:?}"
    );
    let status = client.get("/api/status").await.json();
    assert!(
        status["timeline"]["items"][0]["text"].as_str().unwrap().contains("パスワードが、"),
        "{status:#}"
    );
    let seen = server.officer(AGENCY, "sato", "view").get("/api/officer/companies/990000001").await;
    assert!(!seen.json().to_string().contains(SECRET));
    assert!(seen.json()["timeline"].to_string().contains("入札情報公開システムのパスワードが"), "{seen:?}");

    let mut other = logged_in(&server, &card).await;
    assert!(state(&mut other).await["shown"]["at_unix_ms"].is_number());
    assert_eq!(other.post(SHOW, json!({})).await.code(), "wrong_state");
    assert_eq!(state(&mut client).await, "ready", "the login that was shown it goes on");
    client.send("DELETE", "/api/session", Value::Null).await;
    tidy(&server.app).await.unwrap();
    let kept = "SELECT count(*) FROM information_password WHERE sealed IS NOT NULL OR shown_in IS NOT NULL";
    assert_eq!(server.rows(kept), [["0"]]);
    assert_eq!(logged_in(&server, &card).await.post(SHOW, json!({})).await.code(), "wrong_state");
}

#[tokio::test]
async fn only_a_registered_card_of_the_company_is_shown_it() {
    let server = TestServer::start_with(no_limits(), "company_match = \"warn\" => ");
    server.enrol(TITLE, SECRET);
    server
        .client()
        .registered(&server.root.issue(Spec {
            serial: 7,
            name: "C=JP,O=株式会社テスト商会０１,CN=試験太郎",
            ..Spec::card()
        }))
        .await;
    let mut waiting = server.client();
    let stranger =
        server.root.issue(Spec {
            serial: 8, name: "C=JP,O=株式会社悪徳商事,CN=悪田徳子", ..Spec::card()
        });
    waiting.reach_form(&stranger).await;
    assert_eq!(waiting.post(SHOW, json!({})).await.code(), "card_not_presented");
    assert_eq!(waiting.register("second", card_form()).await.json()["completed"]["pending"], true);
    assert_eq!(waiting.post(SHOW, json!({})).await.code(), "card_not_presented");
    assert_eq!(server.client().post(SHOW, json!({})).await.code(), "session_missing");

    let server = TestServer::start_at("shimonoseki", no_limits(), "");
    server.enrol(TITLE, SECRET);
    let mut client = server.client();
    client.reach_application().await;
    assert_eq!(client.apply("a-1", account_form("taro01", "oi25io14")).await.code(), "");
    let mut officer = server.officer("shimonoseki", "sato", "review");
    assert_eq!(officer.look_and_decide("account", &json!(1), None).await.code(), "");
    assert_eq!(client.log_in_by_id("taro01", "oi25io14", "bid").await.code(), "");
    assert_eq!(state(&mut client).await, "for_cards");
    assert_eq!(client.post(SHOW, json!({})).await.code(), "card_not_presented");
}

#[tokio::test]
async fn the_roster_brings_another_one_and_undoing_that_brings_back_the_former() {
    let (server, card) = registered().await;
    let mut officer = server.officer(AGENCY, "sato", "manage");
    let mut first = logged_in(&server, &card).await;
    assert_eq!(shown(&mut first).await, SECRET);
    // The same one.
    let (_, checked) = taken(&server, &mut officer, SECRET).await;
    assert_eq!(checked["found"]["unchanged"], 1, "{checked:#}");
    let mut second = logged_in(&server, &card).await;
    assert_eq!(second.post(SHOW, json!({})).await.code(), "wrong_state");

    let (id, checked) = taken(&server, &mut officer, "another1").await;
    assert_eq!(checked["found"]["changed"], 1, "{checked:#}");
    assert_eq!(state(&mut second).await, "ready");
    assert_eq!(officer.undo(&id).await.code(), "");
    server.app.imports.wait();
    assert!(state(&mut second).await["shown"].is_object());
    assert_eq!(state(&mut first).await, "ready");
    assert_eq!(
        server.rows("SELECT count(*) FROM information_password"),
        [["1"]],
        "what was undone is forgotten"
    );

    taken(&server, &mut officer, "another2").await;
    assert_eq!(shown(&mut second).await, "another2");
    taken(&server, &mut officer, "").await;
    assert_eq!(second.get("/api/status").await.json()["information"], Value::Null);
}

#[tokio::test]
async fn a_roster_that_brings_a_password_again_after_another_one_lets_the_company_see_it_again() {
    let (server, card) = registered().await;
    let mut officer = server.officer(AGENCY, "sato", "manage");
    let mut client = logged_in(&server, &card).await;
    assert_eq!(shown(&mut client).await, SECRET);
    client.send("DELETE", "/api/session", Value::Null).await;
    tidy(&server.app).await.unwrap();
    for password in ["another1", SECRET] {
        taken(&server, &mut officer, password).await;
        assert_eq!(shown(&mut logged_in(&server, &card).await).await, password);
    }
}

#[tokio::test]
async fn an_officer_who_types_it_again_lets_the_company_see_it_again() {
    let (server, card) = registered().await;
    let mut officer = server.officer(AGENCY, "sato", "review");
    assert_eq!(shown(&mut logged_in(&server, &card).await).await, SECRET);
    let form = officer.get("/api/officer/roster?number=990000001").await.json();
    let mut values = Value::default();
    for field in form["fields"].as_array().unwrap() {
        values[field["name"].as_str().unwrap()] = field["value"].clone();
    }
    assert_eq!(values[TITLE], "", "{form:#}");
    let asked = |revision: &Value, values: &Value| json!({"number": "990000001", "revision": revision, "values": values, "keep": false, "confirmed": true});
    values["FAX番号"] = json!("017-000-0009");
    let saved = officer.post("/api/officer/roster", asked(&form["revision"], &values)).await;
    assert_eq!(saved.json()["saved"], true, "{saved:?}");
    let mut client = logged_in(&server, &card).await;
    assert_eq!(client.post(SHOW, json!({})).await.code(), "wrong_state", "it was not typed");

    let form = officer.get("/api/officer/roster?number=990000001").await.json();
    values[TITLE] = json!(SECRET);
    let saved = officer.post("/api/officer/roster", asked(&form["revision"], &values)).await;
    assert_eq!(saved.json()["saved"], true, "{saved:?}");
    assert_eq!(shown(&mut client).await, SECRET);
    let company = officer.get("/api/officer/companies/990000001").await.json().to_string();
    assert!(company.contains(&format!("項目 {TITLE}")) && !company.contains(SECRET), "{company}");
}

#[tokio::test]
async fn it_is_in_clear_in_no_file_of_the_server_and_in_no_export() {
    let (server, card) = registered().await;
    let mut officer = server.officer(AGENCY, "sato", "manage");
    taken(&server, &mut officer, "anotherSecret7").await;
    assert_eq!(shown(&mut logged_in(&server, &card).await).await, "anotherSecret7");
    let mut all = Vec::new();
    for path in [
        "/api/officer/export",
        "/api/officer/export?format=xlsx",
        "/api/officer/audit/export",
        "/api/officer/companies",
    ] {
        let reply = officer.get(path).await;
        assert_eq!(reply.status, 200, "{path}: {reply:?}");
        all.push((path.to_owned(), reply.body));
    }
    let mark = server.rows("SELECT more FROM roster WHERE number = '990000001'");
    assert!(mark[0][0].contains(TITLE), "{mark:?}");
    server.app.store.close();
    for entry in walk(server.folder.path()) {
        // What the test itself wrote there.
        if !entry.ends_with("roster.csv") && !entry.ends_with("more.csv") {
            all.push((entry.display().to_string(), std::fs::read(&entry).unwrap()));
        }
    }
    assert!(ROSTER.contains("990000001") && all.len() > 5, "what is looked through");
    for (what, bytes) in all {
        for secret in [SECRET, "anotherSecret7"] {
            assert!(
                !bytes.windows(secret.len()).any(|part| part == secret.as_bytes()),
                "{what} holds {secret}"
            );
        }
    }
}

fn walk(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(walk(&path)) } else { found.push(path) }
    }
    found
}
