//! Which part of a 町域名 belongs in an address. The table mixes explanations into it.

/// The 町域 as written in an address; empty where the table names none.
pub(super) fn town(name: &str) -> String {
    let explains = name == "以下に掲載がない場合"
        || (name.contains("の次に") && name.ends_with("くる場合"))
        // 一円 alone is a place in 多賀町.
        || (name.ends_with("一円") && name != "一円");
    if explains {
        return String::new();
    }
    let mut town = String::new();
    let mut depth = 0_u32;
    for c in name.chars() {
        match c {
            '（' => depth += 1,
            '）' => depth = depth.saturating_sub(1),
            _ if depth == 0 => town.push(c),
            _ => {}
        }
    }
    without_lots(&town).to_owned()
}

/// `種市第２３地割～第２７地割` names ranges of lots in 種市.
fn without_lots(town: &str) -> &str {
    let Some(lots) = town.find("地割") else { return town };
    let is_number = |c: char| matches!(c, '０'..='９' | '第');
    let begin = town[..lots].trim_end_matches(is_number).len();
    if begin == lots { town } else { &town[..begin] }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn explanations_are_no_part_of_an_address() {
        for (name, expected) in [
            ("新町", "新町"),
            ("以下に掲載がない場合", ""),
            ("境町の次に番地がくる場合", ""),
            ("大島町の次に１～３番地がくる場合", ""),
            ("青ケ島村一円", ""),
            ("一円", "一円"),
            ("丸の内（次のビルを除く）", "丸の内"),
            ("丸の内新丸の内ビルディング（１階）", "丸の内新丸の内ビルディング"),
            ("甲（乙（丙）、丁）", "甲"),
            ("種市第２３地割～第２７地割（小路合、緑町）", "種市"),
            ("葛巻（第４０地割「５７番地１２５」）", "葛巻"),
            ("土地割", "土地割"),
        ] {
            assert_eq!(town(name), expected, "{name}");
        }
    }
}
