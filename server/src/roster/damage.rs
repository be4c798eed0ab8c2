//! Texts that were damaged in transit, and names that nobody can type.

use encoding_rs::{Encoding, SHIFT_JIS, WINDOWS_1252};
use touroku_proto::text;

/// Characters typical of UTF-8 read as CP932.
const AS_CP932: [char; 12] = ['縺', '繧', '繝', '蜿', '荳', '譁', '蟄', '迚', '驛', '蝗', '逕', '髢'];

/// What is damaged in a text, in Japanese.
pub(super) fn of(cell: &str) -> Option<String> {
    if cell.is_ascii() && !cell.contains("??") {
        return None;
    }
    if cell.contains('\u{FFFD}') {
        return Some(damaged("読めなかった文字の印「\u{FFFD}」"));
    }
    if cell.contains('〓') {
        return Some(damaged("表示できない文字の印「〓」"));
    }
    if cell.contains("??") || cell.contains("？？") {
        return Some(damaged("変換できなかった文字の印とみられる「??」"));
    }
    is_mojibake(cell).then(|| damaged("文字コードを取り違えたとみられる文字（文字化け）"))
}

fn damaged(what: &str) -> String {
    format!("{what}があります。文字が壊れているようです。元の名簿からファイルを作り直してください")
}

fn is_mojibake(cell: &str) -> bool {
    let characters = cell.chars().filter(|c| !c.is_whitespace()).count();
    let latin = cell.chars().filter(|&c| is_latin(c)).count();
    // A few among other characters may be French; if most are, it is garbage.
    if latin >= 3 && latin * 2 > characters {
        return true;
    }
    if cell.chars().filter(|c| AS_CP932.contains(c)).count() >= 2 {
        return true;
    }
    // UTF-8 read as CP932 has half-width katakana at every third byte.
    let is_mixed = cell.chars().any(text::is_half_width_katakana);
    is_mixed && was_utf8(cell, SHIFT_JIS) || latin >= 2 && was_utf8(cell, WINDOWS_1252)
}

/// Whether a text's bytes in that encoding are valid UTF-8. Japanese text hardly ever is by chance.
fn was_utf8(cell: &str, encoding: &'static Encoding) -> bool {
    let (bytes, _, lost) = encoding.encode(cell);
    let read = std::str::from_utf8(&bytes);
    !lost && !bytes.is_ascii() && read.is_ok_and(|text| text.chars().filter(|c| !c.is_ascii()).count() >= 2)
}

/// Accented letters and the symbols of Windows-1252.
fn is_latin(c: char) -> bool {
    matches!(c, '\u{A0}'..='\u{24F}' | '\u{2C6}' | '\u{2DC}' | '\u{2013}'..='\u{203A}' | '€' | '™')
}

/// Why a name can't be typed as it is.
pub(super) fn untypable(name: &str) -> Option<String> {
    if let Some(c) = name.chars().find(|&c| text::is_emoji(c)) {
        return Some(format!(
            "絵文字（U+{:04X}）があります。検索の画面は絵文字を受け付けないため、この会社は登録できません。名簿の名称を直してください",
            u32::from(c)
        ));
    }
    if let Some(c) = name.chars().find(|&c| text::is_accented(c)) {
        return Some(format!(
            "アクセント記号のある文字「{c}」があります。検索では、記号のない文字で入力された名称も同じとみなします"
        ));
    }
    let (c, what) = name.chars().find_map(|c| Some((c, strange(c)?)))?;
    Some(format!(
        "{what}（U+{:04X}）があり、同じ名称をキーボードで入力できません。検索では同じ文字とみなしますが、ふつうの文字に直すことを\
         おすすめします",
        u32::from(c)
    ))
}

fn strange(c: char) -> Option<&'static str> {
    Some(match c {
        '\u{3099}' | '\u{309A}' => "かなから分かれた濁点・半濁点",
        '\u{A0}' | '\u{2000}'..='\u{200A}' | '\u{202F}' | '\u{205F}' => "特殊な空白",
        '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}' => "字形を選ぶ印（異体字セレクタ）",
        '\u{2E80}'..='\u{2FDF}' => "部首の文字",
        // U+FA0E to U+FA2D are IBM's extensions, which can be typed on Windows.
        '\u{F900}'..='\u{FA0D}' | '\u{FA30}'..='\u{FAFF}' => "互換漢字",
        '\u{300}'..='\u{36F}' => "文字から分かれたアクセント記号",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damaged_texts_are_told_from_sound_ones() {
        for cell in [
            "æ\u{A0}ªå¼\u{FFFD}ä¼šç¤¾",
            "æ ªå¼ä¼šç¤¾æž¶ç©º",
            "譬ｪ蠑丈ｼ夂､ｾ",
            "縺九￥縺�",
            "株式〓社",
            "??????",
            "株式会社？？",
        ] {
            assert!(of(cell).is_some(), "{cell}");
        }
        for cell in ["株式会社架空", "Café工務店", "Société Générale", "A?", "髙﨑", "縺建設", "－", "ガラス"]
        {
            assert_eq!(of(cell), None, "{cell}");
        }
    }

    #[test]
    fn a_name_that_the_search_finds_is_told_from_one_that_it_never_finds() {
        assert!(untypable("🏗建設").unwrap().contains("登録できません"));
        assert!(untypable("Café工務店").unwrap().contains("「é」"));
        assert_eq!(text::fold_name("Café工務店"), text::fold_name("ＣＡＦＥ工務店"));
    }

    #[test]
    fn names_that_no_keyboard_types_are_pointed_out() {
        for name in
            ["カ\u{3099}ラス", "株式会社\u{A0}空白", "辻\u{E0100}", "\u{2F26}株式会社", "🏗建設", "\u{F907}社"]
        {
            assert!(untypable(name).is_some(), "{name}");
        }
        for name in ["ガラス", "ｶﾞﾗｽ", "髙﨑建設", "\u{FA19}社", "株式会社　空白", "𠮷野家"]
        {
            assert_eq!(untypable(name), None, "{name}");
        }
    }
}
