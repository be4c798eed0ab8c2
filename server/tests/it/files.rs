//! `[[export]]`: files for systems that only read files.

use std::{fs, path::PathBuf};

use serde_json::json;
use touroku_server::{
    agency::parse_profile,
    jobs::{files, tidy::tidy},
    metrics,
};

use crate::support::client::{TestServer, edited, no_limits, sample};

const AGENCY: &str = "aomori";
const DAY: i64 = 86_400_000;

const NIGHTLY: &str = r#"[[export]]
code = "list"
name = "入札システム用一覧"
when = "nightly"
format = "cp932"
line_ends = "lf"
columns = [
  { value = "企業ID", title = "KIGYO_ID" },
  { value = "業者番号", title = "GYOSHA_NO" },
  { value = "商号又は名称" },
  { value = "証明書シリアル番号（16進）" },
  { value = "代表窓口：連絡先氏名" },
]
"#;

const EACH: &str = r#"[[export]]
code = "events"
name = "出来事"
when = "each"
bom = false
header = false
quotes = "all"
columns = [{ value = "出来事の番号" }, { value = "出来事" }, { value = "業者番号" }, { value = "企業ID" }]
"#;

/// The sample profile with these files before its first table of that name.
fn with(files: &str) -> String {
    format!("[mail.registered] => {}[mail.registered]", files.replace('\n', "\u{1}"))
}

fn server(files: &str) -> TestServer {
    TestServer::start_at(AGENCY, no_limits(), &with(files))
}

/// As a server that has just started.
async fn write(server: &TestServer) -> usize {
    files::write(&server.app, &mut None).await
}

/// The files of one `[[export]]`, by name.
fn written(server: &TestServer, code: &str) -> Vec<(String, Vec<u8>)> {
    let folder: PathBuf = server.folder.path().join("files").join(AGENCY).join(code);
    let mut files: Vec<_> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), fs::read(&path).unwrap()))
        .collect();
    files.sort();
    files
}

/// For how many seconds each file could not be written, as metrics say.
async fn late(server: &TestServer) -> Vec<(String, u64)> {
    let text = metrics::text(&server.app).await.unwrap();
    let lines = text
        .lines()
        .filter_map(|line| line.strip_prefix("touroku_file_late_seconds{agency=\"aomori\",file=\""));
    let mut files: Vec<_> = lines
        .map(|line| {
            line.split_once("\"} ").map(|(file, late)| (file.to_owned(), late.parse().unwrap())).unwrap()
        })
        .collect();
    files.sort();
    files
}

#[tokio::test]
async fn every_night_all_registered_companies_are_written_as_the_agency_wants_them() {
    let server = server(NIGHTLY);
    let card = server.card(27);
    server.client().registered(&card).await;
    assert_eq!(write(&server).await, 1);
    let found = written(&server, "list");
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].0.starts_with("list-20") && found[0].0.ends_with(".csv"), "{}", found[0].0);
    let (text, _, failed) = encoding_rs::SHIFT_JIS.decode(&found[0].1);
    assert!(!failed);
    assert_eq!(
        text,
        "KIGYO_ID,GYOSHA_NO,商号又は名称,証明書シリアル番号（16進）,代表窓口：連絡先氏名\n\
         9992100000000001,990000001,（株）テスト商会０１,1B,連絡花子\n"
    );
    assert_eq!(write(&server).await, 0, "once a day");
    server.wait(DAY);
    assert_eq!(write(&server).await, 1);
    assert_eq!(written(&server, "list").len(), 2);
    // Back on the day before, as after a clock that was ahead.
    server.wait(-DAY);
    assert_eq!(write(&server).await, 1);
    assert_eq!(written(&server, "list").len(), 2, "under the same name");
}

#[tokio::test]
async fn what_happens_is_written_in_order_from_the_first_look_on() {
    let server = server(EACH);
    let card = server.card(7);
    server.client().registered(&card).await;
    assert_eq!(write(&server).await, 0, "what was before is in a list");
    let mut client = server.client();
    let session = client.log_in(&card, "change").await;
    let values = edited(&session, &[("representative_contact_person", "変更太郎")]);
    assert_eq!(client.change("c-1", &session["company"]["revision"], values).await.code(), "");
    let mut officer = server.officer(AGENCY, "sato", "review");
    let stop = officer.post("/api/officer/companies/990000001/suspend", json!({"reason": "指名停止"})).await;
    assert_eq!(stop.code(), "", "{stop:?}");
    assert_eq!(write(&server).await, 2);
    let found = written(&server, "events");
    let kinds: Vec<String> = found
        .iter()
        .map(|(name, bytes)| {
            let id = name.trim_start_matches("events-").trim_end_matches(".csv").trim_start_matches('0');
            let text = String::from_utf8(bytes.clone()).unwrap();
            let rest = text.strip_prefix(&format!("\"{id}\",")).unwrap_or_else(|| panic!("{name}: {text}"));
            rest.strip_suffix(",\"990000001\",\"9992100000000001\"\r\n").unwrap().to_owned()
        })
        .collect();
    assert_eq!(kinds, ["\"registration.changed\"", "\"registration.suspended\""]);
    assert_eq!(write(&server).await, 0);
}

#[tokio::test]
async fn a_file_that_cannot_be_written_holds_up_no_other_and_comes_when_it_can() {
    let server = server(&format!("{NIGHTLY}{EACH}"));
    server.client().registered(&server.card(7)).await;
    assert_eq!(write(&server).await, 1);
    server.wait(DAY);
    let folder = server.folder.path().join("files").join(AGENCY);
    fs::remove_dir_all(folder.join("list")).unwrap();
    fs::write(folder.join("list"), "in its place").unwrap();
    let mut officer = server.officer(AGENCY, "sato", "review");
    officer.post("/api/officer/companies/990000001/suspend", json!({"reason": "指名停止"})).await;
    assert_eq!(write(&server).await, 1, "of the other kind");
    server.wait(90_000);
    assert_eq!(late(&server).await, [("events".to_owned(), 0), ("list".to_owned(), 90)]);
    fs::remove_file(folder.join("list")).unwrap();
    assert_eq!(write(&server).await, 1);
    assert_eq!(late(&server).await, [("events".to_owned(), 0), ("list".to_owned(), 0)]);
    assert_eq!(written(&server, "list").len(), 1);
}

#[tokio::test]
async fn what_was_written_before_an_event_that_cannot_be_does_not_come_again() {
    let server = server(EACH);
    assert_eq!(write(&server).await, 0);
    server.client().registered(&server.card(7)).await;
    server.client().registered(&server.card(8)).await;
    let after = server.value("SELECT max(id) FROM event WHERE kind = 'card_registered'");
    let folder = server.folder.path().join("files").join(AGENCY).join("events");
    let second = folder.join(format!("events-{:012}.csv", after.parse::<i64>().unwrap()));
    fs::create_dir_all(second.join("in its place")).unwrap();
    assert_eq!(write(&server).await, 0);
    let first = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
    let first: Vec<PathBuf> = first.filter(|path| path.is_file()).collect();
    assert_eq!(first.len(), 1, "{first:?}");
    fs::remove_file(&first[0]).unwrap();
    write(&server).await;
    assert!(!first[0].exists(), "its reader has it");
    fs::remove_dir_all(&second).unwrap();
    assert_eq!(write(&server).await, 1);
}

#[tokio::test]
async fn old_files_go_even_where_no_new_one_can_be_written() {
    let server = server(NIGHTLY);
    assert_eq!(write(&server).await, 1);
    let folder = server.folder.path().join("files").join(AGENCY);
    tidy(&server.app).await.unwrap();
    let at = |days_ago: i64| {
        let now = server.app.outside.now() - days_ago * DAY;
        std::time::UNIX_EPOCH + std::time::Duration::from_millis(now.unsigned_abs())
    };
    let path = folder.join("list").join(&written(&server, "list")[0].0);
    for (path, goes) in
        [(path, true), (folder.join("gone/gone-20200101.csv"), true), (folder.join("list/mine.csv"), false)]
    {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let file = fs::File::create(&path).unwrap();
        file.set_modified(at(31)).unwrap();
        server.wait(DAY);
        write(&server).await;
        assert_eq!(!path.exists(), goes, "{}", path.display());
        tidy(&server.app).await.unwrap();
    }
    let new = folder.join("list/list-20991231.csv");
    fs::File::create(&new).unwrap().set_modified(at(1)).unwrap();
    server.wait(400 * DAY);
    write(&server).await;
    assert!(new.exists(), "taken by a clock that is a year ahead");
}

#[tokio::test]
async fn officers_write_what_they_found_in_the_same_form() {
    let server = server(NIGHTLY);
    server.client().registered(&server.card(7)).await;
    let mut officer = server.officer(AGENCY, "sato", "view");
    let session = officer.get("/api/officer/session").await.json();
    assert_eq!(session["files"], json!([{"code": "list", "name": "入札システム用一覧"}]));
    let reply = officer.get("/api/officer/export?filter=electronic&file=list").await;
    assert!(reply.header("content-disposition").contains("list-"), "{reply:?}");
    let (text, ..) = encoding_rs::SHIFT_JIS.decode(&reply.body);
    assert!(
        text.starts_with("KIGYO_ID,GYOSHA_NO,") && text.contains("\n9992100000000001,990000001,"),
        "{text}"
    );
    assert_eq!(officer.get("/api/officer/export?file=nothing").await.code(), "not_found");
    let audit = server.value("SELECT detail FROM audit WHERE action = 'companies_exported'");
    assert!(audit.contains("list"), "{audit}");
}

#[test]
fn a_column_that_does_not_exist_is_found_before_any_night() {
    let whole = sample(AGENCY);
    let text = |files: &str| whole.replacen("[mail.registered]", &format!("{files}[mail.registered]"), 1);
    assert!(parse_profile(&text(&format!("{NIGHTLY}{EACH}"))).is_ok());
    for (find, replace, wanted) in [
        ("value = \"業者番号\"", "value = \"業者ばんごう\"", "という列はありません"),
        ("value = \"業者番号\"", "value = \"出来事\"", "のファイルだけに書けます"),
        ("code = \"list\"", "code = \"List 1\"", "半角の英小文字"),
        ("format = \"cp932\"", "format = \"xlsx\"\nheader = false", "見出しを省けません"),
        ("when = \"nightly\"", "when = \"weekly\"", "nightly"),
    ] {
        let mistakes = parse_profile(&text(&NIGHTLY.replacen(find, replace, 1))).unwrap_err();
        assert!(format!("{mistakes:?}").contains(wanted), "{replace}: {mistakes:?}");
    }
}
