//! Certificates that share issuer and number with a card that is known.

use serde_json::json;

use crate::{
    identity::{OTHER, OWN, card_of, server_with},
    support::{
        authority::Spec,
        client::{card_form, form},
    },
};

#[tokio::test]
async fn a_certificate_with_anothers_issuer_and_number_is_an_incident() {
    let server = server_with("");
    let card = card_of(&server, 7, OWN);
    server.client().registered(&card).await;
    server.take_mails().await;
    // Same authority, same number, another key.
    let twin = card_of(&server, 7, OWN);
    for purpose in ["bid", "change", "renew_old", "register"] {
        let mut client = server.client();
        client.begin().await;
        assert_eq!(client.login(&twin, purpose).await.code(), "certificate_forged", "{purpose}");
    }
    server.client().log_in(&card, "bid").await;
    let mails = server.take_mails().await;
    let to_company = mails.iter().filter(|mail| mail.0 == "representative@example.jp").count();
    let to_officers = mails.iter().filter(|mail| mail.1.contains("別の電子証明書")).count();
    assert_eq!((to_company, to_officers), (4, 1), "{mails:?}");
}

#[tokio::test]
async fn a_twin_that_came_before_the_companys_own_card_sees_and_takes_back_nothing_of_it() {
    let server = server_with("");
    let (own, twin) = (card_of(&server, 7, OWN), card_of(&server, 7, OWN));
    let mut early = server.client();
    early.reach_form(&twin).await;
    server.client().registered(&own).await;
    let seen = early.get("/api/session").await;
    let text = String::from_utf8(seen.body).unwrap();
    assert!(!text.contains("representative@example.jp"), "{text}");
    let (own, twin) = (card_of(&server, 8, OTHER), card_of(&server, 8, OTHER));
    let mut early = server.client();
    early.reach_form(&twin).await;
    let mut waiting = server.client();
    waiting.reach_form(&own).await;
    assert_eq!(waiting.register("second", card_form()).await.json()["completed"]["pending"], true);
    assert_eq!(early.post("/api/application/withdrawal", json!({})).await.code(), "stale");
}

#[tokio::test]
async fn a_certificate_with_the_number_of_a_card_that_waits_or_was_replaced_is_an_incident_too() {
    let server = server_with("");
    server.client().registered(&card_of(&server, 7, OWN)).await;
    let mut waiting = server.client();
    waiting.reach_form(&card_of(&server, 8, OTHER)).await;
    assert_eq!(waiting.register("second", card_form()).await.json()["completed"]["pending"], true);
    let mut renewing = server.client();
    renewing.registered(&card_of(&server, 9, OWN)).await;
    server.take_mails().await;
    server.by_hand("UPDATE card SET replaced_by = 1 WHERE serial = '9'");
    for serial in [8, 9] {
        let mut client = server.client();
        client.begin().await;
        assert_eq!(client.login(&card_of(&server, serial, OWN), "bid").await.code(), "certificate_forged");
    }
    let mails = server.take_mails().await;
    let to_company = mails.iter().filter(|mail| mail.0 == "representative@example.jp").count();
    let to_officers = mails.iter().filter(|mail| mail.1.contains("別の電子証明書")).count();
    assert_eq!((to_company, to_officers), (2, 1), "{mails:?}");
}

#[tokio::test]
async fn a_negative_serial_number_and_its_unsigned_twin_are_two_cards() {
    let server = server_with("");
    let negative = server.root.issue(Spec { name: OWN, serial: 5, is_negative: true, ..Spec::card() });
    let positive = card_of(&server, 251, OWN);
    let mut client = server.client();
    let found = client.reach_form(&negative).await.json();
    assert_eq!(found["card"]["values"]["certificate_serial"], "-5");
    assert_eq!(client.register("first", form()).await.code(), "");
    server.client().registered(&positive).await;
    server.client().log_in(&negative, "bid").await;
    server.client().log_in(&positive, "bid").await;
}
