//! The feed, and webhooks: what systems that keep users of their own learn.

use std::sync::{Arc, Mutex};

use axum::{Router, body::Bytes, extract::State, http::HeaderMap, http::StatusCode, routing::post};
use serde_json::{Value, json};
use standardwebhooks::Webhook;
use touroku_proto::officer::Role;
use touroku_server::feed::webhook;

use crate::support::{
    client::{Reply, TestServer, edited},
    officer::Officer,
    relying::{AGENCY, SECRET, basic, error, form, registered},
};

const ALL: [&str; 5] = ["feed", "company", "card", "contacts", "certificate"];

fn reader(more: Value) -> TestServer {
    let mut client = json!({"redirect_uris": [], "scopes": ALL});
    for (key, value) in more.as_object().unwrap() {
        client[key] = value.clone();
    }
    TestServer::with_client(client)
}

async fn token(server: &TestServer) -> Reply {
    let body = form(&[("grant_type", "client_credentials"), ("scope", "feed")]);
    server.client().call("token", &basic("bidding", SECRET), body).await
}

async fn bearer(server: &TestServer) -> String {
    let reply = token(server).await;
    assert_eq!((reply.status.as_u16(), reply.json()["expires_in"].as_i64()), (200, Some(600)), "{reply:?}");
    format!("Bearer {}", reply.json()["access_token"].as_str().unwrap())
}

async fn events(server: &TestServer, bearer: &str, query: &str) -> Reply {
    let headers = [("authorization", bearer)];
    server.client().raw("GET", &format!("/feed/v1/events{query}"), &headers, "").await
}

fn kinds(page: &Value) -> Vec<&str> {
    page["events"].as_array().unwrap().iter().map(|event| event["type"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_system_reads_everything_in_order_and_goes_on_where_it_stopped() {
    let server = reader(json!({}));
    let cards = [server.card(7), server.card(8)];
    server.client().registered(&cards[0]).await;
    let mut browser = server.client();
    let session = browser.log_in(&cards[0], "change").await;
    let values = edited(&session, &[("representative_contact_person", "変更太郎")]);
    let changed = browser.change("c-1", &session["company"]["revision"], values).await;
    assert_eq!(changed.code(), "", "{changed:?}");
    server.client().registered(&cards[1]).await;
    let mut officer = Officer::new(&server, AGENCY, Role::Review).await;
    let reason = json!({"reason": "紛失"});
    let stopped = server.app.store.read(|reader| reader.cards_of(AGENCY, "990000001")).await.unwrap()[1].id;
    officer.post(&format!("/api/officer/cards/{stopped}/suspend"), reason.clone()).await;
    officer.post("/api/officer/companies/990000001/suspend", reason.clone()).await;
    officer.post("/api/officer/companies/990000001/lift", reason).await;

    let bearer = bearer(&server).await;
    let page = events(&server, &bearer, "").await.json();
    assert_eq!(
        kinds(&page),
        [
            "registration.created",
            "registration.changed",
            "registration.created",
            "registration.suspended",
            "registration.suspended",
            "registration.resumed"
        ]
    );
    let [first, .., last_but_two, _, last] = &page["events"].as_array().unwrap()[..] else {
        panic!("{page}")
    };
    let data = &first["data"];
    assert_eq!((&data["agency"], &data["number"]), (&json!(AGENCY), &json!("990000001")));
    assert_eq!(data["company"]["name"], "（株）テスト商会０１");
    assert_eq!((&data["card"]["serial"], &data["card"]["state"]), (&json!("7"), &json!("active")));
    assert!(data["card"]["certificate"].as_str().unwrap().len() > 300);
    // As it is now, though it was somebody else's name when the card was registered.
    assert_eq!(data["contacts"]["representative"]["person"], "変更太郎");
    assert_eq!(last_but_two["data"]["card"]["state"], "suspended");
    assert_eq!((&last["data"]["state"], &last["data"]["card"]), (&json!("active"), &Value::Null));
    assert!(first["timestamp"].as_str().unwrap().ends_with('Z'));
    assert_eq!((&page["more"], &page["next"]), (&json!(false), &last["id"]));

    let mut read = Vec::new();
    let mut after = json!(0);
    loop {
        let page = events(&server, &bearer, &format!("?limit=2&after={after}")).await.json();
        read.extend(page["events"].as_array().unwrap().clone());
        after = page["next"].clone();
        if page["more"] == false {
            break;
        }
    }
    assert_eq!(Value::Array(read), page["events"], "in pieces as in one");
    let nothing = events(&server, &bearer, &format!("?after={after}")).await.json();
    assert_eq!(nothing, json!({"events": [], "next": after, "more": false}));
}

#[tokio::test]
async fn a_page_that_is_known_already_is_not_sent_again() {
    let server = reader(json!({}));
    let card = server.card(7);
    server.client().registered(&card).await;
    let bearer = bearer(&server).await;
    let page = events(&server, &bearer, "").await;
    let tag = page.header("etag").to_owned();
    let again = async |tag: &str| {
        let headers = [("authorization", bearer.as_str()), ("if-none-match", tag)];
        server.client().raw("GET", "/feed/v1/events", &headers, "").await
    };
    let known = again(&tag).await;
    assert_eq!((known.status.as_u16(), known.body.len(), known.header("etag")), (304, 0, tag.as_str()));
    let mut officer = Officer::new(&server, AGENCY, Role::Review).await;
    officer.post("/api/officer/companies/990000001/suspend", json!({"reason": "紛失"})).await;
    assert_eq!(again(&tag).await.status.as_u16(), 200);
}

#[tokio::test]
async fn a_renewal_is_told_as_the_old_card_and_the_new_one() {
    let server = reader(json!({"scopes": ["feed"]}));
    let cards = [server.card(7), server.card(8)];
    server.client().registered(&cards[0]).await;
    let mut browser = server.client();
    browser.log_in(&cards[0], "renew_old").await;
    assert_eq!(browser.login(&cards[1], "renew_new").await.code(), "");
    let renewed = browser.post("/api/renewal", json!({"submission": "r-1"})).await;
    assert_eq!(renewed.code(), "", "{renewed:?}");
    let page = events(&server, &bearer(&server).await, "").await.json();
    assert_eq!(kinds(&page), ["registration.created", "registration.replaced", "registration.renewed"]);
    let data = &page["events"][1]["data"];
    assert_eq!(*data, json!({"agency": AGENCY, "number": "990000001", "state": "active"}), "no other scope");
}

#[tokio::test]
async fn nobody_else_reads_the_feed() {
    let small = registered(json!({"code": "small"}));
    let feed = registered(json!({"redirect_uris": [], "scopes": ["feed"]}));
    let server = TestServer::start()
        .with_agency("yamaguchi")
        .with_clients(AGENCY, &[feed.clone(), small])
        .with_clients("yamaguchi", &[feed]);
    let card = server.card(7);
    server.client().registered(&card).await;
    let mine = bearer(&server).await;
    assert_eq!(kinds(&events(&server, &mine, "").await.json()).len(), 1);

    let body = form(&[("grant_type", "client_credentials")]);
    let refused = server.client().call("token", &basic("small", SECRET), body.clone()).await;
    assert_eq!(error(&refused), "unauthorized_client");
    let refused = server.client().call("token", &basic("bidding", "wrong"), body.clone()).await;
    assert_eq!(error(&refused), "invalid_client");
    let more = form(&[("grant_type", "client_credentials"), ("scope", "feed company")]);
    let refused = server.client().call("token", &basic("bidding", SECRET), more).await;
    assert_eq!(error(&refused), "invalid_scope");
    let theirs = server.client().call_at("yamaguchi", "token", &basic("bidding", SECRET), body).await;
    let theirs = format!("Bearer {}", theirs.json()["access_token"].as_str().unwrap());
    assert_eq!(events(&server, &theirs, "").await.json()["events"], json!([]), "another agency's feed");

    let (said, hash) = mine.split_once('.').unwrap();
    let (_, other) = theirs.split_once('.').unwrap();
    let short = &mine[..mine.len() - 1];
    let none = format!("{said}.");
    for forged in [&format!("{said}.{other}"), short, &none, "Bearer x.y", "", &format!("Basic {hash}")] {
        let refused = events(&server, forged, "").await;
        assert_eq!((refused.status.as_u16(), error(&refused).as_str()), (401, "invalid_token"), "{forged}");
    }
    for wrong in ["?after=x", "?after=-1", "?limit=0", "?limit=501", "?limit=1&limit=2"] {
        assert_eq!(error(&events(&server, &mine, wrong).await), "invalid_request", "{wrong}");
    }
    server.wait(10 * 60_000);
    assert_eq!(error(&events(&server, &mine, "").await), "invalid_token", "too old");
}

/// A webhook as it arrived.
pub(crate) type Received = (HeaderMap, Bytes);

/// A receiver of webhooks: what arrived, and what it answers.
#[derive(Clone)]
pub(crate) struct Receiver(Arc<Mutex<(Vec<Received>, StatusCode)>>);

async fn receive(State(receiver): State<Receiver>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let mut receiver = receiver.0.lock().unwrap();
    receiver.0.push((headers, body));
    receiver.1
}

impl Receiver {
    pub(crate) async fn listen() -> (Self, String) {
        let receiver = Self(Arc::new(Mutex::new((Vec::new(), StatusCode::NO_CONTENT))));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/hook", listener.local_addr().unwrap());
        let router = Router::new().route("/hook", post(receive)).with_state(receiver.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        (receiver, address)
    }

    pub(crate) fn take(&self) -> Vec<Received> {
        std::mem::take(&mut self.0.lock().unwrap().0)
    }

    pub(crate) fn answer(&self, status: StatusCode) {
        self.0.lock().unwrap().1 = status;
    }
}

fn event(received: &Received) -> Value {
    serde_json::from_slice(&received.1).unwrap()
}

#[tokio::test]
async fn a_webhook_gets_each_event_once_in_order_even_after_a_week_away() {
    let (receiver, address) = Receiver::listen().await;
    let server = reader(json!({"webhook_uri": address}));
    let cards = [server.card(7), server.card(8)];
    server.client().registered(&cards[0]).await;
    // What happened before it was set up is for the feed.
    assert!(webhook::is_due(&server.app).await.unwrap());
    assert_eq!(webhook::send(&server.app).await.unwrap(), 0);
    assert!(!webhook::is_due(&server.app).await.unwrap());

    receiver.answer(StatusCode::SERVICE_UNAVAILABLE);
    server.client().registered(&cards[1]).await;
    let mut officer = Officer::new(&server, AGENCY, Role::Review).await;
    officer.post("/api/officer/companies/990000001/suspend", json!({"reason": "紛失"})).await;
    assert_eq!(webhook::send(&server.app).await.unwrap(), 0);
    assert_eq!(receiver.take().len(), 1, "the next waits for the first");
    assert!(!webhook::is_due(&server.app).await.unwrap(), "and the first a little");
    server.wait(7 * 24 * 3_600_000);
    receiver.answer(StatusCode::OK);
    assert!(webhook::is_due(&server.app).await.unwrap());
    assert_eq!(webhook::send(&server.app).await.unwrap(), 2);
    let arrived = receiver.take();
    let kinds: Vec<_> = arrived.iter().map(|it| event(it)["type"].clone()).collect();
    assert_eq!(kinds, ["registration.created", "registration.suspended"]);
    let listed = events(&server, &bearer(&server).await, "").await.json();
    assert_eq!(event(&arrived[0])["id"], listed["events"][1]["id"]);
    assert!(!webhook::is_due(&server.app).await.unwrap(), "once");
}

#[tokio::test]
async fn a_webhook_is_signed_and_another_version_of_its_secret_signs_otherwise() {
    let (receiver, address) = Receiver::listen().await;
    let mut secrets = Vec::new();
    for version in [0, 1] {
        let server = reader(json!({"webhook_uri": address, "webhook_secret_version": version}));
        let profile = server.app.agencies.profile(AGENCY).unwrap();
        let client = profile.client("bidding").unwrap();
        webhook::try_out(&server.app, profile, client).await.unwrap().unwrap();
        let received = receiver.take().remove(0);
        assert_eq!(event(&received)["type"], "test");
        let secret = webhook::secret(&server.app.key, AGENCY, client).unwrap();
        let signed = signature_of(&secret, &received.0, &received.1);
        assert_eq!(received.0["webhook-signature"], signed.as_str());
        secrets.push(secret);
    }
    assert_ne!(secrets[0], secrets[1]);
    assert!(secrets[0].starts_with("whsec_"));
}

/// As a receiver computes it. Its own check also compares the clock, which stands still here.
fn signature_of(secret: &str, headers: &HeaderMap, body: &[u8]) -> String {
    let text = |name: &str| headers[name].to_str().unwrap().to_owned();
    let time = text("webhook-timestamp").parse().unwrap();
    Webhook::new(secret).unwrap().sign(&text("webhook-id"), time, body).unwrap()
}

#[tokio::test]
async fn what_a_day_brings_is_an_event_once_however_long_nobody_looked() {
    const DAY: i64 = 86_400_000;
    let server = reader(json!({}));
    let day = |days: i64| japan_date(server.app.outside.now() + days * DAY);
    server.enrol("有効期限", &day(2));
    let bearer_of = async || bearer(&server).await;
    server.client().registered(&server.card(7)).await;
    let mut officer = Officer::new(&server, AGENCY, Role::Review).await;
    let suspend = json!({"reason": "指名停止", "period": {"from": day(1), "until": day(2)}});
    assert_eq!(officer.post("/api/officer/companies/990000001/suspend", suspend).await.code(), "");
    let turn = async || touroku_server::jobs::days::turn(&server.app).await.unwrap();
    assert_eq!(turn().await, 0);
    let all = async || events(&server, &bearer_of().await, "?after=0").await.json();
    assert_eq!(kinds(&all().await), ["registration.created", "registration.suspended"]);

    server.wait(DAY);
    assert_eq!((turn().await, turn().await), (1, 0), "its first day; another look the same day");
    let now = all().await;
    assert_eq!(kinds(&now)[2..], ["registration.suspended"]);
    let data = &now["events"][2]["data"];
    assert_eq!(
        (&data["state"], &data["suspension"]["in_force"]),
        (&json!("suspended"), &json!(true)),
        "{data}"
    );
    assert_eq!(data["suspension"]["until"], json!(day(1)));

    // The server was off for a week; then an interrupted look is repeated.
    server.wait(7 * DAY);
    assert_eq!(turn().await, 2);
    server.by_hand("DELETE FROM progress WHERE name = 'days'");
    server.by_hand("UPDATE progress SET round = round - 7 WHERE name = 'days aomori'");
    server.wait(DAY);
    assert_eq!(turn().await, 0, "nothing twice");
    let now = all().await;
    assert_eq!(kinds(&now)[3..], ["registration.resumed", "registration.changed"]);
    assert_eq!(now["events"][4]["data"]["state"], "active");
}

/// `YYYY-MM-DD` in Japan.
fn japan_date(unix_ms: i64) -> String {
    let time = jiff::Timestamp::from_millisecond(unix_ms).unwrap();
    time.to_zoned(jiff::tz::TimeZone::fixed(jiff::tz::offset(9))).date().to_string()
}
