//! Reminders before a card expires.

use touroku_server::{jobs::expiry::remind, store::OutboxMail};

use crate::support::{
    authority::{NOW, Spec},
    client::{TestServer, form, no_limits},
};

const DAY: i64 = 86_400_000;

/// The expiry of the test's card: in 100 days, at the same time of day.
const DAYS: i64 = 100;

async fn registered() -> TestServer {
    registered_with("").await
}

async fn registered_with(profile: &str) -> TestServer {
    let server = TestServer::start_with(no_limits(), profile);
    let mut client = server.client();
    client.reach_form(&server.card(7)).await;
    assert_eq!(client.register("s-1", form()).await.code(), "");
    server
}

async fn reminders(server: &TestServer) -> Vec<OutboxMail> {
    let mails = server.app.store.read(|reader| reader.due_mails(i64::MAX, 99)).await.unwrap();
    mails.into_iter().filter(|mail| mail.attachment.is_some()).collect()
}

/// Looks for reminders with that many days left, several times; returns how many cards were reminded of.
async fn with_days_left(server: &TestServer, days: i64) -> usize {
    server.now.store(NOW * 1000 + (DAYS - days) * DAY, std::sync::atomic::Ordering::SeqCst);
    let mut cards = 0;
    for _ in 0..3 {
        cards += remind(&server.app).await.unwrap();
        server.wait(60_000);
    }
    cards
}

#[tokio::test]
async fn each_threshold_is_reminded_of_once_at_both_addresses_with_a_calendar_file() {
    let server = registered().await;
    assert_eq!(with_days_left(&server, 91).await, 0);
    assert_eq!(with_days_left(&server, 90).await, 1);
    let mails = reminders(&server).await;
    let to: Vec<&str> = mails.iter().map(|mail| mail.mail.recipient.as_str()).collect();
    assert_eq!(to, ["representative@example.jp", "card@example.jp"]);
    let mail = &mails[0].mail;
    assert!(mail.subject.contains("あと90日"), "{}", mail.subject);
    // 2026-11-18T20:06:40+09:00 and 100 days.
    for part in ["証明書有効期限 : 2027/02/26（あと90日）", "9992100000000001", "（株）テスト商会０１"]
    {
        assert!(mail.body.contains(part), "{part}\n{}", mail.body);
    }
    let file = mails[0].attachment.as_ref().unwrap();
    for line in ["DTSTART;VALUE=DATE:20270226", "SUMMARY:ICカードの有効期限（青森市 電子入札）"]
    {
        assert!(file.text.contains(&format!("\r\n{line}\r\n")), "{}", file.text);
    }
    for (days, cards) in [(89, 0), (60, 1), (30, 1), (29, 0), (14, 1), (7, 1), (1, 0), (0, 0), (-1, 0)] {
        assert_eq!(with_days_left(&server, days).await, cards, "{days}");
    }
    let mails = reminders(&server).await;
    assert_eq!(mails.len(), 10);
    let uid = |mail: &OutboxMail| {
        let text = &mail.attachment.as_ref().unwrap().text;
        text.lines().find(|line| line.starts_with("UID:")).unwrap().to_owned()
    };
    assert_eq!(uid(&mails[0]), uid(&mails[9]), "a calendar sees one event");
}

#[tokio::test]
async fn after_a_pause_only_the_nearest_of_the_missed_thresholds_is_reminded_of() {
    let server = registered().await;
    assert_eq!(with_days_left(&server, 25).await, 1);
    assert!(reminders(&server).await[0].mail.subject.contains("あと25日"));
    assert_eq!(with_days_left(&server, 15).await, 0);
    let server = server.restart();
    assert_eq!(with_days_left(&server, 14).await, 1, "a restart forgets nothing");
    assert_eq!(reminders(&server).await.len(), 4);
}

#[tokio::test]
async fn what_a_clock_reminded_of_that_was_ahead_is_reminded_of_again_when_it_is_due() {
    let server = registered().await;
    assert_eq!(with_days_left(&server, 14).await, 1, "ahead");
    for (days, cards) in [(90, 1), (60, 1), (14, 1), (13, 0)] {
        assert_eq!(with_days_left(&server, days).await, cards, "{days}");
    }
}

#[tokio::test]
async fn nobody_is_reminded_of_a_card_that_has_expired_or_was_never_registered() {
    let server = TestServer::start();
    let mut client = server.client();
    client.reach_form(&server.card(7)).await;
    assert_eq!(with_days_left(&server, 30).await, 0, "only shown, not registered");
    let server = registered().await;
    assert_eq!(with_days_left(&server, -1).await, 0);
    assert_eq!(reminders(&server).await.len(), 0);
}

#[tokio::test]
async fn a_second_card_has_its_own_reminders() {
    let server = registered().await;
    assert_eq!(with_days_left(&server, 90).await, 1);
    let later = Spec { not_after: NOW + 130 * 86_400, serial: 8, ..Spec::card() };
    let mut client = server.client();
    client.reach_form(&server.root.issue(later)).await;
    assert_eq!(client.register("s-2", crate::support::client::card_form()).await.code(), "");
    // 60 days of the second card's 90.
    assert_eq!(with_days_left(&server, 60).await, 2);
    let mails = reminders(&server).await;
    assert!(mails.iter().any(|mail| mail.mail.body.contains("証明書シリアル番号 : 8")));
}

#[tokio::test]
async fn the_profile_decides_when_and_whom() {
    let server = registered_with("procurement_code => expiry_notice_days = []\u{1}procurement_code").await;
    assert_eq!(with_days_left(&server, 7).await, 0);
    let server = registered_with(
        "[mail.registered] => [mail.card_expiring]\u{1}to = [\"card\"]\u{1}subject = \"{days_left}\"\u{1}[mail.registered]",
    )
    .await;
    assert_eq!(with_days_left(&server, 45).await, 1);
    let mails = reminders(&server).await;
    let said: Vec<_> =
        mails.iter().map(|mail| (mail.mail.recipient.as_str(), mail.mail.subject.as_str())).collect();
    assert_eq!(said, [("card@example.jp", "45")]);
}
