//! A clock that is far off, and put right again: nobody is locked out, nothing lives longer than it may, nothing is lost.

use std::sync::atomic::Ordering;

use serde_json::json;
use touroku_proto::officer::Role;
use touroku_server::{jobs::tidy::tidy, officer::audit};

use crate::support::{
    client::{ORIGIN, TestServer},
    officer::{Officer, PASSWORD},
};

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

/// Both ways that clocks are off: an hour, as by a wrong time zone; more than a year, as without a battery.
const JUMPS: [i64; 4] = [-400 * DAY, -HOUR, HOUR, 400 * DAY];

/// The wall clock jumps; nothing has passed.
fn jump(server: &TestServer, by: i64) {
    server.now.fetch_add(by, Ordering::SeqCst);
}

#[tokio::test]
async fn an_officer_signs_in_while_the_clock_is_off_and_afterwards_and_each_code_works_once() {
    for by in JUMPS {
        let server = TestServer::start();
        let mut officer = Officer::new(&server, "aomori", Role::View).await;
        assert_eq!(officer.log_in(&server).await.code(), "");
        jump(&server, by);
        assert_eq!(officer.log_in(&server).await.code(), "", "{by}");
        jump(&server, -by);
        assert_eq!(officer.log_in(&server).await.code(), "", "{by} and back");
        let code = officer.authenticator.code(&server);
        let again = officer.try_to_log_in(PASSWORD, &code).await.code();
        assert_eq!(again, "credentials_wrong", "{by}: a code works once");
    }
}

#[tokio::test]
async fn what_began_while_the_clock_was_ahead_ends_as_soon_as_if_it_had_begun_when_it_was_put_right() {
    for by in [HOUR, 400 * DAY] {
        let server = TestServer::start();
        jump(&server, by);
        let mut client = server.client();
        client.begin().await;
        let nonce = client.challenge("register").await;
        let mut officer = Officer::new(&server, "aomori", Role::View).await;
        jump(&server, -by);
        tidy(&server.app).await.unwrap();
        assert_eq!(client.get("/api/session").await.code(), "", "{by}: the session is lost");
        server.wait(6 * 60_000);
        let token = server.card(7).token(ORIGIN, &nonce);
        let answer = json!({"token": token, "purpose": "register", "person_in_charge": "担当"});
        assert_eq!(client.post("/api/login", answer).await.code(), "nonce_expired", "{by}");
        server.wait(31 * 60_000);
        assert_eq!(client.get("/api/session").await.code(), "session_missing", "{by}");
        assert_eq!(officer.get("/api/officer/session").await.code(), "session_missing", "{by}");
        assert_eq!(officer.log_in(&server).await.code(), "", "{by}");
    }
}

/// A server with a draft.
async fn with_draft() -> TestServer {
    let server = TestServer::start();
    let mut client = server.client();
    client.reach_form(&server.card(7)).await;
    let values = json!({"card_contact_person": "試験 太郎"});
    assert_eq!(client.send("PUT", "/api/draft", json!({ "values": values })).await.code(), "");
    server
}

#[tokio::test]
async fn a_clock_that_is_a_year_ahead_takes_no_draft_and_one_that_goes_on_evenly_does() {
    let server = with_draft().await;
    let drafts = || server.value("SELECT count(*) FROM draft");
    tidy(&server.app).await.unwrap();
    jump(&server, 400 * DAY);
    for _ in 0..20 {
        tidy(&server.app).await.unwrap();
        server.wait(HOUR);
    }
    assert_eq!(drafts(), "1", "taken within a day of the jump");
    jump(&server, -400 * DAY);
    for _ in 0..29 * 4 {
        tidy(&server.app).await.unwrap();
        server.wait(6 * HOUR);
    }
    assert_eq!(drafts(), "1", "taken too early");
    for _ in 0..8 {
        tidy(&server.app).await.unwrap();
        server.wait(6 * HOUR);
    }
    assert_eq!(drafts(), "0");
}

#[tokio::test]
async fn what_ended_in_a_jump_of_the_clock_only_lives_again_when_it_is_put_right() {
    let server = TestServer::start();
    let mut officer = Officer::new(&server, "aomori", Role::View).await;
    assert_eq!(officer.log_in(&server).await.code(), "");
    tidy(&server.app).await.unwrap();
    jump(&server, 400 * DAY);
    tidy(&server.app).await.unwrap();
    jump(&server, -400 * DAY);
    tidy(&server.app).await.unwrap();
    assert_eq!(officer.get("/api/officer/session").await.code(), "", "signed out by a minute");
    server.wait(13 * HOUR);
    for _ in 0..4 {
        tidy(&server.app).await.unwrap();
        server.wait(DAY / 2);
    }
    assert_eq!(server.value("SELECT count(*) FROM officer_session"), "0");
}

#[tokio::test]
async fn two_servers_whose_clocks_differ_by_seconds_tidy_like_one() {
    let server = with_draft().await;
    for _ in 0..32 * 2 {
        for behind in [-3_000, 3_000] {
            jump(&server, behind);
            tidy(&server.app).await.unwrap();
        }
        server.wait(DAY / 2);
    }
    assert_eq!(server.value("SELECT count(*) FROM draft"), "0");
}

#[tokio::test]
async fn the_weekly_mail_of_the_audits_end_comes_again_after_a_clock_that_was_ahead() {
    let server = TestServer::start();
    let _officer = Officer::new(&server, "aomori", Role::Manage).await;
    let mails = || server.value("SELECT count(*) FROM outbox WHERE subject LIKE '%監査記録の控え%'");
    jump(&server, 400 * DAY);
    audit::tend(&server.app).await;
    let ahead = mails();
    assert_ne!(ahead, "0");
    jump(&server, -400 * DAY);
    audit::tend(&server.app).await;
    assert_ne!(mails(), ahead);
    let back = mails();
    audit::tend(&server.app).await;
    assert_eq!(mails(), back, "once");
}
