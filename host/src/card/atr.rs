//! What a card's answer to reset says about its capabilities (ISO 7816-3, 8.2; ISO 7816-4, 12.1.1).

/// Whether the card announces extended-length commands and replies: bit 7 of the third software function byte (ISO
/// 7816-4, table 119) in its historical bytes.
pub fn has_extended_length(atr: &[u8]) -> bool {
    capabilities(atr).is_some_and(|capabilities| capabilities.get(2).is_some_and(|byte| byte & 0x40 != 0))
}

/// The card capabilities object: compact-TLV tag 7, as many bytes as its length says.
fn capabilities(atr: &[u8]) -> Option<&[u8]> {
    let historical = historical_bytes(atr)?;
    let (&category, mut objects) = historical.split_first()?;
    match category {
        // Three bytes of status follow the objects.
        0x00 => objects = objects.get(..objects.len().checked_sub(3)?)?,
        0x80 => {}
        _ => return None,
    }
    while let Some((&head, rest)) = objects.split_first() {
        let (value, rest) = rest.split_at_checked(usize::from(head & 0x0F))?;
        if head >> 4 == 7 {
            return Some(value);
        }
        objects = rest;
    }
    None
}

fn historical_bytes(atr: &[u8]) -> Option<&[u8]> {
    let (_, rest) = atr.split_first()?;
    let (&format, mut rest) = rest.split_first()?;
    let mut indicator = format;
    loop {
        // TA, TB, TC, TD follow as the indicator's upper four bits say; TD is the next indicator.
        let others = usize::try_from((indicator >> 4 & 0x07).count_ones()).ok()?;
        rest = rest.get(others..)?;
        if indicator & 0x80 == 0 {
            break;
        }
        (indicator, rest) = rest.split_first().map(|(&next, rest)| (next, rest))?;
    }
    rest.get(..usize::from(format & 0x0F))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn extended_length_is_read_from_the_card_capabilities() {
        let yubikey_5 = hex::decode("3BFD1300008131FE158073C021C057597562694B657940").unwrap();
        assert!(has_extended_length(&yubikey_5));
        let without = hex::decode("3BFD1300008131FE158073C0218057597562694B657900").unwrap();
        assert!(!has_extended_length(&without));
        let cut_short = hex::decode("3B87010073022140900000").unwrap();
        assert!(!has_extended_length(&cut_short), "the status bytes are no part of the object");
        let whole = hex::decode("3B880100730221400090000000").unwrap();
        assert!(has_extended_length(&whole));
        for atr in ["", "3B", "3B00", "3BFF", "3BE000FF8131FE4514", "3B6500002063CB6800"] {
            assert!(!has_extended_length(&hex::decode(atr).unwrap()), "{atr}");
        }
    }

    proptest! {
        #[test]
        fn no_answer_to_reset_makes_the_reader_panic(atr in prop::collection::vec(any::<u8>(), 0..40)) {
            has_extended_length(&atr);
        }
    }
}
