//! Rows that spreadsheets have between the companies: totals, notes, and headers repeated on each printed page.

use touroku_proto::{agency::AgencyProfile, text};

use super::cells::meant_numbers;

/// Labels of total rows.
const TOTALS: [&str; 8] = ["合計", "計", "総計", "小計", "総合計", "累計", "件数", "社数"];

/// What is counted.
const UNITS: [char; 4] = ['件', '社', '者', '名'];

/// Prefixes of notes.
const NOTES: [&str; 6] = ["※", "＊", "*", "（注", "(注", "備考"];

/// What a row without a company's number is, in Japanese. `None`: a company, for all we know.
pub(super) fn what_it_is(
    cells: &[String],
    number: &str,
    titles: &[String],
    profile: &AgencyProfile,
) -> Option<&'static str> {
    // If the number can be read it is a company, whatever its name.
    if !number.is_empty() && meant_numbers(number, profile).len() == 1 {
        return None;
    }
    let filled: Vec<&String> = cells.iter().filter(|cell| !cell.is_empty()).collect();
    let is_header = filled.len() > 1
        && cells.iter().zip(titles).filter(|(cell, _)| !cell.is_empty()).all(|(cell, title)| cell == title);
    if is_header {
        return Some("見出しの行がもう一度あります。読み飛ばしました");
    }
    let is_total = |cell: &&String| {
        let word: String = cell.chars().filter(|c| !c.is_whitespace()).collect();
        TOTALS.contains(&word.as_str())
    };
    let total = filled.iter().any(is_total) && filled.iter().all(|cell| is_total(cell) || is_figure(cell));
    if total || matches!(filled.as_slice(), [only] if is_count(only)) {
        return Some("合計などの行とみて、読み飛ばしました");
    }
    match filled.as_slice() {
        [only] if NOTES.iter().any(|note| only.starts_with(note)) || only.as_str() == "以上" => {
            Some("注記の行とみて、読み飛ばしました")
        }
        _ => None,
    }
}

/// `1,234`, `12社`.
fn is_figure(cell: &str) -> bool {
    let half = text::to_half_width(cell);
    let digits = half.trim_end_matches(UNITS);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b',' || byte == b'.')
}

/// `合計 2社`, `全2社`: a total in one cell.
fn is_count(cell: &str) -> bool {
    let half = text::to_half_width(cell);
    let packed: String = half.chars().filter(|c| !c.is_whitespace() && *c != ':').collect();
    let labels = TOTALS.into_iter().chain(["全", "全部で", "以上"]);
    let mut counts = labels.filter_map(|label| packed.strip_prefix(label));
    counts.any(|count| count.ends_with(UNITS) && is_figure(count))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agency::parse_profile;

    #[test]
    fn totals_notes_and_repeated_headers_are_no_companies() {
        let profile = parse_profile(include_str!("../../../agencies/aomori.toml")).unwrap();
        let titles = ["業者番号", "商号又は名称", "住所"].map(str::to_owned);
        let is = |cells: [&str; 3]| {
            let cells = cells.map(str::to_owned);
            what_it_is(&cells, &cells[0], &titles, &profile).is_some()
        };
        for other in [
            ["合計", "1,234", ""],
            ["", "合　計", "12社"],
            ["※令和8年4月1日現在", "", ""],
            ["以上", "", ""],
            ["合計 2社", "", ""],
            ["", "計２社", ""],
            ["", "", "全1,234件"],
            ["以上 3社", "", ""],
            ["業者番号", "商号又は名称", "住所"],
        ] {
            assert!(is(other), "{other:?}");
        }
        for company in [
            ["990000001", "計", ""],
            ["", "株式会社見本", "青森市"],
            ["9.9E+08", "株式会社合計", "青森市"],
            ["", "", "青森市"],
            ["", "合計", "青森市"],
            ["", "全社", ""],
            ["", "計測工業社", ""],
        ] {
            assert!(!is(company), "{company:?}");
        }
    }
}
