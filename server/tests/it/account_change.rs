//! 簡易認証: 変更 of an ID, and a forgotten password.

use serde_json::{Value, json};
use touroku_server::http::limits::{Limits, Rate};

use crate::support::client::{Client, Reply, TestServer, account_form, edited, no_limits};

/// A server that reviews nothing, with one ID: taro01, oi25io14.
async fn server_with_id(limits: Limits) -> TestServer {
    let server = TestServer::start_at("shimonoseki", limits, "review = true => review = false");
    let mut client = server.client();
    client.reach_application().await;
    let reply = client.apply("a-1", account_form("taro01", "oi25io14")).await;
    assert_eq!(reply.code(), "", "{reply:?}");
    server.take_mails().await;
    server
}

async fn log_in(client: &mut Client, login_id: &str, password: &str) -> Value {
    let reply = client.log_in_by_id(login_id, password, "change").await;
    assert_eq!(reply.code(), "", "{reply:?}");
    reply.json()
}

async fn change(
    client: &mut Client,
    submission: &str,
    session: &Value,
    current: &str,
    changes: &[(&str, &str)],
) -> Reply {
    let body = json!({
        "submission": submission,
        "revision": session["company"]["revision"],
        "current_password": current,
        "values": edited(session, changes),
    });
    client.post("/api/account/change", body).await
}

async fn forget(client: &mut Client, login_id: &str, email: &str) -> Reply {
    let body = json!({"agency": "shimonoseki", "login_id": login_id, "email": email});
    client.post("/api/account/forgotten", body).await
}

async fn reset(client: &mut Client, token: &str, password: &str) -> Reply {
    client.post("/api/account/password", json!({"token": token, "password": password})).await
}

/// Waits for the mail with the link; its address and its token.
async fn mailed_token(server: &TestServer) -> (String, String) {
    loop {
        let mut mails = server.take_mails().await;
        if let Some((to, _, body)) = mails.pop() {
            assert_eq!(mails, [], "one mail, to the address that was named");
            let (_, link) = body.split_once("https://ebid.example.jp/reset#").unwrap();
            return (to, link.chars().take_while(char::is_ascii_hexdigit).collect());
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn id_password_and_contacts_change_and_both_addresses_are_told() {
    let server = server_with_id(no_limits()).await;
    let mut client = server.client();
    let mut elsewhere = server.client();
    log_in(&mut elsewhere, "taro01", "oi25io14").await;
    let session = log_in(&mut client, "taro01", "oi25io14").await;
    assert_eq!(session["company"]["occasion"], "change_account");

    let changes = [
        ("login_id", "hanako02"),
        ("login_password", "ne7u4k1z"),
        ("login_password_again", "ne7u4k1z"),
        ("applicant_contact_email", "new@example.jp"),
    ];
    let done = change(&mut client, "c-1", &session, "oi25io14", &changes).await;
    assert_eq!(done.code(), "", "{done:?}");
    let view = done.json();
    assert_eq!(view["completed"]["function"], "change_account");
    assert_eq!(
        (&view["login_id"], &view["completed"]["values"]["login_id"]),
        (&json!("hanako02"), &json!("hanako02"))
    );
    assert!(!String::from_utf8(done.body).unwrap().contains("ne7u4k1z"));
    let told = server.take_mails().await;
    let to: Vec<_> = told.iter().map(|mail| mail.0.as_str()).collect();
    assert_eq!(to, ["applicant@example.jp", "new@example.jp", "representative@example.jp"]);
    // Nobody has approved the ID: what it typed does not stand in others' mails.
    let says_by_whom = |mail: &(String, String, String)| {
        mail.2.contains("操作に使われたもの : 審査を経ていないID（受付番号 ") && !mail.2.contains("taro01")
    };
    assert!(told.iter().all(says_by_whom), "{told:?}");

    assert_eq!(elsewhere.get("/api/session").await.code(), "session_missing", "it held the old password");
    assert_eq!(client.get("/api/session").await.code(), "");
    assert_eq!(client.log_in_by_id("taro01", "oi25io14", "bid").await.code(), "credentials_wrong");
    assert_eq!(client.log_in_by_id("hanako02", "ne7u4k1z", "bid").await.code(), "");
}

#[tokio::test]
async fn a_password_left_empty_stays_and_sessions_go_on() {
    let server = server_with_id(no_limits()).await;
    let mut client = server.client();
    let mut elsewhere = server.client();
    log_in(&mut elsewhere, "taro01", "oi25io14").await;
    let session = log_in(&mut client, "taro01", "oi25io14").await;
    let changes = [("applicant_contact_person", "後任")];
    let mut twin = client.clone();
    let (one, two) = tokio::join!(
        change(&mut client, "c-1", &session, "oi25io14", &changes),
        change(&mut twin, "c-1", &session, "oi25io14", &changes)
    );
    assert_eq!((one.code(), two.code()), (String::new(), String::new()), "{one:?} {two:?}");
    assert_eq!(one.json()["completed"], two.json()["completed"]);
    assert_eq!(server.take_mails().await.len(), 2);
    assert_eq!(
        elsewhere.get("/api/session").await.json()["company"]["values"]["applicant_contact_person"],
        "後任"
    );
    assert_eq!(client.log_in_by_id("taro01", "oi25io14", "bid").await.code(), "");
}

#[tokio::test]
async fn a_page_left_open_or_gone_stale_changes_nothing() {
    let server = server_with_id(no_limits()).await;
    let mut client = server.client();
    let session = log_in(&mut client, "taro01", "oi25io14").await;
    let branch = [("branch", "支店")];
    assert_eq!(change(&mut client, "c-1", &session, "", &branch).await.code(), "credentials_wrong");
    assert_eq!(change(&mut client, "c-1", &session, "wrong123", &branch).await.code(), "credentials_wrong");
    let half = [("login_password", "ne7u4k1z"), ("login_password_again", "")];
    assert_eq!(change(&mut client, "c-1", &session, "oi25io14", &half).await.code(), "fields_invalid");

    let mut other = server.client();
    let seen = log_in(&mut other, "taro01", "oi25io14").await;
    assert_eq!(change(&mut other, "c-2", &seen, "oi25io14", &branch).await.code(), "");
    assert_eq!(change(&mut client, "c-1", &session, "oi25io14", &branch).await.code(), "stale");
    let fresh = client.get("/api/session").await.json();
    assert_eq!(fresh["company"]["values"]["branch"], "支店");
    assert_eq!(change(&mut client, "c-1", &fresh, "oi25io14", &branch).await.code(), "");

    let bid = client.log_in_by_id("taro01", "oi25io14", "bid").await.json();
    assert_eq!(change(&mut client, "c-9", &bid, "oi25io14", &branch).await.code(), "session_missing");
    client.begin_by_id().await;
    assert_eq!(change(&mut client, "c-9", &bid, "oi25io14", &branch).await.code(), "session_missing");
}

#[tokio::test]
async fn a_draft_of_a_change_comes_back_with_the_id_and_holds_no_password() {
    let server = server_with_id(no_limits()).await;
    let mut client = server.client();
    log_in(&mut client, "taro01", "oi25io14").await;
    let typed = json!({"branch": "書きかけ", "login_password": "ne7u4k1z"});
    assert_eq!(client.send("PUT", "/api/draft", json!({"values": typed})).await.status, 204);
    let session = log_in(&mut client, "taro01", "oi25io14").await;
    assert_eq!(session["draft"], json!({"branch": "書きかけ"}));
    assert_eq!(client.log_in_by_id("taro01", "oi25io14", "bid").await.json()["draft"], Value::Null);
    let session = log_in(&mut client, "taro01", "oi25io14").await;
    change(&mut client, "c-1", &session, "oi25io14", &[]).await;
    assert_eq!(log_in(&mut client, "taro01", "oi25io14").await["draft"], Value::Null);
}

#[tokio::test]
async fn an_id_of_another_company_is_not_to_be_had() {
    let server = server_with_id(no_limits()).await;
    let mut other = server.client();
    other.begin_by_id().await;
    other.search_other().await;
    assert_eq!(other.apply("a-1", account_form("jiro03", "ot8h3rq5")).await.code(), "");
    let session = log_in(&mut other, "jiro03", "ot8h3rq5").await;
    let taken = change(&mut other, "c-1", &session, "ot8h3rq5", &[("login_id", "Taro01")]).await;
    assert_eq!(taken.code(), "login_id_taken");
    let case = change(&mut other, "c-1", &session, "ot8h3rq5", &[("login_id", "JIRO03")]).await;
    assert_eq!(case.code(), "", "one's own in another case is");
}

#[tokio::test]
async fn a_mailed_link_sets_a_new_password_once() {
    let server = server_with_id(no_limits()).await;
    let mut client = server.client();
    let mut elsewhere = server.client();
    log_in(&mut elsewhere, "taro01", "oi25io14").await;
    // None of these can be told from the last by its answer.
    assert_eq!(forget(&mut client, "nobody99", "applicant@example.jp").await.status, 204);
    assert_eq!(forget(&mut client, "taro01", "stranger@example.jp").await.status, 204);
    assert_eq!(forget(&mut client, "taro01", "").await.status, 204);
    assert_eq!(forget(&mut client, "TARO01", " Applicant@example.jp ").await.status, 204);
    let (to, token) = mailed_token(&server).await;
    assert_eq!((to.as_str(), token.len()), ("applicant@example.jp", 64));

    let weak = reset(&mut client, &token, "onlyletters").await;
    assert_eq!(
        (weak.code().as_str(), &weak.json()["fields"][0]["field"]),
        ("fields_invalid", &json!("login_password"))
    );
    assert_eq!(reset(&mut client, &token, "").await.json()["fields"][0]["problem"], "required");
    let mut twin = client.clone();
    let (one, two) =
        tokio::join!(reset(&mut client, &token, "ne7u4k1z"), reset(&mut twin, &token, "ne7u4k1z"));
    let mut codes = [one.code(), two.code()];
    codes.sort();
    assert_eq!(codes, ["", "link_invalid"]);
    assert_eq!(reset(&mut client, &token, "ne7u4k1z").await.code(), "link_invalid");
    let told = server.take_mails().await;
    assert!(told.len() == 2 && told[0].1.contains("変更"), "{told:?}");
    assert!(told.iter().all(|mail| mail.2.contains("内容 : パスワードが再設定されました")), "{told:?}");

    assert_eq!(elsewhere.get("/api/session").await.code(), "session_missing");
    assert_eq!(client.log_in_by_id("taro01", "oi25io14", "bid").await.code(), "credentials_wrong");
    assert_eq!(client.log_in_by_id("taro01", "ne7u4k1z", "bid").await.code(), "");
}

#[tokio::test]
async fn a_link_is_void_after_half_an_hour_or_a_change_and_no_newer_one_takes_its_place() {
    let server = server_with_id(no_limits()).await;
    let mut client = server.client();
    forget(&mut client, "taro01", "applicant@example.jp").await;
    let (_, first) = mailed_token(&server).await;
    forget(&mut client, "taro01", "representative@example.jp").await;
    let (to, second) = mailed_token(&server).await;
    assert_eq!(to, "representative@example.jp");
    // A weak one is refused as such: the link stays valid. A new request, perhaps by a stranger, voids none.
    for link in [&first, &second] {
        assert_eq!(reset(&mut client, link, "x").await.code(), "fields_invalid");
    }
    server.wait(30 * 60_000);
    for link in [&first, &second] {
        assert_eq!(reset(&mut client, link, "ne7u4k1z").await.code(), "link_invalid");
    }

    forget(&mut client, "taro01", "applicant@example.jp").await;
    let (_, third) = mailed_token(&server).await;
    let session = log_in(&mut client, "taro01", "oi25io14").await;
    let password = [("login_password", "ne7u4k1z"), ("login_password_again", "ne7u4k1z")];
    assert_eq!(change(&mut client, "c-1", &session, "oi25io14", &password).await.code(), "");
    assert_eq!(reset(&mut client, &third, "an5d9r2e").await.code(), "link_invalid");
    for token in ["", "zz", &"0".repeat(64), &"0".repeat(66)] {
        assert_eq!(reset(&mut client, token, "ne7u4k1z").await.code(), "link_invalid", "{token}");
    }
    assert_eq!(forget(&mut client, "taro01", "x").await.status, 204);
    let nowhere = json!({"agency": "nowhere", "login_id": "taro01", "email": "x"});
    assert_eq!(client.post("/api/account/forgotten", nowhere).await.code(), "agency_unknown");
}

#[tokio::test]
async fn links_are_asked_for_so_often_whether_there_is_such_an_id_or_not() {
    let rate = Rate { count: 2, seconds: 600 };
    let server = server_with_id(Limits { forgotten_id: rate, ..no_limits() }).await;
    let mut client = server.client();
    for id in ["taro01", "nobody99"] {
        assert_eq!(forget(&mut client, id, "x@example.jp").await.status, 204);
        assert_eq!(forget(&mut client, &id.to_uppercase(), "x@example.jp").await.status, 204);
        assert_eq!(forget(&mut client, id, "x@example.jp").await.code(), "rate_limited");
    }
}
