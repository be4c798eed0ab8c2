//! A roster that makes a registered company another one.

use serde_json::{Value, json};

use crate::support::{
    authority::Spec,
    client::{Client, ROSTER, TestServer, form, no_limits},
};

const AGENCY: &str = "aomori";
const OTHER: &str = "株式会社悪徳商事";

/// Its first company is registered, and nobody has mail.
async fn server() -> TestServer {
    let server = TestServer::start();
    let card = server.root.issue(Spec::card());
    server.client().registered(&card).await;
    server.take_mails().await;
    server
}

/// Takes over the roster with these names.
async fn import(server: &TestServer, officer: &mut Client, [first, second]: [&str; 2]) -> Value {
    let next = ROSTER.replace("（株）テスト商会０１", first).replace("㈱髙﨑建設", second);
    let import = officer.upload(server, next.as_bytes()).await;
    officer.taken(server, &import["id"], json!({})).await
}

/// Who is told what, without the mails to officers.
async fn told(server: &TestServer) -> Vec<(String, String)> {
    let mails = server.take_mails().await.into_iter();
    mails.filter(|(_, _, body)| body.contains("変更前 : ")).map(|(to, _, body)| (to, body)).collect()
}

/// Corrects the first company by hand.
async fn correct(officer: &mut Client, changes: &[(&str, &str)]) -> Value {
    let form = officer.get("/api/officer/roster?number=990000001").await.json();
    let values = form["fields"].as_array().unwrap().iter();
    let mut values: serde_json::Map<String, Value> =
        values.map(|field| (field["name"].as_str().unwrap().to_owned(), field["value"].clone())).collect();
    for (name, value) in changes {
        values[*name] = (*value).into();
    }
    let ask = json!({
        "number": "990000001", "revision": form["revision"], "values": values, "keep": false, "confirmed": true,
    });
    officer.post("/api/officer/roster", ask).await.json()
}

async fn renamed_today(officer: &mut Client) -> Vec<Value> {
    let days = officer.get("/api/officer/daily").await.json();
    let items = days[0]["items"].as_array().unwrap();
    items.iter().filter(|item| item["kind"] == "renamed").cloned().collect()
}

#[tokio::test]
async fn an_import_that_makes_a_registered_company_another_one_is_told_to_it_and_to_the_officers() {
    let server = server().await;
    let mut officer = server.officer(AGENCY, "hanako", "review");
    let taken = import(&server, &mut officer, [OTHER, "㈱別の会社"]).await;
    let mails = told(&server).await;
    let to: Vec<&str> = mails.iter().map(|(to, _)| to.as_str()).collect();
    assert_eq!(to, ["card@example.jp", "representative@example.jp"], "of the registered company only");
    for part in ["変更前 : （株）テスト商会０１\n", "変更後 : 株式会社悪徳商事\n", "業者情報取込"]
    {
        assert!(mails[0].1.contains(part), "{part}: {}", mails[0].1);
    }
    let listed = renamed_today(&mut officer).await;
    assert_eq!(listed.len(), 1, "{listed:?}");
    assert_eq!((&listed[0]["number"], &listed[0]["name"]), (&json!("990000001"), &json!(OTHER)));
    let page = officer.get("/api/officer/companies/990000001").await.json();
    let timeline = page["timeline"].to_string();
    assert!(timeline.contains("変更前 （株）テスト商会０１、変更後 株式会社悪徳商事"), "{timeline}");

    assert_eq!(officer.undo(&taken["id"]).await.code(), "");
    server.app.imports.wait();
    let mails = told(&server).await;
    assert_eq!(mails.len(), 2);
    assert!(mails[0].1.contains("変更後 : （株）テスト商会０１\n"), "{}", mails[0].1);
}

#[tokio::test]
async fn another_corporate_number_is_told_and_another_spelling_or_a_number_that_was_missing_is_not() {
    let server = server().await;
    let mut officer = server.officer(AGENCY, "hanako", "review");
    import(&server, &mut officer, ["株式会社テスト商會01", "㈱髙﨑建設"]).await;
    assert_eq!(told(&server).await, []);
    server.enrol("法人番号", "4011001098993");
    assert_eq!(told(&server).await, []);
    server.enrol("法人番号", "7123456789012");
    let mails = told(&server).await;
    assert_eq!(mails.len(), 2);
    assert!(mails[0].1.contains("変更後 : （株）テスト商会０１（法人番号 7123456789012）"), "{}", mails[0].1);
    assert_eq!(renamed_today(&mut officer).await.len(), 1);
    assert_eq!(server.value("SELECT officer FROM event WHERE kind = 'renamed'"), "command");
}

#[tokio::test]
async fn a_correction_by_hand_that_makes_it_another_company_is_told_at_the_addresses_known_before() {
    let server = server().await;
    server.enrol("メールアドレス", "roster@example.jp");
    let mut officer = server.officer(AGENCY, "hanako", "review");
    let saved = correct(&mut officer, &[("商号又は名称", OTHER), ("メールアドレス", "new@example.jp")]).await;
    assert_eq!(saved["saved"], true, "{saved}");
    let to: Vec<String> = told(&server).await.into_iter().map(|(to, _)| to).collect();
    assert_eq!(to, ["card@example.jp", "representative@example.jp", "roster@example.jp"]);
}

#[tokio::test]
async fn an_officer_who_renames_a_company_that_is_not_registered_yet_is_seen() {
    let server = TestServer::start();
    server.enrol("メールアドレス", "roster@example.jp");
    server.take_mails().await;
    let mut officer = server.officer(AGENCY, "hanako", "review");
    for name in [OTHER, "（株）テスト商会０１"] {
        let saved = correct(&mut officer, &[("商号又は名称", name)]).await;
        assert_eq!(saved["saved"], true, "{saved}");
        let to: Vec<String> = told(&server).await.into_iter().map(|(to, _)| to).collect();
        assert_eq!(to, ["roster@example.jp"], "{name}");
    }
    assert_eq!(renamed_today(&mut officer).await.len(), 2);
    for (number, times) in [("7123456789012", 3), ("", 4)] {
        correct(&mut officer, &[("法人番号", number)]).await;
        assert_eq!(told(&server).await.len(), 1, "its card would be the company's: {number}");
        assert_eq!(renamed_today(&mut officer).await.len(), times);
    }
    correct(&mut officer, &[("代表者役職", "取締役")]).await;
    assert_eq!(told(&server).await, [], "it is the same company");
}

#[tokio::test]
async fn a_card_whose_company_an_officer_has_just_made_the_rosters_waits_for_ten_days() {
    let server = TestServer::start_at(AGENCY, no_limits(), "");
    let file = server.folder.path().join("agencies/aomori.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replace("company_match = \"warn\"\n", "")).unwrap();
    let server = server.restart();
    let mut officer = server.officer(AGENCY, "hanako", "review");
    // Another mail address makes it no other company.
    for email in ["a@example.jp", "b@example.jp"] {
        correct(&mut officer, &[("メールアドレス", email)]).await;
    }
    let mut client = server.client();
    client.begin().await;
    let own =
        Spec { serial: 6, name: "C=JP,O=株式会社テスト商会０１,CN=試験太郎", ..Spec::card() };
    client.login(&server.root.issue(own), "register").await;
    let found = client.search("990000001", "（株）テスト商会０１").await.json();
    assert_eq!(
        (&found["review"], &found["company"]["occasion"]),
        (&Value::Null, &json!("register")),
        "{found}"
    );

    correct(&mut officer, &[("商号又は名称", OTHER)]).await;
    let card = |serial| {
        server
            .root
            .issue(Spec { serial, name: "C=JP,O=株式会社悪徳商事,CN=悪田徳子", ..Spec::card() })
    };
    for (days, causes) in [(9, json!(["company_renamed"])), (2, Value::Null)] {
        server.wait(days * 86_400_000);
        let mut client = server.client();
        client.begin().await;
        assert_eq!(client.login(&card(7), "register").await.code(), "");
        let found = client.search("990000001", OTHER).await.json();
        assert_eq!(found["review"], causes, "{found}");
    }
    let mut client = server.client();
    client.begin().await;
    client.login(&card(8), "register").await;
    client.search("990000001", OTHER).await;
    let done = client.register("r-1", form()).await.json();
    assert_eq!(done["completed"]["pending"], Value::Null, "{done}");
}

#[tokio::test]
async fn another_mail_address_in_the_roster_is_told_at_the_old_one_and_the_first_is_not() {
    let server = server().await;
    server.enrol("メールアドレス", "roster@example.jp");
    assert_eq!(told(&server).await, [], "nobody has lost one");
    server.enrol("メールアドレス", "ROSTER@example.jp");
    assert_eq!(told(&server).await, [], "the same");
    for next in ["stranger@example.com", ""] {
        server.enrol("メールアドレス", next);
        let mails = told(&server).await;
        let to: Vec<&str> = mails.iter().map(|(to, _)| to.as_str()).collect();
        assert_eq!(to.len(), 3, "{mails:?}");
        assert!(
            to.contains(&if next.is_empty() { "stranger@example.com" } else { "ROSTER@example.jp" }),
            "{to:?}"
        );
    }
}

#[tokio::test]
async fn another_delegate_is_told_because_its_card_is_the_companys_from_then_on() {
    let server = server().await;
    server.enrol("委任先名称", "テスト商会青森支店");
    assert_eq!(told(&server).await.len(), 2);
    server.enrol("委任先名称", "テスト商会 青森支店");
    assert_eq!(told(&server).await, [], "the same in another spelling");
    server.enrol("委任先名称", OTHER);
    let mails = told(&server).await;
    assert_eq!(mails.len(), 2);
    let wanted = "変更後 : （株）テスト商会０１（委任先 株式会社悪徳商事）";
    assert!(mails[0].1.contains(wanted), "{}", mails[0].1);
    server.enrol("委任先名称", "");
    assert_eq!(told(&server).await, [], "nobody else is let in");
}
