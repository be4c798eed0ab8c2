//! Cards that their company stops, and what officers lift.

use serde_json::{Value, json};

use crate::{
    identity::{AGENCY, OTHER, OWN, card_of, server_with},
    support::client::card_form,
};

#[tokio::test]
async fn a_card_that_the_company_stopped_is_replaced_by_none_until_officers_lift_it() {
    let server = server_with("");
    let (own, stolen) = (card_of(&server, 7, OWN), card_of(&server, 8, OWN));
    server.client().registered(&own).await;
    server.client().registered(&stolen).await;
    let new = card_of(&server, 9, OTHER);
    let mut thief = server.client();
    thief.log_in(&stolen, "renew_old").await;
    assert_eq!(thief.login(&new, "renew_new").await.code(), "");
    let done = thief.post("/api/renewal", json!({"submission": "r-1"})).await;
    assert_eq!(done.json()["completed"]["pending"], true, "{done:?}");
    let mut officer = server.officer(AGENCY, "sato", "review");
    let before = officer.look("card", &json!(1)).await.json();
    assert_eq!(before["suspension"], Value::Null);

    let mut client = server.client();
    client.log_in(&own, "bid").await;
    assert_eq!(client.post("/api/status/stop", json!({"card": 2})).await.code(), "");
    let decided = officer.decide("card", &json!(1), &before["revision"], None).await;
    assert_eq!(decided.code(), "stale", "the officer has not seen it");
    let detail = officer.look("card", &json!(1)).await.json();
    assert!(detail["suspension"]["reason"].as_str().unwrap().contains("による停止"), "{detail}");
    assert_eq!(officer.look_and_decide("card", &json!(1), None).await.code(), "stale");
    let mut refused = server.client();
    refused.begin().await;
    assert_eq!(refused.login(&new, "bid").await.code(), "registration_pending");

    let lifted = officer.post("/api/officer/cards/2/lift", json!({"reason": "会社に確かめた"})).await;
    assert_eq!(lifted.code(), "");
    assert_eq!(officer.look_and_decide("card", &json!(1), None).await.code(), "");
}

#[tokio::test]
async fn a_company_stops_a_card_that_waits_and_it_is_approved_only_once_officers_lift_that() {
    let server = server_with("");
    let own = card_of(&server, 7, OWN);
    server.client().registered(&own).await;
    let mut waiting = server.client();
    waiting.reach_form(&card_of(&server, 8, OTHER)).await;
    assert_eq!(waiting.register("second", card_form()).await.json()["completed"]["pending"], true);
    server.take_mails().await;
    let mut client = server.client();
    client.log_in(&own, "bid").await;
    let status = client.get("/api/status").await.json();
    let find = |status: &Value| {
        let cards = status["cards"].as_array().unwrap();
        cards.iter().find(|card| card["serial"] == "8").unwrap().clone()
    };
    let card = find(&status);
    assert_eq!((&card["state"], &card["is_stopped"]), (&json!("pending"), &json!(false)));
    let stopped = client.post("/api/status/stop", json!({"card": card["id"]})).await;
    assert_eq!(find(&stopped.json())["is_stopped"], true, "{stopped:?}");
    assert_eq!(client.post("/api/status/stop", json!({"card": card["id"]})).await.code(), "stale");
    let mails = server.take_mails().await;
    assert!(
        mails.iter().any(|mail| mail.1.contains("自社のICカードまたはIDの利用を停止しました")),
        "{mails:?}"
    );

    let mut viewer = server.officer(AGENCY, "jiro", "view");
    let found = viewer.get("/api/officer/companies?filter=suspended").await.json();
    assert_eq!(found["companies"][0]["number"], "990000001", "where the officers' mail leads: {found}");
    let daily = viewer.get("/api/officer/daily").await.json().to_string();
    assert!(daily.contains("card_stopped") && daily.contains("\"serial\":\"8\""), "{daily}");

    let mut officer = server.officer(AGENCY, "sato", "review");
    assert_eq!(officer.look_and_decide("card", &json!(1), None).await.code(), "stale");
    // Who withdraws and applies again is still stopped.
    let withdrawn = waiting.post("/api/application/withdrawal", json!({})).await;
    assert_eq!(withdrawn.code(), "", "{withdrawn:?}");
    waiting.reach_form(&card_of(&server, 8, OTHER)).await;
    let again = waiting.register("third", card_form()).await;
    assert_eq!(again.json()["completed"]["pending"], true, "{again:?}");
    assert_eq!(officer.look_and_decide("card", &json!(2), None).await.code(), "stale");
    let card = find(&client.get("/api/status").await.json());
    let lift = format!("/api/officer/cards/{}/lift", card["id"]);
    let lifted = officer.post(&lift, json!({"reason": "会社に確かめた"})).await;
    assert_eq!(lifted.code(), "", "{lifted:?}");
    assert_eq!(officer.post(&lift, json!({"reason": "もう一度"})).await.code(), "stale");
    assert_eq!(officer.look_and_decide("card", &json!(2), None).await.code(), "");
    assert_eq!(officer.post(&lift, json!({"reason": "もう一度"})).await.code(), "stale");
    assert_eq!(client.post("/api/status/stop", json!({"card": card["id"]})).await.code(), "wrong_state");
}

#[tokio::test]
async fn a_card_that_was_stopped_while_it_waited_comes_in_no_other_way() {
    let server = server_with("renewal_match = \"holder\"");
    let own = card_of(&server, 7, OWN);
    let other = card_of(&server, 8, "C=JP,O=株式会社テスト商会０１,CN=別人花子");
    server.client().registered(&own).await;
    let mut client = server.client();
    client.log_in(&own, "renew_old").await;
    assert_eq!(client.login(&other, "renew_new").await.code(), "");
    let applied = client.post("/api/renewal", json!({"submission": "r"})).await;
    assert_eq!(applied.json()["completed"]["pending"], true, "{applied:?}");
    let mut company = server.client();
    company.log_in(&own, "bid").await;
    assert_eq!(company.post("/api/status/stop", json!({"card": -1})).await.code(), "");
    let mut leaving = server.client();
    leaving.begin().await;
    assert_eq!(leaving.login(&other, "register").await.code(), "");
    assert_eq!(leaving.post("/api/application/withdrawal", json!({})).await.code(), "");

    let mut again = server.client();
    again.begin().await;
    assert_eq!(again.login(&other, "register").await.code(), "");
    assert_eq!(again.search("990000001", "（株）テスト商会０１").await.code(), "");
    assert_eq!(again.register("second", card_form()).await.code(), "card_suspended");
    let mut officer = server.officer(AGENCY, "sato", "review");
    let lifted = officer.post("/api/officer/cards/-1/lift", json!({"reason": "会社に確かめた"})).await;
    assert_eq!(lifted.code(), "", "{lifted:?}");
    assert_eq!(again.register("third", card_form()).await.code(), "");
}

#[tokio::test]
async fn a_company_sees_its_cards_and_stops_one_that_is_not_its_own() {
    let server = server_with("");
    let (own, other) = (card_of(&server, 7, OWN), card_of(&server, 8, OWN));
    server.client().registered(&own).await;
    server.client().registered(&other).await;
    server.take_mails().await;
    let mut stranger = server.client();
    assert_eq!(stranger.get("/api/status").await.code(), "session_missing");
    stranger.reach_form(&card_of(&server, 9, OTHER)).await;
    assert_eq!(stranger.get("/api/status").await.code(), "card_not_presented");

    let mut client = server.client();
    client.log_in(&own, "bid").await;
    let status = client.get("/api/status").await.json();
    let cards = status["cards"].as_array().unwrap();
    assert_eq!(cards.len(), 2, "{status}");
    let find = |serial: &str| cards.iter().find(|card| card["serial"] == serial).unwrap().clone();
    assert_eq!((&find("7")["is_own"], &find("8")["is_own"]), (&json!(true), &json!(false)));
    assert!(find("7")["last_login_unix_ms"].is_i64() && find("7")["holder"] == "試験太郎", "{status}");
    assert!(status["timeline"].to_string().contains("検索されました"), "{status}");
    assert_eq!(status["values"]["company_id"], "9992100000000001");

    let stop = |id: &Value| json!({"card": id});
    assert_eq!(client.post("/api/status/stop", stop(&find("7")["id"])).await.code(), "wrong_state");
    let stopped = client.post("/api/status/stop", stop(&find("8")["id"])).await;
    assert_eq!(stopped.code(), "", "{stopped:?}");
    assert_eq!(client.post("/api/status/stop", stop(&find("8")["id"])).await.code(), "stale");
    assert_eq!(client.post("/api/status/stop", stop(&json!(99))).await.code(), "not_found");
    let mut suspended = server.client();
    suspended.begin().await;
    assert_eq!(suspended.login(&other, "bid").await.code(), "card_suspended");
    let mails = server.take_mails().await;
    assert!(
        mails.iter().any(|mail| mail.1.contains("自社のICカードまたはIDの利用を停止しました")),
        "{mails:?}"
    );
    assert!(mails.iter().any(|mail| mail.0 == "card@example.jp" && mail.2.contains("停止されました")));

    let mut officer = server.officer(AGENCY, "sato", "review");
    let lift = format!("/api/officer/cards/{}/lift", find("8")["id"]);
    assert_eq!(officer.post(&lift, json!({"reason": "会社に確かめた"})).await.code(), "");
    let mails = server.take_mails().await;
    let told = |to: &str| {
        let to = mails.iter().find(|mail| mail.0 == to).map(|mail| mail.2.as_str());
        to.is_some_and(|body| {
            body.contains("解除されました")
                && body.contains("証明書シリアル番号 8")
                && !body.contains("会社に確かめた")
        })
    };
    assert!(told("card@example.jp") && told("representative@example.jp"), "{mails:?}");
    server.client().log_in(&other, "bid").await;
}
