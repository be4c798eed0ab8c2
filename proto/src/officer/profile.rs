//! 機関設定: viewing and replacing the agency's profile.

use serde::{Deserialize, Serialize};

use super::settings::FormKey;
use crate::agency::AgencyProfile;

/// The longest profile, in bytes.
pub const MAX_PROFILE: usize = 256 * 1024;

/// The profile in effect.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ProfileInForce {
    /// The file's text.
    pub text: String,
    /// SHA-256 of the text, hex: a new profile names it, so that nobody's change is overwritten unseen.
    pub hash: String,
    /// What pages receive.
    pub profile: AgencyProfile,
    /// Whether the server may write the file.
    pub writable: bool,
    /// The proposal that awaits confirmation.
    #[serde(default)]
    pub proposal: Option<ProfileProposal>,
    /// The latest texts it has had, newest first. The first one is in effect, unless the file was changed beside the server
    /// and not read yet.
    #[serde(default)]
    pub versions: Vec<ProfileVersion>,
    /// There are earlier ones, before this one.
    #[serde(default)]
    pub earlier: Option<i64>,
    /// The keys that have a form; none while the file is not valid.
    #[serde(default)]
    pub forms: Vec<FormKey>,
    /// 国民の祝日 and 休日 of the last year and later, `YYYY-MM-DD`, as far as they are known.
    #[serde(default)]
    pub holidays: Vec<String>,
}

/// Versions before one that is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ProfileVersions {
    /// Newest first.
    pub versions: Vec<ProfileVersion>,
    /// There are more, before this one.
    pub next: Option<i64>,
}

/// A text that a profile has, or has had.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ProfileVersion {
    /// Which.
    pub id: i64,
    /// Since when, Unix milliseconds.
    pub at_unix_ms: i64,
    /// ログインID; empty: it was in the file.
    pub officer: String,
    /// What it changed in the one before; empty for the oldest.
    pub changes: Vec<KeyChange>,
}

/// The text of one of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct VersionText {
    /// TOML.
    pub text: String,
}

/// A profile that changes who is trusted, and so waits for another administrator or, if there is none, for a day
/// after all officers were notified.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ProfileProposal {
    /// SHA-256 of its text, hex.
    pub hash: String,
    /// ログインID of the officer who proposed it.
    pub officer: String,
    /// When, Unix milliseconds.
    pub at_unix_ms: i64,
    /// What it changes.
    pub changes: Vec<KeyChange>,
    /// Whether the officer making the request may confirm it.
    pub confirm: Confirmation,
}

/// Whether an officer may confirm a profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Confirmation {
    /// Now.
    Now,
    /// Another administrator must.
    Another,
    /// From this time on, Unix milliseconds.
    From(i64),
}

/// A changed key of a profile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct KeyChange {
    /// Its path: `categories[goods].review`.
    pub key: String,
    /// It decides who is trusted.
    #[serde(default)]
    pub sensitive: bool,
    /// Its current value; `None`: absent.
    pub before: Option<String>,
    /// Its new value; `None`: removed.
    pub after: Option<String>,
}

/// The proposal that was reviewed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ConfirmProfile {
    /// [`ProfileProposal::hash`].
    pub hash: String,
}

/// A new profile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NewProfile {
    /// TOML, at most [`MAX_PROFILE`]. Its `code` must be the agency's own.
    pub text: String,
    /// [`ProfileInForce::hash`] of the profile it was made from.
    pub base: String,
}

/// The result of checking a new profile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ProfileCheck {
    /// All mistakes, in the order of the text; empty: valid.
    pub mistakes: Vec<ProfileMistake>,
    /// What it changes in the profile in effect, if it is valid.
    #[serde(default)]
    pub changes: Vec<KeyChange>,
    /// What pages would receive, if it is valid: for the preview.
    pub profile: Option<AgencyProfile>,
}

/// A mistake in a profile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ProfileMistake {
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// In Japanese.
    pub message: String,
    /// The path of the value that it is about, `links.0.url`; empty: none.
    #[serde(default)]
    pub key: String,
}
