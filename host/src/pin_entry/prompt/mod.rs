//! Windows' own credential prompt as the PIN dialog: what it says, how long it stays, and what its results mean.
//!
//! Everything except the calls themselves, which are in `windows.rs`, so that it is tested everywhere.

#[cfg(windows)]
mod windows;

use std::{
    sync::{
        Arc,
        mpsc::{self, RecvTimeoutError},
    },
    thread,
    time::{Duration, Instant},
};

use touroku_proto::card::{CardSummary, Pin};
use zeroize::Zeroizing;

#[cfg(windows)]
pub(super) use self::windows::Credentials;
use super::{PATIENCE, TITLE, misshapen};
use crate::error::Error;

/// How often a dialog is told to close, at short intervals.
const FAREWELLS: u32 = 10;

/// How often to check whether anybody still waits for the PIN.
const GLANCE: Duration = Duration::from_millis(100);

/// `CREDUI_MAX_CAPTION_LENGTH` and `CREDUI_MAX_MESSAGE_LENGTH` of `wincred.h`, in UTF-16 units.
const LONGEST_CAPTION: usize = 128;
const LONGEST_MESSAGE: usize = 1024;

/// `ERROR_CANCELLED` of `winerror.h`.
const CANCELLED: u32 = 1223;

/// A system dialog.
pub(super) trait Prompt: Send + Sync + 'static {
    /// Shows the dialog until the person has answered, and returns what they entered, in UTF-16. Both texts are
    /// zero-terminated.
    fn show(&self, caption: &[u16], message: &[u16]) -> Result<Zeroizing<Vec<u16>>, Error>;

    /// Closes the dialog, if it is open.
    fn close(&self);
}

/// Asks for the PIN of `card` until it has a format that the card accepts. Ends as `cancelled` as soon as nobody
/// waits any more, and as `timed_out` when nobody answers.
pub(super) fn ask(
    prompt: impl Prompt,
    said: String,
    card: &CardSummary,
    is_awaited: impl Fn() -> bool,
) -> Result<Pin, Error> {
    let prompt = Arc::new(prompt);
    let (sender, receiver) = mpsc::channel();
    let (showing, card) = (prompt.clone(), card.clone());
    // The system's dialog waits only for the person; hence a thread.
    thread::spawn(move || {
        // Nobody waits any more.
        let _ = sender.send(converse(&*showing, &said, &card));
    });
    let deadline = Instant::now() + PATIENCE;
    let ended = loop {
        match receiver.recv_timeout(GLANCE) {
            Ok(answer) => return answer,
            Err(RecvTimeoutError::Disconnected) => return Err(Error::Internal),
            Err(RecvTimeoutError::Timeout) if !is_awaited() => break Error::Cancelled,
            Err(RecvTimeoutError::Timeout) if Instant::now() >= deadline => break Error::TimedOut,
            Err(RecvTimeoutError::Timeout) => {}
        }
    };
    // More than once: the dialog may have been just about to open. One that stays ends with the process.
    for _ in 0..FAREWELLS {
        prompt.close();
        if !matches!(receiver.recv_timeout(GLANCE), Err(RecvTimeoutError::Timeout)) {
            break;
        }
    }
    Err(ended)
}

fn converse(prompt: &impl Prompt, said: &str, card: &CardSummary) -> Result<Pin, Error> {
    let caption = wide(TITLE, LONGEST_CAPTION);
    let mut message = wide(said, LONGEST_MESSAGE);
    loop {
        let pin = pin(&prompt.show(&caption, &message)?);
        if card.pin.accepts(&pin) {
            return Ok(pin);
        }
        message = wide(&format!("{}\n{said}", misshapen(&card.pin)), LONGEST_MESSAGE);
    }
}

/// What was entered. Invalid text is not a PIN either, and refused as one of a wrong format.
fn pin(entered: &[u16]) -> Pin {
    // At most three bytes per unit: the text is never reallocated, and no copy stays behind.
    let mut text = String::with_capacity(entered.len() * 3);
    for character in char::decode_utf16(entered.iter().copied()) {
        text.push(character.unwrap_or(char::REPLACEMENT_CHARACTER));
    }
    Pin::new(text)
}

/// A text for the system: UTF-16, whole characters only, zero-terminated.
fn wide(text: &str, longest: usize) -> Vec<u16> {
    let mut units = Vec::with_capacity(longest);
    for character in text.chars().filter(|character| *character != '\0') {
        if units.len() + character.len_utf16() >= longest {
            break;
        }
        units.extend_from_slice(character.encode_utf16(&mut [0; 2]));
    }
    units.push(0);
    units
}

/// The meaning of the prompt's return value. All but two mean that it could not be shown.
fn outcome(code: u32) -> Result<(), Error> {
    match code {
        0 => Ok(()),
        CANCELLED => Err(Error::Cancelled),
        other => Err(Error::PinEntry(format!("Windows {other}"))),
    }
}

#[cfg(test)]
mod tests;
