//! Dialogues with scripted cards. Certificates are made here.

mod choice;
mod pulled;
mod reader_keys;

use openssl::{
    asn1::Asn1Time,
    bn::BigNum,
    ec::{EcGroup, EcKey},
    hash::MessageDigest,
    nid::Nid,
    pkey::{PKey, Private},
    rsa::Rsa,
    x509::{X509, X509NameBuilder},
};
use proptest::prelude::*;
use touroku_proto::{
    card::{CardErrorCode, Pin},
    cms,
    document::Document,
    origin::Origin,
    token::{Algorithm, Nonce},
};

use super::*;
use crate::card::{
    Proof, Protocol, Subject,
    script::{Script, Steady},
};

const NOW: i64 = 1_700_000_000;
const DAY: i64 = 86_400;

const SELECT: &str = "00A4040009 A00000030800001000 00";
const SELECT_SHORT: &str = "00A4040005 A000000308 00";
const SELECTED: &str = "610D 4F06 000010000100 7903 4F01 00 9000";
const GET_DATA: &str = "00CB3FFF05 5C035FC105 00";
const GET_SECOND: &str = "00CB3FFF05 5C035FC10A 00";
const DISCOVER: &str = "00CB3FFF03 5C017E 00";
const QUERY: &str = "00200080";
const VERIFY: &str = "0020008008 313233343536FFFF";
const DESELECT: &str = "00A4040000";
const ISSUER_DOMAIN: &str = "6F0A 8408 A000000151000000 9000";

fn rsa(bits: u32) -> PKey<Private> {
    PKey::from_rsa(Rsa::generate(bits).unwrap()).unwrap()
}

fn ec(curve: Nid) -> PKey<Private> {
    let group = EcGroup::from_curve_name(curve).unwrap();
    PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap()
}

fn certificate_for(key: &PKey<Private>) -> Vec<u8> {
    let mut name = X509NameBuilder::new().unwrap();
    name.append_entry_by_text("O", "株式会社テスト商会").unwrap();
    name.append_entry_by_text("CN", "試験太郎").unwrap();
    let name = name.build();
    let mut builder = X509::builder().unwrap();
    builder.set_version(2).unwrap();
    builder.set_serial_number(&BigNum::from_u32(7).unwrap().to_asn1_integer().unwrap()).unwrap();
    builder.set_subject_name(&name).unwrap();
    builder.set_issuer_name(&name).unwrap();
    builder.set_not_before(&Asn1Time::from_unix(NOW - 10 * DAY).unwrap()).unwrap();
    builder.set_not_after(&Asn1Time::from_unix(NOW + 10 * DAY).unwrap()).unwrap();
    builder.set_pubkey(key).unwrap();
    builder.sign(key, MessageDigest::sha256()).unwrap();
    builder.build().to_der().unwrap()
}

/// GET DATA's reply for a certificate, in pieces of 256 bytes.
fn with_certificate(card: Script, der: &[u8]) -> Script {
    with_object(card, GET_DATA, &object(der))
}

fn object(der: &[u8]) -> Vec<u8> {
    tlv::encode(0x53, &[tlv::encode(0x70, der), vec![0x71, 0x01, 0x00, 0xFE, 0x00]].concat())
}

fn with_object(mut card: Script, get_data: &str, object: &[u8]) -> Script {
    let pieces: Vec<&[u8]> = object.chunks(256).collect();
    for (i, piece) in pieces.iter().enumerate() {
        let status = match pieces.get(i + 1).map(|next| next.len()) {
            None => "9000".to_owned(),
            Some(next) => format!("61{:02X}", next % 256),
        };
        let command = if i == 0 { get_data.to_owned() } else { format!("00C00000{:02X}", piece.len() % 256) };
        card = card.on(&command, &(hex::encode_upper(piece) + &status));
    }
    card
}

fn request(pin: &str) -> Request {
    Request {
        origin: Origin::parse("https://ebid.example.jp").unwrap(),
        subject: Subject::Login(Nonce::from_bytes(&[7; 32])),
        card: None,
        pin: Pin::new(pin.to_owned()),
        accept_last_try: false,
        accepted: Accepted::default(),
        known: None,
    }
}

/// A P-256 card up to the answer to the query.
fn p256_up_to_query(reply: &str) -> Script {
    let der = certificate_for(&ec(Nid::X9_62_PRIME256V1));
    with_certificate(Script::new().on(SELECT, SELECTED), &der).on(DISCOVER, "6A82").on(QUERY, reply)
}

fn authenticate(
    card: &mut dyn Card,
    control: &mut dyn Control,
    request: &Request,
    now: i64,
) -> (Result<Token, Error>, Release) {
    match Piv.authenticate(card, control, request, now) {
        Attempt::Done(outcome, release) => (outcome, release),
        Attempt::NoSuchPin => (Err(Error::PinFormat), Release::Leave),
        Attempt::OtherFamily => (Err(Error::UnsupportedCard), Release::Leave),
    }
}

fn read(card: &mut dyn Card, control: &mut dyn Control, now: i64) -> Result<CardSummary, Error> {
    Piv.read(card, control, Accepted::default(), now)?
        .map(|reading| reading.summary)
        .ok_or(Error::UnsupportedCard)
}

fn run(card: &mut Script, request: &Request) -> (Result<Token, Error>, Release) {
    let outcome = authenticate(card, &mut Steady::default(), request, NOW);
    card.assert_finished();
    outcome
}

fn code(outcome: &Result<Token, Error>) -> CardErrorCode {
    outcome.as_ref().unwrap_err().to_card_error().code
}

const ECDSA: &str = "7C0A 8208 3006 020101 020102 9000";

#[test]
fn a_p256_card_signs_within_eight_commands_and_is_deselected() {
    let mut card = p256_up_to_query("63C3")
        .on(VERIFY, "9000")
        .on("0087119A26 7C2482008120…", ECDSA)
        .on(DESELECT, ISSUER_DOMAIN);
    let (token, release) = run(&mut card, &request("123456"));
    let token = token.unwrap();
    assert_eq!((token.algorithm.as_str(), token.format.as_str()), ("ES256", "web-eid:1.0"));
    assert_eq!(STANDARD.decode(token.signature).unwrap().len(), 64);
    assert_eq!(release, Release::Leave);
    let certificate = card.sent.iter().filter(|c| c.starts_with("00CB") || c.starts_with("00C0")).count();
    assert!(card.sent.len() - certificate <= 8);
}

#[test]
fn an_rsa_card_gets_a_chained_block_that_its_own_key_verifies() {
    let request = request("123456");
    let Subject::Login(nonce) = &request.subject else { unreachable!() };
    let message = token::challenge(Algorithm::RS256, &request.origin, nonce);
    assert_signs(&request, |_| message.clone());
}

#[test]
fn a_card_signs_the_attributes_of_an_application_and_not_its_text() {
    let text = "利用者登録の申請\n書式\n　touroku-application:1\nサイト\n　https://ebid.example.jp\n受付番号\n　R-1\n";
    let document = Document::parse(text.to_owned()).unwrap();
    let request = Request { subject: Subject::Document(document, NOW), ..request("123456") };
    let token = assert_signs(&request, |der| cms::attributes(Algorithm::RS256, der, text, NOW));
    let Proof::Signature(signature) = request.proof(token) else {
        panic!("an application's proof is no token")
    };
    assert_eq!((signature.algorithm.as_str(), signature.signed_at), ("RS256", NOW));
}

/// An RSA card signs exactly what `message` derives from its certificate.
fn assert_signs(request: &Request, message: impl Fn(&[u8]) -> Vec<u8>) -> Token {
    let key = rsa(2048);
    let der = certificate_for(&key);
    let mut signer = Signer { key, block: Vec::new() };
    let (token, release) = authenticate(
        &mut Proxy {
            script: with_certificate(Script::new().on(SELECT, SELECTED), &der),
            signer: &mut signer,
        },
        &mut Steady::default(),
        request,
        NOW,
    );
    let token = token.unwrap();
    assert_eq!((token.algorithm.as_str(), release), ("RS256", Release::Leave));
    let public = X509::from_der(&der).unwrap().public_key().unwrap();
    let mut verifier = openssl::sign::Verifier::new(MessageDigest::sha256(), &public).unwrap();
    verifier.update(&message(&der)).unwrap();
    assert!(verifier.verify(&STANDARD.decode(&token.signature).unwrap()).unwrap());
    token
}

/// After the scripted certificate, a card that verifies any PIN and really signs.
struct Proxy<'a> {
    script: Script,
    signer: &'a mut Signer,
}

struct Signer {
    key: PKey<Private>,
    block: Vec<u8>,
}

impl Card for Proxy<'_> {
    fn atr(&self) -> &[u8] {
        self.script.atr()
    }

    fn protocol(&self) -> Protocol {
        self.script.protocol()
    }

    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, Error> {
        match command {
            [0x00, 0xCB, .., 0x5C, 0x01, 0x7E, 0x00] => Ok(vec![0x6A, 0x82]),
            [0x00, 0x20, ..] if command.len() == 4 => Ok(vec![0x63, 0xC3]),
            [0x00, 0x20, ..] => Ok(vec![0x90, 0x00]),
            [0x10, 0x87, 0x07, 0x9A, 0xFF, data @ ..] => {
                self.signer.block.extend_from_slice(data);
                Ok(vec![0x90, 0x00])
            }
            [0x00, 0x87, 0x07, 0x9A, length, data @ ..] => {
                self.signer.block.extend_from_slice(&data[..usize::from(*length)]);
                let input = &self.signer.block[10..];
                let mut signature = vec![0; 256];
                let rsa = self.signer.key.rsa().unwrap();
                rsa.private_encrypt(input, &mut signature, openssl::rsa::Padding::NONE).unwrap();
                self.signer.block = tlv::encode(0x7C, &tlv::encode(0x82, &signature));
                Ok([&self.signer.block[..256], &[0x61, 0x08]].concat())
            }
            [0x00, 0xC0, 0, 0, 0x08] if self.signer.block.len() == 264 => {
                Ok([&self.signer.block[256..], &[0x90, 0x00]].concat())
            }
            [0x00, 0xA4, 0x04, 0x00, 0x00] => Ok(hex::decode(ISSUER_DOMAIN.replace(' ', "")).unwrap()),
            _ => self.script.transmit(command),
        }
    }
}

#[test]
fn no_pin_is_sent_when_it_must_not_be_and_the_card_is_deselected_all_the_same() {
    for (query, expected) in [
        ("63C1", CardErrorCode::PinLastTry),
        ("6301", CardErrorCode::PinLastTry),
        ("63C0", CardErrorCode::PinLocked),
        ("6983", CardErrorCode::PinLocked),
        ("6A88", CardErrorCode::PinNotSet),
    ] {
        let mut card = p256_up_to_query(query).on(DESELECT, ISSUER_DOMAIN);
        let (outcome, release) = run(&mut card, &request("123456"));
        assert_eq!((code(&outcome), release), (expected, Release::Leave), "{query}");
        assert!(!card.saw_a_pin(), "{query}");
    }
}

#[test]
fn a_pin_of_a_wrong_shape_does_not_even_touch_the_card() {
    for pin in ["", "12345", "123456789", "12345a", "１２３４５６", "123456 "] {
        let mut card = Script::new();
        let (outcome, release) = run(&mut card, &request(pin));
        assert_eq!((code(&outcome), release), (CardErrorCode::PinFormat, Release::Leave), "{pin}");
    }
}

#[test]
fn the_last_try_is_used_after_a_yes() {
    let mut card = p256_up_to_query("63C1").on(VERIFY, "9000").on("0087…", ECDSA).on(DESELECT, ISSUER_DOMAIN);
    let accepted = Request { accept_last_try: true, ..request("123456") };
    assert!(run(&mut card, &accepted).0.is_ok());
}

#[test]
fn a_refused_pin_is_sent_once_and_told_with_what_is_left() {
    for (query, verify, expected) in [
        ("63C3", "63C2", Error::PinWrong { tries: Some(2) }),
        ("63C3", "6302", Error::PinWrong { tries: Some(2) }),
        ("6300", "6300", Error::PinWrong { tries: None }),
        ("63C2", "63C0", Error::PinLocked),
        ("63C2", "6983", Error::PinLocked),
        ("63C2", "6A80", Error::PinRefused),
        ("63C2", "6C00", Error::Status { command: "VERIFY", word: 0x6C00 }),
        ("63C2", "6700", Error::Status { command: "VERIFY", word: 0x6700 }),
        ("6982", "6982", Error::Status { command: "VERIFY", word: 0x6982 }),
    ] {
        let mut card = p256_up_to_query(query).on(VERIFY, verify).on(DESELECT, ISSUER_DOMAIN);
        let (outcome, release) = run(&mut card, &request("123456"));
        assert_eq!((outcome, release), (Err(expected), Release::Leave), "{query} {verify}");
        assert_eq!(card.pins(), 1);
    }
}

#[test]
fn a_card_that_is_verified_already_or_has_no_counter_still_gets_the_pin() {
    for query in ["9000", "6700", "6D00", "6300"] {
        let mut card =
            p256_up_to_query(query).on(VERIFY, "9000").on("0087…", ECDSA).on(DESELECT, ISSUER_DOMAIN);
        assert!(run(&mut card, &request("12345678".get(..6).unwrap())).0.is_ok(), "{query}");
    }
}

#[test]
fn the_pin_is_never_tried_on_another_card() {
    let der = certificate_for(&ec(Nid::X9_62_PRIME256V1));
    let mut card = with_certificate(Script::new().on(SELECT, SELECTED), &der).on(DESELECT, ISSUER_DOMAIN);
    let other = Request { card: Some("00".repeat(32)), ..request("123456") };
    let (outcome, release) = run(&mut card, &other);
    assert_eq!((outcome, release), (Err(Error::CardChanged), Release::Leave));
    assert!(!card.saw_a_pin());
}

#[test]
fn what_a_card_said_while_it_was_read_it_is_not_asked_again() {
    let der = certificate_for(&ec(Nid::X9_62_PRIME256V1));
    let mut card = with_certificate(Script::new().on(SELECT, SELECTED), &der)
        .on(QUERY, "63C3")
        .on(VERIFY, "9000")
        .on("0087…", ECDSA)
        .on(DESELECT, ISSUER_DOMAIN);
    let known = Known { pin_pad: None, pin_reference: Some(0x80) };
    assert!(run(&mut card, &Request { known: Some(known), ..request("123456") }).0.is_ok());
}

#[test]
fn a_pin_whose_answer_never_comes_is_told_as_sent() {
    let mut card =
        p256_up_to_query("63C3").fail(VERIFY, Error::CardRemoved).fail(DESELECT, Error::CardRemoved);
    let (outcome, _) = run(&mut card, &request("123456"));
    let told = outcome.unwrap_err().to_card_error();
    assert_eq!((told.code, told.pin_sent), (CardErrorCode::CardRemoved, true));
}

#[test]
fn an_expired_or_future_certificate_costs_no_try() {
    let der = certificate_for(&ec(Nid::X9_62_PRIME256V1));
    for (now, expected) in
        [(NOW + 11 * DAY, Error::CertificateExpired), (NOW - 11 * DAY, Error::CertificateNotYetValid)]
    {
        let mut card = with_certificate(Script::new().on(SELECT, SELECTED), &der).on(DESELECT, ISSUER_DOMAIN);
        let (outcome, _) = authenticate(&mut card, &mut Steady::default(), &request("123456"), now);
        card.assert_finished();
        assert_eq!(outcome, Err(expected));
    }
}

#[test]
fn a_key_that_we_cannot_use_costs_no_try() {
    for key in [rsa(1024), ec(Nid::SECP521R1), PKey::generate_ed25519().unwrap()] {
        let mut builder = X509::builder().unwrap();
        builder.set_not_before(&Asn1Time::from_unix(NOW - DAY).unwrap()).unwrap();
        builder.set_not_after(&Asn1Time::from_unix(NOW + DAY).unwrap()).unwrap();
        builder.set_pubkey(&key).unwrap();
        let digest = if key.id() == openssl::pkey::Id::ED25519 {
            MessageDigest::null()
        } else {
            MessageDigest::sha256()
        };
        builder.sign(&key, digest).unwrap();
        let der = builder.build().to_der().unwrap();
        let mut card = with_certificate(Script::new().on(SELECT, SELECTED), &der).on(DESELECT, ISSUER_DOMAIN);
        assert_eq!(code(&run(&mut card, &request("123456")).0), CardErrorCode::KeyUnsupported);
    }
}

#[test]
fn a_card_on_which_nothing_else_can_be_selected_is_reset() {
    for answer in
        ["6A82", "9000", "610D 4F06 000010000100 7903 4F01 00 9000", "6F0B 8409 A00000030800001000 9000", ""]
    {
        let mut card = p256_up_to_query("63C3").on(VERIFY, "63C2").on(DESELECT, answer);
        assert_eq!(run(&mut card, &request("123456")).1, Release::Reset, "{answer}");
    }
    let mut card = p256_up_to_query("63C3").on(VERIFY, "9000").fail("0087…", Error::CardRemoved);
    card = card.fail(DESELECT, Error::CardRemoved);
    assert_eq!(run(&mut card, &request("123456")), (Err(Error::CardRemoved), Release::Reset));
}

#[test]
fn giving_up_before_the_pin_sends_none_and_afterwards_still_deselects() {
    for stop_at in 1..=4 {
        let der = certificate_for(&ec(Nid::X9_62_PRIME256V1));
        let mut card = with_certificate(Script::new().on(SELECT, SELECTED), &der)
            .on(DISCOVER, "6A82")
            .on(QUERY, "63C3")
            .on(VERIFY, "9000")
            .on(DESELECT, ISSUER_DOMAIN);
        // However far it gets, the only command after cancelling is the deselection.
        let mut lenient = Lenient(&mut card);
        let mut control = Steady { stop_at: Some(stop_at), ..Steady::default() };
        let (outcome, _) = authenticate(&mut lenient, &mut control, &request("123456"), NOW);
        assert_eq!(outcome, Err(Error::Cancelled));
        assert!(!card.saw_a_pin());
        if stop_at > 1 {
            assert_eq!(card.sent.last().map(String::as_str), Some(DESELECT));
        }
    }
    let mut card = p256_up_to_query("63C3").on(DESELECT, ISSUER_DOMAIN);
    let mut control = Steady { refuse_commit: true, ..Steady::default() };
    let (outcome, _) = authenticate(&mut card, &mut control, &request("123456"), NOW);
    card.assert_finished();
    assert_eq!(outcome, Err(Error::Cancelled));
    assert!(!card.saw_a_pin());
}

/// Follows a script but accepts the deselection at any time.
struct Lenient<'a>(&'a mut Script);

impl Card for Lenient<'_> {
    fn atr(&self) -> &[u8] {
        self.0.atr()
    }

    fn protocol(&self) -> Protocol {
        self.0.protocol()
    }

    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, Error> {
        if command == [0x00, 0xA4, 0x04, 0x00, 0x00] {
            self.0.sent.push(DESELECT.to_owned());
            return Ok(hex::decode(ISSUER_DOMAIN.replace(' ', "")).unwrap());
        }
        self.0.transmit(command)
    }
}

#[test]
fn a_signature_of_a_wrong_shape_is_an_error_of_the_card() {
    for answer in
        ["9000", "7C00 9000", "7C02 8200 9000", "7C04 8202 3000 9000", "6982", "6A80", "7C0A 8208 30 9000"]
    {
        let mut card =
            p256_up_to_query("63C3").on(VERIFY, "9000").on("0087…", answer).on(DESELECT, ISSUER_DOMAIN);
        let (outcome, release) = run(&mut card, &request("123456"));
        assert_eq!((code(&outcome), release), (CardErrorCode::CardError, Release::Leave), "{answer}");
    }
}

fn read_card(mut card: Script) -> Result<CardSummary, Error> {
    let summary = read(&mut card, &mut Steady::default(), NOW);
    card.assert_finished();
    summary
}

#[test]
fn a_card_is_found_by_its_short_identifier_too() {
    let der = certificate_for(&ec(Nid::SECP384R1));
    let card = Script::new().on(SELECT, "6A82").on(SELECT_SHORT, "9000");
    let summary = read_card(with_certificate(card, &der).on(DISCOVER, "6A82").on(QUERY, "63C5")).unwrap();
    assert_eq!((summary.family.as_str(), summary.tries_left), ("piv", Some(5)));
    assert_eq!((summary.holder.as_str(), summary.company.as_str()), ("試験太郎", "株式会社テスト商会"));
    assert_eq!(summary.not_after, "2023-11-24T22:13:20Z");
    assert_eq!(summary.problem, None);
}

#[test]
fn reading_says_what_stands_in_the_way() {
    let der = certificate_for(&ec(Nid::X9_62_PRIME256V1));
    let locked = read_card(
        with_certificate(Script::new().on(SELECT, SELECTED), &der).on(DISCOVER, "6A82").on(QUERY, "6983"),
    )
    .unwrap();
    assert_eq!(locked.tries_left, Some(0));
    assert_eq!(locked.problem.unwrap().code, CardErrorCode::PinLocked);
    let verified = read_card(
        with_certificate(Script::new().on(SELECT, SELECTED), &der).on(DISCOVER, "6A82").on(QUERY, "9000"),
    )
    .unwrap();
    assert_eq!(verified.tries_left, None);

    let selected = || Script::new().on(SELECT, SELECTED);
    assert_eq!(
        read_card(selected().on(GET_DATA, "6A82").on(GET_SECOND, "6A82")),
        Err(Error::CertificateMissing)
    );
    assert_eq!(
        read_card(selected().on(GET_DATA, "5300 9000").on(GET_SECOND, "6A82")),
        Err(Error::CertificateMissing)
    );
    assert!(matches!(
        read_card(selected().on(GET_DATA, "6982").on(GET_SECOND, "6982")),
        Err(Error::CertificateUnreadable(_))
    ));
    assert!(matches!(read_card(selected().on(GET_DATA, "9000")), Err(Error::Malformed(_))));
    assert!(matches!(
        read_card(with_certificate(selected(), b"\x30\x02xx").on(GET_SECOND, "6A82")),
        Err(Error::CertificateUnreadable(_))
    ));
    assert_eq!(read_card(selected().on(GET_DATA, "6D00")), Err(Error::UnsupportedCard));
    // As a card that announced extended length but does not support it may respond.
    for refusal in ["6D00", "6A86", "6F00"] {
        let card = Script::extended().on(SELECT, SELECTED).on("00CB3FFF0000055C035FC1050000", refusal);
        let summary = read_card(with_certificate(card, &der).on(DISCOVER, "6A82").on(QUERY, "63C3")).unwrap();
        assert_eq!(summary.tries_left, Some(3), "{refusal}");
    }
}

#[test]
fn a_card_without_piv_is_unsupported_and_one_that_breaks_down_is_not() {
    let other = "6F09 8407 A0000000041010 9000";
    for (first, second, expected) in [
        ("6A82", "6A82", Error::UnsupportedCard),
        ("6D00", "6E00", Error::UnsupportedCard),
        ("6999", "6A81", Error::UnsupportedCard),
        (other, other, Error::UnsupportedCard),
        ("6F00", "6F00", Error::Status { command: "SELECT", word: 0x6F00 }),
    ] {
        assert_eq!(
            read_card(Script::new().on(SELECT, first).on(SELECT_SHORT, second)),
            Err(expected),
            "{first}"
        );
    }
    assert!(matches!(read_card(Script::new().on(SELECT, "")), Err(Error::Malformed(_))));
}

proptest! {
    #[test]
    fn no_dialogue_makes_the_driver_panic(replies in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 0..12)) {
        struct Wild(Vec<Vec<u8>>);
        impl Card for Wild {
            fn atr(&self) -> &[u8] {
                &[]
            }
            fn protocol(&self) -> Protocol {
                Protocol::T1
            }
            fn transmit(&mut self, _: &[u8]) -> Result<Vec<u8>, Error> {
                let mut reply = self.0.pop().ok_or(Error::CardRemoved)?;
                if reply.len() % 3 > 0 {
                    reply.extend_from_slice(&[0x90, 0x00]);
                }
                Ok(reply)
            }
        }
        let _ = authenticate(&mut Wild(replies.clone()), &mut Steady::default(), &request("123456"), NOW);
        let _ = read(&mut Wild(replies), &mut Steady::default(), NOW);
    }
}
