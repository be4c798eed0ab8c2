//! 簡易認証: application, review, login.

use serde_json::{Value, json};
use touroku_server::{
    http::limits::{Limits, Rate},
    review::{Decision, Reviewed, decide_account},
    store::Actor,
};

use crate::support::{
    client::{Client, TestServer, account_form, no_limits},
    engine::is_sqlite,
};

fn server() -> TestServer {
    TestServer::start_at("shimonoseki", no_limits(), "")
}

/// What `application approve` and `reject` do, to the latest application of the first company.
async fn review(server: &TestServer, decision: Decision<'static>) -> Reviewed {
    let app = server.app.clone();
    let reviewed = server.app.store.write(move |writer| {
        let latest = writer.applications_of("shimonoseki", "small", "990000001", 1)?.remove(0);
        let profile = app.agencies.profile("shimonoseki")?;
        let desk = app.desk(writer, profile, app.outside.now());
        decide_account(&desk, "990000001", latest.id, decision, Actor::command("shimonoseki"))
    });
    reviewed.await.unwrap()
}

#[tokio::test]
async fn an_id_is_applied_for_approved_and_logs_in() {
    let server = server();
    let mut client = server.client();
    let found = client.reach_application().await.json();
    assert_eq!(
        (&found["way"], &found["company"]["occasion"]),
        (&json!("password"), &json!("apply")),
        "{found}"
    );
    assert_eq!(found["company"]["values"]["company_name"], "（株）テスト商会０１");
    assert_eq!(
        found["company"]["values"]["representative_contact_person"], "試験太郎",
        "filled in beforehand"
    );
    assert_eq!(found.get("application"), None);

    let done = client.apply("a-1", account_form("Taro01", "oi25io14")).await;
    assert_eq!(done.code(), "", "{done:?}");
    let view = done.json();
    let completed = &view["completed"];
    assert_eq!((&completed["function"], &completed["company_id"]), (&json!("apply"), &json!("")));
    assert_eq!(completed["values"]["login_id"], "Taro01");
    assert_eq!(completed["mailed_to"], json!(["representative@example.jp", "applicant@example.jp"]));
    assert_eq!(view["application"]["own"]["state"], "pending");
    assert!(!String::from_utf8(done.body).unwrap().contains("oi25io14"), "a password is never answered");
    let mails = server.take_mails().await;
    assert_eq!(mails.len(), 2);
    assert!(mails[0].1.contains("受け付け"), "{mails:?}");

    assert_eq!(client.log_in_by_id("taro01", "oi25io14", "bid").await.code(), "application_pending");
    assert_eq!(client.log_in_by_id("Taro01", "wrong123", "bid").await.code(), "credentials_wrong");
    assert!(matches!(review(&server, Decision::Approve).await, Reviewed::Decided(_)));
    let mails = server.take_mails().await;
    assert!(mails.len() == 2 && mails[0].1.contains("承認されました"), "{mails:?}");
    assert!(matches!(review(&server, Decision::Reject("遅い")).await, Reviewed::Before(_)));

    let before = client.cookie.clone();
    let logged_in = client.log_in_by_id("TARO01", "oi25io14", "bid").await.json();
    assert_eq!(
        (&logged_in["login_id"], &logged_in["purpose"]),
        (&json!("Taro01"), &json!("bid")),
        "{logged_in}"
    );
    assert_eq!(logged_in["company"]["values"]["applicant_contact_person"], "連絡花子");
    assert_ne!(client.cookie, before);
    let again = client.get("/api/session").await.json();
    assert_eq!(again["login_id"], "Taro01");
    let searched = client.search("990000001", "（株）テスト商会０１").await.json();
    assert_eq!(
        (&searched["application"], searched.get("login_id")),
        (&json!({"numbers": [completed["receipt"]]}), None)
    );
    assert_eq!(searched["company"]["values"].get("applicant_contact_person"), Some(&json!("")), "{searched}");
}

#[tokio::test]
async fn a_rejected_applicant_applies_again_with_the_same_id() {
    let server = server();
    let mut client = server.client();
    client.reach_application().await;
    client.apply("a-1", account_form("taro01", "oi25io14")).await;
    server.take_mails().await;
    review(&server, Decision::Reject("許可通知書の番号がありません")).await;
    let mails = server.take_mails().await;
    assert!(mails.len() == 2 && mails[0].2.contains("理由 : 許可通知書の番号がありません"), "{mails:?}");
    assert_eq!(client.log_in_by_id("taro01", "oi25io14", "change").await.code(), "application_rejected");

    client.reach_application().await;
    assert_eq!(client.apply("a-3", account_form("taro01", "neuesP4sswort")).await.code(), "");
    review(&server, Decision::Approve).await;
    assert_eq!(client.log_in_by_id("taro01", "neuesP4sswort", "bid").await.code(), "");
    assert_eq!(client.log_in_by_id("taro01", "oi25io14", "bid").await.code(), "application_rejected");
}

#[tokio::test]
async fn an_application_sent_twice_applies_once_and_answers_the_same() {
    let server = server();
    let mut client = server.client();
    client.reach_application().await;
    let mut twin = client.clone();
    let values = account_form("taro01", "oi25io14");
    let (one, two) = tokio::join!(client.apply("a-1", values.clone()), twin.apply("a-1", values.clone()));
    assert_eq!((one.code(), two.code()), (String::new(), String::new()));
    assert_eq!(one.json()["completed"], two.json()["completed"]);
    review(&server, Decision::Approve).await;
    assert_eq!(client.apply("a-1", values).await.json()["completed"], one.json()["completed"]);
    assert_eq!(server.take_mails().await.len(), 4, "two of each kind");
}

#[tokio::test]
async fn fields_of_an_application_are_checked() {
    let server = server();
    let mut client = server.client();
    client.reach_application().await;
    let mut values = account_form("あいう", "oi25io14");
    values["login_password_again"] = "oi25io15".into();
    values["applicant_contact_email"] = "x".into();
    let reply = client.apply("a-1", values).await;
    let fields: Vec<Value> =
        reply.json()["fields"].as_array().unwrap().iter().map(|field| field["field"].clone()).collect();
    assert_eq!(
        fields,
        ["applicant_contact_email", "applicant_contact_email_again", "login_id", "login_password_again"]
    );
    let reply = client.apply("a-1", account_form("taro01", "onlyletters")).await;
    assert_eq!(reply.json()["fields"][0]["field"], "login_password");
    let reply = client.apply("a-1", account_form("taro01", "")).await;
    assert_eq!(reply.json()["fields"][0]["problem"], "required");
}

#[tokio::test]
async fn an_agency_that_reviews_nothing_lets_an_id_in_at_once() {
    let server = TestServer::start_at("shimonoseki", no_limits(), "review = true => review = false");
    let mut client = server.client();
    client.reach_application().await;
    let done = client.apply("a-1", account_form("taro01", "oi25io14")).await.json();
    assert_eq!(done["application"]["own"]["state"], "approved");
    assert_eq!(client.log_in_by_id("taro01", "oi25io14", "bid").await.code(), "");
}

#[tokio::test]
async fn each_way_keeps_to_its_own_steps() {
    let server = server();
    let mut client = server.client();
    let begin =
        |category: &str, way: &str| json!({"agency": "shimonoseki", "category": category, "way": way});
    assert_eq!(client.post("/api/session", begin("goods", "password")).await.code(), "way_not_allowed");
    assert_eq!(client.post("/api/session", begin("small", "card")).await.code(), "");
    assert_eq!(client.apply("a-1", account_form("taro01", "oi25io14")).await.code(), "way_not_allowed");
    assert_eq!(client.search("990000001", "（株）テスト商会０１").await.code(), "card_not_presented");
    let login = json!({"login_id": "taro01", "password": "oi25io14", "purpose": "bid"});
    assert_eq!(client.post("/api/account/login", login.clone()).await.code(), "way_not_allowed");

    client.begin_by_id().await;
    assert_eq!(client.login(&server.card(7), "register").await.code(), "way_not_allowed");
    assert_eq!(client.apply("a-1", account_form("taro01", "oi25io14")).await.code(), "company_not_selected");
    let draft = client.send("PUT", "/api/draft", json!({"values": {}})).await;
    assert_eq!(draft.code(), "company_not_selected");
    let login = json!({"login_id": "taro01", "password": "oi25io14", "purpose": "register"});
    assert_eq!(client.post("/api/account/login", login).await.code(), "bad_request");
    client.cookie = None;
    assert_eq!(client.apply("a-1", json!({})).await.code(), "session_missing");
}

#[tokio::test]
async fn a_draft_of_an_application_lives_in_its_session_and_holds_no_password() {
    let server = server();
    let mut client = server.client();
    client.reach_application().await;
    let typed =
        json!({"login_id": "taro01", "login_password": "oi25io14", "login_password_again": "oi25io14"});
    assert_eq!(client.send("PUT", "/api/draft", json!({"values": typed})).await.status, 204);
    assert_eq!(client.get("/api/session").await.json()["draft"], json!({"login_id": "taro01"}));
    let mut stranger = server.client();
    assert_eq!(stranger.reach_application().await.json()["draft"], Value::Null);
    client.search_other().await;
    assert_eq!(client.get("/api/session").await.json()["draft"], Value::Null, "another company's form");
    client.reach_application().await;
    client.send("PUT", "/api/draft", json!({"values": typed})).await;
    let done = client.apply("a-1", account_form("taro01", "oi25io14")).await.json();
    assert_eq!(done["draft"], Value::Null);
}

#[tokio::test]
async fn passwords_are_tried_so_often_by_a_session_an_address_and_for_an_id() {
    let rate = Rate { count: 3, seconds: 600 };
    let tries = async |limits: Limits, fresh_session: bool, fresh_address: bool, fresh_id: bool| {
        let server = TestServer::start_at("shimonoseki", limits, "");
        let mut client = server.client();
        client.begin_by_id().await;
        let mut codes = Vec::new();
        for round in 0..4_u8 {
            if fresh_session {
                client.begin_by_id().await;
            }
            if fresh_address {
                client.peer = ([192, 0, 2, round], 50000).into();
            }
            let id = if fresh_id {
                format!("taro0{round}")
            } else {
                ["TARO01", "taro01"][usize::from(round % 2)].into()
            };
            let login = json!({"login_id": id, "password": "oi25io14", "purpose": "bid"});
            codes.push(client.post("/api/account/login", login).await.code());
        }
        codes
    };
    let refused = ["credentials_wrong", "credentials_wrong", "credentials_wrong", "rate_limited"];
    assert_eq!(tries(Limits { login_session: rate, ..no_limits() }, false, true, true).await, refused);
    assert_eq!(tries(Limits { login_address: rate, ..no_limits() }, true, false, true).await, refused);
    assert_eq!(tries(Limits { login_id: rate, ..no_limits() }, true, true, false).await, refused);
}

#[tokio::test]
async fn a_stored_password_is_a_hash_and_stands_nowhere_else() {
    if !is_sqlite() {
        return;
    }
    let server = server();
    let mut client = server.client();
    client.reach_application().await;
    client.apply("a-1", account_form("taro01", "oi25io14")).await;
    review(&server, Decision::Approve).await;
    client.log_in_by_id("taro01", "oi25io14", "change").await;
    server.app.store.close();
    for name in ["touroku.db", "touroku.db-wal"] {
        let bytes = std::fs::read(server.folder.path().join(name)).unwrap_or_default();
        assert!(!bytes.windows(8).any(|window| window == b"oi25io14"), "{name}");
    }
}

#[tokio::test]
async fn an_id_is_applied_for_once_its_usage_application_is_permitted() {
    let server = server();
    server.by_hand("DELETE FROM permit");
    let mut officer = server.officer("shimonoseki", "sato", "review");
    let mut applicant = server.client();
    let mut set = async |seen: Value, state: Value| {
        let path = "/api/officer/companies/990000001/permit";
        officer.post(path, json!({"seen": seen, "state": state})).await
    };
    assert_eq!(applicant.reach_application().await.code(), "permit_missing");
    let page = set(Value::Null, json!("received")).await.json();
    assert_eq!((&page["permit"]["state"], &page["permit"]["officer"]), (&json!("received"), &json!("sato")));
    assert_eq!(applicant.reach_application().await.code(), "permit_pending");
    assert_eq!(set(Value::Null, json!("permitted")).await.code(), "stale", "somebody else received it");
    assert_eq!(set(json!("received"), json!("permitted")).await.code(), "");
    assert_eq!(applicant.reach_application().await.code(), "");
    assert_eq!(set(json!("permitted"), Value::Null).await.code(), "");
    let reply = applicant.apply("a-1", account_form("eigyou01", "kz7wq2mt9")).await;
    assert_eq!(reply.code(), "permit_missing", "taken back in the meantime");
    let deeds: Vec<String> = server.audit("shimonoseki").into_iter().map(|entry| entry.1).collect();
    assert_eq!(deeds, ["permit_received", "permit_granted", "permit_withdrawn"]);

    let page = officer.get("/api/officer/companies/990000001").await.json();
    let told = page["timeline"].to_string();
    for event in ["利用申請書を受理しました", "利用申請書を許可しました", "許可を取り消しました"]
    {
        assert!(told.contains(event), "{event}: {told}");
    }

    let aomori = TestServer::start();
    let mut officer = aomori.officer("aomori", "sato", "review");
    let nobody_asks = json!({"seen": null, "state": "received"});
    let reply = officer.post("/api/officer/companies/990000001/permit", nobody_asks).await;
    assert_eq!(reply.code(), "wrong_state");
}

#[tokio::test]
async fn companies_whose_usage_application_waits_are_found_counted_and_permitted_together() {
    let server = server();
    server.by_hand("UPDATE permit SET state = 'received'");
    let mut officer = server.officer("shimonoseki", "sato", "review");
    let waiting = async |officer: &mut Client| {
        let found = officer.get("/api/officer/companies?filter=permit_received").await.json();
        let counted = officer.get("/api/officer/figures").await.json()["permits"].as_u64().unwrap();
        assert_eq!(found["companies"].as_array().unwrap().len() as u64, counted);
        counted
    };
    assert_eq!(waiting(&mut officer).await, 2);
    let companies = json!({"companies": ["990000001", "990000002", "nobody's"]});
    let mut viewer = server.officer("shimonoseki", "jiro", "view");
    assert_eq!(viewer.post("/api/officer/permits", companies.clone()).await.code(), "forbidden");
    let done = officer.post("/api/officer/permits", companies.clone()).await.json();
    assert_eq!(done, json!({"granted": 2, "left": 1}));
    assert_eq!(waiting(&mut officer).await, 0);
    assert_eq!(server.client().reach_application().await.code(), "");
    assert_eq!(officer.post("/api/officer/permits", companies).await.json()["granted"], 0, "only once");

    let aomori = TestServer::start();
    let mut officer = aomori.officer("aomori", "sato", "review");
    assert_eq!(officer.post("/api/officer/permits", json!({"companies": []})).await.code(), "wrong_state");
}
