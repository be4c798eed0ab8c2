//! `store copy`, from PostgreSQL to SQLite and back.

use std::process::Command;

use touroku_proto::officer::Role;
use touroku_server::officer::company::index;

use crate::support::{
    client::TestServer,
    engine::{self, is_sqlite},
    officer::Officer,
};

fn run(server: &TestServer, words: &[&str]) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_touroku-server"));
    let output = command.current_dir(server.folder.path()).args(words).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
    (output.status.code().unwrap(), said)
}

fn copy(server: &TestServer, from: &str, to: &str) -> (i32, String) {
    run(server, &["store", "copy", "--from", from, "--to", to])
}

/// The tables with their counts and hashes, as the command tells them.
fn tables(said: &str) -> Vec<&str> {
    said.lines().filter(|line| line.contains("行 ")).collect()
}

#[tokio::test]
async fn everything_goes_to_sqlite_and_back_and_is_used_there_as_before() {
    if is_sqlite() {
        return;
    }
    let server = TestServer::start();
    std::fs::write(server.folder.path().join("touroku.key"), "07".repeat(32)).unwrap();
    let mut officer = Officer::new(&server, "aomori", Role::Manage).await;
    assert_eq!(officer.log_in(&server).await.code(), "");
    let card = server.card(7);
    server.client().registered(&card).await;
    touroku_server::officer::audit::tend(&server.app).await;
    server.app.store.close();

    let first = engine::url(server.folder.path());
    let (status, there) = copy(&server, &first, "sqlite:copy.db");
    assert_eq!(status, 0, "{there}");
    assert!(
        tables(&there).len() > 50 && there.contains("roster_row: 2行") && there.contains("card: 1行"),
        "{there}"
    );
    let verified = run(
        &server,
        &["audit", "verify", "--agency", "aomori", "--database", "copy.db", "--key", "touroku.key"],
    );
    assert!(verified.0 == 0 && verified.1.contains("件すべて"), "{}", verified.1);

    let second = engine::empty(server.folder.path());
    let (status, back) = copy(&server, "sqlite:copy.db", &second);
    assert_eq!(status, 0, "{back}");
    assert_eq!(tables(&there), tables(&back));

    for (from, to, part) in [
        ("sqlite:copy.db", second.as_str(), "空のデータベースではありません"),
        (second.as_str(), "sqlite:copy.db", "すでにあります"),
        ("sqlite:nowhere.db", second.as_str(), "データベースがありません"),
    ] {
        let (status, said) = copy(&server, from, to);
        assert!(status == 1 && said.contains(part), "{said}");
    }
    assert!(!server.folder.path().join("nowhere.db").exists());

    let server = server.restart();
    let verified = run(&server, &["audit", "verify", "--agency", "aomori"]);
    assert!(verified.0 == 0 && verified.1.contains("件すべて"), "{}", verified.1);
    let known = server.client().log_in(&card, "change").await;
    assert!(known.to_string().contains("990000001"), "{known:#}");
    let mut sato = server.officer("aomori", "sato", "review");
    for indexed in [2, 0] {
        let found = sato.get("/api/officer/companies?query=%E3%83%86%E3%82%B9%E3%83%88").await.json();
        assert_eq!(found["companies"][0]["number"], "990000001", "{found:#}");
        assert_eq!(index::catch_up(&server.app).await.unwrap(), indexed);
    }
    // Numbers go on behind those that came.
    server.client().registered(&server.card(8)).await;
    assert_eq!(server.value("SELECT count(*) FROM card"), "2");
}

#[tokio::test]
async fn what_can_not_be_copied_whole_leaves_the_target_empty() {
    if is_sqlite() {
        return;
    }
    let server = TestServer::start();
    let (status, said) = copy(&server, &engine::url(server.folder.path()), "sqlite:copy.db");
    assert_eq!(status, 0, "{said}");
    let target = engine::empty(server.folder.path());
    let file = rusqlite::Connection::open(server.folder.path().join("copy.db")).unwrap();
    // No UTF-8, as only a damaged file has.
    file.execute_batch("UPDATE roster_row SET address = CAST(x'ff41' AS TEXT) WHERE number = '990000002'")
        .unwrap();
    let (status, said) = copy(&server, "sqlite:copy.db", &target);
    assert!(status == 1 && said.contains("roster"), "{said}");
    file.execute_batch("UPDATE roster_row SET address = '' WHERE number = '990000002'").unwrap();
    drop(file);
    let (status, said) = copy(&server, "sqlite:copy.db", &target);
    assert!(status == 0 && said.contains("roster_row: 2行"), "{said}");
}
