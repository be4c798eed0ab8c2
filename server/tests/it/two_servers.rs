//! Two servers on one PostgreSQL. One of them is killed again and again, or the database is.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    process::Command,
    time::{Duration, Instant},
};

use serde_json::Value;
use tokio::{sync::watch, task::JoinSet, time::timeout};

use crate::support::{
    authority::{Card, NOW, Spec},
    client::{Client, ROSTER, TestServer, form},
    engine::{is_sqlite, setting},
    pair::Pair,
    sink::Sink,
};

const COMPANIES: usize = 60;
const NAME: &str = "架空商会";

/// Companies that register at the same time.
const AT_ONCE: usize = 6;

/// How often a server is killed, one after the other in turn.
const KILLS: usize = 10;

/// No card is about to expire, by whatever clock: that is another mail.
const YEARS: i64 = 5 * 365 * 86_400;

/// Nothing takes as long: Patroni waits for the dead, 20 s by its sample.
const PATIENCE: Duration = Duration::from_secs(90);

/// Mails that one server may have under way when it dies; SMTP can't say whether they arrived.
const UNDER_WAY: usize = 8;

/// Registers, beginning anew where a server died in the middle. Returns the 企業ID.
async fn registered(client: &mut Client, card: &Card, number: usize) -> Value {
    let mut values = form();
    for field in ["representative_contact_email", "card_contact_email"] {
        let address = format!("{number}@example.jp");
        values[field] = address.clone().into();
        values[format!("{field}_again")] = address.into();
    }
    let number = format!("{:09}", 800_000_000 + number);
    let mut refused = Vec::new();
    // Each kill may cut one attempt off.
    while refused.len() <= KILLS {
        client.cookie = None;
        let mut reply = client.begin().await;
        if reply.code() == "" {
            reply = client.login(card, "register").await;
        }
        if reply.code() == "" {
            reply = client.search(&number, NAME).await;
        }
        if reply.code() == "" {
            reply = client.register(&format!("submission-{number}"), values.clone()).await;
        }
        if reply.code() == "" {
            return reply.json()["completed"]["company_id"].clone();
        }
        refused.push(reply.json().to_string());
    }
    panic!("{number}: {refused:?}")
}

fn settings(server: &TestServer) -> String {
    let none = "{ count = 0, seconds = 60 }";
    let limits = ["session", "address", "search_session", "search_address", "login_address"];
    let limits = limits.iter().fold("[limits]\n".to_owned(), |mut all, limit| {
        writeln!(all, "{limit} = {none}").unwrap();
        all
    });
    format!("{}[trust]\nanchors = [\"root.pem\"]\n{limits}", setting(server.folder.path()).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_servers_one_dies_again_and_again_and_no_registration_or_mail_is_lost_or_doubled() {
    if is_sqlite() {
        return;
    }
    while_companies_register(KILLS, Pair::kill).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a database with a standby, which `cargo xtask test` starts"]
async fn of_a_database_that_dies_the_standby_goes_on_and_nothing_is_lost_or_doubled() {
    let fail_over = std::env::var("TOUROKU_TEST_FAIL_OVER").unwrap();
    while_companies_register(1, move |_, _| {
        let ended = Command::new("sh").arg(&fail_over).status().unwrap();
        assert!(ended.success(), "{ended}");
    })
    .await;
}

/// Lets companies register at two servers while something fails so many times, and looks whether each company that was
/// told so is registered once, with its mails.
async fn while_companies_register(failures: usize, fail: impl Fn(&Pair, usize) + Clone + Send + 'static) {
    let server = TestServer::start();
    let (titles, first) = ROSTER.split_once('\n').unwrap();
    let first = first.lines().next().unwrap();
    let roster = (0..COMPANIES).fold(format!("{titles}\n"), |mut all, number| {
        let row = first.replace("990000001", &(800_000_000 + number).to_string());
        writeln!(all, "{}", row.replace("（株）テスト商会０１", NAME)).unwrap();
        all
    });
    server.import(&roster);
    std::fs::write(server.folder.path().join("touroku.key"), "07".repeat(32)).unwrap();
    std::fs::write(server.folder.path().join("server.toml"), settings(&server)).unwrap();
    let sink = Sink::start().await;
    let (smtp, origin) = (sink.url(), crate::support::client::ORIGIN);
    let pair = Pair::start(server.folder.path().to_owned(), &["--smtp", &smtp, "--origin", origin]);

    let (acknowledged, _) = watch::channel(BTreeMap::new());
    let mut work = JoinSet::new();
    for worker in 0..AT_ONCE {
        let (mut client, acknowledged) = (server.client(), acknowledged.clone());
        client.router = pair.proxy();
        let numbers = (worker..COMPANIES).step_by(AT_ONCE);
        let cards: Vec<(usize, Card)> = numbers
            .map(|number| {
                let serial = u32::try_from(number + 100).unwrap();
                (number, server.root.issue(Spec { serial, not_after: NOW + YEARS, ..Spec::card() }))
            })
            .collect();
        work.spawn(async move {
            for (number, card) in cards {
                let id = registered(&mut client, &card, number).await;
                acknowledged.send_modify(|all| drop(all.insert(800_000_000 + number, id)));
            }
        });
    }
    let mut progress = acknowledged.subscribe();
    let mut pauses = Vec::new();
    for failure in 0..failures {
        let due = (failure + 1) * COMPANIES / (failures + 2);
        let enough = progress.wait_for(|all| all.len() >= due);
        assert!(timeout(PATIENCE, enough).await.is_ok(), "{:?}", work.try_join_next());
        let (pair, fail) = (pair.clone(), fail.clone());
        let before = progress.borrow_and_update().len();
        let began = Instant::now();
        tokio::task::spawn_blocking(move || fail(&pair, failure)).await.unwrap();
        let more = progress.wait_for(|all| all.len() > before);
        assert!(timeout(PATIENCE, more).await.is_ok(), "{:?}", work.try_join_next());
        pauses.push(began.elapsed());
    }
    println!("longest pause: {:?}", pauses.iter().max());
    while let Some(done) = work.join_next().await {
        done.unwrap();
    }
    pair.end();

    let kept = server.rows("SELECT number, company_id FROM company ORDER BY number");
    let told: Vec<Vec<String>> = acknowledged
        .borrow()
        .iter()
        .map(|(number, id)| vec![number.to_string(), id.as_str().unwrap().to_owned()])
        .collect();
    assert_eq!(kept, told);
    for table in ["card", "completion"] {
        assert_eq!(server.value(&format!("SELECT count(*) FROM {table}")), COMPANIES.to_string(), "{table}");
    }
    let mails = server.rows("SELECT number, count(*) FROM outbox GROUP BY number ORDER BY number");
    assert_eq!(mails.len(), COMPANIES);
    assert!(mails.iter().all(|mail| mail[1] == mails[0][1]), "each company has as many: {mails:?}");

    // What the dead claimed is free after their lease.
    server.by_hand("UPDATE outbox SET leased_until = 0, next_attempt_at = 0 WHERE state = 'queued'");
    let last = Pair::start(server.folder.path().to_owned(), &["--smtp", &smtp, "--origin", origin]);
    let all: BTreeSet<String> = server
        .rows("SELECT message_id FROM outbox")
        .into_iter()
        .map(|mut row| format!("<{}>", row.remove(0)))
        .collect();
    sink.has_all(&all).await;
    last.end();
    let arrived = sink.message_ids();
    let distinct: BTreeSet<String> = arrived.iter().cloned().collect();
    assert_eq!(distinct, all);
    let doubled = arrived.len() - distinct.len();
    assert!(doubled <= (failures + 2) * UNDER_WAY, "{doubled} mails arrived twice");
}
