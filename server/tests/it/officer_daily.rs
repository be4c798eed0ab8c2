//! What officers are told about each day.

use serde_json::{Value, json};
use touroku_proto::officer::Role;
use touroku_server::officer::{send_daily_mails, send_news};

use crate::support::{
    authority::{Card, Spec},
    client::{ROSTER, TestServer, account_form, no_limits},
    officer::Officer,
};

const AGENCY: &str = "aomori";
const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

const OWN: &str = "C=JP,O=株式会社テスト商会０１,CN=試験太郎";
const OTHER: &str = "C=JP,O=株式会社悪徳商事,CN=悪田徳子";

/// A server at seven in the morning in Japan: 22:00 UTC.
fn server_at_seven() -> TestServer {
    at_seven(TestServer::start_at(AGENCY, no_limits(), ""))
}

fn at_seven(server: TestServer) -> TestServer {
    let now = server.app.outside.now();
    server.wait((22 * HOUR - now.rem_euclid(DAY)).rem_euclid(DAY));
    server
}

fn card_of(server: &TestServer, serial: u32, name: &'static str) -> Card {
    server.root.issue(Spec { serial, name, ..Spec::card() })
}

/// The morning mails: to whom, and their contents.
async fn morning(server: &TestServer) -> Vec<(String, String)> {
    server.take_mails().await;
    send_daily_mails(&server.app).await.unwrap();
    server.take_mails().await.into_iter().map(|(to, _, body)| (to, body)).collect()
}

#[tokio::test]
async fn the_first_screen_lists_what_happened_today_and_the_day_before() {
    let server = server_at_seven();
    let (first, second) = (card_of(&server, 7, OWN), card_of(&server, 8, OTHER));
    server.client().registered(&first).await;
    server.wait(DAY);
    server.client().registered(&second).await;
    server.wait(1);
    // A different certificate with a registered card's number.
    let mut stranger = server.client();
    stranger.begin().await;
    assert_eq!(stranger.login(&card_of(&server, 7, OWN), "change").await.code(), "certificate_forged");
    let mut officer = server.officer(AGENCY, "sato", "view");
    let days = officer.get("/api/officer/daily").await.json();
    let told = |day: &Value| -> Vec<Value> {
        let items = day["items"].as_array().unwrap().iter();
        items.map(|item| json!([item["kind"], item["number"], item["serial"], item["is_other"]])).collect()
    };
    assert_eq!(
        told(&days[0]),
        [json!(["card_forged", "990000001", "7", false]), json!(["further_card", "990000001", "8", true])]
    );
    assert_eq!(told(&days[1]), [json!(["first_card", "990000001", "7", false])]);
    assert_eq!(days[1]["items"][0]["name"], "（株）テスト商会０１");
    server.wait(2 * DAY);
    let days = officer.get("/api/officer/daily").await.json();
    assert!(days.as_array().unwrap().iter().all(|day| day["items"] == json!([])), "{days}");
}

#[tokio::test]
async fn a_renewal_stands_there_if_it_is_to_another_company_or_person() {
    let server = server_at_seven();
    let same = "C=JP,O=株式会社テスト商会０１,CN=試験太郎";
    let person = "C=JP,O=株式会社テスト商会０１,CN=試験次郎";
    let cards = [(7, OWN), (8, same), (9, person)];
    let cards = cards.map(|(serial, name)| {
        let not_after = Spec::card().not_after + i64::from(serial) * 86_400;
        server.root.issue(Spec { serial, name, not_after, ..Spec::card() })
    });
    server.client().registered(&cards[0]).await;
    for pair in cards.windows(2) {
        let mut client = server.client();
        client.begin().await;
        assert_eq!(client.login(&pair[0], "renew_old").await.code(), "");
        assert_eq!(client.login(&pair[1], "renew_new").await.code(), "");
        let renewed = client.post("/api/renewal", json!({"submission": "r-1"})).await;
        assert_eq!(renewed.code(), "", "{renewed:?}");
    }
    let mut officer = server.officer(AGENCY, "sato", "view");
    let days = officer.get("/api/officer/daily").await.json();
    let items = days[0]["items"].as_array().unwrap();
    let kinds: Vec<_> = items.iter().map(|item| (item["kind"].clone(), item["serial"].clone())).collect();
    assert_eq!(kinds, [(json!("renewed_to_other"), json!("9")), (json!("first_card"), json!("7"))]);
}

#[tokio::test]
async fn a_mail_tells_every_morning_what_happened_unless_nothing_did() {
    let server = server_at_seven();
    let officer = Officer::new(&server, AGENCY, Role::View).await;
    let address = format!("{}@officers.example.jp", officer.login_id);
    assert_eq!(morning(&server).await, [], "nothing happened");
    server.client().registered(&card_of(&server, 7, OWN)).await;
    server.client().registered(&card_of(&server, 8, OTHER)).await;
    server.wait(DAY - 1);
    assert_eq!(morning(&server).await, [], "not yet seven");
    server.wait(1);
    let mails = morning(&server).await;
    let [(to, body)] = mails.as_slice() else { panic!("{mails:?}") };
    assert_eq!(*to, address);
    for line in [
        "最初のICカードの登録 : 1件\n",
        "2枚目以降のICカードの登録 : 1件（うち、電子証明書の会社名が名簿と違うもの : 1件）",
    ] {
        assert!(body.contains(line), "{body}");
    }
    assert!(body.contains("/officer.html#/\n"), "the first screen: {body}");
    assert!(!body.contains("悪徳") && !body.contains("テスト商会"), "nobody is named: {body}");
    // Another server on the same database, or a restart, notifies nobody twice.
    send_daily_mails(&server.beside()).await.unwrap();
    assert_eq!(server.take_mails().await, []);
    server.wait(DAY);
    assert_eq!(morning(&server).await, [], "nothing happened");
}

#[tokio::test]
async fn days_on_which_the_server_was_down_are_told_of_with_the_next_morning() {
    let server = server_at_seven();
    Officer::new(&server, AGENCY, Role::View).await;
    morning(&server).await;
    server.client().registered(&card_of(&server, 7, OWN)).await;
    server.wait(3 * DAY);
    let mails = morning(&server).await;
    assert!(
        matches!(mails.as_slice(), [(_, body)] if body.contains("最初のICカードの登録 : 1件")),
        "{mails:?}"
    );
}

#[tokio::test]
async fn an_officer_turns_the_mail_off_for_themselves() {
    let server = server_at_seven();
    let mut one = Officer::new(&server, AGENCY, Role::View).await;
    let other = Officer::new(&server, AGENCY, Role::View).await;
    assert_eq!(one.get("/api/officer/session").await.json()["notices"]["daily"], true);
    let set = one.put("/api/officer/notices", json!({"daily": false})).await;
    assert_eq!(set.json()["notices"]["daily"], false, "{set:?}");
    let deed = (one.login_id.clone(), "notices_changed".to_owned(), one.login_id.clone());
    assert!(server.audit(AGENCY).contains(&deed));
    server.client().registered(&card_of(&server, 7, OWN)).await;
    server.wait(DAY);
    let to: Vec<String> = morning(&server).await.into_iter().map(|(to, _)| to).collect();
    assert_eq!(to, [format!("{}@officers.example.jp", other.login_id)]);
}

/// The mails about what is new: to whom, and their contents.
async fn news(server: &TestServer) -> Vec<(String, String)> {
    server.take_mails().await;
    send_news(&server.app).await.unwrap();
    server.take_mails().await.into_iter().map(|(to, _, body)| (to, body)).collect()
}

/// Officers who want to be told about something at once, in the morning, and never; and their addresses.
async fn readers(server: &TestServer, agency: &str, about: &str) -> [String; 3] {
    let mut addresses = [const { String::new() }; 3];
    for (address, when) in addresses.iter_mut().zip(["at_once", "daily", "never"]) {
        let mut officer = Officer::new(server, agency, Role::Review).await;
        let set = officer.put("/api/officer/notices", json!({about: when})).await;
        assert_eq!(set.json()["notices"][about], when, "{set:?}");
        *address = format!("{}@officers.example.jp", officer.login_id);
    }
    morning(server).await;
    assert_eq!(news(server).await, [], "nothing happened");
    addresses
}

#[tokio::test]
async fn an_officer_is_told_of_a_new_application_at_once_in_the_morning_or_never() {
    let server = at_seven(TestServer::start_at("shimonoseki", no_limits(), ""));
    let [at_once, daily, _] = readers(&server, "shimonoseki", "application").await;
    for login_id in ["taro01", "taro02"] {
        let mut client = server.client();
        client.reach_application().await;
        assert_eq!(client.apply(login_id, account_form(login_id, "oi25io14")).await.code(), "");
    }
    server.wait(60_000);
    let line = "・審査を待っているID登録申請 : 2件";
    let mails = news(&server).await;
    let [(to, body)] = mails.as_slice() else { panic!("{mails:?}") };
    assert_eq!(*to, at_once, "one mail for both");
    assert!(body.contains(line) && body.contains("/officer.html#/review\n"), "{body}");
    assert!(!body.contains("テスト商会"), "nobody is named: {body}");
    assert_eq!(news(&server).await, []);
    send_news(&server.beside()).await.unwrap();
    assert_eq!(server.take_mails().await, [], "nor does another server tell it again");
    server.wait(DAY);
    let mails = morning(&server).await;
    let [(to, body)] = mails.as_slice() else { panic!("{mails:?}") };
    assert!(*to == daily && body.contains(line), "{mails:?}");
}

#[tokio::test]
async fn an_officer_is_told_of_an_incident_at_once() {
    let server = server_at_seven();
    let [at_once, ..] = readers(&server, AGENCY, "incident").await;
    server.client().registered(&card_of(&server, 7, OWN)).await;
    server.wait(60_000);
    assert_eq!(news(&server).await, [], "a registration is none");
    let mut stranger = server.client();
    stranger.begin().await;
    assert_eq!(stranger.login(&card_of(&server, 7, OWN), "change").await.code(), "certificate_forged");
    server.wait(60_000);
    let mails = news(&server).await;
    assert!(matches!(mails.as_slice(), [(to, body)] if *to == at_once && body.contains("1件")), "{mails:?}");
}

#[tokio::test]
async fn an_officer_is_told_of_a_card_that_waits_at_once_or_in_the_morning() {
    let waits = ["works", "goods"]
        .map(|code| format!("code = \"{code}\" => code = \"{code}\"\u{1}card_review = true"));
    let server = at_seven(TestServer::start_at(AGENCY, no_limits(), &waits.join("\n")));
    let [at_once, daily, _] = readers(&server, AGENCY, "card").await;
    server.client().registered(&card_of(&server, 7, OWN)).await;
    server.wait(60_000);
    let line = "・審査を待っているICカードの利用者登録 : 1件";
    let mails = news(&server).await;
    let [(to, body)] = mails.as_slice() else { panic!("{mails:?}") };
    assert_eq!(*to, at_once);
    assert!(body.contains(line) && body.contains("/officer.html#/review\n"), "{body}");
    assert!(!body.contains("テスト商会"), "nobody is named: {body}");
    assert_eq!(news(&server).await, []);
    server.wait(DAY);
    let mails = morning(&server).await;
    let [(to, body)] = mails.as_slice() else { panic!("{mails:?}") };
    assert!(*to == daily && body.contains(line), "{mails:?}");
}

#[tokio::test]
async fn an_officer_is_told_when_an_import_was_checked_taken_over_or_failed() {
    let server = server_at_seven();
    let [at_once, daily, _] = readers(&server, AGENCY, "import").await;
    let mut officer = server.officer(AGENCY, "hanako", "review");
    let line = "・業者情報取込の終わり（確認済み、取込済み、失敗） : 1件";
    let told = async || {
        server.wait(60_000);
        let mails = news(&server).await;
        let [(to, body)] = mails.as_slice() else { panic!("{mails:?}") };
        assert_eq!(*to, at_once);
        assert!(body.contains(line) && body.contains("/officer.html#/imports\n"), "{body}");
        assert_eq!(news(&server).await, [], "once");
    };
    let import = officer.upload(&server, ROSTER.as_bytes()).await;
    assert_eq!(import["state"], "checked");
    told().await;
    assert_eq!(officer.taken(&server, &import["id"], json!({})).await["state"], "taken");
    told().await;
    assert_eq!(officer.upload(&server, b"%PDF-1.7").await["state"], "failed");
    told().await;
    server.wait(DAY);
    let mails = morning(&server).await;
    let [(to, body)] = mails.as_slice() else { panic!("{mails:?}") };
    // The one that was checked is the one that was taken over.
    assert!(*to == daily && body.contains("失敗） : 2件"), "{mails:?}");
}

#[tokio::test]
async fn an_id_that_was_registered_stands_there_too_whether_or_not_somebody_reviewed_it() {
    for profile in ["", "review = true => review = false"] {
        let server = at_seven(TestServer::start_at("shimonoseki", no_limits(), profile));
        Officer::new(&server, "shimonoseki", Role::View).await;
        morning(&server).await;
        let mut client = server.client();
        client.reach_application().await;
        assert_eq!(client.apply("s-1", account_form("taro01", "oi25io14")).await.code(), "");
        let mut officer = server.officer("shimonoseki", "sato", "review");
        if profile.is_empty() {
            assert_eq!(officer.get("/api/officer/daily").await.json()[0]["items"], json!([]), "it waits");
            assert_eq!(officer.look_and_decide("account", &json!(1), None).await.code(), "");
        }
        let item = &officer.get("/api/officer/daily").await.json()[0]["items"][0];
        assert_eq!((&item["kind"], &item["login_id"]), (&json!("id_registered"), &json!("taro01")));
        server.wait(DAY);
        let mails = morning(&server).await;
        assert!(mails.iter().all(|(_, body)| body.contains("IDの登録（簡易認証） : 1件")), "{mails:?}");
        assert!(!mails.is_empty());
    }
}
