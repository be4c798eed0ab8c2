//! What officers see of an undelivered mail, and what they do about it.

use serde_json::{Value, json};
use touroku_server::mail::deliver_due;

use crate::{
    mail_relay::counts,
    support::{
        client::{Client, TestServer},
        sink::{Does, Sink},
    },
};

const COMPANY: &str = "/api/officer/companies/990000001";

/// A company is registered, and the mail server does not know 代表窓口's address.
async fn refused() -> (TestServer, Sink, Client) {
    let server = TestServer::start();
    server.client().registered(&server.card(7)).await;
    let sink = Sink::start().await;
    sink.with("RCPT TO:<representative@", Does::Says("550 5.1.1 unknown"));
    assert_eq!(deliver_due(&server.app, &sink.transport()).await.unwrap(), 1);
    let officer = server.officer("aomori", "hanako", "review");
    (server, sink, officer)
}

async fn mail_to(officer: &mut Client, recipient: &str) -> Value {
    let detail = officer.get(COMPANY).await.json();
    let mails = detail["mails"].as_array().unwrap();
    mails.iter().find(|mail| mail["recipient"] == recipient).unwrap().clone()
}

async fn act(officer: &mut Client, mail: &Value, act: &str) -> String {
    officer.post(&format!("{COMPANY}/mails/{}/{act}", mail["id"]), json!({})).await.code()
}

async fn bounced(officer: &mut Client) -> usize {
    let found = officer.get("/api/officer/companies?query=&filter=bounced").await.json();
    found["companies"].as_array().unwrap().len()
}

#[tokio::test]
async fn a_refused_mail_is_shown_with_its_reason_and_sent_again_whole() {
    let (server, sink, mut officer) = refused().await;
    let mail = mail_to(&mut officer, "representative@example.jp").await;
    assert_eq!(
        (&mail["state"], &mail["reason"], &mail["sendable"]),
        (&json!("refused"), &json!("RCPT 550 5.1.1"), &json!(true))
    );
    assert_eq!(act(&mut officer, &mail, "send").await, "");
    assert_eq!(mail_to(&mut officer, "representative@example.jp").await["state"], "queued");
    sink.is_mended();
    assert_eq!(deliver_due(&server.app, &sink.transport()).await.unwrap(), 1);
    let sent = mail_to(&mut officer, "representative@example.jp").await;
    assert_eq!((&sent["state"], &sent["sendable"]), (&json!("sent"), &json!(false)));
    assert_eq!(act(&mut officer, &sent, "send").await, "stale");
    assert_eq!(act(&mut officer, &sent, "give-up").await, "stale");
}

#[tokio::test]
async fn a_mail_that_is_given_up_is_forgotten_and_no_alarm_any_more() {
    let (server, _, mut officer) = refused().await;
    assert_eq!((counts(&server).await, bounced(&mut officer).await), ((0, 1), 1));
    let mail = mail_to(&mut officer, "representative@example.jp").await;
    assert_eq!(act(&mut officer, &mail, "give-up").await, "");
    assert_eq!((counts(&server).await, bounced(&mut officer).await), ((0, 0), 0));
    assert_eq!(mail_to(&mut officer, "representative@example.jp").await["state"], "given_up");
    assert_eq!(act(&mut officer, &mail, "send").await, "stale");
    assert_eq!(server.value("SELECT max(body) FROM outbox"), "");
    let mut manager = server.officer("aomori", "taro", "manage");
    let entries = manager.get("/api/officer/audit").await.json()["entries"].clone();
    assert!(entries.as_array().unwrap().iter().any(|entry| entry["action"] == "mail_given_up"
        && entry["actor"] == "hanako"
        && entry["subject"] == "990000001"));
}

#[tokio::test]
async fn a_mail_that_is_being_sent_is_left_alone() {
    let server = TestServer::start();
    server.client().registered(&server.card(7)).await;
    let now = server.app.outside.now();
    let claim = move |writer: &touroku_server::store::Writer<'_>| {
        writer.claim_mail(touroku_server::store::Priority::Bulk, now, now + 60_000)
    };
    let claimed = server.app.store.write(claim).await.unwrap().unwrap();
    let mut officer = server.officer("aomori", "hanako", "review");
    let mail = mail_to(&mut officer, &claimed.mail.recipient).await;
    for deed in ["send", "give-up"] {
        assert_eq!(act(&mut officer, &mail, deed).await, "stale", "{deed}");
    }
}

#[tokio::test]
async fn what_did_not_arrive_is_listed_whomever_it_was_to_and_sent_again_together() {
    let (server, sink, mut officer) = refused().await;
    let now = server.app.outside.now();
    // A setup link to a mistyped address, and another agency's mail.
    for (agency, id) in [("aomori", "to-officer"), ("shimonoseki", "theirs")] {
        let mail = touroku_server::store::NewMail {
            message_id: id.into(),
            sender: "a@ebid.example.jp".into(),
            recipient: format!("{id}@example.jp"),
            subject: "アカウントの準備".into(),
            body: "本文\n".into(),
            ..Default::default()
        };
        server.app.store.write(move |writer| writer.queue_mail(agency, &mail, now)).await.unwrap();
    }
    sink.with("RCPT TO:<t", Does::Says("550 5.1.1 unknown"));
    assert_eq!(deliver_due(&server.app, &sink.transport()).await.unwrap(), 0);
    let page = officer.get("/api/officer/mails").await.json();
    let shown: Vec<_> =
        page["mails"].as_array().unwrap().iter().map(|mail| mail["recipient"].clone()).collect();
    assert_eq!(
        (shown, &page["total"]),
        (vec![json!("to-officer@example.jp"), json!("representative@example.jp")], &json!(2))
    );
    assert_eq!((&page["mails"][0]["number"], &page["mails"][1]["number"]), (&json!(""), &json!("990000001")));

    let theirs = server.value("SELECT id FROM outbox WHERE message_id = 'theirs'").parse::<i64>().unwrap();
    let one = |act: &str, id: &Value| json!({"act": act, "of": {"one": id}});
    let all = |act: &str, page: &Value| json!({"act": act, "of": {"all": page["revision"]}});
    assert_eq!(officer.post("/api/officer/mails", one("give_up", &json!(theirs))).await.code(), "stale");
    let reply = officer.post("/api/officer/mails", one("give_up", &page["mails"][1]["id"])).await;
    let others = officer.post("/api/officer/mails", all("give_up", &page)).await;
    assert_eq!(others.code(), "stale", "all are not those that were seen");
    let page = reply.json();
    assert_eq!((&reply.json()["total"], bounced(&mut officer).await), (&json!(1), 0));
    let reply = officer.post("/api/officer/mails", all("send", &page)).await;
    assert_eq!(reply.json()["total"], 0, "{reply:?}");
    sink.is_mended();
    assert_eq!(deliver_due(&server.app, &sink.transport()).await.unwrap(), 1);
    assert_eq!(sink.taken().last().unwrap(), "to-officer@example.jp");
    assert_eq!(counts(&server).await, (0, 1), "the other agency's");
    let entries = server.audit("aomori");
    assert!(
        entries
            .iter()
            .any(|(_, action, subject)| action == "mail_sent_again" && subject.starts_with("to-officer")),
        "{entries:?}"
    );
    // Days later the link in it is no longer good.
    server.by_hand("UPDATE outbox SET state = 'refused', body = 'x' WHERE message_id = 'to-officer'");
    server.wait(4 * 86_400_000);
    let page = server.officer("aomori", "saburo", "view").get("/api/officer/mails").await.json();
    assert_eq!(
        (&page["total"], &page["sendable"], &page["mails"][0]["sendable"]),
        (&json!(1), &json!(0), &json!(false))
    );
    let mut late = server.officer("aomori", "shiro", "review");
    assert_eq!(late.post("/api/officer/mails", one("send", &page["mails"][0]["id"])).await.code(), "stale");
    let mut viewer = server.officer("aomori", "jiro", "view");
    assert_eq!(viewer.post("/api/officer/mails", all("send", &page)).await.code(), "forbidden");
}
