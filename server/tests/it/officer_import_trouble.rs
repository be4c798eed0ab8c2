//! 業者情報取込 when something goes wrong: files of every kind, crashes, a roster that changes meanwhile.

use serde_json::{Value, json};
use touroku_server::{
    officer::import::{resume, tidy},
    roster::{RosterFile, import},
};

use crate::support::{
    client::{ROSTER, TestServer},
    engine::exclusively,
    import::{deeds, roster, row},
};

const NEXT: &str = "業者番号,商号又は名称\n990000001,（株）テスト商会０１\n990000003,（株）新規\n";

fn problem(import: &Value) -> &str {
    import["problem"].as_str().unwrap()
}

/// Leaves the import as a killed server would.
fn leave_in(server: &TestServer, state: &str) {
    server.by_hand(&format!("UPDATE import SET state = '{state}', done = 5"));
}

fn import_by_command(server: &TestServer, text: &str) {
    let path = server.folder.path().join("other.csv");
    std::fs::write(&path, text).unwrap();
    let profile = server.app.agencies.profile("aomori").unwrap();
    exclusively(server.folder.path(), |database| {
        let mut file = RosterFile::open(&path, profile).unwrap();
        assert!(import(database, &mut file, profile, false, server.app.post()).unwrap().taken);
    });
}

#[tokio::test]
async fn files_that_are_no_roster_say_what_they_seem_to_be_and_leave_nothing() {
    let server = TestServer::start();
    let before = roster(&server, "aomori");
    let mut officer = server.officer("aomori", "hanako", "review");
    let utf16: Vec<u8> = "業者番号,名称\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let wide = format!("業者番号,商号又は名称{}\n", ",x".repeat(10_000));
    let long = format!("業者番号,商号又は名称,{}\n", "x".repeat(70_000));
    for (bytes, word) in [
        (b"PK\x03\x04\x14\x00\x06\x00whatever".to_vec(), "Excel"),
        (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1".to_vec(), "Excel"),
        (b"%PDF-1.7\n".to_vec(), "PDF"),
        (b"<html><table>".to_vec(), "HTML"),
        ([b"\xFF\xFE".to_vec(), utf16.clone()].concat(), "UTF-16"),
        (utf16, "UTF-16"),
        (b"\n".to_vec(), "見出し"),
        ("業者番号,商号又は名称\n".into(), "見出しだけ"),
        ("業者番号,商号又は名称\n,\n\n".into(), "見出しだけ"),
        (wide.into_bytes(), "列が多すぎます"),
        (long.into_bytes(), "1行目が長すぎます"),
        ("業者番号,\"商号又は名称\n1,x\n".into(), "引用符"),
        ("業者番号,登録番号,商号又は名称\n1,1,x\n".into(), "同じ項目"),
        ("業者番号,商号又は名称\u{0}\n1,x\n".into(), "NUL"),
    ] {
        let import = officer.upload(&server, &bytes).await;
        assert!(problem(&import).contains(word), "{word}: {import:#}");
        assert!(problem(&import).ends_with('。'), "{import:#}");
        let id = &import["id"];
        if import["state"] == "failed" {
            assert_eq!(officer.take(id, json!({})).await.code(), "wrong_state");
        } else {
            assert_eq!(officer.take(id, json!({})).await.code(), "import_columns");
            officer.send("DELETE", &format!("/api/officer/imports/{id}"), Value::Null).await;
        }
    }
    let empty = officer.begin_import("a.csv", 0).await.json();
    assert!(empty["state"] == "failed" && problem(&empty).contains("空"), "{empty:#}");
    assert_eq!(roster(&server, "aomori"), before);
    tidy(&server.app).await.unwrap();
    assert_eq!(std::fs::read_dir(server.folder.path().join("touroku.db.imports")).unwrap().count(), 0);
}

#[tokio::test]
async fn rows_of_every_trouble_are_named_and_the_others_read() {
    let server = TestServer::start();
    let mut officer = server.officer("aomori", "hanako", "review");
    let mut bytes = "業者番号,商号又は名称\n".as_bytes().to_vec();
    let lines: [(&[u8], &str); 8] = [
        (b"990000011,\x93\xFA\x96\x7B\n", "「日本」"),
        ("990000012,外\u{E123}字\n".as_bytes(), "外字（U+E123）"),
        ("990000013,\"閉じない\n".as_bytes(), "引用符"),
        ("990000014,ヌ\u{0}ル\n".as_bytes(), "U+0000"),
        (b"990000015\n", "空です"),
        ("990000016,社,余り\n".as_bytes(), "列の数"),
        ("99000001あ,全角\n".as_bytes(), "業者番号"),
        ("990000019,\u{200F}右\n".as_bytes(), "U+200F"),
    ];
    for (line, _) in lines {
        bytes.extend(line);
    }
    bytes.extend(format!("990000020,{}\n", "あ".repeat(30_000)).into_bytes());
    bytes.extend(format!("990000021{}\n", ",".repeat(10_000)).into_bytes());
    bytes.extend("990000022,よい社".as_bytes());
    let import = officer.upload(&server, &bytes).await;
    assert_eq!((&import["found"]["wrong"], &import["found"]["added"]), (&json!(10), &json!(1)), "{import:#}");
    let rows = officer.import_rows(&import["id"], "wrong").await;
    for (index, (row, (_, word))) in rows.iter().zip(lines).enumerate() {
        assert_eq!(row["line"], index + 2);
        assert!(row["cells"][0]["reason"].as_str().unwrap().contains(word), "{word}: {row:#}");
    }
    assert_eq!(rows[0]["number"], "990000011", "the number is read before the cell that is not");
    assert!(rows[8]["cells"][0]["reason"].as_str().unwrap().contains("行が長すぎます"));
    assert!(rows[9]["cells"][0]["reason"].as_str().unwrap().contains("列が多すぎます"));
}

#[tokio::test]
async fn cp932_and_tabs_are_read_and_its_private_characters_named() {
    let server = TestServer::start();
    let mut officer = server.officer("aomori", "hanako", "review");
    let (cp932, _, _) =
        encoding_rs::SHIFT_JIS.encode("業者番号\t商号又は名称\n990000003\t㈱髙﨑\n990000004\t");
    let bytes = [&cp932, &b"\xF0\x40\x8E\xD0\n"[..]].concat();
    let import = officer.upload(&server, &bytes).await;
    let found = &import["found"];
    assert_eq!((&found["encoding"], &found["separator"]), (&json!("CP932"), &json!("タブ")), "{import:#}");
    assert_eq!((&found["added"], &found["wrong"]), (&json!(1), &json!(1)));
    let rows = officer.import_rows(&import["id"], "wrong").await;
    assert!(rows[0]["cells"][0]["reason"].as_str().unwrap().contains("外字（U+E000）"), "{rows:#?}");
    officer.send("DELETE", &format!("/api/officer/imports/{}", import["id"]), Value::Null).await;

    // A header without Japanese does not determine the encoding: the first row that has some does.
    let (cp932, _, _) = encoding_rs::SHIFT_JIS.encode("code,name\n990000003,A\n990000004,日本\n");
    let import = officer.upload(&server, &cp932).await;
    assert_eq!(import["found"]["encoding"], "CP932", "{import:#}");
}

#[tokio::test]
async fn a_dry_run_that_a_crash_cut_off_begins_anew() {
    let server = TestServer::start();
    let mut client = server.officer("aomori", "hanako", "review");
    let id = client.upload(&server, NEXT.as_bytes()).await["id"].clone();
    leave_in(&server, "checking");
    server.by_hand("DELETE FROM import_row WHERE kind = 'missing'");
    let server = server.restart();
    let mut again = server.client();
    again.cookie.clone_from(&client.cookie);
    resume(&server.app).await.unwrap();
    let import = again.import_after(&server, &id).await;
    assert_eq!((&import["state"], &import["found"]["missing"]), (&json!("checked"), &json!(1)), "{import:#}");
    assert_eq!(again.import_rows(&id, "added").await.len(), 1);
    assert_eq!(again.import_rows(&id, "missing").await.len(), 1);
    assert_eq!(again.taken(&server, &id, json!({})).await["state"], "taken");
}

#[tokio::test]
async fn a_take_over_that_a_crash_cut_off_did_nothing_and_waits_again() {
    let server = TestServer::start();
    let before = roster(&server, "aomori");
    let mut client = server.officer("aomori", "hanako", "review");
    let id = client.upload(&server, NEXT.as_bytes()).await["id"].clone();
    leave_in(&server, "taking");
    let server = server.restart();
    let mut again = server.client();
    again.cookie.clone_from(&client.cookie);
    resume(&server.app).await.unwrap();
    assert_eq!(again.import_after(&server, &id).await["state"], "checked");
    assert_eq!(roster(&server, "aomori"), before);
    assert_eq!(again.taken(&server, &id, json!({})).await["state"], "taken");
}

#[tokio::test]
async fn what_lost_its_file_fails_with_a_word_and_lets_the_next_begin() {
    let server = TestServer::start();
    let mut client = server.officer("aomori", "hanako", "review");
    client.upload(&server, NEXT.as_bytes()).await;
    std::fs::remove_dir_all(server.folder.path().join("touroku.db.imports")).unwrap();
    let server = server.restart();
    let mut again = server.client();
    again.cookie.clone_from(&client.cookie);
    resume(&server.app).await.unwrap();
    let list = again.get("/api/officer/imports").await.json();
    assert_eq!(list[0]["state"], "checked", "the file may be another server's: {list:#}");
    server.by_hand("UPDATE import SET touched_at = 0");
    resume(&server.app).await.unwrap();
    server.app.imports.wait();
    let list = again.get("/api/officer/imports").await.json();
    assert!(list[0]["state"] == "failed" && problem(&list[0]).contains("もう一度"), "{list:#}");
    assert_eq!(again.upload(&server, NEXT.as_bytes()).await["state"], "checked");
}

#[tokio::test]
async fn a_take_over_that_fails_in_the_middle_leaves_the_roster_as_it_was() {
    let server = TestServer::start();
    let before = roster(&server, "aomori");
    let mut officer = server.officer("aomori", "hanako", "review");
    let file = ROSTER.replace("本町２", "本町３") + "990000007,七社,,,,,,,,,,\n990000009,九社,,,,,,,,,,\n";
    let id = officer.upload(&server, file.as_bytes()).await["id"].clone();
    // As a full disk would.
    server.refuse("BEFORE INSERT ON roster_row", "NEW.number = '990000009'");
    let import = officer.taken(&server, &id, json!({"remove_missing": true})).await;
    assert!(import["state"] == "failed" && problem(&import).contains("元のまま"), "{import:#}");
    assert_eq!(roster(&server, "aomori"), before);
    assert!(!deeds(&server, "aomori").iter().any(|(_, action)| action == "import_taken"));
}

#[tokio::test]
async fn a_roster_that_changed_since_the_dry_run_is_compared_anew() {
    let server = TestServer::start();
    let mut officer = server.officer("aomori", "hanako", "review");
    let id = officer.upload(&server, NEXT.as_bytes()).await["id"].clone();
    import_by_command(&server, "業者番号,商号又は名称\n990000003,先に来た社\n");
    assert_eq!(officer.take(&id, json!({})).await.code(), "stale");
    let import = officer.import_after(&server, &id).await;
    assert_eq!(
        (&import["found"]["added"], &import["found"]["changed"]),
        (&json!(0), &json!(1)),
        "{import:#}"
    );
    let rows = officer.import_rows(&id, "changed").await;
    assert_eq!(rows[0]["cells"][0]["before"], "先に来た社");
    assert_eq!(officer.taken(&server, &id, json!({})).await["state"], "taken");
}

#[tokio::test]
async fn an_import_is_not_undone_once_one_of_its_companies_registered() {
    let server = TestServer::start();
    server.by_hand("DELETE FROM roster_row WHERE number = '990000001'");
    let mut officer = server.officer("aomori", "hanako", "review");
    let id = officer.upload(&server, ROSTER.as_bytes()).await["id"].clone();
    assert_eq!(officer.taken(&server, &id, json!({})).await["can_undo"], true);
    server.client().registered(&server.card(1)).await;
    let before = roster(&server, "aomori");
    assert_eq!(officer.undo(&id).await.code(), "stale");
    assert_eq!(roster(&server, "aomori"), before);
}

#[tokio::test]
async fn a_missing_company_that_registered_stays_suspended_and_the_undo_lifts_that() {
    let server = TestServer::start();
    let card = server.card(1);
    server.client().registered(&card).await;
    let mut officer = server.officer("aomori", "hanako", "review");
    let before = roster(&server, "aomori");
    let import = officer.upload(&server, "業者番号,商号又は名称\n990000003,新規\n".as_bytes()).await;
    let id = &import["id"];
    let rows = officer.import_rows(id, "missing").await;
    assert!(rows[0]["cells"][0]["reason"].as_str().unwrap().contains("停止します"), "{rows:#?}");
    assert_eq!(rows[1]["cells"], json!([]));
    officer.taken(&server, id, json!({"remove_missing": true})).await;
    assert!(row(&server, "990000001").await.is_some());
    assert_eq!(row(&server, "990000002").await, None);
    let mut contractor = server.client();
    contractor.begin().await;
    assert_eq!(contractor.login(&card, "bid").await.code(), "company_suspended");
    assert!(deeds(&server, "aomori").contains(&("hanako".into(), "company_suspended".into())));
    assert_eq!(officer.undo(id).await.code(), "");
    assert_eq!(roster(&server, "aomori"), before);
    assert_eq!(contractor.login(&card, "bid").await.code(), "");
}

#[tokio::test]
async fn only_the_last_change_of_the_roster_is_undone() {
    let server = TestServer::start();
    let mut officer = server.officer("aomori", "hanako", "review");
    let first = officer.upload(&server, NEXT.as_bytes()).await["id"].clone();
    officer.taken(&server, &first, json!({})).await;
    let second = officer.upload(&server, ROSTER.as_bytes()).await["id"].clone();
    officer.taken(&server, &second, json!({})).await;
    let view = officer.get(&format!("/api/officer/imports/{first}")).await.json();
    assert_eq!(view["can_undo"], false);
    assert_eq!(officer.undo(&first).await.code(), "stale");
    import_by_command(&server, "業者番号,商号又は名称\n990000003,変えた社\n");
    assert_eq!(officer.undo(&second).await.code(), "stale");
    assert_eq!(row(&server, "990000003").await.unwrap().name, "変えた社");
}

#[tokio::test]
async fn a_company_that_somebody_is_registering_and_that_goes_is_searched_again() {
    let server = TestServer::start();
    let mut contractor = server.client();
    assert_eq!(contractor.reach_form(&server.card(1)).await.code(), "");
    let mut officer = server.officer("aomori", "hanako", "review");
    let only_other =
        ROSTER.lines().filter(|line| !line.starts_with("990000001")).collect::<Vec<_>>().join("\n");
    let id = officer.upload(&server, only_other.as_bytes()).await["id"].clone();
    officer.taken(&server, &id, json!({"remove_missing": true})).await;
    let session = contractor.get("/api/session").await;
    assert_eq!((session.code().as_str(), &session.json()["company"]), ("", &Value::Null), "{session:?}");
}

#[tokio::test]
async fn at_most_ten_thousand_rows_of_a_kind_are_kept_and_all_are_counted() {
    let server = TestServer::start();
    let mut officer = server.officer("aomori", "hanako", "review");
    let mut file = String::from("業者番号,商号又は名称\n");
    for index in 0..10_150 {
        file += &format!("{:09},社{index}\n", 100_000_000 + index);
    }
    let import = officer.upload(&server, file.as_bytes()).await;
    let id = &import["id"];
    assert_eq!(import["found"]["added"], 10_150);
    let mut after = json!(0);
    let mut seen = 0;
    while !after.is_null() {
        let page =
            officer.get(&format!("/api/officer/imports/{id}/rows?kind=added&after={after}")).await.json();
        seen += page["rows"].as_array().unwrap().len();
        after = page["next"].clone();
    }
    assert_eq!(seen, 10_000);
    assert_eq!(
        officer.get(&format!("/api/officer/imports/{id}/rows?kind=other")).await.code(),
        "bad_request"
    );
    officer.taken(&server, id, json!({})).await;
    let count = || server.value("SELECT count(*) FROM roster");
    assert_eq!(count(), "10152");
    assert_eq!(officer.undo(id).await.code(), "");
    assert_eq!(count(), "2");
}

#[tokio::test]
async fn nobody_waits_for_the_rows_of_an_older_dry_run_to_go() {
    let server = TestServer::start();
    let mut officer = server.officer("aomori", "hanako", "review");
    let rows = || server.value("SELECT count(*) FROM import_row");
    let id = officer.upload(&server, NEXT.as_bytes()).await["id"].clone();
    officer.taken(&server, &id, json!({})).await;
    tidy(&server.app).await.unwrap();
    server.app.imports.wait();
    assert_ne!(rows(), "0", "they are shown until the next one begins");
    server.refuse("BEFORE DELETE ON import_row", "TRUE");
    let second = officer.begin_import("b.csv", 10).await;
    assert_eq!(second.code(), "");
    let cancel = format!("/api/officer/imports/{}", second.json()["id"]);
    assert_eq!(officer.send("DELETE", &cancel, Value::Null).await.code(), "");
    server.app.imports.wait();
    server.refuse_no_more("import_row");
    tidy(&server.app).await.unwrap();
    server.app.imports.wait();
    assert_eq!(rows(), "0");
}

#[tokio::test]
async fn a_failure_that_can_not_be_noted_is_noted_when_there_is_room() {
    let server = TestServer::start();
    let mut officer = server.officer("aomori", "hanako", "review");
    // As a full disk would.
    server.refuse("BEFORE UPDATE ON import", "NEW.state = 'failed'");
    let file = b"%PDF-1.7\n";
    let id = officer.begin_import("a.csv", file.len()).await.json()["id"].clone();
    officer.piece(&id, 0, file).await;
    server.refuse_no_more("import");
    assert_eq!(officer.import_after(&server, &id).await["state"], "failed");
    assert_eq!(officer.begin_import("b.csv", 10).await.code(), "");
}
