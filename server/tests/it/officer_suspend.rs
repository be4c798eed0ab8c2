//! Suspension of companies and cards: what stops, what continues, and what comes back.

use serde_json::{Value, json};

use crate::support::client::{Client, TestServer, account_form, edited, no_limits};

const AGENCY: &str = "aomori";

async fn suspend(officer: &mut Client, path: &str) -> Value {
    let reply =
        officer.post(&format!("/api/officer/{path}/suspend"), json!({"reason": "指名停止のため"})).await;
    assert_eq!(reply.code(), "", "{reply:?}");
    reply.json()
}

#[tokio::test]
async fn a_suspended_company_does_nothing_more_not_even_in_an_open_session() {
    let server = TestServer::start();
    let (card, other) = (server.card(7), server.card(8));
    let mut client = server.client();
    client.registered(&card).await;
    let mut changing = server.client();
    let session = changing.log_in(&card, "change").await;
    let mut renewing = server.client();
    renewing.log_in(&card, "renew_old").await;
    renewing.login(&other, "renew_new").await;
    let mut bidding = server.client();
    bidding.log_in(&card, "bid").await;
    let mut officer = server.officer(AGENCY, "sato", "review");
    server.take_mails().await;

    let detail = suspend(&mut officer, "companies/990000001").await;
    assert_eq!(
        (&detail["suspension"]["reason"], &detail["suspension"]["officer"]),
        (&json!("指名停止のため"), &json!("sato"))
    );
    assert!(detail["timeline"][0]["text"].as_str().unwrap().contains("理由: 指名停止のため"));
    let values = edited(&session, &[]);
    let change = changing.change("c-1", &session["company"]["revision"], values.clone()).await;
    assert_eq!((change.status.as_u16(), change.code().as_str()), (403, "company_suspended"));
    let renewal = json!({"submission": "r-1"});
    assert_eq!(renewing.post("/api/renewal", renewal.clone()).await.code(), "company_suspended");
    let turned_back = bidding.get("/api/session").await.json();
    assert_eq!(
        (&turned_back["refused"], &turned_back["card"], &turned_back["agency"]),
        (&json!("company_suspended"), &Value::Null, &json!(AGENCY))
    );
    assert_eq!(bidding.get("/api/session").await.json()["refused"], Value::Null, "told once");
    for purpose in ["bid", "change", "renew_old"] {
        client.begin().await;
        assert_eq!(client.login(&card, purpose).await.code(), "company_suspended", "{purpose}");
    }
    client.begin().await;
    client.login(&server.card(9), "register").await;
    assert_eq!(client.search("990000001", "（株）テスト商会０１").await.code(), "company_suspended");
    assert!(server.take_mails().await.is_empty());
    let again = json!({"reason": "もう一度"});
    assert_eq!(officer.post("/api/officer/companies/990000001/suspend", again).await.code(), "stale");

    let why = json!({"reason": "期間の満了"});
    let lifted = officer.post("/api/officer/companies/990000001/lift", why.clone()).await;
    assert_eq!((lifted.code().as_str(), &lifted.json()["suspension"]), ("", &Value::Null));
    assert_eq!(officer.post("/api/officer/companies/990000001/lift", why).await.code(), "stale");
    assert_eq!(renewing.post("/api/renewal", renewal).await.code(), "");
    let actions: Vec<String> = server.audit(AGENCY).into_iter().map(|entry| entry.1).collect();
    assert_eq!(actions, ["company_suspended", "company_lifted"]);
}

#[tokio::test]
async fn a_suspended_card_stops_and_its_companys_other_card_goes_on() {
    let server = TestServer::start();
    let (card, other) = (server.card(7), server.card(8));
    let mut client = server.client();
    client.registered(&card).await;
    server.client().registered(&other).await;
    let mut bidding = server.client();
    bidding.log_in(&card, "bid").await;
    let mut officer = server.officer(AGENCY, "sato", "review");
    let detail = suspend(&mut officer, "cards/1").await;
    assert_eq!(detail["suspension"], Value::Null);
    let suspended = detail["cards"].as_array().unwrap().iter().find(|card| card["id"] == 1).unwrap();
    assert_eq!(suspended["suspension"]["reason"], "指名停止のため");
    // The same session continues with another card of the company.
    assert_eq!(bidding.get("/api/session").await.json()["refused"], "card_suspended");
    assert_eq!(bidding.login(&other, "bid").await.code(), "");
    client.begin().await;
    assert_eq!(client.login(&card, "bid").await.code(), "card_suspended");
    client.log_in(&other, "bid").await;
    let listed = officer.get("/api/officer/companies?query=&filter=suspended").await.json();
    assert_eq!(listed["companies"][0]["number"], "990000001", "{listed:#}");
    assert_eq!(officer.post("/api/officer/cards/1/lift", json!({"reason": "解除"})).await.code(), "");
    client.log_in(&card, "bid").await;
    for path in ["cards/99/suspend", "cards/x/suspend", "cards/-1/suspend", "companies/5/suspend"] {
        let reply = officer.post(&format!("/api/officer/{path}"), json!({"reason": "理由"})).await;
        assert_eq!(reply.code(), "not_found", "{path}");
    }
    for reason in ["", " ", &"あ".repeat(501)] {
        let reply = officer.post("/api/officer/cards/1/suspend", json!({"reason": reason})).await;
        assert_eq!(reply.code(), "reason_missing");
    }
    let mut viewer = server.officer(AGENCY, "suzuki", "view");
    assert_eq!(
        viewer.post("/api/officer/cards/1/suspend", json!({"reason": "理由"})).await.code(),
        "forbidden"
    );
}

#[tokio::test]
async fn a_session_is_not_turned_back_by_a_suspension_that_is_lifted_meanwhile() {
    let server = TestServer::start();
    let card = server.card(7);
    let mut client = server.client();
    client.registered(&card).await;
    client.log_in(&card, "bid").await;
    let mut officer = server.officer(AGENCY, "sato", "review");
    suspend(&mut officer, "companies/990000001").await;

    // The only writer lifts it, and is held up doing so.
    let (go_on, held_up) = std::sync::mpsc::channel::<()>();
    let lifted = server.app.store.write(move |writer| {
        held_up.recv().unwrap();
        writer.lift(AGENCY, "990000001", None)
    });
    let both = async {
        let lifting = async { lifted.await.unwrap() };
        let mut asking = std::pin::pin!(async { client.get("/api/session").await.json() });
        let mut lifting = std::pin::pin!(lifting);
        // As many reads as there are readers: the request's reads are done, and its write waits in the queue.
        for _ in 0..20 {
            let reading = server.app.store.read(|_| Ok(()));
            tokio::select! {
                biased;
                _ = &mut lifting => panic!("it is held up"),
                _ = &mut asking => panic!("it waits for its turn to write"),
                read = reading => read.unwrap(),
            }
        }
        go_on.send(()).unwrap();
        assert!(lifting.await);
        asking.await
    };
    let view = both.await;
    assert_eq!(view["refused"], Value::Null);
    assert_ne!(view["card"], Value::Null, "it goes on where it was: {view:#}");
}

#[tokio::test]
async fn an_id_of_a_suspended_company_does_not_log_in() {
    let server = TestServer::start_at("shimonoseki", no_limits(), "review = true => review = false");
    let mut client = server.client();
    client.reach_application().await;
    assert_eq!(client.apply("a-1", account_form("taro01", "oi25io14")).await.code(), "");
    client.log_in_by_id("taro01", "oi25io14", "bid").await;
    let mut officer = server.officer("shimonoseki", "sato", "review");
    suspend(&mut officer, "companies/990000001").await;
    let turned_back = client.get("/api/session").await.json();
    assert_eq!(
        (&turned_back["refused"], &turned_back["login_id"]),
        (&json!("company_suspended"), &Value::Null)
    );
    assert_eq!(client.log_in_by_id("taro01", "oi25io14", "bid").await.code(), "company_suspended");
    assert_eq!(client.log_in_by_id("taro01", "wrong123", "bid").await.code(), "credentials_wrong");
}

#[tokio::test]
async fn who_registered_and_left_the_roster_is_suspended_by_its_import_and_not_after_the_undo() {
    let server = TestServer::start();
    let card = server.card(7);
    let mut client = server.client();
    client.registered(&card).await;
    let mut officer = server.officer(AGENCY, "sato", "review");
    let file = "業者番号,商号又は名称\n990000003,（株）新規\n";
    let id = officer.upload(&server, file.as_bytes()).await["id"].clone();
    let taken = officer.taken(&server, &id, json!({"remove_missing": true})).await;
    assert_eq!(taken["state"], "taken", "{taken:#}");
    client.begin().await;
    assert_eq!(client.login(&card, "bid").await.code(), "company_suspended");
    let detail = officer.get("/api/officer/companies/990000001").await.json();
    assert!(detail["suspension"]["reason"].as_str().unwrap().contains("名簿から外れました"), "{detail:#}");
    assert_eq!(officer.undo(&id).await.code(), "");
    client.log_in(&card, "bid").await;
}

#[tokio::test]
async fn what_was_typed_before_a_suspension_comes_back_after_it() {
    let server = TestServer::start();
    let card = server.card(7);
    server.client().registered(&card).await;
    let mut changing = server.client();
    let session = changing.log_in(&card, "change").await;
    let values = edited(&session, &[("card_contact_name", "変更花子")]);
    assert_eq!(changing.send("PUT", "/api/draft", json!({"values": values})).await.code(), "");
    let mut officer = server.officer(AGENCY, "sato", "review");
    suspend(&mut officer, "companies/990000001").await;
    assert_eq!(
        changing.send("PUT", "/api/draft", json!({"values": values})).await.code(),
        "company_suspended"
    );
    assert_eq!(changing.get("/api/session").await.json()["refused"], "company_suspended");
    assert_eq!(
        changing.send("PUT", "/api/draft", json!({"values": values})).await.code(),
        "card_not_presented"
    );
    assert_eq!(changing.login(&card, "change").await.code(), "company_suspended");

    let why = json!({"reason": "期間の満了"});
    assert_eq!(officer.post("/api/officer/companies/990000001/lift", why).await.code(), "");
    let again = changing.log_in(&card, "change").await;
    assert_eq!(again["draft"]["card_contact_name"], "変更花子", "{again:#}");
}
