//! Where the database is.

use std::path::{Path, PathBuf};

use super::postgres::Server;

#[derive(Clone, Debug)]
pub enum Location {
    /// A file of SQLite's.
    File(PathBuf),
    /// A PostgreSQL. What is in files, not in the database, is named after `beside` as if that were one.
    Server { server: Server, beside: PathBuf },
}

impl Location {
    /// The path after which this server's other files are named.
    pub fn beside(&self) -> &Path {
        match self {
            Self::File(path) | Self::Server { beside: path, .. } => path,
        }
    }

    pub fn is_server(&self) -> bool {
        matches!(self, Self::Server { .. })
    }
}

impl<P: AsRef<Path> + ?Sized> From<&P> for Location {
    fn from(path: &P) -> Self {
        Self::File(path.as_ref().to_owned())
    }
}

impl From<&Location> for Location {
    fn from(location: &Location) -> Self {
        location.clone()
    }
}
