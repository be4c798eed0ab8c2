//! Pulled cards and cancelling people, at every moment of an authentication: each request ends once, and no try is
//! spent unintentionally.

use std::time::Duration;

use openssl::ecdsa::EcdsaSig;
use touroku_proto::card::HostMessage;

use super::*;
use crate::{card::pin_pad::ControlCode, halt::Halt, job::Job, output::Output, recorder::Recorder};

const ID: u32 = 7;
const TRIES: u8 = 3;

/// What happens at a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Event {
    /// The card is gone before it received the command.
    GoneBefore,
    /// It executes the command, and is gone before it can respond.
    GoneAfter,
    /// Communication breaks: nobody knows what the card has received.
    Line,
    Silence,
    /// Somebody cancels while the command is on its way.
    GivenUp,
    /// The browser ends the host meanwhile.
    Ending,
}

const EVENTS: [Event; 6] =
    [Event::GoneBefore, Event::GoneAfter, Event::Line, Event::Silence, Event::GivenUp, Event::Ending];

/// A PIV card that counts its PIN's tries and really signs.
struct Living {
    key: PKey<Private>,
    certificate: Vec<u8>,
    has_keys: bool,
    entered: &'static str,
    events: Vec<(usize, Event)>,
    job: Job,
    halt: Halt,
    /// Commands so far.
    count: usize,
    gone: bool,
    /// What is left for GET RESPONSE.
    rest: Vec<u8>,
    tries: u8,
    verified: bool,
    /// The command numbers that carried a PIN.
    pins: Vec<usize>,
}

impl Living {
    fn step(&mut self, answer: impl FnOnce(&mut Self) -> Vec<u8>) -> Result<Vec<u8>, Error> {
        if self.gone {
            return Err(Error::CardRemoved);
        }
        self.count += 1;
        let now: Vec<Event> =
            self.events.iter().filter(|(at, _)| *at == self.count).map(|&(_, event)| event).collect();
        if now.contains(&Event::GoneBefore) {
            self.gone = true;
            return Err(Error::CardRemoved);
        }
        if now.contains(&Event::GivenUp) {
            self.job.cancel();
        }
        if now.contains(&Event::Ending) {
            self.halt.end(Duration::ZERO);
        }
        let reply = answer(self);
        if now.contains(&Event::GoneAfter) {
            self.gone = true;
            return Err(Error::CardRemoved);
        }
        if now.contains(&Event::Line) {
            return Err(Error::Line("NotTransacted".to_owned()));
        }
        Ok(if now.contains(&Event::Silence) { Vec::new() } else { reply })
    }

    fn answer(&mut self, command: &[u8]) -> Vec<u8> {
        let status = |word: u16| word.to_be_bytes().to_vec();
        match command {
            [0x00, 0xA4, 0x04, 0x00, 0x00] => {
                self.verified = false;
                hex::decode(ISSUER_DOMAIN.replace(' ', "")).unwrap()
            }
            [0x00, 0xA4, ..] => hex::decode(SELECTED.replace(' ', "")).unwrap(),
            [0x00, 0xCB, .., 0x5C, 0x03, 0x5F, 0xC1, 0x05, 0x00] => {
                self.rest = object(&self.certificate);
                self.more()
            }
            [0x00, 0xC0, ..] => self.more(),
            [0x00, 0x20, 0x00, 0x80] => status(0x63C0 + u16::from(self.tries)),
            [0x00, 0x20, 0x00, 0x80, 0x08, pin @ ..] => self.verify(pin),
            [0x00, 0x87, 0x11, 0x9A, _, template @ ..] if self.verified => {
                let input = &template[template.len() - 33..template.len() - 1];
                let key = self.key.ec_key().unwrap();
                let signature = EcdsaSig::sign(input, &key).unwrap().to_der().unwrap();
                [tlv::encode(0x7C, &tlv::encode(0x82, &signature)), status(0x9000)].concat()
            }
            [0x00, 0x87, ..] => status(0x6982),
            _ => status(0x6A82),
        }
    }

    fn more(&mut self) -> Vec<u8> {
        let piece: Vec<u8> = self.rest.drain(..self.rest.len().min(256)).collect();
        let status = if self.rest.is_empty() { [0x90, 0x00] } else { [0x61, 0x00] };
        [piece, status.to_vec()].concat()
    }

    fn verify(&mut self, pin: &[u8]) -> Vec<u8> {
        self.pins.push(self.count);
        self.verified = self.tries > 0 && pin == b"123456\xFF\xFF";
        self.tries = if self.verified { TRIES } else { self.tries.saturating_sub(1) };
        if self.verified { vec![0x90, 0x00] } else { vec![0x63, 0xC0 + self.tries] }
    }
}

impl Card for Living {
    fn atr(&self) -> &[u8] {
        &[0x3B, 0x00]
    }

    fn protocol(&self) -> Protocol {
        Protocol::T1
    }

    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, Error> {
        self.step(|card| card.answer(command))
    }

    fn control(&mut self, code: ControlCode, _: &[u8]) -> Result<Vec<u8>, Error> {
        if !self.has_keys {
            return Err(Error::Line("NotTransacted".to_owned()));
        }
        self.step(|card| match code {
            ControlCode::Features => vec![0x06, 0x04, 0x42, 0x33, 0x00, 0x06],
            ControlCode::Of(_) => {
                let mut pin = card.entered.as_bytes().to_vec();
                pin.resize(8, 0xFF);
                card.verify(&pin)
            }
        })
    }
}

/// The result of a request.
struct Ended {
    /// The error's code, or `ok`.
    code: &'static str,
    card: Living,
}

/// Where and by whom the PIN is entered, and whether it is correct.
#[derive(Clone, Copy, Debug)]
struct Setting {
    has_keys: bool,
    pin: &'static str,
}

const SETTINGS: [Setting; 4] = [
    Setting { has_keys: false, pin: "123456" },
    Setting { has_keys: false, pin: "654321" },
    Setting { has_keys: true, pin: "123456" },
    Setting { has_keys: true, pin: "654321" },
];

/// Carries a request out while these events happen, and asserts that it ends once.
fn happen(key: &PKey<Private>, setting: Setting, events: Vec<(usize, Event)>) -> Ended {
    let (sink, halt) = (Recorder::default(), Halt::default());
    let job = Job::new(ID, Output::to(sink.clone()), halt.clone());
    let mut card = Living {
        key: key.clone(),
        certificate: certificate_for(key),
        has_keys: setting.has_keys,
        entered: setting.pin,
        events,
        job: job.clone(),
        halt,
        count: 0,
        gone: false,
        rest: Vec::new(),
        tries: TRIES,
        verified: false,
        pins: Vec::new(),
    };
    let request = request(if setting.has_keys { "" } else { setting.pin });
    let mut release = Release::Leave;
    job.run_with(|control| {
        let (outcome, left) = authenticate(&mut card, control, &request, NOW);
        release = left;
        outcome.map(|token| request.proof(token))
    });
    let what = format!("{setting:?} {:?}", card.events);
    let mut end = None;
    for message in sink.messages() {
        assert!(end.is_none(), "something comes after the answer: {what}");
        match message {
            HostMessage::Progress { id: ID, .. } => {}
            HostMessage::Token { id: ID, .. } => end = Some("ok"),
            HostMessage::Error { id: Some(ID), error } => end = Some(error.code.as_str()),
            other => panic!("{other:?}: {what}"),
        }
    }
    let code = end.unwrap_or_else(|| panic!("no answer: {what}"));
    let right = setting.pin == "123456";
    assert!(card.pins.len() <= 1, "{what}");
    assert_eq!(card.tries, TRIES - u8::from(!right && !card.pins.is_empty()), "{what}");
    let known = ["ok", "cancelled", "card_removed", "card_error", "pin_wrong"];
    // A reader that does not announce a keypad has none, and the empty PIN goes nowhere.
    let keyless = code == "pin_format" && setting.has_keys && card.events.iter().any(|&(at, _)| at == 1);
    assert!(known.contains(&code) || keyless, "{code}: {what}");
    assert!(right || code != "ok", "{what}");
    // Nothing stays open: another application was selected, or the card is reset or gone.
    assert!(card.gone || release == Release::Reset || !card.verified, "{what}");
    Ended { code, card }
}

#[test]
fn a_card_that_is_pulled_at_any_command_ends_its_request_once_and_costs_no_try() {
    let key = ec(Nid::X9_62_PRIME256V1);
    for setting in SETTINGS {
        let calm = happen(&key, setting, Vec::new());
        assert_eq!(calm.code, if setting.pin == "123456" { "ok" } else { "pin_wrong" }, "{setting:?}");
        let [verify] = calm.card.pins[..] else { panic!("{setting:?}: one PIN") };
        for at in 1..=calm.card.count {
            for event in EVENTS {
                let ended = happen(&key, setting, vec![(at, event)]);
                let what = format!("{setting:?} {event:?} at {at}: {}", ended.code);
                match event {
                    Event::GoneBefore => assert_eq!(ended.card.pins.is_empty(), at <= verify, "{what}"),
                    Event::GivenUp | Event::Ending if at < verify => {
                        assert_eq!((ended.code, ended.card.pins.len()), ("cancelled", 0), "{what}");
                    }
                    // A communication error may be overcome by resending differently, but not once the PIN is
                    // sent.
                    _ if at < verify => {
                        assert!(ended.code != "pin_wrong" || setting.pin != "123456", "{what}");
                    }
                    _ => assert_eq!(ended.card.pins.len(), 1, "{what}"),
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]
    #[test]
    fn several_misfortunes_end_a_request_no_more_than_once(
        setting in 0..SETTINGS.len(),
        events in prop::collection::vec((1..20_usize, 0..EVENTS.len()), 0..4),
    ) {
        thread_local!(static KEY: PKey<Private> = ec(Nid::X9_62_PRIME256V1));
        let events = events.into_iter().map(|(at, event)| (at, EVENTS[event])).collect();
        KEY.with(|key| happen(key, SETTINGS[setting], events));
    }
}
