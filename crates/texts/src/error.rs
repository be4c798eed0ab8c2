use std::path::PathBuf;

/// Why texts can't be built. Each is a mistake in a catalogue, and names its file and text.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file or folder that can't be read.
    #[error("{}: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// No catalogue.
    #[error("{}: {source}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// Where, and what was expected.
        source: toml::de::Error,
    },
    /// The source language has no file.
    #[error("{}: no {audience}.{}.toml", folder.display(), crate::SOURCE)]
    NoSource {
        /// The folder.
        folder: PathBuf,
        /// Whose texts.
        audience: String,
    },
    /// Something about one text.
    #[error("{}: {text}: {problem}", path.display())]
    Text {
        /// The file.
        path: PathBuf,
        /// The text's path.
        text: String,
        /// What is wrong with it.
        problem: Problem,
    },
}

/// What can be wrong with one text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// The source has it, this language has not.
    #[error("missing")]
    Missing,
    /// This language has it, the source has not.
    #[error("not in the source")]
    Unknown,
    /// Neither a text nor a table.
    #[error("neither a text nor a table")]
    Kind,
    /// Nothing is said.
    #[error("empty")]
    Empty,
    /// A line break, which the files that pages download can't hold.
    #[error("holds a line break")]
    LineBreak,
    /// A brace without its pair, or an empty name.
    #[error("a placeholder is not closed or has no name")]
    Placeholder,
    /// Other placeholders than the source's.
    #[error("placeholders {found:?} where the source has {wanted:?}")]
    Placeholders {
        /// The names in this language.
        found: Vec<String>,
        /// The source's.
        wanted: Vec<String>,
    },
    /// `one` without a placeholder `count`.
    #[error("has `one`, but no {{count}}")]
    NoCount,
    /// Not a Rust name: lower case, digits and `_`.
    #[error("not a name: lower case, digits and `_`")]
    Name,
}
