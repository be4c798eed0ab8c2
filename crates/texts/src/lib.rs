//! Catalogues of texts: one file per audience and language, `texts/AUDIENCE.LANGUAGE.toml`, checked and written as
//! Rust when a program is built. A text that a language lacks, one that it has too many, and a placeholder that
//! differs fail the build; a text that nobody uses is dead code, which the lints refuse.
//!
//! Japanese is the source: its file says which texts there are and of which type each placeholder is.
//!
//! ```toml
//! [form]
//! lead = "連絡先を入力してください。"
//! days_left = "あと{days:i64}日"      # without a type: text
//! [form.problems]                     # a text by a number: `other` alone where a language has no plural
//! other = "直すところが{count:usize}か所あります"
//! ```
//!
//! becomes `form::LEAD`, `form::days_left(days: i64)` and `form::problems(count: usize)`. A program that is given the
//! texts of one language only when it starts finds them by their places: line N of [`Catalogue::lines`] is text N.

mod error;
mod page;
mod read;
mod rust;

use std::collections::BTreeMap;

pub use error::{Error, Problem};
pub use page::Page;

/// The source's language.
pub const SOURCE: &str = "ja";

/// The texts of one audience, in each of its languages.
#[derive(Debug)]
pub struct Catalogue {
    texts: Vec<Text>,
    tables: Vec<Table>,
    /// Forms by language; one for each line.
    lines: BTreeMap<String, Vec<String>>,
}

/// A text by its name.
#[derive(Debug)]
struct Text {
    /// Its modules, and its name.
    path: Vec<String>,
    /// In the order in which the source has them.
    placeholders: Vec<Placeholder>,
    /// Whether one and many are told apart, by the placeholder `count`: two lines.
    plural: bool,
    /// The first line.
    line: usize,
}

/// A part of a text that is filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Placeholder {
    name: String,
    /// A Rust type; `&str` where none is written.
    kind: String,
}

/// The texts of each value of an enum: a line for each value and part.
#[derive(Debug)]
struct Table {
    path: Vec<String>,
    key: Key,
    line: usize,
}

/// A table whose names are an enum's values.
#[derive(Clone, Debug)]
pub struct Key {
    /// The table's path: `api.codes`.
    pub table: &'static str,
    /// The enum's path in the program. Its values count from 0 in the order of `values`.
    pub enumeration: &'static str,
    /// Each value's name in the table.
    pub values: Vec<&'static str>,
    /// What is said of each value. A part that a value lacks in Japanese it lacks in every language.
    pub parts: &'static [&'static str],
    /// Parts, or tables of parts, that are another program's.
    pub elsewhere: &'static [&'static str],
}

impl Catalogue {
    /// The languages, the source's first.
    pub fn languages(&self) -> impl Iterator<Item = &str> {
        let others = self.lines.keys().map(String::as_str).filter(|&language| language != SOURCE);
        std::iter::once(SOURCE).chain(others)
    }

    /// The texts of a language, a line for each; `None` for a language that it does not have.
    pub fn lines(&self, language: &str) -> Option<&[String]> {
        self.lines.get(language).map(Vec::as_slice)
    }
}
