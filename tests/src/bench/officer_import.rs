//! Taking a roster over from the officers' page, and how long contractors wait meanwhile.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use openssl::sha::sha256;
use reqwest::{Client, Method, RequestBuilder};
use rusqlite::params;
use serde_json::{Value, json};
use touroku_proto::officer::{OFFICER_COOKIE, import::MAX_PIECE};

use super::{Figure, server::Server};
use crate::{
    ca::TestCa,
    harness::{roster, wait, world::now},
};

const ROWS: usize = 200_000;

/// The key of the officer's session.
const KEY: [u8; 32] = [9; 32];

/// How long a contractor may wait for a write while others take a roster over.
pub(super) const LONGEST: Duration = Duration::from_millis(100);

/// How long a take-over may take before it counts as never.
const PATIENCE: Duration = Duration::from_secs(600);

/// Rows per second of dry run and take-over together. Issue 18 aimed at 50,000, which one long transaction reached. Written in turns,
/// so that nobody waits for longer than [`LONGEST`], each of which costs a commit, 200,000 rows take some 20–30 s.
const RATE: f64 = 5_000.0;

/// The rows per second against what turns cost; the longest write of a contractor
/// meanwhile, and during an undo; the server's memory afterwards.
pub async fn measure(folder: &Path) -> Result<Vec<Figure>> {
    let ca = TestCa::new("Bench", now()?)?;
    // Only one company exists, so that everything is new: the most work.
    let server = Server::start(&folder.join("officer"), &ca, 1, None).await?;
    sign_in(&server.database)?;
    let file = folder.join("officer.csv");
    roster::write(&file, ROWS)?;
    let bytes = std::fs::read(&file)?;
    let officer = Officer { client: Client::new(), origin: server.origin.clone() };

    let begun =
        officer.json(Method::POST, "imports", json!({"file_name": "r.csv", "size": bytes.len()})).await?;
    let path = format!("imports/{}", begun["id"]);
    let pieces = bytes.len().div_ceil(MAX_PIECE);
    let mut checking = Duration::ZERO;
    for (index, piece) in bytes.chunks(MAX_PIECE).enumerate() {
        let request = officer
            .request(Method::PUT, &format!("{path}/bytes?offset={}", index * MAX_PIECE))
            .header("Content-Type", "application/octet-stream")
            .body(piece.to_vec());
        let started = Instant::now();
        answer(request).await?;
        if index + 1 == pieces {
            officer.reaches(&path, "checked").await?;
            checking = started.elapsed();
        }
    }

    let contractor = Contractor::begin(&server.origin);
    let started = Instant::now();
    officer.json(Method::POST, &format!("{path}/take"), json!({})).await?;
    officer.reaches(&path, "taken").await?;
    let taking = started.elapsed();
    tidy(&server.database).await?;
    let longest = contractor.end().await?;

    let contractor = Contractor::begin(&server.origin);
    officer.json(Method::POST, &format!("{path}/undo"), json!({})).await?;
    tidy(&server.database).await?;
    let longest_undoing = contractor.end().await?;

    let rate = ROWS as f64 / (checking + taking).as_secs_f64();
    Ok(vec![
        Figure::rate("officers' import, one core: check and take", rate, RATE, "limit", "≥ 1"),
        Figure::duration("contractor's longest write meanwhile", longest, LONGEST, "limit", "≤ 1"),
        Figure::duration("contractor's longest write in an undo", longest_undoing, LONGEST, "limit", "≤ 1"),
        Figure::count(
            "server: resident after the import",
            server.resident_kilobytes()?,
            256_000,
            "kB",
            "≤ 1",
        ),
    ])
}

/// Nothing of another edition is left.
async fn tidy(database: &Path) -> Result<()> {
    let connection = rusqlite::Connection::open(database)?;
    connection.busy_timeout(Duration::from_secs(10))?;
    wait::until_within(PATIENCE, "a tidy roster", async || {
        let sql = "SELECT count(*) FROM roster_version WHERE untidy";
        let untidy: i64 = connection.query_row(sql, [], |row| row.get(0))?;
        Ok((untidy == 0).then_some(()))
    })
    .await
}

/// An officer who has signed in.
fn sign_in(database: &Path) -> Result<()> {
    let connection = rusqlite::Connection::open(database)?;
    connection.busy_timeout(Duration::from_secs(10))?;
    connection.execute(
        "INSERT INTO officer (agency, login_id, name, role, created_at) VALUES ('aomori', 'bench', '計測', \
         'review', 0)",
        [],
    )?;
    connection.execute(
        "INSERT INTO officer_session (id, public_id, officer, address, began_at, seen_at, expires_at) \
         VALUES (?, 'bench', last_insert_rowid(), '', 0, 0, ?)",
        params![sha256(&KEY), i64::MAX],
    )?;
    Ok(())
}

struct Officer {
    client: Client,
    origin: String,
}

impl Officer {
    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client
            .request(method, format!("{}/api/officer/{path}", self.origin))
            .header("Origin", &self.origin)
            .header("Cookie", format!("{OFFICER_COOKIE}={}", hex::encode(KEY)))
    }

    async fn json(&self, method: Method, path: &str, body: Value) -> Result<Value> {
        answer(self.request(method, path).json(&body)).await
    }

    async fn reaches(&self, path: &str, state: &str) -> Result<()> {
        wait::until_within(PATIENCE, state, async || {
            let import = answer(self.request(Method::GET, path)).await?;
            ensure!(import["state"] != "failed", "{}", import["problem"]);
            Ok((import["state"] == state).then_some(()))
        })
        .await
    }
}

async fn answer(request: RequestBuilder) -> Result<Value> {
    let response = request.send().await?;
    let status = response.status();
    let body = response.bytes().await?;
    ensure!(status.is_success(), "{status} {}", String::from_utf8_lossy(&body));
    Ok(serde_json::from_slice(&body)?)
}

/// Somebody who writes without pause.
pub(super) struct Contractor {
    stop: Arc<AtomicBool>,
    task: tokio::task::JoinHandle<Result<Duration>>,
}

impl Contractor {
    pub(super) fn begin(origin: &str) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let (ended, origin, client) = (Arc::clone(&stop), origin.to_owned(), Client::new());
        let task = tokio::spawn(async move {
            let mut longest = Duration::ZERO;
            while !ended.load(Ordering::Relaxed) {
                let started = Instant::now();
                let request = client.post(format!("{origin}/api/session")).header("Origin", &origin);
                answer(request.json(&json!({"agency": "aomori", "category": "goods"}))).await?;
                longest = longest.max(started.elapsed());
            }
            Ok(longest)
        });
        Self { stop, task }
    }

    /// The longest write.
    pub(super) async fn end(self) -> Result<Duration> {
        self.stop.store(true, Ordering::Relaxed);
        self.task.await.context("the contractor panicked")?
    }
}
