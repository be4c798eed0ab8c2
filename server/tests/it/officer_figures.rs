//! Figures, as officers see them.

use serde_json::{Value, json};
use touroku_server::store::NewMail;

use crate::support::client::{Client, TestServer, account_form, edited, no_limits};

const AGENCY: &str = "aomori";
const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

async fn figures(officer: &mut Client) -> Value {
    let reply = officer.get("/api/officer/figures").await;
    assert_eq!(reply.code(), "", "{reply:?}");
    reply.json()
}

#[tokio::test]
async fn a_day_begins_at_midnight_in_japan() {
    let server = TestServer::start();
    // 23:30 in Japan: 14:30 UTC.
    let now = server.app.outside.now();
    server.wait((14 * HOUR + HOUR / 2 - now.rem_euclid(DAY)).rem_euclid(DAY));
    let (one, two) = (server.card(7), server.card(8));
    let mut client = server.client();
    client.registered(&one).await;
    let mut officer = server.officer(AGENCY, "sato", "view");
    let before = figures(&mut officer).await;
    let days = before["days"].as_array().unwrap();
    assert_eq!(days.len(), 90, "days without anything included");
    assert_eq!(days[89]["registered"], 1);
    server.wait(HOUR);
    client.registered(&two).await;
    let session = client.log_in(&two, "change").await;
    let values = edited(&session, &[]);
    assert_eq!(client.change("c-1", &session["company"]["revision"], values).await.code(), "");
    let after = figures(&mut officer).await;
    let after = after["days"].as_array().unwrap();
    assert_eq!(after.len(), 90);
    assert_eq!(after[88], days[89], "it is yesterday now");
    assert_eq!(
        (&after[89]["registered"], &after[89]["changed"], &after[89]["renewed"], &after[89]["applied"]),
        (&json!(1), &json!(1), &json!(0), &json!(0))
    );
    let day = |figures: &Value| figures["day"].as_str().unwrap().to_owned();
    assert!(day(&after[88]) < day(&after[89]) && day(&after[89]).len() == 10);
    server.wait(89 * DAY);
    let days = figures(&mut officer).await["days"].as_array().unwrap().clone();
    assert_eq!((&days[0]["registered"], &days[89]["registered"]), (&json!(1), &json!(0)));
    server.wait(DAY);
    let days = figures(&mut officer).await["days"].as_array().unwrap().clone();
    assert_eq!(days[0]["registered"], 0, "older than 90 days");
}

#[tokio::test]
async fn what_there_is_now_is_counted() {
    let server = TestServer::start();
    let (one, two) = (server.card(7), server.card(8));
    let mut client = server.client();
    client.registered(&one).await;
    let mut officer = server.officer(AGENCY, "sato", "review");
    let of = |figures: &Value| {
        ["paper", "electronic", "suspended", "cards", "revoked"].map(|name| figures[name].as_u64().unwrap())
    };
    assert_eq!(of(&figures(&mut officer).await), [1, 1, 0, 1, 0]);
    client.log_in(&one, "renew_old").await;
    client.login(&two, "renew_new").await;
    client.post("/api/renewal", json!({"submission": "r-1"})).await;
    let renewed = figures(&mut officer).await;
    assert_eq!(of(&renewed), [1, 1, 0, 1, 0], "a replaced card is not in use");
    assert_eq!(renewed["days"][89]["renewed"], 1);
    officer.post("/api/officer/companies/990000001/suspend", json!({"reason": "理由"})).await;
    officer.post("/api/officer/cards/2/suspend", json!({"reason": "理由"})).await;
    server.app.store.write(|writer| writer.note_revoked(2, 0)).await.unwrap();
    let found = figures(&mut officer).await;
    assert_eq!(of(&found), [1, 1, 1, 1, 1]);
    let waiting = server.take_mails().await.len();
    assert_eq!(found["mail_queued"], waiting);

    let detail = officer.get("/api/officer/companies/990000001").await.json();
    let expiry = detail["cards"][0]["expires_unix_ms"].as_i64().unwrap();
    for (days, expected) in [(100, [0, 0]), (89, [0, 1]), (29, [1, 1]), (-1, [0, 0])] {
        server.wait(expiry - days * DAY - server.app.outside.now());
        let found = figures(&mut officer).await;
        assert_eq!(
            [&found["expiring_30"], &found["expiring_90"]],
            expected.map(|n| json!(n)).each_ref(),
            "{days}"
        );
    }
}

#[tokio::test]
async fn applications_are_counted_while_they_wait_and_timed_when_they_are_decided() {
    let server = TestServer::start_at("shimonoseki", no_limits(), "");
    let mut client = server.client();
    client.reach_application().await;
    client.apply("a-1", account_form("taro01", "oi25io14")).await;
    let applied = server.app.outside.now();
    let mut officer = server.officer("shimonoseki", "sato", "review");
    server.wait(3 * HOUR);
    let waiting = figures(&mut officer).await;
    assert_eq!(
        (&waiting["pending"], &waiting["oldest_pending_unix_ms"], &waiting["median_processing_ms"]),
        (&json!(1), &json!(applied), &Value::Null)
    );
    assert_eq!(waiting["days"][89]["applied"], 1);
    assert_eq!(officer.look_and_decide("account", &json!(1), None).await.code(), "");
    let decided = figures(&mut officer).await;
    assert_eq!((&decided["pending"], &decided["oldest_pending_unix_ms"]), (&json!(0), &Value::Null));
    assert_eq!(
        (&decided["median_processing_ms"], &decided["slow_processing_ms"]),
        (&json!(3 * HOUR), &json!(3 * HOUR))
    );
}

#[tokio::test]
async fn another_agencys_figures_are_their_own() {
    let server = TestServer::start().with_agency("shimonoseki");
    server.client().registered(&server.card(7)).await;
    let mut other = server.officer("shimonoseki", "sato", "manage");
    let found = figures(&mut other).await;
    for name in ["paper", "electronic", "cards", "mail_queued", "pending"] {
        assert_eq!(found[name], 0, "{name}");
    }
    assert!(found["days"].as_array().unwrap().iter().all(|day| day["registered"] == 0));
    assert_eq!(server.client().get("/api/officer/figures").await.code(), "session_missing");
}

#[tokio::test]
async fn a_large_agency_is_counted_once_a_minute_but_what_waits_for_an_officer_at_every_look() {
    let server = TestServer::start();
    let mut officer = server.officer(AGENCY, "sato", "review");
    let many = server.app.store.write(|writer| {
        (0..50_000).try_for_each(|index| {
            let mail = NewMail {
                message_id: format!("{index}@example.jp"),
                sender: "a@example.jp".into(),
                recipient: "b@example.jp".into(),
                ..NewMail::default()
            };
            writer.queue_mail(AGENCY, &mail, 0)?;
            writer.mail_sent(index + 1, i64::MAX / 2)
        })
    });
    many.await.unwrap();
    let before = figures(&mut officer).await;
    assert_eq!((&before["mail_sent"], &before["cards"]), (&json!(50_000), &json!(0)));
    server.client().registered(&server.card(7)).await;
    officer.post("/api/officer/companies/990000001/suspend", json!({"reason": "理由"})).await;
    server.wait(59_000);
    let meanwhile = figures(&mut officer).await;
    assert_eq!(meanwhile["counted_unix_ms"], before["counted_unix_ms"]);
    assert_eq!((&meanwhile["cards"], &meanwhile["suspended"]), (&json!(0), &json!(1)));
    assert_eq!(meanwhile["mail_queued"], 2);
    server.wait(1_000);
    let after = figures(&mut officer).await;
    assert_eq!((&after["cards"], &after["counted_unix_ms"]), (&json!(1), &json!(server.app.outside.now())));
}
