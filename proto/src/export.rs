//! `[[export]]` of a profile: files for systems that only read files.

use serde::{Deserialize, Serialize};

use crate::officer::company::ListFormat;

/// Days that written files stay where a profile says nothing.
pub const KEEP_DAYS: u16 = 30;

/// A file with companies, in the columns that its reader wants.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ExportFile {
    /// Its folder, and the beginning of its name.
    pub code: String,
    /// What officers call it.
    pub name: String,
    /// When it is written.
    #[serde(default)]
    pub when: ExportTime,
    /// How it is written.
    #[serde(default)]
    pub format: ListFormat,
    /// Whether CSV in UTF-8 begins with a byte order mark.
    #[serde(default = "yes")]
    pub bom: bool,
    /// How lines of CSV end.
    #[serde(default)]
    pub line_ends: LineEnds,
    /// Which cells of CSV are in quotation marks.
    #[serde(default)]
    pub quotes: Quotes,
    /// Whether the first line has the columns' titles.
    #[serde(default = "yes")]
    pub header: bool,
    /// Which companies it has.
    #[serde(default)]
    pub companies: ExportedCompanies,
    /// Its columns, in order. With a card's among them there is a row for each card.
    pub columns: Vec<ExportColumn>,
    /// For how many days a written file stays; 0: until its reader removes it.
    #[serde(default = "keep_days")]
    pub keep_days: u16,
}

/// A file, as officers may ask for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OfferedFile {
    /// [`ExportFile::code`].
    pub code: String,
    /// [`ExportFile::name`].
    pub name: String,
}

/// A column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ExportColumn {
    /// What it contains, by the name that the column has in officers' lists.
    pub value: String,
    /// Its title; empty: that name.
    #[serde(default)]
    pub title: String,
}

named! {
    /// When a file is written.
    #[derive(Default)]
    pub enum ExportTime {
        /// Only by officers, in 照会.
        #[default]
        Request = "request",
        /// Every night, with all companies.
        Nightly = "nightly",
        /// After each event, with its company.
        Each = "each",
    }
}

named! {
    /// How lines end.
    #[derive(Default)]
    pub enum LineEnds {
        /// As Windows has them.
        #[default]
        Crlf = "crlf",
        /// As Unix has them.
        Lf = "lf",
    }
}

named! {
    /// Which cells are in quotation marks.
    #[derive(Default)]
    pub enum Quotes {
        /// Those that need them (RFC 4180).
        #[default]
        Needed = "needed",
        /// All.
        All = "all",
    }
}

named! {
    /// Which companies a file has.
    #[derive(Default)]
    pub enum ExportedCompanies {
        /// Registered ones (電子入札業者).
        #[default]
        Registered = "registered",
        /// All of the roster.
        All = "all",
    }
}

impl ExportColumn {
    /// Its title in the file.
    pub fn title(&self) -> &str {
        if self.title.is_empty() { &self.value } else { &self.title }
    }
}

fn yes() -> bool {
    true
}

fn keep_days() -> u16 {
    KEEP_DAYS
}
