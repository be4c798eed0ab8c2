//! Japanese text in forms: counting, widths, suggested conversions, and comparing names.

mod variants;

use crate::unicode::{grapheme_clusters, nfc, nfd, nfkc};

/// The number of characters a person sees: extended grapheme clusters (UAX #29), so a kanji with a variation
/// selector, or か with a combining dakuten, counts as one.
pub fn characters(text: &str) -> usize {
    // In ASCII only line breaks combine.
    if text.bytes().all(|b| (0x20..0x7F).contains(&b)) { text.len() } else { grapheme_clusters(text) }
}

/// Whether a character counts as half-width (半角) on a Japanese form: ASCII, half-width katakana, and accented
/// Latin letters, which no 全角 input method produces.
pub fn is_half_width(c: char) -> bool {
    // The few characters below U+0100 that are in JIS X 0208 are drawn full-width.
    let in_jis_x_0208 =
        matches!(c, '\u{A7}' | '\u{A8}' | '\u{B0}' | '\u{B1}' | '\u{B4}' | '\u{B6}' | '×' | '÷');
    (c < '\u{250}' && !in_jis_x_0208) || is_half_width_katakana(c)
}

/// U+FF61 to U+FF9F: JIS X 0201 katakana, which public e-bidding does not accept in names.
pub fn is_half_width_katakana(c: char) -> bool {
    matches!(c, '\u{FF61}'..='\u{FF9F}')
}

/// Control characters, line breaks and invisible direction marks: never allowed in a form's value.
pub fn is_forbidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{AD}' | '\u{61C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}')
        || matches!(c, '\u{2060}'..='\u{2069}' | '\u{3164}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}')
        || matches!(c, '\u{E0000}'..='\u{E007F}')
}

/// 外字: the private use areas of Unicode.
pub fn is_private(c: char) -> bool {
    matches!(c, '\u{E000}'..='\u{F8FF}' | '\u{F0000}'..='\u{FFFFD}' | '\u{100000}'..='\u{10FFFD}')
}

/// 絵文字, and what makes one of a letter. Signs that Japanese encodings have had for long (☆, ♪, ♀) are none.
pub fn is_emoji(c: char) -> bool {
    matches!(c, '\u{1F000}'..='\u{1FAFF}' | '\u{2700}'..='\u{27BF}' | '\u{FE0E}' | '\u{FE0F}' | '\u{20E3}')
}

/// Stands where half of a pair of surrogates, or a byte, was no character.
pub const BROKEN: char = '\u{FFFD}';

/// What no form takes: what is never part of a value, and what other systems, paper and mails do not show.
pub fn is_unusable(c: char) -> bool {
    is_forbidden(c) || is_private(c) || is_emoji(c) || c == BROKEN
}

/// Makes half-width characters full-width: ASCII through the FF01 block, katakana with their voicing marks
/// composed, a space as U+3000. Others are kept.
pub fn to_full_width(text: &str) -> String {
    katakana_to_full_width(text)
        .chars()
        .map(|c| match c {
            ' ' => '\u{3000}',
            '!'..='~' => shift(c, 0xFEE0),
            other => other,
        })
        .collect()
}

/// Makes half-width katakana full-width and keeps everything else. A voicing mark joins the kana before it.
///
/// Uses its own table instead of NFKC: the page needs this function, and NFKC's tables would be a fifth of its
/// size.
pub fn katakana_to_full_width(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    for c in text.chars() {
        let voiced = match c {
            'ﾞ' => result.chars().last().and_then(voiced),
            'ﾟ' => result.chars().last().and_then(half_voiced),
            _ => None,
        };
        match voiced {
            Some(voiced) => {
                result.pop();
                result.push(voiced);
            }
            None => result.push(full_width_katakana(c)),
        }
    }
    result
}

/// U+FF61 to U+FF9F, in order.
const KATAKANA: [char; 63] = [
    '。', '「', '」', '、', '・', 'ヲ', 'ァ', 'ィ', 'ゥ', 'ェ', 'ォ', 'ャ', 'ュ', 'ョ', 'ッ', 'ー', 'ア',
    'イ', 'ウ', 'エ', 'オ', 'カ', 'キ', 'ク', 'ケ', 'コ', 'サ', 'シ', 'ス', 'セ', 'ソ', 'タ', 'チ', 'ツ',
    'テ', 'ト', 'ナ', 'ニ', 'ヌ', 'ネ', 'ノ', 'ハ', 'ヒ', 'フ', 'ヘ', 'ホ', 'マ', 'ミ', 'ム', 'メ', 'モ',
    'ヤ', 'ユ', 'ヨ', 'ラ', 'リ', 'ル', 'レ', 'ロ', 'ワ', 'ン', '゛', '゜',
];

fn full_width_katakana(c: char) -> char {
    let index = u32::from(c).checked_sub(0xFF61).and_then(|index| usize::try_from(index).ok());
    index.and_then(|index| KATAKANA.get(index)).copied().unwrap_or(c)
}

/// The kana with dakuten. In Unicode it directly follows the plain one, with three exceptions.
fn voiced(c: char) -> Option<char> {
    match c {
        'カ' | 'キ' | 'ク' | 'ケ' | 'コ' | 'サ' | 'シ' | 'ス' | 'セ' | 'ソ' | 'タ' | 'チ' | 'ツ' | 'テ'
        | 'ト' | 'ハ' | 'ヒ' | 'フ' | 'ヘ' | 'ホ' => Some(shift(c, 1)),
        'ウ' => Some('ヴ'),
        'ワ' => Some('ヷ'),
        'ヲ' => Some('ヺ'),
        _ => None,
    }
}

/// The kana with handakuten.
fn half_voiced(c: char) -> Option<char> {
    matches!(c, 'ハ' | 'ヒ' | 'フ' | 'ヘ' | 'ホ').then(|| shift(c, 2))
}

/// Makes full-width characters half-width: the FF01 block, U+3000, and everything an IME or a copied document
/// offers as a hyphen. For phone numbers, postal codes, mail addresses and numbers.
pub fn to_half_width(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\u{3000}' => ' ',
            '\u{FF01}'..='\u{FF5E}' => unshift(c, 0xFEE0),
            c if is_hyphen(c) => '-',
            other => other,
        })
        .collect()
}

/// The characters that people type or paste where a hyphen is meant, ー (U+30FC) included.
fn is_hyphen(c: char) -> bool {
    matches!(
        c,
        '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{FF0D}' | '\u{30FC}' | '\u{FF70}' | '\u{2500}'
    )
}

fn shift(c: char, by: u32) -> char {
    char::from_u32(u32::from(c) + by).unwrap_or(c)
}

fn unshift(c: char, by: u32) -> char {
    char::from_u32(u32::from(c) - by).unwrap_or(c)
}

/// A company name in a form that can be compared: NFKC, corporate forms written out, spaces, hyphens, dots
/// and case dropped, variant kanji unified. For comparing only; what is stored stays as entered. (ー between
/// kana is a vowel, but dropping it on both sides of a comparison is harmless.)
///
/// Folding `(株)` to 株式会社 is safe: a registered name cannot contain parentheses (商業登記規則 50 条).
pub fn fold_name(name: &str) -> String {
    // Remove what is dropped first: it may stand between a kana and its voicing mark, or inside `( 株 )`.
    let mut folded: String = nfkc(name).chars().filter(|&c| !is_dropped(c)).collect();
    folded = nfc(&folded);
    if folded.contains('(') {
        for (short, long) in CORPORATE_FORMS {
            folded = folded.replace(short, long);
        }
    }
    folded = without_accents(&folded);
    // A small kana has no voiced form, but the large one replacing it may have: compose once more.
    let one_form = folded.chars().map(|c| variants::kana(variants::kanji(c))).flat_map(char::to_lowercase);
    nfc(&one_form.collect::<String>())
}

/// A person's name in a form that can be compared: like [`fold_name`], without a leading office title or a
/// trailing note in parentheses (旧姓).
pub fn fold_person(name: &str) -> String {
    let name = name.trim();
    let person = name.split_once(['(', '（']).map_or(name, |(person, _)| person).trim();
    let person = if person.is_empty() { name } else { person };
    match person.split_once(char::is_whitespace) {
        Some((office, rest)) if is_office(office) => fold_name(rest),
        _ => fold_name(person),
    }
}

/// 代表取締役 and the like.
fn is_office(word: &str) -> bool {
    const ENDS: [&str; 16] = [
        "取締役",
        "社長",
        "会長",
        "支店長",
        "支社長",
        "所長",
        "営業所長",
        "理事長",
        "代表理事",
        "理事",
        "代表者",
        "代表",
        "代表社員",
        "組合長",
        "執行役",
        "店主",
    ];
    ENDS.iter().any(|end| word.ends_with(end))
}

/// A name as typed, with only its encoding normalised: decomposed kana are composed; a Mac's wave dash, 部首
/// (U+2F00), special spaces and glyph selectors become what a keyboard produces.
pub fn typed_form(name: &str) -> String {
    let typed = name
        .chars()
        .filter(|c| !matches!(c, '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}'))
        .map(|c| match c {
            '\u{2E80}'..='\u{2FDF}' => nfkc(c.encode_utf8(&mut [0; 4])).chars().next().unwrap_or(c),
            '\u{A0}' | '\u{2000}'..='\u{200A}' | '\u{202F}' | '\u{205F}' => ' ',
            '\u{301C}' => '～',
            '\u{2212}' => '－',
            '\u{2016}' => '∥',
            '\u{2014}' => '―',
            other => other,
        });
    without_accents(&nfc(&typed.collect::<String>()))
}

/// Whether this is a Latin letter with an accent, such as é, which Japanese keyboards don't type.
pub fn is_accented(c: char) -> bool {
    matches!(c, 'À'..='ɏ' | 'Ḁ'..='ỿ') && !matches!(c, '×' | '÷')
}

/// é as e.
fn without_accents(name: &str) -> String {
    if !name.chars().any(|c| is_accented(c) || matches!(c, '\u{300}'..='\u{36F}')) {
        return name.to_owned();
    }
    let parts: String = nfd(name).chars().filter(|c| !matches!(c, '\u{300}'..='\u{36F}')).collect();
    nfc(&parts)
}

/// Whether this is a 法人番号: 13 digits, the first being the check digit of the other twelve: 9 − (Σ Pn·Qn mod
/// 9), n from the right, Qn 1 for odd and 2 for even n (法人番号の指定等に関する省令 2 条).
pub fn is_corporate_number(digits: &str) -> bool {
    if digits.len() != 13 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return false;
    }
    let mut values = digits.bytes().map(|b| u32::from(b - b'0'));
    let Some(check) = values.next() else { return false };
    let sum: u32 = values.rev().enumerate().map(|(index, p)| p * if index % 2 == 0 { 1 } else { 2 }).sum();
    check == 9 - sum % 9
}

/// What does not distinguish two names: spaces, hyphens, dots, variation selectors.
fn is_dropped(c: char) -> bool {
    c.is_whitespace()
        || is_hyphen(c)
        || matches!(c, '・' | '.' | '．' | '，' | ',' | '\'' | '’' | '&')
        || matches!(c, '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}')
}

/// After NFKC, ㈱ and （株） are both `(株)`.
const CORPORATE_FORMS: [(&str, &str); 41] = [
    ("(株)", "株式会社"),
    ("(有)", "有限会社"),
    ("(合)", "合同会社"),
    ("(同)", "合同会社"),
    ("(名)", "合名会社"),
    ("(資)", "合資会社"),
    ("(財)", "財団法人"),
    ("(社)", "社団法人"),
    ("(医)", "医療法人"),
    ("(福)", "社会福祉法人"),
    ("(特非)", "特定非営利活動法人"),
    ("(協)", "協同組合"),
    ("(一社)", "一般社団法人"),
    ("(一財)", "一般財団法人"),
    ("(公社)", "公益社団法人"),
    ("(公財)", "公益財団法人"),
    ("(学)", "学校法人"),
    ("(宗)", "宗教法人"),
    ("(農)", "農事組合法人"),
    ("(協組)", "協同組合"),
    ("(企)", "企業組合"),
    ("(企組)", "企業組合"),
    ("(協業)", "協業組合"),
    ("(生協)", "生活協同組合"),
    ("(農協)", "農業協同組合"),
    ("(漁協)", "漁業協同組合"),
    ("(森組)", "森林組合"),
    ("(技組)", "技術研究組合"),
    ("(労協)", "労働者協同組合"),
    ("(相)", "相互会社"),
    ("(独)", "独立行政法人"),
    ("(地独)", "地方独立行政法人"),
    ("(国大)", "国立大学法人"),
    ("(医社)", "医療法人社団"),
    ("(医財)", "医療法人財団"),
    ("(更)", "更生保護法人"),
    ("(npo)", "特定非営利活動法人"),
    ("(監)", "監査法人"),
    ("(弁)", "弁護士法人"),
    ("(税)", "税理士法人"),
    ("(司)", "司法書士法人"),
];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn characters_are_counted_as_a_person_sees_them() {
        assert_eq!(characters(""), 0);
        assert_eq!(characters("株式会社"), 4);
        assert_eq!(characters("か\u{3099}"), 1);
        assert_eq!(characters("辻\u{E0100}"), 1);
        assert_eq!(characters("𠮷野家"), 3);
    }

    #[test]
    fn conversions_that_a_form_offers() {
        assert_eq!(to_full_width("ABC-1 ｶﾞｷﾞ"), "ＡＢＣ－１　ガギ");
        assert_eq!(to_half_width("０３ー１２３４－５６７８"), "03-1234-5678");
        assert_eq!(to_half_width("ａ＠ｂ．ｊｐ"), "a@b.jp");
        assert_eq!(katakana_to_full_width("ﾊﾟｰﾄ A"), "パート A");
        assert_eq!(katakana_to_full_width("ｳﾞｧｶﾞﾞ"), "ヴァガ゛");
    }

    #[test]
    fn names_that_differ_in_writing_only_fold_to_the_same() {
        let folded = fold_name("株式会社高崎渡辺建設");
        for name in
            ["(株)高崎渡辺建設", "㈱髙﨑渡邉建設", "（ 株 ）　髙崎 渡邊建設", "株式会社 高崎・渡辺-建設"]
        {
            assert_eq!(fold_name(name), folded, "{name}");
        }
        assert_ne!(fold_name("(有)高崎渡辺建設"), folded);
        assert_eq!(fold_name("ＡＢＣ商会"), fold_name("abc商会"));
        for name in ["ｶﾞﾗｽ", "カ゛ラス", "カ\u{3099}ラス"] {
            assert_eq!(fold_name(name), "ガラス", "{name}");
        }
        for (one, other) in [
            ("茅ヶ崎建設", "茅ケ崎建設"),
            ("キヤノン見本", "キャノン見本"),
            ("富士フイルム見本", "富士フィルム見本"),
            ("（一社）青森協会", "一般社団法人青森協会"),
            ("(公財)見本会", "公益財団法人見本会"),
            ("(学)見本学園", "学校法人見本学園"),
            ("Ａ～Ｚ商会", "Ａ〜Ｚ商会"),
            ("ニ葉建設", "二葉建設"),
            ("株式会社ロ－マ", "株式会社ローマ"),
            ("橋本瀧建設", "橋本滝建設"),
            ("渕上建設", "淵上建設"),
            ("栁", "柳"),
            ("桒原", "桑原"),
            ("禮子", "礼子"),
            ("與那覇", "与那覇"),
            ("實", "実"),
            ("彌生", "弥生"),
            ("辻\u{E0100}建設", "辻建設"),
            ("\u{2F26}株式会社", "子株式会社"),
        ] {
            assert_eq!(fold_name(one), fold_name(other), "{one}");
        }
    }

    #[test]
    fn a_person_is_the_same_with_an_office_before_and_a_note_behind() {
        for name in ["見本　太郎", "代表取締役　見本 太郎", "見本太郎（旧姓 例）", "代表理事 見本太郎"]
        {
            assert_eq!(fold_person(name), fold_person("見本太郎"), "{name}");
        }
        assert_ne!(fold_person("代表取締役　見本次郎"), fold_person("見本太郎"));
        assert_eq!(fold_person("（見本）"), fold_name("（見本）"));
    }

    #[test]
    fn a_name_of_another_encoding_is_typed_as_it_is_seen() {
        for (name, typed) in [
            ("カ\u{3099}ラス", "ガラス"),
            ("株式会社\u{A0}空白", "株式会社 空白"),
            ("辻\u{E0100}", "辻"),
            ("\u{2F26}", "子"),
            ("〜", "～"),
            ("髙﨑", "髙﨑"),
            ("Cafe\u{301}", "Cafe"),
            ("Ｃａｆé", "Ｃａｆe"),
            ("ガラスé", "ガラスe"),
        ] {
            assert_eq!(typed_form(name), typed);
        }
    }

    proptest! {
        // A mark without a preceding kana is skipped: NFKC turns it into a combining mark, we into a visible one.
        #[test]
        fn katakana_become_what_nfkc_makes_of_them(text in "([ｦ-ﾝ][ﾞﾟ]?|[｡-･]|[A-Z]){0,20}") {
            let nfkc = nfkc(&text);
            let marks = ['\u{3099}', '\u{309A}', '゛', '゜'];
            prop_assert_eq!(katakana_to_full_width(&text).replace(marks, ""), nfkc.replace(marks, ""));
        }

        #[test]
        fn folding_twice_changes_nothing_more(name in "[ -~ぁ-ヿ一-龠！-～｡-ﾟ㈱]{0,40}") {
            let once = fold_name(&name);
            prop_assert_eq!(fold_name(&once), once);
        }

        #[test]
        fn full_width_conversion_leaves_no_ascii(text in "[ -~｡-ﾟ]{0,40}") {
            prop_assert!(!to_full_width(&text).chars().any(is_half_width));
        }
    }
}
