//! What a stranger might try with mails and their links: flooding, suppressing, speaking in our name, guessing.

use serde_json::{Value, json};

use crate::support::client::{Client, ORIGIN, TestServer, account_form, form, no_limits};

const AGENCY: &str = "shimonoseki";

fn server(profile: &str) -> TestServer {
    TestServer::start_at(AGENCY, no_limits(), profile)
}

/// An ID of the company approved by an officer.
async fn with_id(server: &TestServer) {
    let mut client = server.client();
    client.reach_application().await;
    assert_eq!(client.apply("own", account_form("taro01", "oi25io14")).await.code(), "");
    let mut officer = server.officer(AGENCY, "sato", "review");
    assert_eq!(officer.look_and_decide("account", &json!(1), None).await.code(), "");
    server.take_mails().await;
}

async fn forget(client: &mut Client, host: &str) {
    let body = json!({"agency": AGENCY, "login_id": "taro01", "email": "applicant@example.jp"}).to_string();
    let headers = [("origin", ORIGIN), ("content-type", "application/json"), ("host", host)];
    assert_eq!(client.raw("POST", "/api/account/forgotten", &headers, body).await.status, 204);
}

/// Requests it this often, and waits until all of it is written: that happens after the answer.
async fn flood(server: &TestServer, stranger: &mut Client, times: usize) {
    for _ in 0..times {
        forget(stranger, "ebid.example.jp").await;
    }
    let mut officer = server.officer(AGENCY, "suzuki", "view");
    loop {
        let page = officer.get("/api/officer/companies/990000001").await.json();
        let mails = page["mails"].as_array().unwrap().iter();
        if mails.filter(|mail| mail["subject"].as_str().unwrap().contains("再設定")).count() == times {
            return;
        }
        tokio::task::yield_now().await;
    }
}

/// The mails that are written after the answer, this many.
async fn written(server: &TestServer, count: usize) -> Vec<(String, String, String)> {
    let mut mails = Vec::new();
    while mails.len() < count {
        mails.extend(server.take_mails().await);
        tokio::task::yield_now().await;
    }
    mails
}

fn token(body: &str, path: &str) -> String {
    let (_, link) = body.split_once(&format!("{ORIGIN}/{path}#")).unwrap_or_else(|| panic!("{path}: {body}"));
    link.chars().take_while(char::is_ascii_hexdigit).collect()
}

#[tokio::test]
async fn a_stranger_who_uses_the_mails_of_a_day_up_keeps_back_nothing_that_a_company_is_told() {
    let server = server("");
    with_id(&server).await;
    let mut stranger = server.client();
    flood(&server, &mut stranger, 40).await;
    assert!(server.take_mails().await.len() < 11, "of 40");
    // Then the act that should stay unnoticed.
    stranger.reach_application().await;
    assert_eq!(stranger.apply("theirs", account_form("stranger7", "oi25io14")).await.code(), "");
    let mut values = account_form("stranger8", "oi25io14");
    for field in ["applicant_contact_email", "representative_contact_email"] {
        values[field] = "stranger@example.com".into();
        values[format!("{field}_again")] = "stranger@example.com".into();
    }
    let mut other = server.client();
    other.reach_application().await;
    assert_eq!(other.apply("theirs-too", values).await.code(), "");
    let told = server.take_mails().await;
    assert!(
        told.iter().any(|mail| mail.0 == "applicant@example.jp" && mail.2.contains("ID登録申請がありました")),
        "{told:?}"
    );
}

#[tokio::test]
async fn a_stranger_who_uses_the_mails_of_a_day_up_leaves_the_owner_their_new_password() {
    let server = server("");
    with_id(&server).await;
    let mut owner = server.client();
    assert_eq!(owner.log_in_by_id("taro01", "oi25io14", "bid").await.code(), "");
    let mut stranger = server.client();
    stranger.peer = ([203, 0, 113, 9], 9).into();
    flood(&server, &mut stranger, 40).await;
    server.take_mails().await;
    forget(&mut owner, "ebid.example.jp").await;
    let mail = written(&server, 1).await.pop().unwrap();
    // Another one by the stranger voids nothing.
    forget(&mut stranger, "ebid.example.jp").await;
    let reset = json!({"token": token(&mail.2, "reset"), "password": "ne7u4k1z"});
    assert_eq!(owner.post("/api/account/password", reset).await.code(), "");
}

#[tokio::test]
async fn links_lead_to_our_own_site_whatever_the_request_says() {
    let server = server("");
    with_id(&server).await;
    let mut stranger = server.client();
    forget(&mut stranger, "evil.example").await;
    let mail = written(&server, 1).await.pop().unwrap();
    assert!(!mail.2.contains("evil.example") && mail.2.contains(&format!("{ORIGIN}/reset#")), "{mail:?}");
}

#[tokio::test]
async fn a_link_of_one_kind_opens_no_other_and_no_guess_opens_any() {
    let server = server("send_unconfirmed = true => send_unconfirmed = false");
    let mut client = server.client();
    client.reach_application().await;
    assert_eq!(client.apply("own", account_form("taro01", "oi25io14")).await.code(), "");
    let asked = server.take_mails().await;
    let of_mail = token(&asked[0].2, "mail");
    let mut stranger = server.client();
    let routes = |token: &str| {
        [
            ("/api/account/result", json!({"token": token})),
            ("/api/account/password", json!({"token": token, "password": "ne7u4k1z"})),
            ("/api/officer/setup/begin", json!({"token": token})),
            ("/api/mail/confirmation", json!({"token": token})),
        ]
    };
    for (path, body) in &routes(&of_mail)[..3] {
        assert_eq!(stranger.post(path, body.clone()).await.code(), "link_invalid", "{path}");
    }
    let near = format!("{}{}", &of_mail[..63], if of_mail.ends_with('0') { '1' } else { '0' });
    for guess in [near.as_str(), "", " ", "%", "' OR 1=1 --", &"0".repeat(64), &of_mail[..32]] {
        for (path, body) in routes(guess) {
            assert_eq!(stranger.post(path, body).await.code(), "link_invalid", "{path} {guess}");
        }
    }
}

#[tokio::test]
async fn whether_there_is_such_an_id_or_address_no_answer_tells() {
    let server = server("");
    with_id(&server).await;
    let mut stranger = server.client();
    let mut answers = Vec::new();
    for (login_id, email) in
        [("taro01", "applicant@example.jp"), ("taro01", "x@example.jp"), ("nobody9", "applicant@example.jp")]
    {
        let body = json!({"agency": AGENCY, "login_id": login_id, "email": email});
        let reply = stranger.post("/api/account/forgotten", body).await;
        answers.push((reply.status.as_u16(), reply.body));
    }
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]), "{answers:?}");
    let wrong = stranger.log_in_by_id("taro01", "wr0ngpass", "bid").await.code();
    let nobody = stranger.log_in_by_id("nobody9", "wr0ngpass", "bid").await.code();
    assert_eq!((wrong.as_str(), nobody.as_str()), ("credentials_wrong", "credentials_wrong"));
}

#[tokio::test]
async fn nothing_that_is_typed_becomes_a_header_or_another_recipient() {
    let server = server("");
    for (field, value) in [
        ("applicant_contact_email", "a@example.jp\r\nBcc: b@example.com"),
        ("applicant_contact_email", "a@example.jp, b@example.com"),
        ("applicant_contact_email", "a@example.jp b@example.com"),
        ("applicant_contact_email", "\"a\" <a@example.jp>"),
        ("applicant_contact_email", "a@example.jp\0"),
        ("applicant_contact_person", "花子\r\nSubject: 至急"),
        ("login_id", "taro\r\n01"),
    ] {
        let mut client = server.client();
        client.reach_application().await;
        let mut values = account_form("taro01", "oi25io14");
        values[field] = value.into();
        if field.ends_with("email") {
            values[format!("{field}_again")] = value.into();
        }
        assert_eq!(client.apply("s-1", values).await.code(), "fields_invalid", "{value:?}");
    }
    assert_eq!(server.take_mails().await, []);
}

#[tokio::test]
async fn who_applies_for_an_id_learns_nothing_that_the_company_registered() {
    let server = server("");
    let mut company = server.client();
    company.post("/api/session", json!({"agency": AGENCY, "category": "small"})).await;
    assert_eq!(company.login(&server.card(7), "register").await.code(), "");
    let found = company.search("990000001", "（株）テスト商会０１").await;
    assert_eq!(found.code(), "", "{found:?}");
    let done = company.register("own", form()).await;
    assert_eq!(done.code(), "", "{done:?}");
    let company_id = done.json()["completed"]["company_id"].as_str().unwrap().to_owned();
    assert!(!company_id.is_empty());

    let mut stranger = server.client();
    let mut shown = vec![stranger.reach_application().await];
    let mut values = account_form("stranger7", "oi25io14");
    for field in ["applicant_contact_email", "representative_contact_email"] {
        values[field] = "stranger@example.com".into();
        values[format!("{field}_again")] = "stranger@example.com".into();
    }
    shown.push(stranger.apply("theirs", values).await);
    shown.push(stranger.get("/api/session").await);
    shown.push(stranger.get("/api/status").await);
    for reply in shown {
        let text = String::from_utf8(reply.body).unwrap();
        for secret in [company_id.as_str(), "representative@example.jp", "card@example.jp"] {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
    }
    let mails = server.take_mails().await;
    let theirs: Vec<_> = mails.iter().filter(|mail| mail.0 == "stranger@example.com").collect();
    assert!(!theirs.is_empty(), "the stranger is mailed: {mails:?}");
    for mail in theirs {
        assert!(!mail.2.contains(&company_id), "{mail:?}");
    }
    assert_eq!(stranger.post("/api/mail/question", Value::Null).await.code(), "");
}
