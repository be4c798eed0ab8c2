//! The agency's accounts: created, changed, stopped, sent a new link; sessions; passwords.

use serde_json::{Value, json};
use touroku_proto::officer::Role;

use crate::support::{
    client::TestServer,
    officer::{Authenticator, Officer, PASSWORD, STEP, mailed_link, token_of},
};

const OFFICERS: &str = "/api/officer/officers";

#[tokio::test]
async fn an_administrator_adds_an_officer_who_sets_the_account_up() {
    let server = TestServer::start();
    let mut manager = Officer::new(&server, "aomori", Role::Manage).await;
    let email = "sato.hanako@officers.example.jp";
    let new = json!({"login_id": "sato.hanako", "name": " 佐藤花子 ", "role": "review", "email": email});
    assert_eq!(manager.post(OFFICERS, new.clone()).await.json()["email"], email);
    let url = mailed_link(&server, email).await;
    assert!(url.starts_with("https://ebid.example.jp/officer.html#setup="), "{url}");
    assert_eq!(manager.post(OFFICERS, new).await.code(), "login_id_taken");

    let state = |accounts: &Value| {
        let sato = accounts.as_array().unwrap().iter().find(|one| one["login_id"] == "sato.hanako").unwrap();
        (sato["state"].as_str().unwrap().to_owned(), sato["sessions"].as_u64().unwrap(), sato["name"].clone())
    };
    let accounts = manager.get(OFFICERS).await.json();
    assert_eq!(state(&accounts), ("invited".into(), 0, json!("佐藤花子")));

    let mut browser = server.client();
    let token = token_of(&url);
    let setup = browser.post("/api/officer/setup/begin", json!({"token": token})).await;
    assert_eq!(setup.json()["name"], "佐藤花子");
    let code = Authenticator::of(&setup).code(&server);
    let finish = json!({"token": token, "password": PASSWORD, "code": code});
    assert_eq!(browser.post("/api/officer/setup", finish).await.code(), "");
    assert_eq!(state(&manager.get(OFFICERS).await.json()), ("active".into(), 1, json!("佐藤花子")));
}

#[tokio::test]
async fn accounts_of_the_wrong_form_are_refused() {
    let server = TestServer::start();
    let mut manager = Officer::new(&server, "aomori", Role::Manage).await;
    let long = "あ".repeat(61);
    for (login_id, name) in [
        ("ab", "名"),
        ("", "名"),
        ("UPPER", "名"),
        ("with space", "名"),
        ("職員一", "名"),
        (&"a".repeat(33), "名"),
        ("abc", ""),
        ("abc", "　"),
        ("abc", &long),
        ("abc", "名\u{0}前"),
    ] {
        let reply = manager
            .post(OFFICERS, json!({"login_id": login_id, "name": name, "role": "view", "email": "a@b.jp"}))
            .await;
        assert_eq!(reply.code(), "bad_request", "{login_id} {name}");
    }
    let reply = manager
        .post(OFFICERS, json!({"login_id": "abc", "name": "名", "role": "root", "email": "a@b.jp"}))
        .await;
    assert_eq!(reply.code(), "bad_request");
}

#[tokio::test]
async fn a_stopped_officers_session_ends_at_once_and_neither_password_nor_link_opens_the_account() {
    let server = TestServer::start();
    let mut manager = Officer::new(&server, "aomori", Role::Manage).await;
    let mut officer = Officer::new(&server, "aomori", Role::View).await;
    let path = format!("{OFFICERS}/{}", officer.login_id);
    let stop = json!({"name": "試験職員", "role": "view", "stopped": true});
    assert_eq!(manager.put(&path, stop).await.json()["state"], "stopped");
    assert_eq!(officer.get("/api/officer/session").await.code(), "session_missing");
    assert_eq!(officer.log_in(&server).await.code(), "credentials_wrong");
    assert_eq!(manager.post(&format!("{path}/setup"), json!({})).await.code(), "wrong_state");

    let start = json!({"name": "試験職員", "role": "view", "stopped": false});
    assert_eq!(manager.put(&path, start).await.json()["state"], "active");
    assert_eq!(officer.get("/api/officer/session").await.code(), "session_missing", "ended is ended");
    assert_eq!(officer.log_in(&server).await.code(), "");
}

#[tokio::test]
async fn a_reset_ends_password_authenticator_card_and_sessions_and_voids_the_link_before() {
    let server = TestServer::start();
    let mut manager = Officer::new(&server, "aomori", Role::Manage).await;
    let mut officer = Officer::new(&server, "aomori", Role::View).await;
    let path = format!("{OFFICERS}/{}/setup", officer.login_id);
    let email = format!("{}@officers.example.jp", officer.login_id);
    assert_eq!(manager.post(&path, json!({})).await.code(), "");
    let first = mailed_link(&server, &email).await;
    assert_eq!(officer.get("/api/officer/session").await.code(), "session_missing");
    assert_eq!(officer.log_in(&server).await.code(), "credentials_wrong");
    assert_eq!(manager.post(&path, json!({})).await.code(), "");
    let second = mailed_link(&server, &email).await;
    for (link, code) in [(first, "link_invalid"), (second, "")] {
        let token = token_of(&link).to_owned();
        let reply = officer.post("/api/officer/setup/begin", json!({"token": token})).await;
        assert_eq!(reply.code(), code);
    }
    assert_eq!(manager.post(&format!("{OFFICERS}/nobody/setup"), json!({})).await.code(), "not_found");
}

#[tokio::test]
async fn a_reset_to_another_address_is_told_to_the_one_before_and_recorded() {
    let server = TestServer::start();
    let mut manager = Officer::new(&server, "aomori", Role::Manage).await;
    let officer = Officer::new(&server, "aomori", Role::View).await;
    let path = format!("{OFFICERS}/{}/setup", officer.login_id);
    server.take_mails().await;
    assert_eq!(manager.post(&path, json!({"email": "thief@example.com"})).await.code(), "");
    let mails = server.take_mails().await;
    let before = format!("{}@officers.example.jp", officer.login_id);
    let told = mails.iter().find(|mail| mail.0 == before && mail.1.contains("メールアドレスが変更され"));
    let told = told.unwrap_or_else(|| panic!("{mails:?}"));
    assert!(told.2.contains(&manager.login_id) && !told.2.contains("setup="), "{}", told.2);
    let entries = server.app.store.read(|reader| reader.audit_entries("aomori", 0, 100)).await.unwrap();
    let reset = entries.iter().find(|entry| entry.action == "officer_reset").unwrap();
    assert!(reset.detail.contains("another_address"), "{}", reset.detail);
}

#[tokio::test]
async fn an_administrator_can_neither_stop_nor_demote_themselves_and_another_can() {
    let server = TestServer::start();
    let mut one = Officer::new(&server, "aomori", Role::Manage).await;
    let mut other = Officer::new(&server, "aomori", Role::Manage).await;
    let path = format!("{OFFICERS}/{}", one.login_id);
    let change = |role: &str, stopped: bool| json!({"name": "新しい名", "role": role, "stopped": stopped});
    assert_eq!(one.put(&path, change("manage", true)).await.code(), "last_manager");
    assert_eq!(one.put(&path, change("review", false)).await.code(), "last_manager");
    assert_eq!(one.put(&path, change("manage", false)).await.json()["name"], "新しい名");

    assert_eq!(other.put(&path, change("review", false)).await.code(), "");
    assert_eq!(one.get("/api/officer/session").await.json()["role"], "review");
    assert_eq!(one.get(OFFICERS).await.code(), "forbidden", "from the next request on");
    let path = format!("{OFFICERS}/{}", other.login_id);
    assert_eq!(one.put(&path, change("view", false)).await.code(), "forbidden");
}

#[tokio::test]
async fn own_sessions_are_listed_and_ended_and_nobody_elses() {
    let server = TestServer::start();
    let mut officer = Officer::new(&server, "aomori", Role::View).await;
    let mut other = Officer::new(&server, "aomori", Role::View).await;
    let mut elsewhere = server.client();
    elsewhere.peer = ([198, 51, 100, 7], 1000).into();
    server.wait(STEP);
    let code = officer.authenticator.code(&server);
    let login = json!({"agency": "aomori", "login_id": officer.login_id, "password": PASSWORD, "code": code});
    assert_eq!(elsewhere.post("/api/officer/login", login).await.code(), "");

    let sessions = officer.get("/api/officer/sessions").await.json();
    let shown: Vec<_> =
        sessions.as_array().unwrap().iter().map(|one| (&one["address"], &one["current"])).collect();
    assert_eq!(shown, [(&json!("198.51.100.7"), &json!(false)), (&json!("192.0.2.1"), &json!(true))]);

    let path = format!("/api/officer/sessions/{}", sessions[0]["id"].as_str().unwrap());
    assert_eq!(other.delete(&path).await.code(), "not_found");
    assert_eq!(elsewhere.get("/api/officer/session").await.code(), "");
    assert_eq!(officer.delete(&path).await.status, 204);
    assert_eq!(officer.delete(&path).await.code(), "not_found");
    assert_eq!(elsewhere.get("/api/officer/session").await.code(), "session_missing");
}

#[tokio::test]
async fn a_changed_password_ends_the_other_sessions_and_guesses_at_the_old_one_are_braked() {
    let server = TestServer::start();
    let mut officer = Officer::new(&server, "aomori", Role::View).await;
    let mut former = officer.client.clone();
    former.cookie = officer.client.cookie.clone();
    let mut fresh = server.client();
    std::mem::swap(&mut officer.client, &mut fresh);
    assert_eq!(officer.log_in(&server).await.code(), "");
    assert_eq!(former.get("/api/officer/session").await.code(), "");

    let new = "another long and odd phrase";
    let change = |current: &str, code: &str, password: &str| json!({"current": current, "code": code, "password": password});
    server.wait(STEP);
    let code = officer.authenticator.code(&server);
    let path = "/api/officer/password";
    assert_eq!(officer.post(path, change(PASSWORD, &code, "password1234")).await.code(), "password_weak");
    assert_eq!(officer.post(path, change("wrong", &code, new)).await.code(), "credentials_wrong");
    assert_eq!(officer.post(path, change(PASSWORD, &code, new)).await.status, 204);
    assert_eq!(officer.get("/api/officer/session").await.code(), "");
    assert_eq!(former.get("/api/officer/session").await.code(), "session_missing");
    server.wait(STEP);
    let code = officer.authenticator.code(&server);
    assert_eq!(officer.try_to_log_in(PASSWORD, &code).await.code(), "credentials_wrong");
    assert_eq!(officer.try_to_log_in(new, &code).await.code(), "");
    for _ in 0..5 {
        assert_eq!(officer.post(path, change("wrong", "000000", new)).await.code(), "credentials_wrong");
    }
    assert_eq!(officer.post(path, change(new, "000000", new)).await.code(), "rate_limited");
}

#[tokio::test]
async fn of_two_managers_who_change_an_account_at_once_the_second_sees_what_the_first_did() {
    let server = TestServer::start();
    let mut first = Officer::new(&server, "aomori", Role::Manage).await;
    let mut second = Officer::new(&server, "aomori", Role::Manage).await;
    let other = Officer::new(&server, "aomori", Role::View).await;
    let path = format!("{OFFICERS}/{}", other.login_id);
    let change = |role: &str, stopped: bool, revision: i64| json!({"name": "試験職員", "role": role, "stopped": stopped, "revision": revision});
    let promoted = first.put(&path, change("review", false, 0)).await.json();
    assert_eq!((&promoted["role"], &promoted["revision"]), (&json!("review"), &json!(1)));
    // The answer was lost, and it is sent again.
    assert_eq!(first.put(&path, change("review", false, 0)).await.json()["revision"], 1);

    // This page still shows 閲覧: stopping the account must not revert the role.
    let stop = second.put(&path, change("view", true, 0)).await;
    assert_eq!((stop.status.as_u16(), stop.code().as_str()), (409, "stale"));
    let accounts = second.get(OFFICERS).await.json();
    let seen = accounts.as_array().unwrap().iter().find(|one| one["login_id"] == other.login_id).unwrap();
    assert_eq!((&seen["role"], &seen["state"]), (&json!("review"), &json!("active")));
    let stopped = second.put(&path, change("review", true, seen["revision"].as_i64().unwrap())).await.json();
    assert_eq!((&stopped["role"], &stopped["state"]), (&json!("review"), &json!("stopped")));
    assert_eq!(second.put(&path, change("review", false, -1)).await.code(), "stale");
    // A page that predates revisions.
    let old = json!({"name": "試験職員", "role": "view", "stopped": false});
    assert_eq!(first.put(&path, old).await.json()["role"], "view");
}
