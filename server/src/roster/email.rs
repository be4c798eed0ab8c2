//! Mail addresses as people write them.

use touroku_proto::{officer::is_email, text};

use super::{note::Note, phone::is_none};

/// The first address in a cell, and what else it says. A cell without an address is kept as is: that does not harm
/// the company.
pub(super) fn read(cell: &str) -> (String, Option<Note>) {
    if is_none(cell) {
        return (String::new(), None);
    }
    let half = text::to_half_width(cell);
    let is_separator = |c: char| c.is_whitespace() || matches!(c, ';' | ',' | '、' | '/' | '<' | '>');
    let mut parts = half.split(is_separator).filter(|part| !part.is_empty());
    let first = parts.clone().find(|part| is_email(part)).unwrap_or_default();
    let reason = match (first, parts.next()) {
        (_, None) => return (String::new(), None),
        ("", _) => "メールアドレスとして読めません。備考として残し、メールアドレスは空にしました",
        (first, _) if half.trim() == first => return (first.to_owned(), None),
        _ => "先頭のメールアドレスのほかの記載は、備考として残しました",
    };
    (first.to_owned(), Some(Note { text: cell.to_owned(), reason: reason.to_owned() }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_address_of_a_cell_is_read_and_what_stands_beside_it_is_kept() {
        for (cell, address, is_kept) in [
            ("", "", false),
            ("eigyo@kakuu.example.jp", "eigyo@kakuu.example.jp", false),
            ("ｅｉｇｙｏ＠ｋａｋｕｕ．ｅｘａｍｐｌｅ．ｊｐ ", "eigyo@kakuu.example.jp", false),
            ("a@kakuu.example.jp; b@kakuu.example.jp", "a@kakuu.example.jp", true),
            ("営業部 <eigyo@kakuu.example.jp>", "eigyo@kakuu.example.jp", true),
            ("なし", "", false),
            ("担当者へ直接", "", true),
            ("eigyo＠", "", true),
        ] {
            let (read, note) = read(cell);
            assert_eq!((read.as_str(), note.is_some()), (address, is_kept), "{cell}");
        }
    }
}
