//! Who gets mail: a typed address is asked first, and nobody is flooded.

use serde_json::{Value, json};
use touroku_server::store::Retention;

use crate::support::{
    authority::Card,
    client::{Client, TestServer, account_form, edited, form, no_limits},
};

/// Tests send to any address unless that is their subject.
const ASKING: &str = "send_unconfirmed = true => send_unconfirmed = false";
const ADDRESSES: [&str; 2] = ["card@example.jp", "representative@example.jp"];

fn server() -> TestServer {
    TestServer::start_with(no_limits(), ASKING)
}

fn id_server(profile: &str) -> TestServer {
    TestServer::start_at("shimonoseki", no_limits(), &format!("{ASKING}\n{profile}"))
}

async fn registered(server: &TestServer, card: &Card) -> (Client, Value) {
    let mut client = server.client();
    client.reach_form(card).await;
    let done = client.register("s-1", form()).await;
    assert_eq!(done.code(), "", "{done:?}");
    (client, done.json())
}

/// The link in a mail asking for confirmation.
fn token(body: &str) -> String {
    let (_, link) = body.split_once("https://ebid.example.jp/mail#").unwrap_or_else(|| panic!("{body}"));
    link.chars().take_while(char::is_ascii_hexdigit).collect()
}

async fn confirm(server: &TestServer, token: &str) -> String {
    server.client().post("/api/mail/confirmation", json!({"token": token})).await.code()
}

/// What an officer sees of the mails about the first company: to whom, and their state.
async fn seen(server: &TestServer, agency: &str) -> Vec<(String, String, i64, String)> {
    let mut officer = server.officer(agency, &format!("sato{}", seen_by()), "review");
    let page = officer.get("/api/officer/companies/990000001").await.json();
    let text = |mail: &Value, name: &str| mail[name].as_str().unwrap().to_owned();
    let mails = page["mails"].as_array().unwrap();
    mails
        .iter()
        .map(|mail| {
            let id = mail["id"].as_i64().unwrap();
            (text(mail, "recipient"), text(mail, "state"), id, text(mail, "subject"))
        })
        .collect()
}

fn seen_by() -> usize {
    use std::sync::atomic::{AtomicUsize, Ordering};

    static NEXT: AtomicUsize = AtomicUsize::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

#[tokio::test]
async fn to_a_new_address_goes_one_mail_that_asks_and_what_waits_follows_its_yes() {
    let server = server();
    let card = server.card(7);
    let (mut client, done) = registered(&server, &card).await;
    assert_eq!(done["completed"]["unconfirmed"].as_array().unwrap().len(), 2, "the page says so: {done}");
    let asked = server.take_mails().await;
    let to: Vec<&str> = asked.iter().map(|mail| mail.0.as_str()).collect();
    assert_eq!(to, ADDRESSES);
    for mail in &asked {
        assert!(
            mail.1.contains("メールアドレスの確認") && mail.2.contains("（株）テスト商会０１"),
            "{mail:?}"
        );
        assert!(
            !mail.2.contains("連絡花子"),
            "nothing that whoever typed the address could choose: {mail:?}"
        );
    }
    // The card works, and keeps working; further mails wait as well, and nobody is asked again.
    let seen_now = client.log_in(&card, "change").await;
    assert_eq!(seen_now["card"]["registered"], true);
    assert_eq!(server.take_mails().await, []);
    assert!(seen(&server, "aomori").await.iter().any(|mail| mail.1 == "unconfirmed"));

    let link = token(&asked[1].2);
    for _ in 0..2 {
        assert_eq!(confirm(&server, &link).await, "", "twice is as good as once");
    }
    let mails = server.take_mails().await;
    assert_eq!(mails.len(), 1, "what waited, to the address that said yes: {mails:?}");
    assert!(mails[0].0 == "representative@example.jp" && mails[0].1.contains("利用者登録"), "{mails:?}");
    for wrong in ["", "zz", &"0".repeat(64)] {
        assert_eq!(confirm(&server, wrong).await, "link_invalid", "{wrong}");
    }
    server.wait(7 * 86_400_000);
    assert_eq!(confirm(&server, &token(&asked[0].2)).await, "link_invalid", "a week later");
}

#[tokio::test]
async fn an_address_that_is_confirmed_for_one_company_is_asked_for_another_one() {
    let server = id_server("");
    for (number, name) in [("990000001", "（株）テスト商会０１"), ("990000002", "")] {
        let mut client = server.client();
        client.begin_by_id().await;
        if name.is_empty() {
            client.search_other().await
        } else {
            client.search(number, name).await
        };
        let submission = format!("s-{number}");
        assert_eq!(
            client.apply(&submission, account_form(&format!("id{number}"), "oi25io14")).await.code(),
            ""
        );
        let asked = server.take_mails().await;
        assert_eq!(asked.len(), 2, "{asked:?}");
        for mail in asked {
            assert_eq!(confirm(&server, &token(&mail.2)).await, "");
        }
        assert_eq!(server.take_mails().await.len(), 2, "the receipts");
    }
    // Typing an address does not reveal whether it is one of the company's.
    let mut stranger = server.client();
    stranger.reach_application().await;
    let mut values = account_form("stranger7", "oi25io14");
    for field in ["representative_contact_email", "representative_contact_email_again"] {
        values[field] = "guess@example.com".into();
    }
    let done = stranger.apply("s-9", values).await.json();
    assert_eq!(
        done["completed"]["unconfirmed"],
        json!(["guess@example.com", "applicant@example.jp"]),
        "{done}"
    );
}

#[tokio::test]
async fn nobody_is_flooded_by_strangers_who_type_their_address() {
    let server = id_server("");
    // Whoever never answers is asked at most three times a day, whatever is done with the address.
    for round in 0..8 {
        let mut client = server.client();
        client.reach_application().await;
        let reply =
            client.apply(&format!("s-{round}"), account_form(&format!("taro0{round}"), "oi25io14")).await;
        assert_eq!(reply.code(), "", "{reply:?}");
        let mut other = server.client();
        other.begin_by_id().await;
        other.search_other().await;
        let reply =
            other.apply(&format!("o-{round}"), account_form(&format!("jiro0{round}"), "oi25io14")).await;
        assert_eq!(reply.code(), "", "{reply:?}");
        server.wait(7 * 86_400_000 / 8);
    }
    let mails = server.take_mails().await;
    let asked = mails.iter().filter(|mail| mail.0 == "applicant@example.jp").count();
    assert_eq!(asked, 2, "once for each company while the link is good: {mails:?}");
}

#[tokio::test]
async fn strangers_who_type_a_companys_address_do_not_keep_it_from_being_asked() {
    let server = id_server("");
    let mut stranger = server.client();
    stranger.begin_by_id().await;
    stranger.search_other().await;
    assert_eq!(stranger.apply("o-1", account_form("jiro01", "oi25io14")).await.code(), "");
    for _ in 0..5 {
        assert_eq!(stranger.post("/api/mail/question", Value::Null).await.code(), "");
    }
    let asked = server.take_mails().await;
    let of_address = |mails: &[(String, String, String)]| {
        mails.iter().filter(|mail| mail.0 == "representative@example.jp").count()
    };
    assert_eq!(of_address(&asked), 3, "{asked:?}");

    let mut client = server.client();
    client.reach_application().await;
    assert_eq!(client.apply("s-1", account_form("taro01", "oi25io14")).await.code(), "");
    assert_eq!(of_address(&server.take_mails().await), 0, "not by one more stranger");
    let mut officer = server.officer("shimonoseki", "sato", "review");
    assert_eq!(officer.look_and_decide("account", &json!(2), None).await.code(), "");
    let asked = server.take_mails().await;
    assert_eq!(of_address(&asked), 1, "but as soon as it is the company's: {asked:?}");
}

#[tokio::test]
async fn too_many_mails_to_one_address_are_held_back_and_an_officer_sees_and_sends_them() {
    let server = TestServer::start_with(no_limits(), "");
    let card = server.card(7);
    registered(&server, &card).await;
    let mut client = server.client();
    for round in 0..31 {
        let seen = client.log_in(&card, "change").await;
        let changes = [("card_contact_person", if round % 2 == 0 { "後任" } else { "前任" })];
        let revision = &seen["company"]["revision"];
        let changed = client.change(&format!("c-{round}"), revision, edited(&seen, &changes)).await;
        assert_eq!(changed.code(), "", "{changed:?}");
    }
    let mails = server.take_mails().await;
    assert_eq!(mails.iter().filter(|mail| mail.0 == "card@example.jp").count(), 30);
    let held: Vec<_> =
        seen(&server, "aomori").await.into_iter().filter(|mail| mail.1 == "over_limit").collect();
    assert_eq!(held.len(), 4, "two for each address: {held:?}");
    let mut officer = server.officer("aomori", "suzuki", "review");
    let found = officer.get("/api/officer/companies?filter=bounced").await.json();
    assert_eq!(found["companies"][0]["number"], "990000001", "{found}");
    let (send, drop) = (held[0].2, held[1].2);
    for (id, act) in [(send, "send"), (drop, "give-up")] {
        let path = format!("/api/officer/companies/990000001/mails/{id}/{act}");
        assert_eq!(officer.post(&path, json!({})).await.code(), "");
        assert_eq!(officer.post(&path, json!({})).await.code(), "stale");
    }
    assert_eq!(server.take_mails().await.len(), 1);
    // Another server on the same database shares the count; the next day it is forgotten.
    server.wait(86_400_000);
    let seen = client.log_in(&card, "change").await;
    let changes = [("card_contact_person", "三人目")];
    client.change("c-99", &seen["company"]["revision"], edited(&seen, &changes)).await;
    assert_eq!(server.take_mails().await.len(), 2);
}

#[tokio::test]
async fn no_mail_about_an_application_holds_what_the_applicant_wrote() {
    let server = TestServer::start_at("shimonoseki", no_limits(), "");
    let mut client = server.client();
    client.reach_application().await;
    let mut values = account_form("taro01", "oi25io14");
    values["applicant_contact_person"] = "至急振込をhttps".into();
    values["branch"] = "偽の案内".into();
    assert_eq!(client.apply("s-1", values).await.code(), "");
    let mut officer = server.officer("shimonoseki", "sato", "review");
    officer.look_and_decide("account", &json!(1), Some("確認できません")).await;
    let mails = server.take_mails().await;
    assert_eq!(mails.len(), 4);
    for mail in mails {
        assert!(!mail.2.contains("至急振込") && !mail.2.contains("偽の案内"), "{mail:?}");
        assert!(mail.2.contains("受付番号 : 20"), "{mail:?}");
    }
}

#[tokio::test]
async fn an_id_that_officers_approved_sees_and_stops_what_the_company_has() {
    let server = TestServer::start_at("shimonoseki", no_limits(), "");
    for login_id in ["taro01", "jiro02"] {
        let mut client = server.client();
        client.reach_application().await;
        assert_eq!(client.apply(login_id, account_form(login_id, "oi25io14")).await.code(), "");
    }
    let mut officer = server.officer("shimonoseki", "sato", "review");
    for id in [1, 2] {
        assert_eq!(officer.look_and_decide("account", &json!(id), None).await.code(), "");
    }
    server.take_mails().await;
    let mut client = server.client();
    client.reach_application().await;
    assert_eq!(client.get("/api/status").await.code(), "session_missing", "nobody has logged in");
    assert_eq!(client.log_in_by_id("taro01", "oi25io14", "bid").await.code(), "");
    let status = client.get("/api/status").await.json();
    let own: Vec<_> =
        status["accounts"].as_array().unwrap().iter().map(|one| one["is_own"].clone()).collect();
    assert_eq!((&status["is_admitted"], own), (&json!(true), vec![json!(false), json!(true)]), "{status}");
    assert!(status["timeline"]["items"].as_array().unwrap().len() >= 4);
    assert_eq!(client.post("/api/status/stop", json!({"account": 1})).await.code(), "wrong_state", "its own");
    assert_eq!(client.post("/api/status/stop", json!({"account": 2})).await.code(), "");
    assert_eq!(server.client().log_in_by_id("jiro02", "oi25io14", "bid").await.code(), "account_suspended");
    let told = server.take_mails().await;
    assert!(told.iter().any(|mail| mail.2.contains("ユーザーID taro01")), "{told:?}");
}

#[tokio::test]
async fn an_id_that_no_officer_approved_sees_itself_only() {
    let server = TestServer::start_at("shimonoseki", no_limits(), "review = true => review = false");
    for login_id in ["taro01", "stranger7"] {
        let mut client = server.client();
        client.reach_application().await;
        assert_eq!(client.apply(login_id, account_form(login_id, "oi25io14")).await.code(), "");
    }
    let mut stranger = server.client();
    assert_eq!(stranger.log_in_by_id("stranger7", "oi25io14", "bid").await.code(), "");
    let status = stranger.get("/api/status").await.json();
    assert_eq!((&status["is_admitted"], &status["accounts"].as_array().unwrap().len()), (&json!(false), &1));
    let shown = status.to_string();
    assert!(!shown.contains("taro01") && status["timeline"] == json!({"items": [], "next": null}), "{shown}");
    let earlier = stranger.get("/api/status/timeline?after=9-0").await.json();
    assert_eq!(earlier, json!({"items": [], "next": null}));
    assert_eq!(stranger.post("/api/status/stop", json!({"account": 1})).await.code(), "not_found");
}

#[tokio::test]
async fn a_link_for_a_new_password_lives_from_the_sending_of_its_mail() {
    let server = id_server("");
    let mut client = server.client();
    client.reach_application().await;
    assert_eq!(client.apply("s-1", account_form("taro01", "oi25io14")).await.code(), "");
    let mut officer = server.officer("shimonoseki", "sato", "review");
    assert_eq!(officer.look_and_decide("account", &json!(1), None).await.code(), "");
    let asked = server.take_mails().await;
    let asked = asked.iter().find(|mail| mail.0 == "applicant@example.jp").unwrap();

    let forgotten = json!({"agency": "shimonoseki", "login_id": "taro01", "email": "applicant@example.jp"});
    client.post("/api/account/forgotten", forgotten).await;
    while !seen(&server, "shimonoseki").await.iter().any(|mail| mail.3.contains("再設定")) {
        tokio::task::yield_now().await;
    }
    server.wait(5 * 3_600_000);
    assert_eq!(confirm(&server, &token(&asked.2)).await, "");
    let mails = server.take_mails().await;
    let mail = mails.iter().find(|mail| mail.1.contains("再設定")).unwrap();
    let (_, link) = mail.2.split_once("https://ebid.example.jp/reset#").unwrap();
    let link: String = link.chars().take_while(char::is_ascii_hexdigit).collect();
    let reset = json!({"token": link, "password": "ne7u4k1z"});
    server.wait(29 * 60_000);
    assert_eq!(client.post("/api/account/password", reset).await.code(), "");
}

#[tokio::test]
async fn what_is_held_back_and_never_leaves_is_not_lost_unseen() {
    let server = id_server("");
    let mut client = server.client();
    client.reach_application().await;
    assert_eq!(client.apply("s-0", account_form("taro00", "oi25io14")).await.code(), "");
    let mut officer = server.officer("shimonoseki", "sato", "review");
    assert_eq!(officer.look_and_decide("account", &json!(1), Some("確認できません")).await.code(), "");
    for round in 1..=10 {
        let mut client = server.client();
        client.reach_application().await;
        let values = account_form(&format!("taro{round:02}"), "oi25io14");
        assert_eq!(client.apply(&format!("s-{round}"), values).await.code(), "");
    }
    let mails = seen(&server, "shimonoseki").await;
    let to_one = |state: &str| -> Vec<&str> {
        let of = |mail: &&(String, String, i64, String)| mail.0 == "applicant@example.jp" && mail.1 == state;
        mails.iter().filter(of).map(|mail| mail.3.as_str()).collect()
    };
    assert_eq!((to_one("unconfirmed").len(), to_one("never_sent").len()), (10, 2), "{mails:?}");
    assert!(
        to_one("unconfirmed").iter().any(|subject| subject.contains("承認されませんでした")),
        "no stranger pushes out what opens something: {mails:?}"
    );
    let (day, now) = (86_400_000, server.app.outside.now());
    let retention = Retention { ended_after: 0, draft: 30 * day, sent_mail: 400 * day, decision: 400 * day };
    server.app.store.write(move |writer| writer.tidy(now + 31 * day, retention)).await.unwrap();
    let mails = seen(&server, "shimonoseki").await;
    assert!(mails.iter().all(|mail| mail.1 != "unconfirmed"), "{mails:?}");
    assert_eq!(mails.iter().filter(|mail| mail.1 == "never_sent").count(), 24, "{mails:?}");
}

#[tokio::test]
async fn the_question_is_mailed_again_to_whoever_entered_the_address_and_not_too_often() {
    let server = id_server("");
    let mut client = server.client();
    client.reach_application().await;
    assert_eq!(client.post("/api/mail/question", Value::Null).await.code(), "not_found", "nothing is theirs");
    assert_eq!(client.apply("s-1", account_form("taro01", "oi25io14")).await.code(), "");
    let mut asked = server.take_mails().await;
    for round in 0..5 {
        assert_eq!(client.post("/api/mail/question", Value::Null).await.code(), "", "{round}");
        asked.extend(server.take_mails().await);
    }
    assert_eq!(asked.len(), 6, "three a day to each: {asked:?}");
    server.wait(86_400_000);
    // Logging in has them mailed too; a confirmed address is not asked.
    let mut officer = server.officer("shimonoseki", "sato", "review");
    assert_eq!(officer.look_and_decide("account", &json!(1), None).await.code(), "");
    let latest = asked.iter().rfind(|mail| mail.0 == "representative@example.jp").unwrap();
    assert_eq!(confirm(&server, &token(&latest.2)).await, "");
    server.take_mails().await;
    assert_eq!(client.log_in_by_id("taro01", "oi25io14", "bid").await.code(), "");
    assert_eq!(client.post("/api/mail/question", Value::Null).await.code(), "");
    let asked: Vec<String> = server.take_mails().await.into_iter().map(|mail| mail.0).collect();
    assert_eq!(asked, ["applicant@example.jp"]);
    let mut stranger = server.client();
    stranger.reach_application().await;
    assert_eq!(stranger.post("/api/mail/question", Value::Null).await.code(), "not_found");

    let cards = TestServer::start_with(no_limits(), ASKING);
    let (mut client, _) = registered(&cards, &cards.card(7)).await;
    cards.take_mails().await;
    assert_eq!(client.post("/api/mail/question", Value::Null).await.code(), "");
    let asked: Vec<String> = cards.take_mails().await.into_iter().map(|mail| mail.0).collect();
    assert_eq!(asked, ADDRESSES);
    for _ in 0..5 {
        assert_eq!(client.post("/api/mail/question", Value::Null).await.code(), "");
    }
    let asked = cards.take_mails().await;
    assert_eq!(asked.len(), 3 * ADDRESSES.len(), "five a day with that of the registration: {asked:?}");
}
