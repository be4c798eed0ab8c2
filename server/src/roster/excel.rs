//! What Excel does to numbers, recognised and explained: somebody who opens a CSV file with a double click and
//! saves it again does not know that it happened.

use touroku_proto::field::Rule;

/// Shown for a cell that was written as a formula.
pub(super) const FORMULA: &str =
    "Excelの数式（=\"…\"）で書かれているので、引用符の中を値として読みました。間違いがないか確かめてください";

/// The text of `="000123"`, which people write so that Excel keeps the zeros.
pub(super) fn text_of_formula(cell: &str) -> Option<&str> {
    let text = cell.strip_prefix("=\"")?.strip_suffix('"')?;
    (!text.contains('"')).then(|| text.trim())
}

/// A cell that shows an error instead of a value; which one, in Japanese.
pub(super) fn error_value(cell: &str) -> Option<String> {
    const ERRORS: [&str; 9] =
        ["#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!", "#SPILL!", "#CALC!"];
    if ERRORS.contains(&cell) {
        return Some(format!(
            "Excelの数式のエラー（{cell}）が、値の代わりに保存されています。Excelで直してください"
        ));
    }
    let is_too_narrow = cell.len() >= 3 && cell.bytes().all(|byte| byte == b'#');
    is_too_narrow.then(|| {
        "列の幅が足りないときにExcelが表示する「###」が、値の代わりに保存されています。Excelで列の幅を広げて保存し直してください"
            .to_owned()
    })
}

/// Why a number is no longer one, and what to do, in Japanese.
pub(super) fn what_happened(number: &str) -> Option<String> {
    if is_exponent(number) {
        return Some(format!(
            "Excelが番号を指数の形（{number}）に変えたため、元の番号が失われています。元の名簿の列の表示形式を「文字列」にして、\
             CSVファイルを作り直してください"
        ));
    }
    if is_date(number) {
        return Some(format!(
            "Excelが番号を日付（{number}）に変えたようです。元の名簿の列の表示形式を「文字列」にして、CSVファイルを作り直してください"
        ));
    }
    if number.starts_with('=') {
        return Some(format!(
            "Excelの数式（{}）が、値の代わりに保存されています。値だけを貼り付けて、CSVファイルを作り直してください",
            number.chars().take(20).collect::<String>()
        ));
    }
    None
}

/// Why a number is too short when only leading zeros are missing.
pub(super) fn lost_zeros(number: &str, rule: &Rule) -> Option<String> {
    let padded = with_zeros(number, rule)?;
    Some(format!(
        "{}文字の番号が{}文字しかありません。Excelが先頭の0を取り除いたようです（{padded}ではありませんか）。元の名簿の列の表示形式を\
         「文字列」にして、CSVファイルを作り直してください。いつも0を補ってよいときは、発注機関の設定のnumber_zero_padに\
         文字数を書いてください",
        padded.len(),
        number.len()
    ))
}

/// The number with the zeros that it seems to have lost.
pub(super) fn with_zeros(number: &str, rule: &Rule) -> Option<String> {
    let length = match *rule {
        Rule::Alphanumeric { min, max } | Rule::Digits { min, max } if min == max => max,
        _ => return None,
    };
    let digits = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    (digits && number.len() < length).then(|| format!("{number:0>length$}"))
}

/// `9.9E+08`.
fn is_exponent(number: &str) -> bool {
    let Some((mantissa, exponent)) = number.split_once(['E', 'e']) else { return false };
    let Some(exponent) = exponent.strip_prefix(['+', '-']) else { return false };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits(exponent) && digits(&mantissa.replacen('.', "", 1))
}

/// `2026/4/1`, `4月1日`, `1-Apr`, `Apr-26`.
fn is_date(number: &str) -> bool {
    const MONTHS: [&str; 12] =
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let digits = |text: &str| (1..=4).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    let slashes: Vec<&str> = number.split('/').collect();
    if slashes.iter().all(|part| digits(part)) {
        let numbers: Vec<u16> = slashes.iter().filter_map(|part| part.parse().ok()).collect();
        let is_day = |month: u16, day: u16| (1..=12).contains(&month) && (1..=31).contains(&day);
        match (numbers.as_slice(), slashes.first().map_or(0, |first| first.len())) {
            // Another number of the agency may have a stroke: 12/345.
            (&[month, day], 1..=2) => return is_day(month, day),
            (&[_, month], 4) => return is_day(month, 1),
            (&[_, month, day], 4) => return is_day(month, day),
            (&[a, b, _], 1..=2) => return is_day(a, b) || is_day(b, a),
            _ => {}
        }
    }
    if let Some((month, day)) = number.strip_suffix('日').and_then(|rest| rest.split_once('月')) {
        return digits(month) && digits(day);
    }
    let month = |text: &str| MONTHS.contains(&text.to_ascii_lowercase().as_str());
    number.split_once('-').is_some_and(|(a, b)| digits(a) && month(b) || month(a) && digits(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_excel_made_of_a_number_is_recognised() {
        for (number, word) in [
            ("9.9E+08", "指数"),
            ("9.90000E+08", "指数"),
            ("1E+12", "指数"),
            ("2026/4/1", "日付"),
            ("4月1日", "日付"),
            ("1-Apr", "日付"),
            ("=A2", "数式"),
        ] {
            assert!(what_happened(number).is_some_and(|text| text.contains(word)), "{number}");
        }
        for number in ["990000001", "99-01", "E12", "A1E+", "", "1-2-3", "ABC/DE"] {
            assert_eq!(what_happened(number), None, "{number}");
        }
    }

    #[test]
    fn a_formula_of_one_text_is_that_text() {
        assert_eq!(text_of_formula("=\"000123\""), Some("000123"));
        assert_eq!(text_of_formula("=\"0\"&\"1\""), None);
        assert_eq!(text_of_formula("000123"), None);
    }

    #[test]
    fn only_digits_that_are_too_few_have_lost_zeros() {
        let rule = Rule::Alphanumeric { min: 9, max: 9 };
        assert_eq!(with_zeros("123", &rule).as_deref(), Some("000000123"));
        assert_eq!(with_zeros("12A", &rule), None);
        assert_eq!(with_zeros("123", &Rule::Digits { min: 1, max: 9 }), None);
    }
}
