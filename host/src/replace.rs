//! Files that others may read at any moment: replaced atomically, and readable whatever the umask.

use std::{
    fs,
    io::{self, Write as _},
    path::Path,
};

/// The result of writing a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// It did not exist.
    Created,
    /// It existed and is different now.
    Replaced,
    /// It existed, with this text and world-readable.
    Unchanged,
}

/// Writes `text` to `file`, world-readable, and creates missing folders. A symbolic link itself is replaced; what
/// it points to stays.
pub fn write(file: &Path, text: &str) -> io::Result<Written> {
    let before = fs::symlink_metadata(file).ok();
    let same = before.as_ref().is_some_and(|metadata| metadata.is_file() && readable_for_all(metadata))
        && fs::read(file).is_ok_and(|bytes| bytes == text.as_bytes());
    if same {
        return Ok(Written::Unchanged);
    }
    let folder = file.parent().unwrap_or(Path::new("."));
    create_folders(folder)?;
    let mut new = tempfile::Builder::new().prefix(".touroku-").tempfile_in(folder)?;
    new.write_all(text.as_bytes())?;
    open_to_all(new.path(), 0o644)?;
    new.as_file().sync_all()?;
    new.persist(file).map_err(|error| error.error)?;
    Ok(if before.is_some() { Written::Replaced } else { Written::Created })
}

fn create_folders(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    if let Some(parent) = folder.parent() {
        create_folders(parent)?;
    }
    match fs::create_dir(folder) {
        Ok(()) => open_to_all(folder, 0o755),
        // Somebody else was faster.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && folder.is_dir() => Ok(()),
        Err(error) => Err(error),
    }
}

#[cfg(unix)]
fn readable_for_all(metadata: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    metadata.permissions().mode() & 0o444 == 0o444
}

#[cfg(not(unix))]
fn readable_for_all(_: &fs::Metadata) -> bool {
    true
}

// Under a umask of 077 browsers could not read an administrator's file.
#[cfg(unix)]
fn open_to_all(path: &Path, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn open_to_all(_: &Path, _: u32) -> io::Result<()> {
    Ok(())
}
