//! A prompt that answers from a list.

use std::sync::{
    Mutex,
    atomic::{AtomicBool, Ordering},
};

use proptest::prelude::*;
use touroku_proto::{origin::Origin, token::Nonce};

use super::*;
use crate::{card::Subject, pin_entry::description};

#[derive(Default)]
struct Fake {
    answers: Mutex<Vec<Result<&'static str, Error>>>,
    said: Arc<Mutex<Vec<String>>>,
    closed: Arc<AtomicBool>,
}

impl Fake {
    /// The last one comes first.
    fn answering(answers: impl IntoIterator<Item = Result<&'static str, Error>>) -> Self {
        Self { answers: Mutex::new(answers.into_iter().collect()), ..Self::default() }
    }
}

impl Prompt for Fake {
    fn show(&self, caption: &[u16], message: &[u16]) -> Result<Zeroizing<Vec<u16>>, Error> {
        let text = |units: &[u16]| String::from_utf16(units.strip_suffix(&[0]).unwrap()).unwrap();
        self.said.lock().unwrap().extend([text(caption), text(message)]);
        match self.answers.lock().unwrap().pop() {
            Some(answer) => answer.map(|text| Zeroizing::new(text.encode_utf16().collect())),
            // A person who does not answer.
            None => loop {
                if self.closed.load(Ordering::Acquire) {
                    return Err(Error::Cancelled);
                }
                thread::yield_now();
            },
        }
    }

    fn close(&self) {
        self.closed.store(true, Ordering::Release);
    }
}

pub(super) fn origin() -> Origin {
    Origin::parse("https://ebid.example.jp").unwrap()
}

pub(super) fn said_of(card: &CardSummary) -> String {
    description(&origin(), &Subject::Login(Nonce::from_bytes(&[1; 32])), card)
}

pub(super) fn card(holder: &str) -> CardSummary {
    serde_json::from_value(serde_json::json!({
        "id": "ab", "family": "piv", "holder": holder, "company": "北東建設", "issuer": "試験認証局",
        "not_before": "2026-01-01T00:00:00Z", "not_after": "2029-01-01T00:00:00Z", "tries_left": 2,
        "pin": {"min": 6, "max": 8, "letters": false}, "problem": null,
    }))
    .unwrap()
}

#[test]
fn the_prompt_says_what_the_other_dialog_says_and_brings_the_pin() {
    let fake = Fake::answering([Ok("123456")]);
    let said = fake.said.clone();
    let pin = ask(fake, said_of(&card("山田　太郎")), &card("山田　太郎"), || true).unwrap();
    assert_eq!(pin.expose(), "123456");
    let said = said.lock().unwrap();
    assert_eq!(said[0], "ICカードのPIN番号");
    assert_eq!(said[1], said_of(&card("山田　太郎")));
    for part in ["https://ebid.example.jp", "山田　太郎", "残り2回", "6〜8桁"] {
        assert!(said[1].contains(part), "{part}");
    }
}

#[test]
fn a_pin_of_a_shape_that_the_card_refuses_is_asked_for_again_and_costs_no_try() {
    let fake = Fake::answering([Ok("1234567"), Ok("\u{0}"), Ok("１２３４５６"), Ok("12"), Ok("")]);
    let said = fake.said.clone();
    assert_eq!(ask(fake, said_of(&card("山田")), &card("山田"), || true).unwrap().expose(), "1234567");
    let said = said.lock().unwrap();
    let complaints = said.iter().filter(|text| text.contains("カードには送っていません"));
    assert_eq!((complaints.count(), said.len()), (4, 10));
    assert!(said.last().unwrap().contains("山田"), "the card is named again");
}

#[test]
fn giving_up_is_told_apart_from_a_prompt_that_cannot_be_shown() {
    assert_eq!(outcome(0), Ok(()));
    assert_eq!(outcome(CANCELLED), Err(Error::Cancelled));
    // ERROR_CALL_NOT_IMPLEMENTED, ERROR_NO_SUCH_LOGON_SESSION, ERROR_INVALID_PARAMETER.
    for code in [120, 1312, 87] {
        let Err(Error::PinEntry(why)) = outcome(code) else { panic!("{code}") };
        assert!(why.contains(&code.to_string()));
    }
    for error in [Error::Cancelled, Error::PinEntry("Windows 120".to_owned())] {
        let fake = Fake::answering([Err(error.clone())]);
        assert_eq!(ask(fake, said_of(&card("山田")), &card("山田"), || true).unwrap_err(), error);
    }
}

#[test]
fn a_prompt_goes_when_nobody_waits_for_the_pin_any_more() {
    let fake = Fake::default();
    let (said, closed) = (fake.said.clone(), fake.closed.clone());
    let is_awaited = || said.lock().unwrap().is_empty();
    assert_eq!(ask(fake, said_of(&card("山田")), &card("山田"), is_awaited).unwrap_err(), Error::Cancelled);
    assert!(closed.load(Ordering::Acquire));
}

proptest! {
    #[test]
    fn texts_are_cut_between_characters_and_end_with_one_zero(text in "\\PC{0,60}|[\0a\u{20BB7}]{0,60}", longest in 1_usize..50) {
        let units = wide(&text, longest);
        prop_assert!(units.len() <= longest);
        prop_assert_eq!(units.iter().position(|unit| *unit == 0), Some(units.len() - 1));
        let back = String::from_utf16(&units[..units.len() - 1]).unwrap();
        prop_assert!(text.replace('\0', "").starts_with(&back));
    }

    #[test]
    fn whatever_stands_on_a_card_its_message_is_whole(holder in "\\PC{0,90}|\u{20BB7}{0,90}") {
        let mut card = card(&holder);
        (card.company, card.issuer) = (holder.clone(), holder);
        let said = format!("{}\n{}", misshapen(&card.pin), said_of(&card));
        let units = wide(&said, LONGEST_MESSAGE);
        prop_assert_eq!(String::from_utf16(&units[..units.len() - 1]).unwrap(), said);
    }

    #[test]
    fn what_is_entered_is_read_whatever_it_is(units in prop::collection::vec(any::<u16>(), 0..40)) {
        let pin = pin(&units);
        prop_assert_eq!(pin.expose(), String::from_utf16_lossy(&units));
    }
}
