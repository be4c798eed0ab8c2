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

use crate::support::{client::TestServer, officer::Officer};

const DAY: i64 = 86_400_000;

/// Exit status and output.
fn verify(server: &TestServer, more: &[&str]) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_touroku-server"));
    command.current_dir(server.folder.path()).args(["audit", "verify", "--agency", "aomori"]).args(more);
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
    assert_ne!(verify(&server, &[]).1, "");
    tend(&server.app).await;
    let told = server.take_mails().await;
    assert!(told.iter().any(|mail| mail.1.contains("印の鍵が、前と変わりました")), "it does, but not unseen");
}

#[tokio::test]
async fn the_officers_get_the_end_every_week_and_a_file_is_compared_with_it() {
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

    let forged = head.to_line().replace(&head.hash, &"0".repeat(64));
    std::fs::write(server.folder.path().join("touroku.key"), "07".repeat(32)).unwrap();
    let (status, said) = verify(&server, &["--file", "export.jsonl", "--head", &forged]);
    assert!(status == 1 && said.contains("印が、記録と合いません"), "{said}");
    let (status, said) = verify(&server, &["--file", "export.jsonl", "--head", "hello"]);
    assert!(status == 1 && said.contains("touroku-audit-head"), "{said}");
}

#[tokio::test]
async fn another_key_is_told_to_all_officers_and_recorded() {
    let (server, manager) = started().await;
    database(&server).execute("UPDATE audit_head SET seal_key = '00000000'", []).unwrap();
    tend(&server.app).await;
    let mails = server.take_mails().await;
    let address = format!("{}@officers.example.jp", manager.login_id);
    assert!(
        mails.iter().any(|(to, subject, _)| *to == address && subject.contains("鍵が、前と")),
        "{mails:?}"
    );
    assert_eq!(server.audit("aomori").last().unwrap().1, "audit_resealed");
    let (status, said) = verify(&server, &[]);
    assert!(status == 0 && said.contains("このサーバーの鍵によるものです"), "{said}");
}
