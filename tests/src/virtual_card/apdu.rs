//! Command APDUs, short and extended (ISO 7816-4, 5.1).

/// A command as the card receives it.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Command<'a> {
    pub(super) class: u8,
    pub(super) instruction: u8,
    pub(super) p1: u8,
    pub(super) p2: u8,
    pub(super) data: &'a [u8],
    /// Expected length; 256 or 65,536 mean "as much as there is". `None`: no response data expected.
    pub(super) expected: Option<usize>,
    /// Encoded with extended lengths.
    pub(super) extended: bool,
}

/// The bytes are not a command APDU.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Malformed;

impl<'a> Command<'a> {
    /// Parses one of the seven encodings: case 1, and cases 2 to 4 short or extended.
    pub(super) fn parse(bytes: &'a [u8]) -> Result<Self, Malformed> {
        let (&[class, instruction, p1, p2], body) = bytes.split_first_chunk::<4>().ok_or(Malformed)?;
        let command =
            |data, expected, extended| Self { class, instruction, p1, p2, data, expected, extended };
        match body {
            [] => Ok(command(&[], None, false)),
            [length] => Ok(command(&[], Some(short(*length)), false)),
            [0, high, low] => Ok(command(&[], Some(long(*high, *low)), true)),
            [0, high, low, rest @ ..] => {
                let length = usize::from(u16::from_be_bytes([*high, *low]));
                match rest.split_at_checked(length).ok_or(Malformed)? {
                    (data, []) => Ok(command(data, None, true)),
                    (data, [high, low]) => Ok(command(data, Some(long(*high, *low)), true)),
                    _ => Err(Malformed),
                }
            }
            [length, rest @ ..] => match rest.split_at_checked(usize::from(*length)).ok_or(Malformed)? {
                (data, []) => Ok(command(data, None, false)),
                (data, [expected]) => Ok(command(data, Some(short(*expected)), false)),
                _ => Err(Malformed),
            },
        }
    }

    /// More of this command follows (ISO 7816-4, 5.1.1.1).
    pub(super) fn is_chained(&self) -> bool {
        self.class & 0x10 != 0
    }

    /// The instruction's name; what a log may show of a command.
    pub(super) fn name(&self) -> &'static str {
        match self.instruction {
            0xA4 => "SELECT",
            0xCB => "GET DATA",
            0x20 => "VERIFY",
            0x87 => "GENERAL AUTHENTICATE",
            0xB0 => "READ BINARY",
            0x2A => "COMPUTE DIGITAL SIGNATURE",
            0xC0 => "GET RESPONSE",
            _ => "other",
        }
    }
}

fn short(length: u8) -> usize {
    if length == 0 { 256 } else { usize::from(length) }
}

fn long(high: u8, low: u8) -> usize {
    match u16::from_be_bytes([high, low]) {
        0 => 65_536,
        length => usize::from(length),
    }
}

/// Splits off the first data object with a one-byte tag: tag, value, rest.
pub(super) fn split_tlv(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = bytes.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        0..=0x7F => (usize::from(first), rest),
        0x81 => (usize::from(*rest.first()?), &rest[1..]),
        0x82 => (usize::from(u16::from_be_bytes([*rest.first()?, *rest.get(1)?])), &rest[2..]),
        _ => return None,
    };
    let (value, rest) = rest.split_at_checked(length)?;
    Some((tag, value, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_encoding_is_read() {
        let read = |bytes: &[u8]| {
            Command::parse(bytes).map(|c| (c.data.to_vec(), c.expected, c.extended)).map_err(|_| ())
        };
        assert_eq!(read(&[0, 0x20, 0, 0x80]), Ok((vec![], None, false)));
        assert_eq!(read(&[0, 0x20, 0, 0x80, 0]), Ok((vec![], Some(256), false)));
        assert_eq!(read(&[0, 0x20, 0, 0x80, 2, 7, 8]), Ok((vec![7, 8], None, false)));
        assert_eq!(read(&[0, 0x20, 0, 0x80, 2, 7, 8, 5]), Ok((vec![7, 8], Some(5), false)));
        assert_eq!(read(&[0, 0x20, 0, 0x80, 0, 1, 0]), Ok((vec![], Some(256), true)));
        assert_eq!(read(&[0, 0x20, 0, 0x80, 0, 0, 1, 9]), Ok((vec![9], None, true)));
        assert_eq!(read(&[0, 0x20, 0, 0x80, 0, 0, 1, 9, 0, 0]), Ok((vec![9], Some(65_536), true)));
        for bytes in [&[0, 0x20, 0][..], &[0, 0x20, 0, 0x80, 3, 1], &[0, 0x20, 0, 0x80, 0, 0, 2, 1]] {
            assert_eq!(read(bytes), Err(()));
        }
    }
}
