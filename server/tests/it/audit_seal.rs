//! The end of 監査記録 is sealed: rewriting a whole chain in the database is detected.

use std::process::Command;

use rusqlite::Connection;
use touroku_proto::officer::{
    Role,
    audit::{AuditEntry, AuditHead},
};
use touroku_server::{
    officer::audit::{check_all, tend},
    store::hash_of,
};

use crate::{
    migration::back_to_the_earlier_version,
    support::{client::TestServer, engine::is_sqlite, officer::Officer},
};

const DAY: i64 = 86_400_000;

/// Exit status and output.
fn verify(server: &TestServer, more: &[&str]) -> (i32, String) {
    run(server, &[&["audit", "verify", "--agency", "aomori"], more].concat())
}

fn run(server: &TestServer, words: &[&str]) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_touroku-server"));
    command.current_dir(server.folder.path()).args(words);
    let output = command.output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
    (output.status.code().unwrap(), said)
}

fn database(server: &TestServer) -> Connection {
    Connection::open(server.folder.path().join("touroku.db")).unwrap()
}

/// Rewrites the whole chain, hash by hash, as somebody with the database but not the key could.
fn rewrite(server: &TestServer) {
    let database = database(server);
    let mut statement = database
        .prepare("SELECT sequence, at, actor, address, action, subject, detail FROM audit WHERE agency = 'aomori' ORDER BY sequence")
        .unwrap();
    let mut previous = "0".repeat(64);
    let entries: Vec<AuditEntry> = statement
        .query_map([], |row| {
            Ok(AuditEntry {
                sequence: row.get(0)?,
                at_unix_ms: row.get(1)?,
                actor: row.get(2)?,
                address: "198.51.100.66".to_owned(),
                action: row.get(4)?,
                subject: row.get(5)?,
                detail: row.get(6)?,
                previous: String::new(),
                hash: String::new(),
            })
        })
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    database.execute_batch("DROP TRIGGER IF EXISTS audit_update").unwrap();
    for mut entry in entries {
        entry.previous.clone_from(&previous);
        entry.hash = hash_of("aomori", &entry).unwrap();
        previous.clone_from(&entry.hash);
        database
            .execute(
                "UPDATE audit SET address = ?, previous = ?, hash = ? WHERE agency = 'aomori' AND sequence = ?",
                rusqlite::params![entry.address, entry.previous, entry.hash, entry.sequence],
            )
            .unwrap();
        database
            .execute(
                "UPDATE audit_head SET hash = ?, sequence = ? WHERE agency = 'aomori'",
                rusqlite::params![entry.hash, entry.sequence],
            )
            .unwrap();
    }
    database.execute_batch("DELETE FROM audit_proof").unwrap();
}

async fn started() -> (TestServer, Officer) {
    let server = TestServer::start();
    std::fs::write(server.folder.path().join("touroku.key"), "07".repeat(32)).unwrap();
    let manager = Officer::new(&server, "aomori", Role::Manage).await;
    (server, manager)
}

#[tokio::test]
async fn a_chain_that_was_rewritten_whole_is_found_out_by_its_seal_and_stays_so() {
    if !is_sqlite() {
        return;
    }
    let (server, mut manager) = started().await;
    let (status, said) = verify(&server, &[]);
    assert!(status == 0 && said.contains("このサーバーの鍵によるものです"), "{said}");
    rewrite(&server);
    let (status, said) = verify(&server, &[]);
    assert!(status == 1 && said.contains("書き換えられています"), "{said}");
    check_all(&server.app).await;
    assert!(server.take_mails().await.iter().any(|mail| mail.1.contains("つながりが切れています")));

    // The next entry gives it no seal, and neither does the server by itself.
    let page = manager.get("/api/officer/audit").await.json();
    assert!(page["broken_at"].is_i64(), "{page}");
    tend(&server.app).await;
    check_all(&server.app).await;
    assert_eq!(verify(&server, &[]).0, 1);
}

#[tokio::test]
async fn a_rewritten_chain_whose_seal_was_removed_or_renamed_never_gets_one_by_itself() {
    if !is_sqlite() {
        return;
    }
    for by_hand in ["seal = '', seal_key = ''", "seal_key = '00000000'"] {
        let (server, mut manager) = started().await;
        tend(&server.app).await;
        let mails = server.take_mails().await;
        let kept = mails.iter().find(|mail| mail.1.contains("控え")).unwrap().2.clone();
        rewrite(&server);
        database(&server).execute(&format!("UPDATE audit_head SET {by_hand}"), []).unwrap();
        let (status, said) = verify(&server, &[]);
        assert!(status == 1 && !said.contains("書き換えられていません"), "{said}");

        let server = server.restart();
        tend(&server.app).await;
        tend(&server.app).await;
        let address = format!("{}@officers.example.jp", manager.login_id);
        let told = server.take_mails().await;
        let told: Vec<_> = told.iter().filter(|mail| mail.0 == address).collect();
        assert!(told.len() == 1 && told[0].1.contains("つながりが切れています"), "{told:?}");
        check_all(&server.app).await;
        manager.client.router = server.client().router;
        let page = manager.get("/api/officer/audit").await.json();
        assert!(page["broken_at"].is_i64(), "{page}");
        assert_eq!(verify(&server, &[]).0, 1);

        // Nor by an officer of the server who compares it with what was mailed.
        let seal = ["audit", "seal", "--agency", "aomori"];
        assert_eq!(run(&server, &seal).0, 2, "one or the other must be said");
        let (status, said) = run(&server, &[&seal[..], &["--head", &kept]].concat());
        assert!(status == 1 && said.contains("印は付けていません"), "{said}");
        assert_eq!(verify(&server, &[]).0, 1);
    }
}

#[tokio::test]
async fn a_chain_without_a_seal_is_proved_by_what_was_mailed_and_sealed_by_command() {
    if !is_sqlite() {
        return;
    }
    let (server, manager) = started().await;
    tend(&server.app).await;
    let mails = server.take_mails().await;
    let kept = mails.iter().find(|mail| mail.1.contains("控え")).unwrap().2.clone();
    database(&server).execute("UPDATE audit_head SET seal = '', seal_key = ''", []).unwrap();
    assert_eq!(verify(&server, &[]).0, 1);
    let (status, said) = verify(&server, &["--head", &kept]);
    assert!(status == 0 && said.contains("控えのある3番までは、書き換えられていません"), "{said}");

    let seal = ["audit", "seal", "--agency", "aomori", "--head", &kept];
    let (status, said) = run(&server, &seal);
    assert!(status == 0 && said.contains("印を付けました"), "{said}");
    let (status, said) = verify(&server, &[]);
    assert!(status == 0 && said.contains("このサーバーの鍵によるものです"), "{said}");
    assert_eq!(server.audit("aomori").last().unwrap().1, "audit_resealed");
    let address = format!("{}@officers.example.jp", manager.login_id);
    let told = server.take_mails().await;
    assert!(told.iter().any(|mail| mail.0 == address && mail.1.contains("印を付け直しました")), "{told:?}");
}

#[tokio::test]
async fn the_chain_of_a_version_without_seals_is_sealed_once_when_its_database_is_upgraded() {
    if !is_sqlite() {
        return;
    }
    let (server, _) = started().await;
    server.app.store.close();
    back_to_the_earlier_version(server.folder.path());
    let (status, said) = run(&server, &["officer", "list", "--agency", "aomori"]);
    assert_eq!(status, 0, "{said}");
    let (status, said) = verify(&server, &[]);
    assert!(status == 0 && said.contains("このサーバーの鍵によるものです"), "{said}");
    assert_eq!(server.audit("aomori").last().unwrap().1, "audit_resealed");

    // To forget the key in the database is no upgrade.
    rewrite(&server);
    database(&server).execute_batch("UPDATE audit_head SET seal = ''; DELETE FROM server").unwrap();
    assert_eq!(run(&server, &["officer", "list", "--agency", "aomori"]).0, 0);
    assert_eq!(verify(&server, &[]).0, 1);
}

#[tokio::test]
async fn the_officers_get_the_end_every_week_and_a_file_is_compared_with_it() {
    if !is_sqlite() {
        return;
    }
    let (server, mut manager) = started().await;
    tend(&server.app).await;
    let address = format!("{}@officers.example.jp", manager.login_id);
    let mail = |mails: Vec<(String, String, String)>| {
        mails
            .into_iter()
            .find(|(to, subject, _)| *to == address && subject.contains("控え"))
            .map(|mail| mail.2)
    };
    let body = mail(server.take_mails().await).unwrap();
    let head = AuditHead::find(&body).unwrap();
    assert_eq!((head.agency.as_str(), head.sequence), ("aomori", 3));
    server.wait(6 * DAY);
    tend(&server.app).await;
    assert_eq!(mail(server.take_mails().await), None);
    server.wait(DAY);
    tend(&server.app).await;
    assert!(mail(server.take_mails().await).is_some());

    std::fs::write(server.folder.path().join("mail.txt"), &body).unwrap();
    let export = async |manager: &mut Officer| {
        assert_eq!(manager.log_in(&server).await.code(), "");
        let export = manager.get("/api/officer/audit/export").await.body;
        std::fs::write(server.folder.path().join("export.jsonl"), export).unwrap();
    };
    export(&mut manager).await;
    // Nothing stands behind the end.
    let whole = std::fs::read_to_string(server.folder.path().join("export.jsonl")).unwrap();
    let first = whole.lines().next().unwrap();
    std::fs::write(server.folder.path().join("more.jsonl"), format!("{whole}{first}\n")).unwrap();
    let (status, said) = verify(&server, &["--file", "more.jsonl"]);
    assert!(status == 1 && said.contains("つながりません"), "{said}");

    let with_head = ["--file", "export.jsonl", "--head", "mail.txt"];
    let (status, said) = verify(&server, &with_head);
    assert!(status == 0 && said.contains("控え（3番）の印は、このサーバーの鍵によるものです"), "{said}");

    // Even with the key beside it: what was mailed is out of reach.
    rewrite(&server);
    export(&mut manager).await;
    let (status, said) = verify(&server, &with_head);
    assert!(status == 1 && said.contains("記録 3 が"), "{said}");
    std::fs::remove_file(server.folder.path().join("touroku.key")).unwrap();
    let (status, said) = verify(&server, &with_head);
    assert!(status == 1 && said.contains("記録 3 が"), "without the key, too: {said}");
    let (status, said) = verify(&server, &["--file", "export.jsonl"]);
    assert!(status == 1 && said.contains("控えのメールと照らし合わせてください"), "{said}");

    let forged = head.to_line().replace(&head.hash, &"0".repeat(64));
    std::fs::write(server.folder.path().join("touroku.key"), "07".repeat(32)).unwrap();
    let (status, said) = verify(&server, &["--file", "export.jsonl", "--head", &forged]);
    assert!(status == 1 && said.contains("印が、記録と合いません"), "{said}");
    let (status, said) = verify(&server, &["--file", "export.jsonl", "--head", "hello"]);
    assert!(status == 1 && said.contains("touroku-audit-head"), "{said}");
}

#[tokio::test]
async fn an_accepted_key_seals_the_chains_again_which_is_recorded_and_told() {
    if !is_sqlite() {
        return;
    }
    let (server, manager) = started().await;
    std::fs::write(server.folder.path().join("touroku.key"), "08".repeat(32)).unwrap();
    assert_eq!(verify(&server, &[]).0, 1, "not before");
    let (status, said) = run(&server, &["key", "accept"]);
    assert!(status == 0 && said.contains("印を付け直しました"), "{said}");
    let address = format!("{}@officers.example.jp", manager.login_id);
    let told = server.take_mails().await;
    assert!(told.iter().any(|mail| mail.0 == address && mail.1.contains("印を付け直しました")), "{told:?}");
    assert_eq!(server.audit("aomori").last().unwrap().1, "audit_resealed");
    assert_eq!(verify(&server, &[]).0, 0);
}
