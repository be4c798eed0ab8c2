//! Files that others read at any moment: replaced as a whole or not at all, and readable whatever the umask.

use std::{
    fs,
    io::{self, Write as _},
    path::Path,
};

/// What writing a file came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// It was not there.
    Created,
    /// It was there and is different now.
    Replaced,
    /// It was there, with this text and readable for everybody.
    Unchanged,
}

/// Writes `text` to `file`, readable for everybody, and creates missing folders. A symbolic link is replaced
/// itself; what it points to stays as it is.
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

// Under a umask of 077 an administrator's file would be one that browsers cannot read.
#[cfg(unix)]
fn open_to_all(path: &Path, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn open_to_all(_: &Path, _: u32) -> io::Result<()> {
    Ok(())
}
