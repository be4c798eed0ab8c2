//! `officer` and `audit` as an administrator types them.

use std::{os::unix::fs::PermissionsExt as _, process::Command};

use rusqlite::Connection;
use serde_json::json;
use tempfile::TempDir;
use touroku_proto::officer::Role;

use crate::support::{
    client::TestServer,
    engine::is_sqlite,
    officer::{Authenticator, Officer, PASSWORD, mailed_link, token_of},
};

/// Exit status and output.
pub(crate) fn run(folder: &TempDir, arguments: &[&str]) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_touroku-server"));
    let output = command.current_dir(folder.path()).args(arguments).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
    (output.status.code().unwrap(), said)
}

/// The key of [`TestServer`], where the commands look for it.
pub(crate) fn put_key(server: &TestServer) {
    std::fs::write(server.folder.path().join("touroku.key"), "07".repeat(32)).unwrap();
}

#[tokio::test]
async fn the_first_administrator_is_made_on_the_command_line() {
    let server = TestServer::start();
    put_key(&server);
    let now = server.now.load(std::sync::atomic::Ordering::SeqCst);
    let add = |login_id: &str, name: &str, role: &str| {
        let place = ["officer", "add", "--agency", "aomori", "--origin", "https://ebid.example.jp"];
        run(&server.folder, &[&place[..], &["--login-id", login_id, "--name", name, "--role", role]].concat())
    };
    let (status, said) = add("sato", "佐藤花子", "manage");
    assert_eq!(status, 0, "{said}");
    let url = said.lines().next().unwrap();
    let (status, again) = add("tanaka", "田中", "manage");
    assert!(status == 1 && again.contains("--email"), "only the first one's, used or not: {again}");
    // The command uses the current time, the test's server its own; the link is valid in both.
    let ahead = i64::try_from(
        std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_millis(),
    );
    server.wait(ahead.unwrap() - now);
    let mut browser = server.client();
    let setup = browser.post("/api/officer/setup/begin", json!({"token": token_of(url)})).await;
    let code = Authenticator::of(&setup).code(&server);
    let finish = json!({"token": token_of(url), "password": PASSWORD, "code": code});
    assert_eq!(browser.post("/api/officer/setup", finish).await.json()["role"], "manage");

    for (login_id, name, role, status, part) in [
        ("sato", "佐藤", "view", 1, "すでに使われています"),
        ("さとう", "佐藤", "view", 2, "半角"),
        ("suzuki", "", "view", 1, "60文字"),
        ("suzuki", "鈴木", "view", 1, "--email"),
        ("suzuki", "鈴木", "root", 2, "manage"),
    ] {
        let (found, said) = add(login_id, name, role);
        assert!(found == status && said.contains(part), "{said}");
    }
    let which = ["--agency", "aomori", "--login-id", "sato"];
    let (status, said) = run(&server.folder, &["officer", "list", "--agency", "aomori"]);
    assert!(status == 0 && said.contains("sato　佐藤花子　管理　使用中") && said.contains("1件"), "{said}");

    assert_eq!(run(&server.folder, &[&["officer", "stop"], &which[..]].concat()).0, 0);
    assert_eq!(browser.get("/api/officer/session").await.code(), "session_missing");
    let (status, said) = run(&server.folder, &[&["officer", "reset"], &which[..]].concat());
    assert!(status == 1 && said.contains("officer start"), "{said}");
    assert_eq!(run(&server.folder, &[&["officer", "start"], &which[..]].concat()).0, 0);
    let (status, said) = run(&server.folder, &[&["officer", "reset"], &which[..]].concat());
    assert!(status == 1 && said.contains("--email"), "only the first one's link is shown: {said}");
    let email = ["--email", "sato@officers.example.jp"];
    let (status, said) = run(&server.folder, &[&["officer", "reset"], &which[..], &email].concat());
    assert!(status == 0 && said.contains(email[1]) && !said.contains("setup="), "{said}");
    assert!(mailed_link(&server, email[1]).await.contains("#setup="));
    let unknown = ["officer", "stop", "--agency", "aomori", "--login-id", "nobody"];
    assert_eq!(run(&server.folder, &unknown).0, 1);
    assert_eq!(run(&server.folder, &["officer", "list", "--agency", "nowhere"]).0, 1);

    let recorded = server.app.store.read(|reader| reader.audit_entries("aomori", 0, 100)).await.unwrap();
    let by_command: Vec<&str> =
        recorded.iter().filter(|entry| entry.actor == "command").map(|entry| entry.action.as_str()).collect();
    assert_eq!(by_command, ["officer_added", "officer_stopped", "officer_started", "officer_reset"]);
}

#[tokio::test]
async fn audit_verify_proves_the_chain_or_names_the_first_broken_link() {
    let server = TestServer::start();
    put_key(&server);
    let mut manager = Officer::new(&server, "aomori", Role::Manage).await;
    for _ in 0..5 {
        assert_eq!(manager.log_in(&server).await.code(), "");
    }
    let export = manager.get("/api/officer/audit/export").await;
    let path = server.folder.path().join("export.jsonl");
    std::fs::write(&path, &export.body).unwrap();

    let verify =
        |more: &[&str]| run(&server.folder, &[&["audit", "verify", "--agency", "aomori"], more].concat());
    let (status, said) = verify(&[]);
    assert!(status == 0 && said.contains("9件すべて"), "{said}");
    let head = said.lines().last().unwrap().to_owned();
    let (status, said) = verify(&["--file", "export.jsonl"]);
    assert!(status == 0 && said.ends_with(&format!("{head}\n")), "{said}");

    let text = String::from_utf8(export.body).unwrap();
    for (changed, part) in [
        (text.replacen("\"login\"", "\"logout\"", 1), "記録 3 の内容"),
        (text.lines().skip(1).fold(String::new(), |all, line| all + line + "\n"), "記録 1 がない"),
        (text[..text.len() - 30].to_owned(), "10行"),
        ("{}\n".to_owned(), "1行"),
        ("x".repeat(200_000), "1行"),
    ] {
        std::fs::write(&path, &changed).unwrap();
        let (status, said) = verify(&["--file", "export.jsonl"]);
        assert!(status == 1 && said.contains(part), "{part}: {said}");
    }
    assert_eq!(run(&server.folder, &["audit", "verify", "--agency", "nowhere"]).0, 1);
    assert_eq!(verify(&["--database", "nowhere.db"]).0, 1);
    assert!(!server.folder.path().join("nowhere.db").exists());
    assert_eq!(verify(&["--nonsense"]).0, 2);
}

#[tokio::test]
async fn audit_verify_compares_with_what_the_server_proved_before() {
    if !is_sqlite() {
        return;
    }
    let server = TestServer::start();
    put_key(&server);
    let mut manager = Officer::new(&server, "aomori", Role::Manage).await;
    assert_eq!(manager.log_in(&server).await.code(), "");
    touroku_server::officer::audit::check_all(&server.app).await;
    let verify = || run(&server.folder, &["audit", "verify", "--agency", "aomori"]);
    assert_eq!(verify().0, 0);
    let database = Connection::open(server.folder.path().join("touroku.db")).unwrap();
    let cut_off = "DROP TRIGGER audit_delete; DELETE FROM audit WHERE sequence > 2; \
         UPDATE audit_head SET sequence = 2, hash = (SELECT hash FROM audit WHERE sequence = 2)";
    database.execute_batch(cut_off).unwrap();
    let (status, said) = verify();
    assert!(status == 1 && said.contains("記録 4 が") && !said.contains("書き換えられていません"), "{said}");
}

#[tokio::test]
async fn a_chain_that_was_changed_in_the_database_file_by_hand_is_named_and_stays_so() {
    if !is_sqlite() {
        return;
    }
    for (by_hand, trigger, at, part) in [
        (
            "UPDATE audit SET subject = 'nobody' WHERE sequence = 4",
            "audit_update",
            4,
            "の内容が書き換えられています",
        ),
        ("DELETE FROM audit WHERE sequence = 4", "audit_delete", 4, "がないか"),
        ("DELETE FROM audit WHERE sequence > 4", "audit_delete", 5, "がないか"),
        ("DELETE FROM audit", "audit_delete", 1, "がないか"),
    ] {
        let server = TestServer::start();
        let mut manager = Officer::new(&server, "aomori", Role::Manage).await;
        for _ in 0..3 {
            assert_eq!(manager.log_in(&server).await.code(), "");
        }
        let database = Connection::open(server.folder.path().join("touroku.db")).unwrap();
        assert!(database.execute(by_hand, []).is_err(), "not even by accident");
        database.execute_batch(&format!("DROP TRIGGER {trigger}")).unwrap();
        database.execute(by_hand, []).unwrap();
        let verify = || run(&server.folder, &["audit", "verify", "--agency", "aomori"]);
        for _ in 0..2 {
            let (status, said) = verify();
            let whole = format!("記録 {at} ");
            assert!(status == 1 && said.contains(&whole) && said.contains(part), "{by_hand}: {said}");
            // Later entries cover nothing up.
            assert_eq!(manager.get("/api/officer/audit").await.json()["broken_at"], at);
        }
        let export = ["audit", "export", "--agency", "aomori", "--output", "out.jsonl"];
        assert_eq!(run(&server.folder, &export).0, 0);
        let mode = std::fs::metadata(server.folder.path().join("out.jsonl")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "only for whoever exported it");
        let file = ["audit", "verify", "--agency", "aomori", "--file", "out.jsonl"];
        assert_eq!(run(&server.folder, &file).0, 1);
    }
}
