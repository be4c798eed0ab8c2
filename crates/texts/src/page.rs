//! The pages, and whose texts each holds.

use std::path::Path;

use touroku_proto::{api::ApiErrorCode, card::CardErrorCode, field::FieldId};

use crate::{Catalogue, Error, Key, SOURCE};

/// The texts of a page: one catalogue after the other, each in a module of its name.
#[derive(Debug)]
pub struct Page(Vec<(&'static str, Catalogue)>);

impl Page {
    /// The contractors' page.
    pub fn contractor(folder: &Path) -> Result<Self, Error> {
        Ok(Self(vec![("card", card(folder)?), ("contractor", contractor(folder)?)]))
    }

    /// The officers' page, which shows the contractors' screens, too.
    pub fn officer(folder: &Path) -> Result<Self, Error> {
        Ok(Self(vec![
            ("card", card(folder)?),
            ("contractor", contractor(folder)?),
            ("officer", officer(folder)?),
        ]))
    }

    /// The languages that all of the page's texts have, the source's first.
    pub fn languages(&self) -> Vec<&str> {
        let first = self
            .0
            .first()
            .map(|(_, catalogue)| catalogue.languages().collect::<Vec<_>>())
            .unwrap_or_default();
        first
            .into_iter()
            .filter(|language| self.0.iter().all(|(_, texts)| texts.lines(language).is_some()))
            .collect()
    }

    /// What a page downloads for a language: the texts, a line for each.
    pub fn lines(&self, language: &str) -> String {
        let lines = self.0.iter().flat_map(|(_, texts)| texts.lines(language).unwrap_or_default());
        lines.map(|line| format!("{line}\n")).collect()
    }

    /// The Rust through which the page names them.
    pub fn rust(&self) -> String {
        let mut first = 0;
        let mut file = String::new();
        for (name, catalogue) in &self.0 {
            file.push_str(&catalogue.rust(name, first));
            first += catalogue.lines(SOURCE).map_or(0, <[String]>::len);
        }
        file
    }
}

/// What is said about extension, host, reader and card: the card window and the command line say it as well.
fn card(folder: &Path) -> Result<Catalogue, Error> {
    let codes = Key {
        table: "codes",
        enumeration: "touroku_proto::card::CardErrorCode",
        values: CardErrorCode::ALL.iter().map(|code| code.as_str()).collect(),
        parts: &["what", "next", "managed", "sent"],
        elsewhere: &["window", "command", "my_number"],
    };
    Catalogue::read(folder, "card", &[codes])
}

fn officer(folder: &Path) -> Result<Catalogue, Error> {
    Catalogue::read(folder, "officer", &[refusals()])
}

fn contractor(folder: &Path) -> Result<Catalogue, Error> {
    Catalogue::read(folder, "contractor", &[refusals(), labels()])
}

fn refusals() -> Key {
    Key {
        table: "codes",
        enumeration: "touroku_proto::api::ApiErrorCode",
        values: ApiErrorCode::ALL.iter().map(|code| code.as_str()).collect(),
        parts: &["what", "next"],
        elsewhere: &[],
    }
}

/// What the fields of a form are called.
fn labels() -> Key {
    Key {
        table: "labels",
        enumeration: "touroku_proto::field::FieldId",
        values: FieldId::ALL.iter().map(|field| field.as_str()).collect(),
        parts: &["name"],
        elsewhere: &[],
    }
}
