//! 機関設定 as forms: keys of the profile that are seen and changed one by one, without TOML.

use serde::{Deserialize, Serialize};

use super::profile::ProfileCheck;
use crate::{
    agency::Desk,
    few::Few,
    guide::{Link, News},
    hours::{ClosedDays, Weekday},
    localized::Localized,
};

/// The keys that have a form, besides subject and body of each of [`crate::mail::MAILS`].
pub const FORM_KEYS: [&str; 14] = [
    "notices",
    "news",
    "links",
    "footer.manual_url",
    "footer.accessibility_url",
    "footer.privacy_url",
    "hours.open",
    "hours.close",
    "hours.weekdays",
    "hours.closed_on_holidays",
    "hours.closed",
    "hours_rule",
    "desks",
    "reject_reasons",
];

/// The value of a key, as the profile has it; what may be typed wrong is a text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum KeyValue {
    /// One text.
    Text(String),
    /// One text in several languages.
    Words(Localized),
    /// Texts in several languages.
    WordList(Vec<Localized>),
    /// Texts.
    Lines(Vec<String>),
    /// 更新情報.
    News(Vec<News>),
    /// Links.
    Links(Vec<Link>),
    /// Desks.
    Desks(Vec<Desk>),
    /// Days of the week.
    Week(Vec<Weekday>),
    /// Yes or no.
    Switch(bool),
    /// Closed days.
    Days(Vec<ClosedDays>),
}

/// A key that has a form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FormKey {
    /// Its path: `hours.open`.
    pub key: String,
    /// Its value.
    pub value: KeyValue,
    /// The agency's own file says it.
    pub own: bool,
    /// `portal.toml` says it.
    pub shared: bool,
    /// What it would be if the agency's own file did not say it.
    pub beneath: KeyValue,
}

/// Changes of keys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ChangeKeys {
    /// [`super::profile::ProfileInForce::hash`] of the profile in which they change.
    pub base: String,
    /// Their values.
    #[serde(default)]
    pub set: Few<String, KeyValue>,
    /// Keys that the agency's own file no longer says.
    #[serde(default)]
    pub unset: Vec<String>,
}

/// The profile with these changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ChangedKeys {
    /// Its text, to be put into effect like any other.
    pub text: String,
    /// What is wrong with it, and what it changes.
    pub check: ProfileCheck,
}
