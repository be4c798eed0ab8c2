//! A reader's keypad: whether it has one for PINs, and how to use it (PC/SC part 10, revision 2.02.09). The PIN
//! goes from the keypad to the card and never through this computer.

use std::time::Duration;

use touroku_proto::card::PinRules;
use zeroize::Zeroizing;

use super::Card;
use crate::error::Error;

/// CM_IOCTL_GET_FEATURE_REQUEST (part 10, 2.2): asks the driver for the reader's features. `pcsc` turns it into a
/// control code.
pub const FEATURE_REQUEST: u32 = 3400;

/// FEATURE_VERIFY_PIN_DIRECT (part 10, 2.3): ask for a PIN and send it, in one command.
const VERIFY_PIN_DIRECT: u8 = 0x06;

/// How long a person has at the keypad. Most readers end an entry by themselves after 15 to 60 seconds.
pub const TIME: Duration = Duration::from_secs(60);

/// Readers that announce a keypad but have none (found by the Web eID project): all words of an entry must be in
/// the name.
const LIARS: [[&str; 2]; 2] = [["OMNIKEY", "3X21"], ["OMNIKEY", "6121"]];

/// The PIN keypad of a card's reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PinPad {
    /// The control code that makes the reader ask for a PIN.
    verify: u32,
}

impl PinPad {
    /// The keypad of the card's reader, if it has one.
    ///
    /// # Errors
    /// Only [`Error::CardRemoved`]: with the card, its reader may have gone.
    pub fn find(card: &mut dyn Card) -> Result<Option<Self>, Error> {
        let name = card.reader().to_ascii_uppercase();
        if LIARS.iter().any(|words| words.iter().all(|word| name.contains(word))) {
            return Ok(None);
        }
        match card.control(ControlCode::Features, &[]) {
            Ok(features) => Ok(feature(&features, VERIFY_PIN_DIRECT).map(|verify| Self { verify })),
            Err(Error::CardRemoved) => Err(Error::CardRemoved),
            // Drivers of readers without a keypad refuse this, each in its own way.
            Err(_) => Ok(None),
        }
    }

    /// What [`Card::control`] is to be called with.
    pub fn control_code(self) -> ControlCode {
        ControlCode::Of(self.verify)
    }
}

/// What a reader's driver is asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ControlCode {
    /// List its features ([`FEATURE_REQUEST`]).
    Features,
    /// One of these.
    Of(u32),
}

/// The control code of a feature: a list of tag, length 4, and the code, big-endian (part 10, 2.2).
fn feature(list: &[u8], wanted: u8) -> Option<u32> {
    let entries = list.chunks_exact(6).take_while(|entry| entry[1] == 4);
    let mut codes = entries.filter(|entry| entry[0] == wanted);
    codes
        .next()
        .and_then(|entry| entry[2..].try_into().ok())
        .map(u32::from_be_bytes)
        .filter(|&code| code != 0)
}

/// PIN_VERIFY_STRUCTURE (part 10, 2.5.2) around a VERIFY with short lengths whose data is only padding: the reader
/// writes the digits over its beginning, in ASCII.
pub fn verify_structure(rules: PinRules, command: &[u8]) -> Zeroizing<Vec<u8>> {
    let seconds = u8::try_from(TIME.as_secs()).unwrap_or(u8::MAX);
    // After class, instruction, parameters and length.
    let block = u8::try_from(command.len().saturating_sub(5)).unwrap_or(u8::MAX);
    let length = u32::try_from(command.len()).unwrap_or(u32::MAX).to_le_bytes();
    let mut structure = Zeroizing::new(vec![
        // bTimerOut, bTimerOut2: before the first key and after it.
        seconds,
        seconds,
        // bmFormatString: positions in bytes, the PIN at the first one, left-justified, ASCII.
        0x82,
        // bmPINBlockString: no length in the data; the size of PIN and padding in bytes.
        block & 0x0F,
        // bmPINLengthFormat: nothing, as there is no length.
        0x00,
        // wPINMaxExtraDigit: maximum, then minimum, since the number is little-endian.
        rules.max,
        rules.min,
        // bEntryValidationCondition: the OK key only. Neither a time-out nor the last digit may send what was
        // typed so far: it may have been wrong.
        0x02,
        // bNumberMessage, wLangId, bMsgIndex: one message, in Japanese (LCID 0411), the reader's own words for "PIN".
        0x01,
        0x11,
        0x04,
        0x00,
        // bTeoPrologue: left to the driver.
        0x00,
        0x00,
        0x00,
    ]);
    structure.extend_from_slice(&length);
    structure.extend_from_slice(command);
    structure
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::card::script::Script;

    /// VERIFY_PIN_DIRECT after MODIFY_PIN_DIRECT, as pcsc-lite's driver for CCID readers answers.
    const FEATURES: &str = "0704 42330007 0604 42330006 0A04 4233000A";

    #[test]
    fn the_control_code_is_found_wherever_it_stands() {
        let find = |reply: &str| PinPad::find(&mut Script::new().features(reply)).unwrap();
        assert_eq!(find(FEATURES), Some(PinPad { verify: 0x4233_0006 }));
        assert_eq!(find("0604 00313520"), Some(PinPad { verify: 0x0031_3520 }), "Windows");
        for reply in
            ["", "0704 42330007", "0604 00000000", "0604 423300", "0602 4233", "FF", "0504 06044233 0006"]
        {
            assert_eq!(find(reply), None, "{reply}");
        }
        assert_eq!(PinPad::find(&mut Script::new()), Ok(None), "a driver that knows no such command");
    }

    #[test]
    fn readers_that_are_known_to_lie_have_no_keys() {
        for (name, has_keys) in [
            ("HID Global OMNIKEY 3x21 Smart Card Reader [OMNIKEY 3x21 Smart Card Reader] 00 00", false),
            ("HID Global OMNIKEY 6121 Smart Card Reader 0", false),
            ("OMNIKEY CardMan 3821 00 00", true),
            ("Cherry Smart Terminal ST-2xxx 01 00", true),
        ] {
            let mut card = Script::new().features(FEATURES).in_reader(name);
            assert_eq!(PinPad::find(&mut card).unwrap().is_some(), has_keys, "{name}");
        }
    }

    #[test]
    fn the_structure_is_that_of_part_10() {
        let command = hex::decode("0020008008FFFFFFFFFFFFFFFF").unwrap();
        let structure = verify_structure(PinRules { min: 6, max: 8, letters: false }, &command);
        let expected = "3C3C 82 08 00 0806 02 01 1104 00 000000 0D000000 0020008008FFFFFFFFFFFFFFFF";
        assert_eq!(hex::encode_upper(&*structure), expected.replace(' ', ""));
    }

    proptest! {
        #[test]
        fn no_list_of_features_makes_the_reader_panic(list in prop::collection::vec(any::<u8>(), 0..40)) {
            let _ = feature(&list, VERIFY_PIN_DIRECT);
        }
    }
}
