//! BER-TLV and DER, as far as names in certificates and card objects need them.

/// A data object: tag, length in the shortest form, value (ISO 7816-4, 5.2.2.2; X.690, 8.1.3). Up to 64 KiB.
pub fn tlv(tag: &[u8], value: &[u8]) -> Vec<u8> {
    let mut object = tag.to_vec();
    match value.len() {
        length @ 0..=0x7F => object.push(length as u8),
        length @ 0x80..=0xFF => object.extend([0x81, length as u8]),
        length => {
            object.push(0x82);
            object.extend(u16::try_from(length).expect("card objects are below 64 KiB").to_be_bytes());
        }
    }
    object.extend_from_slice(value);
    object
}
