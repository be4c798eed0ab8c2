//! How much the host writes into its log.

use serde::{Deserialize, Serialize};

/// How much the host logs; each level includes those before it. No level logs a PIN, a nonce, a signature, card
/// data or a name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum LogLevel {
    /// Nothing; there is no log file.
    Off,
    /// What prevents cards from being used on this computer.
    #[default]
    Error,
    /// What the person can fix: a wrong PIN, an expired certificate, a removed card.
    Warn,
    /// Requests, and that they were answered.
    Info,
    /// Readers, card states and modules coming and going.
    Debug,
}

impl LogLevel {
    /// All levels, quietest first.
    pub const ALL: [Self; 5] = [Self::Off, Self::Error, Self::Warn, Self::Info, Self::Debug];

    /// The word in configurations and messages.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Debug => "debug",
        }
    }
}
