//! A company's position in the list.

use touroku_proto::text;

/// The 行, each with its kana in order, without marks and in full size.
const ROWS: [&str; 10] = [
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

/// 他: what does not begin with kana.
const OTHER: u8 = 10;

/// Also 他, after all others: the roster has no kana.
const WITHOUT_KANA: u8 = 11;

/// What the list is sorted and searched by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SortKey {
    /// 0 to 9: ア to ワ; 10: another character; 11: no kana.
    pub row: u8,
    /// The kana without marks, a space, and the kana with them: か before が, but かき before がく. Without kana
    /// the folded name.
    pub kana: String,
    /// The folded name, see [`text::fold_name`].
    pub name: String,
}

impl SortKey {
    /// A company's key. `kana` as in the roster: full or half width, or hiragana.
    pub fn of(name: &str, kana: &str) -> Self {
        let name = text::fold_name(name);
        let full = fold_kana(kana);
        let Some(first) = full.chars().next() else {
            return Self { row: WITHOUT_KANA, kana: name.clone(), name };
        };
        let plain: String = full.chars().map(plain).collect();
        Self { row: row_of(first).unwrap_or(OTHER), kana: format!("{plain} {full}"), name }
    }
}

/// The first and last [`SortKey::row`] of a 行 as a person names it: any of its kana, or 他.
pub(super) fn rows(named: &str) -> Option<(u8, u8)> {
    if matches!(named, "他" | "その他") {
        return Some((OTHER, WITHOUT_KANA));
    }
    let kana = fold_kana(named);
    let mut characters = kana.chars();
    let row = row_of(characters.next()?)?;
    characters.next().is_none().then_some((row, row))
}

/// Full-width katakana, letters and digits in one form, without spaces and dots.
pub(crate) fn fold_kana(kana: &str) -> String {
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

fn row_of(first: char) -> Option<u8> {
    let first = plain(first);
    let row = ROWS.iter().position(|row| row.contains(first))?;
    u8::try_from(row).ok()
}

/// Without dakuten and handakuten, and in full size.
fn plain(c: char) -> char {
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
        for (row, kana) in [
            (0, "アァイィウゥヴエェオォ"),
            (1, "カガヵキギクグケゲヶコゴ"),
            (2, "サザシジスズセゼソゾ"),
            (3, "タダチヂッツヅテデトド"),
            (4, "ナニヌネノ"),
            (5, "ハバパヒビピフブプヘベペホボポ"),
            (6, "マミムメモ"),
            (7, "ャヤュユョヨ"),
            (8, "ラリルレロ"),
            (9, "ヮワヰヱヲンヷヺ"),
        ] {
            for c in kana.chars() {
                assert_eq!(SortKey::of("x", &c.to_string()).row, row, "{c}");
            }
        }
        for (kana, row) in
            [("ｶﾞｲﾅｯｸｽ", 1), ("ほくとう", 5), ("ＡＢＣショウカイ", 10), ("３エム", 10), ("", 11), ("　", 11)]
        {
            assert_eq!(SortKey::of("x", kana).row, row, "{kana}");
        }
    }

    #[test]
    fn marks_decide_only_between_kana_that_are_the_same_without() {
        let mut sorted = ["ガク", "カキ", "ガキ", "カキク", "カク", "カッキ", "カツキ"];
        sorted.sort_by_key(|kana| SortKey::of("x", kana).kana);
        assert_eq!(sorted, ["カキ", "ガキ", "カキク", "カク", "ガク", "カッキ", "カツキ"]);
    }

    #[test]
    fn a_row_is_named_by_any_of_its_kana() {
        assert_eq!(rows("ア"), Some((0, 0)));
        for named in ["カ", "か", "ｶ", "ゲ"] {
            assert_eq!(rows(named), Some((1, 1)), "{named}");
        }
        assert_eq!(rows("他"), Some((10, 11)));
        for named in ["", "A", "アイ", "行", "ー"] {
            assert_eq!(rows(named), None, "{named}");
        }
    }
}
