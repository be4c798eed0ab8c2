//! Tag, length, value: for the two protocols that no suitable library implements, OCSP and LDAP.
//!
//! Definite lengths and single-byte tags, which is all they use. Lengths need not be minimal: LDAP servers write
//! padded ones (RFC 4511, 5.1), and signed data is compared byte by byte anyway.

/// Reads values one after another, never descending on its own.
#[derive(Clone, Copy)]
pub struct Reader<'a>(&'a [u8]);

/// A value.
#[derive(Clone, Copy)]
pub struct Value<'a> {
    /// Class, form and number.
    pub tag: u8,
    /// The contents octets.
    pub content: &'a [u8],
    /// Including tag and length.
    pub raw: &'a [u8],
}

impl<'a> Reader<'a> {
    /// Reads these bytes.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// The next value, which must have this tag.
    pub fn expect(&mut self, tag: u8) -> Option<Value<'a>> {
        self.next().filter(|value| value.tag == tag)
    }

    /// The next value, if it has this tag; otherwise nothing is consumed.
    pub fn optional(&mut self, tag: u8) -> Option<Value<'a>> {
        (self.0.first() == Some(&tag)).then(|| self.next()).flatten()
    }

    /// Whether everything has been read.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<'a> Iterator for Reader<'a> {
    type Item = Value<'a>;

    /// The next value; `None`: at the end, or truncated.
    fn next(&mut self) -> Option<Value<'a>> {
        let (header, length) = header(self.0)?;
        let end = header.checked_add(length)?;
        let value =
            Value { tag: *self.0.first()?, content: self.0.get(header..end)?, raw: self.0.get(..end)? };
        self.0 = self.0.get(end..)?;
        Some(value)
    }
}

impl<'a> Value<'a> {
    /// Reads the values inside.
    pub fn inside(&self) -> Reader<'a> {
        Reader(self.content)
    }

    /// A BIT STRING's bytes, if it consists of whole bytes.
    pub fn whole_bytes(&self) -> Option<&'a [u8]> {
        match self.content {
            [0, bytes @ ..] => Some(bytes),
            _ => None,
        }
    }
}

/// The length of tag and length octets, and of the contents that follow. `None`: truncated, or in a form not
/// supported here.
pub fn header(bytes: &[u8]) -> Option<(usize, usize)> {
    // A multi-byte tag.
    if bytes.first()? & 0x1F == 0x1F {
        return None;
    }
    match *bytes.get(1)? {
        short @ ..=0x7F => Some((2, usize::from(short))),
        long @ 0x81..=0x84 => {
            let end = 2 + usize::from(long & 0x7F);
            let length = bytes.get(2..end)?.iter().fold(0_u32, |sum, &byte| sum << 8 | u32::from(byte));
            Some((end, usize::try_from(length).ok()?))
        }
        _ => None,
    }
}

/// Encodes a value from these parts.
pub fn value(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let length = content.len().to_be_bytes();
    let significant = length.iter().position(|&byte| byte != 0).map_or(&[][..], |first| &length[first..]);
    let mut bytes = vec![tag];
    match significant {
        [] => bytes.push(0),
        [short @ ..=0x7F] => bytes.push(*short),
        long => {
            bytes.push(long.iter().fold(0x80, |count, _| count + 1));
            bytes.extend_from_slice(long);
        }
    }
    bytes.extend(content);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        for length in [0, 1, 127, 128, 255, 256, 70_000] {
            let content = vec![7; length];
            let bytes = value(0x30, &[&content[..length / 2], &content[length / 2..]]);
            let mut reader = Reader::new(&bytes);
            assert_eq!(reader.expect(0x30).unwrap().content, content);
            assert!(reader.is_empty());
        }
    }

    #[test]
    fn what_is_cut_off_or_of_endless_length_is_no_value() {
        for bytes in [
            &[][..],
            &[0x30],
            &[0x30, 2, 0],
            &[0x30, 0x80, 0, 0],
            &[0x30, 0x84, 0xFF, 0xFF, 0xFF, 0xFF],
            &[0x30, 0x85, 0, 0, 0, 0, 0],
            &[0x3F, 0x81, 1, 0],
        ] {
            assert!(Reader::new(bytes).next().is_none(), "{bytes:?}");
        }
        assert_eq!(
            Reader::new(&[0x04, 0x84, 0, 0, 0, 1, 9]).next().unwrap().content,
            [9],
            "as LDAP servers write"
        );
    }
}
