//! 名簿: one company added or corrected by hand, and what imports do with it.

use serde_json::{Value, json};

use crate::support::client::TestServer;

const AGENCY: &str = "aomori";
const ROSTER: &str = "/api/officer/roster";

/// The values of a form, by name.
fn values(form: &Value) -> Value {
    let fields = form["fields"].as_array().unwrap();
    fields.iter().map(|field| (field["name"].as_str().unwrap().to_owned(), field["value"].clone())).collect()
}

/// A form with a field changed.
fn with(form: &Value, name: &str, value: &str) -> Value {
    let mut values = values(form);
    values[name] = json!(value);
    let (number, revision) = (&form["number"], &form["revision"]);
    json!({"number": number, "revision": revision, "values": values, "keep": true})
}

fn reasons(cells: &Value) -> Vec<(&str, &str)> {
    let cells = cells.as_array().unwrap().iter();
    cells.map(|cell| (cell["title"].as_str().unwrap(), cell["reason"].as_str().unwrap())).collect()
}

#[tokio::test]
async fn a_company_is_added_with_the_checks_of_an_import() {
    let server = TestServer::start();
    let mut officer = server.officer(AGENCY, "sato", "review");
    let form = officer.get(ROSTER).await.json();
    assert_eq!((&form["number"], &form["kept"]), (&json!(""), &json!(false)));
    let mut asked = with(&form, "業者番号", "99");
    asked["values"]["法人番号"] = json!("123");
    let refused = officer.post(ROSTER, asked.clone()).await.json();
    let wrong: Vec<&str> = reasons(&refused["wrong"]).into_iter().map(|(title, _)| title).collect();
    assert_eq!((&refused["saved"], wrong), (&json!(false), vec!["業者番号", "商号又は名称", "法人番号"]));

    // Full-width digits are folded, as in a file.
    asked["values"]["業者番号"] = json!("９９００００００１");
    asked["values"]["商号又は名称"] = json!("株式会社手入力");
    asked["values"]["法人番号"] = json!("");
    let taken = officer.post(ROSTER, asked.clone()).await.json();
    assert_eq!(
        reasons(&taken["wrong"]),
        [(
            "業者番号",
            "この番号の会社は、すでに名簿にあります。「照会」でその会社を開いて、名簿を訂正してください"
        )],
        "{taken:#}"
    );
    asked["values"]["業者番号"] = json!("９９０００００７７");
    let saved = officer.post(ROSTER, asked).await.json();
    assert_eq!((&saved["saved"], &saved["number"]), (&json!(true), &json!("990000077")), "{saved:#}");
    let page = officer.get("/api/officer/companies/990000077").await.json();
    assert_eq!((&page["name"], &page["kept"]), (&json!("株式会社手入力"), &json!(true)));
    assert!(page["timeline"]["items"][0]["text"].as_str().unwrap().contains("手作業で追加"), "{page:#}");
    // It can register like any other.
    let mut client = server.client();
    client.begin().await;
    client.login(&server.card(9), "register").await;
    assert_eq!(client.search("990000077", "株式会社手入力").await.code(), "");
}

#[tokio::test]
async fn a_correction_is_recorded_with_before_and_after_and_the_second_of_two_officers_is_told() {
    let server = TestServer::start();
    let mut sato = server.officer(AGENCY, "sato", "review");
    let mut suzuki = server.officer(AGENCY, "suzuki", "review");
    let path = format!("{ROSTER}?number=990000001");
    let (first, second) = (sato.get(&path).await.json(), suzuki.get(&path).await.json());
    let saved = sato.post(ROSTER, with(&first, "住所", "青森市本町２－２")).await.json();
    assert_eq!(saved["saved"], true, "{saved:#}");
    let late = with(&second, "電話番号", "017-999-9999");
    assert_eq!(suzuki.post(ROSTER, late).await.code(), "stale");
    let again = with(&suzuki.get(&path).await.json(), "電話番号", "017-999-9999");
    assert_eq!(suzuki.post(ROSTER, again).await.json()["saved"], true);
    let page = sato.get("/api/officer/companies/990000001").await.json();
    let value = |label: &str| {
        let rows = page["roster"].as_array().unwrap().iter();
        rows.clone().find(|row| row["label"] == label).unwrap()["value"].as_str().unwrap().to_owned()
    };
    assert_eq!(
        (value("住所"), value("電話番号")),
        ("青森市本町２－２".to_owned(), "017-999-9999".to_owned())
    );
    for (phone, finds) in [("017-999-9999", true), ("017-000-0001", false)] {
        let found = sato.get(&format!("/api/officer/companies?query={phone}")).await.json().to_string();
        assert_eq!(found.contains("990000001"), finds, "{phone}: {found}");
    }
    let kept = "SELECT count(*) FROM roster_contact WHERE contact = '0170000001'";
    assert_eq!(server.value(kept), "0", "what was wrong is not kept to be found by");

    let mut manager = server.officer(AGENCY, "yamada", "manage");
    let audit = manager.get("/api/officer/audit").await.json();
    let entries = audit["entries"].as_array().unwrap();
    let entry = entries.iter().rfind(|entry| entry["action"] == "row_corrected").unwrap();
    let detail = entry["detail"].as_str().unwrap();
    assert!(detail.contains("青森市新町１－１") && detail.contains("青森市本町２－２"), "{detail}");
    let mut named = with(&sato.get(&path).await.json(), "代表者氏名", "試験次郎");
    named["values"]["住所"] = json!("青森市本町３－３");
    assert_eq!(sato.post(ROSTER, named).await.json()["saved"], true);
    let audit = manager.get("/api/officer/audit").await.json();
    assert!(audit.to_string().contains("青森市本町３－３"));
    assert!(!audit.to_string().contains("試験次郎"), "it names no person");
    let renumbered = with(&sato.get(&path).await.json(), "業者番号", "990000099");
    let refused = sato.post(ROSTER, renumbered).await.json();
    assert_eq!(
        reasons(&refused["wrong"]),
        [("業者番号", "番号は変えられません。元の番号に戻すか、新しい会社として追加してください")]
    );
}

#[tokio::test]
async fn the_name_of_a_registered_company_changes_only_after_a_second_look() {
    let server = TestServer::start();
    server.client().registered(&server.card(7)).await;
    let mut officer = server.officer(AGENCY, "sato", "review");
    let form = officer.get(&format!("{ROSTER}?number=990000001")).await.json();
    let mut asked = with(&form, "商号又は名称", "（株）改名商会");
    let asking = officer.post(ROSTER, asked.clone()).await.json();
    assert_eq!(asking["saved"], false);
    assert!(reasons(&asking["doubts"])[0].1.contains("名称が変わります"), "{asking:#}");
    asked["confirmed"] = json!(true);
    assert_eq!(officer.post(ROSTER, asked).await.json()["saved"], true);
}

#[tokio::test]
async fn an_import_keeps_what_was_entered_by_hand_or_overwrites_it_as_chosen() {
    let server = TestServer::start();
    let mut officer = server.officer(AGENCY, "sato", "review");
    let path = format!("{ROSTER}?number=990000001");
    let kept = with(&officer.get(&path).await.json(), "住所", "手作業町１");
    officer.post(ROSTER, kept).await;
    let other = format!("{ROSTER}?number=990000002");
    let mut overwritten = with(&officer.get(&other).await.json(), "住所", "手作業町２");
    overwritten["keep"] = json!(false);
    assert_eq!(officer.post(ROSTER, overwritten).await.json()["saved"], true);

    let file = "業者番号,商号又は名称,住所\n990000001,（株）テスト商会０１,ファイル町１\n990000002,（株）ファイル,ファイル町２\n";
    let id = officer.upload(&server, file.as_bytes()).await["id"].clone();
    let import = officer.get(&format!("/api/officer/imports/{id}")).await.json();
    assert_eq!((&import["found"]["kept"], &import["found"]["changed"]), (&json!(1), &json!(1)), "{import:#}");
    let rows = officer.get(&format!("/api/officer/imports/{id}/rows?kind=doubtful")).await.json();
    let row = rows["rows"].as_array().unwrap().iter().find(|row| row["number"] == "990000001").unwrap();
    let cell = row["cells"].as_array().unwrap().iter().find(|cell| cell["title"] == "住所").unwrap();
    assert!(cell["reason"].as_str().unwrap().contains("残します"), "{row:#}");
    assert_eq!((&cell["before"], &cell["after"]), (&json!("手作業町１"), &json!("ファイル町１")));
    officer.taken(&server, &id, json!({"remove_missing": true})).await;
    let mut address = async |number: &str| {
        let form = officer.get(&format!("{ROSTER}?number={number}")).await.json();
        values(&form)["住所"].as_str().unwrap().to_owned()
    };
    assert_eq!(address("990000001").await, "手作業町１");
    assert_eq!(address("990000002").await, "ファイル町２");

    // Nor is it 削除候補.
    let file = "業者番号,商号又は名称\n990000003,（株）新規\n";
    let id = officer.upload(&server, file.as_bytes()).await["id"].clone();
    officer.taken(&server, &id, json!({"remove_missing": true})).await;
    assert_eq!(officer.get(&path).await.json()["kept"], true);
    assert_eq!(officer.get(&other).await.code(), "not_found");
}
