//! On a PostgreSQL of Debian's that each test starts in a temporary folder.

use std::{
    collections::BTreeSet,
    fs,
    path::PathBuf,
    process::{Command, Stdio},
    sync::Arc,
    time::Instant,
};

use tempfile::TempDir;
use tokio::task::JoinSet;

use super::{Connection, RECONNECT, schema};
use crate::{
    error::Error,
    listing::SortKey,
    store::{
        self, Actor, CardIdentity, Company, EventKind, Exclusive, Holder, ListingQuery, Location, NewCard,
        NewMail, Priority, RosterRow, Stage, Staged, Store, Writer, edition, sweep, write_next,
    },
};

/// A server with one empty database.
struct Server {
    programs: PathBuf,
    folder: TempDir,
}

impl Server {
    fn start() -> Self {
        let versions = fs::read_dir("/usr/lib/postgresql").expect("cargo xtask test installs postgresql");
        let newest = versions.map(|version| version.unwrap().path()).max().unwrap();
        let server = Self { programs: newest.join("bin"), folder: TempDir::new().unwrap() };
        if is_root() {
            assert!(
                Command::new("chown").arg("postgres").arg(server.folder.path()).status().unwrap().success()
            );
        }
        let data = server.data();
        server.run(
            "initdb",
            &[
                "--no-sync",
                "--auth=trust",
                "--username=touroku",
                "--encoding=UTF8",
                "--locale=C",
                "-D",
                &data,
            ],
        );
        server.start_again();
        server
    }

    fn options(&self) -> String {
        format!("-F -c listen_addresses='' -k {}", self.folder.path().display())
    }

    fn data(&self) -> String {
        self.folder.path().join("data").display().to_string()
    }

    /// As somebody who may: PostgreSQL refuses root.
    fn command(&self, program: &str, arguments: &[&str]) -> Command {
        let program = self.programs.join(program);
        let mut command = if is_root() {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        command.args(arguments).current_dir("/").stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    fn run(&self, program: &str, arguments: &[&str]) {
        assert!(self.command(program, arguments).status().unwrap().success(), "{arguments:?}");
    }

    fn url(&self) -> String {
        format!("host={} user=touroku dbname=postgres", self.folder.path().display())
    }

    fn location(&self) -> Location {
        let server = super::Server::new(&self.url(), None, None).unwrap();
        Location::Server { server, beside: self.folder.path().join("t.db") }
    }

    fn stop(&self) {
        self.run("pg_ctl", &["stop", "--mode=immediate", "-D", &self.data()]);
    }

    fn start_again(&self) {
        let data = self.data();
        self.run(
            "pg_ctl",
            &["start", "--wait", "-D", &data, "-l", &format!("{data}/log"), "-o", &self.options()],
        );
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.command("pg_ctl", &["stop", "--mode=immediate", "-D", &self.data()]).status());
    }
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

#[test]
fn both_engines_have_the_schema_of_the_same_version() {
    assert_eq!(schema::latest(), store::latest(), "a migration needs a step in store/postgres, too");
}

/// `cargo xtask test` sets the variable, after the integration tests have noted what they run (`store/db.rs`).
#[test]
fn every_statement_that_sqlite_has_run_is_prepared_by_postgresql() {
    let Some(noted) = std::env::var_os("TOUROKU_STATEMENTS_TO_PREPARE") else { return };
    let noted = fs::read_to_string(noted).unwrap();
    let statements: BTreeSet<String> =
        noted.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(statements.len() > 200, "only {} statements were noted", statements.len());
    let server = Server::start();
    let postgres =
        Connection::open_for_writing(&super::Server::new(&server.url(), None, None).unwrap()).unwrap();
    let has_another_text = |sql: &str| {
        ["sqlite_schema", "MATCH", "INTO name_index", "json_each", "stage_"]
            .iter()
            .any(|part| sql.contains(part))
    };
    let complaints: Vec<String> = statements
        .iter()
        .filter(|sql| !has_another_text(sql))
        .filter_map(|sql| Some(format!("{}\n    {sql}", postgres.complaint(sql)?)))
        .collect();
    assert!(
        complaints.is_empty(),
        "{} of {}:\n{}",
        complaints.len(),
        statements.len(),
        complaints.join("\n")
    );
}

/// Runs `work` with the server's store, as a server would: its threads own the connections.
fn with_store<F: Future<Output = ()>>(server: &Server, work: impl FnOnce(Store) -> F) {
    let store = Store::open(server.location()).unwrap();
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work(store));
}

fn company(number: &str, name: &str) -> RosterRow {
    RosterRow {
        number: number.to_owned(),
        name: name.to_owned(),
        kana: "カクウ".to_owned(),
        ..RosterRow::default()
    }
}

#[test]
fn a_registration_is_found_counted_and_mailed_as_on_sqlite() {
    let server = Server::start();
    with_store(&server, async |store| {
        let identity = CardIdentity { issuer: vec![0x30], serial: "7".to_owned() };
        let card = identity.clone();
        store
            .write(move |writer| {
                writer.take_over("a", &company("1", "架空建設"), 5)?;
                writer.take_over("a", &company("2", "みなと設計"), 5)?;
                let sequence = writer.next_company_sequence("a")?;
                let values =
                    [(touroku_proto::field::FieldId::Branch, "本店".to_owned())].into_iter().collect();
                let registered = Company { company_id: format!("K-{sequence}"), values, revision: 0 };
                writer.register_company("a", "1", &registered, 5)?;
                let new = NewCard {
                    identity: &card,
                    certificate: &[0x31],
                    person_in_charge: "担当",
                    values: &registered.values,
                };
                let card = writer.register_card("a", "1", &new, 5)?;
                writer.record_event("a", "1", Holder::Card(card), EventKind::CardRegistered, 5)?;
                writer.note_expiry(card, "7", 90_000)?;
                let mail = NewMail { message_id: "m".to_owned(), ..NewMail::default() };
                writer.queue_mail_about("a", "1", &mail, None, 5)
            })
            .await
            .unwrap();
        store
            .read(move |reader| {
                let card = reader.card("a", &identity)?.unwrap();
                assert_eq!((card.number.as_str(), card.revision), ("1", 0));
                assert_eq!(reader.company("a", "1")?.unwrap().company_id, "K-1");
                assert_eq!(reader.stock_counts("a")?.cards, 1);
                assert_eq!(reader.stock_counts("a")?.roster, 2);
                assert_eq!(reader.events_of(("a", "1"), 9, 0..9)?.0.len(), 1);
                assert_eq!(reader.tallies()?.len(), 1);
                Ok(())
            })
            .await
            .unwrap();
        let claimed = store.write(|writer| writer.claim_mail(Priority::Bulk, 10, 20)).await.unwrap().unwrap();
        assert_eq!(claimed.mail.message_id, "m");
        assert!(store.write(|writer| writer.claim_mail(Priority::Bulk, 10, 20)).await.unwrap().is_none());
    });
}

#[test]
fn a_company_is_found_by_any_part_of_its_name_before_and_after_it_is_indexed() {
    let server = Server::start();
    with_store(&server, async |store| {
        store
            .write(|writer| {
                writer.take_over("a", &company("1", "架空建設"), 5)?;
                writer.take_over("b", &company("1", "架空建設"), 5)?;
                writer.take_over("a", &company("2", "みなと設計"), 5)
            })
            .await
            .unwrap();
        for indexed in [false, true] {
            if indexed {
                store
                    .write(|writer| writer.due_names(9)?.iter().try_for_each(|due| writer.index_name(due)))
                    .await
                    .unwrap();
            }
            for (part, expected) in [("空建", "1"), ("設計", "2"), ("架", "1")] {
                let query = ListingQuery { rows: (0, 11), name: part.to_owned(), ..ListingQuery::default() };
                let hits = store.read(move |reader| reader.few_listed("a", &query)).await.unwrap().unwrap();
                let numbers: Vec<String> = hits.into_iter().map(|(_, company)| company.number).collect();
                assert_eq!(numbers, [expected], "{part}, indexed: {indexed}");
            }
        }
    });
}

#[test]
fn a_staged_roster_is_taken_over() {
    let server = Server::start();
    let file = server.folder.path().join("stage");
    let mut database = Exclusive::open(server.location()).unwrap();
    database.write(|writer| writer.take_over("a", &company("1", "旧"), 5)).unwrap();
    let stage = Stage::make(&file).unwrap();
    for (kind, row) in [
        (Staged::Changed, company("1", "新")),
        (Staged::Added, company("2", "二")),
        (Staged::Added, company("3", "三")),
    ] {
        stage.put(kind, &row, &SortKey::of(&row.name, &row.kana)).unwrap();
    }
    stage.finish(&file).unwrap();
    let stage = Stage::open(&file).unwrap();
    let next = write_next(&mut database, ("a", None), &stage, None, &mut |_| Ok(9)).unwrap();
    database.write(|writer| writer.take_next(&next, Actor::command("a"), 9)).unwrap();
    sweep(&mut database, "a", &mut || Ok(9)).unwrap();
    let (name, all) = database
        .read(|reader| Ok((reader.roster_row("a", "1")?.unwrap().name, reader.listed_total("a", (0, 11))?)))
        .unwrap();
    assert_eq!((name.as_str(), all), ("新", 3));
}

/// Fails in the database.
fn register_twice(writer: &Writer<'_>, number: &str) -> Result<(), Error> {
    let company = Company { company_id: "K".to_owned(), values: Default::default(), revision: 0 };
    (0..2).try_for_each(|_| writer.register_company("a", number, &company, 5))
}

#[test]
fn a_write_that_fails_takes_none_of_its_neighbours_along() {
    let server = Server::start();
    with_store(&server, async |store| {
        let (first, second, third) = tokio::join!(
            store.write(|writer| writer.take_over("a", &company("1", "一"), 5)),
            store.write(|writer| {
                writer.take_over("a", &company("2", "二"), 5)?;
                register_twice(writer, "2")
            }),
            store.write(|writer| writer.take_over("a", &company("3", "三"), 5)),
        );
        assert!(first.is_ok() && third.is_ok());
        assert!(matches!(second, Err(Error::Database(_))));
        let roster = store.read(|reader| reader.without_number("a", false, "", 9)).await.unwrap();
        assert_eq!(roster, ["1", "3"]);
    });
}

#[test]
fn a_database_that_goes_away_answers_busy_and_serves_again_when_it_is_back() {
    let server = Server::start();
    with_store(&server, async |store| {
        store.write(|writer| writer.take_over("a", &company("1", "一"), 5)).await.unwrap();
        server.stop();
        let store = Arc::new(store);
        let began = Instant::now();
        let mut lost = JoinSet::new();
        for number in 10..30 {
            let store = Arc::clone(&store);
            lost.spawn(async move {
                store.write(move |writer| writer.take_over("a", &company(&number.to_string(), "二"), 5)).await
            });
        }
        assert!(lost.join_all().await.iter().all(|lost| matches!(lost, Err(Error::Busy))));
        assert!(began.elapsed() < 2 * RECONNECT, "they wait together, not one after another");
        server.start_again();
        store.write(|writer| writer.take_over("a", &company("3", "三"), 5)).await.unwrap();
        let roster = store.read(|reader| reader.without_number("a", false, "", 9)).await.unwrap();
        assert_eq!(roster, ["1", "3"]);
    });
}

#[test]
fn what_keeps_a_server_from_its_database_is_said_in_an_administrators_words() {
    let server = Server::start();
    let open = |url: &str| {
        let location = Location::Server {
            server: super::Server::new(url, None, None).unwrap(),
            beside: server.folder.path().join("t.db"),
        };
        Exclusive::open(&location).map(drop).unwrap_err().to_string()
    };
    let host = format!("host={} user=touroku", server.folder.path().display());
    let nowhere = "postgres://touroku@127.0.0.1:1/touroku?sslmode=disable";
    for (url, part) in [
        (nowhere, "127.0.0.1）につながりません"),
        (&format!("{host} dbname=nowhere"), "createdb --owner=利用者 nowhere"),
        (&format!("{host} dbname=postgres sslmode=require"), "TLSで接続できません"),
        (&format!("host={} user=nobody dbname=postgres", server.folder.path().display()), "pg_hba.conf"),
    ] {
        let said = open(url);
        assert!(said.contains(part), "{url}: {said}");
    }
    let postgres = Connection::open(&super::Server::new(&server.url(), None, None).unwrap()).unwrap();
    postgres.batch("CREATE TABLE theirs (id INT)").unwrap();
    assert!(open(&server.url()).contains("空のデータベース"));
    postgres.batch("DROP TABLE theirs").unwrap();
    drop(Exclusive::open(server.location()).unwrap());
    postgres.batch("INSERT INTO schema_version (version) VALUES (9999)").unwrap();
    assert!(open(&server.url()).contains("新しい版のtouroku-server"));
}

#[test]
fn two_servers_that_start_on_an_empty_database_at_once_both_find_a_whole_one() {
    let server = Server::start();
    let open = || Exclusive::open(server.location()).unwrap().read(|reader| reader.tallies()).unwrap().len();
    std::thread::scope(|scope| {
        let starts: Vec<_> = (0..4).map(|_| scope.spawn(open)).collect();
        starts.into_iter().for_each(|start| assert_eq!(start.join().unwrap(), 0));
    });
}

#[test]
fn a_failure_that_nobody_reports_undoes_its_own_write_only() {
    let server = Server::start();
    with_store(&server, async |store| {
        let (first, second) = tokio::join!(
            store.write(|writer| writer.take_over("a", &company("1", "一"), 5)),
            store.write(|writer| {
                writer.take_over("a", &company("2", "二"), 5)?;
                drop(register_twice(writer, "2"));
                Ok(())
            }),
        );
        assert!(first.is_ok() && second.is_err());
        let roster = store.read(|reader| reader.without_number("a", false, "", 9)).await.unwrap();
        assert_eq!(roster, ["1"]);
    });
}

#[test]
fn an_import_from_before_rosters_had_editions_can_still_be_undone() {
    let server = Server::start();
    let Location::Server { server: at, .. } = server.location() else { unreachable!() };
    let connection = Connection::open(&at).unwrap();
    connection.batch("CREATE TABLE schema_version (version BIGINT NOT NULL)").unwrap();
    for step in &schema::STEPS[..=edition::tests::EARLIER - schema::BASELINE] {
        connection.batch(step).unwrap();
    }
    let version = edition::tests::EARLIER;
    connection.batch(&format!("INSERT INTO schema_version (version) VALUES ({version})")).unwrap();
    connection.batch(edition::tests::HELD).unwrap();
    drop(connection);
    edition::tests::check(Exclusive::open(server.location()).unwrap());
}
