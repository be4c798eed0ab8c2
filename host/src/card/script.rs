//! A scripted card: this command, that reply. For tests.

use std::{collections::VecDeque, time::Duration};

use super::{Card, Control, Protocol, pin_pad::ControlCode};
use crate::error::Error;

/// A card with a fixed dialogue. A command that the script does not expect fails the test.
#[derive(Clone)]
pub(crate) struct Script {
    atr: Vec<u8>,
    protocol: Protocol,
    steps: VecDeque<(String, Result<Vec<u8>, Error>)>,
    reader: String,
    /// The reader's features; `None`: its driver knows no such command.
    features: Option<Vec<u8>>,
    /// All commands so far, in hex; what the reader was told to ask for is prefixed with `at reader `.
    pub(crate) sent: Vec<String>,
}

impl Script {
    /// A T=1 card that does not announce extended length.
    pub(crate) fn new() -> Self {
        Self {
            atr: vec![0x3B, 0x00],
            protocol: Protocol::T1,
            steps: VecDeque::new(),
            reader: String::new(),
            features: None,
            sent: Vec::new(),
        }
    }

    /// A T=1 card with that ATR, in hex.
    pub(crate) fn with_atr(atr: &str) -> Self {
        Self { atr: hex::decode(atr).unwrap(), ..Self::new() }
    }

    /// A card whose ATR announces extended length.
    pub(crate) fn extended() -> Self {
        Self::with_atr("3B8580018073C021C0D6")
    }

    /// The same card with that ATR, in hex.
    #[cfg(unix)]
    pub(crate) fn announcing(self, atr: &str) -> Self {
        Self { atr: hex::decode(atr).unwrap(), ..self }
    }

    /// How many commands are still expected.
    #[cfg(unix)]
    pub(crate) fn steps(&self) -> usize {
        self.steps.len()
    }

    /// The same dialogue up to the command with that number, counted from 0, which fails.
    #[cfg(unix)]
    pub(crate) fn failing_at(mut self, at: usize, error: Error) -> Self {
        self.steps.truncate(at + 1);
        self.steps[at].1 = Err(error);
        self
    }

    /// The same card over another protocol.
    pub(crate) fn over(self, protocol: Protocol) -> Self {
        Self { protocol, ..self }
    }

    /// The same card in a reader with that feature list, in hex.
    pub(crate) fn features(self, features: &str) -> Self {
        Self { features: Some(hex::decode(features.replace(' ', "")).unwrap()), ..self }
    }

    /// The same card in a reader of that name.
    pub(crate) fn in_reader(self, name: &str) -> Self {
        Self { reader: name.to_owned(), ..self }
    }

    /// Expects a command, in hex; a trailing `…` stands for any rest. Replies in hex.
    pub(crate) fn on(self, command: &str, reply: &str) -> Self {
        let reply = hex::decode(reply.replace(' ', "")).unwrap();
        self.step(command, Ok(reply))
    }

    /// Expects a command and fails it.
    pub(crate) fn fail(self, command: &str, error: Error) -> Self {
        self.step(command, Err(error))
    }

    fn step(mut self, command: &str, reply: Result<Vec<u8>, Error>) -> Self {
        self.steps.push_back((command.replace(' ', ""), reply));
        self
    }

    /// Asserts that the dialogue is complete.
    pub(crate) fn assert_finished(&self) {
        assert!(self.steps.is_empty(), "never asked: {:?}; asked: {:?}", self.steps, self.sent);
    }

    /// Whether a PIN was sent: VERIFY with data.
    #[cfg_attr(windows, expect(dead_code, reason = "the tests of whole cards are not made there"))]
    pub(crate) fn saw_a_pin(&self) -> bool {
        self.pins() > 0
    }

    /// How many times a PIN was sent.
    pub(crate) fn pins(&self) -> usize {
        self.sent.iter().filter(|command| command.starts_with("0020") && command.len() > 10).count()
    }
}

impl Card for Script {
    fn atr(&self) -> &[u8] {
        &self.atr
    }

    fn protocol(&self) -> Protocol {
        self.protocol
    }

    fn reader(&self) -> &str {
        &self.reader
    }

    fn control(&mut self, code: ControlCode, input: &[u8]) -> Result<Vec<u8>, Error> {
        match code {
            ControlCode::Features => self.features.clone().ok_or_else(|| Error::Line("NotTransacted".into())),
            ControlCode::Of(code) => {
                self.follow(format!("at reader {code:08X} {}", hex::encode_upper(input)))
            }
        }
    }

    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, Error> {
        self.follow(hex::encode_upper(command))
    }
}

impl Script {
    fn follow(&mut self, command: String) -> Result<Vec<u8>, Error> {
        self.sent.push(command.clone());
        let (expected, reply) = self.steps.pop_front().unwrap_or_else(|| panic!("not expected: {command}"));
        match expected.strip_suffix('…') {
            Some(beginning) => {
                assert!(command.replace(' ', "").starts_with(beginning), "{command} instead of {expected}");
            }
            None => assert_eq!(command.replace(' ', ""), expected),
        }
        reply
    }
}

/// Lets everything go on, or cancels before the command with that number.
#[derive(Default)]
pub(crate) struct Steady {
    pub(crate) stop_at: Option<u32>,
    pub(crate) refuse_commit: bool,
    pub(crate) done: u32,
    pub(crate) totals: Vec<u32>,
    /// How long a person had at the reader, each time.
    pub(crate) at_reader: Vec<Duration>,
}

impl Control for Steady {
    fn proceed(&mut self) -> Result<(), Error> {
        if self.stop_at.is_some_and(|at| self.done + 1 >= at) { Err(Error::Cancelled) } else { Ok(()) }
    }

    fn commit(&mut self) -> Result<(), Error> {
        if self.refuse_commit { Err(Error::Cancelled) } else { self.proceed() }
    }

    fn at_reader(&mut self, time: Duration, _: u32, _: u32) -> Result<(), Error> {
        self.at_reader.push(time);
        self.proceed()
    }

    fn finished(&mut self, done: u32, total: u32) {
        assert!(done <= total);
        self.done = done;
        self.totals.push(total);
    }
}
