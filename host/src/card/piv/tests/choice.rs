//! Which key, which PIN and which characters: what a card says, and where it says nothing.

use openssl::x509::extension::ExtendedKeyUsage;

use super::*;

/// A certificate for that key which says that it is (not) for clients.
fn certificate_with_usage(key: &PKey<Private>, client: bool) -> Vec<u8> {
    let mut builder = X509::builder().unwrap();
    builder.set_version(2).unwrap();
    builder.set_not_before(&Asn1Time::from_unix(NOW - DAY).unwrap()).unwrap();
    builder.set_not_after(&Asn1Time::from_unix(NOW + DAY).unwrap()).unwrap();
    builder.set_pubkey(key).unwrap();
    let mut usage = ExtendedKeyUsage::new();
    let usage = if client { usage.client_auth() } else { usage.email_protection() };
    builder.append_extension(usage.build().unwrap()).unwrap();
    builder.sign(key, MessageDigest::sha256()).unwrap();
    builder.build().to_der().unwrap()
}

#[test]
fn the_signature_key_is_used_where_the_authentication_key_has_no_certificate_to_log_in_with() {
    let key = ec(Nid::X9_62_PRIME256V1);
    let (mail, client) = (certificate_with_usage(&key, false), certificate_with_usage(&key, true));
    let selected = || Script::new().on(SELECT, SELECTED);
    for first in [selected().on(GET_DATA, "6A82"), with_certificate(selected(), &mail)] {
        let mut card = with_object(first, GET_SECOND, &object(&client))
            .on(DISCOVER, "6A82")
            .on(QUERY, "63C3")
            .on(VERIFY, "9000")
            .on("0087119C26 7C2482008120…", ECDSA)
            .on(DESELECT, ISSUER_DOMAIN);
        let (token, _) = run(&mut card, &request("123456"));
        assert_eq!(STANDARD.decode(token.unwrap().unverified_certificate).unwrap(), client);
    }
    // Neither is suitable: the first remains the card's identity.
    let card = with_object(with_certificate(selected(), &mail), GET_SECOND, &object(&mail));
    let summary = read_card(card.on(DISCOVER, "6A82").on(QUERY, "63C3")).unwrap();
    assert_eq!(summary.id, CardCertificate::parse(mail).unwrap().id());
}

#[test]
fn the_global_pin_is_asked_and_sent_where_the_card_says_so_and_the_card_is_reset() {
    let der = certificate_for(&ec(Nid::X9_62_PRIME256V1));
    let discovered = |policy: &str| format!("7E12 4F0B A000000308000010000100 5F2F02 {policy} 9000");
    for policy in ["6020", "2000"] {
        let mut card = with_certificate(Script::new().on(SELECT, SELECTED), &der)
            .on(DISCOVER, &discovered(policy))
            .on("00200000", "63C3")
            .on("0020000008 313233343536FFFF", "9000")
            .on("0087…", ECDSA)
            .on(DESELECT, ISSUER_DOMAIN);
        let (token, release) = run(&mut card, &request("123456"));
        assert_eq!((token.is_ok(), release), (true, Release::Reset), "{policy}");
    }
    for reply in
        [&*discovered("6010"), &discovered("4000"), "7E00 9000", "7E05 5F2F0160 9000", "9000", "6982"]
    {
        let card = with_certificate(Script::new().on(SELECT, SELECTED), &der);
        let summary = read_card(card.on(DISCOVER, reply).on(QUERY, "63C4")).unwrap();
        assert_eq!(summary.tries_left, Some(4), "{reply}");
    }
}

#[test]
fn letters_in_a_pin_go_to_cards_that_are_known_to_take_them_and_to_no_other() {
    let der = certificate_for(&ec(Nid::X9_62_PRIME256V1));
    let atr = "3BFC1300008131FE15597562696B65794E454F7233E1";
    let mut card = with_certificate(Script::with_atr(atr).on(SELECT, SELECTED), &der)
        .on(DISCOVER, "6A82")
        .on(QUERY, "63C3")
        .on("0020008008 616263313233FFFF", "9000")
        .on("0087…", ECDSA)
        .on(DESELECT, ISSUER_DOMAIN);
    assert!(run(&mut card, &request("abc123")).0.is_ok());
    let (outcome, _) = run(&mut Script::new(), &request("abc123"));
    assert_eq!(code(&outcome), CardErrorCode::PinFormat);
}
