//! The PIN for user authentication: querying the tries left, and VERIFY.

use touroku_proto::card::{Pin, PinRules};

use super::file::{self, File};
use crate::{
    card::{
        apdu::{Channel, Command, Expect},
        verify,
    },
    error::Error,
};

/// VERIFY's reference: the PIN of the current file.
const CURRENT: u8 = 0x80;

/// Queries the tries left by a VERIFY without data, which costs none; `None`: the card does not say. Unlike others
/// this card tells the number even while the PIN is verified.
pub(super) fn query(channel: &mut Channel<'_>) -> Result<Option<u8>, Error> {
    file::select(channel, File::Pin)?;
    verify::query(channel, CURRENT, verify::tries)
}

/// Verifies the PIN of the file that [`query`] selected; the one place where a try can be spent.
pub(super) fn verify(channel: &mut Channel<'_>, rules: PinRules, pin: &Pin) -> Result<(), Error> {
    // The caller checked this long before; checked here too, so that nothing else can ever be sent.
    if !rules.accepts(pin) {
        return Err(Error::PinFormat);
    }
    // As typed: this card has no padding.
    let data = pin.expose().as_bytes().to_vec();
    let command = Command::new("VERIFY", [0x20, 0x00, CURRENT], data, Expect::Nothing);
    channel.control().commit()?;
    let status = channel.send_once(&command).map_err(Error::after_pin)?.status;
    match status.0 {
        0x6700 => Err(Error::PinRefused),
        _ => verify::outcome(&command, status, verify::tries),
    }
}
