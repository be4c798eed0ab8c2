//! What the server does by itself: once, whichever server does it, and not again after a restart.

use std::sync::Arc;

use tokio::sync::Notify;
use touroku_server::{
    jobs::{Holder, revocation::check_night},
    store::Progress,
};

use crate::support::client::TestServer;

const DAY: i64 = 86_400_000;

#[tokio::test]
async fn a_job_is_one_servers_until_it_ends_or_its_server_died() {
    let server = TestServer::start();
    let app = &server.app;
    let (one, other) = (Holder::fresh(app), Holder::fresh(app));
    let (began, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let work = {
        let (app, began, go_on) = (Arc::clone(app), Arc::clone(&began), Arc::clone(&go_on));
        tokio::spawn(async move {
            let work = async {
                began.notify_one();
                go_on.notified().await;
                1
            };
            one.lead(&app, "job", work).await
        })
    };
    began.notified().await;
    assert_eq!(other.lead(app, "job", async { 2 }).await.unwrap(), None);
    assert_eq!(other.lead(app, "another", async { 2 }).await.unwrap(), Some(2));
    go_on.notify_one();
    assert_eq!(work.await.unwrap().unwrap(), Some(1));
    assert_eq!(other.lead(app, "job", async { 2 }).await.unwrap(), Some(2), "given back");

    let now = server.app.outside.now();
    app.store.write(move |writer| writer.take_lease("job", "dead", now, 120_000)).await.unwrap();
    assert_eq!(other.lead(app, "job", async { 3 }).await.unwrap(), None);
    server.wait(120_000);
    assert_eq!(other.lead(app, "job", async { 3 }).await.unwrap(), Some(3));
}

#[tokio::test]
async fn a_lease_from_a_clock_that_was_ahead_holds_nobody_up() {
    let server = TestServer::start();
    let now = server.app.outside.now();
    server
        .app
        .store
        .write(move |writer| writer.take_lease("job", "ahead", now + DAY, 120_000))
        .await
        .unwrap();
    let holder = Holder::fresh(&server.app);
    assert_eq!(holder.lead(&server.app, "job", async { 1 }).await.unwrap(), Some(1));
}

#[tokio::test]
async fn the_cards_are_looked_through_once_a_night_and_go_on_where_they_were_cut_off() {
    let server = TestServer::start();
    for serial in [7, 8] {
        server.client().registered(&server.card(serial)).await;
    }
    let cards = |checked: Option<touroku_server::jobs::revocation::Checked>| checked.map(|found| found.cards);
    assert_eq!(cards(check_night(&server.app).await.unwrap()), Some(2));
    let server = server.restart();
    assert_eq!(
        cards(check_night(&server.app).await.unwrap()),
        None,
        "not again because it was started again"
    );
    server.wait(DAY);
    let night =
        server.app.store.read(|reader| reader.progress("revocation")).await.unwrap().unwrap().round + 1;
    let first = server.app.store.read(|reader| reader.cards_in_use("aomori", 0, 1)).await.unwrap()[0].card;
    let begun = Progress { round: night, agency: "aomori".into(), row: first, finished: false };
    server.app.store.write(move |writer| writer.note_progress("revocation", &begun)).await.unwrap();
    assert_eq!(cards(check_night(&server.app).await.unwrap()), Some(1));
    assert_eq!(cards(check_night(&server.app).await.unwrap()), None);
}
