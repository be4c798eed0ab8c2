//! The server under load, beside the bare work: signature and path checks, and SQLite's commits.

use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Result, ensure};
use openssl::{
    ecdsa::EcdsaSig,
    stack::Stack,
    x509::{
        X509, X509StoreContext,
        store::{X509Store, X509StoreBuilder},
    },
};
use serde_json::json;
use touroku_proto::api::SessionView;

use super::{Figure, server::Server};
use crate::{
    ca::{CardRequest, IssuedCard, KeyKind, TestCa},
    harness::{roster, world::now},
    person::{self, Person, signed_digest},
};

const REGISTRATIONS: usize = 400;
/// Simultaneous users.
const PEOPLE: usize = 32;
const LOGINS: usize = 1500;

/// All figures of the server; `touroku-server` has core 0 to itself. `others`: an empty PostgreSQL, and one with a
/// synchronous standby.
pub async fn measure(folder: &Path, others: Option<(&str, &str)>) -> Result<Vec<Figure>> {
    let now = now()?;
    let ca = TestCa::new("Bench", now)?;
    let cards: Vec<IssuedCard> = (0..REGISTRATIONS)
        .map(|index| {
            let company = roster::company(index).name;
            ca.issue(&CardRequest { key: KeyKind::P256, company, ..CardRequest::new(now, "計測　太郎") })
        })
        .collect::<Result<_>>()?;
    let cards = Arc::new(cards);
    let sqlite = Speed::of(&folder.join("load"), &ca, &cards, None).await?;
    let bare_checks = bare_checks(&ca, &cards[0], &sqlite.origin)?;
    let bare_commits = bare_commits(folder)?;
    let mut figures = vec![
        Figure::rate(
            "challenge + login, one core",
            sqlite.logins,
            bare_checks,
            "bare signature and path checks",
            "≥ 0.6",
        ),
        Figure::duration(
            "challenge + login, beside the bare checks",
            Duration::from_secs_f64((1.0 / sqlite.logins - 1.0 / bare_checks).max(0.0)),
            Duration::from_micros(200),
            "wanted",
            "≤ 1",
        ),
        Figure::rate(
            "registrations, durable",
            sqlite.registrations,
            bare_commits,
            "SQLite commits, FULL",
            "–",
        ),
        Figure::count("server: resident after the load", sqlite.resident, 64_000, "kB", "≤ 1"),
    ];
    let Some((alone, replicated)) = others else { return Ok(figures) };
    let alone = Speed::of(&folder.join("postgres"), &ca, &cards, Some(alone)).await?;
    let replicated = Speed::of(&folder.join("replicated"), &ca, &cards, Some(replicated)).await?;
    let beside = "on SQLite";
    figures.extend([
        Figure::rate(
            "registrations on PostgreSQL",
            alone.registrations,
            sqlite.registrations,
            beside,
            "≥ 0.6",
        ),
        Figure::rate(
            "registrations, synchronous standby",
            replicated.registrations,
            sqlite.registrations,
            beside,
            "≥ 0.5",
        ),
        Figure::rate("challenge + login on PostgreSQL", alone.logins, sqlite.logins, beside, "≥ 0.67"),
    ]);
    Ok(figures)
}

/// What a server does in a second, and needs.
struct Speed {
    origin: String,
    registrations: f64,
    logins: f64,
    /// Kilobytes of memory afterwards.
    resident: u64,
}

impl Speed {
    async fn of(
        folder: &Path,
        ca: &TestCa,
        cards: &Arc<Vec<IssuedCard>>,
        postgres: Option<&str>,
    ) -> Result<Self> {
        let server = Arc::new(Server::start(folder, ca, REGISTRATIONS, postgres).await?);
        Ok(Self {
            origin: server.origin.clone(),
            registrations: registrations(&server, cards).await?,
            logins: logins(&server, cards).await?,
            resident: server.resident_kilobytes()?,
        })
    }
}

async fn registrations(server: &Arc<Server>, cards: &Arc<Vec<IssuedCard>>) -> Result<f64> {
    // Everything up to the confirmation is done beforehand; only 登録 itself is timed.
    let mut people = Vec::new();
    for (index, card) in cards.iter().enumerate() {
        let person = Person::arrive(&server.origin).await?;
        person.log_in(card, "register").await?;
        let company = roster::company(index);
        let search = json!({ "number": company.number, "name": company.name });
        let _: SessionView = person.post("/api/company/search", &search).await?;
        people.push((index, person));
    }
    let started = Instant::now();
    at_once(people, move |(index, person)| {
        let request = person::registration(index);
        async move {
            let view: SessionView = person.post("/api/registration", &request).await?;
            ensure!(view.completed.is_some(), "not registered");
            Ok(())
        }
    })
    .await?;
    Ok(REGISTRATIONS as f64 / started.elapsed().as_secs_f64())
}

async fn logins(server: &Arc<Server>, cards: &Arc<Vec<IssuedCard>>) -> Result<f64> {
    let mut people = Vec::new();
    for index in 0..PEOPLE {
        people.push((index, Person::arrive(&server.origin).await?));
    }
    let cards = Arc::clone(cards);
    let started = Instant::now();
    at_once(people, move |(index, person)| {
        let cards = Arc::clone(&cards);
        async move {
            for round in 0..LOGINS / PEOPLE {
                person.log_in(&cards[(index + round * PEOPLE) % cards.len()], "bid").await?;
            }
            Ok(())
        }
    })
    .await?;
    Ok((LOGINS / PEOPLE * PEOPLE) as f64 / started.elapsed().as_secs_f64())
}

/// Runs the work for all, `PEOPLE` at a time.
async fn at_once<T, F>(items: Vec<T>, work: impl Fn(T) -> F) -> Result<()>
where
    F: Future<Output = Result<()>> + Send + 'static,
{
    let permits = Arc::new(tokio::sync::Semaphore::new(PEOPLE));
    let mut tasks = tokio::task::JoinSet::new();
    for item in items {
        let (permits, task) = (Arc::clone(&permits), work(item));
        tasks.spawn(async move {
            let _permit = permits.acquire().await?;
            task.await
        });
    }
    while let Some(done) = tasks.join_next().await {
        done??;
    }
    Ok(())
}

/// The minimum of a login's checks: parse the certificate, verify the signature, build the path.
fn bare_checks(ca: &TestCa, card: &IssuedCard, origin: &str) -> Result<f64> {
    let store = store(ca)?;
    let digest = signed_digest(origin, "nonce")?;
    let signature = EcdsaSig::sign(&digest, &*card.key.ec_key()?)?.to_der()?;
    let started = Instant::now();
    let mut count = 0_u32;
    while started.elapsed() < Duration::from_secs(2) {
        let certificate = X509::from_der(&card.certificate)?;
        let key = certificate.public_key()?.ec_key()?;
        ensure!(EcdsaSig::from_der(&signature)?.verify(&digest, &key)?, "the signature does not fit");
        let valid = X509StoreContext::new()?.init(
            &store,
            &certificate,
            &*Stack::new()?,
            openssl::x509::X509StoreContextRef::verify_cert,
        )?;
        ensure!(valid, "no path");
        count += 1;
    }
    Ok(f64::from(count) / started.elapsed().as_secs_f64())
}

fn store(ca: &TestCa) -> Result<X509Store> {
    let mut builder = X509StoreBuilder::new()?;
    for certificate in X509::stack_from_pem(ca.trust_pem()?.as_bytes())? {
        builder.add_cert(certificate)?;
    }
    Ok(builder.build())
}

/// One small row per transaction, WAL and FULL, one after another.
fn bare_commits(folder: &Path) -> Result<f64> {
    let database = rusqlite::Connection::open(folder.join("commits.db"))?;
    database.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE row (id INTEGER PRIMARY KEY, text TEXT)",
    )?;
    let started = Instant::now();
    for _ in 0..REGISTRATIONS {
        database.execute("INSERT INTO row (text) VALUES ('株式会社架空商会')", [])?;
    }
    Ok(REGISTRATIONS as f64 / started.elapsed().as_secs_f64())
}
