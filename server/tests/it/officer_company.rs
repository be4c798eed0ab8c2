//! 照会 and export, as officers do them.

use std::io::Cursor;

use calamine::{Reader as _, Xlsx};
use encoding_rs::SHIFT_JIS;
use serde_json::{Value, json};
use touroku_server::{officer::company::index, store::RosterRow};

use crate::support::client::{Client, TestServer, edited};

const AGENCY: &str = "aomori";

async fn find(officer: &mut Client, query: &str, more: &str) -> Value {
    let query: String = query.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let reply = officer.get(&format!("/api/officer/companies?query={query}{more}")).await;
    assert_eq!(reply.code(), "", "{reply:?}");
    reply.json()
}

async fn numbers(officer: &mut Client, query: &str, more: &str) -> Vec<String> {
    let found = find(officer, query, more).await;
    let companies = found["companies"].as_array().unwrap();
    companies.iter().map(|company| company["number"].as_str().unwrap().to_owned()).collect()
}

async fn add(server: &TestServer, rows: &[(&str, &str, &str)]) {
    let rows: Vec<RosterRow> = rows
        .iter()
        .map(|&(number, name, kana)| RosterRow {
            number: number.into(),
            name: name.into(),
            kana: kana.into(),
            ..RosterRow::default()
        })
        .collect();
    let write = server
        .app
        .store
        .write(move |writer| rows.iter().try_for_each(|row| writer.take_over(AGENCY, row, 0).map(drop)));
    write.await.unwrap();
}

#[tokio::test]
async fn a_company_is_found_by_whatever_the_words_fit() {
    let server = TestServer::start();
    add(
        &server,
        &[
            ("000000012", "湊", "ミナト"),
            ("000000345", "有限会社ＡＢＣ＋東雲（北）", "エービーシーシノノメ"),
            ("000000346", "３Ｍ９９商会", "サンエム"),
        ],
    )
    .await;
    let card = server.card(4711);
    let mut client = server.client();
    client.registered(&card).await;
    let mut officer = server.officer(AGENCY, "sato", "view");
    // Before indexing, and after.
    for indexed in [false, true] {
        if indexed {
            assert!(index::catch_up(&server.app).await.unwrap() > 0);
        }
        for (query, expected) in [
            ("990000001", &["990000001"][..]),
            ("　９９００００００１ ", &["990000001"]),
            ("99000", &["990000001", "990000002"]),
            ("9992100000000001", &["990000001"]),
            ("4711", &["990000001"]),
            ("Representative@EXAMPLE.jp", &["990000001"]),
            ("card@example.jp", &["990000001"]),
            ("nobody@example.jp", &[]),
            ("連絡花子", &["990000001"]),
            ("試験　太郎", &["990000001"]),
            ("花子", &[]),
            ("017-000-0001", &["990000001"]),
            ("0170000001", &["990000001"]),
            ("０１７（０００）０００１", &["990000001"]),
            ("017000000", &[]),
            ("株式会社高崎建設", &["990000002"]),
            ("高崎", &["990000002"]),
            ("建", &["990000002"]),
            ("㈱テスト", &["990000001"]),
            ("ﾃｽﾄ", &["990000001"]),
            ("湊", &["000000012"]),
            ("みなと", &["000000012"]),
            ("ナト", &["000000012"]),
            ("abc+東", &["000000345"]),
            ("東雲(北", &["000000345"]),
            ("シノノメ", &["000000345"]),
            ("会社高", &["990000002"]),
            ("高会", &[]),
            ("99", &["990000001", "990000002", "000000346"]),
            ("\" OR *", &[]),
            ("NEAR(", &[]),
        ] {
            let mut found = numbers(&mut officer, query, "").await;
            let mut expected: Vec<String> = expected.iter().map(|&number| number.to_owned()).collect();
            found.sort();
            expected.sort();
            assert_eq!(found, expected, "{query} indexed {indexed}");
        }
    }
    let one = find(&mut officer, "990000001", "").await["companies"][0].clone();
    assert_eq!(
        (&one["company_id"], &one["cards"], &one["suspended"]),
        (&json!("9992100000000001"), &json!(1), &json!(false))
    );
    assert!(one["expires_unix_ms"].is_i64(), "known from the registration on: {one}");
    for bad in
        [format!("query={}", "a".repeat(101)), "filter=dog".into(), "after=x".into(), "after=name.x".into()]
    {
        let reply = officer.get(&format!("/api/officer/companies?{bad}")).await;
        assert_eq!(reply.code(), "bad_request", "{bad}");
    }
}

#[tokio::test]
async fn a_name_that_changed_is_found_by_the_new_one_only() {
    let server = TestServer::start().with_agency("shimonoseki");
    index::catch_up(&server.app).await.unwrap();
    let mut officer = server.officer(AGENCY, "sato", "view");
    let mut elsewhere = server.officer("shimonoseki", "suzuki", "view");
    add(&server, &[("990000002", "青葉測量", "アオバ")]).await;
    for indexing in [true, false] {
        assert_eq!(numbers(&mut officer, "高崎", "").await, [""; 0]);
        assert_eq!(numbers(&mut officer, "青葉", "").await, ["990000002"]);
        // Only a search by name in that roster may miss one.
        assert_eq!(find(&mut officer, "青葉", "").await["indexing"], indexing);
        assert_eq!(find(&mut officer, "", "").await["indexing"], false);
        assert_eq!(find(&mut officer, "nobody@example.jp", "").await["indexing"], false);
        assert_eq!(find(&mut elsewhere, "青葉", "").await["indexing"], false);
        index::catch_up(&server.app).await.unwrap();
    }
    assert_eq!(index::catch_up(&server.app).await.unwrap(), 0);
}

#[tokio::test]
async fn pages_hold_each_company_once_however_it_is_found() {
    let server = TestServer::start();
    let many: Vec<(String, String)> =
        (0..130).map(|index| (format!("5{index:08}"), format!("架空{index}商会"))).collect();
    let rows: Vec<(&str, &str, &str)> =
        many.iter().map(|(number, name)| (number.as_str(), name.as_str(), "カクウ")).collect();
    add(&server, &rows).await;
    let mut officer = server.officer(AGENCY, "sato", "view");
    for step in 0..3 {
        match step {
            0 => {}
            1 => drop(index::catch_up(&server.app).await.unwrap()),
            // Some waiting, some indexed.
            _ => {
                add(&server, &[("500000007", "架空改商会", "カクウ"), ("600000000", "架空新商会", "カクウ")])
                    .await;
            }
        }
        for (query, more, count) in [
            ("架空", "", 130),
            ("5000", "", 130),
            ("5000", "&filter=paper", 130),
            ("架空", "&filter=electronic", 0),
            ("", "", 132),
            ("", "&filter=paper", 132),
        ] {
            let count = count + usize::from(step == 2 && query != "5000" && more != "&filter=electronic");
            let (mut seen, mut after) = (Vec::new(), String::new());
            loop {
                let page = find(&mut officer, query, &format!("{more}&after={after}")).await;
                let companies = page["companies"].as_array().unwrap();
                assert!(companies.len() <= 50);
                seen.extend(companies.iter().map(|company| company["number"].as_str().unwrap().to_owned()));
                let Some(next) = page["next"].as_str() else { break };
                after = next.to_owned();
            }
            assert_eq!(seen.len(), count, "{query} {more} {step}");
            seen.sort();
            seen.dedup();
            assert_eq!(seen.len(), count, "{query} {more} {step}: nothing twice");
        }
    }
}

#[tokio::test]
async fn filters_let_pass_what_they_say() {
    let server = TestServer::start();
    let card = server.card(7);
    let mut client = server.client();
    client.registered(&card).await;
    let mut officer = server.officer(AGENCY, "sato", "review");
    let passing = async |officer: &mut Client, filter: &str| {
        let without = numbers(officer, "", &format!("&filter={filter}")).await;
        let with = numbers(officer, "テスト", &format!("&filter={filter}")).await;
        let by_number = numbers(officer, "990000001", &format!("&filter={filter}")).await;
        let other = numbers(officer, "青葉", &format!("&filter={filter}")).await;
        assert!(other.is_empty(), "{filter}");
        assert_eq!(with, by_number, "{filter}");
        (without, with)
    };
    let first = || (vec!["990000001".to_owned()], vec!["990000001".to_owned()]);
    let nobody = (Vec::new(), Vec::new());
    assert_eq!(passing(&mut officer, "electronic").await, first());
    assert_eq!(passing(&mut officer, "paper").await, (vec!["990000002".into()], vec![]));
    for filter in ["suspended", "bounced", "revoked", "expiring"] {
        assert_eq!(passing(&mut officer, filter).await, nobody, "{filter}");
    }
    // The card's holder is 電子太郎 or somebody else; the roster's 代表者 is not.
    assert_eq!(passing(&mut officer, "former_representative").await, first());
    let holder = officer.get("/api/officer/companies/990000001").await.json()["cards"][0]["holder"].clone();
    let holder = holder.as_str().unwrap().to_owned();
    let write = server.app.store.write(move |writer| {
        let mut row = writer.roster_row(AGENCY, "990000001")?.unwrap();
        row.representative_name = holder;
        writer.take_over(AGENCY, &row, 0).map(drop)
    });
    write.await.unwrap();
    assert_eq!(passing(&mut officer, "former_representative").await, nobody);

    let reason = json!({"reason": "理由"});
    officer.post("/api/officer/companies/990000001/suspend", reason).await;
    assert_eq!(passing(&mut officer, "suspended").await, first());
    let mails = server.app.store.read(|reader| reader.due_mails(i64::MAX, 10)).await.unwrap();
    let refused = mails[0].id;
    server.app.store.write(move |writer| writer.mail_refused(refused, "RCPT 550 5.1.1", 0)).await.unwrap();
    assert_eq!(passing(&mut officer, "bounced").await, first());
    server.app.store.write(|writer| writer.note_revoked(1, 0)).await.unwrap();
    assert_eq!(passing(&mut officer, "revoked").await, first());
    let detail = officer.get("/api/officer/companies/990000001").await.json();
    assert_eq!(detail["cards"][0]["state"], "revoked");
    let expiry = detail["cards"][0]["expires_unix_ms"].as_i64().unwrap();
    let now = server.app.outside.now();
    server.wait(expiry - now - 89 * 86_400_000);
    assert_eq!(passing(&mut officer, "expiring").await, first());
    server.wait(90 * 86_400_000);
    assert_eq!(passing(&mut officer, "expiring").await, nobody, "it has expired");
}

#[tokio::test]
async fn a_company_page_tells_all_and_that_it_was_looked_at_is_recorded() {
    let server = TestServer::start();
    let (old, new) = (server.card(7), server.card(8));
    let mut client = server.client();
    client.registered(&old).await;
    let session = client.log_in(&old, "change").await;
    let values = edited(&session, &[("card_contact_person", "変更花子")]);
    server.wait(1000);
    assert_eq!(client.change("c-1", &session["company"]["revision"], values).await.code(), "");
    client.log_in(&old, "renew_old").await;
    assert_eq!(client.login(&new, "renew_new").await.code(), "");
    server.wait(1000);
    assert_eq!(client.post("/api/renewal", json!({"submission": "r-1"})).await.code(), "");
    let mut officer = server.officer(AGENCY, "sato", "view");
    let detail = officer.get("/api/officer/companies/990000001").await.json();
    let states: Vec<&Value> = detail["cards"].as_array().unwrap().iter().map(|card| &card["state"]).collect();
    assert_eq!(states, ["active", "replaced"]);
    let labels = |of: &Value| -> Vec<(String, String)> {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        of.as_array().unwrap().iter().map(|one| (text(&one["label"]), text(&one["value"]))).collect()
    };
    assert!(labels(&detail["roster"]).contains(&("代表者氏名".into(), "試験太郎".into())), "{detail:#}");
    assert!(
        labels(&detail["cards"][0]["contacts"]).iter().any(|(_, value)| value == "変更花子"),
        "{detail:#}"
    );
    assert!(labels(&detail["contacts"]).iter().any(|(_, value)| value == "representative@example.jp"));
    let told: Vec<&str> = detail["timeline"]["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["text"].as_str().unwrap())
        .collect();
    assert_eq!(
        told,
        [
            "新しいICカードに切り替えられました（証明書シリアル番号 8）",
            "ICカードが新しいICカードに切り替えられました（証明書シリアル番号 7）",
            "登録内容が変更されました（証明書シリアル番号 7）",
            "ICカードが登録されました（証明書シリアル番号 7）",
            "未登録のICカードで、資格審査情報が検索されました（証明書シリアル番号 7、ICカード企業名称 Test Shokai、取得者 Taro Test、発行者 CN=Root CA,O=Test Shokai,C=JP）"
        ]
    );
    assert!(detail["mails"].as_array().unwrap().len() >= 3, "{detail:#}");
    assert_eq!(detail["mails"][0]["state"], "queued");
    assert!(detail["registered_unix_ms"].is_i64());
    assert_eq!(server.audit(AGENCY), [("sato".into(), "company_viewed".into(), "990000001".into())]);
    let paper = officer.get("/api/officer/companies/990000002").await.json();
    assert_eq!((&paper["company_id"], &paper["cards"]), (&json!(""), &json!([])));
    assert_eq!(officer.get("/api/officer/companies/1").await.code(), "not_found");
    assert_eq!(server.audit(AGENCY).len(), 2, "what is not there was not looked at");
}

#[tokio::test]
async fn another_agencys_officer_reaches_nothing() {
    let server = TestServer::start().with_agency("shimonoseki");
    server.client().registered(&server.card(7)).await;
    index::catch_up(&server.app).await.unwrap();
    let mut other = server.officer("shimonoseki", "sato", "manage");
    for query in ["990000001", "9992100000000001", "7", "テスト", "card@example.jp", ""] {
        assert_eq!(numbers(&mut other, query, "").await, [""; 0], "{query}");
    }
    for path in [
        "companies/990000001",
        "companies/990000001/suspend",
        "companies/990000001/lift",
        "cards/1/suspend",
        "cards/1/lift",
    ] {
        let reply = match path {
            "companies/990000001" => other.get("/api/officer/companies/990000001").await,
            _ => other.post(&format!("/api/officer/{path}"), json!({"reason": "理由"})).await,
        };
        assert_eq!(reply.code(), "not_found", "{path}");
    }
    let export = other.get("/api/officer/export").await;
    assert_eq!(String::from_utf8(export.body).unwrap().lines().count(), 1, "the header only");
    assert!(server.audit(AGENCY).is_empty());
}

#[tokio::test]
async fn an_export_is_a_csv_that_spreadsheets_open_and_no_formula() {
    let server = TestServer::start();
    add(&server, &[("000000001", "=1+1,\"x\"", ""), ("000000002", "𠮷野 髙﨑", "")]).await;
    let more: Vec<(String, String)> =
        (0..2500).map(|index| (format!("7{index:08}"), format!("架空{index}"))).collect();
    let rows: Vec<(&str, &str, &str)> =
        more.iter().map(|(number, name)| (number.as_str(), name.as_str(), "")).collect();
    add(&server, &rows).await;
    server.client().registered(&server.card(7)).await;
    let mut officer = server.officer(AGENCY, "sato", "view");

    let utf8 = officer.get("/api/officer/export").await;
    assert_eq!(utf8.header("content-type"), "text/csv; charset=utf-8");
    let name = utf8.header("content-disposition");
    assert!(
        name.starts_with("attachment; filename=\"companies-20") && name.ends_with("-utf-8.csv\""),
        "{name}"
    );
    let text = String::from_utf8(utf8.body).unwrap();
    assert!(text.starts_with("\u{FEFF}業者番号,"), "{}", &text[..60]);
    let lines: Vec<&str> = text.split("\r\n").collect();
    assert_eq!(lines.len(), 1 + 2504 + 1, "a header, the companies, and the end of the last line");
    assert!(lines[1].starts_with("000000001,\"'=1+1,\"\"x\"\"\","), "{}", lines[1]);
    let registered = lines.iter().find(|line| line.starts_with("990000001")).unwrap();
    assert!(registered.contains("電子入札業者,9992100000000001,20"), "{registered}");

    let cp932 = officer.get("/api/officer/export?format=cp932&filter=paper").await;
    assert_eq!(cp932.header("content-type"), "text/csv; charset=Shift_JIS");
    let (text, _, failed) = SHIFT_JIS.decode(&cp932.body);
    assert!(!failed);
    assert!(text.contains("〓野 髙﨑"), "{}", text.lines().nth(2).unwrap());
    assert!(text.trim_end().ends_with("〓に置き換えました: 1字"));
    assert!(!text.contains("\r\n990000001"), "it is no 紙入札業者");

    for bad in ["format=ebcdic", "parts=dog", "filter=dog"] {
        assert_eq!(officer.get(&format!("/api/officer/export?{bad}")).await.code(), "bad_request");
    }
    // Exactly what a search finds, and nothing twice.
    let found = officer.get("/api/officer/export?query=990000001").await;
    let text = String::from_utf8(found.body).unwrap();
    assert_eq!(text.lines().count(), 2, "{text}");
    assert!(text.lines().nth(1).unwrap().starts_with("990000001,"));
    let exports: Vec<String> = server.audit(AGENCY).into_iter().map(|entry| entry.1).collect();
    assert_eq!(exports, ["companies_exported"; 3]);
}

#[tokio::test]
async fn an_export_has_the_columns_that_were_chosen_and_a_row_for_each_card() {
    let server = TestServer::start();
    add(&server, &[("000000001", "=1+1", "")]).await;
    let mut client = server.client();
    client.registered(&server.card(7)).await;
    let mut officer = server.officer(AGENCY, "sato", "view");

    let plain = officer.get("/api/officer/export?format=xlsx").await;
    let name = plain.header("content-disposition");
    assert!(name.ends_with(".xlsx\""), "{name}");
    let rows = cells(&plain.body);
    assert_eq!(rows.len(), 1 + 3, "{rows:?}");
    // As text: with its zeros, and no formula.
    assert_eq!(rows[1][..2], ["000000001", "=1+1"]);

    let suspend = json!({"reason": "指名停止のため", "period": {"from": null, "until": "2099-03-31"}});
    let mut reviewer = server.officer(AGENCY, "hanako", "review");
    assert_eq!(reviewer.post("/api/officer/companies/000000001/suspend", suspend).await.code(), "");
    let all = "parts=timeline,cards,contact,card_contact&format=xlsx";
    let chosen = cells(&officer.get(&format!("/api/officer/export?{all}")).await.body);
    assert!(chosen[0].len() > rows[0].len() + 12, "{:?}", chosen[0]);
    let column = |title: &str| {
        let found = chosen[0].iter().position(|cell| cell == title);
        found.unwrap_or_else(|| panic!("{title}: {:?}", chosen[0]))
    };
    let row = chosen.iter().find(|row| row[0] == "990000001").unwrap();
    let value = |title: &str| row[column(title)].as_str();
    assert_eq!((value("証明書シリアル番号"), value("ICカードの状態")), ("7", "使用中"));
    assert!(value("経過").contains("ICカードが登録されました"), "{}", value("経過"));
    assert_eq!(value("代表窓口：連絡先メールアドレス"), "representative@example.jp");
    assert_eq!(value("ICカード利用部署：連絡先メールアドレス"), "card@example.jp");
    let other = chosen.iter().find(|row| row[0] == "000000001").unwrap();
    assert_eq!(other.get(column("証明書シリアル番号")).map_or("", String::as_str), "");
    let suspended = [other[column("利用停止の理由")].as_str(), &other[column("利用停止の期間")]];
    assert_eq!((suspended, other[column("法人番号")].as_str()), (["指名停止のため", "～2099-03-31"], ""));
}

/// The cells of a workbook's first sheet.
fn cells(book: &[u8]) -> Vec<Vec<String>> {
    let mut book = Xlsx::new(Cursor::new(book)).unwrap();
    let sheet = book.worksheet_range_at(0).unwrap().unwrap();
    sheet.rows().map(|row| row.iter().map(ToString::to_string).collect()).collect()
}
