//! The API as a browser sees it.

use serde_json::{Value, json};

use crate::support::{
    authority::{Authority, NOW, Spec},
    client::{Client, ORIGIN, TestServer, card_form, form, no_limits},
};

const NAME: &str = "（株）テスト商会０１";

#[tokio::test]
async fn a_card_is_registered_and_logs_in_afterwards() {
    let server = TestServer::start();
    let card = server.card(7);
    let mut client = server.client();

    let portal = client.get("/api/portal").await.json();
    assert_eq!(portal["agencies"][0]["code"], "aomori");
    assert_eq!(portal["install"], json!({"guide_url": "https://all.example.jp/install/"}));
    let agency = client.get("/api/agencies/aomori").await.json();
    assert!(agency.get("mail").is_none(), "mail texts are the server's own");
    assert_eq!(client.get("/api/clock").await.json()["unix_ms"], NOW * 1000);

    let found = client.reach_form(&card).await.json();
    assert_eq!(found["card"]["registered"], false);
    assert_eq!(found["card"]["days_left"], 100);
    assert_eq!(found["card"]["values"]["card_holder_name"], "Taro Test");
    assert_eq!(found["card"]["values"]["card_company_address"], "");
    assert_eq!(found["card"]["values"]["certificate_serial"], "7");
    assert_eq!(found["company"]["occasion"], "register");
    assert_eq!(found["company"]["values"]["company_postal_code"], "030-0801");
    assert_eq!(found["company"]["values"]["company_id"], "");
    assert_eq!(
        found["company"]["values"]["qualifications"],
        "物品の製造：無し\n物品の販売：A\n役務等の提供：無し\n物品の購入：無し"
    );

    let done = client.register("s-1", form()).await.json();
    assert_eq!(done["completed"]["company_id"], "9992100000000001", "{done}");
    assert_eq!(done["completed"]["mailed_to"], json!(["representative@example.jp", "card@example.jp"]));
    let values = &done["completed"]["values"];
    assert_eq!(values["company_id"], "9992100000000001");
    assert_eq!(values["certificate_serial"], "7");
    assert_eq!(values["card_contact_person"], "連絡花子");
    assert!(values.get("card_contact_email_again").is_none());
    assert_eq!(client.get("/api/session").await.json()["completed"], done["completed"]);

    client.begin().await;
    let bid = client.login(&card, "bid").await.json();
    assert_eq!(bid["company"]["values"]["company_name"], NAME, "{bid}");
    assert_eq!(bid["company"]["values"]["company_id"], "9992100000000001");
    assert_eq!(bid["card"]["registered"], true);
}

#[tokio::test]
async fn a_second_card_keeps_the_company_and_its_id() {
    let server = TestServer::start();
    let mut client = server.client();
    client.reach_form(&server.card(7)).await;
    let first = client.register("s-1", form()).await.json();

    let mut client = server.client();
    let found = client.reach_form(&server.card(8)).await.json();
    assert_eq!(found["company"]["occasion"], "second_card");
    assert_eq!(found["company"]["values"].get("representative_contact_email"), None, "{found}");
    let mut values = card_form();
    // Nothing of the company can be changed along the way.
    values["representative_contact_email"] = "attacker@example.jp".into();
    let second = client.register("s-2", values).await.json();
    assert_eq!(second["completed"]["company_id"], first["completed"]["company_id"], "{second}");
    assert_eq!(second["completed"]["mailed_to"], json!(["card@example.jp"]));
    assert_eq!(second["completed"]["values"]["representative_contact_email"], "representative@example.jp");
}

#[tokio::test]
async fn one_card_is_registered_once() {
    let server = TestServer::start();
    let card = server.card(7);
    let mut client = server.client();
    client.reach_form(&card).await;
    let mut other_tab = server.client();
    other_tab.reach_form(&card).await;
    assert_eq!(client.register("s-1", form()).await.code(), "");
    assert_eq!(other_tab.register("s-2", form()).await.code(), "card_already_registered");
    assert_eq!(other_tab.search("990000001", NAME).await.code(), "card_already_registered");
    other_tab.begin().await;
    assert_eq!(other_tab.login(&card, "register").await.code(), "card_already_registered");
}

#[tokio::test]
async fn a_registration_sent_twice_registers_once_and_answers_the_same() {
    let server = TestServer::start();
    let mut client = server.client();
    client.reach_form(&server.card(7)).await;
    let mut twin = client.clone();
    let (one, two) = tokio::join!(client.register("s-1", form()), twin.register("s-1", form()));
    assert_eq!(one.json()["completed"], two.json()["completed"]);
    let again = client.register("s-1", form()).await;
    assert_eq!(again.json()["completed"], one.json()["completed"]);
    let mails = server.app.store.read(|reader| reader.mail_counts()).await.unwrap();
    assert_eq!(mails.queued, 2);
}

#[tokio::test]
async fn a_form_that_became_the_wrong_one_is_not_taken() {
    let server = TestServer::start();
    let mut first = server.client();
    first.reach_form(&server.card(7)).await;
    let mut second = server.client();
    second.reach_form(&server.card(8)).await;
    assert_eq!(first.register("s-1", form()).await.code(), "");
    assert_eq!(second.register("s-2", form()).await.code(), "stale");
    assert_eq!(second.get("/api/session").await.json()["company"]["occasion"], "second_card");
    assert_eq!(second.register("s-3", form()).await.code(), "");
}

#[tokio::test]
async fn wrong_fields_are_named_and_nothing_is_kept() {
    let server = TestServer::start();
    let mut client = server.client();
    client.reach_form(&server.card(7)).await;
    let mut values = form();
    values["card_contact_phone"] = "03-0000".into();
    values["card_contact_email_again"] = "other@example.jp".into();
    values["representative_contact_name"] = "".into();
    let reply = client.register("s-1", values).await;
    assert_eq!(reply.code(), "fields_invalid");
    let fields: Vec<Value> =
        reply.json()["fields"].as_array().unwrap().iter().map(|field| field["field"].clone()).collect();
    assert_eq!(fields, ["representative_contact_name", "card_contact_phone", "card_contact_email_again"]);
    assert_eq!(client.get("/api/session").await.json()["completed"], Value::Null);
    let mails = server.app.store.read(|reader| reader.mail_counts()).await.unwrap();
    assert_eq!(mails.queued, 0);
}

#[tokio::test]
async fn a_row_that_the_roster_fills_in_must_still_be_sent_where_it_is_edited() {
    let edited = "max = 30 }, register = \"show\" => max = 30 }, register = \"edit\"";
    let server = TestServer::start_with(no_limits(), edited);
    let mut client = server.client();
    let found = client.reach_form(&server.card(7)).await.json();
    assert_eq!(found["company"]["values"]["branch"], "本店", "filled in beforehand");
    let reply = client.register("s-1", form()).await;
    assert_eq!(reply.json()["fields"][0]["field"], "branch", "{reply:?}");
    let mut values = form();
    values["branch"] = "青森支店".into();
    let done = client.register("s-2", values).await.json();
    assert_eq!(done["completed"]["values"]["branch"], "青森支店");
    assert_eq!(client.get("/api/session").await.json()["company"]["values"]["branch"], "青森支店");
}

#[tokio::test]
async fn a_draft_outlives_session_and_server_and_goes_with_the_registration() {
    let server = TestServer::start();
    let card = server.card(7);
    let mut client = server.client();
    client.reach_form(&card).await;
    let typed = json!({"card_contact_person": "途中", "card_contact_phone": "03-"});
    let saved = client.send("PUT", "/api/draft", json!({"values": typed})).await;
    assert_eq!(saved.status, 204);

    let cookie = client.cookie.clone();
    let server = server.restart();
    let mut client = Client { cookie, ..server.client() };
    assert_eq!(client.get("/api/session").await.json()["draft"], typed, "the session survives too");

    let mut client = server.client();
    assert_eq!(client.reach_form(&card).await.json()["draft"], typed);
    let mut stranger = server.client();
    assert_eq!(stranger.reach_form(&server.card(8)).await.json()["draft"], Value::Null);

    assert_eq!(client.register("s-1", form()).await.json()["draft"], Value::Null);
    let late = client.send("PUT", "/api/draft", json!({"values": typed})).await;
    assert_eq!(late.code(), "card_already_registered");
}

#[tokio::test]
async fn a_challenge_is_answered_once_in_time_and_by_its_own_session() {
    let server = TestServer::start();
    let card = server.card(7);
    let mut client = server.client();
    client.begin().await;
    let login = |token: Value| json!({"token": token, "purpose": "register"});
    let early = card.token(ORIGIN, &"A".repeat(44));
    assert_eq!(client.post("/api/login", login(early)).await.code(), "nonce_missing");

    let nonce = client.challenge("register").await;
    let mut thief = server.client();
    thief.begin().await;
    thief.challenge("register").await;
    let stolen = thief.post("/api/login", login(card.token(ORIGIN, &nonce))).await;
    assert_eq!(stolen.code(), "token_signature");

    let replaced = client.challenge("register").await;
    assert_ne!(replaced, nonce);
    assert_eq!(client.post("/api/login", login(card.token(ORIGIN, &nonce))).await.code(), "token_signature");
    let again = client.post("/api/login", login(card.token(ORIGIN, &replaced))).await;
    assert_eq!(again.code(), "nonce_used", "a failed answer voids the challenge");

    let nonce = client.challenge("register").await;
    server.wait(5 * 60_000);
    assert_eq!(client.post("/api/login", login(card.token(ORIGIN, &nonce))).await.code(), "nonce_expired");
    assert_eq!(client.login(&card, "register").await.code(), "");
}

#[tokio::test]
async fn tokens_are_refused_each_for_its_reason() {
    let server = TestServer::start();
    let card = server.card(7);
    let mut client = server.client();
    client.begin().await;
    type Damage = fn(&mut Value);
    let cases: [(&str, Damage); 9] = [
        ("token_malformed", |token| drop(token.as_object_mut().unwrap().remove("signature"))),
        ("token_malformed", |token| token["unverifiedCertificate"] = "???".into()),
        ("token_malformed", |token| token["appVersion"] = "x".repeat(10_000).into()),
        ("token_format", |token| token["format"] = "web-eid:2.0".into()),
        ("token_format", |token| token["format"] = "web-eid:10".into()),
        ("token_algorithm", |token| token["algorithm"] = "none".into()),
        ("token_algorithm", |token| token["algorithm"] = "RS256".into()),
        ("token_signature", |token| token["signature"] = "AAAA".into()),
        ("certificate_malformed", |token| token["unverifiedCertificate"] = "AAAA".into()),
    ];
    for (code, damage) in cases {
        let nonce = client.challenge("register").await;
        let mut token = card.token(ORIGIN, &nonce);
        damage(&mut token);
        let reply = client.post("/api/login", json!({"token": token, "purpose": "register"})).await;
        assert_eq!(reply.code(), code, "{token}");
    }
    let nonce = client.challenge("register").await;
    let elsewhere = card.token("https://evil.example", &nonce);
    let reply = client.post("/api/login", json!({"token": elsewhere, "purpose": "register"})).await;
    assert_eq!(reply.code(), "token_signature");
    let expired = server.root.issue(Spec { not_after: NOW - 1, ..Spec::card() });
    assert_eq!(client.login(&expired, "register").await.code(), "certificate_expired");
    let stranger = Authority::root().issue(Spec::card());
    assert_eq!(client.login(&stranger, "register").await.code(), "certificate_unknown_issuer");
}

#[tokio::test]
async fn a_challenge_for_one_purpose_opens_no_other() {
    let server = TestServer::start();
    let (card, mut client) = (server.card(7), server.client());
    client.begin().await;
    let nonce = client.challenge("check").await;
    let token = card.token(ORIGIN, &nonce);
    let login = |purpose: &str| json!({"token": token, "purpose": purpose, "person_in_charge": "担当"});
    assert_eq!(client.post("/api/login", login("register")).await.code(), "nonce_missing");
    assert_eq!(client.post("/api/login", login("check")).await.code(), "", "and is still good for its own");
    assert_eq!(client.post("/api/challenge", json!({"purpose": "anything"})).await.code(), "bad_request");
}

#[tokio::test]
async fn each_step_asks_for_the_one_before() {
    let server = TestServer::start();
    let card = server.card(7);
    let mut client = server.client();
    for (method, path, body) in [
        ("GET", "/api/session", Value::Null),
        ("POST", "/api/challenge", json!({"purpose": "register"})),
        ("POST", "/api/company/search", json!({"number": "1", "name": "2"})),
        ("POST", "/api/registration", json!({"submission": "s", "values": {}})),
    ] {
        let reply = client.send(method, path, body).await;
        assert_eq!((reply.code().as_str(), reply.status.as_u16()), ("session_missing", 401), "{path}");
    }
    let unknown = json!({"agency": "nowhere", "category": "goods"});
    assert_eq!(client.post("/api/session", unknown).await.code(), "agency_unknown");
    let unknown = json!({"agency": "aomori", "category": "nothing"});
    assert_eq!(client.post("/api/session", unknown).await.code(), "category_unknown");
    assert_eq!(client.get("/api/agencies/nowhere").await.code(), "agency_unknown");

    client.begin().await;
    assert_eq!(client.search("990000001", NAME).await.code(), "card_not_presented");
    assert_eq!(client.register("s", form()).await.code(), "card_not_presented");
    assert_eq!(client.login(&card, "bid").await.code(), "card_not_registered");
    client.login(&card, "register").await;
    assert_eq!(client.register("s", form()).await.code(), "company_not_selected");
    let draft = client.send("PUT", "/api/draft", json!({"values": {}})).await;
    assert_eq!(draft.code(), "company_not_selected");
}

#[tokio::test]
async fn a_company_is_found_by_number_and_name_and_password() {
    let server = TestServer::start();
    let mut client = server.client();
    client.begin().await;
    client.login(&server.card(7), "register").await;
    let wrong = client.search("99", &"あ".repeat(41)).await;
    assert_eq!(wrong.code(), "fields_invalid");
    let fields = wrong.json()["fields"].as_array().unwrap().len();
    assert_eq!(fields, 2, "{wrong:?}");
    assert_eq!(client.search("999999999", NAME).await.code(), "number_not_found");
    assert_eq!(client.search("990000001", "（株）別会社").await.code(), "name_mismatch");
    for written in ["株式会社　テスト商会０１", "(株)ﾃｽﾄ商会01"] {
        let found = client.search(" 990000001 ", written).await;
        assert_eq!(found.code(), "", "writing is forgiven: {written} {found:?}");
    }

    let with = |user: &str, password: &str| json!({"number": "990000002", "name": "株式会社高崎建設", "user_id": user, "password": password});
    for (user, password) in [("", ""), ("user02", "wrong"), ("other", "abc12345")] {
        let reply = client.post("/api/company/search", with(user, password)).await;
        assert_eq!(reply.code(), "credentials_wrong", "{user} {password}");
    }
    assert_eq!(client.post("/api/company/search", with("user02", "abc12345")).await.code(), "");
}

#[tokio::test]
async fn an_agency_with_secret_numbers_tells_neither() {
    let server = TestServer::start_with(no_limits(), "number_list = true => number_secret = true");
    let mut client = server.client();
    client.begin().await;
    client.login(&server.card(7), "register").await;
    assert_eq!(client.search("999999999", NAME).await.code(), "company_not_found");
    assert_eq!(client.search("990000001", "（株）別会社").await.code(), "company_not_found");
}

#[tokio::test]
async fn a_session_gets_a_new_key_at_login_and_ends_when_idle_or_told() {
    let server = TestServer::start();
    let mut client = server.client();
    let begun = client.begin().await;
    let cookie = begun.header("set-cookie").to_owned();
    for part in ["__Host-touroku=", "; Path=/", "; Secure", "; HttpOnly", "; SameSite=Strict"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert!(!cookie.contains("Domain"), "{cookie}");
    let mut before = client.clone();
    client.login(&server.card(7), "register").await;
    assert_ne!(before.cookie, client.cookie);
    assert_eq!(before.get("/api/session").await.code(), "session_missing");

    server.wait(29 * 60_000);
    assert_eq!(client.get("/api/session").await.code(), "");
    server.wait(29 * 60_000);
    assert_eq!(client.get("/api/session").await.code(), "", "each request keeps it alive");
    server.wait(31 * 60_000);
    assert_eq!(client.get("/api/session").await.code(), "session_missing");

    client.begin().await;
    let mut kept = client.clone();
    assert_eq!(client.send("DELETE", "/api/session", Value::Null).await.status, 204);
    assert_eq!(client.cookie, None);
    assert_eq!(kept.get("/api/session").await.code(), "session_missing");
}

#[tokio::test]
async fn of_two_answers_to_one_challenge_one_is_let_in() {
    let server = TestServer::start();
    let card = server.card(7);
    let mut client = server.client();
    client.begin().await;
    let nonce = client.challenge("register").await;
    let login = json!({"token": card.token(ORIGIN, &nonce), "purpose": "register"});
    let mut twin = client.clone();
    let (one, two) = tokio::join!(client.post("/api/login", login.clone()), twin.post("/api/login", login));
    let mut codes = [one.code(), two.code()];
    codes.sort();
    // The winner has a new key: the loser's session is gone, or was found with its challenge used.
    assert!(
        codes[0].is_empty() && ["nonce_used", "session_missing"].contains(&codes[1].as_str()),
        "{codes:?}"
    );
}

#[tokio::test]
async fn a_card_that_is_only_checked_opens_nothing() {
    let server = TestServer::start();
    let card = server.card(7);
    let mut client = server.client();
    client.begin().await;
    let checked = client.login(&card, "check").await.json();
    assert_eq!((&checked["purpose"], &checked["card"]["registered"]), (&json!("check"), &json!(false)));
    assert_eq!(client.search("990000001", NAME).await.code(), "card_not_presented");
    client.registered(&card).await;
    let checked = client.log_in(&card, "check").await;
    assert_eq!((&checked["card"]["registered"], &checked["company"]), (&json!(true), &Value::Null));
    assert_eq!(client.change("c-1", &json!(0), json!({})).await.code(), "card_not_presented");
}

#[tokio::test]
async fn a_refused_card_uses_its_challenge_up() {
    let server = TestServer::start();
    let card = server.card(7);
    let mut client = server.client();
    client.begin().await;
    let nonce = client.challenge("bid").await;
    let login = || json!({"token": card.token(ORIGIN, &nonce), "purpose": "bid"});
    assert_eq!(client.post("/api/login", login()).await.code(), "card_not_registered");
    assert_eq!(client.post("/api/login", login()).await.code(), "nonce_used");
}
