//! 監査記録: what is in it and who sees it.

#![allow(clippy::unwrap_used, reason = "a test may fail anywhere")]

mod support;

use serde_json::{Value, json};
use support::{client::TestServer, officer::Officer};
use touroku_proto::officer::Role;

const AUDIT: &str = "/api/officer/audit";

#[tokio::test]
async fn sign_ins_failures_and_changes_are_recorded_with_who_and_from_where() {
    let server = TestServer::start();
    let mut officer = Officer::new(&server, "aomori", Role::View).await;
    let mut manager = Officer::new(&server, "aomori", Role::Manage).await;
    officer.client.peer = ([198, 51, 100, 7], 9).into();
    for _ in 0..5 {
        officer.try_to_log_in("wrong password", "000000").await;
    }
    officer.try_to_log_in("wrong password", "000000").await;
    let typed = json!({"agency": "aomori", "login_id": "MySecret#1", "password": "x", "code": "1"});
    officer.post("/api/officer/login", typed).await;
    officer.delete("/api/officer/session").await;
    let new = json!({"login_id": "sato", "name": "佐藤花子", "role": "view"});
    manager.post("/api/officer/officers", new).await;

    let page = manager.get(AUDIT).await.json();
    assert_eq!(page["broken_at"], Value::Null);
    assert_eq!(page["next"], Value::Null);
    let rows: Vec<(&str, &str, &str, &str, &str)> = page["entries"]
        .as_array()
        .unwrap()
        .iter()
        .rev()
        .map(|entry| {
            let text = |key: &str| entry[key].as_str().unwrap();
            (text("actor"), text("address"), text("action"), text("subject"), text("detail"))
        })
        .collect();
    let (one, two) = (officer.login_id.as_str(), manager.login_id.as_str());
    let (near, far) = ("192.0.2.1", "198.51.100.7");
    assert_eq!(
        rows,
        [
            ("command", "", "officer_added", one, "role=view"),
            (one, near, "setup_finished", one, ""),
            (one, near, "login", one, ""),
            ("command", "", "officer_added", two, "role=manage"),
            (two, near, "setup_finished", two, ""),
            (two, near, "login", two, ""),
            ("", far, "login_failed", one, ""),
            ("", far, "login_failed", one, ""),
            ("", far, "login_failed", one, ""),
            ("", far, "login_failed", one, ""),
            ("", far, "login_blocked", one, "blocked_minutes=1"),
            ("", far, "login_failed", "", ""),
            (one, far, "logout", one, ""),
            (two, near, "officer_added", "sato", "role=view"),
            (two, near, "audit_viewed", "", ""),
        ]
    );
    assert!(!page.to_string().contains("佐藤"), "no person's name");
}

#[tokio::test]
async fn pages_follow_one_another_without_a_gap_and_the_export_holds_all_of_them() {
    let server = TestServer::start();
    let mut manager = Officer::new(&server, "aomori", Role::Manage).await;
    for _ in 0..120 {
        assert_eq!(manager.get("/api/officer/audit/export").await.status, 200);
    }
    let first = manager.get(AUDIT).await.json();
    assert_eq!(first["entries"].as_array().unwrap().len(), 100);
    let next = first["next"].as_i64().unwrap();
    let second = manager.get(&format!("{AUDIT}?before={next}")).await.json();
    let sequences = |page: &Value| -> Vec<i64> {
        page["entries"].as_array().unwrap().iter().map(|entry| entry["sequence"].as_i64().unwrap()).collect()
    };
    let all = [sequences(&first), sequences(&second)].concat();
    assert_eq!(all, (1..=124).rev().collect::<Vec<_>>());
    assert_eq!(second["next"], Value::Null);
    for wrong in ["before=x", "before=", "page=2"] {
        assert_eq!(manager.get(&format!("{AUDIT}?{wrong}")).await.code(), "bad_request");
    }
    assert_eq!(manager.get(&format!("{AUDIT}?before=-1")).await.json()["entries"], json!([]));

    let export = manager.get(&format!("{AUDIT}/export")).await;
    assert_eq!(export.header("content-disposition"), "attachment; filename=\"audit-aomori.jsonl\"");
    let lines = String::from_utf8(export.body).unwrap();
    assert_eq!(lines.lines().count(), 127);
    let last: Value = serde_json::from_str(lines.lines().last().unwrap()).unwrap();
    assert_eq!((&last["sequence"], &last["action"]), (&json!(127), &json!("audit_exported")));
}
