//! Reading the configuration, with every mistake named by line and column, in Japanese.

use std::{fmt, ops::Range, path::PathBuf};

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};
use touroku_proto::{card::LogLevel, origin::Origin};

use super::{Config, ExtensionId, ModuleFile};
use crate::pin_entry::{self, PinEntry};

/// What is wrong with a file, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// Counted from 1.
    pub line: usize,
    /// In characters, counted from 1.
    pub column: usize,
    /// In Japanese.
    pub what: String,
}

type Entry<'a> = Spanned<DeValue<'a>>;

/// What is wrong with a value, and where in the text.
struct Fault {
    at: Range<usize>,
    what: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}行目の{}文字目: {}", self.line, self.column, self.what)
    }
}

/// Reads the file's text.
pub(super) fn config(text: &str) -> Result<Config, Mistake> {
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    let table = DeTable::parse(text).map_err(|error| no_toml(text, error.span()))?;
    let mut config = Config::default();
    for (key, value) in table.get_ref() {
        let taken = take(&mut config, key.get_ref(), value);
        let taken = taken.unwrap_or_else(|| {
            Err(Fault {
                at: key.span(), what: format!("「{}」という項目はありません", key.get_ref())
            })
        });
        taken.map_err(|fault| mistake(text, fault.at.start, fault.what))?;
    }
    Ok(config)
}

/// Takes an entry; `None`: there is no such key.
fn take(config: &mut Config, key: &str, value: &Entry<'_>) -> Option<Result<(), Fault>> {
    Some(match key {
        "allowed_origins" => list(value, origin).map(|list| config.allowed_origins = list),
        "allowed_extensions" => list(value, extension).map(|list| config.allowed_extensions = list),
        "pkcs11_modules" => list(value, module).map(|list| config.pkcs11_modules = list),
        "discover_pkcs11_modules" => truth(value).map(|truth| config.discover_pkcs11_modules = truth),
        "use_pin_pads" => truth(value).map(|truth| config.use_pin_pads = truth),
        "pin_entry" => {
            let words = [("window", PinEntry::Window), ("host", PinEntry::Host)];
            word(value, &words).map(|entry| config.pin_entry = entry)
        }
        "pin_entry_program" => {
            let program = text(value).and_then(|path| {
                pin_entry::Program::try_from(PathBuf::from(path))
                    .map_err(|_| fault(value, "プログラムの絶対パスを書いてください"))
            });
            program.map(|program| config.pin_entry_program = Some(program))
        }
        "log_level" => {
            let words = LogLevel::ALL.map(|level| (level.as_str(), level));
            word(value, &words).map(|level| config.log_level = Some(level))
        }
        _ => return None,
    })
}

fn origin(value: &Entry<'_>) -> Result<Origin, Fault> {
    let text = text(value)?;
    Origin::parse_written(text).map_err(|_| {
        let what =
            "サイトは https://名前 または https://名前:ポート の形で書いてください（パスや * は書けません）";
        fault(value, what)
    })
}

fn extension(value: &Entry<'_>) -> Result<ExtensionId, Fault> {
    ExtensionId::parse(text(value)?).map_err(|_| fault(value, "拡張機能のIDは、英小文字 a〜p の32文字です"))
}

fn module(value: &Entry<'_>) -> Result<ModuleFile, Fault> {
    ModuleFile::try_from(PathBuf::from(text(value)?))
        .map_err(|_| fault(value, "モジュールのファイルは、絶対パスで書いてください"))
}

fn list<T>(value: &Entry<'_>, read: impl Fn(&Entry<'_>) -> Result<T, Fault>) -> Result<Vec<T>, Fault> {
    match value.get_ref() {
        DeValue::Array(entries) => entries.iter().map(read).collect(),
        _ => Err(fault(value, "[\"…\", \"…\"] の形の一覧で書いてください")),
    }
}

fn text<'a>(value: &'a Entry<'_>) -> Result<&'a str, Fault> {
    match value.get_ref() {
        DeValue::String(text) => Ok(text),
        _ => Err(fault(value, "\"…\" で囲んだ文字列で書いてください")),
    }
}

fn truth(value: &Entry<'_>) -> Result<bool, Fault> {
    match value.get_ref() {
        DeValue::Boolean(truth) => Ok(*truth),
        _ => Err(fault(value, "true または false を、引用符なしで書いてください")),
    }
}

fn word<T: Copy>(value: &Entry<'_>, words: &[(&str, T)]) -> Result<T, Fault> {
    let text = text(value)?;
    let found = words.iter().find(|(word, _)| *word == text);
    found.map(|(_, meaning)| *meaning).ok_or_else(|| {
        let words: Vec<_> = words.iter().map(|(word, _)| format!("\"{word}\"")).collect();
        fault(value, &format!("{} のどれかを書いてください", words.join("、")))
    })
}

fn fault(value: &Entry<'_>, what: &str) -> Fault {
    Fault { at: value.span(), what: what.to_owned() }
}

/// Why a text is no TOML: most often a character that looks like another one, on the line where the reader gave up.
fn no_toml(text: &str, span: Option<Range<usize>>) -> Mistake {
    let at = span.map_or(0, |span| span.start.min(text.len()));
    let start = text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |end| end + 1);
    let line = text.get(start..).unwrap_or_default().lines().next().unwrap_or_default();
    if let Some((offset, c, name)) = look_alike(line) {
        let what = format!("{name}（U+{:04X}）があります。半角の文字に直してください", u32::from(c));
        return mistake(text, start + offset, what);
    }
    let what = match line.find('\\') {
        Some(_) => "「\\」は \"…\" の中では \\\\ と2つ書くか、文字列を '…' で囲んでください".to_owned(),
        None => "TOMLの書き方に誤りがあります。引用符、括弧、=、コンマを確かめてください".to_owned(),
    };
    mistake(text, at, what)
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

fn mistake(text: &str, at: usize, what: String) -> Mistake {
    let before = text.get(..at).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    Mistake { line, column, what }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(text: &str) -> (usize, usize, String) {
        let Mistake { line, column, what } = config(text).unwrap_err();
        (line, column, what)
    }

    #[test]
    fn an_origin_counts_however_people_write_it() {
        let written = "allowed_origins = [\"https://ebid.example.jp/\", \"HTTPS://Ebid.Example.JP:443\"]";
        let expected = Origin::parse("https://ebid.example.jp").unwrap();
        assert_eq!(config(written).unwrap().allowed_origins, [expected.clone(), expected]);
    }

    #[test]
    fn a_character_that_only_looks_right_is_named_with_its_place() {
        for (text, line, column, named) in [
            ("allowed_origins\u{3000}=\u{3000}[]", 1, 16, "U+3000"),
            ("# 見本\nuse_pin_pads\u{A0}= true", 2, 13, "U+00A0"),
            ("log_level = \u{201C}debug\u{201D}", 1, 13, "U+201C"),
            ("log_level ＝ \"debug\"", 1, 11, "U+FF1D"),
            ("\n\npkcs11_modules = [\"C:\\Program Files\\x.dll\"]", 3, 23, "'…'"),
        ] {
            let (at_line, at_column, what) = wrong(text);
            assert_eq!((at_line, at_column), (line, column), "{text}: {what}");
            assert!(what.contains(named), "{text}: {what}");
        }
    }

    #[test]
    fn an_entry_of_a_wrong_shape_is_named_with_its_place() {
        for (text, line, column, named) in [
            ("allowed_origin = []", 1, 1, "allowed_origin"),
            ("allowed_origins = [\n  \"https://a.jp\",\n  \"*\",\n]", 3, 3, "https://"),
            ("allowed_extensions = \"x\"", 1, 22, "一覧"),
            ("allowed_extensions = [\"short\"]", 1, 23, "32文字"),
            ("use_pin_pads = \"yes\"", 1, 16, "true"),
            ("pin_entry = \"reader\"", 1, 13, "\"host\""),
        ] {
            let (at_line, at_column, what) = wrong(text);
            assert_eq!((at_line, at_column), (line, column), "{text}: {what}");
            assert!(what.contains(named), "{text}: {what}");
        }
    }
}
