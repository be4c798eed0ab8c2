//! The PIN for user authentication: asking for the tries left, and VERIFY.

use touroku_proto::card::{Pin, PinRules};

use super::file::{self, File};
use crate::{
    card::apdu::{Channel, Command, Expect, StatusWord},
    error::Error,
};

/// VERIFY's reference: the PIN of the current file.
const CURRENT: u8 = 0x80;

/// Asks for the tries left, by a VERIFY without data, which costs none; `None`: the card does not say. Unlike
/// others this card tells the number also while the PIN is verified.
pub(super) fn query(channel: &mut Channel<'_>) -> Result<Option<u8>, Error> {
    file::select(channel, File::Pin)?;
    let command = Command::new("VERIFY", [0x20, 0x00, CURRENT], Vec::new(), Expect::Nothing);
    // Once only: no card is asked twice for something that it might count.
    let reply = channel.exchange_once(&command)?;
    match reply.status.0 {
        0x6983 | 0x6984 => Ok(Some(0)),
        0x6A88 => Err(Error::PinNotSet),
        _ => Ok(tries(reply.status)),
    }
}

/// Verifies the PIN of the file that [`query`] selected; the one place where a try can be spent.
pub(super) fn verify(channel: &mut Channel<'_>, rules: PinRules, pin: &Pin) -> Result<(), Error> {
    // Checked by the caller long before; here too, so that nothing else can ever be sent.
    if !rules.accepts(pin) {
        return Err(Error::PinFormat);
    }
    // As it was typed: this card knows no padding.
    let data = pin.expose().as_bytes().to_vec();
    let command = Command::new("VERIFY", [0x20, 0x00, CURRENT], data, Expect::Nothing);
    channel.control().commit()?;
    let status = channel.send_once(&command)?.status;
    match status.0 {
        0x9000 => Ok(()),
        // 6983: blocked; 6984: the reference can't be used any more, as some of these cards say it.
        0x6983 | 0x6984 => Err(Error::PinLocked),
        0x6700 | 0x6A80 => Err(Error::PinFormat),
        0x6A88 => Err(Error::PinNotSet),
        0x6300..=0x63FF => match tries(status) {
            Some(0) => Err(Error::PinLocked),
            tries => Err(Error::PinWrong { tries }),
        },
        _ => Err(command.refused(status)),
    }
}

/// `63CX` (ISO 7816-4, table 6).
fn tries(StatusWord(word): StatusWord) -> Option<u8> {
    let [class, low] = word.to_be_bytes();
    (class == 0x63 && low & 0xF0 == 0xC0).then_some(low & 0x0F)
}
