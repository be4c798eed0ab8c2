//! One file that restores a server: `touroku-20261128-231500.tar.gz`, with the database, the profiles, the trusted
//! certificates, and, sealed, the server's key and configuration.
//!
//! tar and gzip, so that in ten years an administrator without this program can still open it; written by the
//! crates
//! `tar` and `flate2`, which Cargo itself uses. The manifest comes last: a truncated file has none.

mod read;
mod seal;
mod status;
mod write;

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

pub use self::{
    read::{Contents, is_archive},
    seal::{Opener, Seal, Sealed},
    status::{Outcome, Status},
    write::{Made, make, profiles},
};

use crate::error::Error;

/// How far a clock may be off until an archive's name is believed no more, in milliseconds.
const SLACK: i64 = 3_600_000;

/// The archives of a folder, oldest first, and those whose names are of a time that has not come: of a clock that was
/// ahead.
pub fn archives(folder: &Path, now: i64) -> Result<(Vec<PathBuf>, Vec<PathBuf>), Error> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).map_err(Error::file(folder))? {
        let name = entry.map_err(Error::file(folder))?.file_name();
        names.extend(name.to_str().filter(|name| write::is_named_so(name)).map(str::to_owned));
    }
    // They sort by time.
    names.sort();
    let latest = write::name_of(now + SLACK);
    let (past, ahead): (Vec<_>, Vec<_>) = names.into_iter().partition(|name| *name <= latest);
    let place = |name| folder.join::<String>(name);
    Ok((past.into_iter().map(place).collect(), ahead.into_iter().map(place).collect()))
}

/// The version of this format.
const FORMAT: u32 = 1;

const MANIFEST: &str = "manifest.json";

/// An archive's description of itself.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Manifest {
    pub format: u32,
    /// The version of touroku-server that made it.
    pub program: String,
    /// The version of the database's schema.
    pub schema: usize,
    /// When it was made, in Unix milliseconds.
    pub made_at: i64,
    /// The fingerprint of the key that belongs to the database.
    pub key: Option<String>,
    /// Everything else in it.
    pub parts: Vec<Part>,
}

/// A file in an archive.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Part {
    /// Its name in the archive.
    pub name: String,
    /// Bytes.
    pub size: u64,
    /// Of its content, hex.
    pub sha256: String,
    #[serde(flatten)]
    pub what: What,
}

/// What a file in an archive is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum What {
    Database,
    /// Key and configuration, sealed.
    Sealed,
    /// From the folder of profiles.
    Profile {
        /// Relative to that folder.
        path: PathBuf,
    },
    /// A file named in the configuration: holidays, certificates, CRLs.
    Named {
        /// Where it was.
        path: PathBuf,
    },
}
