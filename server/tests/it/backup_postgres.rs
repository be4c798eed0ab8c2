//! The same commands back a PostgreSQL up and restore it.

use std::{
    fs,
    path::PathBuf,
    process::Command,
    sync::{Arc, mpsc},
};

use tokio::sync::oneshot;
use touroku_proto::officer::Role;
use touroku_server::store::Writer;

use crate::support::{
    client::TestServer,
    engine::{self, is_sqlite},
    officer::Officer,
    place::{PASSPHRASE, files, said},
};

/// A server's files beside its database on PostgreSQL.
struct Machine(TestServer);

impl Machine {
    fn of(server: TestServer) -> Self {
        let machine = Self(server);
        let store = engine::setting(machine.0.folder.path()).unwrap();
        fs::write(
            machine.path("server.toml"),
            format!("{store}[backup]\nfolder = \"copies\"\npassphrase_file = \"passphrase\"\n"),
        )
        .unwrap();
        fs::write(machine.path("passphrase"), PASSPHRASE).unwrap();
        fs::write(machine.path("touroku.key"), "07".repeat(32)).unwrap();
        machine
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.folder.path().join(name)
    }

    fn run(&self, arguments: &[&str]) -> (i32, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_touroku-server"));
        said(command.current_dir(self.0.folder.path()).args(arguments).output().unwrap())
    }

    fn restore(&self) -> (i32, String) {
        self.run(&["restore", "copies", "--passphrase-file", "passphrase"])
    }
}

#[tokio::test]
async fn a_backup_is_made_while_others_write_is_proved_and_brings_everything_back() {
    if is_sqlite() {
        return;
    }
    let server = TestServer::start();
    let mut officer = Officer::new(&server, "aomori", Role::Manage).await;
    server.client().registered(&server.card(7)).await;
    touroku_server::officer::audit::tend(&server.app).await;
    let machine = Machine::of(server);
    let ((begin, begun), (go_on, wait)) = (oneshot::channel(), mpsc::channel::<()>());
    let app = Arc::clone(&machine.0.app);
    let writing = tokio::spawn(async move {
        let work = move |_: &Writer<'_>| {
            begin.send(()).unwrap();
            // Ends when the other end goes.
            let _ = wait.recv();
            Ok(())
        };
        app.store.write(work).await
    });
    begun.await.unwrap();
    let (status, text) = machine.run(&["backup"]);
    assert_eq!(status, 0, "a writer is in its way: {text}");
    drop(go_on);
    writing.await.unwrap().unwrap();
    let (status, text) = machine.run(&["restore", "--drill"]);
    assert!(
        status == 0 && text.contains("登録 1社") && text.contains("鍵がこのデータベースのもの"),
        "{text}"
    );
    let health = machine.0.client().get("/healthz").await.json();
    assert_eq!(health["drill"]["ok"], true, "{health:#}");

    let (status, text) = machine.restore();
    assert!(status == 1 && text.contains("使用中"), "{text}");
    machine.0.client().registered(&machine.0.card(8)).await;
    machine.0.app.store.close();
    for schema in ["before_restore_1", "before_restore_2"] {
        let (status, text) = machine.restore();
        assert!(status == 0 && text.contains(schema), "{text}");
    }
    assert_eq!(machine.0.value("SELECT count(*) FROM before_restore_1.card"), "2");
    let server = machine.0.restart();
    assert_eq!(server.value("SELECT count(*) FROM card"), "1");
    officer.client = server.client();
    assert_eq!(officer.log_in(&server).await.code(), "");
    server.client().registered(&server.card(9)).await;
    server.app.store.close();

    // An empty one, on another machine.
    engine::empty(server.folder.path());
    let machine = Machine::of(server);
    let (status, text) = machine.restore();
    assert!(status == 0 && !text.contains("before_restore"), "{text}");
    let verified = machine.run(&["audit", "verify", "--agency", "aomori"]);
    assert!(verified.0 == 0 && verified.1.contains("件すべて"), "{}", verified.1);
}

#[tokio::test]
async fn a_backup_comes_back_over_a_newer_versions_database_and_over_one_that_lost_a_table() {
    if is_sqlite() {
        return;
    }
    let server = TestServer::start();
    server.client().registered(&server.card(7)).await;
    let machine = Machine::of(server);
    assert_eq!(machine.run(&["backup"]).0, 0);
    machine.0.app.store.close();
    for (harm, former) in [
        ("INSERT INTO schema_version VALUES (999)", "before_restore_1"),
        ("DROP TABLE schema_version", "before_restore_2"),
        ("DROP TABLE card_expiry", "before_restore_3"),
    ] {
        machine.0.by_hand(harm);
        let (status, text) = machine.run(&["backup"]);
        assert!(status == 1 && !text.contains("42P01"), "{harm}: {text}");
        let (status, text) = machine.restore();
        assert!(status == 0 && text.contains(former), "{harm}: {text}");
        assert_eq!(machine.0.value("SELECT count(*) FROM card"), "1", "{harm}");
    }
    engine::empty(machine.0.folder.path());
    machine.0.by_hand("CREATE TABLE somebody_elses (id BIGINT); CREATE TABLE company (id BIGINT)");
    let (status, text) = machine.restore();
    assert!(status == 1 && text.contains("でない表"), "{text}");
    assert_eq!(machine.0.value("SELECT count(*) FROM somebody_elses"), "0");
}

#[tokio::test]
async fn what_is_no_sound_backup_leaves_the_database_as_it_was() {
    if is_sqlite() {
        return;
    }
    let server = TestServer::start();
    server.client().registered(&server.card(7)).await;
    server.app.store.close();
    let machine = Machine::of(server);
    assert_eq!(machine.run(&["backup"]).0, 0);
    fs::write(machine.path("passphrase"), "ほかの合言葉ほかの合言葉ほかの合言葉").unwrap();
    fs::remove_file(machine.path("touroku.key")).unwrap();
    let (status, text) = machine.restore();
    assert!(status == 1 && text.contains("封を開けられません"), "{text}");
    let archive =
        files(&machine.path("copies")).into_iter().find(|file| file.extension().is_some_and(|e| e == "gz"));
    let archive = archive.unwrap();
    let bytes = fs::read(&archive).unwrap();
    fs::write(&archive, &bytes[..bytes.len() / 2]).unwrap();
    let (status, text) = machine.restore();
    assert!(status == 1 && text.contains("途中で切れている"), "{text}");
    let schemas = "SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'before%' OR nspname LIKE 'touroku%'";
    assert_eq!(
        (machine.0.value(schemas), machine.0.value("SELECT count(*) FROM card")),
        ("0".into(), "1".into())
    );
}
