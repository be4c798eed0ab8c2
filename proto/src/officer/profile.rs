//! 機関設定: the agency's profile, looked at and exchanged.

use serde::{Deserialize, Serialize};

use crate::agency::AgencyProfile;

/// `GET /api/officer/profile`: what is in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProfileInForce {
    /// The file's text.
    pub text: String,
    /// SHA-256 of the text, hex: a new one names it, so that nobody's change is overwritten unseen.
    pub hash: String,
    /// What pages receive.
    pub profile: AgencyProfile,
    /// Whether the server may write the file.
    pub writable: bool,
    /// What waits to be confirmed.
    #[serde(default)]
    pub proposal: Option<ProfileProposal>,
}

/// A profile that changes who is believed, and so waits for another administrator, or, where there is none, for a day
/// after all officers were told. `POST /api/officer/profile/proposal` (管理; [`ConfirmProfile`]) takes it into force,
/// `DELETE` gives it up; both answer [`ProfileInForce`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProfileProposal {
    /// SHA-256 of its text, hex.
    pub hash: String,
    /// ログインID of who proposed it.
    pub officer: String,
    /// When, Unix milliseconds.
    pub at_unix_ms: i64,
    /// What it changes.
    pub changes: Vec<KeyChange>,
    /// Whether the officer who asks may confirm it.
    pub confirm: Confirmation,
}

/// Whether an officer may confirm a profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Confirmation {
    /// Now.
    Now,
    /// Another administrator has to.
    Another,
    /// From this time on, Unix milliseconds.
    From(i64),
}

/// A key of a profile that becomes another one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyChange {
    /// Where: `categories[goods].review`.
    pub key: String,
    /// It decides who is believed.
    #[serde(default)]
    pub sensitive: bool,
    /// Its value until now; `None`: it was not there.
    pub before: Option<String>,
    /// Its value from now on; `None`: it goes.
    pub after: Option<String>,
}

/// Names what was looked at. Refused with `stale` (another one waits, or the file changed meanwhile), `same_officer` (who
/// proposed it can't confirm it), `approver_dependent` (the own account is new), `wrong_state` (too early).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConfirmProfile {
    /// [`ProfileProposal::hash`].
    pub hash: String,
}

/// `POST /api/officer/profile/check` (管理; at most 256 KiB): answers [`ProfileCheck`]. `PUT /api/officer/profile` (管理)
/// with the same body takes it into force if it is sound, and answers [`ProfileInForce`]; `stale` when another one is
/// in force than `base`, `profile_invalid` when it is not sound, `wrong_state` when the file can't be written. What
/// changes who is believed is not in force yet, but becomes [`ProfileInForce::proposal`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewProfile {
    /// TOML. Its `code` must be the agency's own.
    pub text: String,
    /// [`ProfileInForce::hash`] of what it was made from.
    pub base: String,
}

/// What is to be said about a new profile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProfileCheck {
    /// Everything wrong, in the order of the text; empty: sound.
    pub mistakes: Vec<ProfileMistake>,
    /// What pages would receive, if it is sound: for the preview.
    pub profile: Option<AgencyProfile>,
}

/// Something wrong in a profile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProfileMistake {
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// In Japanese, or as the TOML parser says it.
    pub message: String,
}
