//! Suspension of companies and cards: what stops, what continues, and what comes back.

use serde_json::{Value, json};
use touroku_japanese::clock;

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
    assert!(detail["timeline"]["items"][0]["text"].as_str().unwrap().contains("理由: 指名停止のため"));
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
    let now = server.app.outside.now();
    let lifted = server.app.store.write(move |writer| {
        held_up.recv().unwrap();
        writer.lift_company(AGENCY, "990000001", now)
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

/// A day from today in Japan.
fn day(server: &TestServer, ahead: i64) -> String {
    clock::date(server.app.outside.now() + ahead * clock::DAY)
}

/// Waits until so long before midnight in Japan.
fn wait_for_midnight(server: &TestServer, but: i64) {
    let now = server.app.outside.now();
    server.wait(clock::beginning_of(clock::day(now) + 1) - now - but);
}

#[tokio::test]
async fn a_period_begins_and_ends_by_itself_with_the_day() {
    let server = TestServer::start();
    let card = server.card(7);
    let mut client = server.client();
    client.registered(&card).await;
    wait_for_midnight(&server, 60_000);
    client.begin().await;
    client.log_in(&card, "bid").await;
    let mut officer = server.officer(AGENCY, "sato", "review");
    let (first, last) = (day(&server, 1), day(&server, 2));
    let asked = json!({"reason": "措置要領第3条", "period": {"from": first, "until": last}});
    let planned = officer.post("/api/officer/companies/990000001/suspend", asked.clone()).await.json();
    assert_eq!(planned["suspension"]["in_force"], false, "{planned:#}");
    assert_eq!(planned["suspension"]["period"], asked["period"]);
    let words = planned["timeline"]["items"][0]["text"].as_str().unwrap();
    let period = format!("期間 {}～{}", first.replace('-', "/"), last.replace('-', "/"));
    assert!(words.contains(&period), "{words}");
    let found = "/api/officer/companies?query=&filter=suspended";
    assert_eq!(officer.get(found).await.json()["companies"], json!([]));
    assert_eq!(officer.get("/api/officer/figures").await.json()["suspended"], 0);

    server.wait(59_999);
    assert_eq!(client.get("/api/session").await.json()["refused"], Value::Null);
    server.wait(1);
    let turned_back = client.get("/api/session").await.json();
    assert_eq!(
        (&turned_back["refused"], &turned_back["refused_until"]),
        (&json!("company_suspended"), &json!(last))
    );
    client.begin().await;
    let refused = client.login(&card, "bid").await;
    assert_eq!((refused.code().as_str(), &refused.json()["until"]), ("company_suspended", &json!(last)));
    assert_eq!(officer.get(found).await.json()["companies"][0]["number"], "990000001");
    assert_eq!(officer.get("/api/officer/figures").await.json()["suspended"], 1);

    server.wait(2 * clock::DAY - 1);
    client.begin().await;
    assert_eq!(client.login(&card, "bid").await.code(), "company_suspended");
    server.wait(1);
    client.begin().await;
    client.log_in(&card, "bid").await;
    let mut officer = server.officer(AGENCY, "suzuki", "review");
    let page = officer.get("/api/officer/companies/990000001").await.json();
    assert_eq!(page["suspension"], Value::Null);
    let again = json!({"reason": "再度の指名停止"});
    assert_eq!(officer.post("/api/officer/companies/990000001/suspend", again).await.code(), "");
}

#[tokio::test]
async fn a_period_is_corrected_by_one_officer_and_the_other_is_told() {
    let server = TestServer::start();
    let mut officer = server.officer(AGENCY, "sato", "review");
    let company = "/api/officer/companies/990000001";
    let [today, tomorrow, later] = [0, 1, 30].map(|ahead| day(&server, ahead));
    let (suspend, correct) = (format!("{company}/suspend"), format!("{company}/suspension"));
    for (from, until) in
        [(&later, &tomorrow), (&today, &day(&server, -1)), (&today, &"2026-13-01".to_owned())]
    {
        let asked = json!({"reason": "理由", "period": {"from": from, "until": until}});
        assert_eq!(officer.post(&suspend, asked).await.code(), "period_invalid", "{from} {until}");
    }
    let asked = json!({"reason": "理由", "period": {"from": today, "until": tomorrow}});
    let set = officer.post(&suspend, asked.clone()).await.json();
    let seen = &set["suspension"]["at_unix_ms"];
    server.wait(1000);
    let longer = json!({"reason": "期間の延長", "period": {"from": today, "until": later}});
    let corrected = officer.post(&correct, json!({"seen_unix_ms": seen, "suspend": longer})).await.json();
    assert_eq!(corrected["suspension"]["period"]["until"], json!(later), "{corrected:#}");
    let text = corrected["timeline"]["items"][0]["text"].as_str().unwrap();
    assert!(text.contains("訂正") && text.contains("理由: 期間の延長"), "{text}");
    let late = officer.post(&correct, json!({"seen_unix_ms": seen, "suspend": asked})).await;
    assert_eq!(late.code(), "stale");
    let why = json!({"reason": "期間の満了前の解除"});
    assert_eq!(officer.post(&format!("{company}/lift"), why).await.json()["suspension"], Value::Null);
    let actions: Vec<String> = server.audit(AGENCY).into_iter().map(|entry| entry.1).collect();
    assert_eq!(actions, ["company_suspended", "company_suspension_corrected", "company_lifted"]);
}

#[tokio::test]
async fn who_left_the_roster_is_not_let_in_by_the_end_of_a_period() {
    let server = TestServer::start();
    let card = server.card(7);
    let mut client = server.client();
    client.registered(&card).await;
    let mut officer = server.officer(AGENCY, "sato", "review");
    let asked = json!({"reason": "指名停止", "period": {"until": day(&server, 1)}});
    assert_eq!(officer.post("/api/officer/companies/990000001/suspend", asked).await.code(), "");
    let file = "業者番号,商号又は名称\n990000003,（株）新規\n";
    let id = officer.upload(&server, file.as_bytes()).await["id"].clone();
    officer.taken(&server, &id, json!({"remove_missing": true})).await;
    server.wait(2 * clock::DAY);
    client.begin().await;
    assert_eq!(client.login(&card, "bid").await.code(), "company_suspended");
    // The undone import takes nothing but its own suspension away.
    let mut officer = server.officer(AGENCY, "suzuki", "review");
    assert_eq!(officer.undo(&id).await.code(), "");
    client.begin().await;
    client.log_in(&card, "bid").await;
}
