//! Cards: what the host needs of one, who watches over work with it, and how one is read and used.
//!
//! Cards that this host speaks to itself are the families of [`families::DRIVERS`]; only [`pcsc`] knows how bytes reach
//! them.
//! Tokens that only their makers' software speaks to come through [`pkcs11`].

pub mod apdu;
pub mod atr;
pub mod attended;
pub mod certificate;
pub mod driver;
pub mod families;
pub mod jpki;
pub mod monitor;
pub mod pcsc;
pub mod pin_pad;
pub mod piv;
pub mod pkcs1;
pub mod pkcs11;
pub mod readers;
pub mod survey;
pub mod tlv;
pub mod until_halt;
mod verify;

#[cfg(test)]
pub(crate) mod script;

use std::time::Duration;

use touroku_proto::{
    card::Pin,
    cms,
    document::{Document, DocumentSignature},
    origin::Origin,
    token::{Algorithm, Nonce, Token},
};

pub use self::families::{authenticate, read};
use self::pin_pad::{ControlCode, PinPad};
use crate::{error::Error, token};

/// Seconds since 1970-01-01T00:00:00Z; `main` brings the real clock.
pub type Clock = fn() -> i64;

/// A card inside a transaction: nobody else can speak to it.
pub trait Card {
    /// The answer to reset.
    fn atr(&self) -> &[u8];

    /// The transmission protocol, which decides how length fields are written.
    fn protocol(&self) -> Protocol;

    /// Sends one command and takes its reply, status word included.
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, Error>;

    /// The name of the reader that it is in; empty where nobody knows.
    fn reader(&self) -> &str {
        ""
    }

    /// Has the reader's driver do something, and takes its answer. Readers without keys of their own need not
    /// know how.
    fn control(&mut self, code: ControlCode, input: &[u8]) -> Result<Vec<u8>, Error> {
        let _ = (code, input);
        Err(Error::Line("no control".to_owned()))
    }
}

/// ISO 7816-3 transmission protocols.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// Byte-wise.
    T0,
    /// Block-wise; also what contactless readers present.
    T1,
}

/// In which state a card is left when a transaction ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Release {
    Leave,
    /// Reset, so that no verified PIN stays behind.
    Reset,
}

/// Who watches over work with a card.
pub trait Control {
    /// Asked before each command; an error ends the work without sending it.
    fn proceed(&mut self) -> Result<(), Error>;

    /// Asked once, directly before the PIN is sent: from here on the request counts as begun.
    fn commit(&mut self) -> Result<(), Error> {
        self.proceed()
    }

    /// Asked once, after [`Self::commit`] and directly before the reader asks for the PIN at its own keys, where a
    /// person has that much `time`.
    fn at_reader(&mut self, time: Duration, done: u32, total: u32) -> Result<(), Error> {
        let _ = (time, done, total);
        self.proceed()
    }

    /// `done` of about `total` commands are finished.
    fn finished(&mut self, done: u32, total: u32) {
        let _ = (done, total);
    }
}

/// Which cards the site that asks takes beside those for bidding.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Accepted {
    /// My Number Cards: the agency's profile says so, because its operator has the right to check them.
    pub my_number: bool,
}

impl Accepted {
    /// What this host can read: for a person who looks at their own computer, with no site in between.
    pub const ALL: Self = Self { my_number: true };
}

/// What a card and its reader said while the card was read: it need not be asked again before it signs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// The reader's own keys.
    pub pin_pad: Option<PinPad>,
    /// VERIFY's reference of the PIN that the holder knows, where the card's family has several.
    pub pin_reference: Option<u8>,
}

/// What is to be signed, and with what right.
pub struct Request {
    /// The site that asks.
    pub origin: Origin,
    /// What it wants signed.
    pub subject: Subject,
    /// The [`touroku_proto::card::CardSummary::id`] that the PIN is for; `None` when the person chose by the reader alone.
    pub card: Option<String>,
    /// The PIN; empty where it is to be entered at the reader.
    pub pin: Pin,
    /// The person has said yes to using the last try.
    pub accept_last_try: bool,
    /// Which cards the site takes.
    pub accepted: Accepted,
    /// What is known of the card of that id in the reader in which it is.
    pub known: Option<Known>,
}

/// What a card is to sign for.
pub enum Subject {
    /// A login: the site's challenge.
    Login(Nonce),
    /// An application, at that time, Unix seconds.
    Document(Document, i64),
}

/// What came of a request.
pub enum Proof {
    Token(Token),
    Signature(DocumentSignature),
}

impl Request {
    /// What the card signs, before any hash. Made here from what the request says: this host signs no bytes that a
    /// page brings.
    pub fn message(&self, algorithm: Algorithm, certificate: &[u8]) -> Vec<u8> {
        match &self.subject {
            Subject::Login(nonce) => token::challenge(algorithm, &self.origin, nonce),
            Subject::Document(document, at) => {
                cms::attributes(algorithm, certificate, document.as_str(), *at)
            }
        }
    }

    /// The answer, from the token that a card made of [`Request::message`].
    pub fn proof(&self, token: Token) -> Proof {
        match self.subject {
            Subject::Login(_) => Proof::Token(token),
            Subject::Document(_, signed_at) => {
                let Token { unverified_certificate: certificate, algorithm, signature, .. } = token;
                Proof::Signature(DocumentSignature { certificate, algorithm, signed_at, signature })
            }
        }
    }
}
