//! Two companies of one name: an address in another prefecture tells that the name proves too little.

use serde_json::{Value, json};

use crate::support::{
    authority::{Card, Spec},
    client::{TestServer, card_form, form, no_limits},
    der::{sequence, tlv},
};

const AGENCY: &str = "aomori";

fn server() -> TestServer {
    let server =
        TestServer::start_at(AGENCY, no_limits(), "company_match = \"warn\" => company_match = \"review\"");
    server.import(
        "業者番号,商号又は名称,住所,法人番号\n\
         990000001,（株）テスト商会０１,青森県青森市新町一丁目１番,4011001098993\n",
    );
    server
}

/// A card of the company in the roster, whose certificate names this address in Japanese.
fn card_at(server: &TestServer, serial: u32, place: &[(&str, &str)]) -> Card {
    let mut name = openssl::x509::X509NameBuilder::new().unwrap();
    for (key, value) in [("O", "株式会社テスト商会０１"), ("CN", "試験太郎")].iter().chain(place)
    {
        name.append_entry_by_text(key, value).unwrap();
    }
    let names = sequence(&[tlv(0xa4, &name.build().to_der().unwrap())]);
    server.root.issue(Spec { serial, extensions: vec![("2.5.29.17", false, names)], ..Spec::card() })
}

#[tokio::test]
async fn a_card_of_the_same_name_from_another_prefecture_waits_for_officers_who_see_both_addresses() {
    let server = server();
    let mut client = server.client();
    let card = card_at(&server, 7, &[("ST", "岩手県"), ("L", "盛岡市")]);
    let found = client.reach_form(&card).await.json();
    assert_eq!(found["review"], json!(["company_unclear"]), "{found}");
    assert_eq!(client.register("first", form()).await.json()["completed"]["pending"], true);

    let mut officer = server.officer(AGENCY, "sato", "review");
    let detail = officer.look("card", &json!(1)).await.json();
    let compared = &detail["company_match"];
    assert_eq!(
        [&compared["finding"], &compared["certificate_address"], &compared["roster_address"]],
        ["same_name_elsewhere", "岩手県 盛岡市", "青森県青森市新町一丁目１番"]
    );
}

#[tokio::test]
async fn a_card_from_elsewhere_in_the_prefecture_is_registered_and_officers_see_the_difference() {
    let server = server();
    for (serial, city, values, differs) in
        [(7, "八戸市", form(), true), (8, "青森市新町1-1", card_form(), false)]
    {
        let mut client = server.client();
        let found =
            client.reach_form(&card_at(&server, serial, &[("ST", "青森県"), ("L", city)])).await.json();
        assert_eq!(found["review"], Value::Null, "{found}");
        assert_eq!(client.register(&format!("{serial}"), values).await.code(), "");
        let mut officer = server.officer(AGENCY, &format!("sato{serial}"), "view");
        let page = officer.get("/api/officer/companies/990000001").await.json();
        let cards = page["cards"].as_array().unwrap().iter();
        let marks: Vec<_> =
            cards.filter(|card| card["serial"].as_str() == Some(&serial.to_string())).collect();
        assert_eq!(marks.len(), 1, "{page}");
        assert_eq!(marks[0]["company_match"]["other_address"], differs, "{}", marks[0]);
    }
}

#[tokio::test]
async fn a_corporate_number_proves_the_company_wherever_it_is() {
    let server = server();
    let place = [("ST", "岩手県"), ("organizationIdentifier", "NTRJP-4011001098993")];
    let found = server.client().reach_form(&card_at(&server, 7, &place)).await.json();
    assert_eq!(found["card"]["company_match"]["finding"], "same_number", "{found}");
    assert_eq!(found["review"], Value::Null);
}
