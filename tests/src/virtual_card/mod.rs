//! A PIV card or My Number Card in a virtual reader of vpcd, with faults on demand.
//!
//! vpcd listens on one TCP port for each of its readers: connecting inserts the card, closing removes it.
//! [`first_port`] is "Virtual PCD 00 00", [`second_port`] is "Virtual PCD 00 01".
//!
//! ```no_run
//! # fn example(issued: touroku_tests::ca::IssuedCard) -> anyhow::Result<()> {
//! use touroku_tests::{pcscd, virtual_card};
//!
//! pcscd::ensure()?;
//! let _lock = virtual_card::reader_lock(virtual_card::second_port())?;
//! let config = virtual_card::CardConfig::new(issued.key, issued.certificate, "123456");
//! let card = virtual_card::insert(virtual_card::second_port(), config)?;
//! pcscd::wait_for_card("Virtual PCD 00 01", true)?;
//! // … use the reader …
//! assert_eq!(card.tries_left(), 3);
//! # Ok(())
//! # }
//! ```

mod apdu;
mod applet;
mod faults;
mod my_number;
mod reader;
mod status;
mod transport;

use openssl::pkey::{PKey, Private};

pub use self::{
    faults::{Faults, Trigger},
    reader::{ReaderLock, first_port, reader_lock, reader_name, second_port},
    transport::{Entry, InsertedCard, Removal, insert},
};

/// The kind of card.
#[derive(Clone)]
pub enum Application {
    Piv,
    /// A My Number Card. From the configuration it uses key, certificate, PIN, tries, exact length and faults.
    MyNumber {
        /// Certificate of its authority, DER.
        authority: Vec<u8>,
    },
}

/// A card's contents and behaviour.
#[derive(Clone)]
pub struct CardConfig {
    pub application: Application,
    /// PIV Authentication key (slot 9A).
    pub key: PKey<Private>,
    /// Its certificate, DER; `None`: the card has none.
    pub certificate: Option<Vec<u8>>,
    /// Certificate of the digital signature key (slot 9C), DER.
    pub signature_certificate: Option<Vec<u8>>,
    /// Digital signature key (slot 9C), which needs a PIN for each signature; `None`: only the certificate exists,
    /// to be read and left alone.
    pub signature_key: Option<PKey<Private>>,
    /// 6 to 8 digits; a My Number Card's has four.
    pub pin: String,
    /// Tries left now; 0: locked.
    pub tries: u8,
    /// Tries after a correct PIN.
    pub most_tries: u8,
    /// The PIN is the card's (reference 00) instead of the PIV application's (80), and the discovery object says
    /// so.
    pub global_pin: bool,
    /// The certificates are stored compressed.
    pub gzip: bool,
    /// The card has a discovery object.
    pub discovery: bool,
    /// The card supports extended lengths, and its ATR says so.
    pub extended_length: bool,
    /// The card supports command chaining, and its ATR says so.
    pub chaining: bool,
    /// The card responds with 6CXX to a short Le larger than the available data, as T=0 cards do.
    pub exact_length: bool,
    /// The empty VERIFY does not reveal the tries left.
    pub hides_tries: bool,
    pub faults: Faults,
}

impl CardConfig {
    /// A healthy card with three tries.
    pub fn new(key: PKey<Private>, certificate: Vec<u8>, pin: &str) -> Self {
        Self {
            application: Application::Piv,
            key,
            certificate: Some(certificate),
            signature_certificate: None,
            signature_key: None,
            global_pin: false,
            pin: pin.to_owned(),
            tries: 3,
            most_tries: 3,
            gzip: false,
            discovery: true,
            extended_length: true,
            chaining: true,
            exact_length: false,
            hides_tries: false,
            faults: Faults::default(),
        }
    }

    /// A healthy My Number Card with three tries; `authority` is its issuer's certificate, DER.
    pub fn my_number(key: PKey<Private>, certificate: Vec<u8>, authority: &[u8], pin: &str) -> Self {
        let application = Application::MyNumber { authority: authority.to_vec() };
        Self { application, ..Self::new(key, certificate, pin) }
    }
}
