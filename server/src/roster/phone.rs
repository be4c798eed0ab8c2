//! Phone numbers as people write them.

use touroku_japanese::phone;
use touroku_proto::{
    field::{Rule, Values},
    text,
};

use super::{excel, note::Note};

/// What people write when there is no number.
const NONE: [&str; 8] = ["なし", "無し", "無", "-", "--", "―", "なし。", "未設置"];

/// The number, and what else the cell says. A cell that can't be read is kept as is, without a number: that does
/// not harm the company.
pub(super) fn read(cell: &str) -> (String, Option<Note>) {
    if cell.is_empty() || cell.contains('-') && is_phone(cell) {
        return (cell.to_owned(), None);
    }
    let half = text::to_half_width(cell);
    let half = half.trim();
    if is_none(cell) {
        return (String::new(), None);
    }
    let note = |reason: &str| Some(Note { text: cell.to_owned(), reason: reason.to_owned() });
    let (number, rest) = tidy(half);
    match (is_phone(&number), rest.as_str()) {
        (true, "" | "代" | "代表" | "(代)" | "(代表)" | "代表番号") => (number, None),
        (true, _) => (number, note("電話番号・FAX番号のほかの記載は、備考として残しました")),
        (false, _) if half.bytes().all(|byte| byte.is_ascii_digit()) && half.len() == 9 => (
            String::new(),
            note(
                "電話番号・FAX番号の先頭の0がないようです（Excelが取り除くことがあります）。備考として残し、番号は空にしました",
            ),
        ),
        (false, _) => {
            let what = excel::what_happened(half);
            let reason = what.unwrap_or_else(|| {
                "電話番号・FAX番号を「03-0000-0000」の形で読めません。備考として残し、番号は空にしました"
                    .to_owned()
            });
            (String::new(), note(&reason))
        }
    }
}

/// Whether a cell says that there is none.
pub(super) fn is_none(cell: &str) -> bool {
    NONE.contains(&cell) || NONE.contains(&text::to_half_width(cell).trim())
}

/// With hyphens, or all digits from the leading 0 on, as forms take it.
fn is_phone(text: &str) -> bool {
    Rule::Phone.check(text, &Values::default()).is_ok()
}

/// The number at the beginning of a text, in groups separated by hyphens, and what follows it.
fn tidy(half: &str) -> (String, String) {
    let half = half.replace("+81(0)", "0");
    let international = half.strip_prefix("+81");
    let text = international.unwrap_or(&half);
    let text = text.trim_start_matches(|c: char| !c.is_ascii_digit() && c != '(' && kanji_digit(c).is_none());
    let mut number = String::new();
    let mut end = text.len();
    let is_kanji = text.contains('〇');
    for (index, c) in text.char_indices() {
        match c {
            '0'..='9' => number.push(c),
            // Between digits it looks like a hyphen, and is typed as one.
            '一' if !is_kanji => number.push('-'),
            c if is_kanji && kanji_digit(c).is_some() => number.extend(kanji_digit(c)),
            '-' | ' ' | '.' | '(' | ')' | '~' | '〜' | '・' if digits(&number) < 10 => number.push('-'),
            _ => {
                end = index;
                break;
            }
        }
        if digits(&number) > 11 {
            break;
        }
    }
    let rest = text.get(end..).unwrap_or_default().trim().to_owned();
    let groups: Vec<&str> = number.split('-').filter(|group| !group.is_empty()).collect();
    let mut number = groups.join("-");
    if international.is_some() && !number.starts_with('0') {
        number.insert(0, '0');
    }
    (phone::grouped_by_area(&number).unwrap_or(number), rest)
}

fn digits(text: &str) -> usize {
    text.bytes().filter(u8::is_ascii_digit).count()
}

fn kanji_digit(c: char) -> Option<char> {
    const DIGITS: [char; 10] = ['〇', '一', '二', '三', '四', '五', '六', '七', '八', '九'];
    let digit = DIGITS.iter().position(|&digit| digit == c)?;
    char::from_digit(u32::try_from(digit).ok()?, 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_people_write_them() {
        for (cell, number) in [
            ("017-000-0001（代）", "017-000-0001"),
            ("017-000-0001(代表)", "017-000-0001"),
            ("(017)000-0001", "017-000-0001"),
            ("017(000)0001", "017-000-0001"),
            ("０１７－０００－０００１", "017-000-0001"),
            ("017 000 0001", "017-000-0001"),
            ("017.000.0001", "017-000-0001"),
            ("+81-17-000-0001", "017-000-0001"),
            ("017一000一0001", "017-000-0001"),
            ("017ｰ000ｰ0001", "017-000-0001"),
            ("〇一七-〇〇〇-〇〇〇一", "017-000-0001"),
            ("TEL 017-000-0001", "017-000-0001"),
            ("09000000001", "090-0000-0001"),
            ("0839342710", "083-934-2710"),
            ("０４９９２２１２３４", "04992-2-1234"),
            ("0300000001", "03-0000-0001"),
            ("0120000001", "0120-000-001"),
            ("0170000001", "0170000001"),
            ("０１７００００００１（代）", "0170000001"),
            ("なし", ""),
            ("-", ""),
            ("", ""),
        ] {
            let (read, note) = read(cell);
            assert_eq!((read.as_str(), note.is_none()), (number, true), "{cell}");
        }
    }

    #[test]
    fn what_is_said_besides_or_can_not_be_read_is_kept() {
        for (cell, number) in [
            ("017-000-0001/0002", "017-000-0001"),
            ("017-000-0001 内線12", "017-000-0001"),
            ("170000001", ""),
            ("担当者へ直接", ""),
            ("03-0000", ""),
            ("1.7E+08", ""),
        ] {
            let (read, note) = read(cell);
            assert_eq!(read, number, "{cell}");
            assert_eq!(note.unwrap().text, cell);
        }
    }
}
