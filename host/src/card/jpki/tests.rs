//! Dialogues with scripted cards. Certificates are made here.

use std::sync::LazyLock;

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
    origin::Origin,
    token::Nonce,
};

use super::*;
use crate::card::{
    self, Protocol, Subject,
    script::{Script, Steady},
};

const NOW: i64 = 1_700_000_000;
const DAY: i64 = 86_400;

const SELECT: &str = "00A4040C0A D392F000260100000001";
const CERTIFICATE: &str = "00A4020C02 000A";
const KEY_FILE: &str = "00A4020C02 0017";
const PIN_FILE: &str = "00A4020C02 0018";
const QUERY: &str = "00200080";
const VERIFY: &str = "0020008004 31323334";
/// COMPUTE DIGITAL SIGNATURE over a DigestInfo of 51 bytes with SHA-256's head, Le 0.
const COMPUTE: &str = "802A008033 3031300D060960864801650304020105000420…";

fn rsa(bits: u32) -> PKey<Private> {
    PKey::from_rsa(Rsa::generate(bits).unwrap()).unwrap()
}

fn certificate_for(key: &PKey<Private>) -> Vec<u8> {
    let name = |attributes: &[(&str, &str)]| {
        let mut name = X509NameBuilder::new().unwrap();
        attributes.iter().for_each(|(kind, value)| name.append_entry_by_text(kind, value).unwrap());
        name.build()
    };
    let subject = name(&[("C", "JP"), ("CN", "997794E9AGCIEG13221003A")]);
    let issuer = name(&[
        ("C", "JP"),
        ("O", "JPKI"),
        ("OU", "JPKI for user authentication"),
        ("OU", "Japan Agency for Local Authority Information Systems"),
    ]);
    let mut builder = X509::builder().unwrap();
    builder.set_version(2).unwrap();
    builder.set_serial_number(&BigNum::from_u32(7).unwrap().to_asn1_integer().unwrap()).unwrap();
    builder.set_subject_name(&subject).unwrap();
    builder.set_issuer_name(&issuer).unwrap();
    builder.set_not_before(&Asn1Time::from_unix(NOW - 10 * DAY).unwrap()).unwrap();
    builder.set_not_after(&Asn1Time::from_unix(NOW + 10 * DAY).unwrap()).unwrap();
    builder.set_pubkey(key).unwrap();
    builder.sign(key, MessageDigest::sha256()).unwrap();
    builder.build().to_der().unwrap()
}

/// The default certificate of every card here.
static DER: LazyLock<Vec<u8>> = LazyLock::new(|| certificate_for(&rsa(2048)));

/// Up to the last byte of a certificate, with each piece requested at its exact length.
fn with_certificate(card: Script, der: &[u8]) -> Script {
    let mut card = card.on(CERTIFICATE, "9000").on("00B0000004", &(hex::encode(&der[..4]) + "9000"));
    for (i, piece) in der[4..].chunks(256).enumerate() {
        let command = format!("00B0{:04X}{:02X}", 4 + 256 * i, piece.len() % 256);
        card = card.on(&command, &(hex::encode_upper(piece) + "9000"));
    }
    card
}

/// A healthy card up to the reply to the query for its tries.
fn up_to_query(reply: &str) -> Script {
    let card = with_certificate(Script::new().on(SELECT, "9000"), &DER);
    card.on(PIN_FILE, "9000").on(QUERY, reply)
}

fn request(pin: &str) -> Request {
    Request {
        origin: Origin::parse("https://ebid.example.jp").unwrap(),
        subject: Subject::Login(Nonce::from_bytes(&[7; 32])),
        card: None,
        pin: Pin::new(pin.to_owned()),
        accept_last_try: false,
        accepted: Accepted { my_number: true },
        known: None,
    }
}

fn authenticate(
    card: &mut dyn Card,
    control: &mut dyn Control,
    request: &Request,
    now: i64,
) -> (Result<Token, Error>, Release) {
    match MyNumber.authenticate(card, control, request, now) {
        Attempt::Done(outcome, release) => (outcome, release),
        Attempt::NoSuchPin => (Err(Error::PinFormat), Release::Leave),
        Attempt::OtherFamily => (Err(Error::UnsupportedCard), Release::Leave),
    }
}

fn read(
    card: &mut dyn Card,
    control: &mut dyn Control,
    my_number: bool,
    now: i64,
) -> Result<CardSummary, Error> {
    MyNumber
        .read(card, control, Accepted { my_number }, now)?
        .map(|reading| reading.summary)
        .ok_or(Error::UnsupportedCard)
}

fn run(card: &mut Script, request: &Request) -> (Result<Token, Error>, Release) {
    let outcome = authenticate(card, &mut Steady::default(), request, NOW);
    card.assert_finished();
    outcome
}

fn read_summary(card: &mut Script) -> Result<CardSummary, Error> {
    let summary = read(card, &mut Steady::default(), true, NOW);
    card.assert_finished();
    summary
}

fn code(outcome: &Result<Token, Error>) -> CardErrorCode {
    outcome.as_ref().unwrap_err().to_card_error().code
}

#[test]
fn a_card_is_shown_with_its_tries_and_without_any_name() {
    let mut card = up_to_query("63C3");
    let summary = read_summary(&mut card).unwrap();
    assert_eq!((summary.holder.as_str(), summary.company.as_str()), ("", ""));
    assert_eq!((summary.family.as_str(), summary.issuer.as_str()), ("jpki", "JPKI"));
    assert_eq!(summary.tries_left, Some(3));
    assert_eq!(summary.pin, PinRules { min: 4, max: 4, letters: false });
    assert_eq!(summary.id, hex::encode(Sha256::digest(&*DER)));
    assert_eq!(summary.problem, None);
    assert!(!card.saw_a_pin());
}

#[test]
fn of_a_card_that_the_site_does_not_take_nothing_is_read() {
    let mut card = Script::new().on(SELECT, "9000");
    let read = read(&mut card, &mut Steady::default(), false, NOW);
    assert_eq!(read, Err(Error::MyNumberNotAccepted));
    card.assert_finished();
    let mut card = Script::new().on(SELECT, "9000");
    let (token, release) = run(&mut card, &Request { accepted: Accepted::default(), ..request("1234") });
    assert_eq!(code(&token), CardErrorCode::MyNumberNotAccepted);
    assert_eq!(release, Release::Leave);
}

#[test]
fn only_files_for_authentication_are_ever_selected() {
    let card = up_to_query("63C3");
    let mut card =
        card.on(VERIFY, "9000").on(KEY_FILE, "9000").on(COMPUTE, &format!("{}9000", "AB".repeat(256)));
    run(&mut card, &request("1234")).0.unwrap();
    let selected: Vec<_> = card.sent.iter().filter_map(|sent| sent.strip_prefix("00A4020C02")).collect();
    assert_eq!(selected, ["000A", "0018", "0017"]);
}

#[test]
fn a_card_signs_the_digest_info_of_the_challenge_and_is_reset() {
    let card = up_to_query("63C3");
    let mut card =
        card.on(VERIFY, "9000").on(KEY_FILE, "9000").on(COMPUTE, &format!("{}9000", "AB".repeat(256)));
    let request = request("1234");
    let (token, release) = run(&mut card, &request);
    let token = token.unwrap();
    assert_eq!((token.algorithm.as_str(), token.format.as_str()), ("RS256", "web-eid:1.0"));
    assert_eq!(STANDARD.decode(token.unverified_certificate).unwrap(), *DER);
    assert_eq!(STANDARD.decode(token.signature).unwrap(), [0xAB; 256]);
    // The PIN's state is not known to end in another way.
    assert_eq!(release, Release::Reset);
    let digest =
        Sha256::digest(token::challenge(KEY.algorithm(), &request.origin, &Nonce::from_bytes(&[7; 32])));
    let last = card.sent.last().unwrap();
    assert_eq!(last[48..], hex::encode_upper(digest) + "00");
}

#[test]
fn a_signature_that_comes_in_pieces_is_put_together() {
    let der = &*DER;
    let mut card = with_certificate(Script::new().over(Protocol::T0).on(SELECT, "9000"), der)
        .on(PIN_FILE, "9000")
        // T=0 has a zero where there is neither data nor Le.
        .on("0020008000", "63C3")
        .on(VERIFY, "9000")
        .on(KEY_FILE, "9000")
        .on("802A008033…", "6100")
        .on("00C0000000", &format!("{}9000", "CD".repeat(256)));
    assert!(run(&mut card, &request("1234")).0.is_ok());
}

#[test]
fn a_signature_of_another_length_than_the_keys_is_no_signature() {
    for reply in ["9000".to_owned(), format!("{}9000", "AB".repeat(255))] {
        let card = up_to_query("63C3");
        let mut card = card.on(VERIFY, "9000").on(KEY_FILE, "9000").on(COMPUTE, &reply);
        let (token, release) = run(&mut card, &request("1234"));
        assert_eq!((token.err(), release), (Some(Error::Malformed("signature")), Release::Reset));
    }
}

#[test]
fn wrong_pins_count_down_and_a_locked_card_gets_none() {
    for (query, verify, expected) in [
        ("63C3", Some("63C2"), Error::PinWrong { tries: Some(2) }),
        ("63C2", Some("6300"), Error::PinWrong { tries: None }),
        ("63C2", Some("63C0"), Error::PinLocked),
        ("63C2", Some("6983"), Error::PinLocked),
        ("63C2", Some("6984"), Error::PinLocked),
        ("63C1", None, Error::PinLastTry),
        ("63C0", None, Error::PinLocked),
        ("6983", None, Error::PinLocked),
        ("6984", None, Error::PinLocked),
        ("6A88", None, Error::PinNotSet),
        // A card that does not tell, here by its reply to another family.
        ("9000", Some("63C2"), Error::PinWrong { tries: Some(2) }),
        ("6D00", Some("63C2"), Error::PinWrong { tries: Some(2) }),
    ] {
        let mut card = up_to_query(query);
        if let Some(reply) = verify {
            card = card.on(VERIFY, reply);
        }
        let (token, release) = run(&mut card, &request("1234"));
        assert_eq!(token.err(), Some(expected), "{query} {verify:?}");
        assert_eq!(card.pins(), usize::from(verify.is_some()));
        assert_eq!(release == Release::Reset, verify.is_some());
    }
}

#[test]
fn the_last_try_is_used_after_a_yes() {
    let card = up_to_query("63C1");
    let mut card =
        card.on(VERIFY, "9000").on(KEY_FILE, "9000").on(COMPUTE, &format!("{}9000", "AB".repeat(256)));
    let accepted = Request { accept_last_try: true, ..request("1234") };
    assert!(run(&mut card, &accepted).0.is_ok());
}

#[test]
fn a_pin_of_another_shape_is_never_sent() {
    for pin in ["", "123", "12345", "123456", "12a4", "１２３４"] {
        let mut card = Script::new().on(SELECT, "9000");
        let (token, release) = run(&mut card, &request(pin));
        assert_eq!(code(&token), CardErrorCode::PinFormat, "{pin}");
        assert_eq!(release, Release::Leave);
    }
}

#[test]
fn a_locked_card_is_shown_as_such() {
    for reply in ["63C0", "6983", "6984"] {
        let mut card = up_to_query(reply);
        let summary = read_summary(&mut card).unwrap();
        assert_eq!(summary.tries_left, Some(0));
        assert_eq!(summary.problem.map(|problem| problem.code), Some(CardErrorCode::PinLocked));
    }
}

#[test]
fn short_reads_are_taken_as_they_come() {
    let der = &*DER;
    let mut card = Script::new().on(SELECT, "9000").on(CERTIFICATE, "9000");
    // Two plus two of the head; then 100 at a time, the last with a status word saying that the end was reached.
    card = card.on("00B0000004", &(hex::encode(&der[..2]) + "9000"));
    card = card.on("00B0000202", &(hex::encode(&der[2..4]) + "9000"));
    let mut at = 4;
    while at < der.len() {
        let piece = &der[at..der.len().min(at + 100)];
        let status = if piece.len() < 100 { "6282" } else { "9000" };
        let wanted = (der.len() - at).min(256) % 256;
        card = card.on(&format!("00B0{at:04X}{wanted:02X}"), &(hex::encode(piece) + status));
        at += piece.len();
    }
    let mut card = card.on(PIN_FILE, "9000").on(QUERY, "63C3");
    assert_eq!(read_summary(&mut card).unwrap().id, hex::encode(Sha256::digest(&*DER)));
}

#[test]
fn a_corrected_length_is_asked_for_again() {
    let der = &*DER;
    let mut card = Script::new()
        .on(SELECT, "9000")
        .on(CERTIFICATE, "9000")
        .on("00B0000004", &(hex::encode(&der[..4]) + "9000"))
        .on("00B0000400", "6C20")
        .on("00B0000420", &(hex::encode(&der[4..0x24]) + "9000"));
    let mut at = 4 + 0x20;
    while at < der.len() {
        let piece = &der[at..der.len().min(at + 256)];
        let command = format!("00B0{at:04X}{:02X}", piece.len() % 256);
        card = card.on(&command, &(hex::encode(piece) + "9000"));
        at += piece.len();
    }
    let mut card = card.on(PIN_FILE, "9000").on(QUERY, "63C3");
    assert!(read_summary(&mut card).is_ok());
}

#[test]
fn files_that_hold_no_certificate_are_told_apart() {
    let unreadable = |why: &str| Error::CertificateUnreadable(why.to_owned());
    for (head, expected) in [
        ("00000000 9000", Error::CertificateMissing),
        ("FFFFFFFF 9000", Error::CertificateMissing),
        ("30800000 9000", unreadable("no certificate in its file")),
        ("04820100 9000", unreadable("no certificate in its file")),
        ("3082FFFF 9000", unreadable("too long for its file")),
        ("9000", Error::Malformed("file cut short")),
        ("3082010000 9000", Error::Malformed("more of a file than asked for")),
        ("6982", unreadable("READ BINARY answered 6982")),
        ("6B00", Error::Status { command: "READ BINARY", word: 0x6B00 }),
    ] {
        let mut card = Script::new().on(SELECT, "9000").on(CERTIFICATE, "9000").on("00B0000004", head);
        assert_eq!(read_summary(&mut card).err(), Some(expected), "{head}");
    }
    let mut card = Script::new()
        .on(SELECT, "9000")
        .on(CERTIFICATE, "9000")
        .on("00B0000004", "30820004 9000")
        .on("00B0000404", "9000");
    assert_eq!(read_summary(&mut card).err(), Some(Error::Malformed("file cut short")));
    let mut card = Script::new().on(SELECT, "9000").on(CERTIFICATE, "6A82");
    assert_eq!(read_summary(&mut card).err(), Some(Error::CertificateMissing));
}

#[test]
fn short_commands_are_used_whatever_the_card_announces() {
    let card = up_to_query("63C3");
    let mut card = card
        .announcing("3B8580018073C021C0D6")
        .on(VERIFY, "9000")
        .on(KEY_FILE, "9000")
        .on(COMPUTE, &format!("{}9000", "AB".repeat(256)));
    assert!(run(&mut card, &request("1234")).0.is_ok());
}

#[test]
fn keys_that_a_short_command_cannot_sign_with_are_named() {
    let p256 = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
    let p256 = PKey::from_ec_key(EcKey::generate(&p256).unwrap()).unwrap();
    for (key, name) in [(rsa(3072), "RSA-3072"), (p256, "EC")] {
        let der = certificate_for(&key);
        let mut card = with_certificate(Script::new().on(SELECT, "9000"), &der);
        let (token, _) = run(&mut card, &request("1234"));
        assert_eq!(token.err(), Some(Error::KeyUnsupported(name.to_owned())));
        let card = with_certificate(Script::new().on(SELECT, "9000"), &der);
        let summary = read_summary(&mut card.on(PIN_FILE, "9000").on(QUERY, "63C3")).unwrap();
        assert_eq!(summary.problem.map(|problem| problem.code), Some(CardErrorCode::KeyUnsupported));
    }
}

#[test]
fn another_card_and_one_that_has_expired_get_no_pin() {
    let der = &*DER;
    let card = || with_certificate(Script::new().on(SELECT, "9000"), der);
    let other = Request { card: Some("00".repeat(32)), ..request("1234") };
    assert_eq!(code(&run(&mut card(), &other).0), CardErrorCode::CardChanged);
    let mut expired = card();
    let (token, _) = authenticate(&mut expired, &mut Steady::default(), &request("1234"), NOW + 11 * DAY);
    assert_eq!(code(&token), CardErrorCode::CertificateExpired);
    assert!(!expired.saw_a_pin());
}

#[test]
fn a_card_pulled_at_any_command_is_said_to_be_removed() {
    let card = up_to_query("63C3");
    let whole =
        card.on(VERIFY, "9000").on(KEY_FILE, "9000").on(COMPUTE, &format!("{}9000", "AB".repeat(256)));
    let commands = whole.steps();
    for at in 0..commands {
        let mut card = whole.clone().failing_at(at, Error::CardRemoved);
        let (token, _) = authenticate(&mut card, &mut Steady::default(), &request("1234"), NOW);
        let expected = match card.sent.last() {
            Some(last) if last.starts_with("00200080") && last.len() > 8 => Error::CardRemoved.after_pin(),
            _ => Error::CardRemoved,
        };
        assert_eq!(token.err(), Some(expected), "at command {at}");
        assert_eq!(card.sent.len(), at + 1, "nothing is sent to a card that has gone");
    }
}

#[test]
fn a_request_given_up_before_the_pin_sends_none() {
    let card = up_to_query("63C3");
    let commands = card.steps();
    for stop_at in 0..=commands {
        let mut card = card.clone();
        let mut control = Steady { stop_at: Some(u32::try_from(stop_at).unwrap()), ..Steady::default() };
        let (token, _) = authenticate(&mut card, &mut control, &request("1234"), NOW);
        assert_eq!(code(&token), CardErrorCode::Cancelled);
        assert!(!card.saw_a_pin());
    }
    let mut card = card;
    let mut control = Steady { refuse_commit: true, ..Steady::default() };
    assert_eq!(
        code(&authenticate(&mut card, &mut control, &request("1234"), NOW).0),
        CardErrorCode::Cancelled
    );
    assert!(!card.saw_a_pin());
}

// Beside the other family.

const PIV: &str = "00A4040009 A00000030800001000 00";
const PIV_SHORT: &str = "00A4040005 A000000308 00";

#[test]
fn a_card_without_piv_is_asked_for_this_application() {
    let der = &*DER;
    let card = Script::new().on(PIV, "6A82").on(PIV_SHORT, "6A82").on(SELECT, "9000");
    let mut card = with_certificate(card, der).on(PIN_FILE, "9000").on(QUERY, "63C3");
    let accepted = Accepted { my_number: true };
    let summary = card::read(&mut card, &mut Steady::default(), accepted, NOW).unwrap();
    assert_eq!(summary.summary.family, FAMILY);
    card.assert_finished();
}

#[test]
fn a_card_with_neither_application_is_unsupported() {
    let strange = || Script::new().on(PIV, "6A82").on(PIV_SHORT, "6A82").on(SELECT, "6A82");
    let mut card = strange();
    let read = card::read(&mut card, &mut Steady::default(), Accepted::default(), NOW);
    assert_eq!(read, Err(Error::UnsupportedCard));
    card.assert_finished();
}

#[test]
fn a_pin_of_four_digits_is_this_familys_and_no_piv_card_gets_it() {
    let mut card = Script::new().on(SELECT, "6A82");
    let (token, release) = card::authenticate(&mut card, &mut Steady::default(), &request("1234"), NOW);
    assert_eq!((code(&token), release), (CardErrorCode::PinFormat, Release::Leave));
    card.assert_finished();

    let card = up_to_query("63C3");
    let mut card =
        card.on(VERIFY, "9000").on(KEY_FILE, "9000").on(COMPUTE, &format!("{}9000", "AB".repeat(256)));
    let (token, _) = card::authenticate(&mut card, &mut Steady::default(), &request("1234"), NOW);
    assert!(token.is_ok());
}

proptest! {
    #[test]
    fn no_answers_make_the_driver_panic_or_send_a_pin_twice(
        replies in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..260), 0..24),
        honest in any::<bool>(),
    ) {
        struct Wild { replies: Vec<Vec<u8>>, honest: bool, pins: usize }
        impl Card for Wild {
            fn atr(&self) -> &[u8] {
                &[]
            }
            fn protocol(&self) -> Protocol {
                Protocol::T1
            }
            fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, Error> {
                self.pins += usize::from(command.starts_with(&[0, 0x20]) && command.len() > 5);
                if self.honest && command[1] == 0xA4 {
                    return Ok(vec![0x90, 0x00]);
                }
                self.replies.pop().ok_or(Error::CardRemoved)
            }
        }
        let mut card = Wild { replies, honest, pins: 0 };
        let _ = authenticate(&mut card, &mut Steady::default(), &request("1234"), NOW);
        prop_assert!(card.pins <= 1);
    }
}
