//! Who may read and execute a file.

use std::path::Path;

use crate::system::System;

/// Why people other than the owner cannot access a file, for this permission of theirs (4 read, 1 execute).
#[cfg(unix)]
pub(super) fn hidden_from_others(file: &Path, right: u32) -> Option<String> {
    use std::os::unix::fs::PermissionsExt as _;
    let file = std::fs::canonicalize(file).ok()?;
    let mode = |path: &Path| std::fs::metadata(path).map_or(0, |metadata| metadata.permissions().mode());
    let closed = file.ancestors().skip(1).find(|folder| mode(folder) & 0o1 == 0);
    let hidden = closed.or_else(|| (mode(&file) & right != right).then_some(file.as_path()))?;
    Some(format!("{} ({:03o})", hidden.display(), mode(hidden) & 0o777))
}

#[cfg(not(unix))]
pub(super) fn hidden_from_others(_: &Path, _: u32) -> Option<String> {
    None
}

/// Why nobody but root, who asks, can read a file or folder.
#[cfg(unix)]
pub(super) fn hidden_from_all_but_root(file: &Path) -> Option<String> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = std::fs::metadata(file).ok()?.permissions().mode();
    let is_hidden = is_root() && mode & 0o044 == 0;
    is_hidden.then(|| format!("{} ({:03o})", file.display(), mode & 0o777))
}

#[cfg(not(unix))]
pub(super) fn hidden_from_all_but_root(_: &Path) -> Option<String> {
    None
}

/// Whether this process may execute a file.
#[cfg(unix)]
pub(super) fn is_executable(file: &Path) -> bool {
    rustix::fs::access(file, rustix::fs::Access::EXEC_OK).is_ok()
}

#[cfg(not(unix))]
pub(super) fn is_executable(_: &Path) -> bool {
    true
}

/// Whether a file is on a file system that allows no execution, whatever its permissions.
#[cfg(unix)]
pub(super) fn is_on_noexec(file: &Path) -> bool {
    let flags = rustix::fs::statvfs(file).map(|disk| disk.f_flag);
    flags.is_ok_and(|flags| flags.contains(rustix::fs::StatVfsMountFlags::NOEXEC))
}

#[cfg(not(unix))]
pub(super) fn is_on_noexec(_: &Path) -> bool {
    false
}

/// Whether an administrator may execute what these files lead to: nothing that somebody else could have written.
#[cfg(unix)]
pub(super) fn may_start(files: &[&Path]) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let ours = |file: &&Path| std::fs::metadata(file).is_ok_and(|metadata| metadata.uid() == 0);
    !rustix::process::geteuid().is_root() || files.iter().all(ours)
}

#[cfg(not(unix))]
pub(super) fn may_start(_: &[&Path]) -> bool {
    true
}

/// Whether this process may write for everybody.
pub(super) fn is_administrator(system: &System) -> bool {
    match system.registry() {
        Some(registry) => registry.is_writable_for_everybody(),
        None => is_root(),
    }
}

#[cfg(unix)]
fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

#[cfg(not(unix))]
fn is_root() -> bool {
    false
}
