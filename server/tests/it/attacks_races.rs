//! Two requests at once, at two servers on one database: no order of theirs lets anybody do what neither order of
//! one after the other would.

use serde_json::json;

use crate::support::{
    authority::{Card, Spec},
    client::{Client, TestServer, card_form, form, no_limits},
};

const OWN: &str = "C=JP,O=株式会社テスト商会０１,CN=試験太郎";

fn card_of(server: &TestServer, serial: u32, name: &'static str) -> Card {
    server.root.issue(Spec { serial, name, ..Spec::card() })
}

/// A server with these lines in its profile.
fn server_with(profile: &str) -> TestServer {
    TestServer::start_with(
        no_limits(),
        &format!("company_match = \"warn\" => {}", profile.replace('\n', "\u{1}")),
    )
}

/// Everything that races is tried this often: an order that a thread meets rarely is met.
const TIMES: usize = 3;

async fn code_of(server: &TestServer, card: &Card, purpose: &str) -> String {
    let mut client = server.client();
    client.begin().await;
    client.login(card, purpose).await.code()
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_cards_that_want_to_be_a_companys_first_one_waits_as_a_second_card_does() {
    for _ in 0..TIMES {
        let server = server_with("company_match = \"review\"\nsecond_card = \"review\"");
        let cards = [card_of(&server, 7, OWN), card_of(&server, 8, OWN)];
        let mut clients = [server.client(), server.browser_beside(no_limits())];
        for (client, card) in clients.iter_mut().zip(&cards) {
            let found = client.reach_form(card).await.json();
            assert_eq!(found["company"]["occasion"], "register", "{found}");
        }
        let [one, two] = &mut clients;
        let (first, second) = tokio::join!(one.register("one", form()), two.register("two", form()));
        let at_once = [&first, &second]
            .into_iter()
            .filter(|reply| reply.code().is_empty() && reply.json()["completed"]["pending"].is_null())
            .count();
        assert_eq!(at_once, 1, "{first:?}\n{second:?}");
        let logged_in = [code_of(&server, &cards[0], "bid").await, code_of(&server, &cards[1], "bid").await];
        assert_eq!(logged_in.iter().filter(|code| code.is_empty()).count(), 1, "{logged_in:?}");
    }
}

/// Two cards of the company, logged in at two servers, with the other one's id each.
async fn face_to_face(server: &TestServer, cards: &[Card; 2]) -> [(Client, i64); 2] {
    let mut clients = [server.client(), server.browser_beside(no_limits())];
    server.client().registered(&cards[0]).await;
    let mut second = server.client();
    second.reach_form(&cards[1]).await;
    assert_eq!(second.register("second", card_form()).await.code(), "");
    let mut others = [0; 2];
    for ((client, card), other) in clients.iter_mut().zip(cards).zip(&mut others) {
        client.log_in(card, "bid").await;
        let status = client.get("/api/status").await.json();
        let cards = status["cards"].as_array().unwrap();
        *other = cards.iter().find(|card| card["is_own"] == false).unwrap()["id"].as_i64().unwrap();
    }
    let [one, two] = clients;
    [(one, others[0]), (two, others[1])]
}

#[tokio::test(flavor = "multi_thread")]
async fn two_cards_that_stop_each_other_at_once_leave_one_of_them_in_use() {
    for _ in 0..TIMES {
        let server = TestServer::start();
        let cards = [card_of(&server, 7, OWN), card_of(&server, 8, OWN)];
        let [(mut one, its_other), (mut two, other)] = face_to_face(&server, &cards).await;
        let (first, second) = tokio::join!(
            one.post("/api/status/stop", json!({"card": its_other})),
            two.post("/api/status/stop", json!({"card": other})),
        );
        let codes = [first.code(), second.code()];
        assert_eq!(codes.iter().filter(|code| code.is_empty()).count(), 1, "{codes:?}");
        let logged_in = [code_of(&server, &cards[0], "bid").await, code_of(&server, &cards[1], "bid").await];
        assert_eq!(logged_in.iter().filter(|code| code.is_empty()).count(), 1, "{logged_in:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_that_is_stopped_while_it_is_renewed_leaves_no_card_that_works() {
    for turn in 0..TIMES {
        let server = TestServer::start();
        let cards = [card_of(&server, 7, OWN), card_of(&server, 8, OWN)];
        let not_after = Spec::card().not_after + 86_400;
        let new = server.root.issue(Spec { serial: 9, name: OWN, not_after, ..Spec::card() });
        let [(mut own, stolen), _] = face_to_face(&server, &cards).await;
        let mut thief = server.browser_beside(no_limits());
        thief.begin().await;
        assert_eq!(thief.login(&cards[1], "renew_old").await.code(), "");
        assert_eq!(thief.login(&new, "renew_new").await.code(), "");
        let (stopped, renewed) = tokio::join!(
            own.post("/api/status/stop", json!({"card": stolen})),
            thief.post("/api/renewal", json!({"submission": "r"})),
        );
        let codes = [stopped.code(), renewed.code()];
        assert_eq!(codes.iter().filter(|code| code.is_empty()).count(), 1, "{turn}: {codes:?}");
        if stopped.code().is_empty() {
            assert_eq!(code_of(&server, &new, "bid").await, "card_not_registered");
        } else {
            // The page shows the new card in the old one's place, with a button of its own.
            let status = own.get("/api/status").await.json();
            let serial = |card: &&serde_json::Value| card["serial"] == "9";
            let id = &status["cards"].as_array().unwrap().iter().find(serial).unwrap()["id"];
            assert_eq!(own.post("/api/status/stop", json!({"card": id})).await.code(), "");
            assert_eq!(code_of(&server, &new, "bid").await, "card_suspended");
        }
    }
}
