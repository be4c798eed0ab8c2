//! Hand-written DER for the CRLs and extensions that no available builder makes.

/// Tag, length, value.
pub fn tlv(tag: u8, value: &[u8]) -> Vec<u8> {
    let mut bytes = vec![tag];
    match value.len() {
        length @ 0..=127 => bytes.push(length as u8),
        length => {
            let length = length.to_be_bytes();
            let length: Vec<u8> = length.iter().copied().skip_while(|&byte| byte == 0).collect();
            bytes.push(0x80 | length.len() as u8);
            bytes.extend(length);
        }
    }
    bytes.extend(value);
    bytes
}

pub fn sequence(parts: &[Vec<u8>]) -> Vec<u8> {
    tlv(0x30, &parts.concat())
}

pub fn integer(value: u32) -> Vec<u8> {
    let mut bytes: Vec<u8> = value.to_be_bytes().iter().copied().skip_while(|&byte| byte == 0).collect();
    if bytes.first().is_none_or(|&byte| byte >= 0x80) {
        bytes.insert(0, 0);
    }
    tlv(0x02, &bytes)
}

/// An object identifier from its DER value, such as `[0x55, 0x1D, 0x1B]` for 2.5.29.27.
pub fn oid(value: &[u8]) -> Vec<u8> {
    tlv(0x06, value)
}

/// GeneralizedTime of a Unix time.
pub fn time(unix: i64) -> Vec<u8> {
    let text = touroku_proto::certificate::rfc3339(unix);
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    tlv(0x18, format!("{digits}Z").as_bytes())
}

pub fn extension(id: &[u8], critical: bool, value: &[u8]) -> Vec<u8> {
    let mut parts = vec![oid(id)];
    if critical {
        parts.push(tlv(0x01, &[0xFF]));
    }
    parts.push(tlv(0x04, value));
    sequence(&parts)
}
