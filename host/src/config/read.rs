//! Parses the configuration, reporting every mistake by line and column, in Japanese.

use std::{fmt, ops::Range, path::PathBuf};

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};
use touroku_proto::{
    card::{LogLevel, SiteDesk},
    mistyped,
    origin::Origin,
};

use super::{
    Config, ExtensionId, ModuleFile,
    drop_in::{Content, Site},
};
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

/// Reads the text of a `host.toml`.
pub(super) fn config(text: &str) -> Result<Config, Mistake> {
    let mut config = Config::default();
    each_entry(text, |key, value| {
        let foreign = || drop_ins(&mut Content::default(), key, value).is_some();
        take(&mut config, key, value)
            .ok_or_else(|| if foreign() { Some("host.d のファイルにだけ書けます") } else { None })
    })?;
    Ok(config)
}

/// Reads the text of a drop-in.
pub(super) fn drop_in(text: &str) -> Result<Content, Mistake> {
    let mut content = Content::default();
    each_entry(text, |key, value| {
        let foreign = || take(&mut Config::default(), key, value).is_some();
        drop_ins(&mut content, key, value)
            .ok_or_else(|| if foreign() { Some("host.toml にだけ書けます") } else { None })
    })?;
    Ok(content)
}

/// What became of an entry; the outer error: there is no such key here, and where it does exist.
type Taken = Result<Result<(), Fault>, Option<&'static str>>;

fn each_entry(text: &str, mut take: impl FnMut(&str, &Entry<'_>) -> Taken) -> Result<(), Mistake> {
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    let table = DeTable::parse(text).map_err(|error| no_toml(text, error.span(), error.message()))?;
    for (key, value) in table.get_ref() {
        let taken = take(key.get_ref(), value).unwrap_or_else(|elsewhere| {
            let name = key.get_ref();
            let what = elsewhere.map_or_else(
                || format!("「{name}」という項目はありません"),
                |elsewhere| format!("「{name}」は、{elsewhere}"),
            );
            Err(Fault { at: key.span(), what })
        });
        taken.map_err(|fault| mistake(text, fault.at.start, fault.what))?;
    }
    Ok(())
}

/// Takes an entry of a `host.toml`; `None`: there is no such key.
fn take(config: &mut Config, key: &str, value: &Entry<'_>) -> Option<Result<(), Fault>> {
    Some(match key {
        "allowed_origins" => list(value, origin).map(|list| config.allowed_origins = list),
        "allowed_extensions" => list(value, extension).map(|list| config.allowed_extensions = list),
        "pkcs11_modules" => list(value, module).map(|list| config.pkcs11_modules = list),
        "discover_pkcs11_modules" => truth(value).map(|truth| config.discover_pkcs11_modules = truth),
        "use_pin_pads" => truth(value).map(|truth| config.use_pin_pads = truth),
        "pin_entry" => word(value, &PIN_ENTRIES).map(|entry| config.pin_entry = Some(entry)),
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

const PIN_ENTRIES: [(&str, PinEntry); 2] = [("window", PinEntry::Window), ("host", PinEntry::Host)];

/// Takes an entry of a drop-in; `None`: there is no such key.
fn drop_ins(content: &mut Content, key: &str, value: &Entry<'_>) -> Option<Result<(), Fault>> {
    Some(match key {
        "allowed_extensions" => list(value, extension).map(|list| content.allowed_extensions = list),
        "pkcs11_modules" => list(value, module).map(|list| content.pkcs11_modules = list),
        "pin_entry" => word(value, &PIN_ENTRIES).map(|entry| content.pin_entry = Some(entry)),
        "site" => list(value, site).map(|list| content.sites = list),
        "help_desk" => help_desk(value).map(|desk| content.help_desk = Some(desk)),
        _ => return None,
    })
}

fn site(value: &Entry<'_>) -> Result<Site, Fault> {
    let (mut address, mut agencies) = (None, Vec::new());
    for (key, entry) in table(value)? {
        match key.get_ref().as_ref() {
            "origin" => address = Some(origin(entry)?),
            "agencies" => agencies = list(entry, |name| text(name).map(str::to_owned))?,
            _ => return Err(fault_at(key.span(), "site に書けるのは origin と agencies だけです")),
        }
    }
    let origin = address.ok_or_else(|| fault(value, "site には origin が要ります"))?;
    Ok(Site { origin, agencies })
}

fn help_desk(value: &Entry<'_>) -> Result<SiteDesk, Fault> {
    let mut desk = SiteDesk::default();
    for (key, entry) in table(value)? {
        let field = match key.get_ref().as_ref() {
            "name" => &mut desk.name,
            "phone" => &mut desk.phone,
            "hours" => &mut desk.hours,
            "note" => &mut desk.note,
            _ => {
                return Err(fault_at(key.span(), "help_desk に書けるのは name、phone、hours、note だけです"));
            }
        };
        text(entry)?.clone_into(field);
    }
    Ok(desk)
}

fn table<'a, 'b>(value: &'a Entry<'b>) -> Result<&'a DeTable<'b>, Fault> {
    match value.get_ref() {
        DeValue::Table(table) => Ok(table),
        _ => Err(fault(value, "[help_desk] や [[site]] のような表で書いてください")),
    }
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
    fault_at(value.span(), what)
}

fn fault_at(at: Range<usize>, what: &str) -> Fault {
    Fault { at, what: what.to_owned() }
}

/// Why a text is not TOML.
fn no_toml(text: &str, span: Option<Range<usize>>, message: &str) -> Mistake {
    let (at, what) = mistyped::toml(text, span.map_or(0, |span| span.start), message);
    mistake(text, at, what)
}

fn mistake(text: &str, at: usize, what: String) -> Mistake {
    let (line, column) = mistyped::place(text, at);
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
    fn a_drop_in_names_sites_agencies_and_desk_and_nothing_that_is_the_computers() {
        let id = "a".repeat(32);
        let text = format!(
            "allowed_extensions = [\"{id}\"]\n[[site]]\norigin = \"https://a.jp/\"\nagencies = [\"青森市\"]\n\
             [[site]]\norigin = \"https://b.jp\"\n[help_desk]\nname = \"窓口\"\nphone = \"0\"\n"
        );
        let content = drop_in(&text).unwrap();
        assert_eq!((content.sites.len(), content.sites[0].agencies.len()), (2, 1));
        assert_eq!(content.help_desk.unwrap().name, "窓口");
        for (text, line, column, named) in [
            ("log_level = \"debug\"", 1, 1, "host.toml"),
            ("\nallowed_origins = []", 2, 1, "host.toml"),
            ("[[site]]\nagencies = []", 1, 1, "origin"),
            ("[[site]]\norigin = \"https://a.jp\"\nname = \"x\"", 3, 1, "agencies"),
            ("site = [\"https://a.jp\"]", 1, 9, "[[site]]"),
            ("[help_desk]\nmail = \"x\"", 2, 1, "phone"),
        ] {
            let Mistake { line: at_line, column: at_column, what } = drop_in(text).unwrap_err();
            assert_eq!((at_line, at_column), (line, column), "{text}: {what}");
            assert!(what.contains(named), "{text}: {what}");
        }
        assert!(wrong("[[site]]\norigin = \"https://a.jp\"").2.contains("host.d"));
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
