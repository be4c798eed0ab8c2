//! Why a text is not TOML, and what may have been meant, told to people who type Japanese.

/// The most names listed as alternatives; if there are more, only the nearest is worth reading.
const MAX_CHOICES: usize = 12;

/// The `toml` crates' message for a key that is there already: the one mistake that does not make the rest unreadable.
pub const DUPLICATE: &str = "duplicate key";

/// What stands around texts of several lines.
const LONG_QUOTES: [&str; 2] = ["\"\"\"", "'''"];

/// Where the mistake is, in bytes, and what it is, for a text in which a parser gave up at `at` with that message: usually
/// a look-alike character on that line.
///
/// ```
/// use touroku_japanese::mistyped::toml;
///
/// let (at, what) = toml("name\u{3000}= \"市\"", 4, "");
/// assert_eq!(at, 4);
/// assert!(what.contains("全角の空白（U+3000）"));
/// ```
pub fn toml(text: &str, at: usize, message: &str) -> (usize, String) {
    let at = at.min(text.len());
    if message == DUPLICATE {
        return (at, "同じ項目名が二度あります".to_owned());
    }
    let start = text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |end| end + 1);
    let line = text.get(start..).unwrap_or_default().lines().next().unwrap_or_default();
    let before = text.get(..start).unwrap_or_default();
    if LONG_QUOTES.iter().any(|quotes| before.matches(quotes).count() % 2 == 1 || line.contains(quotes)) {
        let what = match line.find('\\') {
            Some(_) => "文章の中の「\\」は \\\\ と2つ書くか、文章を ''' で囲んでください",
            None => {
                "複数行の文章（\"\"\" か ''' で囲んだもの）の書き方に誤りがあります。囲みと、その中の記号を確かめてください"
            }
        };
        return (at, what.to_owned());
    }
    if let Some((offset, c, name)) = look_alike(line) {
        let what = format!("{name}（U+{:04X}）があります。半角の文字に直してください", u32::from(c));
        return (start + offset, what);
    }
    let what = match line.find('\\') {
        Some(_) => "「\\」は \"…\" の中では \\\\ と2つ書くか、文字列を '…' で囲んでください",
        None if unclosed(line) => "引用符が閉じていません",
        None => "TOMLの書き方に誤りがあります。引用符、括弧、=、コンマを確かめてください",
    };
    (at, what.to_owned())
}

/// Line and column of a byte, both from 1; columns are characters.
pub fn place(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let line = before.rsplit('\n').next().unwrap_or_default();
    (before.matches('\n').count() + 1, line.chars().count() + 1)
}

/// Whether a quoted text begins on the line and does not end there.
fn unclosed(line: &str) -> bool {
    let mut quote = None;
    for c in line.chars() {
        match (quote, c) {
            (None, '#') => return false,
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), c) if c == open => quote = None,
            _ => {}
        }
    }
    quote.is_some()
}

/// The first character outside of quoted texts and comments that only looks right, and what it is.
fn look_alike(line: &str) -> Option<(usize, char, &'static str)> {
    let mut quote = None;
    for (offset, c) in line.char_indices() {
        match (quote, c) {
            (None, '#') => return None,
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), c) if c == open => quote = None,
            (Some(_), _) => {}
            (None, _) => {
                let name = match c {
                    '\u{3000}' => "全角の空白",
                    '\u{A0}' | '\u{202F}' | '\u{2007}' => "改行しない空白（NBSP）",
                    '\u{201C}' | '\u{201D}' | '\u{201E}' | '\u{FF02}' => "曲がった、または全角の引用符",
                    '\u{2018}' | '\u{2019}' | '\u{FF07}' => "曲がった、または全角の一重引用符",
                    '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{FEFF}' => "見えない文字",
                    '\u{FF01}'..='\u{FF5E}' => "全角の記号か英数字",
                    '、' => "読点",
                    _ => continue,
                };
                return Some((offset, c, name));
            }
        }
    }
    None
}

/// The valid alternatives to `written`, as the end of a sentence: all of a few, or else the nearest.
pub fn choices<'n>(names: impl Iterator<Item = &'n str>, written: &str) -> String {
    let names: Vec<&str> = names.collect();
    let nearest = names.iter().min_by_key(|name| distance(name, written));
    match nearest {
        None => String::new(),
        Some(nearest) if names.len() > MAX_CHOICES => format!("。近いのは: {nearest}"),
        Some(_) => format!("。書けるのは: {}", names.join("、")),
    }
}

/// The edit distance (Levenshtein).
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (index, c) in one.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = index + 1;
        for (column, &d) in other.iter().enumerate() {
            let changed = diagonal + usize::from(c != d);
            diagonal = row[column + 1];
            row[column + 1] = changed.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_character_that_only_looks_right_is_named() {
        for (text, at, said) in [
            ("a = 1\nname\u{3000}= \"市\"", 10, "U+3000"),
            ("name = \u{201C}市\u{201D}", 7, "U+201C"),
            ("list = [\"a\"、\"b\"]", 11, "読点"),
            ("name = \"市\u{3000}役所", 7, "閉じていません"),
            ("path = \"C:\\Program\"", 7, "'…'"),
            ("name \"市\"", 5, "TOML"),
        ] {
            let (found, what) = toml(text, at, "");
            assert!(found == at && what.contains(said), "{text}: {found} {what}");
        }
        assert_eq!(toml("あ", 100, "").0, 3);
        let body = "body = \"\"\"\n次の内容で、登録しました。\\d\n\"\"\"";
        assert!(toml(body, 47, "").1.contains("文章の中の"));
        assert_eq!(place("a = 1\n市 = 2", 10), (2, 3));
    }
}
