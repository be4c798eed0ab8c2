//! Characters that do not survive every system, named so that a person can find them.

use std::sync::LazyLock;

use crate::{
    encoding::Encoding,
    text::{self, is_private},
};

/// What is notable about the characters in a cell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Characters {
    /// A character that must not occur.
    pub forbidden: Option<char>,
    /// A character that CP932 lacks.
    pub beyond_cp932: Option<char>,
}

impl Characters {
    /// Examines a cell.
    pub fn of(cell: &str) -> Self {
        let mut found = Self::default();
        // Most numbers, codes and grades are settled here.
        if cell.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
            return found;
        }
        for c in cell.chars() {
            if found.forbidden.is_none() && (text::is_forbidden(c) || is_private(c)) {
                found.forbidden = Some(c);
            }
            if found.beyond_cp932.is_none() && !is_in_cp932(c) {
                found.beyond_cp932 = Some(c);
            }
        }
        found
    }
}

/// Why a character must not occur.
pub fn describe_forbidden(c: char) -> String {
    let code = u32::from(c);
    if is_private(c) {
        format!(
            "外字（U+{code:04X}）があります。外字は登録した端末でしか読めません。ほかの文字に直してください"
        )
    } else if c == '\0' {
        "使えない文字（U+0000）があります（NULです）".to_owned()
    } else {
        format!("使えない文字（U+{code:04X}）があります")
    }
}

/// Why a character deserves a second look.
pub fn describe_beyond(c: char) -> String {
    format!(
        "「{c}」（U+{:04X}）はCP932にない文字です。ほかのシステムでは読めないことがあります",
        u32::from(c)
    )
}

/// Why a cell's bytes cannot be decoded, and which encoding they look like.
pub fn describe_bytes(bytes: &[u8], encoding: Encoding) -> String {
    let name = encoding.name();
    let other = match encoding {
        Encoding::Utf8 => Encoding::Cp932,
        Encoding::Cp932 => Encoding::Utf8,
    };
    if encoding == Encoding::Cp932
        && let Some(text) = encoding_rs::SHIFT_JIS.decode_without_bom_handling_and_without_replacement(bytes)
        && let Some(c) = text.chars().find(|&c| is_private(c))
    {
        return format!("{name}として読めない文字があります。{}", describe_forbidden(c));
    }
    let at = first_wrong(bytes, encoding);
    let shown: Vec<String> = bytes[at..].iter().take(2).map(|byte| format!("{byte:02X}")).collect();
    let place = format!("{name}として読めない文字（{}バイト目から {}）があります", at + 1, shown.join(" "));
    match other.decode(bytes) {
        Some(text) if !text.is_empty() && !text.chars().any(text::is_forbidden) => format!(
            "{place}。{}なら「{}」と読めます。文字コードが混ざっています",
            other.name(),
            text.chars().take(20).collect::<String>()
        ),
        _ => place,
    }
}

/// The index of the first byte that is invalid in this encoding.
fn first_wrong(bytes: &[u8], encoding: Encoding) -> usize {
    match encoding {
        Encoding::Utf8 => std::str::from_utf8(bytes).map_or_else(|error| error.valid_up_to(), |_| 0),
        Encoding::Cp932 => {
            let mut at = 0;
            while at < bytes.len() {
                let length = if is_lead(bytes[at]) { 2 } else { 1 };
                match bytes.get(at..at + length).and_then(|part| Encoding::Cp932.decode(part)) {
                    Some(_) => at += length,
                    None => return at,
                }
            }
            0
        }
    }
}

fn is_lead(byte: u8) -> bool {
    matches!(byte, 0x81..=0x9F | 0xE0..=0xFC)
}

/// Whether CP932 has it, or has the character that every converter maps it to.
pub fn is_in_cp932(c: char) -> bool {
    let code = u32::from(c) as usize;
    CP932.get(code / 64).is_some_and(|bits| bits & 1 << (code % 64) != 0)
}

/// One bit per character up to U+FFFF; an encoder would search its tables for each.
static CP932: LazyLock<Vec<u64>> = LazyLock::new(|| {
    let mut bits = vec![0; 0x1_0000 / 64];
    let mut set = |c: char| {
        let code = u32::from(c) as usize;
        if let Some(word) = bits.get_mut(code / 64) {
            *word |= 1 << (code % 64);
        }
    };
    (0..0x80_u8).map(char::from).for_each(&mut set);
    ('\u{FF61}'..='\u{FF9F}').for_each(&mut set);
    // Every converter maps these to their CP932 neighbours: 〜 to ～, − to －, and the like.
    ['\u{301C}', '\u{2212}', '\u{2014}', '\u{2016}', '¢', '£', '¬', '¥', '‾'].into_iter().for_each(&mut set);
    for lead in (0x81..=0x9F_u8).chain(0xE0..=0xFC) {
        for trail in 0x40..=0xFC_u8 {
            let pair = [lead, trail];
            let decoded = encoding_rs::SHIFT_JIS.decode_without_bom_handling_and_without_replacement(&pair);
            decoded.iter().flat_map(|text| text.chars()).filter(|&c| !is_private(c)).for_each(&mut set);
        }
    }
    bits
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_that_cp932_has_not_are_found_and_its_own_are_not() {
        for fine in ["株式会社髙﨑①㈱ｱｶﾞ～－", "〜−—‖", "ABC, 123", ""] {
            assert_eq!(Characters::of(fine), Characters::default(), "{fine}");
        }
        assert_eq!(Characters::of("𠮷野家").beyond_cp932, Some('𠮷'));
        assert_eq!(Characters::of("Café").beyond_cp932, Some('é'));
        assert_eq!(Characters::of("外\u{E000}字").forbidden, Some('\u{E000}'));
    }

    #[test]
    fn bytes_are_named_with_what_they_would_be_elsewhere() {
        let message = describe_bytes(b"\x93\xFA\x96\x7B", Encoding::Utf8);
        assert!(message.contains("1バイト目から 93 FA") && message.contains("「日本」"), "{message}");
        let message = describe_bytes("あ本".as_bytes(), Encoding::Cp932);
        assert!(message.contains("CP932"), "{message}");
        let message = describe_bytes(b"A\xF0\x40", Encoding::Cp932);
        assert!(message.contains("外字（U+E000）"), "{message}");
    }
}
