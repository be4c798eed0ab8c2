//! An officer's sign-in: link, password, code, delays, sessions.

use serde_json::json;
use touroku_proto::officer::Role;

use crate::support::{
    client::TestServer,
    officer::{Authenticator, Officer, PASSWORD, STEP, add, token_of},
};

const SETUP: &str = "/api/officer/setup";
const HOUR: i64 = 3_600_000;

#[tokio::test]
async fn a_new_officer_sets_up_password_and_authenticator_and_signs_in_with_them() {
    let server = TestServer::start();
    let mut officer = Officer::new(&server, "aomori", Role::Review).await;
    let session = officer.get("/api/officer/session").await.json();
    assert_eq!(session["role"], "review");
    assert_eq!(session["agency_name"], "青森市");
    assert_eq!(session["has_card"], false);

    assert_eq!(officer.delete("/api/officer/session").await.status, 204);
    assert_eq!(officer.get("/api/officer/session").await.code(), "session_missing");
    let first = officer.log_in(&server).await;
    assert_eq!(first.code(), "", "{first:?}");
    let cookie = first.header("set-cookie");
    for part in ["__Host-touroku-officer=", "; Path=/", "; Secure", "; HttpOnly", "; SameSite=Strict"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert!(!cookie.contains("Domain"), "{cookie}");
}

#[tokio::test]
async fn every_sign_in_gives_a_new_key_and_tells_of_the_one_before() {
    let server = TestServer::start();
    let mut officer = Officer::new(&server, "aomori", Role::View).await;
    let (before, cookie) =
        (server.now.load(std::sync::atomic::Ordering::SeqCst), officer.client.cookie.clone());
    let mut former = officer.client.clone();
    let reply = officer.log_in(&server).await;
    assert_eq!(reply.json()["previous_login_unix_ms"], before);
    assert_ne!(officer.client.cookie, cookie);
    assert_eq!(
        former.get("/api/officer/session").await.code(),
        "session_missing",
        "replaced in this browser"
    );
}

#[tokio::test]
async fn a_wrong_password_a_wrong_code_and_an_unknown_account_are_answered_alike() {
    let server = TestServer::start();
    let mut officer = Officer::new(&server, "aomori", Role::View).await;
    server.wait(STEP);
    let code = officer.authenticator.code(&server);
    let wrong = format!("{:06}", (code.parse::<u32>().unwrap() + 1) % 1_000_000);
    for (password, code) in
        [("not the password", code.as_str()), (PASSWORD, &wrong), (PASSWORD, ""), ("", &code)]
    {
        let reply = officer.try_to_log_in(password, code).await;
        assert_eq!((reply.code().as_str(), reply.status.as_u16()), ("credentials_wrong", 422));
    }
    let login = json!({"agency": "aomori", "login_id": "nobody", "password": PASSWORD, "code": code});
    assert_eq!(officer.post("/api/officer/login", login).await.code(), "credentials_wrong");
    let login = json!({"agency": "nowhere", "login_id": "nobody", "password": PASSWORD, "code": code});
    assert_eq!(officer.post("/api/officer/login", login).await.code(), "agency_unknown");
    assert_eq!(
        officer.try_to_log_in(PASSWORD, &code).await.code(),
        "",
        "the code was not spent by the failures"
    );
}

#[tokio::test]
async fn a_code_works_once() {
    let server = TestServer::start();
    let mut officer = Officer::new(&server, "aomori", Role::View).await;
    let code = officer.authenticator.code(&server);
    assert_eq!(
        officer.try_to_log_in(PASSWORD, &code).await.code(),
        "credentials_wrong",
        "spent by the setup"
    );
    server.wait(STEP);
    let code = officer.authenticator.code(&server);
    assert_eq!(officer.try_to_log_in(PASSWORD, &code).await.code(), "");
    assert_eq!(officer.try_to_log_in(PASSWORD, &code).await.code(), "credentials_wrong");
}

#[tokio::test]
async fn failures_are_followed_by_growing_delays_whether_there_is_such_an_account_or_not() {
    let server = TestServer::start();
    let known = Officer::new(&server, "aomori", Role::View).await;
    let mut client = server.client();
    let mut seen = Vec::new();
    for login_id in [known.login_id.as_str(), "nobody"] {
        let login = json!({"agency": "aomori", "login_id": login_id, "password": "x", "code": "000000"});
        let mut answers = Vec::new();
        for _ in 0..5 {
            answers.push((client.post("/api/officer/login", login.clone()).await.code(), 0));
        }
        for _ in 0..8 {
            let reply = client.post("/api/officer/login", login.clone()).await;
            let retry_after = reply.json()["retry_after"].as_i64().unwrap();
            answers.push((reply.code(), retry_after));
            server.wait(retry_after * 1000);
            assert_eq!(client.post("/api/officer/login", login.clone()).await.code(), "credentials_wrong");
        }
        seen.push(answers);
    }
    assert_eq!(seen[0], seen[1]);
    let delays: Vec<i64> = seen[0][5..].iter().map(|(_, delay)| delay / 60).collect();
    assert_eq!(delays, [1, 2, 4, 8, 16, 32, 60, 60]);
}

#[tokio::test]
async fn a_delay_survives_a_restart_and_holds_for_the_right_password_and_a_success_forgives() {
    let server = TestServer::start();
    let mut officer = Officer::new(&server, "aomori", Role::View).await;
    for _ in 0..5 {
        officer.try_to_log_in("x", "000000").await;
    }
    let server = server.restart();
    officer.client.router = server.client().router;
    let code = officer.authenticator.code(&server);
    assert_eq!(officer.try_to_log_in(PASSWORD, &code).await.code(), "rate_limited");
    server.wait(60_000);
    assert_eq!(officer.log_in(&server).await.code(), "");
    for _ in 0..5 {
        assert_eq!(officer.try_to_log_in("x", "000000").await.code(), "credentials_wrong");
    }
    assert_eq!(officer.try_to_log_in("x", "000000").await.code(), "rate_limited");
}

#[tokio::test]
async fn a_link_works_once_and_for_three_days_and_a_new_one_ends_the_old() {
    let server = TestServer::start();
    let mut client = server.client();
    let link = add(&server, "aomori", "sato", Role::Manage).await;
    let token = token_of(&link);
    let begin = json!({"token": token});
    let setup = client.post("/api/officer/setup/begin", begin.clone()).await;
    let again = client.post("/api/officer/setup/begin", begin.clone()).await;
    assert_eq!(setup.json(), again.json(), "a page that was reloaded goes on");
    let rows = setup.json()["qr"].as_array().unwrap().len();
    assert!(rows >= 21 && setup.json()["qr"][0].as_str().unwrap().len() == rows);
    assert!(setup.json()["uri"].as_str().unwrap().starts_with("otpauth://totp/"));

    let authenticator = Authenticator::of(&setup);
    let finish = |password: &str, code: &str| json!({"token": token, "password": password, "code": code});
    let code = authenticator.code(&server);
    for (password, code, refusal) in [
        ("short", code.as_str(), "password_weak"),
        ("password1234", &code, "password_weak"),
        (&"a b ".repeat(40), &code, "password_weak"),
        (PASSWORD, "000000", "credentials_wrong"),
    ] {
        assert_eq!(client.post(SETUP, finish(password, code)).await.code(), refusal);
    }
    let why = client.post(SETUP, finish("password1234", &code)).await.json();
    assert_eq!(why["fields"][0]["problem"]["guessable"]["why"], "common", "as companies hear it: {why}");
    server.wait(72 * HOUR - 1);
    let code = authenticator.code(&server);
    assert_eq!(client.post(SETUP, finish(PASSWORD, &code)).await.code(), "");
    assert_eq!(client.post(SETUP, finish(PASSWORD, &code)).await.code(), "link_invalid");
    assert_eq!(client.post("/api/officer/setup/begin", begin).await.code(), "link_invalid");

    let link = add(&server, "aomori", "suzuki", Role::View).await;
    server.wait(72 * HOUR);
    let begin = json!({"token": token_of(&link)});
    assert_eq!(client.post("/api/officer/setup/begin", begin).await.code(), "link_invalid");
    for wrong in ["", "zz", "00", &"0".repeat(64), &"0".repeat(60_000)] {
        let reply = client.post("/api/officer/setup/begin", json!({"token": wrong})).await;
        assert_eq!(reply.code(), "link_invalid");
    }
}

#[tokio::test]
async fn a_session_ends_when_idle_and_after_half_a_day_whatever_is_asked() {
    let server = TestServer::start();
    let mut officer = Officer::new(&server, "aomori", Role::View).await;
    server.wait(30 * 60_000);
    assert_eq!(officer.get("/api/officer/session").await.code(), "session_missing");
    assert_eq!(officer.log_in(&server).await.code(), "");
    let ends = officer.get("/api/officer/session").await.json()["ends_unix_ms"].clone();
    for _ in 0..36 {
        server.wait(20 * 60_000 - 1);
        assert_eq!(officer.get("/api/officer/session").await.code(), "");
    }
    // The page has said when from the beginning.
    let last = officer.get("/api/officer/session").await.json();
    assert!(last["expires_unix_ms"] == ends && last["ends_unix_ms"] == ends, "{last}");
    server.wait(60_000);
    assert_eq!(officer.get("/api/officer/session").await.code(), "session_missing");
}

#[tokio::test]
async fn many_guesses_at_once_are_five() {
    let server = TestServer::start();
    let officer = Officer::new(&server, "aomori", Role::View).await;
    let mut guesses = tokio::task::JoinSet::new();
    for number in 0..20 {
        let mut client = server.client();
        let login = json!({"agency": "aomori", "login_id": officer.login_id, "password": number.to_string(), "code": "0"});
        guesses.spawn(async move { client.post("/api/officer/login", login).await.code() });
    }
    let answers = guesses.join_all().await;
    assert_eq!(answers.iter().filter(|code| *code == "credentials_wrong").count(), 5, "{answers:?}");
    assert_eq!(answers.iter().filter(|code| *code == "rate_limited").count(), 15, "{answers:?}");
}

#[tokio::test]
async fn of_two_who_use_a_link_at_once_one_has_the_account() {
    let server = TestServer::start();
    let link = add(&server, "aomori", "sato", Role::View).await;
    let (mut one, mut other) = (server.client(), server.client());
    let setup = one.post("/api/officer/setup/begin", json!({"token": token_of(&link)})).await;
    let code = Authenticator::of(&setup).code(&server);
    let finish = json!({"token": token_of(&link), "password": PASSWORD, "code": code});
    let (first, second) = tokio::join!(one.post(SETUP, finish.clone()), other.post(SETUP, finish));
    let mut codes = [first.code(), second.code()];
    codes.sort();
    assert_eq!(codes, ["", "link_invalid"]);
}

#[tokio::test]
async fn the_same_code_sent_twice_at_once_signs_in_once() {
    let server = TestServer::start();
    let officer = Officer::new(&server, "aomori", Role::View).await;
    server.wait(STEP);
    let code = officer.authenticator.code(&server);
    let login = json!({"agency": "aomori", "login_id": officer.login_id, "password": PASSWORD, "code": code});
    let (mut one, mut other) = (server.client(), server.client());
    let path = "/api/officer/login";
    let (first, second) = tokio::join!(one.post(path, login.clone()), other.post(path, login));
    let mut codes = [first.code(), second.code()];
    codes.sort();
    assert_eq!(codes, ["", "credentials_wrong"]);
}
