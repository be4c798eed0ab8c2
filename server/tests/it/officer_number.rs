//! 番号の通知: issued numbers, from the letter to the search.

use std::sync::Arc;

use serde_json::{Value, json};
use touroku_server::{app::Live, http::router, reload::reload};

use crate::support::{
    busy::Busy,
    client::{Client, ROSTER, Reply, TestServer, no_limits},
};

const NAME: &str = "（株）テスト商会０１";

fn start() -> TestServer {
    TestServer::start_with(no_limits(), "number_list = true => number_secret = true\u{1}number_issued = true")
}

async fn issue(officer: &mut Client, companies: &[&str], by_mail: bool) -> Reply {
    officer.post("/api/officer/numbers", json!({"companies": companies, "by_mail": by_mail})).await
}

/// The number of the first letter.
async fn issued_to(officer: &mut Client, company: &str) -> String {
    let reply = issue(officer, &[company], false).await;
    assert_eq!(reply.json()["letters"][0]["company"], company, "{reply:?}");
    reply.json()["letters"][0]["number"].as_str().unwrap().to_owned()
}

async fn search(server: &TestServer, number: &str, name: &str) -> Reply {
    let mut contractor = server.client();
    contractor.begin().await;
    contractor.login(&server.card(9), "register").await;
    contractor.search(number, name).await
}

#[tokio::test]
async fn a_company_is_found_by_its_issued_number_and_by_no_other() {
    let server = start();
    let mut officer = server.officer("aomori", "hanako", "review");
    assert_eq!(search(&server, "990000001", NAME).await.code(), "company_not_found");
    let number = issued_to(&mut officer, "990000001").await;
    assert_eq!(number.len(), 9, "as long as the profile's rule says");
    let found = search(&server, &number, NAME).await;
    assert_eq!(found.code(), "", "{found:?}");
    assert!(!String::from_utf8_lossy(&found.body).contains(&number), "the secret is not shown again");
    assert_eq!(found.json()["company"]["values"]["company_name"], NAME);
    assert_eq!(search(&server, &number.to_lowercase(), NAME).await.code(), "");
    for (number, name) in [("990000001", NAME), (number.as_str(), "㈱髙﨑建設"), ("ABCDEFGHJ", NAME)] {
        assert_eq!(search(&server, number, name).await.code(), "company_not_found", "{number} {name}");
    }
}

#[tokio::test]
async fn a_company_that_was_found_by_its_issued_number_registers_under_its_own() {
    let server = start();
    let mut officer = server.officer("aomori", "hanako", "review");
    let number = issued_to(&mut officer, "990000001").await;
    let mut contractor = server.client();
    contractor.begin().await;
    contractor.login(&server.card(1), "register").await;
    contractor.search(&number, NAME).await;
    let done = contractor.register("first", crate::support::client::form()).await;
    assert_eq!(done.code(), "", "{done:?}");
    assert_eq!(server.value("SELECT number FROM company"), "990000001");
}

#[tokio::test]
async fn a_new_number_stops_the_old_one() {
    let server = start();
    let mut officer = server.officer("aomori", "hanako", "review");
    let first = issued_to(&mut officer, "990000001").await;
    let again = issue(&mut officer, &["990000001", "990000001"], false).await.json();
    assert_eq!(
        (again["letters"].as_array().unwrap().len(), &again["letters"][0]["reissued"]),
        (1, &json!(true))
    );
    let second = again["letters"][0]["number"].as_str().unwrap();
    assert_ne!(first, second);
    assert_eq!(search(&server, &first, NAME).await.code(), "company_not_found");
    assert_eq!(search(&server, second, NAME).await.code(), "");
}

#[tokio::test]
async fn a_letter_is_printed_again_until_it_is_sent_and_nobody_reads_it_after_that() {
    let server = start();
    let mut officer = server.officer("aomori", "hanako", "review");
    let old = issued_to(&mut officer, "990000001").await;
    server.wait(1);
    let number = issued_to(&mut officer, "990000001").await;
    let second = issue(&mut officer, &["990000002"], false).await.json()["letters"][0].clone();
    assert_eq!(officer.get("/api/officer/numbers").await.json(), json!({"letters": 2}));
    let mut another = server.officer("aomori", "jiro", "review");
    let letters = another.get("/api/officer/numbers/letters").await.json()["letters"].clone();
    assert_eq!((letters.as_array().unwrap().len(), &letters[1]), (2, &second), "as it was issued");
    assert_eq!(letters[0]["number"], *number, "not the one that stopped working: {old}");
    assert!(server.audit("aomori").iter().any(|deed| deed.0 == "jiro" && deed.1 == "letters_viewed"));

    let sent =
        |letter: &Value| json!({"company": letter["company"], "issued_unix_ms": letter["issued_unix_ms"]});
    // A page that is older than the company's new number confirms nothing about that one.
    let mut older = sent(&letters[0]);
    older["issued_unix_ms"] = (older["issued_unix_ms"].as_i64().unwrap() - 1).into();
    let reply =
        another.post("/api/officer/numbers/sent", json!({"letters": [older, sent(&letters[1])]})).await;
    assert_eq!(reply.json(), json!({"letters": 1}), "{reply:?}");
    let left = another.get("/api/officer/numbers/letters").await.json()["letters"].clone();
    assert_eq!(left, json!([letters[0]]));
    let deeds = server.audit("aomori");
    assert!(deeds.contains(&("jiro".into(), "letter_sent".into(), "990000002".into())), "{deeds:?}");
    assert_eq!(search(&server, &number, NAME).await.code(), "");
    // A letter sealed for one company is no other's.
    server.by_hand("UPDATE number_letter SET number = '990000003'");
    assert_eq!(officer.get("/api/officer/numbers/letters").await.json()["letters"], json!([]));
}

#[tokio::test]
async fn neither_database_nor_audit_reveals_a_number() {
    let server = start();
    let mut officer = server.officer("aomori", "hanako", "review");
    let number = issued_to(&mut officer, "990000001").await;
    server.app.store.close();
    for entry in std::fs::read_dir(server.folder.path()).unwrap() {
        let path = entry.unwrap().path();
        let Ok(bytes) = std::fs::read(&path) else { continue };
        let is_there = bytes.windows(number.len()).any(|part| part == number.as_bytes());
        assert!(!is_there, "{}", path.display());
    }
    let deeds = server.rows("SELECT actor, action, subject, detail FROM audit");
    assert_eq!(deeds, [["hanako", "number_issued", "990000001", "\"letter\""]]);
}

#[tokio::test]
async fn who_has_registered_an_address_gets_a_mail_and_the_others_a_letter() {
    let server = start();
    let mut officer = server.officer("aomori", "hanako", "review");
    let number = issued_to(&mut officer, "990000001").await;
    let mut contractor = server.client();
    contractor.begin().await;
    contractor.login(&server.card(1), "register").await;
    contractor.search(&number, NAME).await;
    contractor.register("first", crate::support::client::form()).await;
    server.take_mails().await;

    let reply = issue(&mut officer, &[], true).await.json();
    assert_eq!((&reply["mailed"], &reply["left"]), (&json!(0), &json!(0)), "only one had none: {reply:#}");
    assert_eq!(reply["letters"][0]["company"], "990000002");
    assert_eq!(reply["letters"][0]["representative"], "代表取締役　髙﨑花子");
    let reply = issue(&mut officer, &["990000001", "990000002"], true).await.json();
    assert_eq!((&reply["mailed"], reply["letters"].as_array().unwrap().len()), (&json!(1), 1), "{reply:#}");
    let mails = server.take_mails().await;
    let numbers: Vec<_> = mails.iter().filter(|mail| mail.2.contains("登録番号 : ")).collect();
    let [(recipient, subject, body)] = numbers.as_slice() else { panic!("{mails:?}") };
    assert_eq!(recipient, "representative@example.jp", "not to those who only use a card");
    assert!(subject.contains("登録番号") && body.contains(NAME), "{subject} {body}");
    let mailed = body.lines().find_map(|line| line.strip_prefix("登録番号 : ")).unwrap();
    assert_eq!(search(&server, &number, NAME).await.code(), "company_not_found");
    assert!(!subject.contains(mailed));
    let found = search(&server, mailed, NAME).await;
    assert_eq!((found.code().as_str(), &found.json()["company"]["occasion"]), ("", &json!("second_card")));
    let kept = server.value("SELECT max(body) FROM outbox");
    assert_eq!(kept, "", "what was delivered is forgotten");
}

#[tokio::test]
async fn the_next_companies_are_those_without_a_number() {
    let server = start();
    let mut officer = server.officer("aomori", "hanako", "review");
    let mut file = ROSTER.to_owned();
    for index in 0..505 {
        file += &format!("98{index:07},社{index},,,,,,,,,,\n");
    }
    let id = officer.upload(&server, file.as_bytes()).await["id"].clone();
    officer.taken(&server, &id, json!({})).await;
    let first = issue(&mut officer, &[], false).await.json();
    assert_eq!((first["letters"].as_array().unwrap().len(), &first["left"]), (500, &json!(7)));
    let second = issue(&mut officer, &[], false).await.json();
    assert_eq!((second["letters"].as_array().unwrap().len(), &second["left"]), (7, &json!(0)));
    let third = issue(&mut officer, &[], false).await.json();
    assert_eq!((third["letters"].as_array().unwrap().len(), &third["left"]), (0, &json!(0)));
    let numbers: std::collections::BTreeSet<String> = [first, second]
        .iter()
        .flat_map(|reply| reply["letters"].as_array().unwrap())
        .map(|letter| letter["number"].to_string())
        .collect();
    assert_eq!(numbers.len(), 507);
}

#[tokio::test]
async fn while_letters_are_counted_after_a_change_of_the_roster_nobody_who_writes_waits() {
    let server = start();
    let mut officer = server.officer("aomori", "hanako", "review");
    let busy = Busy::scanning(&server).await;
    let mut contractor = server.client();
    {
        let mut issuing = std::pin::pin!(issue(&mut officer, &[], false));
        for _ in 0..10 {
            tokio::select! {
                biased;
                _ = &mut issuing => panic!("both connections for long reads are taken"),
                begun = contractor.begin() => assert_eq!(begun.code(), ""),
            }
        }
        busy.go_on().await;
        assert_eq!(issuing.await.json()["left"], 0);
    }
}

#[tokio::test]
async fn numbers_that_nobody_has_are_named_and_other_agencies_have_none() {
    let server = start();
    let mut officer_here = server.officer("aomori", "hanako", "review");
    let reply = issue(&mut officer_here, &["990000009", " 990000002 "], false).await.json();
    assert_eq!(reply["unknown"], json!(["990000009"]));
    assert_eq!(reply["letters"][0]["company"], "990000002");
    let many: Vec<String> = (0..501).map(|index| index.to_string()).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    assert_eq!(issue(&mut officer_here, &many, false).await.code(), "bad_request");
    let mut viewer = server.officer("aomori", "view", "view");
    assert_eq!(issue(&mut viewer, &[], false).await.code(), "forbidden");
}

#[tokio::test]
async fn where_numbers_are_public_letters_tell_companies_their_own() {
    let server = TestServer::start();
    let mut officer = server.officer("aomori", "hanako", "review");
    assert_eq!(issue(&mut officer, &[], true).await.code(), "bad_request");
    let first = issue(&mut officer, &["990000002"], false).await.json();
    let letter = &first["letters"][0];
    assert_eq!((&letter["number"], &letter["name"]), (&json!("990000002"), &json!("㈱髙﨑建設")));
    assert_eq!((&first["left"], &letter["reissued"]), (&json!(1), &json!(false)));
    let next = issue(&mut officer, &[], false).await.json();
    assert_eq!((&next["letters"][0]["company"], &next["left"]), (&json!("990000001"), &json!(0)));
    assert_eq!(officer.get("/api/officer/numbers").await.json(), json!({"letters": 2}));
    let sent = json!({"letters": [
        {"company": letter["company"], "issued_unix_ms": letter["issued_unix_ms"]}]});
    assert_eq!(officer.post("/api/officer/numbers/sent", sent).await.json(), json!({"letters": 1}));
    // A letter that went astray: again, and nothing changes for the company.
    let again = issue(&mut officer, &["990000002"], false).await.json();
    assert_eq!((&again["letters"][0]["number"], &again["left"]), (&json!("990000002"), &json!(0)));
    assert_eq!(search(&server, "990000001", NAME).await.code(), "");
    assert!(server.take_mails().await.is_empty());
    let deeds = server.audit("aomori");
    assert!(deeds.contains(&("hanako".into(), "number_notified".into(), "990000001".into())), "{deeds:?}");
}

#[tokio::test]
async fn where_a_profile_begins_to_issue_numbers_every_company_gets_one_and_no_letter_is_of_the_other_kind() {
    let server = TestServer::start();
    let live = Live::from(Arc::clone(&server.app));
    let mut officer = Client { router: router(live.clone()), ..server.officer("aomori", "hanako", "review") };
    let edit = |find: &str, replace: &str| {
        let folder = server.folder.path().join("agencies");
        let text = std::fs::read_to_string(folder.join("aomori.toml")).unwrap();
        assert!(text.contains(find), "{find}");
        std::fs::write(folder.join("aomori.toml"), text.replace(find, replace)).unwrap();
        assert!(reload(&live, &folder, None));
    };
    let (public, issued) = ("number_list = true", "number_secret = true\nnumber_issued = true");
    let plain = issue(&mut officer, &[], false).await.json();
    assert_eq!((plain["letters"].as_array().unwrap().len(), &plain["left"]), (2, &json!(0)));

    edit(public, issued);
    assert_eq!(officer.get("/api/officer/numbers").await.json(), json!({"letters": 0}));
    let detail = officer.get("/api/officer/companies/990000001").await.json();
    assert_eq!(detail["number_issued_unix_ms"], Value::Null, "it was told its 業者番号, no more");
    let next = issue(&mut officer, &[], false).await.json();
    assert_eq!((next["letters"].as_array().unwrap().len(), &next["left"]), (2, &json!(0)), "{next:#}");
    let letters = officer.get("/api/officer/numbers/letters").await.json()["letters"].clone();
    assert_eq!(letters, next["letters"]);
    for letter in letters.as_array().unwrap() {
        assert!(letter["number"] != letter["company"] && letter["reissued"] == false, "{letter}");
    }

    edit(issued, public);
    let letters = officer.get("/api/officer/numbers/letters").await.json()["letters"].clone();
    assert_eq!(letters, plain["letters"], "those that were not sent wait still");
}

#[tokio::test]
async fn the_number_of_a_company_that_goes_stops_and_comes_back_with_the_undo() {
    let server = start();
    let mut officer = server.officer("aomori", "hanako", "review");
    let number = issued_to(&mut officer, "990000001").await;
    let without = ROSTER.lines().filter(|line| !line.starts_with("990000001")).collect::<Vec<_>>().join("\n");
    let gone = officer.upload(&server, without.as_bytes()).await["id"].clone();
    officer.taken(&server, &gone, json!({"remove_missing": true})).await;
    assert_eq!(search(&server, &number, NAME).await.code(), "company_not_found");
    assert_eq!(officer.undo(&gone).await.code(), "");
    assert_eq!(search(&server, &number, NAME).await.code(), "");
    // Removed, and back with another file: perhaps another company.
    let gone = officer.upload(&server, without.as_bytes()).await["id"].clone();
    officer.taken(&server, &gone, json!({"remove_missing": true})).await;
    let back: Value = officer.upload(&server, ROSTER.as_bytes()).await["id"].clone();
    officer.taken(&server, &back, json!({})).await;
    assert_eq!(search(&server, &number, NAME).await.code(), "company_not_found");
    assert_eq!(
        officer.get("/api/officer/numbers").await.json(),
        json!({"letters": 0}),
        "nor is its letter sent"
    );
}

#[tokio::test]
async fn an_import_in_between_leaves_nobody_out_and_counts_who_is_left_anew() {
    let server = start();
    let mut officer = server.officer("aomori", "hanako", "review");
    let left = |reply: &Reply| reply.json()["left"].as_i64().unwrap();
    assert_eq!(left(&issue(&mut officer, &["990000002"], false).await), 1);
    assert_eq!(left(&issue(&mut officer, &["990000002"], false).await), 1, "a new one in place of the old");
    assert_eq!(left(&issue(&mut officer, &[], false).await), 0);

    let before = "業者番号,商号又は名称\n000000001,架空の前の社\n990000003,架空の後の社\n";
    let id = officer.upload(&server, before.as_bytes()).await["id"].clone();
    officer.taken(&server, &id, json!({})).await;
    let next = issue(&mut officer, &[], false).await;
    let companies: Vec<Value> =
        next.json()["letters"].as_array().unwrap().iter().map(|letter| letter["company"].clone()).collect();
    assert_eq!((companies, left(&next)), (vec![json!("000000001"), json!("990000003")], 0));
    // The 番号 of removed companies go with them.
    assert_eq!(officer.undo(&id).await.code(), "");
    let id = officer.upload(&server, before.as_bytes()).await["id"].clone();
    officer.taken(&server, &id, json!({})).await;
    assert_eq!(left(&issue(&mut officer, &["990000003"], false).await), 1);
    assert_eq!(left(&issue(&mut officer, &[], false).await), 0);
    assert_eq!(left(&issue(&mut officer, &[], false).await), 0);
}
