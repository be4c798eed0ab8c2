//! Why there are no agencies, or why one does not take somebody in.

use std::path::PathBuf;

use super::mistake::FileMistake;

/// Whatever may fail about agencies.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No agency has that code.
    #[error("no such agency")]
    Unknown,
    /// No portal has that code.
    #[error("no such portal")]
    UnknownPortal,
    /// The agency has no category with that code.
    #[error("no such category")]
    UnknownCategory,
    /// A category names a form that its profile lacks, although profiles are checked when they are read.
    #[error("a checked profile lacks a form")]
    LacksForm,
    /// Outside the agency's 利用時間.
    #[error("closed")]
    Closed {
        /// Seconds until it opens; `None`: unknown.
        retry_after: Option<u64>,
    },
    /// Files have mistakes.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Mistakes(Vec<FileMistake>),
    /// A folder of profiles has none.
    #[error("{0}: 発注機関のファイル（*.toml）がありません")]
    NoProfiles(PathBuf),
    /// The table of holidays is wrong.
    #[error("{path}: {message}")]
    Holidays {
        path: PathBuf,
        /// What is wrong.
        message: String,
    },
    /// A profile says what the server's configuration does not permit.
    #[error("設定 {setting}: {agency}: {message}")]
    NotPermitted {
        /// Profile code.
        agency: String,
        /// The setting that it needs.
        setting: &'static str,
        message: &'static str,
    },
    /// A file can't be read.
    #[error("{path}: {source}")]
    File { path: PathBuf, source: std::io::Error },
}

impl Error {
    pub(super) fn file(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { path, source }
    }
}
