//! The pages, and which texts each one needs.

use std::path::Path;

use touroku_proto::{
    api::ApiErrorCode,
    card::CardErrorCode,
    field::FieldId,
    officer::{Role, audit::AuditAction},
};

use crate::{Catalogue, Error, Key, SOURCE};

/// A page's texts: one catalogue after another, each in a module of its name.
#[derive(Debug)]
pub struct Page(Vec<(&'static str, Catalogue)>);

impl Page {
    /// The contractors' page.
    pub fn contractor(folder: &Path) -> Result<Self, Error> {
        Ok(Self(vec![("card", card(folder)?), ("contractor", contractor(folder)?)]))
    }

    /// The officers' page, which also shows the contractors' screens.
    pub fn officer(folder: &Path) -> Result<Self, Error> {
        Ok(Self(vec![
            ("card", card(folder)?),
            ("contractor", contractor(folder)?),
            ("officer", officer(folder)?),
        ]))
    }

    /// The languages in which all of the page's texts exist, the source's first.
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

    /// What a page downloads for a language: its texts, one per line.
    pub fn lines(&self, language: &str) -> String {
        let lines = self.0.iter().flat_map(|(_, texts)| texts.lines(language).unwrap_or_default());
        lines.map(|line| format!("{line}\n")).collect()
    }

    /// The Rust source through which the page names them.
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

/// Texts about extension, host, reader and card, which the card window and the command line use as well.
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
    Catalogue::read(folder, "officer", &[refusals(), actions(), roles()])
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

/// What officers did, for 監査記録.
fn actions() -> Key {
    Key {
        table: "audit.action",
        enumeration: "touroku_proto::officer::audit::AuditAction",
        values: AuditAction::ALL.iter().map(|action| action.as_str()).collect(),
        parts: &["name"],
        elsewhere: &[],
    }
}

/// What the officers' roles may do.
fn roles() -> Key {
    Key {
        table: "roles",
        enumeration: "touroku_proto::officer::Role",
        values: Role::ALL.iter().map(|role| role.as_str()).collect(),
        parts: &["may"],
        elsewhere: &[],
    }
}

/// The names of form fields.
fn labels() -> Key {
    Key {
        table: "labels",
        enumeration: "touroku_proto::field::FieldId",
        values: FieldId::ALL.iter().map(|field| field.as_str()).collect(),
        parts: &["name"],
        elsewhere: &[],
    }
}
