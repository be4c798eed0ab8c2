//! Cards: what the host needs from one, who watches over work with it, and how one is read and used.
//!
//! Cards that this host supports natively are the families of [`families::DRIVERS`]; only [`pcsc`] knows how bytes
//! reach them. Tokens that only their makers' software supports come through [`pkcs11`].

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

/// Seconds since 1970-01-01T00:00:00Z; `main` supplies the real clock.
pub type Clock = fn() -> i64;

/// A card inside a transaction: nobody else can talk to it.
pub trait Card {
    /// The answer to reset.
    fn atr(&self) -> &[u8];

    /// The transmission protocol, which decides how length fields are encoded.
    fn protocol(&self) -> Protocol;

    /// Sends one command and returns its reply, including the status word.
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, Error>;

    /// The name of its reader; empty if unknown.
    fn reader(&self) -> &str {
        ""
    }

    /// Sends a control code to the reader's driver, and returns its answer. Readers without a keypad need not
    /// support it.
    fn control(&mut self, code: ControlCode, input: &[u8]) -> Result<Vec<u8>, Error> {
        let _ = (code, input);
        Err(Error::Line("no control".to_owned()))
    }
}

/// ISO 7816-3 transmission protocols.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// Byte oriented.
    T0,
    /// Block oriented; also what contactless readers present.
    T1,
}

/// The state in which a card is left when a transaction ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Release {
    Leave,
    /// Reset, so that no verified PIN stays behind.
    Reset,
}

/// Who watches over work with a card.
pub trait Control {
    /// Called before each command; an error ends the work without sending it.
    fn proceed(&mut self) -> Result<(), Error>;

    /// Called once, directly before the PIN is sent: from here on the request counts as begun.
    fn commit(&mut self) -> Result<(), Error> {
        self.proceed()
    }

    /// Called once, after [`Self::commit`] and directly before the reader asks for the PIN on its own keypad,
    /// where a person has that much `time`.
    fn at_reader(&mut self, time: Duration, done: u32, total: u32) -> Result<(), Error> {
        let _ = (time, done, total);
        self.proceed()
    }

    /// `done` of about `total` commands are finished.
    fn finished(&mut self, done: u32, total: u32) {
        let _ = (done, total);
    }
}

/// Which cards the requesting site accepts besides those for bidding.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Accepted {
    /// My Number Cards: the agency's profile says so, because its operator has the right to check them.
    pub my_number: bool,
}

impl Accepted {
    /// Everything this host can read: for a person examining their own computer, with no site involved.
    pub const ALL: Self = Self { my_number: true };
}

/// What was learnt about a card and its reader while reading it, so that it need not be asked again before
/// signing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// The reader's own keys.
    pub pin_pad: Option<PinPad>,
    /// VERIFY's reference of the PIN that the holder knows, where the card's family has several.
    pub pin_reference: Option<u8>,
}

/// What to sign, and what is permitted.
pub struct Request {
    /// The site that asks.
    pub origin: Origin,
    /// What it wants signed.
    pub subject: Subject,
    /// The [`touroku_proto::card::CardSummary::id`] that the PIN is for; `None` when the person chose only the
    /// reader.
    pub card: Option<String>,
    /// The PIN; empty if it is entered at the reader.
    pub pin: Pin,
    /// The person has agreed to use the last try.
    pub accept_last_try: bool,
    /// Which cards the site takes.
    pub accepted: Accepted,
    /// What is known about the card with that id, in its reader.
    pub known: Option<Known>,
}

/// What a card signs for.
pub enum Subject {
    /// A login: the site's challenge.
    Login(Nonce),
    /// An application, at that time, Unix seconds.
    Document(Document, i64),
}

/// The result of a request.
pub enum Proof {
    Token(Token),
    Signature(DocumentSignature),
}

impl Request {
    /// What the card signs, before any hash. Derived here from the request: this host never signs bytes supplied
    /// by a page.
    pub fn message(&self, algorithm: Algorithm, certificate: &[u8]) -> Vec<u8> {
        match &self.subject {
            Subject::Login(nonce) => token::challenge(algorithm, &self.origin, nonce),
            Subject::Document(document, at) => {
                cms::attributes(algorithm, certificate, document.as_str(), *at)
            }
        }
    }

    /// The answer, from a card's signature over [`Request::message`].
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
