//! A company's position in the list.

use touroku_proto::{kana, text};

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
        let full = kana::fold(kana);
        let Some(first) = full.chars().next() else {
            return Self { row: WITHOUT_KANA, kana: name.clone(), name };
        };
        let plain: String = full.chars().map(kana::plain).collect();
        Self { row: row_of(first).unwrap_or(OTHER), kana: format!("{plain} {full}"), name }
    }
}

/// The first and last [`SortKey::row`] of a 行 as a person names it: any of its kana, or 他.
pub(super) fn rows(named: &str) -> Option<(u8, u8)> {
    if matches!(named, "他" | "その他") {
        return Some((OTHER, WITHOUT_KANA));
    }
    let kana = kana::fold(named);
    let mut characters = kana.chars();
    let row = row_of(characters.next()?)?;
    characters.next().is_none().then_some((row, row))
}

fn row_of(first: char) -> Option<u8> {
    u8::try_from(kana::row(first)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_company_stands_in_the_row_of_its_first_kana_and_others_behind() {
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
