//! The mailer at work: several connections, several servers, stops.

use std::{sync::Arc, time::Duration};

use tokio::{sync::oneshot, task::JoinHandle};
use touroku_server::{
    app::App,
    mail::{Pace, Transport, run_at},
    store::{NewMail, Priority},
};

use crate::{
    mail_relay::{counts, queue},
    support::{
        client::TestServer,
        sink::{Does, Sink},
    },
};

fn quick() -> Pace {
    let short = Duration::from_millis(5);
    Pace { first_pause: short, longest_pause: short, note: short, ..Pace::default() }
}

struct Running {
    stop: oneshot::Sender<()>,
    mailer: JoinHandle<()>,
}

impl Running {
    fn start(app: &Arc<App>, transport: Transport, pace: Pace) -> Self {
        let (stop, stopped) = oneshot::channel();
        let mailer = tokio::spawn(run_at(pace, Arc::clone(app), transport, async {
            stopped.await.ok();
        }));
        Self { stop, mailer }
    }

    async fn stop(self) {
        self.stop.send(()).unwrap();
        tokio::time::timeout(Duration::from_secs(20), self.mailer).await.expect("it stops").unwrap();
    }
}

async fn all_noted(server: &TestServer) {
    while counts(server).await.0 > 0 {
        tokio::task::yield_now().await;
    }
}

fn distinct(sink: &Sink) -> usize {
    let mut taken = sink.taken();
    taken.sort();
    taken.dedup();
    taken.len()
}

#[tokio::test]
async fn two_servers_on_one_database_deliver_each_mail_once() {
    let server = TestServer::start();
    queue(&server, 40, |mail| mail).await;
    let sink = Sink::start().await;
    let beside = server.beside();
    let both = [&server.app, &beside].map(|app| Running::start(app, sink.transport(), quick()));
    sink.has_taken(40).await;
    all_noted(&server).await;
    for running in both {
        running.stop().await;
    }
    assert_eq!((sink.taken().len(), distinct(&sink)), (40, 40));
    beside.store.close();
}

#[tokio::test]
async fn a_stop_with_a_backlog_ends_between_mails_and_doubles_none() {
    let server = TestServer::start();
    queue(&server, 200, |mail| mail).await;
    let sink = Sink::start().await;
    let running = Running::start(&server.app, sink.transport(), quick());
    sink.has_taken(20).await;
    running.stop().await;
    let taken = u64::try_from(sink.taken().len()).unwrap();
    assert_eq!(counts(&server).await, (200 - taken, 0), "what was sent is noted");
    let running = Running::start(&server.app, sink.transport(), quick());
    sink.has_taken(200).await;
    all_noted(&server).await;
    running.stop().await;
    assert_eq!((sink.taken().len(), distinct(&sink)), (200, 200));
}

#[tokio::test]
async fn a_stop_does_not_wait_for_a_mail_server_that_is_silent() {
    let server = TestServer::start();
    queue(&server, 20, |mail| mail).await;
    let sink = Sink::start().await;
    sink.with("RCPT", Does::IsSilent);
    let running = Running::start(&server.app, sink.transport(), quick());
    sink.has_heard("RCPT").await;
    running.stop().await;
    sink.is_mended();
    let running = Running::start(&server.app, sink.transport(), quick());
    sink.has_taken(20).await;
    running.stop().await;
    assert_eq!((counts(&server).await, distinct(&sink)), ((0, 0), 20));
}

#[tokio::test]
async fn a_link_that_somebody_waits_for_passes_bulk_mail_that_is_stuck() {
    let server = TestServer::start();
    queue(&server, 30, |mail| NewMail { priority: Priority::Bulk, ..mail }).await;
    let sink = Sink::start().await;
    sink.does(
        |line| {
            if line.starts_with("RCPT") && !line.contains("link") { Does::IsSilent } else { Does::Usual }
        },
    );
    let running = Running::start(&server.app, sink.transport(), quick());
    sink.has_heard("RCPT").await;
    let link = |mail: NewMail| NewMail {
        message_id: "link".into(),
        recipient: "link@example.jp".into(),
        priority: Priority::Awaited,
        ..mail
    };
    queue(&server, 1, link).await;
    sink.has_taken(1).await;
    assert_eq!(sink.taken(), ["link@example.jp"]);
    running.stop().await;
}

#[tokio::test]
async fn what_can_not_be_noted_is_not_sent_again_and_nothing_else_is_sent() {
    let server = TestServer::start();
    queue(&server, 30, |mail| mail).await;
    server.refuse("BEFORE UPDATE OF state ON outbox", "NEW.id = NEW.id");
    let sink = Sink::start().await;
    let pace = Pace { connections: 2, ..quick() };
    let running = Running::start(&server.app, sink.transport(), pace);
    sink.has_taken(1).await;
    // Long enough for some attempts to be recorded.
    for _ in 0..200 {
        assert_eq!(counts(&server).await, (30, 0));
    }
    assert_eq!(sink.taken().len(), 1);
    server.refuse_no_more("outbox");
    sink.has_taken(30).await;
    all_noted(&server).await;
    running.stop().await;
    assert_eq!((sink.taken().len(), distinct(&sink)), (30, 30));
}

#[tokio::test]
async fn a_mail_server_that_comes_back_gets_all_without_waiting_for_their_turn() {
    let server = TestServer::start();
    queue(&server, 20, |mail| mail).await;
    let sink = Sink::start().await;
    sink.with("", Does::Says("421 4.3.2 not now"));
    let running = Running::start(&server.app, sink.transport(), quick());
    while sink.heard().len() < 3 {
        tokio::task::yield_now().await;
    }
    sink.is_mended();
    sink.has_taken(20).await;
    all_noted(&server).await;
    running.stop().await;
    assert_eq!(distinct(&sink), 20);
}

#[tokio::test]
async fn a_clock_that_is_put_back_holds_no_mail_up() {
    let server = TestServer::start();
    queue(&server, 3, |mail| mail).await;
    let sink = Sink::start().await;
    sink.with("RCPT", Does::Says("451 4.3.0 later"));
    let running = Running::start(&server.app, sink.transport(), quick());
    let deferred = |reader: &touroku_server::store::Reader<'_>| reader.next_mail_at();
    let now = server.app.outside.now();
    while server.app.store.read(deferred).await.unwrap() != Some(now + 30_000) {
        tokio::task::yield_now().await;
    }
    sink.is_mended();
    server.wait(-3_600_000);
    server.app.mail_queued.notify_one();
    sink.has_taken(3).await;
    running.stop().await;
}

/// `cargo test -p touroku-server --release --test it two_thousand_mails_leave_in_measured_time -- --ignored --nocapture`
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a measurement"]
async fn two_thousand_mails_leave_in_measured_time() {
    let server = TestServer::start();
    queue(&server, 2000, |mail| mail).await;
    let sink = Sink::start().await;
    let began = std::time::Instant::now();
    let running = Running::start(&server.app, sink.transport(), Pace::default());
    sink.has_taken(2000).await;
    println!("{:.0} mails/s", 2000.0 / began.elapsed().as_secs_f64());
    running.stop().await;
}

#[tokio::test]
async fn when_an_officer_wants_a_mail_tried_no_pause_is_waited_for() {
    let server = TestServer::start();
    queue(&server, 3, |mail| mail).await;
    let sink = Sink::start().await;
    sink.with("AUTH", Does::Says("535 5.7.8 wrong"));
    let hour = Duration::from_secs(3600);
    let pace = Pace { first_pause: hour, longest_pause: hour, ..quick() };
    let running = Running::start(&server.app, sink.transport(), pace);
    while server.app.mail_watch.trouble().is_none() {
        tokio::task::yield_now().await;
    }
    sink.is_mended();
    server.app.mail_watch.try_now();
    sink.has_taken(3).await;
    running.stop().await;
}
