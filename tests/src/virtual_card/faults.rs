//! Faults on demand: what goes wrong between a healthy card and whoever talks to it.

use std::time::Duration;

use super::apdu::Command;

/// Faults on demand.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    /// Every SELECT fails: some other card.
    pub not_piv: bool,
    /// The card leaves the reader at this point, without responding.
    pub remove_at: Option<Trigger>,
    /// The response to this is garbage, with status 9000.
    pub garbage_at: Option<Trigger>,
    /// Every response is delayed by this much.
    pub delay: Duration,
    /// A signature takes this much longer.
    pub sign_delay: Duration,
    /// Response data is truncated to half, with status 9000.
    pub short_replies: bool,
}

/// When a fault strikes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trigger {
    /// At this command, counted from 1 since the card was inserted.
    Command(usize),
    /// At each VERIFY with a PIN.
    Verify,
    /// At each signature.
    Sign,
}

/// What becomes of a response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The card is gone before it could respond.
    Gone,
    /// Data and status word.
    Answer(Vec<u8>, u16),
}

const OK: u16 = 0x9000;
const NOT_FOUND: u16 = 0x6A82;
const SELECT: u8 = 0xA4;
const VERIFY: u8 = 0x20;
const GENERAL_AUTHENTICATE: u8 = 0x87;
const COMPUTE_DIGITAL_SIGNATURE: u8 = 0x2A;

impl Faults {
    /// Lets the card execute the command, counted from 1, and applies the faults. `None` means bytes that are not
    /// a command.
    pub(super) fn apply(
        &self,
        count: usize,
        command: Option<&Command<'_>>,
        answer: impl FnOnce() -> (Vec<u8>, u16),
    ) -> Outcome {
        let strikes = |trigger: Option<Trigger>| trigger.is_some_and(|it| it.strikes(count, command));
        if strikes(self.remove_at) {
            return Outcome::Gone;
        }
        if self.not_piv && command.is_some_and(|command| command.instruction == SELECT) {
            return Outcome::Answer(Vec::new(), NOT_FOUND);
        }
        let (mut data, status) = answer();
        if strikes(self.garbage_at) {
            // No TLV begins like this: a tag that never ends. Where no data is expected, there is some.
            return Outcome::Answer(vec![0xFF; data.len().max(8)], OK);
        }
        if self.short_replies && status == OK {
            data.truncate(data.len() / 2);
        }
        Outcome::Answer(data, status)
    }

    /// The delay of the response to a command.
    pub(super) fn delay(&self, command: Option<&Command<'_>>) -> Duration {
        match command {
            Some(Command { instruction: GENERAL_AUTHENTICATE | COMPUTE_DIGITAL_SIGNATURE, .. }) => {
                self.delay + self.sign_delay
            }
            _ => self.delay,
        }
    }
}

impl Trigger {
    fn strikes(self, count: usize, command: Option<&Command<'_>>) -> bool {
        match self {
            Self::Command(at) => count == at,
            Self::Verify => command.is_some_and(|it| it.instruction == VERIFY && !it.data.is_empty()),
            Self::Sign => command
                .is_some_and(|it| matches!(it.instruction, GENERAL_AUTHENTICATE | COMPUTE_DIGITAL_SIGNATURE)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PIN: &[u8] = &[0, VERIFY, 0, 0x80, 1, 9];
    const QUERY: &[u8] = &[0, VERIFY, 0, 0x80];
    const READ: &[u8] = &[0, 0xCB, 0x3F, 0xFF, 0];

    fn apply(faults: &Faults, count: usize, bytes: &[u8]) -> Outcome {
        faults.apply(count, Command::parse(bytes).ok().as_ref(), || (vec![1, 2, 3, 4], OK))
    }

    #[test]
    fn a_card_leaves_at_the_ordered_moment_and_no_other() {
        let faults = |trigger| Faults { remove_at: Some(trigger), ..Faults::default() };
        assert_eq!(apply(&faults(Trigger::Command(2)), 2, READ), Outcome::Gone);
        assert_ne!(apply(&faults(Trigger::Command(2)), 1, READ), Outcome::Gone);
        assert_eq!(apply(&faults(Trigger::Verify), 9, PIN), Outcome::Gone);
        assert_ne!(apply(&faults(Trigger::Verify), 9, QUERY), Outcome::Gone);
        assert_eq!(apply(&faults(Trigger::Sign), 9, &[0x10, GENERAL_AUTHENTICATE, 7, 0x9A]), Outcome::Gone);
        assert_ne!(apply(&faults(Trigger::Sign), 9, READ), Outcome::Gone);
    }

    #[test]
    fn answers_are_spoilt_as_ordered() {
        let answer = |data: &[u8], status| Outcome::Answer(data.to_vec(), status);
        assert_eq!(apply(&Faults::default(), 1, READ), answer(&[1, 2, 3, 4], OK));
        let short = Faults { short_replies: true, ..Faults::default() };
        assert_eq!(apply(&short, 1, READ), answer(&[1, 2], OK));
        let garbage = Faults { garbage_at: Some(Trigger::Command(1)), ..Faults::default() };
        assert_eq!(apply(&garbage, 1, READ), answer(&[0xFF; 8], OK));
        assert_eq!(apply(&garbage, 2, READ), answer(&[1, 2, 3, 4], OK));
        let other = Faults { not_piv: true, ..Faults::default() };
        assert_eq!(apply(&other, 1, &[0, SELECT, 4, 0]), answer(&[], NOT_FOUND));
        assert_eq!(apply(&other, 1, READ), answer(&[1, 2, 3, 4], OK));
    }

    #[test]
    fn only_signing_takes_the_signing_delay() {
        let (all, signing) = (Duration::from_millis(3), Duration::from_millis(40));
        let faults = Faults { delay: all, sign_delay: signing, ..Faults::default() };
        let delay = |bytes: &[u8]| faults.delay(Command::parse(bytes).ok().as_ref());
        assert_eq!(delay(READ), all);
        assert_eq!(delay(&[0, GENERAL_AUTHENTICATE, 7, 0x9A]), all + signing);
    }
}
