//! The PIN at the reader's own keypad.

use super::*;

const FEATURES: &str = "0604 42330006 0704 42330007";
const AT_READER: &str =
    "at reader 42330006 3C3C820800080602011104 00000000 0D000000 0020008008 FFFFFFFFFFFFFFFF";

/// A P-256 card in a reader with a keypad, up to the reply to the query.
fn with_keys(query: &str) -> Script {
    p256_up_to_query(query).features(FEATURES)
}

fn at_reader(card: &Script) -> usize {
    card.sent.iter().filter(|sent| sent.starts_with("at reader")).count()
}

#[test]
fn a_reader_with_keys_asks_for_the_pin_itself_and_none_goes_through_this_computer() {
    for typed in ["", "654321", "not a PIN at all"] {
        let mut card = with_keys("63C3")
            .on(AT_READER, "9000")
            .on("0087119A26 7C2482008120…", ECDSA)
            .on(DESELECT, ISSUER_DOMAIN);
        let mut control = Steady::default();
        let (token, release) = authenticate(&mut card, &mut control, &request(typed), NOW);
        card.assert_finished();
        assert_eq!((token.unwrap().algorithm.as_str(), release), ("ES256", Release::Leave));
        assert_eq!((at_reader(&card), card.pins()), (1, 0));
        assert_eq!(control.at_reader, [crate::card::pin_pad::TIME]);
    }
}

#[test]
fn what_reader_and_card_say_to_that_is_told_apart_and_nobody_is_asked_twice() {
    for (answer, expected) in [
        ("6400", Error::TimedOut),
        ("6401", Error::Cancelled),
        ("6403", Error::PinFormat),
        ("6B80", Error::Status { command: "VERIFY", word: 0x6B80 }),
        ("63C2", Error::PinWrong { tries: Some(2) }),
        ("63C0", Error::PinLocked),
        ("6983", Error::PinLocked),
        ("", Error::Malformed("reply without status word").after_pin()),
    ] {
        let mut card = with_keys("63C3").on(AT_READER, answer).on(DESELECT, ISSUER_DOMAIN);
        let (outcome, release) = run(&mut card, &request(""));
        assert_eq!((outcome, release), (Err(expected), Release::Leave), "{answer}");
        assert_eq!((at_reader(&card), card.pins()), (1, 0), "{answer}");
    }
    for error in [Error::CardRemoved, Error::Line("NotTransacted".into())] {
        let mut card = with_keys("63C3").fail(AT_READER, error.clone()).fail(DESELECT, error.clone());
        assert_eq!(run(&mut card, &request("")), (Err(error.after_pin()), Release::Reset));
    }
}

#[test]
fn from_the_card_itself_the_readers_words_mean_something_else() {
    for word in [0x6400, 0x6401, 0x6403] {
        let mut card =
            p256_up_to_query("63C3").on(VERIFY, &format!("{word:04X}")).on(DESELECT, ISSUER_DOMAIN);
        let refused = Error::Status { command: "VERIFY", word };
        assert_eq!(run(&mut card, &request("123456")).0, Err(refused));
    }
}

#[test]
fn the_reader_is_not_asked_where_no_pin_may_be_sent() {
    for (query, expected) in [("63C1", Error::PinLastTry), ("6983", Error::PinLocked)] {
        let mut card = with_keys(query).on(DESELECT, ISSUER_DOMAIN);
        assert_eq!(run(&mut card, &request("")).0, Err(expected));
        assert_eq!(at_reader(&card), 0);
    }
    let mut card = with_keys("63C3").on(DESELECT, ISSUER_DOMAIN);
    let mut control = Steady { refuse_commit: true, ..Steady::default() };
    let outcome = authenticate(&mut card, &mut control, &request(""), NOW);
    assert_eq!((outcome.0, at_reader(&card)), (Err(Error::Cancelled), 0));
}

#[test]
fn the_last_try_is_used_at_the_reader_after_a_yes_at_the_computer() {
    let mut card = with_keys("63C1").on(AT_READER, "9000").on("0087…", ECDSA).on(DESELECT, ISSUER_DOMAIN);
    let accepted = Request { accept_last_try: true, ..request("") };
    assert!(run(&mut card, &accepted).0.is_ok());
}

#[test]
fn a_card_says_where_its_pin_is_entered() {
    for (card, at_reader) in [(with_keys("63C3"), true), (p256_up_to_query("63C3"), false)] {
        assert_eq!(read_card(card).unwrap().pin_pad, at_reader);
    }
}

#[test]
fn without_keys_an_empty_pin_is_sent_nowhere() {
    let mut card = Script::new();
    assert_eq!(run(&mut card, &request("")), (Err(Error::PinFormat), Release::Leave));
}
