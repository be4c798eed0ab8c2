//! What a roster that comes into force, or is undone, does to companies that have registered: at once, and they are told a little later.

use serde_json::json;
use touroku_server::officer::import::sweep_rosters;

use crate::{
    editions::{in_force, looked_back, undone, written},
    support::{
        authority::{Card, Spec},
        client::{Client, ROSTER, TestServer},
    },
};

const AGENCY: &str = "aomori";
const OTHER: &str = "株式会社悪徳商事";

/// Without the company that is registered.
fn without() -> String {
    ROSTER.lines().filter(|line| !line.starts_with("990000001")).map(|line| line.to_owned() + "\n").collect()
}

/// Whether the card's company can log in.
async fn code(server: &TestServer, card: &Card) -> String {
    let mut client = server.client();
    client.begin().await;
    client.login(card, "bid").await.code()
}

/// How often the company has that in its timeline.
fn events(server: &TestServer, kind: &str) -> String {
    server.value(&format!("SELECT count(*) FROM event WHERE kind = '{kind}'"))
}

async fn with_company() -> (TestServer, Card, Client) {
    let server = TestServer::start();
    let card = server.card(7);
    server.client().registered(&card).await;
    let officer = server.officer(AGENCY, "hanako", "review");
    (server, card, officer)
}

#[tokio::test]
async fn a_roster_suspends_and_lets_go_in_the_moment_in_which_it_moves_and_tells_once_after_that() {
    let (server, card, mut officer) = with_company().await;
    let next = written(&server, &mut officer, &without()).await;
    let id = server.value("SELECT max(id) FROM import").parse().unwrap();
    let listed = officer.get("/api/officer/companies?query=&filter=suspended").await.json();
    assert_eq!((code(&server, &card).await.as_str(), &listed["companies"]), ("", &json!([])), "{listed}");
    let page = officer.get("/api/officer/companies/990000001").await.json();
    assert_eq!(page["suspension"], json!(null));

    assert_eq!(in_force(&server, next).await.suspended, 1);
    assert_eq!(
        (code(&server, &card).await.as_str(), events(&server, "company_suspended").as_str()),
        ("company_suspended", "0")
    );
    for _ in 0..2 {
        sweep_rosters(&server.app).await.unwrap();
        assert_eq!(events(&server, "company_suspended"), "1");
    }
    let page = officer.get("/api/officer/companies/990000001").await.json();
    assert_eq!(page["suspension"]["reason"], "名簿にない");
    let audit = "SELECT count(*) FROM audit WHERE subject = '990000001' AND action = ";
    assert_eq!(server.value(&format!("{audit}'company_suspended'")), "1");

    assert!(undone(&server, looked_back(&server, id).await.unwrap()).await);
    assert_eq!((code(&server, &card).await.as_str(), events(&server, "company_lifted").as_str()), ("", "0"));
    for _ in 0..2 {
        sweep_rosters(&server.app).await.unwrap();
        assert_eq!(events(&server, "company_lifted"), "1");
    }
    assert_eq!(server.value(&format!("{audit}'company_lifted'")), "1");
    assert_eq!(server.value("SELECT count(*) FROM suspension"), "0");
}

#[tokio::test]
async fn a_roster_that_is_given_up_suspends_nobody_even_when_another_one_comes() {
    let (server, card, mut officer) = with_company().await;
    let next = written(&server, &mut officer, &without()).await;
    server.app.store.write(move |writer| writer.give_up(next.edition())).await.unwrap();
    let mut other = server.officer(AGENCY, "jiro", "review");
    server.by_hand("UPDATE import SET state = 'cancelled'");
    let id = other.upload(&server, ROSTER.replace("本町２", "本町３").as_bytes()).await["id"].clone();
    assert_eq!(other.taken(&server, &id, json!({"remove_missing": true})).await["state"], "taken");
    assert_eq!(code(&server, &card).await, "");
    assert_eq!(server.value("SELECT count(*) FROM suspension"), "0");
}

#[tokio::test]
async fn whom_an_officer_lets_go_or_suspends_while_the_roster_is_written_is_suspended_once() {
    for is_first in [true, false] {
        let (server, card, mut officer) = with_company().await;
        let path = |deed: &str| format!("/api/officer/companies/990000001/{deed}");
        let reason = || json!({"reason": "確認のため"});
        if is_first {
            assert_eq!(officer.post(&path("suspend"), reason()).await.code(), "");
        }
        let next = written(&server, &mut officer, &without()).await;
        let deed = if is_first { "lift" } else { "suspend" };
        assert_eq!(officer.post(&path(deed), reason()).await.code(), "");
        let taken = in_force(&server, next).await;
        assert_eq!(taken.suspended, u64::from(is_first), "{deed}");
        assert_eq!(code(&server, &card).await, "company_suspended", "{deed}");
        assert_eq!(server.value("SELECT count(*) FROM suspension"), "1", "{deed}");
        sweep_rosters(&server.app).await.unwrap();
        // By the officer, and by the import where that was over.
        assert_eq!(events(&server, "company_suspended"), if is_first { "2" } else { "1" }, "{deed}");
    }
}

#[tokio::test]
async fn whom_an_officer_lets_go_before_it_was_told_has_both_in_its_timeline_in_order() {
    let (server, card, mut officer) = with_company().await;
    let next = written(&server, &mut officer, &without()).await;
    in_force(&server, next).await;
    assert_eq!(
        (code(&server, &card).await.as_str(), events(&server, "company_suspended").as_str()),
        ("company_suspended", "0")
    );
    let lift = officer.post("/api/officer/companies/990000001/lift", json!({"reason": "確認のため"})).await;
    assert_eq!(lift.code(), "", "{lift:?}");
    assert_eq!(code(&server, &card).await, "");
    for _ in ["before the rest is told", "after"] {
        let told = server.value(
            "SELECT count(*) FROM event AS s JOIN event AS l ON s.number = l.number AND s.id < l.id \
             WHERE s.kind = 'company_suspended' AND l.kind = 'company_lifted'",
        );
        assert_eq!((told.as_str(), events(&server, "company_suspended").as_str()), ("1", "1"));
        sweep_rosters(&server.app).await.unwrap();
    }
}

/// Companies of which every other one is missing from the next roster, and the others have another name.
const MANY: usize = 40;

#[tokio::test]
async fn who_stops_while_companies_are_told_goes_on_with_the_next_one() {
    let server = TestServer::start();
    let mut officer = server.officer(AGENCY, "hanako", "review");
    let file = |name: &str, step: usize| {
        let rows = (0..MANY)
            .step_by(step)
            .map(|index| format!("{:09},{name}{index},c{index}@example.jp\n", 100_000_000 + index));
        "業者番号,商号又は名称,メールアドレス\n".to_owned() + &rows.collect::<String>()
    };
    let id = officer.upload(&server, file("架空社", 1).as_bytes()).await["id"].clone();
    officer.taken(&server, &id, json!({"remove_missing": true})).await;
    server.by_hand(
        "INSERT INTO company (agency, number, company_id, fields, registered_at) \
         SELECT agency, number, 'K-' || number, '{}', 0 FROM roster WHERE agency = 'aomori'",
    );
    server.take_mails().await;
    let next = written(&server, &mut officer, &file("別社", 2)).await;
    assert_eq!(in_force(&server, next).await.suspended, MANY as u64 / 2);
    server.refuse("BEFORE INSERT ON event", "NEW.number = '100000025'");
    sweep_rosters(&server.app).await.unwrap();
    let begun: usize = server.value("SELECT count(*) FROM event").parse().unwrap();
    assert!(begun <= 25, "{begun}");
    let server = server.restart();
    sweep_rosters(&server.app).await.unwrap();
    server.refuse_no_more("event");
    for _ in 0..2 {
        sweep_rosters(&server.app).await.unwrap();
        let all = (MANY / 2).to_string();
        assert_eq!([events(&server, "company_suspended"), events(&server, "renamed")], [all.clone(), all]);
        assert_eq!(server.value("SELECT count(DISTINCT number) FROM event"), MANY.to_string());
        assert_eq!(server.value("SELECT count(*) FROM roster_row"), (MANY + MANY / 2).to_string());
    }
    let mut to: Vec<String> = server.take_mails().await.into_iter().map(|(to, ..)| to).collect();
    to.sort();
    let mut all: Vec<String> = (0..MANY).step_by(2).map(|index| format!("c{index}@example.jp")).collect();
    all.sort();
    assert_eq!(to, all);
}

#[tokio::test]
async fn before_a_company_is_told_of_another_name_no_card_of_that_name_comes_in_unseen_or_is_told() {
    let server = TestServer::start();
    let file = server.folder.path().join("agencies/aomori.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replace("company_match = \"warn\"\n", "")).unwrap();
    let server = server.restart();
    let own =
        Spec { serial: 6, name: "C=JP,O=株式会社テスト商会０１,CN=試験太郎", ..Spec::card() };
    server.client().registered(&server.root.issue(own)).await;
    server.take_mails().await;
    let mut officer = server.officer(AGENCY, "hanako", "review");
    let next = written(&server, &mut officer, &ROSTER.replace("（株）テスト商会０１", OTHER)).await;
    in_force(&server, next).await;
    for _ in ["not told yet", "told"] {
        let mut client = server.client();
        client.begin().await;
        let card =
            Spec { serial: 9, name: "C=JP,O=株式会社悪徳商事,CN=悪田徳子", ..Spec::card() };
        client.login(&server.root.issue(card), "register").await;
        let found = client.search("990000001", OTHER).await.json();
        assert_eq!(found["review"], json!(["company_renamed"]), "{found}");
        let late = server.app.outside.now() + 20_000;
        let fields = server.value("SELECT fields FROM card WHERE serial <> 'late'");
        let fields = fields.replace("@example.jp", "@late.example.jp");
        server.by_hand(&format!(
            "INSERT INTO card (agency, number, issuer, serial, certificate, person_in_charge, fields, registered_at) \
             SELECT agency, number, issuer, 'late', certificate, person_in_charge, \
             '{fields}', {late} FROM card \
             WHERE NOT EXISTS (SELECT 1 FROM card WHERE serial = 'late')"
        ));
        sweep_rosters(&server.app).await.unwrap();
    }
    let told = server.take_mails().await.into_iter().filter(|(_, _, body)| body.contains("変更前 : "));
    let to: Vec<String> = told.map(|(to, ..)| to).collect();
    assert_eq!(to, ["card@example.jp", "representative@example.jp"]);
}
