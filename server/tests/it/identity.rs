//! Whose card, whose company: the consequences of a trusted card of somebody else.

use serde_json::{Value, json};
use touroku_server::agency::check_files;

use crate::support::{
    authority::{Card, Spec},
    client::{TestServer, card_form, edited, form, no_limits},
    der::{sequence, tlv},
    review::row,
};

pub(crate) const AGENCY: &str = "aomori";
pub(crate) const NAME: &str = "（株）テスト商会０１";

/// A server that lets officers review every mismatching card, with these lines in its profile.
pub(crate) fn server_with(profile: &str) -> TestServer {
    let lines = format!("company_match = \"warn\" => {}", profile.replace('\n', "\u{1}"));
    TestServer::start_at(AGENCY, no_limits(), &lines)
}

/// A card whose certificate names that company, and that person, in Japanese.
pub(crate) fn card_of(server: &TestServer, serial: u32, name: &'static str) -> Card {
    server.root.issue(Spec { serial, name, ..Spec::card() })
}

pub(crate) const OWN: &str = "C=JP,O=株式会社テスト商会０１,CN=試験太郎";
pub(crate) const OTHER: &str = "C=JP,O=株式会社悪徳商事,CN=悪田徳子";
pub(crate) const NOBODY: &str = "C=JP,CN=試験太郎";

#[tokio::test]
async fn a_card_of_another_company_waits_for_officers_who_see_both_names() {
    let server = server_with("");
    let mut client = server.client();
    let found = client.reach_form(&card_of(&server, 7, OTHER)).await.json();
    assert_eq!(found["review"], json!(["company_differs"]), "{found}");
    let compared = &found["card"]["company_match"];
    assert_eq!(
        (&compared["finding"], &compared["certificate_name"]),
        (&json!("other_name"), &json!("株式会社悪徳商事"))
    );
    assert!(compared["roster_name"].as_str().unwrap().starts_with(NAME), "{compared}");
    let done = client.register("first", form()).await.json();
    assert_eq!(done["completed"]["pending"], true, "{done}");

    let mut officer = server.officer(AGENCY, "sato", "review");
    let detail = officer.look("card", &json!(1)).await.json();
    assert_eq!(detail["causes"], json!(["company_differs"]));
    assert_eq!(detail["company_match"]["certificate_name"], "株式会社悪徳商事");
    assert_eq!(row(&detail, "ICカード企業名称")["differs"], true);
}

#[tokio::test]
async fn a_card_of_the_company_is_registered_at_once_and_one_that_names_nobody_waits() {
    let server = server_with("");
    let mut client = server.client();
    let found = client.reach_form(&card_of(&server, 7, OWN)).await.json();
    assert_eq!(
        (&found["card"]["company_match"]["finding"], &found["review"]),
        (&json!("same_name"), &Value::Null)
    );
    assert_eq!(client.register("first", form()).await.json()["completed"]["pending"], Value::Null);

    for (serial, name, finding) in [(8, NOBODY, "no_name"), (9, "Taro Test", "romaji")] {
        let mut client = server.client();
        let found = client.reach_form(&card_of(&server, serial, name)).await.json();
        assert_eq!(found["card"]["company_match"]["finding"], finding);
        let done = client.register("second", card_form()).await.json();
        assert_eq!(done["completed"]["pending"], true, "{finding}");
    }
}

#[tokio::test]
async fn a_name_in_old_characters_or_another_width_is_the_companys_and_another_order_is_not() {
    let server = server_with("");
    for (serial, name, finding) in [
        (7, "C=JP,O=株式会社テスト商會０１,CN=試験太郎", "same_name"),
        (8, "C=JP,O=㈱ﾃｽﾄ商会01,CN=試験太郎", "same_name"),
        // 前株 and 後株 may be two companies.
        (9, "C=JP,O=テスト商会０１（株）,CN=試験太郎", "other_name"),
    ] {
        let found = server.client().reach_form(&card_of(&server, serial, name)).await.json();
        assert_eq!(found["card"]["company_match"]["finding"], finding, "{name}: {found}");
    }
}

#[tokio::test]
async fn where_the_agency_refuses_another_companys_card_it_finds_nothing_and_the_search_is_on_record() {
    let server = server_with("company_match = \"refuse\"");
    let mut client = server.client();
    client.begin().await;
    client.login(&card_of(&server, 7, OTHER), "register").await;
    assert_eq!(client.search("990000001", NAME).await.code(), "company_mismatch");
    assert_eq!(client.register("first", form()).await.code(), "company_not_selected");
    // What can't be compared is left to the officers.
    let mut client = server.client();
    client.reach_form(&card_of(&server, 8, NOBODY)).await;
    assert_eq!(client.register("first", form()).await.json()["completed"]["pending"], true);

    let mut officer = server.officer(AGENCY, "sato", "view");
    let page = officer.get("/api/officer/companies/990000001").await.json();
    let timeline = page["timeline"].to_string();
    assert!(timeline.contains("検索されました") && timeline.contains("株式会社悪徳商事"), "{timeline}");
}

#[tokio::test]
async fn a_corporate_number_decides_before_the_name() {
    let server = server_with("");
    server.enrol("法人番号", "4011001098993");
    for (serial, name, finding) in [
        (7, "C=JP,O=株式会社旧社名,organizationIdentifier=NTRJP-4011001098993,CN=x", "same_number"),
        (8, "C=JP,O=株式会社旧社名,organizationIdentifier=VATJP-T4011001098993,CN=x", "same_number"),
        (9, "C=JP,O=株式会社旧社名,organizationIdentifier=VATJP-4011001098993,CN=x", "same_number"),
        (10, "C=JP,O=株式会社テスト商会０１,organizationIdentifier=NTRJP-7123456789012,CN=x", "other_number"),
        // Not a 法人番号: its check digit is wrong, or it is another country's scheme. So the name decides.
        (11, "C=JP,O=株式会社テスト商会０１,organizationIdentifier=NTRJP-4011001098994,CN=x", "same_name"),
        (12, "C=JP,O=株式会社旧社名,organizationIdentifier=NTRDE-4011001098993,CN=x", "other_name"),
        // Not where this authority's profile says.
        (13, "C=JP,O=株式会社旧社名,serialNumber=4011001098993,CN=x", "other_name"),
        // What can't be read hides nothing beside it.
        (
            14,
            "C=JP,O=株式会社テスト商会０１,organizationIdentifier=NTRJP-7123456789012,organizationIdentifier=GOVJP-1,CN=x",
            "other_number",
        ),
        (
            15,
            "C=JP,O=株式会社旧社名,organizationIdentifier=GOVJP-1,organizationIdentifier=NTRJP-4011001098993,CN=x",
            "same_number",
        ),
    ] {
        let found = server.client().reach_form(&card_of(&server, serial, name)).await.json();
        assert_eq!(found["card"]["company_match"]["finding"], finding, "{name}: {found}");
    }
}

#[tokio::test]
async fn a_corporate_number_is_read_where_the_authoritys_profile_says_or_in_the_alternative_name() {
    let mut server = server_with("");
    server.enrol("法人番号", "4011001098993");
    let mut name = openssl::x509::X509NameBuilder::new().unwrap();
    name.append_entry_by_text("organizationIdentifier", "NTRJP-4011001098993").unwrap();
    let names = sequence(&[tlv(0xa4, &name.build().to_der().unwrap())]);
    let alternative = server.root.issue(Spec {
        name: "C=JP,O=株式会社旧社名,CN=x",
        extensions: vec![("2.5.29.17", false, names)],
        ..Spec::card()
    });
    let found = server.client().reach_form(&alternative).await.json();
    assert_eq!(found["card"]["company_match"]["finding"], "same_number", "{found}");

    let authorities = server.folder.path().join("agencies/ca");
    std::fs::create_dir(&authorities).unwrap();
    let text = "name = \"試験認証局\"\nissuer = [\"CN=Root CA\"]\n[display]\ncompany_name = [\"subject.O\"]\n\
        company_address = []\nholder_name = []\nholder_address = []\ncorporate_number = [\"subject.serialNumber\"]\n";
    std::fs::write(authorities.join("root.toml"), text).unwrap();
    server = server.restart();
    let card = card_of(&server, 8, "C=JP,O=株式会社旧社名,serialNumber=4011001098993,CN=x");
    let found = server.client().reach_form(&card).await.json();
    assert_eq!(found["card"]["company_match"]["finding"], "same_number", "{found}");
}

#[tokio::test]
async fn nothing_of_a_registered_company_is_shown_to_a_card_that_is_not_its_own() {
    let server = server_with("second_card = \"review\"");
    server.client().registered(&card_of(&server, 7, OWN)).await;
    server.take_mails().await;
    let mut stranger = server.client();
    let found = stranger.reach_form(&card_of(&server, 8, OTHER)).await.json();
    let shown = found.to_string();
    for secret in ["representative@example.jp", "card@example.jp", "連絡花子", "9992100000000001"] {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
    assert_eq!(found["review"], json!(["second_card", "company_differs"]));
    let mut values = card_form();
    for field in ["card_contact_email", "card_contact_email_again"] {
        values[field] = "stranger@example.com".into();
    }
    values["representative_contact_email"] = "stranger@example.com".into();
    let done = stranger.register("first", values).await;
    assert_eq!(done.code(), "", "{done:?}");
    let completed = done.json()["completed"].to_string();
    for secret in ["representative@example.jp", "card@example.jp", "9992100000000001"] {
        assert!(!completed.contains(secret), "{secret} in {completed}");
    }
    // Everybody named by the company is notified: what, when, by which card.
    let mails = server.take_mails().await;
    let told: Vec<_> = mails.iter().filter(|mail| mail.2.contains("申し込みがありました")).collect();
    let to: Vec<&str> = told.iter().map(|mail| mail.0.as_str()).collect();
    assert_eq!(to, ["card@example.jp", "representative@example.jp"], "{mails:?}");
    assert!(told.iter().all(|mail| mail.2.contains("株式会社悪徳商事") && mail.2.contains("2026/11/")));
    assert!(mails.iter().any(|mail| mail.0 == "stranger@example.com"));
}

#[tokio::test]
async fn a_first_registration_is_told_to_the_rosters_address_whoever_it_was() {
    let server = server_with("company_match = \"warn\"");
    server.enrol("メールアドレス", "office@test-shokai.example.jp");
    server.client().registered(&card_of(&server, 7, OTHER)).await;
    let told = |mails: Vec<(String, String, String)>| -> Vec<String> {
        let to_roster = mails.into_iter().filter(|mail| mail.0 == "office@test-shokai.example.jp");
        to_roster.map(|mail| mail.2).collect()
    };
    let mails = told(server.take_mails().await);
    let [mail] = mails.as_slice() else { panic!("{mails:?}") };
    for part in ["最初のICカードの登録", "日時 : 2026/11/", "株式会社悪徳商事", "お心当たりのないとき"]
    {
        assert!(mail.contains(part), "{part} in {mail}");
    }
    assert!(mail.contains("keiyaku@aomori.example.jp"), "whom to call: {mail}");
    // And of what follows: of all addresses it is the one that the first to register did not enter.
    server.client().registered(&card_of(&server, 8, OWN)).await;
    assert_eq!(told(server.take_mails().await).len(), 1);
}

#[tokio::test]
async fn a_card_that_waits_is_told_to_the_rosters_address() {
    let server = server_with("");
    server.enrol("メールアドレス", "office@test-shokai.example.jp");
    let mut client = server.client();
    let found = client.reach_form(&card_of(&server, 7, OTHER)).await;
    assert!(!String::from_utf8_lossy(&found.body).contains("office@"), "the applicant does not see it");
    client.register("first", form()).await;
    let mails = server.take_mails().await;
    let told = mails.iter().find(|mail| mail.0 == "office@test-shokai.example.jp");
    assert!(told.is_some_and(|mail| mail.2.contains("審査中")), "{mails:?}");
}

#[tokio::test]
async fn who_loses_the_company_level_contact_is_told_at_the_old_address() {
    let server = server_with("");
    let card = card_of(&server, 7, OWN);
    server.client().registered(&card).await;
    server.client().registered(&card_of(&server, 8, OWN)).await;
    server.take_mails().await;
    let mut client = server.client();
    let seen = client.log_in(&card, "change").await;
    let changes =
        [("representative_contact_email", "new@example.com"), ("card_contact_email", "own@example.com")];
    let changed = client.change("c-1", &seen["company"]["revision"], edited(&seen, &changes)).await;
    assert_eq!(changed.code(), "", "{changed:?}");
    let mails = server.take_mails().await;
    let to: std::collections::BTreeSet<&str> = mails.iter().map(|mail| mail.0.as_str()).collect();
    let all = ["card@example.jp", "new@example.com", "own@example.com", "representative@example.jp"];
    assert_eq!(to.into_iter().collect::<Vec<_>>(), all, "{mails:?}");
}

#[tokio::test]
async fn a_renewal_to_another_companys_card_waits_and_the_old_card_works_until_then() {
    let server = server_with("");
    let (old, new) = (card_of(&server, 7, OWN), card_of(&server, 8, OTHER));
    server.client().registered(&old).await;
    server.take_mails().await;
    let mut client = server.client();
    client.log_in(&old, "renew_old").await;
    let seen = client.login(&new, "renew_new").await.json();
    assert_eq!(seen["review"], json!(["company_differs"]), "{seen}");
    let done = client.post("/api/renewal", json!({"submission": "r-1"})).await;
    assert_eq!(done.json()["completed"]["pending"], true, "{done:?}");
    let again = client.post("/api/renewal", json!({"submission": "r-1"})).await;
    assert_eq!(again.json()["completed"], done.json()["completed"], "{again:?}");
    assert!(
        server
            .take_mails()
            .await
            .iter()
            .any(|mail| mail.1.contains("ICカード更新を受け付けました（審査中）"))
    );
    server.client().log_in(&old, "bid").await;
    let mut other = server.client();
    other.begin().await;
    assert_eq!(other.login(&new, "bid").await.code(), "registration_pending");

    let mut officer = server.officer(AGENCY, "sato", "review");
    let detail = officer.look("card", &json!(1)).await.json();
    assert_eq!(detail["replaces"], "7");
    assert_eq!(officer.look_and_decide("card", &json!(1), None).await.code(), "");
    let told = server.take_mails().await;
    let says = |part: &str| told.iter().filter(|mail| mail.2.contains(part)).count();
    let what = "内容 : 会社名または取得者の違うICカードに更新されました";
    assert_eq!((says(what), says("操作に使われたもの : ICカード")), (told.len(), told.len()), "{told:?}");
    server.client().log_in(&new, "bid").await;
    other.begin().await;
    assert_eq!(other.login(&old, "bid").await.code(), "card_replaced");
}

#[tokio::test]
async fn a_renewal_to_another_person_waits_where_the_agency_asks_for_the_same() {
    let server = server_with("renewal_match = \"holder\"");
    let old = card_of(&server, 7, OWN);
    server.client().registered(&old).await;
    for (serial, name, review) in
        [(8, "C=JP,O=株式会社テスト商会０１,CN=別人花子", json!(["holder_differs"])), (9, OWN, Value::Null)]
    {
        let mut client = server.client();
        client.log_in(&old, "renew_old").await;
        let seen = client.login(&card_of(&server, serial, name), "renew_new").await.json();
        assert_eq!(seen["review"], review, "{seen}");
    }
}

#[tokio::test]
async fn an_agency_takes_the_cards_of_the_authorities_that_it_names() {
    let mut server = server_with("");
    let file = server.folder.path().join("agencies/aomori.toml");
    let authorities = server.folder.path().join("agencies/ca");
    std::fs::create_dir(&authorities).unwrap();
    std::fs::write(authorities.join("root.toml"), "name = \"試験認証局\"\nissuer = [\"CN=Root CA\"]\n")
        .unwrap();
    std::fs::write(authorities.join("other.toml"), "name = \"別の認証局\"\nissuer = [\"CN=Other CA\"]\n")
        .unwrap();
    let text = std::fs::read_to_string(&file).unwrap();
    let with = |named: &str| {
        text.replacen("\n[company_id]", &format!("\n[cards]\nauthorities = {named}\n\n[company_id]"), 1)
    };
    for (named, code) in [("[\"other\"]", "authority_not_accepted"), ("[\"other\", \"root\"]", "")] {
        std::fs::write(&file, with(named)).unwrap();
        server = server.restart();
        let mut client = server.client();
        client.begin().await;
        assert_eq!(client.login(&card_of(&server, 7, OWN), "register").await.code(), code);
    }
    std::fs::write(&file, with("[\"nobody\"]")).unwrap();
    let (_, mistakes) = check_files(&[file]).unwrap();
    assert!(mistakes[0].to_string().contains("ca/nobody.tomlがありません"), "{mistakes:?}");
}

#[tokio::test]
async fn officers_find_companies_by_a_certificate_of_another_company() {
    let server = TestServer::start();
    server.client().registered(&card_of(&server, 7, OTHER)).await;
    let mut officer = server.officer(AGENCY, "sato", "view");
    let found = officer.get("/api/officer/companies?filter=other_company").await.json();
    assert_eq!(found["companies"][0]["number"], "990000001", "{found}");
    let recent = officer.get("/api/officer/companies?filter=recent").await.json();
    assert_eq!(recent["companies"][0]["number"], "990000001", "{recent}");
    let page = officer.get("/api/officer/companies/990000001").await.json();
    assert_eq!(page["cards"][0]["company_match"]["finding"], "other_name");
    let none = server_with("");
    none.client().registered(&card_of(&none, 7, OWN)).await;
    let mut officer = none.officer(AGENCY, "sato", "view");
    let found = officer.get("/api/officer/companies?filter=other_company").await.json();
    assert_eq!(found["companies"], json!([]));
}

#[tokio::test]
async fn strangers_cannot_flood_a_company_with_what_it_is_told() {
    let server = server_with("");
    server.client().registered(&card_of(&server, 7, OWN)).await;
    server.take_mails().await;
    for serial in 20..28 {
        let mut stranger = server.client();
        stranger.reach_form(&card_of(&server, serial, OTHER)).await;
        let mut values = card_form();
        for field in ["card_contact_email", "card_contact_email_again"] {
            values[field] = "stranger@example.com".into();
        }
        assert_eq!(stranger.register("first", values).await.code(), "");
    }
    let mails = server.take_mails().await;
    let to_company = mails.iter().filter(|mail| mail.0 == "representative@example.jp").count();
    assert_eq!(to_company, 5, "{mails:?}");
    let last: Vec<bool> = mails
        .iter()
        .filter(|mail| mail.0 == "representative@example.jp")
        .map(|mail| mail.2.contains("しばらくお送りしません") && mail.2.contains("「登録状況」"))
        .collect();
    assert_eq!(last, [false, false, false, false, true], "the last one says that it is");
    let mut officer = server.officer(AGENCY, "sato", "view");
    let page = officer.get("/api/officer/companies/990000001").await.json();
    let waiting = page["cards"].as_array().unwrap().iter().filter(|card| card["state"] == "pending").count();
    assert_eq!(waiting, 8, "all of it can be seen");
}

#[tokio::test]
async fn many_changes_of_a_cards_own_rows_do_not_silence_a_change_of_the_companys() {
    let server = server_with("");
    let (own, other) = (card_of(&server, 7, OWN), card_of(&server, 8, OWN));
    server.client().registered(&own).await;
    server.client().registered(&other).await;
    let mut client = server.client();
    for round in 0..21 {
        let seen = client.log_in(&other, "change").await;
        let person = format!("担当{round}");
        let changes = [("card_contact_person", person.as_str())];
        let submission = format!("c-{round}");
        let changed = client.change(&submission, &seen["company"]["revision"], edited(&seen, &changes)).await;
        assert_eq!(changed.code(), "");
    }
    server.enrol("メールアドレス", "roster@example.jp");
    server.take_mails().await;
    let seen = client.log_in(&other, "change").await;
    let changed = client.change("c-99", &seen["company"]["revision"], edited(&seen, &[("branch", "偽支店")]));
    assert_eq!(changed.await.code(), "");
    let mails = server.take_mails().await;
    assert!(
        mails.iter().any(|mail| mail.0 == "roster@example.jp" && mail.2.contains("会社の登録内容")),
        "{mails:?}"
    );
}

#[tokio::test]
async fn a_server_without_any_source_of_revocation_says_so() {
    let server = server_with("");
    assert_eq!(server.client().get("/healthz").await.json()["revocation"], "none");
    let mut officer = server.officer(AGENCY, "sato", "view");
    assert_eq!(officer.get("/api/officer/figures").await.json()["checks_revocation"], false);
    std::fs::write(server.folder.path().join("root.crl"), server.root.crl(&[])).unwrap();
    let server = server.restart();
    assert_eq!(server.client().get("/healthz").await.json()["revocation"], "checked");
}

#[tokio::test]
async fn a_card_that_is_registered_for_one_company_sees_nothing_of_another() {
    let server = server_with("company_match = \"warn\"");
    server.client().registered(&card_of(&server, 7, OWN)).await;
    // One tab is at a company's form while the other registers the card for another company.
    let card = card_of(&server, 8, OTHER);
    let mut one = server.client();
    one.reach_form(&card).await;
    let mut other = server.client();
    other.begin().await;
    other.login(&card, "register").await;
    assert_eq!(other.search_other().await.code(), "");
    assert_eq!(other.register("second", form()).await.code(), "");
    let shown = one.get("/api/session").await.json()["company"].to_string();
    assert!(!shown.contains("representative@example.jp") && !shown.contains("9992100000000001"), "{shown}");
}
