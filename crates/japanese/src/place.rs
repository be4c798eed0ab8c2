//! Places in Japan.

use crate::text::{fold_name, to_half_width};

/// 都道府県, by their codes (JIS X 0401).
pub const PREFECTURES: [&str; 47] = [
    "北海道",
    "青森県",
    "岩手県",
    "宮城県",
    "秋田県",
    "山形県",
    "福島県",
    "茨城県",
    "栃木県",
    "群馬県",
    "埼玉県",
    "千葉県",
    "東京都",
    "神奈川県",
    "新潟県",
    "富山県",
    "石川県",
    "福井県",
    "山梨県",
    "長野県",
    "岐阜県",
    "静岡県",
    "愛知県",
    "三重県",
    "滋賀県",
    "京都府",
    "大阪府",
    "兵庫県",
    "奈良県",
    "和歌山県",
    "鳥取県",
    "島根県",
    "岡山県",
    "広島県",
    "山口県",
    "徳島県",
    "香川県",
    "愛媛県",
    "高知県",
    "福岡県",
    "佐賀県",
    "長崎県",
    "熊本県",
    "大分県",
    "宮崎県",
    "鹿児島県",
    "沖縄県",
];

/// The prefecture that an address begins with. `None`: it begins with a city, or with something else.
pub fn prefecture(address: &str) -> Option<&'static str> {
    let address = fold_name(address);
    PREFECTURES.into_iter().find(|prefecture| address.starts_with(&fold_name(prefecture)))
}

/// Whether two addresses may be the same place: one may lack the prefecture, or end earlier than the other.
pub fn may_be_same(one: &str, other: &str) -> bool {
    let [one, other] = [one, other].map(|address| (fold(address), prefecture(address)));
    let without = |(folded, named): &(String, Option<&str>)| match named {
        Some(named) => folded.strip_prefix(&fold(named)).unwrap_or(folded).to_owned(),
        None => folded.clone(),
    };
    let [one, other] = match (one.1, other.1) {
        (Some(_), Some(_)) => [one.0, other.0],
        _ => [without(&one), without(&other)],
    };
    begins_with(&one, &other) || begins_with(&other, &one)
}

/// Not in the middle of a number: `2/1` is no beginning of `2/10`.
fn begins_with(address: &str, beginning: &str) -> bool {
    let is_digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
    address
        .strip_prefix(beginning)
        .is_some_and(|rest| !(is_digit(beginning.chars().next_back()) && is_digit(rest.chars().next())))
}

/// An address in a form that can be compared: 一丁目２番３号 and 1-2-3 are both `1/2/3`. For comparing only.
fn fold(address: &str) -> String {
    let mut text = to_half_width(address);
    for separator in ["-", "丁目", "番地", "番", "号"] {
        text = text.replace(separator, "/");
    }
    let text = digits(&fold_name(&text));
    text.split('/').filter(|part| !part.is_empty()).collect::<Vec<_>>().join("/")
}

/// Numbers in kanji, up to 99, as digits.
fn digits(text: &str) -> String {
    let characters: Vec<char> = text.chars().collect();
    let is_number = |index: Option<usize>| {
        index.and_then(|index| characters.get(index)).is_some_and(|&c| "一二三四五六七八九".contains(c))
    };
    let mut text = String::with_capacity(text.len());
    for (index, &c) in characters.iter().enumerate() {
        match "〇一二三四五六七八九".chars().zip('0'..).find(|(kanji, _)| *kanji == c) {
            Some((_, digit)) => text.push(digit),
            // 十二, 二十 and 二十二 are 12, 20 and 22.
            None if c == '十' => {
                let (before, after) = (is_number(index.checked_sub(1)), is_number(Some(index + 1)));
                text.push_str(match (before, after) {
                    (false, false) => "10",
                    (false, true) => "1",
                    (true, false) => "0",
                    (true, true) => "",
                });
            }
            None => text.push(c),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_names_its_prefecture_however_it_is_spaced() {
        assert_eq!(prefecture("青森県青森市長島一丁目"), Some("青森県"));
        assert_eq!(prefecture("　京都府 京都市"), Some("京都府"));
        assert_eq!(prefecture("東京都千代田区"), Some("東京都"));
        assert_eq!(prefecture("青森市長島"), None);
        assert_eq!(prefecture(""), None);
    }

    #[test]
    fn an_address_is_the_same_however_its_numbers_are_written() {
        for same in [
            "青森県青森市長島二丁目１０番３号",
            "青森県 青森市 長島2-10-3",
            "青森市長島２丁目10番地3",
            "青森県青森市長島2丁目10-3 見本ビル5階",
            "青森県 青森市",
        ] {
            assert!(may_be_same("青森県青森市長島二丁目十番三号", same), "{same}");
            assert!(may_be_same(same, "青森県青森市長島二丁目十番三号"), "{same}");
        }
        for other in [
            "岩手県青森市長島二丁目十番三号",
            "青森県青森市長島二丁目二十番三号",
            "青森市長島2-1",
            "弘前市",
            "青森県弘前市",
        ] {
            assert!(!may_be_same("青森県青森市長島二丁目十番三号", other), "{other}");
        }
    }
}
