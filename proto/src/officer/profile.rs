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
}

/// `POST /api/officer/profile/check` (管理; at most 256 KiB): answers [`ProfileCheck`]. `PUT /api/officer/profile` (管理)
/// with the same body takes it into force if it is sound, and answers [`ProfileInForce`]; `stale` when another one is
/// in force than `base`, `profile_invalid` when it is not sound, `wrong_state` when the file can't be written.
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
