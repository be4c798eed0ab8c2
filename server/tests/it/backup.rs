//! Disasters: what is left of the database, and how it comes back.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

use rusqlite::Connection;
use tempfile::TempDir;
use touroku_server::store::{Exclusive, NewMail};

fn run(folder: &TempDir, arguments: &[&str]) -> (i32, String) {
    let Output { status, stdout, stderr } = Command::new(env!("CARGO_BIN_EXE_touroku-server"))
        .current_dir(folder.path())
        .args(arguments)
        .output()
        .unwrap();
    let said = String::from_utf8(stdout).unwrap() + &String::from_utf8(stderr).unwrap();
    (status.code().unwrap(), said)
}

fn queue_mails(database: &mut Exclusive, subject: &str, count: u32) {
    let mail = |number| NewMail {
        message_id: format!("{subject}-{number}@example.jp"),
        sender: "a@example.jp".into(),
        recipient: "b@example.jp".into(),
        subject: subject.into(),
        body: "x".repeat(1000),
        ..NewMail::default()
    };
    database.write(|writer| (0..count).try_for_each(|at| writer.queue_mail("aomori", &mail(at), 0))).unwrap();
}

fn mails(path: &Path) -> Vec<String> {
    let connection = Connection::open(path).unwrap();
    let mut statement = connection.prepare("SELECT DISTINCT subject FROM outbox ORDER BY 1").unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
}

fn sound(path: &Path) -> bool {
    let connection = Connection::open(path).unwrap();
    connection.query_row("PRAGMA integrity_check", [], |row| row.get::<_, String>(0)).unwrap() == "ok"
}

/// A folder with a database that holds mails of `before`, and a copy of it in `copies`.
fn backed_up() -> (TempDir, String) {
    let folder = TempDir::new().unwrap();
    let mut database = Exclusive::open(&folder.path().join("touroku.db")).unwrap();
    queue_mails(&mut database, "before", 50);
    fs::create_dir(folder.path().join("copies")).unwrap();
    let (status, said) = run(&folder, &["backup", "copies"]);
    assert_eq!(status, 0, "{said}");
    let copy = fs::read_dir(folder.path().join("copies")).unwrap().next().unwrap().unwrap();
    let copy = copy.path().to_str().unwrap().to_owned();
    (folder, copy)
}

#[test]
fn a_wal_that_outlived_its_database_does_not_mix_into_what_is_restored() {
    let (folder, copy) = backed_up();
    let path = folder.path().join("touroku.db");
    let mut database = Exclusive::open(&path).unwrap();
    queue_mails(&mut database, "after", 200);
    let wal = fs::read(folder.path().join("touroku.db-wal")).unwrap();
    drop(database);
    fs::remove_file(&path).unwrap();
    fs::write(folder.path().join("touroku.db-wal"), &wal).unwrap();

    let (status, said) = run(&folder, &["restore", &copy]);
    assert_eq!(status, 0, "{said}");
    assert_eq!(mails(&path), ["before"]);
    assert!(sound(&path));
    assert_eq!(fs::read(folder.path().join("touroku.db.before-restore-1-wal")).unwrap(), wal);
}

#[test]
fn a_damaged_database_is_replaced_and_kept_aside() {
    for damage in [&b""[..], b"SQLite format 3\0 and then nothing of the kind", &[0; 8192]] {
        let (folder, copy) = backed_up();
        let path = folder.path().join("touroku.db");
        fs::write(&path, damage).unwrap();
        let (status, said) = run(&folder, &["restore", &copy]);
        assert!(status == 0 && said.contains("before-restore-1"), "{said}");
        assert_eq!(mails(&path), ["before"]);
        assert_eq!(fs::read(folder.path().join("touroku.db.before-restore-1")).unwrap(), damage);
    }
}

#[test]
fn a_database_in_use_is_left_alone_even_when_its_file_was_deleted() {
    let (folder, copy) = backed_up();
    let path = folder.path().join("touroku.db");
    let database = Exclusive::open(&path).unwrap();
    fs::remove_file(&path).unwrap();
    let (status, said) = run(&folder, &["restore", &copy]);
    assert!(status == 1 && said.contains("サーバーを止めて"), "{said}");
    assert!(!path.exists());
    drop(database);
}

#[test]
fn a_restore_that_was_cut_off_keeps_servers_out_until_it_is_done_again() {
    let (folder, copy) = backed_up();
    let path = folder.path().join("touroku.db");
    fs::rename(&path, folder.path().join("touroku.db.restoring")).unwrap();
    let refused = Exclusive::open(&path).map(drop).unwrap_err().to_string();
    assert!(refused.contains("restoreを実行"), "{refused}");
    assert_eq!(run(&folder, &["restore", &copy]).0, 0);
    assert_eq!(mails(&path), ["before"]);
    drop(Exclusive::open(&path).unwrap());
}

#[test]
fn a_backup_can_be_made_every_night_into_the_same_folder() {
    let (folder, copy) = backed_up();
    fs::rename(&copy, folder.path().join("copies/touroku-2026-11-01T000000.db")).unwrap();
    let (status, said) = run(&folder, &["backup", "copies"]);
    assert_eq!(status, 0, "{said}");
    assert_eq!(fs::read_dir(folder.path().join("copies")).unwrap().count(), 2);
}
