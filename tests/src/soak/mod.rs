//! `cargo xtask soak`: people work while server, mail server, disk and clock fail one after another. Nobody may be told
//! anything but to try again, and nothing may be lost, doubled or half written.

mod people;
mod relay;
mod trouble;

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};
use rusqlite::OptionalExtension as _;
use tokio::time::sleep;

use self::{
    people::People,
    relay::Relay,
    trouble::{Clock, Disk, Trouble, World},
};
use crate::{
    ca::{CardRequest, IssuedCard, KeyKind, TestCa},
    harness::{
        agencies, programs, roster,
        server::{Server, ServerOptions},
        wait,
        world::now,
    },
    person::{self, Person},
};

/// How long each trouble lasts, and the calm after it.
const SPELL: Duration = Duration::from_secs(5);
const CALM: Duration = Duration::from_secs(4);

/// How long a mail may take that waits for a claim of a server that was killed.
const MAILS: Duration = Duration::from_secs(330);

/// How long it may take until somebody is served again, and until a server has stopped: on a machine that does other
/// things, too, and with a mail under way whose end was sent.
const RECOVERY: Duration = Duration::from_secs(20);
const STOP: Duration = Duration::from_secs(8);

/// To the mail server; on each a mail may be under way.
const CONNECTIONS: usize = 8;

/// Runs for so long with so many people, and prints what it found. `folder` becomes a disk of its own. Whether all was
/// well.
pub async fn run(folder: &Path, minutes: u32, many: usize) -> Result<bool> {
    let (mut world, cards) = world(folder, many).await?;
    let origin = world.server.origin();
    let lasts = Duration::from_secs(60) * minutes;
    let until = Instant::now() + lasts;
    // Some register while anything fails, so that there are mails and rows to lose.
    let mut people = People::come(&origin, cards, lasts * 3 / 4);
    let registered = async |many: usize| {
        let what = format!("{many} registrations");
        wait::until(&what, async || Ok((people.met().registered.len() >= many).then_some(()))).await
    };
    registered(many / 10).await?;
    let calm = Process::of(&world.server)?;
    println!("{:<42} {:>5} {:>16}", "trouble", "times", "answers after");
    let mut slowest_stop = Duration::ZERO;
    let mut recoveries: BTreeMap<&str, Vec<Duration>> = BTreeMap::new();
    let mut troubles = Trouble::ALL.into_iter().cycle();
    while let Some(trouble) = troubles.next().filter(|_| Instant::now() < until) {
        let ended = world.begin(trouble).await?;
        sleep(SPELL).await;
        world.end()?;
        let after = answers(&origin)
            .await
            .with_context(|| format!("{}: the server says {}", trouble.name(), last_words(&world.server)))?;
        if let Some(ended) = &ended {
            slowest_stop = slowest_stop.max(ended.stop);
        }
        recoveries.entry(trouble.name()).or_default().push(ended.map_or(after, |ended| ended.again));
        sleep(CALM).await;
    }
    registered(many).await?;
    let mut faults = Vec::new();
    for (name, after) in &recoveries {
        let longest = after.iter().max().copied().unwrap_or_default();
        println!("{name:<42} {:>5} {:>13.2} s", after.len(), longest.as_secs_f64());
        if longest > RECOVERY {
            faults.push(format!("{name}: nobody was served for {:.1} s", longest.as_secs_f64()));
        }
    }
    println!("stopped within {:.2} s", slowest_stop.as_secs_f64());
    if slowest_stop > STOP {
        faults.push("a stop took too long".to_owned());
    }
    people.leave().await?;
    let end = Process::of(&world.server)?;
    println!("memory: {} → {} kB, files: {} → {}", calm.resident, end.resident, calm.files, end.files);
    faults.extend(told(&people));
    if end.resident > 2 * calm.resident {
        faults.push("memory grew to more than twice".to_owned());
    }
    if end.files > calm.files + 20 {
        faults.push("files stay open".to_owned());
    }
    let kills = recoveries.get(Trouble::Killed.name()).map_or(0, Vec::len);
    faults.extend(mails(&world, kills).await?);
    world.server.stop()?;
    faults.extend(database(&world.server.database(), &people)?);
    for fault in &faults {
        println!("✗ {fault}");
    }
    Ok(faults.is_empty())
}

async fn world(folder: &Path, many: usize) -> Result<(World, Vec<IssuedCard>)> {
    let now = now()?;
    let ca = TestCa::new("Soak", now)?;
    let card = |index| {
        let company = roster::company(index).name;
        ca.issue(&CardRequest { key: KeyKind::P256, company, ..CardRequest::new(now, "見本　太郎") })
    };
    let cards = (0..many).map(card).collect::<Result<_>>()?;
    let trust = folder.join("trust.pem");
    fs::write(&trust, ca.trust_pem()?)?;
    let companies = folder.join("roster.csv");
    roster::write(&companies, many)?;
    let relay = Relay::start().await?;
    let clock = Clock::new(folder)?;
    let directory = folder.join("server");
    let disk = Disk::mount(&directory)?;
    let limits = ["session", "address", "search_session", "search_address", "search_number"];
    let limits = limits.map(|name| format!("{name} = {{ count = 0, seconds = 0 }}")).join("\n");
    let server = Server::start(ServerOptions {
        directory,
        trust: vec![trust],
        crls: vec![],
        rosters: vec![("aomori".to_owned(), companies)],
        port: None,
        smtp: Some(relay.url()),
        site: programs::site()?,
        agencies: agencies::without_hours(folder)?,
        settings: format!("[limits]\n{limits}"),
        environment: clock.environment(),
    })
    .await?;
    Ok((World { server, relay, disk, clock }, cards))
}

/// How long it takes until somebody who comes now has a session, which is written to the database.
async fn answers(origin: &str) -> Result<Duration> {
    let began = Instant::now();
    let person = Person::new(origin)?;
    wait::until("a session", async || {
        let answer = person.send("/api/session", &person::entry()).await;
        Ok(answer.ok().filter(|answer| answer.status.is_success()).map(drop))
    })
    .await?;
    Ok(began.elapsed())
}

/// The end of its log.
fn last_words(server: &Server) -> String {
    let log = server.log().unwrap_or_else(|error| error.to_string());
    let lines: Vec<&str> = log.lines().collect();
    lines[lines.len().saturating_sub(10)..].join("\n")
}

/// What a process needs.
struct Process {
    /// Kilobytes of memory.
    resident: u64,
    /// Open files and connections.
    files: usize,
}

impl Process {
    fn of(server: &Server) -> Result<Self> {
        let folder = Path::new("/proc").join(server.process_id().to_string());
        let status = fs::read_to_string(folder.join("status"))?;
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).context("VmRSS")?;
        let resident = line.split_whitespace().nth(1).context("a number")?.parse()?;
        Ok(Self { resident, files: fs::read_dir(folder.join("fd"))?.count() })
    }
}

/// What people met, and of that what nobody should be told.
fn told(people: &People) -> Vec<String> {
    let met = people.met();
    let mut visits = met.visits.clone();
    visits.sort_unstable();
    let quantile = |q: usize| visits.get(visits.len() * q / 100).copied().unwrap_or_default().as_secs_f64();
    println!("visits: {}, half within {:.2} s, 99% within {:.2} s", visits.len(), quantile(50), quantile(99));
    println!(
        "told to come again: {}, cut off: {}, begun anew: {}",
        met.refused, met.cut_off, met.begun_again
    );
    met.wrong.iter().map(|(what, times)| format!("{times} times {what}")).collect()
}

/// Every mail was taken. One may come twice that a server had handed over, and was killed before it noted that.
async fn mails(world: &World, kills: usize) -> Result<Vec<String>> {
    let database = rusqlite::Connection::open(world.server.database())?;
    let waiting = || -> Result<usize> {
        let sql = "SELECT count(*) FROM outbox WHERE state <> 'sent'";
        Ok(usize::try_from(database.query_row(sql, [], |row| row.get::<_, i64>(0))?)?)
    };
    let began = Instant::now();
    while waiting()? > 0 && began.elapsed() < MAILS {
        sleep(Duration::from_millis(200)).await;
    }
    let mut statement = database.prepare("SELECT message_id FROM outbox")?;
    let all: Vec<String> = statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    let taken = world.relay.taken();
    let lost = all.iter().filter(|id| !taken.keys().any(|taken| taken.contains(*id))).count();
    let doubled = taken.values().filter(|times| **times > 1).count();
    let seconds = began.elapsed().as_secs_f64();
    println!(
        "mails: {}, of which {doubled} came twice after {kills} kills; all after {seconds:.1} s",
        all.len()
    );
    let too_many = doubled.saturating_sub(kills * CONNECTIONS);
    let faults = [
        (waiting()?, "mails wait or were given up"),
        (lost, "mails were lost"),
        (too_many, "mails came twice without a reason"),
    ];
    Ok(faults
        .into_iter()
        .filter(|(many, _)| *many > 0)
        .map(|(many, what)| format!("{many} {what}"))
        .collect())
}

/// The file is whole, and everybody who was told so is registered, once, with the 企業ID that they were told.
fn database(path: &Path, people: &People) -> Result<Vec<String>> {
    let database = rusqlite::Connection::open(path)?;
    let mut faults = Vec::new();
    let sound: String = database.query_row("PRAGMA integrity_check", [], |row| row.get(0))?;
    if sound != "ok" {
        faults.push(format!("the database is damaged: {sound}"));
    }
    // What each registration writes in one transaction.
    for (what, sql) in [
        (
            "cards belong to no company",
            "SELECT count(*) FROM card WHERE NOT EXISTS (SELECT 1 FROM company WHERE company.agency = card.agency AND company.number = card.number)",
        ),
        (
            "companies are not in the roster",
            "SELECT count(*) FROM company WHERE NOT EXISTS (SELECT 1 FROM roster WHERE roster.agency = company.agency AND roster.number = company.number)",
        ),
        ("企業ID were given twice", "SELECT count(*) - count(DISTINCT company_id) FROM company"),
        (
            "companies have not one completion, card and event each",
            "SELECT count(*) FROM company WHERE (SELECT count(*) FROM card WHERE card.number = company.number) <> 1 OR (SELECT count(*) FROM event WHERE event.number = company.number AND kind = 'card_registered') <> 1",
        ),
    ] {
        let many: i64 = database.query_row(sql, [], |row| row.get(0))?;
        if many > 0 {
            faults.push(format!("{many} {what}"));
        }
    }
    for (index, told) in &people.met().registered {
        let sql = "SELECT company_id FROM company WHERE number = ?";
        let kept: Option<String> =
            database.query_row(sql, [roster::company(*index).number], |row| row.get(0)).optional()?;
        if kept.is_none() || told.is_some() && *told != kept {
            faults.push(format!("company {index} was told {told:?} and is kept as {kept:?}"));
        }
    }
    Ok(faults)
}
