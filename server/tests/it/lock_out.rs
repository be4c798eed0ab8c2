//! Guesses slow the guesser down, and lock nobody else out.

use serde_json::json;
use touroku_proto::officer::Role;
use touroku_server::http::limits::{Limits, Rate};

use crate::support::{
    client::{Client, TestServer, account_form, no_limits},
    officer::{Officer, PASSWORD, STEP},
};

/// An unknown browser at that address.
fn at(server: &TestServer, last: u8) -> Client {
    let mut client = server.client();
    client.peer = ([203, 0, 113, last], 9).into();
    client
}

async fn guess(client: &mut Client, login_id: &str) -> String {
    let login = json!({"agency": "aomori", "login_id": login_id, "password": "x", "code": "000000"});
    client.post("/api/officer/login", login).await.code()
}

async fn log_in(server: &TestServer, client: &mut Client, officer: &Officer) -> String {
    server.wait(STEP);
    let code = officer.authenticator.code(server);
    let login = json!({"agency": "aomori", "login_id": officer.login_id, "password": PASSWORD, "code": code});
    client.post("/api/officer/login", login).await.code()
}

#[tokio::test]
async fn a_strangers_guesses_at_a_name_do_not_lock_its_owner_out() {
    let server = TestServer::start();
    let mut officer = Officer::new(&server, "aomori", Role::View).await;
    let mut stranger = at(&server, 1);
    for _ in 0..5 {
        assert_eq!(guess(&mut stranger, &officer.login_id).await, "credentials_wrong");
    }
    assert_eq!(guess(&mut stranger, &officer.login_id).await, "rate_limited");
    assert_eq!(
        guess(&mut at(&server, 2), &officer.login_id).await,
        "rate_limited",
        "strangers count together"
    );

    let mut known_browser = at(&server, 3);
    known_browser.known = officer.client.known.clone();
    assert!(known_browser.known.is_some());
    assert_eq!(log_in(&server, &mut known_browser, &officer).await, "", "elsewhere, with the known browser");
    let mut known_address = server.client();
    assert_eq!(
        log_in(&server, &mut known_address, &officer).await,
        "",
        "another browser, where it was before"
    );

    server.wait(STEP);
    let change = json!({"current": PASSWORD, "code": officer.authenticator.code(&server),
                        "password": "another long and odd phrase"});
    assert_eq!(officer.post("/api/officer/password", change).await.code(), "");
}

#[tokio::test]
async fn a_known_browser_has_a_counter_of_its_own_for_its_own_account_only() {
    let server = TestServer::start();
    let one = Officer::new(&server, "aomori", Role::View).await;
    let other = Officer::new(&server, "aomori", Role::View).await;
    for _ in 0..5 {
        guess(&mut at(&server, 1), &other.login_id).await;
    }
    let mut others = at(&server, 2);
    others.known = one.client.known.clone();
    assert_eq!(guess(&mut others, &other.login_id).await, "rate_limited", "known for another account");
    let mut forged = at(&server, 3);
    let known = other.client.known.clone().unwrap();
    let last = if known.ends_with('0') { "1" } else { "0" };
    forged.known = Some(format!("{}{last}", &known[..known.len() - 1]));
    assert_eq!(guess(&mut forged, &other.login_id).await, "rate_limited");

    let mut stolen = at(&server, 4);
    stolen.known = other.client.known.clone();
    for _ in 0..5 {
        assert_eq!(guess(&mut stolen, &other.login_id).await, "credentials_wrong");
    }
    assert_eq!(guess(&mut stolen, &other.login_id).await, "rate_limited", "and is slowed down, too");
}

#[tokio::test]
async fn one_browser_is_known_for_several_accounts() {
    let server = TestServer::start();
    let (one, other) = (
        Officer::new(&server, "aomori", Role::View).await,
        Officer::new(&server, "aomori", Role::View).await,
    );
    let mut shared = server.client();
    assert_eq!(log_in(&server, &mut shared, &one).await, "");
    assert_eq!(log_in(&server, &mut shared, &other).await, "");
    let known = shared.known.clone();
    assert_eq!(log_in(&server, &mut shared, &one).await, "");
    assert_eq!(shared.known, known, "nothing new to keep");
    for officer in [&one, &other] {
        for _ in 0..6 {
            guess(&mut at(&server, 1), &officer.login_id).await;
        }
        shared.peer = ([203, 0, 113, 9], 9).into();
        assert_eq!(log_in(&server, &mut shared, officer).await, "");
    }
}

#[tokio::test]
async fn a_strangers_guesses_at_an_id_do_not_lock_its_company_out() {
    let limits = Limits { login_id: Rate { count: 3, seconds: 600 }, ..no_limits() };
    let profile = "review = true => review = false";
    let server = TestServer::start_at("shimonoseki", limits, profile);
    let mut owner = server.client();
    owner.reach_application().await;
    assert_eq!(owner.apply("s-1", account_form("taro01", "oi25io14")).await.code(), "");
    assert_eq!(owner.log_in_by_id("taro01", "oi25io14", "bid").await.code(), "");

    let mut stranger = at(&server, 1);
    while stranger.log_in_by_id("taro01", "guess123", "bid").await.code() == "credentials_wrong" {}
    assert_eq!(stranger.log_in_by_id("TARO01", "oi25io14", "bid").await.code(), "rate_limited");
    let mut known_browser = at(&server, 2);
    known_browser.known = owner.known.clone();
    assert_eq!(known_browser.log_in_by_id("taro01", "oi25io14", "bid").await.code(), "");
    let mut known_address = server.client();
    assert_eq!(known_address.log_in_by_id("taro01", "oi25io14", "bid").await.code(), "");
}

#[tokio::test]
async fn two_servers_on_one_database_count_guesses_together() {
    let limits = Limits { login_id: Rate { count: 2, seconds: 600 }, ..no_limits() };
    let server = TestServer::start_at("shimonoseki", limits, "");
    let (mut here, mut there) = (at(&server, 1), server.browser_beside(limits));
    assert_eq!(here.log_in_by_id("taro01", "guess123", "bid").await.code(), "credentials_wrong");
    assert_eq!(there.log_in_by_id("taro01", "guess123", "bid").await.code(), "credentials_wrong");
    assert_eq!(here.log_in_by_id("taro01", "guess123", "bid").await.code(), "rate_limited");
    assert_eq!(there.log_in_by_id("taro01", "guess123", "bid").await.code(), "rate_limited");
    server.wait(300_000);
    assert_eq!(there.log_in_by_id("taro01", "guess123", "bid").await.code(), "credentials_wrong");
}

#[tokio::test]
async fn searches_without_a_card_keep_nobody_from_searching_with_one() {
    let limits = Limits {
        search_number: Rate { count: 2, seconds: 600 },
        search_address: Rate { count: 3, seconds: 600 },
        ..no_limits()
    };
    let server = TestServer::start_at("shimonoseki", limits, "");
    for _ in 0..2 {
        assert_eq!(server.client().reach_application().await.code(), "");
    }
    assert_eq!(server.client().reach_application().await.code(), "rate_limited");
    let mut with_card = server.client();
    let place = json!({"agency": "shimonoseki", "category": "small", "way": "card"});
    assert_eq!(with_card.post("/api/session", place).await.code(), "");
    assert_eq!(with_card.login(&server.card(7), "register").await.code(), "");
    assert_eq!(with_card.search("990000001", "（株）テスト商会０１").await.code(), "");
}

#[tokio::test]
async fn a_clock_that_was_set_back_locks_nobody_out_by_what_was_counted_before() {
    let hour = 3_600_000;
    let limits = Limits { login_id: Rate { count: 3, seconds: 600 }, ..no_limits() };
    let server = TestServer::start_at("shimonoseki", limits, "review = true => review = false");
    let mut client = server.client();
    client.reach_application().await;
    assert_eq!(client.apply("s-1", account_form("taro01", "oi25io14")).await.code(), "");
    let mut stranger = at(&server, 1);
    while stranger.log_in_by_id("taro01", "wrong", "bid").await.code() != "rate_limited" {}
    assert_eq!(at(&server, 2).log_in_by_id("taro01", "oi25io14", "bid").await.code(), "rate_limited");
    server.now.fetch_sub(hour, std::sync::atomic::Ordering::SeqCst);
    assert_eq!(at(&server, 2).log_in_by_id("taro01", "oi25io14", "bid").await.code(), "");
    let codes = [
        at(&server, 3).log_in_by_id("taro01", "wrong", "bid").await.code(),
        at(&server, 3).log_in_by_id("taro01", "wrong", "bid").await.code(),
    ];
    assert!(codes.contains(&"rate_limited".to_owned()), "it still limits: {codes:?}");

    let server = TestServer::start();
    let officer = Officer::new(&server, "aomori", Role::View).await;
    for _ in 0..5 {
        guess(&mut at(&server, 1), &officer.login_id).await;
    }
    assert_eq!(guess(&mut at(&server, 1), &officer.login_id).await, "rate_limited");
    server.now.fetch_sub(hour, std::sync::atomic::Ordering::SeqCst);
    assert_eq!(guess(&mut at(&server, 1), &officer.login_id).await, "credentials_wrong");
    assert_eq!(
        guess(&mut at(&server, 1), &officer.login_id).await,
        "rate_limited",
        "and waits as long as before"
    );
}
