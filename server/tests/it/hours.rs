//! 利用時間, as a page meets them.

use std::sync::atomic::Ordering;

use serde_json::json;
use touroku_server::agency::Agencies;

use crate::support::client::{TestServer, no_limits};

const HOURS: &str = "[mail]\n => [hours]\u{1}open = \"08:30\"\u{1}close = \"20:00\"\u{1}[mail]\u{1}";

fn server() -> TestServer {
    TestServer::start_with(no_limits(), &HOURS.replace("[mail]\n", "[mail]"))
}

/// Sets the clock to a time in Japan.
fn set(server: &TestServer, time: &str) -> i64 {
    let time: jiff::Timestamp = format!("{time}+09:00").parse().unwrap();
    server.now.store(time.as_millisecond(), Ordering::SeqCst);
    time.as_millisecond()
}

#[tokio::test]
async fn outside_the_hours_no_session_begins_and_the_answer_says_when_one_may() {
    let server = server();
    let mut client = server.client();
    // Sunday before a holiday.
    let now = set(&server, "2026-11-22T23:00:00.5");
    let reply = client.begin().await;
    assert_eq!((reply.code().as_str(), reply.status.as_u16()), ("outside_hours", 403));
    let seconds = reply.json()["retry_after"].as_i64().unwrap();
    assert_eq!(reply.header("retry-after"), seconds.to_string());
    let state = client.get("/api/agencies/aomori/hours").await.json();
    let opens = state["changes_unix_ms"].as_i64().unwrap();
    assert_eq!((&state["open"], opens), (&json!(false), set(&server, "2026-11-24T08:30:00")));
    server.now.store(now + seconds * 1000, Ordering::SeqCst);
    assert_eq!(client.begin().await.code(), "");
    server.now.store(now + (seconds - 1) * 1000, Ordering::SeqCst);
    assert_eq!(client.begin().await.code(), "outside_hours");
}

#[tokio::test]
async fn a_session_that_runs_at_closing_time_goes_on_to_its_end() {
    let server = server();
    let mut client = server.client();
    set(&server, "2026-11-20T19:55:00");
    client.begin().await;
    let closes = client.get("/api/agencies/aomori/hours").await.json();
    assert_eq!(closes, json!({"open": true, "changes_unix_ms": set(&server, "2026-11-20T20:00:00")}));
    let reply = client.login(&server.card(7), "register").await;
    assert_eq!(reply.code(), "", "{reply:?}");
    assert_eq!(client.search("990000001", "（株）テスト商会０１").await.code(), "");
    assert_eq!(client.register("s-1", crate::support::client::form()).await.code(), "");
    // But it cannot be replaced by a new one.
    assert_eq!(client.begin().await.code(), "outside_hours");
    assert_eq!(client.get("/api/session").await.code(), "");
}

#[tokio::test]
async fn an_agency_without_hours_is_always_open() {
    let server = TestServer::start();
    let mut client = server.client();
    set(&server, "2027-01-01T03:00:00");
    assert_eq!(client.begin().await.code(), "");
    let state = client.get("/api/agencies/aomori/hours").await.json();
    assert_eq!(state, json!({"open": true, "changes_unix_ms": null}));
    assert_eq!(client.get("/api/agencies/nowhere/hours").await.code(), "agency_unknown");
}

#[test]
fn a_missing_or_broken_table_of_holidays_is_said_at_the_start() {
    let server = server();
    let folder = &server.folder;
    let agencies = folder.path().join("agencies");
    let table = agencies.join("holidays.csv");
    let fails = |other: Option<&std::path::Path>| match Agencies::load_with(&agencies, other) {
        Ok(_) => String::new(),
        Err(error) => error.to_string(),
    };
    assert_eq!(fails(None), "");
    std::fs::write(&table, "国民の祝日・休日月日,国民の祝日・休日名称\n2026/11/31,なし\n").unwrap();
    let said = fails(None);
    assert!(said.contains("holidays.csv") && said.contains("2行1列"), "{said}");
    let other = folder.path().join("other.csv");
    std::fs::write(&other, "2026/11/3,文化の日\n").unwrap();
    assert_eq!(fails(Some(&other)), "", "the configured table replaces it");
    std::fs::remove_file(&table).unwrap();
    assert!(fails(None).contains("holidays.csv"));
    assert!(fails(Some(&folder.path().join("nowhere.csv"))).contains("nowhere.csv"));
}
