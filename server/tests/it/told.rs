//! Nothing that happens to a company passes it by, whatever else fills its mailbox that day.

use serde_json::{Value, json};

use crate::support::{
    authority::{Card, Spec},
    client::{Client, TestServer, account_form, card_form, edited, form, no_limits},
};

const AGENCY: &str = "aomori";
const OWN: &str = "C=JP,O=株式会社テスト商会０１,CN=試験太郎";
const OTHER: &str = "C=JP,O=株式会社悪徳商事,CN=悪田徳子";
/// Officers review cards of another company, and typed addresses are asked first.
const REVIEWED: &str = "company_match = \"warn\" => ";
const ASKING: &str = "send_unconfirmed = true => send_unconfirmed = false";

fn card_of(server: &TestServer, serial: u32, name: &'static str) -> Card {
    server.root.issue(Spec { serial, name, ..Spec::card() })
}

async fn change(client: &mut Client, card: &Card, name: &str, changes: &[(&str, &str)]) {
    let seen = client.log_in(card, "change").await;
    let changed = client.change(name, &seen["company"]["revision"], edited(&seen, changes)).await;
    assert_eq!(changed.code(), "", "{changed:?}");
}

/// What one address got, since the last look.
async fn mails_to(server: &TestServer, address: &str) -> Vec<String> {
    let mails = server.take_mails().await.into_iter();
    mails.filter(|mail| mail.0 == address).map(|mail| mail.1 + "\n" + &mail.2).collect()
}

/// With this address in every contact.
fn with_address(mut values: Value, address: &str) -> Value {
    for block in ["representative", "card", "applicant"] {
        for field in [format!("{block}_contact_email"), format!("{block}_contact_email_again")] {
            if !values[&field].is_null() {
                values[&field] = address.into();
            }
        }
    }
    values
}

#[tokio::test]
async fn who_used_a_contacts_mails_of_the_day_up_cannot_replace_it_unheard() {
    let server = TestServer::start();
    let second = card_of(&server, 8, OWN);
    server.client().registered(&card_of(&server, 7, OWN)).await;
    server.client().registered(&second).await;
    let mut client = server.client();
    for round in 0..31 {
        let person = format!("担当{round}");
        change(&mut client, &second, &format!("c-{round}"), &[("card_contact_person", &person)]).await;
    }
    server.take_mails().await;
    let theirs = [("representative_contact_email", "theirs@example.com")];
    change(&mut client, &second, "c-last", &theirs).await;
    let told = mails_to(&server, "representative@example.jp").await;
    assert!(
        told.iter().any(|mail| mail.contains("会社の登録内容（代表窓口の連絡先など）が変更")),
        "{told:?}"
    );
}

#[tokio::test]
async fn who_used_an_ids_mails_of_the_day_up_cannot_replace_its_address_unheard() {
    let server = TestServer::start_at("shimonoseki", no_limits(), "");
    let mut client = server.client();
    client.reach_application().await;
    assert_eq!(client.apply("a-1", account_form("taro01", "oi25io14")).await.code(), "");
    let mut officer = server.officer("shimonoseki", "sato", "review");
    assert_eq!(officer.look_and_decide("account", &json!(1), None).await.code(), "");
    for round in 0..31 {
        let person = format!("担当{round}");
        change_id(&mut client, &format!("c-{round}"), &[("applicant_contact_person", &person)]).await;
    }
    server.take_mails().await;
    change_id(&mut client, "c-last", &[("applicant_contact_email", "theirs@example.com")]).await;
    let told = mails_to(&server, "applicant@example.jp").await;
    assert!(told.iter().any(|mail| mail.contains("ID、パスワードまたはその連絡先が変更")), "{told:?}");
}

async fn change_id(client: &mut Client, name: &str, changes: &[(&str, &str)]) {
    let seen = client.log_in_by_id("taro01", "oi25io14", "change").await.json();
    let body = json!({
        "submission": name,
        "revision": seen["company"]["revision"],
        "current_password": "oi25io14",
        "values": edited(&seen, changes),
    });
    let changed = client.post("/api/account/change", body).await;
    assert_eq!(changed.code(), "", "{changed:?}");
}

#[tokio::test]
async fn cards_that_wait_use_up_little_of_what_a_company_gets_by_mail() {
    let server = TestServer::start_at(AGENCY, no_limits(), REVIEWED);
    let own = card_of(&server, 7, OWN);
    server.client().registered(&own).await;
    for serial in 20..51 {
        let mut stranger = server.client();
        stranger.reach_form(&card_of(&server, serial, OTHER)).await;
        let typed = with_address(card_form(), "card@example.jp");
        assert_eq!(stranger.register("first", typed).await.json()["completed"]["pending"], true);
    }
    server.take_mails().await;
    change(&mut server.client(), &own, "c-1", &[("card_contact_person", "後任")]).await;
    let told = mails_to(&server, "card@example.jp").await;
    assert!(told.iter().any(|mail| mail.contains("変更")), "{told:?}");
}

#[tokio::test]
async fn a_card_that_waits_cannot_keep_the_companys_own_from_asking_an_address() {
    let server = TestServer::start_at(AGENCY, no_limits(), &format!("{REVIEWED}\n{ASKING}"));
    let mut stranger = server.client();
    stranger.reach_form(&card_of(&server, 20, OTHER)).await;
    assert_eq!(stranger.register("first", form()).await.json()["completed"]["pending"], true);
    for _ in 0..8 {
        assert_eq!(stranger.post("/api/mail/question", Value::Null).await.code(), "");
    }
    assert_eq!(mails_to(&server, "card@example.jp").await.len(), 3, "strangers' share of a day");
    let mut own = server.client();
    own.reach_form(&card_of(&server, 7, OWN)).await;
    assert_eq!(own.register("own", form()).await.json()["completed"]["pending"], Value::Null);
    assert_eq!(own.post("/api/mail/question", Value::Null).await.code(), "");
    let asked = mails_to(&server, "card@example.jp").await;
    assert!(asked.iter().any(|mail| mail.contains("メールアドレスの確認")), "{asked:?}");
}

#[tokio::test]
async fn an_id_that_nobody_reviewed_hears_nothing_of_the_company() {
    let server = TestServer::start_at("shimonoseki", no_limits(), "review = true => review = false");
    let mut stranger = server.client();
    stranger.reach_application().await;
    let typed = with_address(account_form("spy001", "oi25io14"), "spy@example.com");
    let applied = stranger.apply("a-1", typed).await;
    assert_eq!(applied.code(), "", "{applied:?}");
    server.take_mails().await;
    let mut own = server.client();
    own.post("/api/session", json!({"agency": "shimonoseki", "category": "small"})).await;
    own.login(&server.card(7), "register").await;
    assert_eq!(own.search("990000001", "（株）テスト商会０１").await.code(), "");
    assert_eq!(own.register("own", form()).await.code(), "");
    assert_eq!(mails_to(&server, "spy@example.com").await, Vec::<String>::new());
    assert_eq!(stranger.log_in_by_id("spy001", "oi25io14", "bid").await.code(), "", "it is in use");
}

#[tokio::test]
async fn a_number_that_is_mailed_stands_in_the_timeline_and_is_told_to_everybody_else() {
    let issued = "number_list = true => number_secret = true\u{1}number_issued = true";
    let server = TestServer::start_with(no_limits(), issued);
    server.enrol("メールアドレス", "office@test-shokai.example.jp");
    let mut officer = server.officer(AGENCY, "hanako", "review");
    let issue = |by_mail: bool| json!({"companies": ["990000001"], "by_mail": by_mail});
    let first = officer.post("/api/officer/numbers", issue(false)).await.json();
    let number = first["letters"][0]["number"].as_str().unwrap().to_owned();
    let mut own = server.client();
    own.begin().await;
    own.login(&server.card(7), "register").await;
    assert_eq!(own.search(&number, "（株）テスト商会０１").await.code(), "");
    assert_eq!(own.register("own", form()).await.code(), "");
    server.take_mails().await;

    assert_eq!(officer.post("/api/officer/numbers", issue(true)).await.json()["mailed"], 1);
    let mails = server.take_mails().await;
    let to: Vec<&str> = mails.iter().map(|mail| mail.0.as_str()).collect();
    assert_eq!(to, ["card@example.jp", "office@test-shokai.example.jp", "representative@example.jp"]);
    let with_number = mails.iter().filter(|mail| mail.2.contains("登録番号 : ")).count();
    assert_eq!(with_number, 1, "only those who registered an address get the number: {mails:?}");
    let page = officer.get("/api/officer/companies/990000001").await.json();
    let issued = page["timeline"]["items"].as_array().unwrap().iter();
    assert_eq!(
        issued.filter(|item| item["text"].as_str().unwrap().contains("番号を発行しました")).count(),
        2,
        "{page:#}"
    );
}

#[tokio::test]
async fn a_search_is_recorded_by_issuer_and_number_and_whatever_becomes_of_it() {
    let server = TestServer::start();
    // Found, but not entered: the password of that company is wrong, and another one is suspended.
    let mut client = server.client();
    client.begin().await;
    assert_eq!(client.login(&card_of(&server, 7, OTHER), "register").await.code(), "");
    let guess = json!({
        "number": "990000002", "name": "株式会社高崎建設", "user_id": "user02", "password": "wrong"
    });
    assert_eq!(client.post("/api/company/search", guess).await.code(), "credentials_wrong");
    let mut officer = server.officer(AGENCY, "sato", "manage");
    let suspend = json!({"reason": "指名停止"});
    assert_eq!(officer.post("/api/officer/companies/990000001/suspend", suspend).await.code(), "");
    assert_eq!(client.search("990000001", "（株）テスト商会０１").await.code(), "company_suspended");
    for number in ["990000001", "990000002"] {
        let page = officer.get(&format!("/api/officer/companies/{number}")).await.json();
        let timeline = page["timeline"].to_string();
        assert!(timeline.contains("検索されました") && timeline.contains("悪徳商事"), "{number}: {timeline}");
    }
    // The same card once a day; another one of that number for itself.
    assert_eq!(client.search("990000001", "（株）テスト商会０１").await.code(), "company_suspended");
    let mut another = server.client();
    another.begin().await;
    assert_eq!(another.login(&card_of(&server, 7, OWN), "register").await.code(), "");
    assert_eq!(another.search("990000001", "（株）テスト商会０１").await.code(), "company_suspended");
    let page = officer.get("/api/officer/companies/990000001").await.json();
    assert_eq!(page["timeline"].to_string().matches("検索されました").count(), 2, "{page:#}");
}

#[tokio::test]
async fn a_card_that_applies_and_withdraws_for_ever_is_stopped_and_hides_nothing() {
    let server = TestServer::start_at(AGENCY, no_limits(), REVIEWED);
    let own = card_of(&server, 7, OWN);
    server.client().registered(&own).await;
    let stranger = card_of(&server, 20, OTHER);
    for round in 0..6 {
        let mut client = server.client();
        client.reach_form(&stranger).await;
        let sent = client.register(&format!("s-{round}"), card_form()).await;
        assert_eq!(sent.code(), if round < 5 { "" } else { "rate_limited" }, "{round}");
        if round < 5 {
            assert_eq!(client.post("/api/application/withdrawal", json!({})).await.code(), "");
        }
    }
    // However many there are of one kind, the others stay in sight.
    server.by_hand(
        "INSERT INTO event (agency, number, kind, officer, reason, at, serial, detail) \
         SELECT agency, number, kind, officer, reason, at + 1, serial, detail FROM event, \
         (SELECT 1 FROM session LIMIT 5) AS many WHERE kind IN ('withdrawn', 'card_applied')",
    );
    for _ in 0..4 {
        server.by_hand(
            "INSERT INTO event (agency, number, kind, officer, reason, at, serial, detail) \
             SELECT agency, number, kind, officer, reason, at + 1, serial, detail FROM event WHERE kind = 'withdrawn'",
        );
    }
    let mut client = server.client();
    client.log_in(&own, "bid").await;
    let status = client.get("/api/status").await.json();
    let timeline = status["timeline"].to_string();
    assert_eq!(timeline.matches("取り下げられました").count(), 100);
    assert!(timeline.contains("ICカードが登録されました"), "{timeline}");

    // The rest is read part by part, each event once, whatever happens meanwhile; by officers as well.
    let count = |kind: &str| {
        let sql = format!("SELECT count(*) FROM event WHERE number = '990000001' AND kind = '{kind}'");
        server.value(&sql).parse::<usize>().unwrap()
    };
    let (withdrawn, applied) = (count("withdrawn"), count("card_applied"));
    let mut officer = server.officer(AGENCY, "sato", "view");
    let page = officer.get("/api/officer/companies/990000001").await.json();
    for (first, path) in [
        (&status["timeline"], "/api/status/timeline"),
        (&page["timeline"], "/api/officer/companies/990000001/timeline"),
    ] {
        let mut read = first.to_string();
        let mut next = first["next"].clone();
        while let Some(after) = next.as_str().map(str::to_owned) {
            let path = format!("{path}?after={after}");
            let part = match path.starts_with("/api/status") {
                true => client.get(&path).await.json(),
                false => officer.get(&path).await.json(),
            };
            server.by_hand(
                "INSERT INTO event (agency, number, kind, officer, reason, at, serial, detail) \
                 SELECT agency, number, kind, officer, reason, at, serial, detail FROM event \
                 WHERE kind = 'withdrawn' LIMIT 1",
            );
            read += &part.to_string();
            next = part["next"].clone();
        }
        assert_eq!(read.matches("取り下げられました").count(), withdrawn, "{path}");
        assert_eq!(read.matches("（審査待ち").count(), applied, "{path}");
        assert_eq!(read.matches("ICカードが登録されました").count(), 1, "{path}");
    }
    assert_eq!(client.get("/api/status/timeline?after=1").await.code(), "bad_request");
}

#[tokio::test]
async fn a_card_that_is_refused_reads_nothing_in_its_mail_that_the_company_entered() {
    let text = "send_unconfirmed = true => send_unconfirmed = true\u{1}card_rejected = \
                { subject = \"却下\", body = \"支店名 : {branch} 企業ID : {company_id} {representative_contact_phone}\" }";
    let server = TestServer::start_at(AGENCY, no_limits(), &format!("{REVIEWED}\n{text}"));
    let own = card_of(&server, 7, OWN);
    server.client().registered(&own).await;
    change(&mut server.client(), &own, "c-1", &[("branch", "秘密支店")]).await;
    let mut stranger = server.client();
    stranger.reach_form(&card_of(&server, 20, OTHER)).await;
    let typed = with_address(card_form(), "stranger@example.com");
    assert_eq!(stranger.register("s-1", typed).await.json()["completed"]["pending"], true);
    server.take_mails().await;
    let mut officer = server.officer(AGENCY, "sato", "review");
    assert_eq!(officer.look_and_decide("card", &json!(1), Some("別の会社です")).await.code(), "");
    let mails = server.take_mails().await;
    let to: Vec<&str> = mails.iter().map(|mail| mail.0.as_str()).collect();
    assert_eq!(to, ["representative@example.jp", "stranger@example.com"], "{mails:?}");
    for secret in ["秘密支店", "9992100000000001", "017-000-0001"] {
        assert!(!mails[1].2.contains(secret), "{secret} in {mails:?}");
    }
}

#[tokio::test]
async fn a_card_that_was_stopped_gets_no_new_number() {
    let issued = "number_list = true => number_secret = true\u{1}number_issued = true";
    let text = "send_unconfirmed = true => send_unconfirmed = true\u{1}number_issued = \
                { subject = \"番号\", body = \"登録番号 : {number}\", to = [\"representative\", \"card\"] }";
    let server = TestServer::start_with(no_limits(), &format!("{issued}\n{text}"));
    let mut officer = server.officer(AGENCY, "hanako", "review");
    let issue = |by_mail: bool| json!({"companies": ["990000001"], "by_mail": by_mail});
    let first = officer.post("/api/officer/numbers", issue(false)).await.json();
    let number = first["letters"][0]["number"].as_str().unwrap().to_owned();
    let cards = [server.card(7), server.card(8)];
    for (card, values) in cards.iter().zip([form(), with_address(card_form(), "theirs@example.com")]) {
        let mut client = server.client();
        client.begin().await;
        client.login(card, "register").await;
        assert_eq!(client.search(&number, "（株）テスト商会０１").await.code(), "");
        assert_eq!(client.register("s-1", values).await.code(), "");
    }
    let mut own = server.client();
    own.log_in(&cards[0], "bid").await;
    assert_eq!(own.post("/api/status/stop", json!({"card": 2})).await.code(), "");
    server.take_mails().await;
    assert_eq!(officer.post("/api/officer/numbers", issue(true)).await.json()["mailed"], 1);
    let mails = server.take_mails().await;
    let got_it = mails.iter().filter(|mail| mail.2.contains("登録番号 : "));
    let got_it: Vec<&str> = got_it.map(|mail| mail.0.as_str()).collect();
    assert_eq!(got_it, ["card@example.jp", "representative@example.jp"], "{mails:?}");
    assert!(
        mails.iter().any(|mail| mail.0 == "theirs@example.com"),
        "but hears that there is one: {mails:?}"
    );
}

#[tokio::test]
async fn an_id_is_told_when_it_is_approved_whoever_used_up_the_notices_of_applications() {
    let server = TestServer::start_at("shimonoseki", no_limits(), "");
    server.enrol("メールアドレス", "office@test-shokai.example.jp");
    for round in 0..6 {
        let mut stranger = server.client();
        stranger.reach_application().await;
        let typed = with_address(account_form(&format!("spy{round:03}"), "oi25io14"), "spy@example.com");
        assert_eq!(stranger.apply(&format!("a-{round}"), typed).await.code(), "");
    }
    let told = mails_to(&server, "office@test-shokai.example.jp").await;
    assert_eq!(told.len(), 5, "{told:?}");
    let mut officer = server.officer("shimonoseki", "sato", "review");
    assert_eq!(officer.look_and_decide("account", &json!(6), None).await.code(), "");
    let told = mails_to(&server, "office@test-shokai.example.jp").await;
    assert!(
        told.len() == 1 && told[0].contains("使えるようになりました") && told[0].contains("spy005"),
        "{told:?}"
    );
}
