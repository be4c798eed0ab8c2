//! 業者番号一覧, as its page reads it.

use std::fmt::Write as _;

use serde_json::Value;
use touroku_server::{
    http::limits::Limits,
    roster::{RosterFile, import},
};

use crate::support::{
    busy::Busy,
    client::{Client, TestServer, no_limits},
    engine::exclusively,
};

/// A server that publishes these companies besides its own two, which have no kana.
fn with(rows: &str) -> TestServer {
    let server = TestServer::start();
    let path = server.folder.path().join("more.csv");
    std::fs::write(&path, format!("業者番号,商号又は名称,カナ\n{rows}")).unwrap();
    let profile = server.app.agencies.profile("aomori").unwrap();
    exclusively(server.folder.path(), |database| {
        let mut file = RosterFile::open(&path, profile).unwrap();
        let report = import(database, &mut file, profile, false, server.app.post()).unwrap();
        assert!(report.taken, "{report:?}");
    });
    server
}

async fn list(client: &mut Client, query: &[(&str, &str)]) -> Value {
    let query: String = query.iter().fold(String::new(), |mut all, (key, value)| {
        let escaped: String = value.bytes().fold(String::new(), |mut all, byte| {
            write!(all, "%{byte:02X}").unwrap();
            all
        });
        write!(all, "{key}={escaped}&").unwrap();
        all
    });
    let reply = client.get(&format!("/api/agencies/aomori/companies?{query}")).await;
    assert_eq!(reply.code(), "", "{reply:?}");
    reply.json()
}

fn numbers(page: &Value) -> Vec<&str> {
    page["companies"].as_array().unwrap().iter().map(|one| one["number"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn companies_come_by_their_kana_and_by_row() {
    let server = with(
        "000000001,ビー社,ビー\n000000002,ヒー商会,ﾋｰ\n000000003,青葉,あおば\n\
         000000004,ＡＢＣ,ＡＢＣ\n000000005,ガス屋,ガスヤ\n000000006,粕谷,カスヤ\n",
    );
    let mut client = server.client();
    let all = list(&mut client, &[]).await;
    assert_eq!(
        numbers(&all),
        [
            "000000003",
            "000000006",
            "000000005",
            "000000002",
            "000000001",
            "000000004",
            "990000001",
            "990000002"
        ]
    );
    assert_eq!((all["total"].as_u64(), &all["next"]), (Some(8), &Value::Null));
    assert_eq!(all["companies"][0]["kana"], "あおば", "as the roster has it");
    for (row, expected) in [
        ("カ", &["000000006", "000000005"][..]),
        ("ハ", &["000000002", "000000001"]),
        ("は", &["000000002", "000000001"]),
        ("他", &["000000004", "990000001", "990000002"]),
        ("ワ", &[]),
    ] {
        let page = list(&mut client, &[("row", row)]).await;
        assert_eq!(numbers(&page), expected, "{row}");
        assert_eq!(page["total"], expected.len(), "{row}");
    }
}

#[tokio::test]
async fn a_query_finds_by_name_kana_and_beginning_of_the_number() {
    let server =
        with("000000001,㈱髙﨑ガス,タカサキガス\n000000002,有限会社サキタ,ｻｷﾀ\n120000003,さくら,サクラ\n");
    let mut client = server.client();
    for (query, expected) in [
        ("高崎", &["000000001", "990000002"][..]),
        ("（株）高崎", &["000000001", "990000002"]),
        ("さき", &["000000002", "000000001"]),
        ("ｻｷ", &["000000002", "000000001"]),
        ("ガス", &["000000001"]),
        ("0000", &["000000002", "000000001"]),
        ("１２", &["120000003"]),
        ("99000000", &["990000002", "990000001"]),
        ("なし", &[]),
        ("%", &[]),
        ("・", &[]),
    ] {
        let page = list(&mut client, &[("query", query)]).await;
        let mut found = numbers(&page);
        let mut expected = expected.to_vec();
        found.sort_unstable();
        expected.sort_unstable();
        assert_eq!(found, expected, "{query}");
        assert_eq!(page["total"], expected.len(), "{query}");
    }
    let page = list(&mut client, &[("query", "高崎"), ("row", "タ")]).await;
    assert_eq!(numbers(&page), ["000000001"]);
}

#[tokio::test]
async fn pages_follow_one_another_without_gap_or_repetition() {
    let mut rows = String::new();
    for number in 0..120 {
        // Many share their kana: then the number decides.
        writeln!(rows, "{number:09},会社{number},{}", ["アオイ", "カエデ", "ヤナギ"][number % 3]).unwrap();
    }
    let server = with(&rows);
    let mut client = server.client();
    let (mut seen, mut after, mut pages) = (Vec::new(), String::new(), 0);
    loop {
        let page = list(&mut client, &[("after", &after)]).await;
        assert_eq!(page["total"], 122);
        seen.extend(numbers(&page).into_iter().map(str::to_owned));
        pages += 1;
        match page["next"].as_str() {
            Some(next) => next.clone_into(&mut after),
            None => break,
        }
    }
    assert_eq!((pages, seen.len()), (3, 122));
    let mut once = seen.clone();
    once.sort_unstable();
    once.dedup();
    assert_eq!(once.len(), 122);
    assert_eq!((seen[0].as_str(), seen[40].as_str()), ("000000000", "000000001"));
    let last = list(&mut client, &[("after", seen.last().unwrap())]).await;
    assert_eq!(numbers(&last), Vec::<&str>::new());
}

#[tokio::test]
async fn where_no_list_is_published_there_is_no_such_address() {
    let secret = TestServer::start_with(no_limits(), "number_list = true => number_secret = true");
    let open = TestServer::start();
    let (mut secret, mut open) = (secret.client(), open.client());
    let nowhere = secret.get("/api/nowhere").await;
    for query in ["", "?row=A", "?after=1", "?query=990000001"] {
        let reply = secret.get(&format!("/api/agencies/aomori/companies{query}")).await;
        assert_eq!((reply.status, reply.code()), (nowhere.status, nowhere.code()), "{query}");
        let unknown = open.get(&format!("/api/agencies/nowhere/companies{query}")).await;
        assert_eq!(unknown.code(), "not_found");
    }
    // A place with a character that no database takes.
    const NUL: &str = "?after=%7B%22row%22%3A1%2C%22kana%22%3A%22%5Cu0000%22%2C%22number%22%3A%22%22%7D";
    let long = format!("?query={}", "a".repeat(101));
    for query in ["?row=A", "?row=%E8%A1%8C", "?after=1", NUL, "?row=a&row=b", &long] {
        let reply = open.get(&format!("/api/agencies/aomori/companies{query}")).await;
        assert_eq!(reply.code(), "bad_request", "{query}");
    }
}

#[tokio::test]
async fn a_search_that_finds_very_many_is_not_counted() {
    let mut rows = String::new();
    for number in 0..1001 {
        writeln!(rows, "{number:09},会社{number},アオイ").unwrap();
    }
    let server = with(&rows);
    let mut client = server.client();
    assert_eq!(list(&mut client, &[]).await["total"], 1003);
    let many = list(&mut client, &[("query", "会社")]).await;
    assert_eq!((&many["total"], numbers(&many).len()), (&Value::Null, 50));
    let fewer = list(&mut client, &[("query", "会社1")]).await;
    assert_eq!(fewer["total"], 112);
}

#[tokio::test]
async fn the_index_of_names_finds_what_a_look_through_all_finds() {
    let mut rows = String::new();
    for number in 0..300 {
        let (name, kana) = [
            ("㈱架空建設", "カクウケンセツ"),
            ("湊三商会", "ミナトサンショウカイ"),
            ("ＡＢＣ％", "エービーシー"),
            ("渡辺組", "ワタナベグミ"),
        ][number % 4];
        writeln!(rows, "{number:09},{name}{number},{kana}").unwrap();
    }
    let server = with(&rows);
    let mut client = server.client();
    let queries =
        ["架空", "湊", "ナト", "abc", "%", "0000", "12", "設1", "ワタナヘ", "なし", "株式会社架空建設100"];
    let mut before = Vec::new();
    for query in queries {
        before.push(list(&mut client, &[("query", query)]).await);
    }
    touroku_server::officer::company::index::catch_up(&server.app).await.unwrap();
    for (query, before) in queries.iter().zip(before) {
        assert_eq!(list(&mut client, &[("query", query)]).await, before, "{query}");
    }
    let first = list(&mut client, &[("query", "渡辺")]).await;
    assert_eq!((numbers(&first).len(), first["total"].as_u64()), (50, Some(75)));
    let second = list(&mut client, &[("query", "渡辺"), ("after", first["next"].as_str().unwrap())]).await;
    assert_eq!((numbers(&second).len(), &second["next"]), (25, &Value::Null));
    assert!(numbers(&second).iter().all(|number| !numbers(&first).contains(number)));
}

#[tokio::test]
async fn a_search_that_takes_long_leaves_readers_to_others() {
    let server = TestServer::start();
    let busy = Busy::scanning(&server).await;
    let mut client = server.client();
    assert_eq!(client.begin().await.code(), "");
    assert_eq!(client.get("/api/session").await.code(), "");
    assert_eq!(numbers(&list(&mut client, &[]).await).len(), 2);
    busy.go_on().await;
}

#[tokio::test]
async fn of_one_address_two_searches_wait_at_once_and_others_have_their_own() {
    let server = TestServer::start_with(Limits::default(), "");
    let busy = Busy::scanning(&server).await;
    let searching = |from: u8| {
        let mut client = Client { peer: ([192, 0, 2, from], 50000).into(), ..server.client() };
        tokio::spawn(async move { client.get("/api/agencies/aomori/companies?query=9").await.code() })
    };
    let waiting: Vec<_> = (0..5).map(|_| searching(1)).collect();
    let other = searching(2);
    let mut refused = 0;
    while refused < 3 {
        tokio::task::yield_now().await;
        refused = waiting.iter().filter(|search| search.is_finished()).count();
    }
    assert_eq!((refused, other.is_finished()), (3, false));
    busy.go_on().await;
    let mut codes = vec![other.await.unwrap()];
    for search in waiting {
        codes.push(search.await.unwrap());
    }
    codes.sort();
    assert_eq!(codes, ["", "", "", "rate_limited", "rate_limited", "rate_limited"]);
    assert_eq!(searching(1).await.unwrap(), "", "when they have ended");
}

#[tokio::test]
async fn a_search_looks_at_a_part_of_a_long_list_at_a_time_and_misses_nobody() {
    let server = TestServer::start();
    let (ends, middle) = (120, 20_500);
    let columns = "agency, number, name, kana, corporate_number, postal_code, address, representative_name, representative_title, \
                   phone, fax, branch, qualifications, user_id, password_hash, imported_at, listing_row";
    for (row, kana, from, to) in [
        (1, "アオモリ", 0, ends),
        (2, "カナガワ", ends, ends + middle),
        (10, "ワタナベ", ends + middle, 2 * ends + middle),
    ] {
        let rows = format!(
            "WITH RECURSIVE one (i) AS (SELECT {from} UNION ALL SELECT i + 1 FROM one WHERE i < {to} - 1)"
        );
        let number = "CAST(100000000 + i AS TEXT)";
        server.by_hand(&format!(
            "{rows} INSERT INTO roster_row ({columns}, listing_kana, listing_name) SELECT 'aomori', {number}, '{kana}', '{kana}', '', \
             '', '', '', '', '', '', '', '{{}}', '', '', 0, {row}, '{kana}', '{kana}' FROM one; \
             {rows} INSERT INTO roster_place (agency, listing_row, listing_kana, number, listing_name) \
             SELECT 'aomori', {row}, '{kana}', {number}, '{kana}' FROM one"
        ));
    }
    let mut client = server.client();
    for (query, most) in [("アオモリ", 5), ("ワタナベ", 5), ("なし", 3)] {
        let (mut found, mut after, mut pages) = (Vec::new(), String::new(), 0);
        loop {
            let page = list(&mut client, &[("query", query), ("after", &after)]).await;
            found.extend(numbers(&page).into_iter().map(str::to_owned));
            pages += 1;
            let Some(next) = page["next"].as_str() else { break };
            next.clone_into(&mut after);
        }
        assert_eq!(found.len(), if query == "なし" { 0 } else { ends }, "{query}");
        assert!(found.is_sorted() && pages > 1 && pages <= most, "{query}: {pages}");
    }
}

#[tokio::test]
async fn a_search_in_a_category_is_told_whom_it_does_not_find() {
    let server = TestServer::start();
    server.import(
        "業者番号,商号又は名称,カナ,区分,認定日,有効期限\n\
         000000001,ア社,ア,,,\n000000002,イ社,イ,工事,,\n000000003,ウ社,ウ,物品,2020-04-01,2021-03-31\n\
         000000004,エ社,エ,物品,2099-04-01,\n000000005,オ社,オ,物品,2020-04-01,2099-03-31\n",
    );
    let mut client = server.client();
    let reasons = |page: &Value| -> Vec<Value> {
        let companies = page["companies"].as_array().unwrap().iter();
        companies.map(|company| company["not_found"].clone()).take(5).collect()
    };
    let told = reasons(&list(&mut client, &[("category", "goods")]).await);
    let after = serde_json::json!({"after": {"until": "2021-03-31"}});
    let before = serde_json::json!({"before": {"from": "2099-04-01"}});
    assert_eq!(told, [Value::Null, "other_category".into(), after, before, Value::Null]);
    assert_eq!(reasons(&list(&mut client, &[]).await), vec![Value::Null; 5], "nobody searches");
}

#[tokio::test]
async fn a_company_with_a_branch_is_listed_by_the_name_that_the_search_and_the_form_show() {
    let server = TestServer::start();
    server.import("業者番号,商号又は名称,委任先名称\n000000003,青葉,弘前支店\n000000004,見本,見本むつ支店\n");
    let mut client = server.client();
    for query in [&[][..], &[("query", "青葉")], &[("query", "00000000")]] {
        let page = list(&mut client, query).await;
        let company = page["companies"].as_array().unwrap().iter().find(|of| of["number"] == "000000003");
        assert_eq!(company.unwrap()["name"], "青葉弘前支店", "{page:#}");
    }
    assert_eq!(list(&mut client, &[("query", "見本")]).await["companies"][0]["name"], "見本むつ支店");
    client.begin().await;
    client.login(&server.card(9), "register").await;
    assert_eq!(client.search("000000003", "青葉弘前支店").await.code(), "");
}

#[tokio::test]
async fn officers_get_the_whole_list_in_its_order_with_branches_and_categories() {
    let rows: String = (0..2300).map(|at| format!("7{at:08},会社{at},カ\n")).collect();
    let server = with(&format!("000000002,ヒー商会,ヒー\n{rows}000000003,青葉,アオバ\n"));
    server.import("業者番号,商号又は名称,区分,委任先名称\n000000003,青葉,物品,弘前支店\n");
    let mut officer = server.officer("aomori", "sato", "view");
    let file = officer.get("/api/officer/listing/file").await;
    let name = file.header("content-disposition").to_owned();
    assert!(name.contains("listing-20") && name.ends_with("-utf-8.csv\""), "{name}");
    let text = String::from_utf8(file.body).unwrap();
    let lines: Vec<&str> = text.trim_start_matches('\u{FEFF}').lines().collect();
    assert_eq!(lines[0], "業者番号,商号又は名称,カナ,区分");
    assert!(lines[1].starts_with("000000003,青葉弘前支店,アオバ,物品"), "{}", lines[1]);
    assert_eq!((lines[2], lines[2301]), ("700000000,会社0,カ,すべて", "700002299,会社2299,カ,すべて"));
    assert!(lines[2302].starts_with("000000002,") && lines.len() == 1 + 2304, "{}", lines.len());
    assert!(officer.get("/api/officer/listing/file?format=xlsx").await.body.starts_with(b"PK"));

    let mut shown: Vec<String> = Vec::new();
    let mut path = "/api/officer/listing".to_owned();
    loop {
        let part = officer.get(&path).await.json();
        let rows = part["rows"].as_array().unwrap();
        shown.extend(rows.iter().map(|row| row[0].as_str().unwrap().to_owned()));
        let Some(next) = part["next"].as_str() else { break };
        path = format!("/api/officer/listing?after={next}");
    }
    let numbers: Vec<&str> = lines[1..].iter().map(|line| line.split(',').next().unwrap()).collect();
    assert_eq!(shown, numbers);
    let recorded: Vec<String> = server.audit("aomori").into_iter().map(|entry| entry.1).collect();
    assert_eq!(recorded, ["companies_exported"; 2]);
}
