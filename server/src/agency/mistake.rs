//! What is wrong in a profile, and where.

use std::{fmt, path::PathBuf};

use touroku_proto::officer::profile::ProfileMistake;

/// Something wrong in a profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// In Japanese.
    pub message: String,
    /// The path of the value, `links.0.url`; empty: none.
    pub key: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}行{}桁: {}", self.line, self.column, self.message)
    }
}

impl From<Mistake> for ProfileMistake {
    fn from(Mistake { line, column, message, key }: Mistake) -> Self {
        Self { line, column, message, key }
    }
}

/// A mistake in one of several profiles.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileMistake {
    pub path: PathBuf,
    pub mistake: Mistake,
}

impl fmt::Display for FileMistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.path.display(), self.mistake)
    }
}
