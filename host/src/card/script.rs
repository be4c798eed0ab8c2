//! A card that follows a script: this command, that reply. For tests.

use std::collections::VecDeque;

use super::{Card, Control, Protocol};
use crate::error::Error;

/// A card with a fixed dialogue. A command that the script does not expect fails the test.
pub(crate) struct Script {
    atr: Vec<u8>,
    protocol: Protocol,
    steps: VecDeque<(String, Result<Vec<u8>, Error>)>,
    /// All commands so far, in hex.
    pub(crate) sent: Vec<String>,
}

impl Script {
    /// A T=1 card that says nothing of extended length.
    pub(crate) fn new() -> Self {
        Self { atr: vec![0x3B, 0x00], protocol: Protocol::T1, steps: VecDeque::new(), sent: Vec::new() }
    }

    /// A T=1 card with that ATR, in hex.
    pub(crate) fn with_atr(atr: &str) -> Self {
        Self { atr: hex::decode(atr).unwrap(), ..Self::new() }
    }

    /// A card whose ATR announces extended length.
    pub(crate) fn extended() -> Self {
        Self::with_atr("3B8580018073C021C0D6")
    }

    /// The same card over another protocol.
    pub(crate) fn over(self, protocol: Protocol) -> Self {
        Self { protocol, ..self }
    }

    /// Expects a command, in hex; a trailing `…` stands for any rest. Replies in hex.
    pub(crate) fn on(self, command: &str, reply: &str) -> Self {
        let reply = hex::decode(reply.replace(' ', "")).unwrap();
        self.step(command, Ok(reply))
    }

    /// Expects a command and fails.
    pub(crate) fn fail(self, command: &str, error: Error) -> Self {
        self.step(command, Err(error))
    }

    fn step(mut self, command: &str, reply: Result<Vec<u8>, Error>) -> Self {
        self.steps.push_back((command.replace(' ', ""), reply));
        self
    }

    /// The dialogue must be over.
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

    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, Error> {
        let command = hex::encode_upper(command);
        self.sent.push(command.clone());
        let (expected, reply) = self.steps.pop_front().unwrap_or_else(|| panic!("not expected: {command}"));
        match expected.strip_suffix('…') {
            Some(beginning) => assert!(command.starts_with(beginning), "{command} instead of {expected}"),
            None => assert_eq!(command, expected),
        }
        reply
    }
}

/// Lets everything go on, or stops before the command of that number.
#[derive(Default)]
pub(crate) struct Steady {
    pub(crate) stop_at: Option<u32>,
    pub(crate) refuse_commit: bool,
    pub(crate) done: u32,
    pub(crate) totals: Vec<u32>,
}

impl Control for Steady {
    fn proceed(&mut self) -> Result<(), Error> {
        if self.stop_at.is_some_and(|at| self.done + 1 >= at) { Err(Error::Cancelled) } else { Ok(()) }
    }

    fn commit(&mut self) -> Result<(), Error> {
        if self.refuse_commit { Err(Error::Cancelled) } else { self.proceed() }
    }

    fn finished(&mut self, done: u32, total: u32) {
        assert!(done <= total);
        self.done = done;
        self.totals.push(total);
    }
}
