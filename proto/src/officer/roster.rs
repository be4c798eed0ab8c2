//! 名簿: one company by hand.

use serde::{Deserialize, Serialize};

use super::import::ImportCell;
use crate::few::Few;

/// A company's row as a form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RosterForm {
    /// 業者番号; empty: a new company.
    pub number: String,
    /// In the order of the screen.
    pub fields: Vec<RosterField>,
    /// Whether imports leave the row as it is.
    pub kept: bool,
    /// Changes whenever the row does.
    pub revision: String,
}

/// A column of the roster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RosterField {
    /// As officers know it; the same as in an import.
    pub name: String,
    /// Its value; empty for secrets.
    pub value: String,
    /// Whether every roster must have it.
    pub required: bool,
    /// Whether it is never shown; left empty, it stays as it is.
    pub secret: bool,
}

/// Adds or corrects a company.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SaveRow {
    /// 業者番号 of the company to correct; empty: a new one.
    pub number: String,
    /// Of the form that was filled in.
    pub revision: String,
    /// Values by [`RosterField::name`]; one left out is empty.
    pub values: Few<String, String>,
    /// Whether imports leave the row as it is, even one whose file lacks the company.
    pub keep: bool,
    /// Whether the officer has seen what deserves a look.
    #[serde(default)]
    pub confirmed: bool,
}

/// What became of that.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SavedRow {
    /// 業者番号.
    pub number: String,
    /// Whether the roster has the row now.
    pub saved: bool,
    /// What is wrong, field by field.
    pub wrong: Vec<ImportCell>,
    /// What deserves a look, and a confirmation.
    pub doubts: Vec<ImportCell>,
}
