use std::path::PathBuf;

/// Why texts can't be built. Each error is a mistake in a catalogue and names its file and text.
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
    /// Not a catalogue.
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
    /// A problem with one text.
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
    /// The source has it, this language does not.
    #[error("missing")]
    Missing,
    /// This language has it, the source does not.
    #[error("not in the source")]
    Unknown,
    /// Neither a text nor a table.
    #[error("neither a text nor a table")]
    Kind,
    /// An empty text.
    #[error("empty")]
    Empty,
    /// A line break, which the files that pages download can't represent.
    #[error("holds a line break")]
    LineBreak,
    /// An unmatched brace, or an empty name.
    #[error("a placeholder is not closed or has no name")]
    Placeholder,
    /// Placeholders that differ from the source's.
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
    /// Not a valid Rust name: lower case, digits and `_`.
    #[error("not a name: lower case, digits and `_`")]
    Name,
}
