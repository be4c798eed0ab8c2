//! What the test authority issues, as seen by OpenSSL and our own parser.

use openssl::{
    ssl::SslFiletype,
    stack::Stack,
    x509::{
        X509StoreContext,
        store::{X509Lookup, X509StoreBuilder},
        verify::{X509VerifyFlags, X509VerifyParam},
    },
};
use touroku_proto::certificate::{DisplayMap, Facts};

use super::*;

fn now() -> Timestamp {
    Timestamp::from_unix(1_800_000_000)
}

#[test]
fn a_card_shows_its_japanese_names_and_a_serial_of_48_digits() {
    let ca = TestCa::new("Test", now()).unwrap();
    let card = ca.issue(&CardRequest::new(now(), "見本　太郎")).unwrap();
    let facts = Facts::parse(&card.certificate).unwrap();
    let names = facts.display(&DisplayMap::default());
    assert_eq!(names.company_name, "株式会社架空商会");
    assert_eq!(names.holder_name, "見本　太郎");
    assert_eq!(names.company_address, "青森県 青森市");
    assert_eq!(facts.issuer(), "CN=Test CA,O=Touroku Test,C=JP");
    assert!(facts.serial.len() >= 48, "{}", facts.serial);
}

#[test]
fn a_card_without_japanese_names_has_no_alternative_name() {
    let ca = TestCa::new("Test", now()).unwrap();
    let request = CardRequest::new(now(), "見本　太郎").without_alternative_name();
    let card = ca.issue(&request).unwrap();
    let facts = Facts::parse(&card.certificate).unwrap();
    let names = facts.display(&DisplayMap::default());
    assert_eq!((names.holder_name.as_str(), names.company_address.as_str()), ("Taro Mihon", ""));
    let text = String::from_utf8(X509::from_der(&card.certificate).unwrap().to_text().unwrap()).unwrap();
    assert!(!text.contains("Subject Alternative Name"), "{text}");
}

#[test]
fn every_kind_of_card_chains_to_every_kind_of_authority() {
    for authority in [KeyKind::Rsa2048, KeyKind::P256, KeyKind::P384] {
        let ca = TestCa::with_key("Test", now(), authority).unwrap();
        for key in [KeyKind::Rsa2048, KeyKind::Rsa3072, KeyKind::P256, KeyKind::P384] {
            let card = ca.issue(&CardRequest { key, ..CardRequest::new(now(), "") }).unwrap();
            let certificate = X509::from_der(&card.certificate).unwrap();
            assert!(certificate.public_key().unwrap().public_eq(&card.key));
            assert_eq!(certificate.serial_number().to_bn().unwrap().to_vec(), card.serial);
            assert_eq!(verify(&ca, &card, now(), None), Ok(()), "{key:?} under {authority:?}");
        }
    }
}

#[test]
fn a_stranger_of_the_same_name_vouches_for_nobody() {
    let (ours, other) = (TestCa::new("Test", now()).unwrap(), TestCa::new("Test", now()).unwrap());
    let card = other.issue(&CardRequest::new(now(), "")).unwrap();
    assert!(verify(&ours, &card, now(), None).is_err());
}

#[test]
fn validity_is_what_was_asked_for() {
    let ca = TestCa::new("Test", now()).unwrap();
    let mut request = CardRequest::new(now(), "");
    (request.not_before, request.not_after) = (now().plus_days(1), now().plus_days(2));
    let card = ca.issue(&request).unwrap();
    let at = |days| verify(&ca, &card, now().plus_days(days), None);
    assert_eq!(at(0), Err("certificate is not yet valid"));
    assert_eq!(at(1), Ok(()));
    assert_eq!(at(3), Err("certificate has expired"));
}

#[test]
fn a_crl_names_the_revoked_card_and_has_its_own_validity() {
    let ca = TestCa::with_key("Test", now(), KeyKind::P256).unwrap();
    let [good, bad] = [(); 2].map(|()| ca.issue(&CardRequest::new(now(), "")).unwrap());
    let crl = ca.crl_pem(&[&bad.serial], now().plus_days(-1), now().plus_days(7)).unwrap();
    assert_eq!(verify(&ca, &good, now(), Some(&crl)), Ok(()));
    assert_eq!(verify(&ca, &bad, now(), Some(&crl)), Err("certificate revoked"));
    let old = ca.crl_pem(&[], now().plus_days(-8), now().plus_days(-1)).unwrap();
    assert_eq!(verify(&ca, &good, now(), Some(&old)), Err("CRL has expired"));
}

#[test]
fn usage_and_distribution_point_are_what_was_asked_for() {
    let ca = TestCa::new("Test", now()).unwrap();
    let text = |request: &CardRequest| {
        let card = X509::from_der(&ca.issue(request).unwrap().certificate).unwrap();
        String::from_utf8(card.to_text().unwrap()).unwrap()
    };
    let mut request = CardRequest::new(now(), "");
    let plain = text(&request);
    assert!(plain.contains("X509v3 Key Usage: critical\n                Digital Signature\n"), "{plain}");
    assert!(plain.contains("TLS Web Client Authentication") && !plain.contains("CRL Distribution"));
    (request.may_sign, request.may_authenticate) = (false, false);
    request.crl_url = Some("http://ca.example/ca.crl".into());
    let other = text(&request);
    assert!(!other.contains("Digital Signature") && !other.contains("TLS Web Client Authentication"));
    assert!(other.contains("URI:http://ca.example/ca.crl"), "{other}");
}

#[test]
fn a_saved_authority_goes_on_issuing() {
    let folder = tempfile::tempdir().unwrap();
    let ca = TestCa::with_key("Test", now(), KeyKind::P384).unwrap();
    ca.save(folder.path()).unwrap();
    let card = TestCa::load(folder.path(), now()).unwrap().issue(&CardRequest::new(now(), "")).unwrap();
    assert_eq!(verify(&ca, &card, now(), None), Ok(()));
}

/// OpenSSL's own verdict.
fn verify(ca: &TestCa, card: &IssuedCard, at: Timestamp, crl: Option<&str>) -> Result<(), &'static str> {
    let mut param = X509VerifyParam::new().unwrap();
    param.set_time(at.unix());
    let mut store = X509StoreBuilder::new().unwrap();
    store.add_cert(X509::from_der(&ca.root.certificate).unwrap()).unwrap();
    if let Some(pem) = crl {
        param.set_flags(X509VerifyFlags::CRL_CHECK | X509VerifyFlags::CRL_CHECK_ALL).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("crl.pem");
        fs::write(&path, pem).unwrap();
        let lookup = store.add_lookup(X509Lookup::file()).unwrap();
        assert_eq!(lookup.load_crl_file(&path, SslFiletype::PEM).unwrap(), 2, "root and intermediate");
    }
    store.set_param(&param).unwrap();
    let mut chain = Stack::new().unwrap();
    chain.push(X509::from_der(&ca.intermediate.certificate).unwrap()).unwrap();
    let certificate = X509::from_der(&card.certificate).unwrap();
    let mut context = X509StoreContext::new().unwrap();
    context
        .init(&store.build(), &certificate, &chain, |context| {
            Ok(if context.verify_cert()? { Ok(()) } else { Err(context.error().error_string()) })
        })
        .unwrap()
}
