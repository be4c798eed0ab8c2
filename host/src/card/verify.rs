//! VERIFY (ISO/IEC 7816-4, 11.5.6), as far as all card families agree on it.

use super::apdu::{Channel, Command, Expect, StatusWord};
use crate::error::Error;

/// A family's interpretation of a status word that may reveal the tries left.
pub(super) type ReadTries = fn(StatusWord) -> Option<u8>;

/// Queries the tries left of the referenced PIN by a VERIFY without data, which costs none. Padding in its place
/// would cost one. `None`: the card does not say.
pub(super) fn query(
    channel: &mut Channel<'_>,
    reference: u8,
    read_tries: ReadTries,
) -> Result<Option<u8>, Error> {
    let command = Command::new("VERIFY", [0x20, 0x00, reference], Vec::new(), Expect::Nothing);
    // Once only: no card is asked twice for something that it might count.
    let reply = channel.exchange_once(&command)?;
    match reply.status.0 {
        0x6983 | 0x6984 => Ok(Some(0)),
        0x6A88 => Err(Error::PinNotSet),
        _ => Ok(read_tries(reply.status)),
    }
}

/// A card's response to a VERIFY with a PIN.
pub(super) fn outcome(command: &Command, status: StatusWord, read_tries: ReadTries) -> Result<(), Error> {
    match status.0 {
        0x9000 => Ok(()),
        // 6983: blocked; 6984: the reference can't be used any more, which some cards use for it.
        0x6983 | 0x6984 => Err(Error::PinLocked),
        0x6A80 => Err(Error::PinRefused),
        0x6A88 => Err(Error::PinNotSet),
        0x6300..=0x63FF => match read_tries(status) {
            Some(0) => Err(Error::PinLocked),
            tries => Err(Error::PinWrong { tries }),
        },
        _ => Err(command.refused(status)),
    }
}

/// `63CX` (ISO/IEC 7816-4, table 6). `6300` is "no information".
pub(super) fn tries(StatusWord(word): StatusWord) -> Option<u8> {
    let [class, low] = word.to_be_bytes();
    (class == 0x63 && low & 0xF0 == 0xC0).then_some(low & 0x0F)
}
