//! BER-TLV data objects (ISO 7816-4, 5.2.2), as far as cards use them: definite lengths only.

/// The bytes are not a sequence of data objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not BER-TLV")]
pub struct NotTlv;

/// One data object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Object<'a> {
    /// The tag's bytes as a number: `0x53`, `0x7F21`, `0x5FC105`.
    pub tag: u32,
    pub value: &'a [u8],
}

/// Parses the first object in `bytes`; returns it with the bytes after it.
pub fn first(bytes: &[u8]) -> Result<(Object<'_>, &[u8]), NotTlv> {
    let (tag, rest) = tag(bytes)?;
    let (length, rest) = length(rest)?;
    let (value, rest) = rest.split_at_checked(length).ok_or(NotTlv)?;
    Ok((Object { tag, value }, rest))
}

/// Whether `bytes` are the beginning of an object whose end is missing.
pub fn is_cut(bytes: &[u8]) -> bool {
    let header = tag(bytes).and_then(|(_, rest)| length(rest));
    bytes.is_empty() || header.is_ok_and(|(length, rest)| rest.len() < length)
}

/// Iterates over the consecutive objects in `bytes`. Ends after the first error.
pub fn objects(bytes: &[u8]) -> impl Iterator<Item = Result<Object<'_>, NotTlv>> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let read = first(rest);
        rest = read.map_or(&[], |(_, after)| after);
        Some(read.map(|(object, _)| object))
    })
}

/// The value of the first object with that tag; `None` when there is none before the first error.
pub fn find(bytes: &[u8], tag: u32) -> Option<&[u8]> {
    objects(bytes).map_while(Result::ok).find(|object| object.tag == tag).map(|object| object.value)
}

/// Encodes an object with a one-byte tag.
pub fn encode(tag: u8, value: &[u8]) -> Vec<u8> {
    let mut bytes = vec![tag];
    let length = value.len().to_be_bytes();
    let significant = &length[length.iter().take_while(|&&b| b == 0).count()..];
    if let [] | [0..=0x7F] = significant {
        bytes.push(significant.first().copied().unwrap_or(0));
    } else {
        // Eight bytes of length at most.
        bytes.push(0x80 | significant.len().to_le_bytes()[0]);
        bytes.extend_from_slice(significant);
    }
    bytes.extend_from_slice(value);
    bytes
}

fn tag(bytes: &[u8]) -> Result<(u32, &[u8]), NotTlv> {
    let (&leading, mut rest) = bytes.split_first().ok_or(NotTlv)?;
    let mut tag = u32::from(leading);
    if leading & 0x1F != 0x1F {
        return Ok((tag, rest));
    }
    // ISO 7816-4 allows two or three bytes; one more is harmless and still fits.
    for _ in 0..3 {
        let (&byte, after) = rest.split_first().ok_or(NotTlv)?;
        tag = tag << 8 | u32::from(byte);
        rest = after;
        if byte & 0x80 == 0 {
            return Ok((tag, rest));
        }
    }
    Err(NotTlv)
}

fn length(bytes: &[u8]) -> Result<(usize, &[u8]), NotTlv> {
    let (&leading, rest) = bytes.split_first().ok_or(NotTlv)?;
    match leading {
        0..=0x7F => Ok((usize::from(leading), rest)),
        0x81..=0x84 => {
            let (length, rest) = rest.split_at_checked(usize::from(leading & 0x7F)).ok_or(NotTlv)?;
            Ok((length.iter().fold(0, |sum, &b| sum << 8 | usize::from(b)), rest))
        }
        // 80 is BER's indefinite form, which cards do not use.
        _ => Err(NotTlv),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn tags_and_lengths_of_every_size_are_read() {
        for (bytes, tag, length) in [
            (vec![0x53, 0x00], 0x53, 0),
            (vec![0x7F, 0x21, 0x01, 0xAA], 0x7F21, 1),
            ([&[0x5F, 0xC1, 0x05, 0x81, 0x80][..], &[0; 128]].concat(), 0x005F_C105, 128),
            ([&[0x70, 0x83, 0x00, 0x01, 0x00][..], &[0; 256]].concat(), 0x70, 256),
        ] {
            let (object, rest) = first(&bytes).unwrap();
            assert_eq!((object.tag, object.value.len(), rest), (tag, length, &[][..]));
        }
    }

    #[test]
    fn truncated_and_indefinite_objects_are_refused() {
        for bytes in
            [&[][..], &[0x53], &[0x53, 0x02, 0x00], &[0x30, 0x80, 0, 0], &[0x5F, 0xC1], &[0x53, 0x85]]
        {
            assert_eq!(first(bytes), Err(NotTlv), "{bytes:02X?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(tag in 0_u8..0x1F, value in prop::collection::vec(any::<u8>(), 0..70_000)) {
            let bytes = encode(tag, &value);
            prop_assert_eq!(first(&bytes), Ok((Object { tag: u32::from(tag), value: &value }, &[][..])));
        }

        #[test]
        fn no_bytes_make_the_reader_panic_or_go_round_for_ever(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            prop_assert!(objects(&bytes).count() <= bytes.len());
        }
    }
}
