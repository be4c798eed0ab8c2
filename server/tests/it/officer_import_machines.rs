//! 業者情報取込 at two servers that share a PostgreSQL and no folder.

use std::sync::Arc;

use serde_json::{Value, json};
use touroku_server::{app::App, http::router, officer::import};

use crate::support::{
    client::{Client, TestServer},
    engine::is_sqlite,
    import::{counts, row},
};

/// One company with another postal code, and one that is new.
const NEXT: &str = "\
業者番号,商号又は名称,郵便番号
990000001,（株）テスト商会０１,030-9999
990000003,（株）新規,030-0803
";

/// Sends the officer's next requests to that server.
fn go_to(officer: &mut Client, app: &Arc<App>) {
    officer.router = router(Arc::clone(app));
}

/// Two servers on one PostgreSQL, and an officer at the first one. `None`: the tests run on SQLite.
fn machines() -> Option<(TestServer, Arc<App>, Client)> {
    if is_sqlite() {
        return None;
    }
    let server = TestServer::start();
    let (other, officer) = (server.on_another_machine(), server.officer("aomori", "hanako", "review"));
    Some((server, other, officer))
}

/// Uploads half of the file to one server and half to the other one, which checks it.
async fn uploaded(officer: &mut Client, one: &Arc<App>, other: &Arc<App>) -> (Value, Value) {
    let (first, second) = NEXT.as_bytes().split_at(40);
    go_to(officer, one);
    let id = officer.begin_import("名簿.csv", NEXT.len()).await.json()["id"].clone();
    assert_eq!(officer.piece(&id, 0, first).await.json()["received"], 40);
    go_to(officer, other);
    assert_eq!(officer.piece(&id, 40, second).await.code(), "");
    other.imports.wait();
    let checked = officer.get(&format!("/api/officer/imports/{id}")).await.json();
    (id, checked)
}

#[tokio::test]
async fn any_server_takes_any_piece_and_any_takes_over_what_another_one_checked() {
    let Some((server, other, mut officer)) = machines() else { return };
    let (id, checked) = uploaded(&mut officer, &server.app, &other).await;
    assert_eq!(checked["state"], "checked", "{checked:#}");
    assert_eq!(counts(&checked), [1, 1, 0, 1, 0, 0], "{checked:#}");

    go_to(&mut officer, &server.app);
    let taken = officer.taken(&server, &id, json!({"remove_missing": false})).await;
    assert_eq!(taken["state"], "taken", "{taken:#}");
    assert_eq!(row(&server, "990000003").await.unwrap().name, "（株）新規");
    for app in [&server.app, &other] {
        import::tidy(app).await.unwrap();
    }
    assert_eq!(server.value("SELECT count(*) FROM import_piece"), "0");
    let left = std::fs::read_dir(server.folder.path().join("another-machine/touroku.db.imports")).unwrap();
    assert_eq!(left.count(), 0, "a roster stays on the machine that checked it");
}

#[tokio::test]
async fn what_is_taken_over_is_what_was_checked_last_wherever_that_was() {
    let Some((server, other, mut officer)) = machines() else { return };
    let before = row(&server, "990000001").await.unwrap().postal_code;
    let (id, checked) = uploaded(&mut officer, &other, &server.app).await;
    assert_eq!(counts(&checked), [1, 1, 0, 1, 0, 0], "{checked:#}");
    // The other server leaves the postal codes out.
    go_to(&mut officer, &other);
    let map = json!({"fields": ["業者番号", "商号又は名称", ""]});
    let mapped = officer.post(&format!("/api/officer/imports/{id}/columns"), map).await;
    assert_eq!(mapped.code(), "", "{mapped:?}");
    other.imports.wait();
    let checked = officer.get(&format!("/api/officer/imports/{id}")).await.json();
    assert_eq!(counts(&checked)[1], 0, "{checked:#}");

    go_to(&mut officer, &server.app);
    let taken = officer.taken(&server, &id, json!({"remove_missing": false})).await;
    assert_eq!(taken["state"], "taken", "{taken:#}");
    assert_eq!(row(&server, "990000001").await.unwrap().postal_code, before);
}

#[tokio::test]
async fn what_a_server_that_died_was_checking_is_checked_by_another() {
    let Some((server, other, mut officer)) = machines() else { return };
    let (id, _) = uploaded(&mut officer, &server.app, &other).await;
    server.by_hand("UPDATE import SET state = 'checking', found = NULL, touched_at = 0");
    // Both that are left look for it at the same time.
    let third = server.beside();
    let (one, two) = tokio::join!(import::resume_abandoned(&server.app), import::resume_abandoned(&third));
    one.and(two).unwrap();
    third.imports.wait();
    go_to(&mut officer, &server.app);
    let checked = officer.import_after(&server, &id).await;
    assert_eq!(checked["state"], "checked", "{checked:#}");
    assert_eq!(counts(&checked), [1, 1, 0, 1, 0, 0], "{checked:#}");
    assert_eq!(officer.import_rows(&id, "added").await.len(), 1);
}

#[tokio::test]
async fn a_server_that_starts_leaves_alone_what_another_one_is_working_on() {
    let Some((server, other, mut officer)) = machines() else { return };
    let (id, _) = uploaded(&mut officer, &server.app, &other).await;
    for state in ["checking", "taking"] {
        server.by_hand(&format!("UPDATE import SET state = '{state}'"));
        import::resume(&server.app).await.unwrap();
        server.app.imports.wait();
        let path = format!("/api/officer/imports/{id}");
        assert_eq!(officer.get(&path).await.json()["state"], state);
    }
}

#[tokio::test]
async fn a_roster_waits_sealed_and_goes_when_its_import_is_settled() {
    let Some((server, other, mut officer)) = machines() else { return };
    let (id, _) = uploaded(&mut officer, &server.app, &other).await;
    let all = server.rows("SELECT encode(bytes, 'hex') FROM import_piece").concat().concat();
    assert!(!all.is_empty() && !all.contains(&hex::encode("（株）")), "{all}");
    // A copy that somebody else left there is not what is taken over.
    let copy = server.folder.path().join(format!("touroku.db.imports/{id}.upload"));
    std::fs::create_dir_all(copy.parent().unwrap()).unwrap();
    std::fs::write(&copy, NEXT.replace("（株）新規", "（株）古い")).unwrap();
    go_to(&mut officer, &server.app);
    let taken = officer.taken(&server, &id, json!({"remove_missing": false})).await;
    assert_eq!(taken["state"], "taken", "{taken:#}");
    assert_eq!(row(&server, "990000003").await.unwrap().name, "（株）新規");
    assert_eq!(server.value("SELECT count(*) FROM import_piece"), "0");
}

#[tokio::test]
async fn an_import_whose_upload_is_nowhere_says_so() {
    let Some((server, other, mut officer)) = machines() else { return };
    let (id, _) = uploaded(&mut officer, &server.app, &other).await;
    server.by_hand("DELETE FROM import_piece");
    go_to(&mut officer, &server.app);
    let failed = officer.taken(&server, &id, json!({"remove_missing": false})).await;
    assert_eq!(failed["state"], "failed", "{failed:#}");
    assert!(failed["problem"].as_str().unwrap().contains("ファイルが残っていません"), "{failed:#}");
}
