//! Files written completely or not at all, and private to their owner.

use std::{
    fs::{self, File},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

/// What SQLite keeps beside a database. It belongs to that file and would corrupt another one in its place.
pub const COMPANIONS: [&str; 3] = ["-wal", "-shm", "-journal"];

/// A database file and what SQLite keeps beside it.
pub fn whole(path: &Path) -> impl Iterator<Item = PathBuf> + '_ {
    [""].into_iter().chain(COMPANIONS).map(|ending| beside(path, ending))
}

/// Creates a file readable only by its owner, whatever the umask.
///
/// # Errors
/// Also when it exists.
pub fn create_private(path: &Path) -> io::Result<File> {
    create(path, 0o600)
}

/// Creates a file that whoever its folder's ACL lets in may read.
///
/// # Errors
/// Also when it exists.
pub fn create_shared(path: &Path) -> io::Result<File> {
    create(path, 0o640)
}

fn create(path: &Path, mode: u32) -> io::Result<File> {
    let mut options = File::options();
    options.read(true).write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, mode);
    #[cfg(not(unix))]
    let _ = mode;
    options.open(path)
}

/// Creates a folder accessible only to its owner.
pub fn create_private_folder(path: &Path) -> io::Result<()> {
    folders(0o700).create(path)
}

/// Creates a folder, and those above it, that whoever the ACL above lets in may use.
pub fn create_shared_folder(path: &Path) -> io::Result<()> {
    folders(0o770).recursive(true).create(path)
}

fn folders(mode: u32) -> fs::DirBuilder {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, mode);
    #[cfg(not(unix))]
    let _ = mode;
    builder
}

/// Makes the file accessible only to its owner.
pub fn make_private(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;

        let mode = fs::metadata(path)?.permissions().mode();
        if mode & 0o077 != 0 {
            fs::set_permissions(path, fs::Permissions::from_mode(mode & 0o700))?;
        }
    }
    Ok(())
}

/// Replaces whatever is there with `bytes`. Readers find either the previous file or the new one, even after a
/// power failure. A replaced file keeps its permissions; a new one is private to its owner.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    // A symbolic link stays one.
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let new = Unfinished::new(beside(&path, ".new"));
    let mut file = create_private(&new.0)?;
    if let Ok(former) = fs::metadata(&path) {
        file.set_permissions(former.permissions())?;
    }
    file.write_all(bytes)?;
    file.sync_all()?;
    give_to_owner_of(&path, new.path())?;
    new.finish(&path)
}

/// A file that is removed, along with whatever SQLite keeps beside it, unless it is finished.
pub struct Unfinished(PathBuf);

impl Unfinished {
    /// Removes what an earlier attempt left.
    pub fn new(path: PathBuf) -> Self {
        remove(&path);
        Self(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Gives it its name, replacing whatever has it.
    pub fn finish(self, name: &Path) -> io::Result<()> {
        fs::rename(&self.0, name)?;
        flush_folder(name)
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        remove(&self.0);
    }
}

fn remove(path: &Path) {
    whole(path).for_each(|file| drop(fs::remove_file(file)));
}

/// Waits until the file is on disk.
pub fn flush(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

/// A new name is on disk once the folder is.
pub fn flush_folder(path: &Path) -> io::Result<()> {
    if cfg!(unix) { flush(folder(path)) } else { Ok(()) }
}

pub fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    }
}

/// `touroku.db` and `.partial`: `touroku.db.partial`.
pub fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// Gives `fresh` the owner of `like`, or if that does not exist, of its folder. Only root can, and only root needs
/// to: what it writes for the server must stay the server's.
pub fn give_to_owner_of(like: &Path, fresh: &Path) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt as _, lchown};

        let owner = fs::metadata(like).or_else(|_| fs::metadata(folder(like)))?;
        // Never through a link, which the owner of the folder may have put there.
        let own = fs::symlink_metadata(fresh)?;
        let is_ours = own.uid() == 0 && !own.is_symlink() && (own.is_dir() || own.nlink() == 1);
        if is_ours && (own.uid(), own.gid()) != (owner.uid(), owner.gid()) {
            lchown(fresh, Some(owner.uid()), Some(owner.gid()))?;
        }
    }
    #[cfg(not(unix))]
    let _ = (like, fresh);
    Ok(())
}

/// Opens the file itself: not what a symbolic link of that name points to.
pub fn open_itself(options: &mut fs::OpenOptions, path: &Path) -> io::Result<File> {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(
        options,
        rustix::fs::OFlags::NOFOLLOW.bits().cast_signed(),
    );
    options.open(path)
}

/// Lets whoever has `database` read a file that root has just written: the server, which does not run as root.
pub fn let_server_read(path: &Path, database: &Path) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, fchown};

        let server = fs::metadata(database).or_else(|_| fs::metadata(folder(database)))?;
        let file = open_itself(File::options().read(true), path)?;
        let own = file.metadata()?;
        if own.uid() == 0 && server.uid() != 0 && own.nlink() == 1 {
            fchown(&file, None, Some(server.gid()))?;
            file.set_permissions(fs::Permissions::from_mode(own.permissions().mode() | 0o040))?;
        }
    }
    #[cfg(not(unix))]
    let _ = (path, database);
    Ok(())
}

/// The bytes still available to the user where `path` is, and the total size of that disk.
pub fn room(path: &Path) -> io::Result<(u64, u64)> {
    #[cfg(unix)]
    {
        let disk = rustix::fs::statvfs(folder(path))?;
        Ok((disk.f_bavail * disk.f_frsize, disk.f_blocks * disk.f_frsize))
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        Err(io::ErrorKind::Unsupported.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_replaced_file_keeps_its_permissions_and_a_new_one_is_private() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        replace(&path, b"1").unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;

            let mode = || fs::metadata(&path).unwrap().permissions().mode() & 0o777;
            assert_eq!(mode(), 0o600);
            fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
            replace(&path, b"2").unwrap();
            assert_eq!(mode(), 0o640);
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn what_was_not_finished_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let unfinished = Unfinished::new(folder.path().join("a"));
        create_private(unfinished.path()).unwrap();
        fs::write(beside(unfinished.path(), "-wal"), "x").unwrap();
        drop(unfinished);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
