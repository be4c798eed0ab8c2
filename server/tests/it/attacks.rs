//! What somebody with a card of a trusted authority, the public list of companies, and time might try, beyond what
//! each room's own tests refuse.

use serde_json::json;
use touroku_proto::{card::Purpose, field::FieldId, token::Nonce};

use crate::support::{
    authority::{Card, NOW, Spec},
    client::{Client, ORIGIN, TestServer, card_form, form, no_limits},
};

const AGENCY: &str = "aomori";
const DAY: i64 = 86_400;

const OWN: &str = "C=JP,O=株式会社テスト商会０１,CN=試験太郎";
const OTHER: &str = "C=JP,O=株式会社悪徳商事,CN=悪田徳子";

/// A server with its agency's own rule for other companies' cards, and these lines prepended to its profile.
fn server_with(profile: &str) -> TestServer {
    let lines = format!("company_match = \"warn\" => {}", profile.replace('\n', "\u{1}"));
    TestServer::start_at(AGENCY, no_limits(), &lines)
}

fn card_of(server: &TestServer, serial: u32, name: &'static str) -> Card {
    server.root.issue(Spec { serial, name, ..Spec::card() })
}

async fn log_in_code(server: &TestServer, card: &Card) -> String {
    let mut client = server.client();
    client.begin().await;
    client.login(card, "bid").await.code()
}

/// Registers a card for the roster's other company.
async fn registered_elsewhere(server: &TestServer, card: &Card) -> Client {
    let mut client = server.client();
    client.begin().await;
    assert_eq!(client.login(card, "register").await.code(), "");
    assert_eq!(client.search_other().await.code(), "");
    let done = client.register("elsewhere", form()).await;
    assert_eq!(done.code(), "", "{done:?}");
    client
}

#[tokio::test]
async fn a_stale_list_that_names_the_card_is_enough_to_refuse_it_wherever_stale_lists_are_accepted() {
    let server = server_with("uncheckable = \"accept\"");
    let (listed, other) = (card_of(&server, 7, OWN), card_of(&server, 8, OWN));
    for (updated, next) in [(NOW - 400 * DAY, NOW - 390 * DAY), (NOW + 30 * DAY, NOW + 60 * DAY)] {
        let list =
            server.root.crl_with(&[7], updated, Some(next), &[], openssl::hash::MessageDigest::sha256());
        std::fs::write(server.folder.path().join("root.crl"), list).unwrap();
        let app = server.beside();
        let mut client = Client { router: touroku_server::http::router(app), ..server.client() };
        client.begin().await;
        assert_eq!(client.login(&listed, "check").await.code(), "certificate_revoked", "{updated}");
        client.begin().await;
        assert_eq!(client.login(&other, "check").await.code(), "", "the list is of no other use: {updated}");
    }
}

#[tokio::test]
async fn no_renewal_leads_to_another_companys_card_where_the_agency_refuses_them() {
    let server = server_with("company_match = \"refuse\"");
    let old = card_of(&server, 7, OWN);
    let not_after = Spec::card().not_after + DAY;
    let new = server.root.issue(Spec { serial: 8, name: OTHER, not_after, ..Spec::card() });
    server.client().registered(&old).await;
    let mut client = server.client();
    client.begin().await;
    assert_eq!(client.login(&old, "renew_old").await.code(), "");
    assert_eq!(client.login(&new, "renew_new").await.code(), "company_mismatch", "before anything is asked");
    assert_eq!(client.post("/api/renewal", json!({"submission": "r"})).await.code(), "card_not_presented");
    assert_eq!(log_in_code(&server, &old).await, "");
    assert_eq!(log_in_code(&server, &new).await, "card_not_registered");
}

#[tokio::test]
async fn a_second_card_cannot_slip_in_what_belongs_to_the_company() {
    let server = TestServer::start();
    let first = card_of(&server, 7, OWN);
    server.client().registered(&first).await;
    let mut stranger = server.client();
    stranger.reach_form(&card_of(&server, 8, OTHER)).await;
    let mut values = card_form();
    for field in [FieldId::RepresentativeContactEmail, FieldId::RepresentativeContactEmailAgain] {
        values[field.as_str()] = "stranger@example.com".into();
    }
    assert_eq!(stranger.register("second", values).await.code(), "");
    let company = server.client().log_in(&first, "change").await;
    assert_eq!(company["company"]["values"]["representative_contact_email"], "representative@example.jp");
}

#[tokio::test]
async fn a_card_stops_none_of_another_companys() {
    let server = TestServer::start();
    let (victim, spare) = (card_of(&server, 7, OWN), card_of(&server, 8, OWN));
    server.client().registered(&victim).await;
    server.client().registered(&spare).await;
    let stranger = card_of(&server, 9, OTHER);
    registered_elsewhere(&server, &stranger).await;
    let mut client = server.client();
    client.log_in(&stranger, "bid").await;
    for id in 1..=2 {
        assert_eq!(client.post("/api/status/stop", json!({"card": id})).await.code(), "not_found");
    }
    assert_eq!(log_in_code(&server, &victim).await, "");
}

#[tokio::test]
async fn a_card_that_was_stopped_does_nothing_more_in_a_session_that_is_open() {
    let server = TestServer::start();
    let (own, other) = (card_of(&server, 7, OWN), card_of(&server, 8, OTHER));
    server.client().registered(&own).await;
    server.client().registered(&other).await;
    let mut open = server.client();
    let session = open.log_in(&other, "change").await;
    let mut client = server.client();
    client.log_in(&own, "bid").await;
    let status = client.get("/api/status").await.json();
    let cards = status["cards"].as_array().unwrap();
    let id = &cards.iter().find(|card| card["serial"] == "8").unwrap()["id"];
    assert_eq!(client.post("/api/status/stop", json!({"card": id})).await.code(), "");

    let values = crate::support::client::edited(&session, &[("representative_contact_person", "悪田")]);
    let changed = open.change("c", &session["company"]["revision"], values).await;
    assert_eq!(changed.code(), "card_suspended", "{changed:?}");
    let stop = open.post("/api/status/stop", json!({"card": cards[0]["id"]})).await;
    assert_eq!(stop.code(), "card_suspended");
    let company = server.client().log_in(&own, "change").await;
    assert_eq!(company["company"]["values"]["representative_contact_person"], "連絡花子");
}

#[tokio::test]
async fn a_challenge_is_for_one_purpose_at_one_agency_and_names_that_agency() {
    let places = [("aomori", "goods"), ("yamaguchi", "works"), ("shimonoseki", "works")];
    let server = TestServer::start().with_agency("yamaguchi").with_agency("shimonoseki");
    for (agency, category) in places {
        let mut client = server.client();
        let begun = client.post("/api/session", json!({"agency": agency, "category": category})).await;
        assert_eq!(begun.code(), "", "{begun:?}");
        let challenge = client.post("/api/challenge", json!({"purpose": "register"})).await.json();
        let own = server.app.agencies.profile(agency).unwrap();
        assert_eq!(challenge["agency"], own.name.as_str());
        let nonce = Nonce::parse(challenge["nonce"].as_str().unwrap()).unwrap();
        for name in places.map(|(code, _)| server.app.agencies.profile(code).unwrap().name.clone()) {
            for purpose in [Purpose::Register, Purpose::Check, Purpose::Bid] {
                let is_its = purpose == Purpose::Register && name == own.name;
                assert_eq!(nonce.is_for(purpose, &name), is_its, "{purpose:?} {name}");
            }
        }
        // Signed for 登録, presented for something else.
        let token = card_of(&server, 7, OWN).token(ORIGIN, nonce.as_str());
        let login = json!({"token": token, "purpose": "check", "person_in_charge": ""});
        assert_eq!(client.post("/api/login", login).await.code(), "nonce_missing");
    }
}

#[tokio::test]
async fn the_branch_that_has_the_powers_is_the_company_and_no_other_name_is() {
    let server = server_with("company_match = \"review\"");
    server.enrol("委任先名称", "青森支店");
    for (serial, name, finding) in [
        (7, "C=JP,O=株式会社テスト商会０１青森支店,CN=x", "same_branch"),
        (8, "C=JP,O=㈱テスト商会01,CN=x", "same_name"),
        (9, "C=JP,O=株式会社テスト商会０１２,CN=x", "other_name"),
        (10, "C=JP,O=有限会社テスト商会０１,CN=x", "other_name"),
        (11, "C=JP,O=株式会社テスト商会,CN=x", "other_name"),
    ] {
        let mut client = server.client();
        client.begin().await;
        client.login(&card_of(&server, serial, name), "register").await;
        let found = client.search("990000001", "（株）テスト商会０１青森支店").await.json();
        assert_eq!(found["card"]["company_match"]["finding"], finding, "{name}: {found}");
    }
}

#[tokio::test]
async fn a_company_stops_nothing_of_another_one() {
    let server = server_with("");
    let (own, elsewhere) =
        (card_of(&server, 7, OWN), card_of(&server, 8, "C=JP,O=株式会社高崎建設,CN=高崎次郎"));
    server.client().registered(&own).await;
    let mut other = registered_elsewhere(&server, &elsewhere).await;
    // One of each waits: of the company itself, and of the other one.
    let mut waiting = server.client();
    waiting.begin().await;
    assert_eq!(waiting.login(&card_of(&server, 9, OTHER), "register").await.code(), "");
    assert_eq!(waiting.search_other().await.code(), "");
    let done = waiting.register("waits", card_form()).await.json();
    assert_eq!(done["completed"]["pending"], true, "{done}");
    let mut client = server.client();
    client.log_in(&own, "bid").await;
    server.take_mails().await;
    for stop in [
        json!({"card": 2}),
        json!({"card": -1}),
        json!({"card": -99}),
        json!({"card": i64::MIN}),
        json!({"card": 0}),
        json!({"account": 1}),
        json!({"account": -1}),
    ] {
        assert_eq!(client.post("/api/status/stop", stop.clone()).await.code(), "not_found", "{stop}");
    }
    assert_eq!(server.take_mails().await, []);
    other.log_in(&elsewhere, "bid").await;
    let status = other.get("/api/status").await.json();
    assert_eq!(status["cards"].as_array().unwrap().len(), 2);
    assert!(!status.to_string().contains("\"is_stopped\":true"), "{status}");
}
