//! A running `pinentry`, and its Assuan protocol: one request per line, then data, comments and `OK` or `ERR`.

use std::{
    io::{self, Read, Write},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use touroku_proto::card::{CardSummary, Pin};
use zeroize::Zeroizing;

use super::{PATIENCE, TITLE, misshapen, shortened};
use crate::error::Error;

/// How long after the end of our patience a dialog that does not end by itself is killed.
const GRACE: Duration = Duration::from_secs(5);

/// How often to check whether anybody still waits for the PIN: a page, a person and the host's end each end a
/// request in their own way, and none of them knows about dialogs. To a person a tenth of a second is at once.
const GLANCE: Duration = Duration::from_millis(100);

/// The longest line of Assuan, in bytes, including its end (`ASSUAN_LINELENGTH`).
const LINE: usize = 1002;

/// Codes of libgpg-error in the lower 16 bits of an `ERR`: `GPG_ERR_TIMEOUT`, `GPG_ERR_CANCELED`,
/// `GPG_ERR_FULLY_CANCELED`.
const TIMED_OUT: u32 = 62;
const CANCELED: [u32; 2] = [99, 198];

pub(super) struct Dialog {
    input: ChildStdin,
    output: ChildStdout,
    watch: Arc<Watch>,
}

/// What the dialog and the thread that watches over it share.
struct Watch {
    child: Mutex<Child>,
    over: AtomicBool,
    /// Why the dialog was ended from outside.
    ended: Mutex<Option<Error>>,
}

impl Dialog {
    pub(super) fn open(
        program: &Path,
        is_awaited: impl Fn() -> bool + Send + 'static,
    ) -> Result<Self, Error> {
        let mut command = Command::new(program);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().map_err(|error| broken(&error))?;
        let input = child.stdin.take().expect("standard input is piped");
        let output = child.stdout.take().expect("standard output is piped");
        let child = Mutex::new(child);
        let watch = Arc::new(Watch { child, over: AtomicBool::new(false), ended: Mutex::default() });
        let watching = watch.clone();
        thread::spawn(move || watching.run(is_awaited));
        Ok(Self { input, output, watch })
    }

    /// Asks until the answer has a format that the card accepts.
    pub(super) fn converse(&mut self, description: &str, card: &CardSummary) -> Result<Pin, Error> {
        self.reply()??;
        // Options unknown to a dialog are refused, and it carries on in its own way.
        for option in ["lc-ctype=ja_JP.UTF-8", "lc-messages=ja_JP.UTF-8"] {
            let _ = self.request("OPTION", option)?;
        }
        self.demand("SETTITLE", TITLE)?;
        self.demand("SETDESC", description)?;
        self.demand("SETPROMPT", "PIN番号：")?;
        self.demand("SETOK", "OK")?;
        self.demand("SETCANCEL", "キャンセル")?;
        // One without a time-out is ended by us.
        let _ = self.request("SETTIMEOUT", &PATIENCE.as_secs().to_string())?;
        loop {
            let pin = self.request("GETPIN", "")??;
            if card.pin.accepts(&pin) {
                // The PIN is here; a dialog that exits silently has done its work.
                let _ = self.request("BYE", "");
                return Ok(pin);
            }
            self.demand("SETERROR", &misshapen(&card.pin))?;
        }
    }

    /// Sends what the dialog must understand.
    fn demand(&mut self, command: &str, text: &str) -> Result<(), Error> {
        self.request(command, text)?.map(drop)
    }

    /// Sends a line; the inner result is the dialog's own answer.
    fn request(&mut self, command: &str, text: &str) -> Result<Result<Pin, Error>, Error> {
        let mut line = format!("{command} {}", escaped(text));
        let longest = line.floor_char_boundary(LINE - 2);
        line.truncate(longest);
        line.push('\n');
        self.input.write_all(line.as_bytes()).map_err(|error| broken(&error))?;
        self.reply()
    }

    /// Reads up to `OK` or `ERR`; the data is the PIN.
    fn reply(&mut self) -> Result<Result<Pin, Error>, Error> {
        let mut data = Zeroizing::new(Vec::with_capacity(LINE));
        loop {
            let line = self.line()?;
            if line.starts_with(b"D ") && data.len() + line.len() <= LINE {
                unescape(&line[2..], &mut data);
            } else if line.as_slice() == b"OK" || line.starts_with(b"OK ") {
                // Not UTF-8: not a PIN either, and refused as one of a wrong format.
                let text = std::str::from_utf8(&data).unwrap_or_default();
                return Ok(Ok(Pin::new(text.to_owned())));
            } else if line.starts_with(b"ERR ") {
                return Ok(Err(refusal(&String::from_utf8_lossy(&line[4..]))));
            } else if !(line.starts_with(b"S ") || line.starts_with(b"#")) {
                return Err(Error::PinEntry("not Assuan".to_owned()));
            }
        }
    }

    /// One line, without its end. Byte by byte, so that no buffer keeps a PIN.
    fn line(&mut self) -> Result<Zeroizing<Vec<u8>>, Error> {
        let mut line = Zeroizing::new(Vec::with_capacity(LINE));
        let mut byte = Zeroizing::new([0]);
        loop {
            match self.output.read(&mut *byte) {
                Ok(1) if byte[0] == b'\n' => return Ok(line),
                Ok(1) if line.len() < LINE => line.push(byte[0]),
                Ok(1) => return Err(Error::PinEntry("a line is too long".to_owned())),
                Ok(_) => return Err(Error::PinEntry("the dialog ended".to_owned())),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(broken(&error)),
            }
        }
    }

    /// Closes the dialog; returns why it had been ended from outside, if it was.
    pub(super) fn end(self) -> Option<Error> {
        let Self { input, output, watch } = self;
        watch.over.store(true, Ordering::Release);
        drop((input, output));
        watch.kill();
        watch.ended.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Watch {
    /// PC/SC, browsers and people can end a request at any moment, while reading from the dialog waits only for
    /// the person; hence a thread.
    fn run(&self, is_awaited: impl Fn() -> bool) {
        let deadline = Instant::now() + PATIENCE + GRACE;
        while !self.over.load(Ordering::Acquire) {
            let ended = if !is_awaited() {
                Error::Cancelled
            } else if Instant::now() >= deadline {
                Error::TimedOut
            } else {
                thread::sleep(GLANCE);
                continue;
            };
            *self.ended.lock().unwrap_or_else(PoisonError::into_inner) = Some(ended);
            return self.kill();
        }
    }

    fn kill(&self) {
        let mut child = self.child.lock().unwrap_or_else(PoisonError::into_inner);
        // It may have ended just now.
        let _ = child.kill();
        let _ = child.wait();
    }
}

/// Percent, line feed and carriage return as `%XX`; everything else is plain UTF-8.
fn escaped(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn unescape(bytes: &[u8], into: &mut Vec<u8>) {
    let mut rest = bytes;
    while let Some((&byte, after)) = rest.split_first() {
        let digit = |at: usize| after.get(at).and_then(|&digit| char::from(digit).to_digit(16));
        match (byte, digit(0), digit(1)) {
            (b'%', Some(high), Some(low)) => {
                into.extend(u8::try_from(high * 16 + low));
                rest = &after[2..];
            }
            _ => {
                into.push(byte);
                rest = after;
            }
        }
    }
}

/// The meaning of an `ERR`: its number, then words.
fn refusal(text: &str) -> Error {
    let number = text.split(' ').next().and_then(|number| number.parse::<u32>().ok());
    match number.map(|number| number & 0xFFFF) {
        Some(TIMED_OUT) => Error::TimedOut,
        Some(code) if CANCELED.contains(&code) => Error::Cancelled,
        _ => Error::PinEntry(shortened(text, 80)),
    }
}

fn broken(error: &io::Error) -> Error {
    Error::PinEntry(error.to_string())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "in a test, a panic is the message")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_escaped_is_one_line_and_read_again(text in "\\PC{0,40}|[%\r\n0-9A-F]{0,40}") {
            let line = escaped(&text);
            prop_assert!(!line.contains(['\r', '\n']));
            let mut read = Vec::new();
            unescape(line.as_bytes(), &mut read);
            prop_assert_eq!(String::from_utf8(read).unwrap(), text);
        }
    }
}
