//! 変更 with a card.

use serde_json::{Value, json};

use crate::support::client::{TestServer, edited, form};

#[tokio::test]
async fn a_change_is_kept_shown_and_mailed_to_the_addresses_before_and_after() {
    let server = TestServer::start();
    let card = server.card(7);
    let mut client = server.client();
    client.registered(&card).await;
    server.take_mails().await;

    let session = client.log_in(&card, "change").await;
    assert_eq!(session["company"]["occasion"], "change");
    let changes = [
        ("branch", "青森支店"),
        ("card_contact_person", "新任次郎"),
        ("card_contact_email", "new@example.jp"),
        // Not among the rows that 変更 edits.
        ("company_name", "別会社"),
        ("certificate_serial", "99"),
    ];
    let done = client.change("c-1", &session["company"]["revision"], edited(&session, &changes)).await.json();
    let completed = &done["completed"];
    assert_eq!(completed["function"], "change", "{done}");
    assert_eq!(completed["company_id"], "9992100000000001");
    assert_eq!(completed["values"]["card_contact_person"], "新任次郎");
    assert_eq!(completed["values"]["company_name"], "（株）テスト商会０１");
    assert_eq!(completed["values"]["certificate_serial"], "7");
    assert_eq!(
        completed["mailed_to"],
        json!(["representative@example.jp", "card@example.jp", "new@example.jp"])
    );
    let mails = server.take_mails().await;
    let to: Vec<_> = mails.iter().map(|(to, ..)| to.as_str()).collect();
    assert_eq!(to, ["card@example.jp", "new@example.jp", "representative@example.jp"]);
    assert!(mails[0].1.contains("変更"), "{mails:?}");

    let again = client.log_in(&card, "bid").await;
    assert_eq!(again["company"]["values"]["branch"], "青森支店");
    assert_eq!(again["company"]["values"]["card_contact_email"], "new@example.jp");
}

#[tokio::test]
async fn a_phone_number_is_kept_as_the_page_shows_it_and_is_no_change_of_the_company() {
    let server = TestServer::start();
    let card = server.card(7);
    let mut client = server.client();
    client.reach_form(&card).await;
    let mut values = form();
    values["representative_contact_phone"] = "0177001234".into();
    assert_eq!(client.register("r-1", values).await.code(), "");
    server.take_mails().await;

    let session = client.log_in(&card, "change").await;
    assert_eq!(session["company"]["values"]["representative_contact_phone"], "0177001234");
    let values = edited(&session, &[("card_contact_person", "新任次郎")]);
    assert_eq!(client.change("c-1", &session["company"]["revision"], values).await.code(), "");
    let mails = server.take_mails().await;
    assert!(mails.iter().all(|mail| !mail.2.contains("会社の登録内容")), "{mails:?}");
}

#[tokio::test]
async fn of_two_browsers_the_second_is_told_and_loses_nothing_that_the_first_wrote() {
    let server = TestServer::start();
    let card = server.card(7);
    let mut one = server.client();
    one.registered(&card).await;
    let seen = one.log_in(&card, "change").await;
    let mut two = server.client();
    two.log_in(&card, "change").await;
    let revision = &seen["company"]["revision"];
    assert_eq!(one.change("c-1", revision, edited(&seen, &[("branch", "一号店")])).await.code(), "");
    server.take_mails().await;
    let late = two.change("c-2", revision, edited(&seen, &[("branch", "二号店")])).await;
    assert_eq!(late.code(), "stale");
    assert_eq!(server.take_mails().await, []);
    let fresh = two.get("/api/session").await.json();
    assert_eq!(fresh["company"]["values"]["branch"], "一号店");
    assert_ne!(&fresh["company"]["revision"], revision);
    let revision = &fresh["company"]["revision"];
    assert_eq!(two.change("c-3", revision, edited(&fresh, &[("branch", "二号店")])).await.code(), "");
}

#[tokio::test]
async fn a_change_sent_twice_changes_once_and_answers_the_same() {
    let server = TestServer::start();
    let card = server.card(7);
    let mut client = server.client();
    client.registered(&card).await;
    let session = client.log_in(&card, "change").await;
    server.take_mails().await;
    let (revision, values) = (&session["company"]["revision"], edited(&session, &[("branch", "支店")]));
    let mut twin = client.clone();
    let (one, two) =
        tokio::join!(client.change("c-1", revision, values.clone()), twin.change("c-1", revision, values));
    assert_eq!((one.code(), two.code()), (String::new(), String::new()));
    assert_eq!(one.json()["completed"], two.json()["completed"]);
    assert_eq!(server.take_mails().await.len(), 2);
}

#[tokio::test]
async fn two_cards_of_a_company_share_its_rows_and_keep_their_own() {
    let server = TestServer::start();
    let (one, two) = (server.card(7), server.card(8));
    let mut client = server.client();
    client.registered(&one).await;
    client.registered(&two).await;
    let stale = client.log_in(&two, "change").await;
    let session = client.log_in(&one, "change").await;
    let changes = [("representative_contact_person", "共有"), ("card_contact_person", "一枚目")];
    let done = client.change("c-1", &session["company"]["revision"], edited(&session, &changes)).await;
    assert_eq!(done.code(), "");

    let other = client.log_in(&two, "change").await;
    assert_eq!(other["company"]["values"]["representative_contact_person"], "共有");
    assert_eq!(other["company"]["values"]["card_contact_person"], "連絡花子");
    assert_ne!(other["company"]["revision"], stale["company"]["revision"], "its company changed");
    let own = [("card_contact_person", "二枚目")];
    let done = client.change("c-1", &other["company"]["revision"], edited(&other, &own)).await;
    assert_eq!(done.code(), "", "another card's submission of that name is another one");
    let first = client.log_in(&one, "change").await;
    assert_eq!(first["company"]["values"]["card_contact_person"], "一枚目");
}

#[tokio::test]
async fn a_change_needs_its_card_and_right_fields() {
    let server = TestServer::start();
    let card = server.card(7);
    let mut client = server.client();
    client.registered(&card).await;
    let session = client.log_in(&card, "bid").await;
    let revision = &session["company"]["revision"];
    assert_eq!(client.change("c-1", revision, json!({})).await.code(), "card_not_presented");
    let session = client.log_in(&card, "change").await;
    let mut values = edited(&session, &[("branch", ""), ("card_contact_phone", "1")]);
    values["card_contact_email_again"] = "typo@example.jp".into();
    let reply = client.change("c-1", &session["company"]["revision"], values).await;
    assert_eq!(reply.code(), "fields_invalid");
    let fields: Vec<Value> =
        reply.json()["fields"].as_array().unwrap().iter().map(|field| field["field"].clone()).collect();
    assert_eq!(fields, ["branch", "card_contact_phone", "card_contact_email_again"]);
    assert_eq!(client.change("c/1", revision, json!({})).await.code(), "bad_request");
    client.begin().await;
    assert_eq!(client.login(&server.card(8), "change").await.code(), "card_not_registered");
}

#[tokio::test]
async fn a_draft_of_a_change_comes_back_with_the_card_and_goes_when_finished() {
    let server = TestServer::start();
    let card = server.card(7);
    let mut client = server.client();
    client.registered(&card).await;
    client.log_in(&card, "change").await;
    let typed = json!({"branch": "書きかけ", "company_name": "編集できない"});
    assert_eq!(client.send("PUT", "/api/draft", json!({"values": typed})).await.status, 204);
    let session = client.log_in(&card, "change").await;
    assert_eq!(session["draft"], json!({"branch": "書きかけ"}));
    assert_eq!(session["company"]["values"]["branch"], "本店", "a draft is not the registration");
    assert_eq!(client.log_in(&card, "bid").await["draft"], Value::Null);
    client.log_in(&card, "change").await;
    let done = client.change("c-1", &session["company"]["revision"], edited(&session, &[])).await.json();
    assert_eq!(done["draft"], Value::Null);
    assert_eq!(client.log_in(&card, "change").await["draft"], Value::Null);
}

#[tokio::test]
async fn whoever_is_replaced_as_a_contact_learns_what_happened_when_and_by_which_card() {
    let server = TestServer::start();
    let card = server.card(7);
    let mut client = server.client();
    client.registered(&card).await;
    server.take_mails().await;
    let seen = client.log_in(&card, "change").await;
    let mut values = edited(&seen, &[]);
    for field in ["representative_contact_email", "representative_contact_email_again"] {
        values[field] = "other@example.jp".into();
    }
    assert_eq!(client.change("c-1", &seen["company"]["revision"], values).await.code(), "");
    let mails = server.take_mails().await;
    let replaced = mails.iter().find(|mail| mail.0 == "representative@example.jp").unwrap();
    for part in ["会社の登録内容", "日時 : 20", "操作に使われたもの : ICカード", "証明書シリアル番号 7"]
    {
        assert!(replaced.2.contains(part), "{part}: {}", replaced.2);
    }
}
