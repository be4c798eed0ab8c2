//! The files in a folder of profiles.

use std::path::{Path, PathBuf};

use super::error::Error;

/// What the members of a portal inherit from.
pub(super) const PORTAL: &str = "portal.toml";

/// A profile's file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ProfileFile {
    pub(super) path: PathBuf,
    /// The `portal.toml` beside it.
    pub(super) portal: Option<PathBuf>,
}

impl ProfileFile {
    /// A file by itself. The `portal.toml` of a portal is no profile: `None`.
    pub(super) fn at(path: PathBuf) -> Option<Self> {
        let portal = path.with_file_name(PORTAL);
        (path != portal).then(|| Self { path, portal: portal.is_file().then_some(portal) })
    }
}

/// All profiles of a folder: its own, and the members of the portals that are folders in it.
pub(super) fn profile_files(folder: &Path) -> Result<Vec<ProfileFile>, Error> {
    let mut files = toml_files(folder)?;
    for portal in entries(folder)?.into_iter().filter(|path| path.join(PORTAL).is_file()) {
        files.extend(toml_files(&portal)?);
    }
    Ok(files.into_iter().filter_map(ProfileFile::at).collect())
}

/// In name order.
pub(super) fn toml_files(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let mut files = entries(folder)?;
    files.retain(|path| path.extension().is_some_and(|extension| extension == "toml") && path.is_file());
    Ok(files)
}

/// In name order.
fn entries(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let entries = std::fs::read_dir(folder).map_err(Error::file(folder))?;
    let paths: Result<Vec<PathBuf>, _> = entries.map(|entry| entry.map(|entry| entry.path())).collect();
    let mut paths = paths.map_err(Error::file(folder))?;
    paths.sort();
    Ok(paths)
}
