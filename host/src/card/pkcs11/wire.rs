//! The protocol between the host and a module's process, over the process's standard input and output.
//!
//! One question, one answer. Both are a [`MARK`], a length and JSON; whatever a module itself prints between
//! two answers is skipped up to the next mark.

use std::{
    fmt,
    io::{self, Read, Write},
};

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use touroku_proto::card::Pin;
use zeroize::Zeroizing;

use crate::card::certificate::Key;

/// The hidden argument that makes the program a module's process.
pub const ARGUMENT: &str = "--module-worker";

/// Begins a message. Its first byte does not occur again in it, so that a search for it never has to backtrack.
const MARK: [u8; 8] = *b"\x00Tourok\n";

/// The longest message. A token with twenty certificates of 4 kB each, in hex, fits.
const LONGEST: usize = 1024 * 1024;

/// The most that a module may print before an answer.
const MOST_NOISE: usize = 1024 * 1024;

/// A question to a module.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case")]
pub enum Ask {
    /// Answered by [`Answer::Tokens`].
    Tokens,
    /// Wait until a token comes or goes. Answered by [`Answer::Changed`] or [`Answer::CannotWait`].
    Wait,
    /// Find the token with this certificate, for the [`Ask::Sign`] that follows. Answered by [`Answer::Ready`].
    Prepare {
        /// Lower-case hex SHA-256 of the certificate's DER.
        certificate: String,
    },
    /// Log in, sign, log out. Answered by [`Answer::Signature`].
    Sign {
        /// `None`: to be entered at the reader.
        pin: Option<Pin>,
        key: Key,
        /// What to sign, before any hash.
        #[serde(with = "hex::serde")]
        message: Vec<u8>,
    },
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum Answer {
    /// The current tokens.
    Tokens {
        /// The module's own description of itself.
        description: String,
        /// In the module's order.
        tokens: Vec<Token>,
    },
    /// Something may have changed.
    Changed,
    /// The module can't wait (`C_WaitForSlotEvent` is not supported).
    CannotWait,
    /// The token was found and nothing has been spent yet.
    Ready {
        /// Its current state.
        token: Token,
        /// The certificate that was asked for.
        certificate: Der,
    },
    /// The signature: RSA's block, or ECDSA's R ‖ S.
    Signature {
        #[serde(with = "hex::serde")]
        signature: Vec<u8>,
    },
    Failed {
        fault: Fault,
    },
}

/// A token as its module shows it without a PIN.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    /// The slot's description: most modules give the reader's name, cut after 64 bytes.
    pub slot: String,
    pub label: String,
    /// Fewest bytes of a PIN.
    pub min_pin: usize,
    /// Most bytes of a PIN.
    pub max_pin: usize,
    /// What it says about its PIN.
    pub pin: PinFlags,
    /// The certificates that can be read without a PIN.
    pub certificates: Vec<Der>,
}

/// A certificate's DER, in hex on the wire.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Der(#[serde(with = "hex::serde")] pub Vec<u8>);

/// Certificates name people.
impl fmt::Debug for Der {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Der({} bytes)", self.0.len())
    }
}

/// CK_TOKEN_INFO's flags on the PIN, unchanged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PinFlags {
    /// CKF_LOGIN_REQUIRED.
    pub required: bool,
    /// CKF_USER_PIN_INITIALIZED.
    pub initialized: bool,
    /// CKF_PROTECTED_AUTHENTICATION_PATH: the PIN is entered at the reader.
    pub pad: bool,
    /// CKF_USER_PIN_COUNT_LOW: a wrong one has been tried since the last correct one.
    pub low: bool,
    /// CKF_USER_PIN_FINAL_TRY.
    pub final_try: bool,
    /// CKF_USER_PIN_LOCKED.
    pub locked: bool,
    /// CKF_USER_PIN_TO_BE_CHANGED.
    pub to_be_changed: bool,
}

/// Why a module's work failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    pub kind: FaultKind,
    /// The function and its return value. Never a value of the token's.
    pub detail: String,
}

/// What a failure means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// The module can't be loaded or started.
    Load,
    /// Any return value not covered by the others.
    Failed,
    /// CKR_PIN_INCORRECT, and the token is not locked.
    PinWrong,
    /// CKR_PIN_INCORRECT, and CKF_USER_PIN_FINAL_TRY is set now.
    PinWrongOneLeft,
    /// CKR_PIN_LOCKED.
    PinLocked,
    /// CKR_PIN_LEN_RANGE or CKR_PIN_INVALID.
    PinFormat,
    /// CKR_PIN_EXPIRED.
    PinExpired,
    /// CKR_USER_PIN_NOT_INITIALIZED.
    PinNotSet,
    /// The person declined at the reader, or ran out of time there.
    Cancelled,
    /// The token was removed.
    Removed,
    /// No token has that certificate.
    CertificateMissing,
    /// The token has no key for it, or no mechanism that we support.
    KeyUnsupported,
}

/// Writes one message and flushes it. What is written may hold a PIN and is overwritten afterwards.
pub fn write(output: &mut impl Write, message: &impl Serialize) -> io::Result<()> {
    // Large enough from the start, so that no copy stays behind in a smaller buffer; answers, which may be longer,
    // hold no secret.
    let mut body = Zeroizing::new(Vec::with_capacity(16 * 1024));
    serde_json::to_writer(&mut *body, message)?;
    let length = u32::try_from(body.len()).map_err(|_| io::ErrorKind::InvalidData)?;
    output.write_all(&MARK)?;
    output.write_all(&length.to_be_bytes())?;
    output.write_all(&body)?;
    output.flush()
}

/// Reads one message, skipping whatever precedes it; `None` at the end of input.
pub fn read<T: DeserializeOwned>(input: &mut impl Read) -> io::Result<Option<T>> {
    if !skip_to_message(input)? {
        return Ok(None);
    }
    let mut length = [0; 4];
    input.read_exact(&mut length)?;
    let length = usize::try_from(u32::from_be_bytes(length)).unwrap_or(usize::MAX);
    if length > LONGEST {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut body = Zeroizing::new(vec![0; length]);
    input.read_exact(&mut body)?;
    // serde's own message is dropped: it may quote a value.
    serde_json::from_slice(&body).map(Some).map_err(|_| io::ErrorKind::InvalidData.into())
}

/// Whether a mark was found before the end.
fn skip_to_message(input: &mut impl Read) -> io::Result<bool> {
    let mut matched = 0;
    let mut byte = [0];
    for _ in 0..MOST_NOISE {
        match input.read(&mut byte) {
            Ok(0) => return Ok(false),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        }
        matched = if byte[0] == MARK[matched] { matched + 1 } else { usize::from(byte[0] == MARK[0]) };
        if matched == MARK.len() {
            return Ok(true);
        }
    }
    Err(io::ErrorKind::InvalidData.into())
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_a_module_prints_between_two_answers_is_skipped() {
        let mut stream = b"hello\n\x00Tou\x00Touroku".to_vec();
        write(&mut stream, &Answer::Changed).unwrap();
        stream.extend_from_slice(b"debug: \x00");
        write(&mut stream, &Answer::CannotWait).unwrap();
        stream.extend_from_slice(b"bye");
        let mut stream = Cursor::new(stream);
        assert_eq!(read(&mut stream).unwrap(), Some(Answer::Changed));
        assert_eq!(read(&mut stream).unwrap(), Some(Answer::CannotWait));
        assert_eq!(read::<Answer>(&mut stream).unwrap(), None);
    }

    #[test]
    fn a_module_that_prints_without_end_is_given_up() {
        assert!(read::<Answer>(&mut io::repeat(b'x')).is_err());
        let huge = [&MARK[..], &[0xFF; 4]].concat();
        assert!(read::<Answer>(&mut Cursor::new(huge)).is_err());
    }

    proptest! {
        #[test]
        fn no_output_makes_the_reader_panic(noise in prop::collection::vec(any::<u8>(), 0..80)) {
            let _ = read::<Answer>(&mut Cursor::new(&noise));
            let _ = read::<Answer>(&mut Cursor::new([&MARK[..], &noise].concat()));
        }
    }
}
