//! One file that brings a server back: `touroku-20261128-231500.tar.gz`, with the database, the profiles, what is
//! trusted, and, sealed, the server's key and configuration.
//!
//! tar and gzip, so that in ten years an administrator without this program still gets at it; by the crates `tar` and
//! `flate2`, which Cargo itself packs with. The manifest comes last: a file that was cut off has none.

mod read;
mod seal;
mod status;
mod write;

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

pub use self::{
    read::{Contents, is_archive},
    seal::{Opener, Seal, Sealed},
    status::{Outcome, Status},
    write::{Made, make},
};

/// The version of all this.
const FORMAT: u32 = 1;

const MANIFEST: &str = "manifest.json";

/// What an archive says of itself.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Manifest {
    /// Of the archive.
    pub format: u32,
    /// The version of touroku-server that made it.
    pub program: String,
    /// The version of the database's schema.
    pub schema: usize,
    /// When, in Unix milliseconds.
    pub made_at: i64,
    /// The fingerprint of the key that belongs to the database.
    pub key: Option<String>,
    /// All else that is in it.
    pub parts: Vec<Part>,
}

/// A file of an archive.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Part {
    /// In the archive.
    pub name: String,
    /// Bytes.
    pub size: u64,
    /// Of its content.
    pub sha256: String,
    #[serde(flatten)]
    pub what: What,
}

/// What a file of an archive is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum What {
    Database,
    /// Key and configuration, sealed.
    Sealed,
    /// Of the folder of profiles.
    Profile {
        /// In that folder.
        path: PathBuf,
    },
    /// A file that the configuration names: holidays, certificates, CRLs.
    Named {
        /// Where it was.
        path: PathBuf,
    },
}
