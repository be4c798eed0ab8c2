//! Catalogues of texts: one file per audience and language, `texts/AUDIENCE.LANGUAGE.toml`, checked and
//! written as Rust at build time. A missing text, a superfluous one and a differing placeholder fail the
//! build; a text that is never used is dead code, which the lints refuse.
//!
//! Japanese is the source: its file defines which texts exist and the type of each placeholder.
//!
//! ```toml
//! [form]
//! lead = "連絡先を入力してください。"
//! days_left = "あと{days:i64}日"      # without a type: text
//! [form.problems]                     # a text that depends on a number: just `other` where a language has no
//! plural
//! other = "直すところが{count:usize}か所あります"
//! ```
//!
//! becomes `form::LEAD`, `form::days_left(days: i64)` and `form::problems(count: usize)`. A program that
//! receives its texts only at start looks them up by position: line N of [`Catalogue::lines`] is text N.

mod error;
mod page;
mod read;
mod rust;

use std::collections::BTreeMap;

pub use error::{Error, Problem};
pub use page::Page;

/// The source language.
pub const SOURCE: &str = "ja";

/// The texts of one audience in each of its languages.
#[derive(Debug)]
pub struct Catalogue {
    texts: Vec<Text>,
    tables: Vec<Table>,
    /// The lines of each language.
    lines: BTreeMap<String, Vec<String>>,
}

/// A text by its name.
#[derive(Debug)]
struct Text {
    /// Its modules, then its name.
    path: Vec<String>,
    /// In the source's order.
    placeholders: Vec<Placeholder>,
    /// Whether singular and plural differ, by the placeholder `count`: two lines.
    plural: bool,
    /// Its first line.
    line: usize,
}

/// A part of a text that is filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Placeholder {
    name: String,
    /// A Rust type; `&str` where none is given.
    kind: String,
}

/// Texts for each value of an enum: a line for each value and part.
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
    /// The parts of each value. A part that a value lacks in Japanese is absent in every language.
    pub parts: &'static [&'static str],
    /// Parts, or tables of parts, that belong to another program.
    pub elsewhere: &'static [&'static str],
}

impl Catalogue {
    /// The languages, the source's first.
    pub fn languages(&self) -> impl Iterator<Item = &str> {
        let others = self.lines.keys().map(String::as_str).filter(|&language| language != SOURCE);
        std::iter::once(SOURCE).chain(others)
    }

    /// A language's texts, one per line; `None` for an unknown language.
    pub fn lines(&self, language: &str) -> Option<&[String]> {
        self.lines.get(language).map(Vec::as_slice)
    }
}
