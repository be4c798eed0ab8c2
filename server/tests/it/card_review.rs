//! 利用者登録 of a card that waits for officers.

use serde_json::{Value, json};

use crate::support::{
    authority::{Card, Spec},
    client::{Client, TestServer, card_form, form, no_limits},
    review::row,
};

const AGENCY: &str = "aomori";

/// `more` lines of each category, and what else is replaced in the profile.
fn server_with(more: &str, replacements: &str) -> TestServer {
    // In every category: a card is valid for all.
    let waits = ["works", "goods"]
        .map(|code| format!("code = \"{code}\" => code = \"{code}\"\u{1}card_review = true{more}"));
    TestServer::start_at(AGENCY, no_limits(), &format!("{}\n{replacements}", waits.join("\n")))
}

fn server() -> TestServer {
    server_with("", "")
}

async fn refusal(client: &mut Client, card: &Card, purpose: &str) -> String {
    client.begin().await;
    client.login(card, purpose).await.code()
}

#[tokio::test]
async fn a_card_waits_logs_in_to_nothing_and_does_after_the_approval() {
    let server = server();
    let card = server.card(7);
    let mut client = server.client();
    client.reach_form(&card).await;
    let done = client.register("first", form()).await;
    assert_eq!(done.code(), "", "{done:?}");
    let completed = done.json()["completed"].clone();
    assert_eq!((&completed["pending"], &completed["company_id"]), (&json!(true), &json!("")));
    assert_eq!(done.json()["card"]["registered"], false);
    let mails = server.take_mails().await;
    assert_eq!(mails.len(), 2);
    let line = format!("受付番号 : {}\n", completed["receipt"].as_str().unwrap());
    assert!(mails.iter().all(|mail| mail.1.contains("審査中") && mail.2.contains(&line)), "{mails:?}");
    assert_eq!(client.get("/api/session").await.json()["completed"], completed, "after a reload");
    assert_eq!(client.register("first", form()).await.json()["completed"], completed, "sent twice");
    assert_eq!(client.register("second", form()).await.code(), "registration_pending");
    for purpose in ["bid", "change", "renew_old"] {
        assert_eq!(refusal(&mut client, &card, purpose).await, "registration_pending", "{purpose}");
    }
    assert!(server.take_mails().await.is_empty(), "one mail, however often it was sent");

    let mut officer = server.officer(AGENCY, "sato", "review");
    let item = officer.queue("pending").await["applications"][0].clone();
    assert_eq!((&item["kind"], &item["number"]), (&json!("card"), &json!("990000001")));
    assert_eq!(item["receipt"], completed["receipt"]);
    let detail = officer.look("card", &item["id"]).await.json();
    let holder = row(&detail, "ICカード取得者氏名");
    assert_eq!((&holder["applied"], &holder["roster"]), (&Value::Null, &json!("試験太郎")));
    assert!(!holder["certificate"].as_str().unwrap().is_empty(), "{holder}");
    let approved = officer.decide("card", &item["id"], &detail["revision"], None).await;
    assert_eq!(approved.json()["item"]["state"], "approved", "{approved:?}");
    let mails = server.take_mails().await;
    assert_eq!(mails.len(), 2);
    assert!(
        mails.iter().all(|mail| mail.1.contains("承認されました")
            && mail.2.contains("企業ID : 9992")
            && mail.2.contains(&line)),
        "{mails:?}"
    );

    let bid = client.log_in(&card, "bid").await;
    assert_eq!(bid["company"]["values"]["company_id"], "9992100000000001");
    let change = client.log_in(&card, "change").await;
    assert_eq!(change["company"]["values"]["card_contact_person"], "連絡花子");
    assert_eq!(refusal(&mut client, &card, "register").await, "card_already_registered");
    assert_eq!(server.audit(AGENCY)[0].1, "application_approved");
}

#[tokio::test]
async fn a_rejected_card_opens_nothing_and_may_be_registered_again() {
    let server = server();
    let card = server.card(7);
    let mut client = server.client();
    client.registered(&card).await;
    server.take_mails().await;
    let mut officer = server.officer(AGENCY, "sato", "review");
    let rejected = officer.look_and_decide("card", &json!(1), Some("名義が違います")).await;
    assert_eq!(rejected.json()["item"]["state"], "rejected", "{rejected:?}");
    let mails = server.take_mails().await;
    assert!(mails.len() == 2 && mails[0].2.contains("理由 : 名義が違います"), "{mails:?}");
    assert_eq!(refusal(&mut client, &card, "bid").await, "card_not_registered");

    let found = client.reach_form(&card).await.json();
    assert_eq!(found["company"]["occasion"], "register", "what was rejected is not the company's");
    assert_ne!(found["company"]["values"]["representative_contact_email"], "representative@example.jp");
    let draft = &found["draft"];
    assert_eq!(
        draft["representative_contact_email"], "representative@example.jp",
        "what was entered: {found}"
    );
    assert_eq!(draft["representative_contact_email_again"], "representative@example.jp");
    let again = client.register("again", form()).await;
    assert_eq!(again.json()["completed"]["pending"], true, "{again:?}");
    assert_eq!(officer.look_and_decide("card", &json!(2), None).await.code(), "");
    client.log_in(&card, "bid").await;
    assert_eq!(officer.queue("decided").await["applications"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_card_that_waits_is_taken_back_and_corrected_by_that_card_alone() {
    let server = server();
    let card = server.card(7);
    let mut client = server.client();
    client.registered(&card).await;
    assert_eq!(client.post("/api/application/withdrawal", json!({})).await.code(), "", "right after it");

    client.reach_form(&card).await;
    assert_eq!(client.register("second", form()).await.code(), "");
    server.take_mails().await;
    let mut stranger = server.client();
    stranger.reach_form(&server.card(8)).await;
    assert_eq!(stranger.post("/api/application/withdrawal", json!({})).await.code(), "stale");

    client.begin().await;
    let seen = client.login(&card, "register").await.json();
    let own = &seen["application"]["own"];
    assert_eq!((&own["state"], &own["entered"]), (&json!("pending"), &json!(true)), "{seen}");
    assert_eq!(client.register("third", form()).await.code(), "registration_pending");
    let after = client.post("/api/application/withdrawal", json!({})).await.json();
    assert_eq!(
        (after.get("application"), &after["company"]["values"]["company_number"]),
        (None, &json!("990000001"))
    );
    assert_eq!(after["draft"]["card_contact_person"], "連絡花子", "{after}");
    assert_eq!(client.post("/api/application/withdrawal", json!({})).await.code(), "stale");

    let mut officer = server.officer(AGENCY, "sato", "review");
    assert_eq!(officer.queue("pending").await["applications"], json!([]));
    assert_eq!(officer.queue("decided").await["applications"][0]["state"], "withdrawn");
    assert_eq!(officer.look_and_decide("card", &json!(2), None).await.code(), "stale");
    let mut corrected = form();
    corrected["card_contact_person"] = "直した人".into();
    assert_eq!(client.register("third", corrected).await.json()["completed"]["pending"], true);
    assert_eq!(officer.look_and_decide("card", &json!(3), None).await.code(), "");
    assert_eq!(client.log_in(&card, "change").await["company"]["values"]["card_contact_person"], "直した人");
}

#[tokio::test]
async fn of_two_first_cards_the_one_that_is_approved_first_speaks_for_the_company() {
    let server = server();
    let (one, two) = (server.card(7), server.card(8));
    for (card, person) in [(&one, "連絡一郎"), (&two, "連絡二郎")] {
        let mut client = server.client();
        client.reach_form(card).await;
        let mut values = form();
        values["representative_contact_person"] = person.into();
        values["card_contact_person"] = person.into();
        assert_eq!(client.register("first", values).await.code(), "");
    }
    server.take_mails().await;
    let mut officer = server.officer(AGENCY, "sato", "review");
    assert_eq!(officer.look_and_decide("card", &json!(2), None).await.code(), "");
    assert_eq!(server.take_mails().await.len(), 2);
    assert_eq!(officer.look_and_decide("card", &json!(1), None).await.code(), "");
    let mails = server.take_mails().await;
    assert!(
        mails.iter().any(|mail| mail.1.contains("別のICカード")),
        "who was there before is told: {mails:?}"
    );
    let mut client = server.client();
    let seen = client.log_in(&one, "change").await;
    let values = &seen["company"]["values"];
    assert_eq!(
        (&values["representative_contact_person"], &values["card_contact_person"], &values["company_id"]),
        (&json!("連絡二郎"), &json!("連絡一郎"), &json!("9992100000000001"))
    );
}

#[tokio::test]
async fn a_second_card_waits_too_and_a_renewed_one_does_not() {
    let server = server();
    let (one, two, three) = (server.card(7), server.card(8), server.card(9));
    let mut client = server.client();
    client.registered(&one).await;
    let mut officer = server.officer(AGENCY, "sato", "review");
    officer.look_and_decide("card", &json!(1), None).await;
    client.reach_form(&two).await;
    let second = client.register("second", card_form()).await.json();
    assert_eq!(
        (&second["completed"]["pending"], &second["completed"]["company_id"]),
        (&json!(true), &json!(""))
    );
    // A pending card can't get in another way.
    client.log_in(&one, "renew_old").await;
    assert_eq!(client.login(&two, "renew_new").await.code(), "registration_pending");
    client.log_in(&one, "renew_old").await;
    assert_eq!(client.login(&three, "renew_new").await.code(), "");
    let renewed = client.post("/api/renewal", json!({"submission": "r-1"})).await;
    assert_eq!((renewed.code().as_str(), &renewed.json()["completed"]["pending"]), ("", &Value::Null));
    client.log_in(&three, "bid").await;
    assert_eq!(officer.look_and_decide("card", &json!(2), None).await.code(), "");
    client.log_in(&two, "bid").await;
}

#[tokio::test]
async fn two_officers_approve_a_card_where_the_profile_asks_for_two() {
    let server = server_with("\u{1}approvals = 2", "");
    let card = server.card(7);
    let mut client = server.client();
    client.registered(&card).await;
    let mut one = server.officer(AGENCY, "sato", "review");
    let mut two = server.officer(AGENCY, "suzuki", "review");
    assert_eq!(one.look_and_decide("card", &json!(1), None).await.json()["item"]["state"], "first_approved");
    assert_eq!(one.look_and_decide("card", &json!(1), None).await.code(), "same_officer");
    assert_eq!(refusal(&mut client, &card, "bid").await, "registration_pending");
    assert_eq!(two.look_and_decide("card", &json!(1), None).await.json()["item"]["state"], "approved");
    client.log_in(&card, "bid").await;
}

#[tokio::test]
async fn a_card_needs_as_many_officers_as_the_strictest_category_whichever_it_applies_in() {
    let strict = "code = \"works\" => code = \"works\"\u{1}approvals = 2\ncompany_match = \"warn\" => ";
    let server = TestServer::start_at(AGENCY, no_limits(), strict);
    let other =
        server.root.issue(Spec {
            serial: 7, name: "C=JP,O=株式会社悪徳商事,CN=悪田徳子", ..Spec::card()
        });
    let mut client = server.client();
    client.post("/api/session", json!({"agency": AGENCY, "category": "goods"})).await;
    assert_eq!(client.login(&other, "register").await.code(), "");
    let found = client.search("990000001", "（株）テスト商会０１").await;
    assert_eq!(found.code(), "", "{found:?}");
    let done = client.register("first", form()).await.json();
    assert_eq!(done["completed"]["pending"], true, "{done}");
    let mut one = server.officer(AGENCY, "sato", "review");
    let mut two = server.officer(AGENCY, "suzuki", "review");
    assert_eq!(one.look_and_decide("card", &json!(1), None).await.json()["item"]["state"], "first_approved");
    assert_eq!(two.look_and_decide("card", &json!(1), None).await.json()["item"]["state"], "approved");
}

#[tokio::test]
async fn an_application_whose_category_has_gone_is_refused_by_no_mail_to_an_unconfirmed_address() {
    let server = server_with("", "send_unconfirmed = true => send_unconfirmed = false");
    server.client().registered(&server.card(7)).await;
    server.take_mails().await;
    let file = server.folder.path().join("agencies/aomori.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replace("code = \"works\"", "code = \"building\"")).unwrap();
    let server = server.restart();
    let mut officer = server.officer(AGENCY, "sato", "review");
    let refused = officer.look_and_decide("card", &json!(1), Some("区分がなくなりました")).await;
    assert_eq!(refused.code(), "", "{refused:?}");
    let mails = server.take_mails().await;
    assert!(mails.iter().all(|mail| !mail.2.contains("区分がなくなりました")), "{mails:?}");
}

#[tokio::test]
async fn two_officers_at_once_register_a_card_once() {
    let server = server();
    let card = server.card(7);
    server.client().registered(&card).await;
    let mut one = server.officer(AGENCY, "sato", "review");
    let mut two = server.officer(AGENCY, "suzuki", "review");
    let revision = one.look("card", &json!(1)).await.json()["revision"].clone();
    let id = json!(1);
    let (first, second) =
        tokio::join!(one.decide("card", &id, &revision, None), two.decide("card", &id, &revision, None));
    let mut codes = [first.code(), second.code()];
    codes.sort();
    assert_eq!(codes, ["", "stale"]);
    server.client().log_in(&card, "bid").await;
}

#[tokio::test]
async fn a_card_of_another_agency_is_not_there() {
    let server = server().with_agency("shimonoseki");
    server.client().registered(&server.card(7)).await;
    let mut other = server.officer("shimonoseki", "sato", "manage");
    assert_eq!(other.look("card", &json!(1)).await.code(), "not_found");
    assert_eq!(other.decide("card", &json!(1), &json!("x"), None).await.code(), "not_found");
}

#[tokio::test]
async fn what_was_typed_with_a_card_that_waits_stands_in_no_mail_whatever_the_agencys_texts_name() {
    let text =
        "担当 : {card_contact_person}、{representative_contact_phone}、{company_name}、{card_holder_name}";
    let texts = ["card_applied", "card_rejected"]
        .map(|mail| format!("[mail.{mail}]\u{1}subject = \"{mail}\"\u{1}body = \"{text}\"\u{1}"));
    let server = server_with("", &format!("[mail.registered] => {}[mail.registered]", texts.concat()));
    let mut client = server.client();
    client.reach_form(&server.card(7)).await;
    assert_eq!(client.register("first", form()).await.code(), "");
    let mut officer = server.officer(AGENCY, "sato", "review");
    assert_eq!(officer.look_and_decide("card", &json!(1), Some("別の会社です")).await.code(), "");
    let mails = server.take_mails().await;
    for subject in ["card_applied", "card_rejected"] {
        let found: Vec<_> = mails.iter().filter(|mail| mail.1 == subject).collect();
        assert_eq!(found.len(), 2, "{mails:?}");
        for mail in found {
            assert_eq!(mail.2.trim(), "担当 : 、、（株）テスト商会０１、Taro Test", "{subject}");
        }
    }
}
