//! A database of an earlier version, with its contents.

use std::path::Path;

use rusqlite::Connection;
use serde_json::json;
use touroku_server::{jobs::revocation::check_cards, officer::company::index};

use crate::support::{
    client::{Client, TestServer, no_limits},
    engine::is_sqlite,
};

const AGENCY: &str = "aomori";

/// The schema before names were indexed by agency and officers were notified of revoked cards.
const EARLIER: [&str; 7] = [
    include_str!("../../src/store/migrations/001_registration.sql"),
    include_str!("../../src/store/migrations/002_functions.sql"),
    include_str!("../../src/store/migrations/003_around.sql"),
    include_str!("../../src/store/migrations/004_trust.sql"),
    include_str!("../../src/store/migrations/005_officer.sql"),
    include_str!("../../src/store/migrations/006_import.sql"),
    include_str!("../../src/store/migrations/007_review.sql"),
];

/// Puts a database of the earlier version in place of a closed one, with everything it could hold of it.
pub(crate) fn back_to_the_earlier_version(folder: &Path) {
    let (path, later) = (folder.join("touroku.db"), folder.join("later.db"));
    std::fs::rename(&path, &later).unwrap();
    let database = Connection::open(&path).unwrap();
    database.execute_batch("PRAGMA foreign_keys = OFF").unwrap();
    EARLIER.iter().for_each(|step| database.execute_batch(step).unwrap());
    database.pragma_update(None, "user_version", 7).unwrap();
    database.execute("ATTACH DATABASE ? AS later", [later.to_str().unwrap()]).unwrap();
    let words = |sql: &str| -> Vec<String> {
        let mut statement = database.prepare(sql).unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
    };
    let tables = "SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name NOT LIKE 'name_index%' \
         AND name NOT LIKE 'sqlite_%' AND name IN (SELECT name FROM later.sqlite_schema)";
    for table in words(tables) {
        let columns = words(&format!(
            "SELECT name FROM pragma_table_info('{table}', 'main') WHERE name IN \
             (SELECT name FROM pragma_table_info('{table}', 'later'))"
        ));
        let columns = columns.join(", ");
        let copy =
            format!("INSERT OR REPLACE INTO main.{table} ({columns}) SELECT {columns} FROM later.{table}");
        database.execute(&copy, []).unwrap();
    }
    // All names were indexed, by terms of another kind; the holder of one card was recorded, that of the other not
    // yet.
    database
        .execute_batch(
            "INSERT INTO name_index (rowid, grams) SELECT id, 'earlier' FROM name_key; DELETE FROM name_due; \
             DELETE FROM card_holder WHERE card = 2; UPDATE card_holder SET holder = 'noted earlier';",
        )
        .unwrap();
}

async fn found(officer: &mut Client, query: &str) -> Vec<String> {
    let query: String = query.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let page = officer.get(&format!("/api/officer/companies?query={query}")).await.json();
    let companies = page["companies"].as_array().unwrap_or_else(|| panic!("{page:#}"));
    companies.iter().map(|company| company["number"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn plain_letters_of_an_earlier_database_are_told_from_issued_numbers() {
    if !is_sqlite() {
        return;
    }
    let server = TestServer::start();
    let mut officer = server.officer(AGENCY, "hanako", "review");
    let letters = json!({"companies": ["990000001"], "by_mail": false});
    officer.post("/api/officer/numbers", letters).await;
    server.by_hand(
        "INSERT INTO issued_number (agency, number, plain, hash, issued_at) \
         VALUES ('aomori', '990000002', FALSE, x'00', 1)",
    );
    server.app.store.close();
    back_to_the_earlier_version(server.folder.path());
    let server = server.restart();
    assert_eq!(server.rows("SELECT number FROM issued_number WHERE plain"), [["990000001"]]);
    assert_eq!(server.rows("SELECT number FROM issued_number WHERE NOT plain"), [["990000002"]]);
}

#[tokio::test]
async fn an_earlier_database_keeps_what_it_knew_and_old_revocations_are_no_news() {
    if !is_sqlite() {
        return;
    }
    let profile = "[mail] => [mail]\u{1}officers = [\"a@city.example.jp\"]";
    let server = TestServer::start_with(no_limits(), profile);
    for serial in [7, 8] {
        server.client().registered(&server.card(serial)).await;
    }
    index::catch_up(&server.app).await.unwrap();
    let revoke = |server: &TestServer, revoked: &[u32]| {
        std::fs::write(server.folder.path().join("root.crl"), server.root.crl(revoked)).unwrap();
    };
    revoke(&server, &[7]);
    let server = server.restart();
    assert_eq!(check_cards(&server.app).await.unwrap().newly_revoked, 1);
    server.take_mails().await;

    server.app.store.close();
    back_to_the_earlier_version(server.folder.path());
    let server = server.restart();
    let mut officer = server.officer(AGENCY, "sato", "view");
    // Before the index was rebuilt, and after.
    for companies in [2, 0] {
        assert_eq!(found(&mut officer, "テスト").await, ["990000001"]);
        assert_eq!(found(&mut officer, "高崎").await, ["990000002"]);
        assert_eq!(index::catch_up(&server.app).await.unwrap(), companies);
    }
    let database = Connection::open(server.folder.path().join("touroku.db")).unwrap();
    let count = |sql: &str| database.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(count("SELECT count(*) FROM name_index WHERE name_index MATCH 'earlier'"), 0);
    assert_eq!(count("SELECT count(*) FROM card_holder"), 2);
    assert_eq!(count("SELECT count(*) FROM holder_due"), 0);
    let confirmed = "SELECT count(*) FROM mail_address WHERE confirmed_at IS NOT NULL";
    assert_eq!(count(confirmed), 2, "whoever got mails goes on getting them");

    let checked = check_cards(&server.app).await.unwrap();
    assert_eq!((checked.cards, checked.newly_revoked), (2, 0));
    assert_eq!(server.take_mails().await, [], "nobody is told of it again");
    revoke(&server, &[7, 8]);
    assert_eq!(check_cards(&server.app).await.unwrap().newly_revoked, 1);
    let mails = server.take_mails().await;
    let told: Vec<&str> =
        mails.iter().filter(|(to, ..)| to == "a@city.example.jp").map(|mail| mail.1.as_str()).collect();
    assert!(told.len() == 1 && told[0].contains("1枚"), "{told:?}");
}
