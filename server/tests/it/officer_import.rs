//! 業者情報取込, from the upload to the undo.

use serde_json::{Value, json};
use touroku_japanese::clock;
use touroku_proto::officer::import::{MAX_FILE, MAX_PIECE};

use crate::support::{
    client::{ROSTER, TestServer, no_limits},
    engine::is_sqlite,
    import::{counts, deeds, roster, row},
};

/// One additional company, one with another name, and one missing.
const NEXT: &str = "\
業者番号,商号又は名称,郵便番号
990000001,（株）テスト商会０１,030-0801
990000003,（株）新規,030-0803
";

fn files(server: &TestServer) -> usize {
    std::fs::read_dir(server.folder.path().join("touroku.db.imports")).map_or(0, Iterator::count)
}

#[tokio::test]
async fn a_roster_is_uploaded_looked_at_taken_over_and_taken_back() {
    let server = TestServer::start();
    let before = roster(&server, "aomori");
    let mut officer = server.officer("aomori", "hanako", "review");
    let import = officer.upload(&server, NEXT.as_bytes()).await;
    assert_eq!(import["state"], "checked", "{import:#}");
    assert_eq!(counts(&import), [1, 0, 1, 1, 0, 0], "{import:#}");
    assert_eq!((&import["officer"], &import["file_name"]), (&json!("職員"), &json!("名簿.csv")));
    assert_eq!(roster(&server, "aomori"), before, "a dry run changes nothing");
    let id = &import["id"];
    assert_eq!(officer.import_rows(id, "added").await[0]["number"], "990000003");
    assert_eq!(officer.import_rows(id, "missing").await[0]["number"], "990000002");

    let import = officer.taken(&server, id, json!({"remove_missing": true})).await;
    assert_eq!((&import["state"], &import["can_undo"]), (&json!("taken"), &json!(true)), "{import:#}");
    assert_eq!(import["done"], import["size"]);
    assert_eq!(row(&server, "990000003").await.unwrap().name, "（株）新規");
    assert_eq!(row(&server, "990000002").await, None);
    assert_eq!(files(&server), 0, "a file that was taken over is not kept");

    let undone = officer.undo(id).await;
    assert_eq!((undone.code().as_str(), &undone.json()["state"]), ("", &json!("undone")), "{undone:?}");
    assert_eq!(roster(&server, "aomori"), before, "every row is as it was");
    assert_eq!(officer.undo(id).await.code(), "wrong_state");
    let deeds: Vec<String> = deeds(&server, "aomori").into_iter().map(|(_, action)| action).collect();
    assert_eq!(deeds, ["import_begun", "import_taken", "import_undone"]);
}

#[tokio::test]
async fn changed_rows_show_what_differs_and_come_back_at_the_undo() {
    let server = TestServer::start();
    let before = roster(&server, "aomori");
    let mut officer = server.officer("aomori", "hanako", "review");
    let changed = ROSTER.replace("青森市本町２－２", "弘前市元寺町１").replace("abc12345", "abc99999");
    let import = officer.upload(&server, changed.as_bytes()).await;
    assert_eq!(counts(&import), [0, 1, 1, 0, 0, 0], "{import:#}");
    let rows = officer.import_rows(&import["id"], "changed").await;
    assert_eq!(rows[0]["line"], 3);
    let cells = rows[0]["cells"].as_array().unwrap();
    assert_eq!(
        cells[0],
        json!({"column": 4, "title": "住所", "before": "青森市本町２－２", "after": "弘前市元寺町１", "reason": ""})
    );
    assert_eq!(
        (&cells[1]["title"], &cells[1]["before"], &cells[1]["after"]),
        (&json!("パスワード"), &json!(""), &json!(""))
    );
    officer.taken(&server, &import["id"], json!({})).await;
    assert_eq!(row(&server, "990000002").await.unwrap().address, "弘前市元寺町１");
    assert_ne!(roster(&server, "aomori"), before);
    assert_eq!(officer.undo(&import["id"]).await.code(), "");
    assert_eq!(roster(&server, "aomori"), before);
    let again = officer.upload(&server, ROSTER.as_bytes()).await;
    assert_eq!(counts(&again), [0, 0, 2, 0, 0, 0], "the same password changes nothing: {again:#}");
    assert_eq!(
        again["found"]["columns"][10],
        json!({"title": "パスワード", "field": "パスワード", "sample": ""})
    );
}

#[tokio::test]
async fn an_upload_goes_on_where_it_was_cut_off_even_in_a_new_server() {
    let server = TestServer::start();
    let mut first = server.officer("aomori", "hanako", "review");
    let bytes = NEXT.as_bytes();
    let id = first.begin_import("C:\\名簿\\roster.csv", bytes.len()).await.json()["id"].clone();
    assert_eq!(first.piece(&id, 0, &bytes[..10]).await.json()["received"], 10);
    for (offset, piece) in [(0, &bytes[..10]), (11, &bytes[11..]), (4, &bytes[4..40])] {
        let reply = first.piece(&id, offset, piece).await;
        assert_eq!((reply.code().as_str(), &reply.json()["received"]), ("", &json!(10)), "{reply:?}");
    }
    let beyond = first.piece(&id, 10, &[bytes, b"x"].concat()).await;
    assert_eq!(beyond.code(), "payload_too_large");

    let server = server.restart();
    let mut again = server.client();
    again.cookie.clone_from(&first.cookie);
    touroku_server::officer::import::resume(&server.app).await.unwrap();
    let view = again.get(&format!("/api/officer/imports/{id}")).await.json();
    assert_eq!((&view["state"], &view["received"]), (&json!("uploading"), &json!(10)));
    assert_eq!(view["file_name"], "roster.csv");
    again.piece(&id, 10, &bytes[10..]).await;
    let view = again.import_after(&server, &id).await;
    assert_eq!(counts(&view), [1, 0, 1, 1, 0, 0], "{view:#}");
    // Sent once more, because the answer was lost.
    assert_eq!(again.piece(&id, 10, &bytes[10..]).await.json()["state"], "checked");
}

#[tokio::test]
async fn an_agency_has_one_import_at_a_time() {
    let server = TestServer::start_with(no_limits(), "");
    let mut one = server.officer("aomori", "hanako", "review");
    let mut other = server.officer("aomori", "taro", "manage");
    let id = one.begin_import("a.csv", 10).await.json()["id"].clone();
    assert_eq!(other.begin_import("b.csv", 10).await.code(), "import_running");
    let cancelled = other.send("DELETE", &format!("/api/officer/imports/{id}"), Value::Null).await;
    assert_eq!(cancelled.json()["state"], "cancelled", "{cancelled:?}");
    assert_eq!(one.piece(&id, 0, b"0123456789").await.json()["state"], "cancelled");
    assert_eq!(one.begin_import("c.csv", 10).await.code(), "");
    let list = other.get("/api/officer/imports").await.json();
    let states: Vec<&str> = list.as_array().unwrap().iter().filter_map(|i| i["state"].as_str()).collect();
    assert_eq!(states, ["uploading", "cancelled"]);
    let all = deeds(&server, "aomori");
    assert!(all.contains(&("taro".into(), "import_cancelled".into())), "{all:?}");
}

#[tokio::test]
async fn of_two_officers_who_take_over_at_once_one_wins() {
    let server = TestServer::start();
    let mut one = server.officer("aomori", "hanako", "review");
    let mut other = server.officer("aomori", "taro", "review");
    let id = one.upload(&server, NEXT.as_bytes()).await["id"].clone();
    let (first, second) = tokio::join!(one.take(&id, json!({})), other.take(&id, json!({})));
    let mut codes = [first.code(), second.code()];
    codes.sort();
    assert_eq!(codes, ["", "wrong_state"]);
    assert_eq!(one.import_after(&server, &id).await["state"], "taken");
    assert_eq!(deeds(&server, "aomori").iter().filter(|(_, action)| action == "import_taken").count(), 1);
}

#[tokio::test]
async fn only_a_reviewer_imports_and_a_viewer_looks() {
    let server = TestServer::start();
    let mut viewer = server.officer("aomori", "view", "view");
    let mut reviewer = server.officer("aomori", "hanako", "review");
    let id = reviewer.upload(&server, NEXT.as_bytes()).await["id"].clone();
    assert_eq!(viewer.begin_import("a.csv", 1).await.code(), "forbidden");
    assert_eq!(viewer.take(&id, json!({})).await.code(), "forbidden");
    assert_eq!(viewer.undo(&id).await.code(), "forbidden");
    assert_eq!(viewer.piece(&id, 0, b"x").await.code(), "forbidden");
    assert_eq!(viewer.import_rows(&id, "added").await.len(), 1);
    assert_eq!(server.client().get("/api/officer/imports").await.code(), "session_missing");
}

#[tokio::test]
async fn another_agencys_import_is_not_there() {
    let server = TestServer::start();
    let mut ours = server.officer("aomori", "hanako", "review");
    let mut theirs = server.officer("shimonoseki", "jiro", "manage");
    let id = ours.upload(&server, NEXT.as_bytes()).await["id"].clone();
    let base = format!("/api/officer/imports/{id}");
    for reply in [
        theirs.get(&base).await,
        theirs.get(&format!("{base}/fields")).await,
        theirs.get(&format!("{base}/rows?kind=added")).await,
        theirs.send("DELETE", &base, Value::Null).await,
        theirs.piece(&id, 0, b"x").await,
        theirs.post(&format!("{base}/columns"), json!({"fields": []})).await,
        theirs.take(&id, json!({})).await,
        theirs.undo(&id).await,
    ] {
        assert_eq!(reply.code(), "not_found", "{reply:?}");
    }
    assert_eq!(theirs.get("/api/officer/imports").await.json(), json!([]));
    assert_eq!(ours.get(&base).await.json()["state"], "checked");
}

#[tokio::test]
async fn a_file_that_is_too_large_is_refused_before_a_byte_is_sent() {
    let server = TestServer::start();
    let mut officer = server.officer("aomori", "hanako", "review");
    assert_eq!(officer.begin_import("big.csv", 2 << 30).await.code(), "payload_too_large");
    let limit = usize::try_from(MAX_FILE).unwrap();
    assert_eq!(officer.begin_import("big.csv", limit + 1).await.code(), "payload_too_large");
    let id = officer.begin_import("big.csv", limit).await.json()["id"].clone();
    assert_eq!(officer.piece(&id, 0, &vec![b'x'; MAX_PIECE + 1]).await.code(), "payload_too_large");
    assert_eq!(officer.piece(&id, 0, &vec![b'x'; MAX_PIECE]).await.json()["received"], MAX_PIECE);
    let headers = [("origin", crate::support::client::ORIGIN), ("content-type", "text/csv")];
    let path = format!("/api/officer/imports/{id}/bytes?offset=0");
    assert_eq!(officer.raw("PUT", &path, &headers, "x").await.code(), "unsupported_media_type");
}

#[tokio::test]
async fn an_abandoned_upload_is_tidied_after_a_day() {
    let server = TestServer::start();
    let mut officer = server.officer("aomori", "hanako", "review");
    let id = officer.begin_import("a.csv", 100).await.json()["id"].clone();
    officer.piece(&id, 0, b"abc").await;
    server.wait(86_400_000 - 1);
    touroku_server::officer::import::tidy(&server.app).await.unwrap();
    assert_eq!(
        (officer.get(&format!("/api/officer/imports/{id}")).await.json()["state"].clone(), files(&server)),
        // On PostgreSQL the pieces are in the database.
        (json!("uploading"), usize::from(is_sqlite()))
    );
    server.wait(1);
    touroku_server::officer::import::tidy(&server.app).await.unwrap();
    let view = officer.get(&format!("/api/officer/imports/{id}")).await.json();
    assert_eq!((&view["state"], files(&server)), (&json!("cancelled"), 0), "{view:#}");
    assert_eq!(server.value("SELECT state FROM import"), "cancelled");
    assert_eq!(server.value("SELECT count(*) FROM import_piece"), "0");
}

#[tokio::test]
async fn a_large_roster_is_in_the_list_of_companies_at_once_and_out_of_it_after_the_undo() {
    let server = TestServer::start();
    let before = roster(&server, "aomori");
    let mut officer = server.officer("aomori", "hanako", "review");
    let mut file = "業者番号,商号又は名称,商号又は名称カナ\n".to_owned();
    for index in 0..2_000 {
        file += &format!("{:09},大きな社{index},オオキナシャ\n", 100_000_000 + index);
    }
    let import = officer.upload(&server, file.as_bytes()).await;
    assert_eq!(import["found"]["added"], 2_000, "{import:#}");
    // Consistent: every row has its entry in every index and its place in the list, and every place its row.
    let listed = || {
        let is_whole = if is_sqlite() { server.value("PRAGMA integrity_check") } else { "ok".to_owned() };
        (is_whole, server.value("SELECT count(*) FROM roster_place WHERE agency = 'aomori'"))
    };
    officer.taken(&server, &import["id"], json!({})).await;
    server.app.imports.wait();
    assert_eq!(listed(), ("ok".to_owned(), "2002".to_owned()));
    let page = server
        .client()
        .get("/api/agencies/aomori/companies?query=%E5%A4%A7%E3%81%8D%E3%81%AA%E7%A4%BE1999")
        .await;
    assert!(page.json().to_string().contains("100001999"), "{page:?}");
    assert_eq!(officer.undo(&import["id"]).await.code(), "");
    server.app.imports.wait();
    assert_eq!(listed(), ("ok".to_owned(), "2".to_owned()));
    assert_eq!(roster(&server, "aomori"), before);
}

#[tokio::test]
async fn a_company_is_found_only_where_it_is_qualified_and_by_the_name_of_its_branch() {
    let server = TestServer::start_with(no_limits(), "");
    let mut officer = server.officer("aomori", "hanako", "review");
    let file = "業者番号,商号又は名称,区分,委任先名称,委任先住所\n\
                990000001,（株）テスト商会０１,物品,見本支店,弘前市\n";
    let id = officer.upload(&server, file.as_bytes()).await["id"].clone();
    officer.taken(&server, &id, json!({})).await;
    for (category, code) in [("works", "number_not_found"), ("goods", "")] {
        let mut client = server.client();
        client.post("/api/session", json!({"agency": "aomori", "category": category})).await;
        client.login(&server.card(7), "register").await;
        assert_eq!(
            client.search("990000001", "（株）テスト商会０１見本支店").await.code(),
            code,
            "{category}"
        );
    }
    let mut client = server.client();
    client.post("/api/session", json!({"agency": "aomori", "category": "goods"})).await;
    client.login(&server.card(7), "register").await;
    assert_eq!(client.search("990000001", "（株）テスト商会０１他支店").await.code(), "name_mismatch");
    assert_eq!(client.search("990000001", "（株）テスト商会０１").await.code(), "", "as letters name it");
    let found = client.search("990000001", "株式会社テスト商会０１見本支店").await.json();
    let values = found.to_string();
    assert!(values.contains("弘前市") && values.contains("商会０１見本支店"), "{found:#}");
}

#[tokio::test]
async fn who_is_not_qualified_today_is_told_the_day_and_what_is_registered_stays_usable() {
    let server = TestServer::start();
    let card = server.card(7);
    server.client().registered(&card).await;
    let days = [-1, 0, 1].map(|days| clock::date(server.app.outside.now() + days * clock::DAY));
    let [yesterday, today, tomorrow] = &days;
    let search = async |from: &str, until: &str| {
        server.import(&format!(
            "業者番号,商号又は名称,認定日,有効期限\n990000001,（株）テスト商会０１,{from},{until}\n"
        ));
        let mut client = server.client();
        client.begin().await;
        client.login(&server.card(8), "register").await;
        let wrong = client.search("990000001", "（株）ちがう").await.code();
        assert_eq!(wrong, "name_mismatch", "its days are told only to who knows the name");
        let reply = client.search("990000001", "（株）テスト商会０１").await;
        (reply.code(), reply.json()["until"].clone())
    };
    let of = |code: &str, day| (code.to_owned(), day);
    assert_eq!(search(tomorrow, "").await, of("qualification_not_begun", json!(tomorrow)));
    assert_eq!(search(today, today).await, of("", Value::Null));
    assert_eq!(search("", yesterday).await, of("qualification_expired", json!(yesterday)));

    let mut client = server.client();
    client.log_in(&card, "bid").await;
    client.log_in(&card, "change").await;
    let mut officer = server.officer("aomori", "hanako", "view");
    let page = officer.get("/api/officer/companies/990000001").await.json();
    assert_eq!(page["validity"], json!({"kind": "expired", "until": yesterday}));
}
