//! The officers' search and figures in 1,000,000 companies, beside a bare lookup of SQLite's.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use rusqlite::{Connection, TransactionBehavior, params};
use serde_json::Value;

use super::{Figure, median, server::Server};
use crate::{
    ca::TestCa,
    harness::{roster, wait, world::now},
};

/// Companies of the roster, all of them registered with a card each.
const COMPANIES: usize = 1_000_000;
const SEARCHES: usize = 1000;

/// The cookie of the officer who is signed in, and its id in the server: SHA-256 of 32 zero bytes.
const KEY: &str = "0000000000000000000000000000000000000000000000000000000000000000";
const KEY_ID: &str = "66687aadf862bd776c8fc18b8e9f8e20089714856ee233b3902a591d0d5f2925";

/// Two years of registrations: companies, cards, their expiry over five years, and events. The certificates are
/// fake; nothing measured reads them.
const REGISTRATIONS: &str = "
    CREATE TEMP TABLE numbered AS SELECT row_number() OVER (ORDER BY number) AS id, number FROM roster
        WHERE agency = 'aomori';
    INSERT INTO company (agency, number, company_id, fields, registered_at)
        SELECT 'aomori', number, printf('99921%011d', id),
        json_object('representative_contact_email', 'a' || id || '@example.jp'), ?1 - id * 63000 FROM numbered;
    INSERT INTO card (id, agency, number, issuer, serial, certificate, person_in_charge, fields, registered_at)
        SELECT id, 'aomori', number, x'30', id, x'30', '',
        json_object('card_contact_email', 'b' || id || '@example.jp'), ?1 - id * 63000 FROM numbered;
    INSERT INTO card_expiry (card, serial, expires_at) SELECT id, id, ?1 / 1000 + id * 157 FROM numbered;
    INSERT INTO card_holder (card, holder, is_former) SELECT id, '', 0 FROM numbered;
    INSERT INTO event (agency, number, card, kind, at)
        SELECT 'aomori', number, id, 'card_registered', ?1 - id * 63000 FROM numbered;
    INSERT INTO officer (id, agency, login_id, name, role, created_at) VALUES (1, 'aomori', 'bench', '', 'view', 0);
";

pub async fn measure(folder: &Path) -> Result<Vec<Figure>> {
    let folder = folder.join("search");
    let ca = TestCa::new("Bench", now()?)?;
    let server = Server::start(&folder, &ca, COMPANIES, None).await?;
    let mut database = Connection::open(folder.join("load.db"))?;
    database.busy_timeout(Duration::from_secs(600))?;
    register_all(&mut database)?;
    let began = Instant::now();
    loop {
        let due: bool = database.query_row("SELECT EXISTS (SELECT 1 FROM name_due)", [], |row| row.get(0))?;
        if !due {
            break;
        }
        ensure!(began.elapsed() < Duration::from_secs(1800), "the names are not indexed in half an hour");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    println!("{COMPANIES} companies' names indexed in the background, after {:.0?}", began.elapsed());

    let officer = Officer { client: reqwest::Client::new(), origin: server.origin.clone() };
    wait::until("the officer's session", async || Ok(officer.get("/session", &[]).await.ok().map(drop)))
        .await?;
    // Counted once a minute: those of the first look, which are asked for first, are the slow ones.
    let began = Instant::now();
    officer.get("/figures", &[]).await?;
    let counting = began.elapsed();
    let mut searches = Vec::new();
    for (query, expected) in queries() {
        let began = Instant::now();
        let found = officer.get("/companies", &[("query", &query)]).await?;
        searches.push((began.elapsed(), query.clone()));
        let companies = found["companies"].as_array().context("companies")?;
        let is_there = companies.iter().any(|company| company["number"] == expected.as_str());
        ensure!(companies.len() == 50 || is_there, "{query} did not find {expected}");
    }
    searches.sort();
    for (time, query) in searches.iter().rev().take(3) {
        println!("slow: {query} {time:.1?}");
    }
    let mut figures = Vec::new();
    for _ in 0..5 {
        let began = Instant::now();
        officer.get("/figures", &[]).await?;
        figures.push(began.elapsed());
    }
    let times: Vec<Duration> = searches.into_iter().map(|(time, _)| time).collect();
    let bare = bare(&database)?;
    Ok(vec![
        Figure::duration(
            "search in 1,000,000 companies, p99",
            p99(&times),
            bare,
            "p99 of SQLite by key",
            "≤ 10 ms",
        ),
        Figure::duration(
            "search in 1,000,000 companies, median",
            median(times),
            bare,
            "p99 of SQLite by key",
            "–",
        ),
        Figure::duration(
            "officers' figures, 1,000,000 companies, counted",
            counting,
            Duration::from_secs(1),
            "so that a page is there at once",
            "≤ 1",
        ),
        Figure::duration(
            "officers' figures, within the minute",
            median(figures),
            Duration::from_secs(1),
            "so that a page is there at once",
            "≤ 1",
        ),
    ])
}

struct Officer {
    client: reqwest::Client,
    origin: String,
}

impl Officer {
    async fn get(&self, path: &str, query: &[(&str, &String)]) -> Result<Value> {
        let url = reqwest::Url::parse_with_params(&format!("{}/api/officer{path}", self.origin), query)?;
        let cookie = format!("{}={KEY}", touroku_proto::officer::OFFICER_COOKIE);
        let response = self.client.get(url).header("cookie", cookie).send().await?;
        Ok(response.error_for_status()?.json().await?)
    }
}

fn register_all(database: &mut Connection) -> Result<()> {
    let now = now()?.unix() * 1000;
    // At once: the server is indexing meanwhile, and a reader that becomes a writer gets "busy" without waiting.
    let transaction = database.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for statement in REGISTRATIONS.split(';').filter(|statement| !statement.trim().is_empty()) {
        let mut statement = transaction.prepare(statement)?;
        match statement.parameter_count() {
            0 => statement.execute([])?,
            _ => statement.execute([now])?,
        };
    }
    transaction.execute(
        "INSERT INTO officer_session (id, public_id, officer, address, began_at, seen_at, expires_at) \
         VALUES (?, 'bench', 1, '', ?2, ?2, ?2 + 3600000)",
        params![hex::decode(KEY_ID)?, now],
    )?;
    transaction.commit()?;
    Ok(())
}

/// What officers type, and a company it matches: numbers, whole names, parts of them, kana, addresses.
fn queries() -> Vec<(String, String)> {
    let parts = |index: usize| {
        let roster::Company { number, name } = roster::company(index);
        let core: String = name.replace("株式会社", "").replace("有限会社", "");
        let query = match index % 10 {
            0 => number.clone(),
            1 => number.chars().take(7).collect(),
            2 => format!("99921{:011}", index + 1),
            3 => (index + 1).to_string(),
            4 => format!("b{}@example.jp", index + 1),
            5 => name,
            6 => core,
            7 => core.chars().skip(2).collect(),
            8 => core.chars().take(4).collect(),
            _ => ["株式会社", "建設", "湊", "カクウ", "ﾜﾀﾅﾍﾞ", "林檎印刷", "第九", "社"][index / 10 % 8]
                .to_owned(),
        };
        (query, number)
    };
    // Spread over the roster, with each kind of query equally often.
    (0..SEARCHES).map(|index| parts(index * 997 % COMPANIES / 10 * 10 + index % 10)).collect()
}

/// The 99th percentile.
fn p99(sorted: &[Duration]) -> Duration {
    sorted.get(sorted.len() * 99 / 100).copied().unwrap_or_default()
}

/// The same for a company by its number, straight from SQLite.
fn bare(database: &Connection) -> Result<Duration> {
    let mut statement = database.prepare("SELECT name FROM roster WHERE agency = 'aomori' AND number = ?")?;
    let mut times = Vec::new();
    for index in 0..SEARCHES {
        let number = roster::company(index * 997 % COMPANIES).number;
        let began = Instant::now();
        let _: String = statement.query_row([number], |row| row.get(0))?;
        times.push(began.elapsed());
    }
    times.sort();
    Ok(p99(&times))
}
