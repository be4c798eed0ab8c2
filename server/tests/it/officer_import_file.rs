//! 業者情報取込: what is read in a file, its header and its rows.

use serde_json::{Value, json};

use crate::support::{
    client::{ROSTER, TestServer, no_limits},
    import::{counts, roster, row},
};

#[tokio::test]
async fn wrong_rows_are_named_and_left_out_only_when_that_is_said() {
    let server = TestServer::start();
    let mut officer = server.officer("aomori", "hanako", "review");
    let file = "業者番号,商号又は名称,法人番号\n990000001,（株）テスト商会０１,4011001098994\n990000003,新規,\n\
                990000003,また,\n";
    let import = officer.upload(&server, file.as_bytes()).await;
    assert_eq!(counts(&import), [1, 0, 0, 1, 2, 0], "a company with a wrong row is not missing: {import:#}");
    let id = &import["id"];
    let wrong = officer.import_rows(id, "wrong").await;
    let cell = &wrong[0]["cells"][0];
    assert_eq!((&wrong[0]["line"], &wrong[0]["number"]), (&json!(2), &json!("990000001")));
    assert_eq!(
        (&cell["column"], &cell["title"], &cell["after"]),
        (&json!(3), &json!("法人番号"), &json!("4011001098994"))
    );
    assert!(cell["reason"].as_str().unwrap().contains("検査用数字"));
    assert!(wrong[1]["cells"][0]["reason"].as_str().unwrap().contains("同じ番号が3行"));
    assert_eq!(officer.take(id, json!({})).await.code(), "wrong_state");
    let taken = officer.taken(&server, id, json!({"skip_wrong": true})).await;
    assert_eq!(taken["state"], "taken");
    assert_eq!(row(&server, "990000001").await.unwrap().address, "青森市新町１－１");
    assert_eq!(row(&server, "990000003").await.unwrap().name, "新規");
    assert!(row(&server, "990000002").await.is_some(), "nobody asked to remove it");
}

#[tokio::test]
async fn what_is_strange_but_possible_is_pointed_out() {
    let server = TestServer::start();
    let card = server.card(1);
    server.client().registered(&card).await;
    let mut officer = server.officer("aomori", "hanako", "review");
    let file = "業者番号,商号又は名称,法人番号\n\
                990000001,（株）別の名,\n\
                990000003,㈱吉野,4011001098993\n\
                990000004,株式会社吉野,4011001098993\n\
                990000005,𠮷田商店,\n";
    let import = officer.upload(&server, file.as_bytes()).await;
    assert_eq!(counts(&import), [3, 1, 0, 1, 0, 3], "{import:#}");
    let rows = officer.import_rows(&import["id"], "doubtful").await;
    let reason = |row: usize, cell: usize| rows[row]["cells"][cell]["reason"].as_str().unwrap().to_owned();
    assert!(reason(0, 0).contains("名称が変わります"), "{rows:#?}");
    assert_eq!(rows[0]["cells"][0]["before"], "（株）テスト商会０１");
    assert!(reason(1, 0).contains("3行と同じ名称"), "{rows:#?}");
    assert!(reason(1, 1).contains("3行と同じ法人番号"), "{rows:#?}");
    assert!(reason(2, 0).contains("U+20BB7"), "{rows:#?}");
}

#[tokio::test]
async fn a_header_that_nobody_knows_is_read_as_an_officer_says_and_remembered() {
    let server = TestServer::start();
    let mut officer = server.officer("aomori", "hanako", "review");
    let file = "コード,なまえ,ところ\n990000001,（株）テスト商会０１,八戸市\n";
    let import = officer.upload(&server, file.as_bytes()).await;
    assert_eq!(import["state"], "checked");
    assert!(import["problem"].as_str().unwrap().contains("「コード」"), "{import:#}");
    assert_eq!(
        import["found"]["columns"][1],
        json!({"title": "なまえ", "field": "", "sample": "（株）テスト商会０１"})
    );
    let id = &import["id"];
    assert_eq!(officer.take(id, json!({})).await.code(), "import_columns");
    let fields = officer.get(&format!("/api/officer/imports/{id}/fields")).await.json();
    assert_eq!(fields[0], json!({"name": "業者番号", "required": true}));
    assert!(fields.as_array().unwrap().contains(&json!({"name": "物品の販売", "required": false})));
    let path = format!("/api/officer/imports/{id}/columns");
    for wrong in [
        json!(["業者番号", "商号又は名称"]),
        json!(["業者番号", "業者番号", ""]),
        json!(["業者番号", "", "住所"]),
        json!(["業者番号", "商号又は名称", "何か"]),
    ] {
        assert_eq!(officer.post(&path, json!({"fields": wrong})).await.code(), "import_columns", "{wrong}");
    }
    let mapped = officer.post(&path, json!({"fields": ["業者番号", "商号又は名称", "住所"]})).await;
    assert_eq!(mapped.code(), "", "{mapped:?}");
    let import = officer.import_after(&server, id).await;
    assert_eq!((counts(&import), &import["problem"]), ([0, 1, 0, 1, 0, 0], &json!("")), "{import:#}");
    officer.taken(&server, id, json!({})).await;
    let next = officer.upload(&server, file.replace("八戸", "弘前").as_bytes()).await;
    assert_eq!(counts(&next), [0, 1, 0, 1, 0, 0], "{next:#}");
}

/// Ten companies, with the row of the fourth as given.
fn ten(fourth: &str) -> String {
    let line = |n: u32| match n {
        3 => format!("{fourth}\n"),
        n => format!("9900001{n:02},（株）会社{n:02},\n"),
    };
    format!("業者番号,商号又は名称,法人番号\n{}", (0..10).map(line).collect::<String>())
}

#[tokio::test]
async fn a_company_whose_row_has_a_mistake_is_neither_deleted_nor_suspended() {
    let server = TestServer::start_with(no_limits(), "");
    let mut officer = server.officer("aomori", "hanako", "review");
    let id = officer.upload(&server, ten("990000103,（株）会社03,").as_bytes()).await["id"].clone();
    officer.taken(&server, &id, json!({"remove_missing": true})).await;
    let before = roster(&server, "aomori");
    for broken in [
        // What Excel does to numbers, other damage, and mistakes in other cells.
        "9.9E+08,株式会社会社03,",
        "#N/A,㈱会社０３,",
        "99000010あ,（株）会社03,",
        "990000103,,",
        "990000103,（株）会社03,4011001098994",
        "990000103,\"（株）会社03,",
        "（株）会社03,,,,余り",
    ] {
        let import = officer.upload(&server, ten(broken).as_bytes()).await;
        let found = &import["found"];
        assert_eq!((&found["wrong"], &found["missing"]), (&json!(1), &json!(0)), "{broken}: {import:#}");
        assert_eq!(found["held"], 1, "{broken}: {import:#}");
        officer.taken(&server, &import["id"], json!({"skip_wrong": true, "remove_missing": true})).await;
        assert_eq!(roster(&server, "aomori"), before, "{broken}");
    }
}

#[tokio::test]
async fn while_a_row_may_be_anybodys_nobody_is_missing() {
    let server = TestServer::start();
    let mut officer = server.officer("aomori", "hanako", "review");
    let file = "業者番号,商号又は名称\n9.9E+08,どこにもない会社\n990000003,（株）新規\n";
    let import = officer.upload(&server, file.as_bytes()).await;
    assert_eq!(counts(&import), [1, 0, 0, 0, 1, 0], "{import:#}");
    assert_eq!(
        (&import["found"]["held"], &import["found"]["anybodys"]),
        (&json!(2), &json!(1)),
        "{import:#}"
    );
    let reason = officer.import_rows(&import["id"], "wrong").await[0]["cells"][0]["reason"].clone();
    assert!(reason.as_str().unwrap().contains("指数"), "{reason}");
    officer.taken(&server, &import["id"], json!({"skip_wrong": true, "remove_missing": true})).await;
    assert!(row(&server, "990000001").await.is_some() && row(&server, "990000002").await.is_some());
}

#[tokio::test]
async fn numbers_in_another_width_or_as_excels_formula_are_the_same_numbers() {
    let server = TestServer::start();
    let mut officer = server.officer("aomori", "hanako", "review");
    let file = "業者番号,商号又は名称\n９９００００００１,（株）テスト商会０１\n\"=\"\"990000002\"\"\",（株）テスト商会０２\n";
    let import = officer.upload(&server, file.as_bytes()).await;
    assert_eq!(counts(&import)[3..], [0, 0, 1], "{import:#}");
    let doubts = officer.import_rows(&import["id"], "doubtful").await;
    assert!(doubts[0]["cells"][0]["reason"].as_str().unwrap().contains("数式"), "{doubts:#?}");
}

/// A workbook as Excel writes one: a title above the table, numbers as numbers, a second sheet.
fn workbook() -> Vec<u8> {
    use rust_xlsxwriter::{Format, Workbook};
    let mut workbook = Workbook::new();
    let padded = Format::new().set_num_format("000000000");
    let day = Format::new().set_num_format("yyyy/m/d");
    let sheet = workbook.add_worksheet().set_name("名簿").unwrap();
    sheet.merge_range(0, 0, 0, 3, "令和8年度 有資格業者名簿", &Format::new()).unwrap();
    // Merged over two rows, as titles are.
    for (column, title) in [(0, "業者番号"), (1, "商号又は名称"), (2, "認定日")] {
        sheet.merge_range(2, column, 3, column, title, &Format::new()).unwrap();
    }
    sheet.write_string(3, 3, "住所").unwrap();
    sheet.write_number(4, 0, 990_000_001.0).unwrap();
    sheet.write_string(4, 1, "（株）テスト商会０１").unwrap();
    sheet.write_number_with_format(4, 2, 46_113.0, &day).unwrap();
    sheet.write_string(4, 3, "青森市\n見本町").unwrap();
    sheet.write_string(5, 0, "000000012").unwrap();
    sheet.write_string(5, 1, "（株）文字").unwrap();
    sheet.write_number_with_format(7, 0, 13.0, &padded).unwrap();
    sheet.write_string(7, 1, "（株）表示形式").unwrap();
    let other = workbook.add_worksheet().set_name("控え").unwrap();
    other.write_row(0, 0, ["番号", "名称"]).unwrap();
    other.write_row(1, 0, ["990000009", "（株）控え"]).unwrap();
    workbook.save_to_buffer().unwrap()
}

/// 「委任先」 over two columns, beside titles that go down over both rows and a column of the company's own.
fn with_headings_of_two_rows() -> Vec<u8> {
    use rust_xlsxwriter::{Format, Workbook};
    let (mut workbook, format) = (Workbook::new(), Format::new());
    let sheet = workbook.add_worksheet();
    sheet.merge_range(0, 0, 0, 4, "令和8年度 有資格業者名簿", &format).unwrap();
    for (column, title) in [(0, "業者番号"), (1, "商号又は名称")] {
        sheet.merge_range(1, column, 2, column, title, &format).unwrap();
    }
    sheet.merge_range(1, 2, 1, 3, "委任先", &format).unwrap();
    sheet.write_row(2, 2, ["名称", "住所", "住所"]).unwrap();
    let company = ["990000001", "（株）テスト商会０１", "弘前支店", "弘前市見本1", "青森市見本2"];
    sheet.write_row(3, 0, company).unwrap();
    workbook.save_to_buffer().unwrap()
}

#[tokio::test]
async fn headings_of_two_rows_are_read_together() {
    let csv = "業者番号,商号又は名称,住所,委任先,\n,,,名称,住所\n\
               990000001,（株）テスト商会０１,青森市見本2,弘前支店,弘前市見本1\n";
    for (file, header) in [(with_headings_of_two_rows(), 3), (csv.as_bytes().to_vec(), 2)] {
        let server = TestServer::start();
        let mut officer = server.officer("aomori", "hanako", "review");
        let import = officer.upload(&server, &file).await;
        assert_eq!(import["found"]["header"], json!(header), "{import:#}");
        let titles: Vec<&Value> =
            import["found"]["columns"].as_array().unwrap().iter().map(|c| &c["title"]).collect();
        assert!(titles.contains(&&json!("委任先名称")), "{titles:?}");
        officer.taken(&server, &import["id"], json!({})).await;
        let row = row(&server, "990000001").await.unwrap();
        assert_eq!(
            (row.more["委任先名称"].as_str(), row.more["委任先住所"].as_str(), row.address.as_str()),
            ("弘前支店", "弘前市見本1", "青森市見本2")
        );
    }
}

/// The commonest heading: 「本店」 and 「委任先」, each over its own 名称 and 住所.
fn with_two_names_and_addresses() -> Vec<u8> {
    use rust_xlsxwriter::{Format, Workbook};
    let (mut workbook, format) = (Workbook::new(), Format::new());
    let sheet = workbook.add_worksheet();
    sheet.merge_range(0, 0, 1, 0, "業者番号", &format).unwrap();
    sheet.merge_range(0, 1, 0, 2, "本店", &format).unwrap();
    sheet.merge_range(0, 3, 0, 4, "委任先", &format).unwrap();
    sheet.write_row(1, 1, ["商号又は名称", "住所", "名称", "住所"]).unwrap();
    let company = ["990000001", "（株）テスト商会０１", "青森市見本2", "弘前支店", "弘前市見本1"];
    sheet.write_row(2, 0, company).unwrap();
    workbook.save_to_buffer().unwrap()
}

#[tokio::test]
async fn of_two_names_and_addresses_the_company_gets_its_own() {
    let csv = "業者番号,本店,,委任先,\n,商号又は名称,住所,名称,住所\n\
               990000001,（株）テスト商会０１,青森市見本2,弘前支店,弘前市見本1\n";
    for file in [with_two_names_and_addresses(), csv.as_bytes().to_vec()] {
        let server = TestServer::start();
        let mut officer = server.officer("aomori", "hanako", "review");
        let import = officer.upload(&server, &file).await;
        officer.taken(&server, &import["id"], json!({})).await;
        let row = row(&server, "990000001").await.unwrap();
        assert_eq!((row.name.as_str(), row.address.as_str()), ("（株）テスト商会０１", "青森市見本2"));
        assert_eq!(
            (row.more["委任先名称"].as_str(), row.more["委任先住所"].as_str()),
            ("弘前支店", "弘前市見本1")
        );
    }
}

#[tokio::test]
async fn a_row_that_was_picked_and_needs_no_other_is_taken_alone() {
    let server = TestServer::start();
    let mut officer = server.officer("aomori", "hanako", "review");
    let file = "業者番号,商号又は名称,委任先,\n業者番号,商号又は名称,住所,電話番号\n\
                990000001,（株）テスト商会０１,青森市見本2,017-000-0001\n";
    let import = officer.upload(&server, file.as_bytes()).await;
    assert_eq!(import["found"]["columns"][2]["title"], "委任先住所", "{import:#}");
    let columns = format!("/api/officer/imports/{}/columns", import["id"]);
    for header in [1, 2] {
        assert_eq!(officer.post(&columns, json!({"header": header})).await.code(), "");
        officer.import_after(&server, &import["id"]).await;
    }
    let import = officer.import_after(&server, &import["id"]).await;
    assert_eq!(import["found"]["columns"][2]["title"], "住所", "{import:#}");
}

#[tokio::test]
async fn an_excel_workbook_is_read_as_it_is_shown() {
    let server = TestServer::start_with(no_limits(), "");
    let mut officer = server.officer("aomori", "hanako", "review");
    let import = officer.upload(&server, &workbook()).await;
    let (id, found) = (&import["id"], &import["found"]);
    assert_eq!((&found["encoding"], &found["header"]), (&json!("Excelブック"), &json!(4)), "{import:#}");
    assert_eq!(found["sheets"], json!(["名簿", "控え"]));
    assert_eq!(counts(&import)[..2], [2, 1], "{import:#}");
    let added = officer.import_rows(id, "added").await;
    let numbers: Vec<(&str, u64)> =
        added.iter().map(|row| (row["number"].as_str().unwrap(), row["line"].as_u64().unwrap())).collect();
    assert_eq!(numbers, [("000000012", 6), ("000000013", 8)]);
    officer.taken(&server, id, json!({})).await;
    assert_eq!(row(&server, "990000001").await.unwrap().more["認定日"], "2026-04-01");
    assert_eq!(row(&server, "990000001").await.unwrap().address, "青森市\u{3000}見本町");
    assert_eq!(officer.undo(id).await.code(), "");

    // Another sheet can be chosen; one that does not exist can't.
    let import = officer.upload(&server, &workbook()).await;
    let columns = format!("/api/officer/imports/{}/columns", import["id"]);
    assert_eq!(officer.post(&columns, json!({"sheet": "別"})).await.code(), "import_columns");
    assert_eq!(officer.post(&columns, json!({"sheet": "控え"})).await.code(), "");
    let import = officer.import_after(&server, &import["id"]).await;
    assert_eq!((&import["found"]["sheet"], counts(&import)[0]), (&json!("控え"), 1), "{import:#}");
}

#[tokio::test]
async fn the_officer_picks_the_row_of_the_header_and_the_next_file_is_read_so() {
    let server = TestServer::start_with(no_limits(), "");
    let mut officer = server.officer("aomori", "hanako", "review");
    let file = "名簿,令和8年度\nコード,社名\n990000003,（株）新規\n";
    let import = officer.upload(&server, file.as_bytes()).await;
    assert_eq!((&import["state"], &import["found"]["header"]), (&json!("checked"), &json!(1)), "{import:#}");
    assert_eq!(import["found"]["head"][1], json!(["コード", "社名"]));
    let columns = format!("/api/officer/imports/{}/columns", import["id"]);
    assert_eq!(officer.post(&columns, json!({"header": 2})).await.code(), "");
    let import = officer.import_after(&server, &import["id"]).await;
    assert_eq!(import["found"]["columns"][0]["title"], "コード", "{import:#}");
    let fields = json!({"fields": ["業者番号", "商号又は名称"]});
    assert_eq!(officer.post(&columns, fields).await.code(), "");
    let import = officer.import_after(&server, &import["id"]).await;
    assert_eq!(counts(&import)[0], 1, "{import:#}");
    officer.send("DELETE", &format!("/api/officer/imports/{}", import["id"]), Value::Null).await;

    let import = officer.upload(&server, file.as_bytes()).await;
    assert_eq!(
        (&import["problem"], counts(&import)[0]),
        (&json!(""), 1),
        "it is known by its titles: {import:#}"
    );
}

#[tokio::test]
async fn template_and_list_of_mistakes_come_as_csv_and_as_a_workbook_that_can_be_imported() {
    let server = TestServer::start_with(no_limits(), "");
    let mut officer = server.officer("aomori", "hanako", "review");
    for format in ["csv", "xlsx"] {
        let template = officer.get(&format!("/api/officer/imports/template/{format}")).await;
        let import = officer.upload(&server, &template.body).await;
        assert!(import["problem"].as_str().unwrap().contains("見出しだけ"), "{format}: {import:#}");
    }
    assert_eq!(officer.get("/api/officer/imports/template/pdf").await.code(), "not_found");
    let file = "業者番号,商号又は名称\nbad,=社\n";
    let id = officer.upload(&server, file.as_bytes()).await["id"].clone();
    let list = officer.get(&format!("/api/officer/imports/{id}/problems/csv")).await;
    let list = String::from_utf8(list.body).unwrap();
    assert!(list.lines().nth(1).unwrap().starts_with("2,bad,'=社,エラー,1,業者番号,bad,"), "{list}");
    let list = officer.get(&format!("/api/officer/imports/{id}/problems/xlsx")).await;
    assert!(list.body.starts_with(b"PK"));
}

#[tokio::test]
async fn the_rows_for_choosing_a_header_show_no_passwords() {
    let server = TestServer::start();
    let mut officer = server.officer("aomori", "hanako", "review");
    let import = officer.upload(&server, format!("名簿\n{ROSTER}").as_bytes()).await;
    assert_eq!(import["found"]["header"], 2, "{import:#}");
    assert!(!import.to_string().contains("abc12345"), "{import:#}");
}
