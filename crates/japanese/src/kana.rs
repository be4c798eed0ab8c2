//! Kana as lists are sorted and searched by them: 五十音.

use crate::text;

/// The 行, as people name them.
pub const ROWS: [&str; 10] = ["あ", "か", "さ", "た", "な", "は", "ま", "や", "ら", "わ"];

/// Each row's kana in order, without marks and in full size.
const KANA: [&str; 10] = [
    "アイウエオ",
    "カキクケコ",
    "サシスセソ",
    "タチツテト",
    "ナニヌネノ",
    "ハヒフヘホ",
    "マミムメモ",
    "ヤユヨ",
    "ラリルレロ",
    "ワヰヱヲン",
];

/// The index in [`ROWS`] of a full-width katakana; `None` for other characters.
pub fn row(kana: char) -> Option<usize> {
    let plain = plain(kana);
    KANA.iter().position(|row| row.contains(plain))
}

/// Full-width katakana, letters and digits in one form, without spaces and dots.
pub fn fold(kana: &str) -> String {
    let wide = text::katakana_to_full_width(kana);
    text::to_half_width(&wide.replace('ー', "\u{1}"))
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '・' | '-' | '.' | ','))
        .map(|c| match c {
            '\u{1}' => 'ー',
            'ぁ'..='ゖ' => char::from_u32(u32::from(c) + 0x60).unwrap_or(c),
            other => other,
        })
        .flat_map(char::to_uppercase)
        .collect()
}

/// A full-width katakana without dakuten and handakuten, and in full size.
pub fn plain(c: char) -> char {
    match c {
        'ァ' | 'ィ' | 'ゥ' | 'ェ' | 'ォ' | 'ッ' | 'ャ' | 'ュ' | 'ョ' | 'ヮ' => after(c),
        'ヴ' => 'ウ',
        'ヵ' => 'カ',
        'ヶ' => 'ケ',
        'ヷ' => 'ワ',
        'ヸ' => 'ヰ',
        'ヹ' => 'ヱ',
        'ヺ' => 'ヲ',
        // In Unicode the voiced form directly follows each of these; ハ to ホ have two.
        'カ'..='ヂ' if (u32::from(c) - u32::from('カ')) % 2 == 1 => before(c, 1),
        'ヅ' | 'デ' | 'ド' => before(c, 1),
        'ハ'..='ポ' => before(c, (u32::from(c) - u32::from('ハ')) % 3),
        other => other,
    }
}

fn after(c: char) -> char {
    char::from_u32(u32::from(c) + 1).unwrap_or(c)
}

fn before(c: char, by: u32) -> char {
    char::from_u32(u32::from(c) - by).unwrap_or(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kana_has_its_row() {
        for (expected, kana) in [
            "アァイィウゥヴエェオォ",
            "カガヵキギクグケゲヶコゴ",
            "サザシジスズセゼソゾ",
            "タダチヂッツヅテデトド",
            "ナニヌネノ",
            "ハバパヒビピフブプヘベペホボポ",
            "マミムメモ",
            "ャヤュユョヨ",
            "ラリルレロ",
            "ヮワヰヱヲンヷヺ",
        ]
        .into_iter()
        .enumerate()
        {
            for c in kana.chars() {
                assert_eq!(row(c), Some(expected), "{c}");
            }
        }
        assert_eq!(row('A'), None);
    }

    #[test]
    fn widths_scripts_spaces_and_capitals_make_no_difference() {
        for written in ["がいなっくす A", "ガイナックス・ａ", "ｶﾞｲﾅｯｸｽA"] {
            assert_eq!(fold(written), "ガイナックスA", "{written}");
        }
    }
}
