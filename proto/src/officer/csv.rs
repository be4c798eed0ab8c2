//! CSV (RFC 4180, CRLF) for spreadsheets, as the server and the officers' page write it.

/// What a file in UTF-8 begins with, for Excel: a byte order mark.
pub const BEGINNING: char = '\u{FEFF}';

/// A line.
pub fn line<C: AsRef<str>>(cells: impl IntoIterator<Item = C>) -> String {
    let mut line = String::new();
    for (index, value) in cells.into_iter().enumerate() {
        if index > 0 {
            line.push(',');
        }
        line.push_str(&cell(value.as_ref()));
    }
    line.push_str("\r\n");
    line
}

/// What a spreadsheet would take for a formula gets a leading apostrophe.
fn cell(value: &str) -> String {
    let formula = value.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
    let value = if formula { format!("'{value}") } else { value.to_owned() };
    if value.contains(['"', ',', '\r', '\n']) { format!("\"{}\"", value.replace('"', "\"\"")) } else { value }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_that_looks_like_a_formula_is_defused_and_quotes_are_doubled() {
        for (value, cell) in [
            ("=1+1", "'=1+1"),
            ("+81-3", "'+81-3"),
            ("-", "'-"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'\t=1"),
            ("\r=1", "\"'\r=1\""),
            ("＝１", "'＝１"),
            ("a,\"b\"", "\"a,\"\"b\"\"\""),
            ("=HYPERLINK(\"x\",1)", "\"'=HYPERLINK(\"\"x\"\",1)\""),
            ("普通", "普通"),
            ("1-2", "1-2"),
            ("", ""),
        ] {
            assert_eq!(line([value, "次"]), format!("{cell},次\r\n"), "{value:?}");
        }
    }
}
