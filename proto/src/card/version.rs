//! Whether two parts of the chain speak the same protocol.

use serde::{Deserialize, Serialize};

use crate::{OLDEST_PROTOCOL, PROTOCOL};

/// One part of the chain and what it speaks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Part {
    /// Product version, `major.minor.patch`.
    pub version: String,
    /// [`PROTOCOL`] of that part.
    pub protocol: u32,
    /// [`OLDEST_PROTOCOL`] of that part.
    pub oldest_protocol: u32,
}

/// The protocols that a part understands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spoken {
    /// The newest.
    pub protocol: u32,
    /// The oldest.
    pub oldest_protocol: u32,
}

/// Whether another part is compatible.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fit {
    /// They are compatible.
    Fits,
    /// The other part must be updated.
    TooOld,
    /// Our part must be updated.
    TooNew,
}

impl Spoken {
    /// What this build speaks.
    pub const OURS: Self = Self { protocol: PROTOCOL, oldest_protocol: OLDEST_PROTOCOL };

    /// Whether `other` is compatible with a part that speaks these.
    pub fn fit(self, other: &Part) -> Fit {
        if other.protocol < self.oldest_protocol {
            Fit::TooOld
        } else if other.oldest_protocol > self.protocol {
            Fit::TooNew
        } else {
            Fit::Fits
        }
    }
}
