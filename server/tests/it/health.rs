//! `/healthz`, `/readyz`, and what the metrics say about both.

use std::fs;

use rusqlite::Connection;
use serde_json::Value;
use touroku_server::archive::Status;

use crate::support::{client::TestServer, engine::is_sqlite};

/// The status, and the checks that failed.
async fn readiness(server: &TestServer) -> (u16, Vec<String>) {
    let reply = server.client().get("/readyz").await;
    let body = reply.json();
    let checks = body["checks"].as_array().unwrap();
    let wrong = checks.iter().filter(|check| check["ok"] == Value::Bool(false));
    let wrong: Vec<String> = wrong.map(|check| check["name"].as_str().unwrap().to_owned()).collect();
    assert_eq!(body["ready"], Value::Bool(wrong.is_empty()));
    (reply.status.as_u16(), wrong)
}

#[tokio::test]
async fn a_sound_server_is_ready_and_tells_what_waits() {
    let server = TestServer::start();
    assert_eq!(readiness(&server).await, (200, vec![]));
    assert_eq!(server.client().get("/readyz").await.json()["mail"]["queued"], 0);
}

#[tokio::test]
async fn a_database_that_is_deleted_or_exchanged_is_noticed_although_the_server_still_reads_it() {
    if !is_sqlite() {
        return;
    }
    let server = TestServer::start();
    let path = server.folder.path().join("touroku.db");
    let aside = server.folder.path().join("aside.db");
    fs::rename(&path, &aside).unwrap();
    // SQLite itself notices that the file was moved, and stops writing.
    assert_eq!(readiness(&server).await, (503, vec!["database".to_owned(), "write".to_owned()]));
    fs::copy(&aside, &path).unwrap();
    assert_eq!(readiness(&server).await.0, 503);
    assert_eq!(server.client().get("/healthz").await.status, 200);
    fs::rename(&aside, &path).unwrap();
    assert_eq!(readiness(&server).await, (200, vec![]));
}

#[tokio::test]
async fn a_zeroed_first_page_is_noticed_although_the_server_still_knows_it() {
    if !is_sqlite() {
        return;
    }
    let server = TestServer::start();
    let path = server.folder.path().join("touroku.db");
    assert_eq!(readiness(&server).await.0, 200);
    let wal = Connection::open(&path).unwrap();
    wal.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
    // In another process, because closing the file here would release the server's locks in this one.
    let zeroed = std::process::Command::new("dd")
        .args(["if=/dev/zero", "bs=4096", "count=1", "conv=notrunc", "status=none"])
        .arg(format!("of={}", path.display()))
        .status();
    assert!(zeroed.unwrap().success());
    let (status, wrong) = readiness(&server).await;
    assert!(status == 503 && wrong.contains(&"database".to_owned()), "{wrong:?}");
}

#[tokio::test]
async fn writes_that_fail_or_wait_too_long_are_noticed() {
    if !is_sqlite() {
        return;
    }
    let server = TestServer::start();
    let path = server.folder.path().join("touroku.db");
    let other = Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    assert_eq!(readiness(&server).await, (503, vec!["write".to_owned()]));
    other.execute_batch("ROLLBACK").unwrap();
    other
        .execute_batch("CREATE TRIGGER full BEFORE UPDATE ON probe BEGIN SELECT RAISE(ABORT, 'x'); END")
        .unwrap();
    server.app.store.write(|writer| writer.tidy(0, RETENTION).map(drop)).await.unwrap();
    assert_eq!(readiness(&server).await, (503, vec!["write".to_owned()]));
}

#[tokio::test]
async fn a_postgresql_that_lets_nobody_in_is_noticed_and_so_is_its_return() {
    if is_sqlite() {
        return;
    }
    let server = TestServer::start();
    server.let_in(false);
    assert_eq!(readiness(&server).await, (503, vec!["database".to_owned(), "write".to_owned()]));
    server.let_in(true);
    while readiness(&server).await.0 != 200 {
        assert_eq!(server.client().get("/healthz").await.status, 200);
    }
}

const RETENTION: touroku_server::store::Retention =
    touroku_server::store::Retention { ended_after: 0, draft: 1, sent_mail: 1, decision: 1 };

#[tokio::test]
async fn another_servers_key_is_noticed() {
    let server = TestServer::start();
    server.app.store.write(|writer| writer.take_key("another")).await.unwrap();
    assert_eq!(readiness(&server).await, (503, vec!["key".to_owned()]));
}

#[tokio::test]
async fn the_last_backup_and_drill_are_told() {
    if !is_sqlite() {
        return;
    }
    let server = TestServer::start();
    let database = server.folder.path().join("touroku.db");
    Status::note_backup(&database, 5_000, true).unwrap();
    Status::note_backup(&database, 9_000, false).unwrap();
    Status::note_drill(&database, 7_000, true).unwrap();
    let health = server.client().get("/healthz").await.json();
    assert_eq!(
        (&health["backup"]["ok"], &health["backup"]["last_good"], &health["drill"]["at"]),
        (&Value::Bool(false), &5_000.into(), &7_000.into())
    );
    let text = touroku_server::metrics::text(&server.app).await.unwrap();
    for line in [
        "touroku_backup_last_ok{kind=\"backup\"} 0\n",
        "touroku_backup_last_good_timestamp_seconds{kind=\"backup\"} 5\n",
        "touroku_backup_last_ok{kind=\"drill\"} 1\n",
        "touroku_ready{check=\"write\"} 1\n",
        "touroku_database_bytes{file=\"database\"} ",
        "touroku_disk_bytes{kind=\"free\"} ",
    ] {
        assert!(text.contains(line), "{line}{text}");
    }
}
