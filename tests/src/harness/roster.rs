//! A roster of fictional companies.

use std::{fmt::Write as _, fs, path::Path};

use anyhow::Result;

/// A company in the roster, as far as journeys type it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Company {
    /// 業者番号.
    pub number: String,
    /// 商号又は名称, as the roster writes it.
    pub name: String,
}

const HEADER: &str = "業者番号,商号又は名称,商号又は名称カナ,法人番号,郵便番号,住所,代表者氏名,代表者役職,電話番号,FAX番号,\
                      支店名等,物品の製造,物品の販売,役務等の提供,物品の購入";

const FIRST: [(&str, &str); 20] = [
    ("架空", "カクウ"),
    ("北空", "キタソラ"),
    ("青海", "アオミ"),
    ("雪見", "ユキミ"),
    ("東雲", "シノノメ"),
    ("松風", "マツカゼ"),
    ("白波", "シラナミ"),
    ("林檎", "リンゴ"),
    ("八甲", "ハッコウ"),
    ("浅虫", "アサムシ"),
    ("山吹", "ヤマブキ"),
    ("朝日", "アサヒ"),
    ("若葉", "ワカバ"),
    ("千代", "チヨ"),
    ("湊", "ミナト"),
    ("髙﨑", "タカサキ"),
    ("渡邉", "ワタナベ"),
    ("みらい", "ミライ"),
    ("ひかり", "ヒカリ"),
    ("さくら", "サクラ"),
];

const SECOND: [(&str, &str); 10] = [
    ("商会", "ショウカイ"),
    ("建設", "ケンセツ"),
    ("電機", "デンキ"),
    ("印刷", "インサツ"),
    ("事務機", "ジムキ"),
    ("工業", "コウギョウ"),
    ("清掃", "セイソウ"),
    ("設備", "セツビ"),
    ("薬品", "ヤクヒン"),
    ("測量", "ソクリョウ"),
];

/// The company at that position in the roster, counted from 0.
pub fn company(index: usize) -> Company {
    let (first, _) = FIRST[index % FIRST.len()];
    let (second, _) = SECOND[index / FIRST.len() % SECOND.len()];
    let series = index / (FIRST.len() * SECOND.len());
    let suffix = if series == 0 { String::new() } else { format!("第{}", kanji(series)) };
    let core = format!("{first}{second}{suffix}");
    let name = match index % 3 {
        0 => format!("株式会社{core}"),
        1 => format!("{core}株式会社"),
        _ => format!("有限会社{core}"),
    };
    Company { number: format!("{:09}", 990_000_001 + index), name }
}

/// Writes a UTF-8 roster of `count` companies.
pub fn write(path: &Path, count: usize) -> Result<()> {
    let mut text = format!("{HEADER}\n");
    for index in 0..count {
        let Company { number, name } = company(index);
        let (_, first) = FIRST[index % FIRST.len()];
        let (_, second) = SECOND[index / FIRST.len() % SECOND.len()];
        let corporate = corporate_number(index);
        let street = index / 40 + 1;
        let house = index % 40 + 1;
        writeln!(
            text,
            "{number},{name},{first}{second},{corporate},030-{:04},青森県青森市見本町{street}丁目{house}番,見本　太郎{},\
             代表取締役,017-700-{:04},017-701-{:04},本店,,{},,",
            index % 10_000,
            kanji(index + 1),
            index % 10_000,
            index % 10_000,
            ["A", "B", "C", "D"][index % 4],
        )?;
    }
    fs::write(path, text)?;
    Ok(())
}

/// 法人番号 with its check digit: 9 − (Σ Pn·Qn mod 9), Qn = 1, 2, 1, 2 … from the right (法人番号の指定等に関する省令).
fn corporate_number(index: usize) -> String {
    let base = format!("{:012}", 900_000_000_000_u64 + index as u64);
    let weighted = base.bytes().rev().zip([1_u32, 2].into_iter().cycle());
    let sum: u32 = weighted.map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    format!("{}{base}", 9 - sum % 9)
}

fn kanji(number: usize) -> String {
    const DIGITS: [char; 10] = ['〇', '一', '二', '三', '四', '五', '六', '七', '八', '九'];
    number.to_string().bytes().map(|b| DIGITS[usize::from(b - b'0')]).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_two_companies_share_a_number_or_a_name() {
        let companies: Vec<Company> = (0..5000).map(company).collect();
        let numbers: HashSet<_> = companies.iter().map(|company| &company.number).collect();
        let names: HashSet<_> = companies.iter().map(|company| &company.name).collect();
        assert_eq!((numbers.len(), names.len()), (5000, 5000));
    }
}
