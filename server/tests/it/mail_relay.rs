//! What a mail server may reply, and what happens to the mails.

use std::time::Duration;

use touroku_server::{
    mail::{Times, deliver_due},
    store::{NewMail, Priority},
};

use crate::support::{
    authority::NOW,
    client::TestServer,
    sink::{Does, Sink},
};

const MINUTE: i64 = 60_000;

/// Queues mails to `1@example.jp` and so on.
pub(crate) async fn queue(server: &TestServer, mails: u32, change: fn(NewMail) -> NewMail) {
    let write = server.app.store.write(move |writer| {
        for number in 1..=mails {
            let mail = change(NewMail {
                message_id: format!("{number}@ebid.example.jp"),
                sender: "no-reply@ebid.example.jp".into(),
                recipient: format!("{number}@example.jp"),
                subject: "subject".into(),
                body: "text\n".into(),
                ..NewMail::default()
            });
            writer.queue_mail("aomori", &mail, NOW * 1000)?;
        }
        Ok(())
    });
    write.await.unwrap();
    server.app.mail_queued.notify_one();
}

pub(crate) async fn counts(server: &TestServer) -> (u64, u64) {
    let counts = server.app.store.read(|reader| reader.mail_counts()).await.unwrap();
    (counts.queued, counts.refused)
}

fn each_once(sink: &Sink, mails: usize) {
    let mut taken = sink.taken();
    assert_eq!(taken.len(), mails, "{taken:?}");
    taken.sort();
    taken.dedup();
    assert_eq!(taken.len(), mails, "{taken:?}");
}

#[tokio::test]
async fn a_wrong_setting_of_the_mail_server_keeps_every_mail_until_it_is_mended() {
    for (step, answer) in [
        ("", "554 5.7.1 go away"),
        ("EHLO", "550 no"),
        ("AUTH", "535 5.7.8 wrong"),
        ("MAIL", "550 5.7.1 not this sender"),
        ("MAIL", "530 5.7.0 log in first"),
        ("MAIL", "421 4.3.2 closing"),
        ("RCPT", "554 5.7.1 Relay access denied"),
        ("RCPT", "550 relaying denied"),
        ("RCPT", "553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)"),
        ("DATA", "554 no"),
        (".", "554 5.3.0 failed"),
        (".", "554 failed"),
    ] {
        let server = TestServer::start();
        queue(&server, 10, |mail| mail).await;
        let sink = Sink::start().await;
        sink.with(step, Does::Says(answer));
        for _ in 0..5 {
            assert_eq!(deliver_due(&server.app, &sink.transport()).await.unwrap(), 0, "{step} {answer}");
            assert_eq!(counts(&server).await, (10, 0), "{step} {answer}");
            server.wait(3 * MINUTE);
        }
        assert!(server.app.mail_watch.trouble().is_some(), "{step} {answer}");
        sink.is_mended();
        server.wait(2 * MINUTE);
        assert_eq!(deliver_due(&server.app, &sink.transport()).await.unwrap(), 10, "{step} {answer}");
        each_once(&sink, 10);
        assert_eq!(server.app.mail_watch.trouble(), None);
    }
}

#[tokio::test]
async fn once_a_mail_has_left_those_that_were_held_follow_at_once() {
    let server = TestServer::start();
    queue(&server, 10, |mail| mail).await;
    let sink = Sink::start().await;
    sink.with(".", Does::Says("554 failed"));
    for _ in 0..20 {
        deliver_due(&server.app, &sink.transport()).await.unwrap();
        server.wait(5 * MINUTE);
    }
    deliver_due(&server.app, &sink.transport()).await.unwrap();
    sink.is_mended();
    let fresh =
        |mail: NewMail| NewMail { message_id: "fresh".into(), recipient: "0@example.jp".into(), ..mail };
    queue(&server, 1, fresh).await;
    assert_eq!(deliver_due(&server.app, &sink.transport()).await.unwrap(), 11);
    each_once(&sink, 11);
}

#[tokio::test]
async fn a_sender_with_thousands_of_mails_is_held_and_released_without_holding_up_others() {
    let server = TestServer::start();
    queue(&server, 1_200, |mail| mail).await;
    let sink = Sink::start().await;
    sink.with("MAIL", Does::Says("550 5.7.1 not this sender"));
    assert_eq!(deliver_due(&server.app, &sink.transport()).await.unwrap(), 0);
    let tried = sink.heard().iter().filter(|line| line.starts_with("MAIL FROM")).count();
    assert_eq!(tried, 3, "each failure holds some hundreds of them back, not all at once");
    sink.is_mended();
    server.wait(2 * MINUTE);
    assert_eq!(deliver_due(&server.app, &sink.transport()).await.unwrap(), 1_200);
    each_once(&sink, 1_200);
}

#[tokio::test]
async fn a_mail_that_alone_is_not_taken_is_refused_and_keeps_its_text() {
    for (step, answer) in [
        ("RCPT TO:<3@", "550 5.1.1 unknown"),
        ("RCPT TO:<3@", "550 unknown"),
        ("RCPT TO:<3@", "554 5.7.1 not you"),
    ] {
        let server = TestServer::start();
        queue(&server, 4, |mail| mail).await;
        let sink = Sink::start().await;
        sink.with(step, Does::Says(answer));
        assert_eq!(deliver_due(&server.app, &sink.transport()).await.unwrap(), 3, "{answer}");
        assert_eq!(counts(&server).await, (0, 1), "{answer}");
        assert_eq!(server.value("SELECT body FROM outbox WHERE state = 'refused'"), "text\n");
    }
}

#[tokio::test]
async fn a_sender_that_is_not_taken_holds_up_its_own_mails_only() {
    let server = TestServer::start();
    queue(&server, 3, |mail| mail).await;
    let other = |mail: NewMail| NewMail {
        sender: "wrong@other.example.jp".into(),
        message_id: format!("other-{}", mail.message_id),
        recipient: format!("other-{}", mail.recipient),
        priority: Priority::Awaited,
        ..mail
    };
    queue(&server, 3, other).await;
    let sink = Sink::start().await;
    sink.with("MAIL FROM:<wrong@", Does::Says("550 5.7.1 not you"));
    assert_eq!(deliver_due(&server.app, &sink.transport()).await.unwrap(), 3);
    assert_eq!(counts(&server).await, (3, 0));
    let tried = sink.heard().iter().filter(|line| line.starts_with("MAIL FROM:<wrong@")).count();
    assert_eq!(tried, 1, "its others wait untried");
}

#[tokio::test]
async fn a_mail_server_that_says_nothing_is_left_in_time_at_every_step() {
    let short = Duration::from_millis(50);
    let times = Times { connect: short, greeting: short, command: short, text: short };
    for step in ["", "EHLO", "AUTH", "MAIL", "RCPT", "DATA"] {
        let server = TestServer::start();
        queue(&server, 2, |mail| mail).await;
        let sink = Sink::start().await;
        sink.with(step, Does::IsSilent);
        let transport = sink.transport().with_times(times);
        let delivered = tokio::time::timeout(Duration::from_secs(20), deliver_due(&server.app, &transport));
        assert_eq!(delivered.await.expect(step).unwrap(), 0);
        assert_eq!(counts(&server).await, (2, 0));
        let trouble = server.app.mail_watch.trouble().unwrap();
        assert!(trouble.reason.ends_with("no answer in time"), "{trouble:?}");
        sink.is_mended();
        server.wait(MINUTE);
        assert_eq!(deliver_due(&server.app, &sink.transport()).await.unwrap(), 2, "{step}");
        each_once(&sink, 2);
    }
}

#[tokio::test]
async fn a_mail_that_may_have_arrived_is_not_repeated_soon_nor_often() {
    let server = TestServer::start();
    queue(&server, 1, |mail| mail).await;
    let sink = Sink::start().await;
    sink.with(".", Does::TakesAndHangsUp);
    for (wait, taken) in [(0, 1), (59 * MINUTE, 1), (2 * MINUTE, 2), (119 * MINUTE, 2), (2 * MINUTE, 3)] {
        assert_eq!(counts(&server).await, (1, 0));
        server.wait(wait);
        deliver_due(&server.app, &sink.transport()).await.unwrap();
        assert_eq!(sink.taken().len(), taken);
    }
    assert_eq!(counts(&server).await, (0, 1), "left to an officer");
    assert_eq!(server.app.mail_watch.counts().unknown, 3);
}

#[tokio::test]
async fn a_connection_that_was_closed_between_two_mails_costs_no_attempt() {
    for does in [Does::HangsUp, Does::Says("421 4.7.0 enough")] {
        let server = TestServer::start();
        queue(&server, 3, |mail| mail).await;
        let sink = Sink::start().await;
        let mut mails = 0;
        sink.does(move |line| match line {
            "" => {
                mails = 0;
                Does::Usual
            }
            line if line.starts_with("MAIL") => {
                mails += 1;
                if mails > 1 { does } else { Does::Usual }
            }
            _ => Does::Usual,
        });
        assert_eq!(deliver_due(&server.app, &sink.transport()).await.unwrap(), 3);
        each_once(&sink, 3);
    }
}

#[tokio::test]
async fn links_that_people_wait_for_leave_first_and_bulk_last() {
    let server = TestServer::start();
    for (priority, name) in
        [(Priority::Bulk, "bulk"), (Priority::Ordinary, "ordinary"), (Priority::Awaited, "awaited")]
    {
        let write = server.app.store.write(move |writer| {
            let mail = NewMail {
                message_id: name.into(),
                sender: "no-reply@ebid.example.jp".into(),
                recipient: format!("{name}@example.jp"),
                priority,
                ..NewMail::default()
            };
            writer.queue_mail("aomori", &mail, NOW * 1000)
        });
        write.await.unwrap();
    }
    let sink = Sink::start().await;
    deliver_due(&server.app, &sink.transport()).await.unwrap();
    assert_eq!(sink.taken(), ["awaited@example.jp", "ordinary@example.jp", "bulk@example.jp"]);
}

#[tokio::test]
async fn old_mobile_addresses_are_quoted_on_the_way() {
    let server = TestServer::start();
    queue(&server, 1, |mail| NewMail { recipient: "mihon..taro@docomo.example.jp".into(), ..mail }).await;
    let sink = Sink::start().await;
    assert_eq!(deliver_due(&server.app, &sink.transport()).await.unwrap(), 1);
    assert_eq!(sink.taken(), ["\"mihon..taro\"@docomo.example.jp"]);
}

#[tokio::test]
async fn a_clock_that_is_put_back_holds_no_new_mail_up() {
    let server = TestServer::start();
    queue(&server, 1, |mail| mail).await;
    server.wait(-60 * MINUTE);
    let sink = Sink::start().await;
    assert_eq!(deliver_due(&server.app, &sink.transport()).await.unwrap(), 1);
}
