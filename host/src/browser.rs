//! The browsers that the host is registered with, and for whom.

use clap::ValueEnum;
use serde::Serialize;

/// A browser that reads native-messaging manifests from folders of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Browser {
    /// Google Chrome.
    Chrome,
    /// Chromium as distributions build it.
    Chromium,
    /// Microsoft Edge.
    Edge,
}

/// For whom a manifest is installed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// For the person who runs the program. Browsers look here first.
    User,
    /// For everybody on this computer.
    System,
}

impl Browser {
    /// All of them, in the order of reports.
    pub const ALL: [Self; 3] = [Self::Chrome, Self::Chromium, Self::Edge];

    /// The name that people know.
    pub fn name(self) -> &'static str {
        match self {
            Self::Chrome => "Google Chrome",
            Self::Chromium => "Chromium",
            Self::Edge => "Microsoft Edge",
        }
    }
}

impl Scope {
    /// In a browser's own order: the first that holds a manifest wins.
    pub const LOOKUP: [Self; 2] = [Self::User, Self::System];
}
