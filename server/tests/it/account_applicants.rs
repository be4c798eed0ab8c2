//! 簡易認証: what a stranger who knows a company's number and name can do, and what its applicant can.

use serde_json::{Value, json};
use touroku_proto::officer::Role;
use touroku_server::http::limits::{Limits, Rate};

use crate::support::{
    client::{Client, Reply, TestServer, account_form, no_limits},
    engine::is_sqlite,
    officer::Officer,
};

const REASON: &str = "許可通知書の番号がありません";

fn server() -> TestServer {
    TestServer::start_at("shimonoseki", no_limits(), "")
}

/// An application of the first company from a separate browser.
async fn applied(server: &TestServer, login_id: &str, password: &str) -> Client {
    let mut client = server.client();
    client.reach_application().await;
    let reply = client.apply(login_id, account_form(login_id, password)).await;
    assert_eq!(reply.code(), "", "{reply:?}");
    client
}

async fn prove(client: &mut Client, login_id: &str, password: &str) -> Reply {
    let body = json!({"login_id": login_id, "password": password});
    client.post("/api/account/proof", body).await
}

/// The link in the mail about an application's outcome.
async fn mailed_link(server: &TestServer) -> String {
    let mails = server.take_mails().await;
    let mail = mails.iter().find(|mail| mail.1.contains("承認されませんでした")).expect("a result");
    let (_, link) = mail.2.split_once("https://ebid.example.jp/result#").expect("a link");
    assert!(mail.2.contains("2026/12/"), "it says until when: {}", mail.2);
    link.chars().take_while(char::is_ascii_hexdigit).collect()
}

#[tokio::test]
async fn an_applicant_takes_back_what_waits_and_applies_again_with_what_was_entered() {
    let server = server();
    server.enrol("メールアドレス", "roster@example.jp");
    let mut client = applied(&server, "taro01", "oi25io14").await;
    let mut stranger = server.client();
    stranger.reach_application().await;
    let withdraw = "/api/application/withdrawal";
    assert_eq!(stranger.post(withdraw, json!({})).await.code(), "stale", "it is not theirs");
    client.reach_application().await;
    prove(&mut client, "taro01", "oi25io14").await;
    let after = client.post(withdraw, json!({})).await.json();
    assert_eq!(after["application"]["own"]["state"], "withdrawn", "{after}");
    assert_eq!(after["draft"]["applicant_contact_person"], "連絡花子");
    let told = server.take_mails().await;
    assert!(told.iter().any(|mail| mail.0 == "roster@example.jp" && mail.2.contains("取り下げ")), "{told:?}");
    assert!(told.iter().all(|mail| !mail.2.contains("taro01")), "nothing that an applicant chose: {told:?}");
    assert_eq!(client.post(withdraw, json!({})).await.code(), "stale");
    assert_eq!(client.log_in_by_id("taro01", "oi25io14", "bid").await.code(), "application_rejected");
    let mut officer = server.officer("shimonoseki", "sato", "review");
    assert_eq!(officer.look_and_decide("account", &json!(1), None).await.code(), "stale");
    client.reach_application().await;
    assert_eq!(client.apply("again", account_form("taro01", "oi25io14")).await.code(), "");
}

async fn reject(server: &TestServer, id: i64) {
    let mut officer = server.officer("shimonoseki", &format!("sato{id}"), "review");
    assert_eq!(officer.look_and_decide("account", &json!(id), Some(REASON)).await.code(), "");
}

#[tokio::test]
async fn number_and_name_alone_say_only_that_there_is_an_application() {
    let server = server();
    let mut applicant = applied(&server, "taro01", "oi25io14").await;
    let receipt = applicant.get("/api/session").await.json()["completed"]["receipt"].clone();
    reject(&server, 1).await;
    let mut stranger = server.client();
    let seen = stranger.reach_application().await.json();
    assert_eq!(seen["application"], json!({"numbers": [receipt]}));
    let seen = seen.to_string();
    for secret in [REASON, "rejected", "taro01", "representative@example.jp", "連絡花子"] {
        assert!(!seen.contains(secret), "{secret} in {seen}");
    }
    assert_eq!(prove(&mut stranger, "taro01", "guess4ng9").await.code(), "credentials_wrong");
    assert_eq!(prove(&mut stranger, "nobody1", "oi25io14").await.code(), "credentials_wrong");
    assert_eq!(stranger.get("/api/session").await.json()["application"], json!({"numbers": [receipt]}));
}

#[tokio::test]
async fn id_and_password_show_the_applicant_the_reason_and_what_was_entered() {
    let server = server();
    applied(&server, "taro01", "oi25io14").await;
    reject(&server, 1).await;
    let mut applicant = server.client();
    applicant.reach_application().await;
    let seen = prove(&mut applicant, "TARO01", "oi25io14").await.json();
    assert_eq!(
        (&seen["application"]["own"]["state"], &seen["application"]["own"]["reason"]),
        (&json!("rejected"), &json!(REASON))
    );
    let draft = &seen["draft"];
    for field in ["applicant_contact_person", "applicant_contact_email_again", "login_id"] {
        assert!(!draft[field].as_str().unwrap_or_default().is_empty(), "{field} in {draft}");
    }
    assert!(!seen.to_string().contains("oi25io14") && draft["login_password"] == Value::Null, "{seen}");

    // Another company's application is not proved by it.
    let mut other = server.client();
    other.begin_by_id().await;
    other.search_other().await;
    assert_eq!(prove(&mut other, "taro01", "oi25io14").await.code(), "credentials_wrong");
    other.begin_by_id().await;
    assert_eq!(prove(&mut other, "taro01", "oi25io14").await.code(), "company_not_selected");
    // Going on to another company leaves it behind.
    applicant.search_other().await;
    assert_eq!(applicant.get("/api/session").await.json()["application"], Value::Null);
    assert_eq!(applicant.get("/api/session").await.json()["draft"], Value::Null);
}

#[tokio::test]
async fn the_link_of_the_result_mail_shows_it_for_thirty_days_or_until_the_next_application() {
    if !is_sqlite() {
        return;
    }
    let server = server();
    applied(&server, "taro01", "oi25io14").await;
    server.take_mails().await;
    reject(&server, 1).await;
    let token = mailed_link(&server).await;
    let open = async |token: &str| {
        let mut client = server.client();
        (client.post("/api/account/result", json!({"token": token})).await, client)
    };
    let (reply, mut client) = open(&token).await;
    let seen = reply.json();
    assert_eq!(
        (&seen["application"]["own"]["reason"], &seen["draft"]["login_id"]),
        (&json!(REASON), &json!("taro01"))
    );
    let mut again = account_form("taro01", "oi25io14");
    again["branch"] = "支店".into();
    assert_eq!(client.apply("a-2", again).await.code(), "");
    assert_eq!(open(&token).await.0.code(), "link_invalid", "applied again");

    server.take_mails().await;
    reject(&server, 2).await;
    let second = mailed_link(&server).await;
    assert_ne!(second, token);
    server.wait(30 * 86_400_000 - 1);
    assert_eq!(open(&second).await.0.code(), "");
    server.wait(1);
    for token in [second.as_str(), "", "zz", &"0".repeat(64)] {
        assert_eq!(open(token).await.0.code(), "link_invalid", "{token}");
    }
    server.app.store.close();
    let bytes = std::fs::read(server.folder.path().join("touroku.db")).unwrap();
    for secret in [token.as_bytes(), second.as_bytes()] {
        assert!(!bytes.windows(64).any(|window| window == secret), "a link lies in the database");
    }
}

#[tokio::test]
async fn a_strangers_application_keeps_the_company_from_nothing() {
    let server = server();
    applied(&server, "stranger1", "w7k3q9zt").await;
    let mut company = applied(&server, "hokuto01", "oi25io14").await;
    let mut officer = server.officer("shimonoseki", "sato", "review");
    let queue = officer.queue("pending").await;
    let others: Vec<_> =
        queue["applications"].as_array().unwrap().iter().map(|item| item["others"].clone()).collect();
    assert_eq!(others, [1, 1], "officers see them together");
    let detail = officer.look("account", &json!(2)).await.json();
    let other = &detail["others"][0];
    assert_eq!(
        (&other["id"], &other["state"], &detail["login_id_taken"]),
        (&json!(1), &json!("pending"), &json!(false))
    );
    assert_eq!(other["differences"].as_array().unwrap().len(), 1, "{other}");
    assert_eq!(other["differences"][0]["there"], "stranger1");

    assert_eq!(officer.look_and_decide("account", &json!(2), None).await.code(), "");
    assert_eq!(company.log_in_by_id("hokuto01", "oi25io14", "bid").await.code(), "");
    // The other one stays pending, and is decided separately; the company's ID exists beside it.
    let queue = officer.queue("pending").await;
    assert_eq!(queue["applications"][0]["id"], 1);
    let detail = officer.look("account", &json!(1)).await.json();
    assert_eq!(detail["others"][0]["state"], "approved");
    assert_eq!(officer.look_and_decide("account", &json!(1), Some("確認できません")).await.code(), "");
    assert_eq!(company.log_in_by_id("hokuto01", "oi25io14", "bid").await.code(), "");
}

#[tokio::test]
async fn however_many_strangers_apply_the_applicant_finds_the_own_application() {
    let server = server();
    applied(&server, "hokuto01", "oi25io14").await;
    server.by_hand(
        "INSERT INTO account (agency, category, number, login_id, password_hash, fields, state, applied_at, receipt) \
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60) \
         SELECT agency, category, number, CASE WHEN i % 2 = 0 THEN login_id ELSE 'spy' || i END, 'x', fields, 'pending', \
         applied_at, 'r' || i FROM account, n WHERE login_id = 'hokuto01'",
    );
    let mut officer = server.officer("shimonoseki", "sato", "review");
    assert_eq!(officer.look_and_decide("account", &json!(1), Some("添付がありません")).await.code(), "");
    let mut company = server.client();
    company.reach_application().await;
    let proved = prove(&mut company, "hokuto01", "oi25io14").await.json();
    assert_eq!(proved["application"]["own"]["reason"], "添付がありません", "{proved}");
}

#[tokio::test]
async fn applications_that_strangers_withdraw_hide_no_decision() {
    let server = server();
    applied(&server, "hokuto01", "oi25io14").await;
    let mut officer = server.officer("shimonoseki", "sato", "review");
    assert_eq!(officer.look_and_decide("account", &json!(1), Some("添付がありません")).await.code(), "");
    server.by_hand(
        "INSERT INTO account (agency, category, number, login_id, password_hash, fields, state, applied_at, receipt, withdrawn) \
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20) \
         SELECT agency, category, number, login_id, 'x', fields, 'rejected', applied_at, 'r' || i, TRUE \
         FROM account, n WHERE login_id = 'hokuto01'",
    );
    let mut company = server.client();
    company.reach_application().await;
    let proved = prove(&mut company, "hokuto01", "oi25io14").await.json();
    assert_eq!(proved["application"]["own"]["reason"], "添付がありません", "{proved}");
}

#[tokio::test]
async fn who_else_is_in_the_company_reads_no_reason_of_a_rejection_that_was_not_its_own() {
    let server = server();
    let mut company = applied(&server, "hokuto01", "oi25io14").await;
    applied(&server, "second01", "w7k3q9zt").await;
    let mut officer = server.officer("shimonoseki", "sato", "review");
    assert_eq!(officer.look_and_decide("account", &json!(1), None).await.code(), "");
    assert_eq!(officer.look_and_decide("account", &json!(2), Some("ある理由のため")).await.code(), "");
    assert_eq!(company.log_in_by_id("hokuto01", "oi25io14", "bid").await.code(), "");
    let timeline = company.get("/api/status").await.json()["timeline"].to_string();
    assert!(timeline.contains("ID登録申請を却下しました") && timeline.contains("調達機関"), "{timeline}");
    assert!(!timeline.contains("ある理由のため") && !timeline.contains("sato"), "{timeline}");
    let number =
        officer.look("account", &json!(1)).await.json()["item"]["number"].as_str().unwrap().to_owned();
    let page = officer.get(&format!("/api/officer/companies/{number}")).await.json();
    assert!(page["timeline"].to_string().contains("ある理由のため"), "officers do: {page}");
}

#[tokio::test]
async fn an_id_that_the_company_stopped_is_approved_only_once_officers_lift_that() {
    let server = server();
    let mut company = applied(&server, "hokuto01", "oi25io14").await;
    applied(&server, "stranger1", "w7k3q9zt").await;
    let mut officer = server.officer("shimonoseki", "sato", "review");
    assert_eq!(officer.look_and_decide("account", &json!(1), None).await.code(), "");
    assert_eq!(company.log_in_by_id("hokuto01", "oi25io14", "bid").await.code(), "");
    assert_eq!(company.post("/api/status/stop", json!({"account": 2})).await.code(), "");
    let detail = officer.look("account", &json!(2)).await.json();
    assert!(detail["suspension"]["reason"].as_str().unwrap().contains("hokuto01"), "{detail}");
    assert_eq!(officer.look_and_decide("account", &json!(2), None).await.code(), "stale");
    let lifted = officer.post("/api/officer/accounts/2/lift", json!({"reason": "会社に確かめた"})).await;
    assert_eq!(lifted.code(), "", "{lifted:?}");
    assert_eq!(officer.look_and_decide("account", &json!(2), None).await.code(), "");
}

#[tokio::test]
async fn another_application_of_the_company_does_not_make_an_officers_page_stale() {
    let server = server();
    applied(&server, "hokuto01", "oi25io14").await;
    let mut officer = server.officer("shimonoseki", "sato", "review");
    let seen = officer.look("account", &json!(1)).await.json();
    applied(&server, "stranger1", "w7k3q9zt").await;
    assert_eq!(officer.decide("account", &json!(1), &seen["revision"], None).await.code(), "");
}

#[tokio::test]
async fn of_two_applications_for_one_id_whichever_is_approved_first_has_it() {
    let server = server();
    applied(&server, "taro01", "oi25io14").await;
    let mut other = server.client();
    other.begin_by_id().await;
    other.search_other().await;
    assert_eq!(other.apply("a-1", account_form("TARO01", "ot8h3rq5")).await.code(), "", "nobody has it yet");
    for password in ["oi25io14", "ot8h3rq5"] {
        assert_eq!(
            server.client().log_in_by_id("taro01", password, "bid").await.code(),
            "application_pending"
        );
    }
    let mut officer = server.officer("shimonoseki", "sato", "review");
    assert_eq!(officer.look_and_decide("account", &json!(2), None).await.code(), "");
    let detail = officer.look("account", &json!(1)).await.json();
    assert_eq!(detail["login_id_taken"], true);
    assert_eq!(officer.decide("account", &json!(1), &detail["revision"], None).await.code(), "stale");
    assert_eq!(
        officer.look_and_decide("account", &json!(1), Some("そのIDは使われています")).await.code(),
        ""
    );
    assert_eq!(other.log_in_by_id("taro01", "ot8h3rq5", "bid").await.code(), "");
    assert_eq!(
        server.client().log_in_by_id("taro01", "oi25io14", "bid").await.code(),
        "application_rejected"
    );
    // From now on it is taken, and applicants are told so.
    let mut third = server.client();
    third.reach_application().await;
    assert_eq!(third.apply("a-9", account_form("Taro01", "oi25io14")).await.code(), "login_id_taken");
}

#[tokio::test]
async fn whether_an_id_is_taken_is_told_behind_the_brake() {
    let limits = Limits { login_session: Rate { count: 3, seconds: 600 }, ..no_limits() };
    let server = TestServer::start_at("shimonoseki", limits, "review = true => review = false");
    for login_id in ["taro01", "jiro02", "saburo03", "shiro04"] {
        applied(&server, login_id, "oi25io14").await;
    }
    let mut curious = server.client();
    curious.reach_application().await;
    let mut codes = Vec::new();
    for (login_id, submission) in
        [("taro01", "b-1"), ("jiro02", "b-2"), ("saburo03", "b-3"), ("shiro04", "b-4")]
    {
        codes.push(curious.apply(submission, account_form(login_id, "oi25io14")).await.code());
    }
    assert_eq!(codes, ["login_id_taken", "login_id_taken", "login_id_taken", "rate_limited"]);
}

#[tokio::test]
async fn a_password_that_is_guessed_soon_is_refused_with_why() {
    let server = server();
    let mut client = server.client();
    client.reach_application().await;
    for (password, why) in
        [("abc123", "common"), ("taro011", "own"), ("990000001a", "own"), ("x7k2q9", "short")]
    {
        let reply = client.apply("a-1", account_form("taro01", password)).await;
        let field = &reply.json()["fields"][0];
        assert_eq!(
            (&field["field"], &field["problem"]["guessable"]["why"]),
            (&json!("login_password"), &json!(why)),
            "{password}: {reply:?}"
        );
    }
    assert_eq!(client.apply("a-1", account_form("taro01", "oi25io14")).await.code(), "");
}

#[tokio::test]
async fn one_address_sends_only_so_many_applications() {
    let limits = Limits { apply_address: Rate { count: 2, seconds: 3600 }, ..no_limits() };
    let server = TestServer::start_at("shimonoseki", limits, "");
    for number in 0..3 {
        let mut client = server.client();
        client.reach_application().await;
        let code = client
            .apply(&format!("a-{number}"), account_form(&format!("taro0{number}"), "oi25io14"))
            .await
            .code();
        assert_eq!(code, if number < 2 { "" } else { "rate_limited" });
    }
}

#[tokio::test]
async fn an_officer_decides_about_the_company_that_has_several_applications_one_by_one() {
    let server = server();
    applied(&server, "taro01", "oi25io14").await;
    applied(&server, "jiro02", "oi25io14").await;
    let mut officer = Officer::new(&server, "shimonoseki", Role::Review).await;
    for id in [1, 2] {
        assert_eq!(officer.client.look_and_decide("account", &json!(id), None).await.code(), "");
    }
    for login_id in ["taro01", "jiro02"] {
        assert_eq!(server.client().log_in_by_id(login_id, "oi25io14", "bid").await.code(), "", "{login_id}");
    }
}
