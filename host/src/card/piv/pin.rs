//! The PIN: which one, querying the tries left, and VERIFY (SP 800-73-5 part 2, 3.2.1).

use touroku_proto::card::{Pin, PinRules};

use crate::{
    card::{
        apdu::{Channel, Command, Expect, StatusWord},
        pin_pad::PinPad,
        tlv, verify,
    },
    error::Error,
};

/// Which PIN opens the PIV application (SP 800-73-5 part 1, table 4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reference {
    /// The card's PIN, for all its applications.
    Global = 0x00,
    /// The PIV application's own.
    Application = 0x80,
}

impl Reference {
    pub(super) fn known(number: u8) -> Option<Self> {
        [Self::Global, Self::Application].into_iter().find(|reference| *reference as u8 == number)
    }
}

/// Asks for the discovery object.
const DISCOVERY: [u8; 3] = [0x5C, 0x01, 0x7E];

/// Its PIN usage policy (SP 800-73-5 part 1, 3.3.2): in the first byte "the global PIN satisfies the access rules"
/// and "the application's does", in the second "the global PIN is the one that the holder knows".
const GLOBAL_SATISFIES: u8 = 0x20;
const APPLICATION_SATISFIES: u8 = 0x40;
const GLOBAL_IS_PRIMARY: u8 = 0x20;

/// The length of the padded PIN.
const LENGTH: usize = 8;

/// Where the PIN comes from.
#[derive(Clone, Copy)]
pub(super) enum Entry<'a> {
    Typed(&'a Pin),
    /// Entered at the reader.
    Reader(PinPad),
}

/// What a card reveals about its tries without a PIN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tries {
    /// The number of tries.
    Left(u8),
    /// Not revealed: it has no counter to show, or the PIN is currently verified. In the latter case that
    /// verification has also reset the counter to its full value.
    Unknown,
}

/// Which PIN to ask the person for. A card without a discovery object has its application's PIN.
pub(super) fn reference(channel: &mut Channel<'_>) -> Result<Reference, Error> {
    let command = Command::new("GET DATA", [0xCB, 0x3F, 0xFF], DISCOVERY.to_vec(), Expect::Short);
    let reply = channel.exchange(&command)?;
    if reply.status != StatusWord::OK {
        return Ok(Reference::Application);
    }
    let policy = tlv::find(&reply.data, 0x7E).and_then(|object| tlv::find(object, 0x5F2F));
    Ok(match policy {
        Some(&[first, second, ..])
            if first & GLOBAL_SATISFIES != 0
                && (second == GLOBAL_IS_PRIMARY || first & APPLICATION_SATISFIES == 0) =>
        {
            Reference::Global
        }
        _ => Reference::Application,
    })
}

/// Queries the tries left, which costs none.
pub(super) fn query(channel: &mut Channel<'_>, reference: Reference) -> Result<Tries, Error> {
    let left = verify::query(channel, reference as u8, tries)?;
    Ok(left.map_or(Tries::Unknown, Tries::Left))
}

/// Verifies the PIN; the one place where a try can be spent.
pub(super) fn verify(
    channel: &mut Channel<'_>,
    reference: Reference,
    rules: PinRules,
    entry: Entry<'_>,
) -> Result<(), Error> {
    // Sized exactly from the start, so that no copy stays behind in a smaller buffer.
    let mut data = Vec::with_capacity(LENGTH);
    if let Entry::Typed(pin) = entry {
        // The caller checked this long before; checked here too, so that an empty PIN padded to eight bytes cannot
        // exist.
        if !rules.accepts(pin) {
            return Err(Error::PinFormat);
        }
        data.extend_from_slice(pin.expose().as_bytes());
    }
    data.resize(LENGTH, 0xFF);
    let command = Command::new("VERIFY", [0x20, 0x00, reference as u8], data, Expect::Nothing);
    channel.control().commit()?;
    let reply = match entry {
        Entry::Typed(_) => channel.send_once(&command),
        Entry::Reader(pad) => channel.send_at_reader(pad, rules, &command),
    };
    let status = reply.map_err(Error::after_pin)?.status;
    match status.0 {
        // The reader's own (PC/SC part 10, 2.5.2): the card has received nothing. If the card itself sent it, 6400
        // would mean "state unchanged" (ISO 7816-4, table 6), which is no try either.
        0x6400 if matches!(entry, Entry::Reader(_)) => Err(Error::TimedOut),
        0x6401 if matches!(entry, Entry::Reader(_)) => Err(Error::Cancelled),
        0x6403 if matches!(entry, Entry::Reader(_)) => Err(Error::PinFormat),
        _ => verify::outcome(&command, status, tries),
    }
}

/// `63CX`, or `63 0X` as early YubiKeys write it.
fn tries(status: StatusWord) -> Option<u8> {
    match status.0.to_be_bytes() {
        [0x63, low @ 0x01..=0x0F] => Some(low),
        _ => verify::tries(status),
    }
}
