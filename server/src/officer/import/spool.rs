//! Where uploads wait: a folder beside the database.

use std::{
    collections::BTreeSet,
    fs::{File, OpenOptions, TryLockError},
    io::{Seek as _, SeekFrom, Write as _},
    path::{Path, PathBuf},
};

use crate::error::Error;

/// The folder, named like the database with `.imports`.
#[derive(Clone, Debug)]
pub(super) struct Spool(PathBuf);

impl Spool {
    pub(super) fn of(database: &Path) -> Self {
        let mut name = database.file_name().unwrap_or_default().to_owned();
        name.push(".imports");
        Self(database.with_file_name(name))
    }

    pub(super) fn folder(&self) -> &Path {
        &self.0
    }

    /// The file as it arrived.
    pub(super) fn upload(&self, import: i64) -> PathBuf {
        self.0.join(format!("{import}.upload"))
    }

    /// The result of the dry run: the rows that a take-over would write. Its name says its tables' version: one that an
    /// earlier version of the server left is made anew.
    pub(super) fn stage(&self, import: i64) -> PathBuf {
        self.0.join(format!("{import}.stage3"))
    }

    /// Creates the folder, for the server's user only: rosters contain issued passwords.
    pub(super) fn make(&self) -> Result<(), Error> {
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&self.0).map_err(Error::file(&self.0))
    }

    /// Opens the upload and locks it until the file is dropped, against this and other processes. `None`: somebody
    /// else has it.
    pub(super) fn hold(&self, import: i64) -> Result<Option<File>, Error> {
        let file = self.open(import)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(file)),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(Error::file(self.upload(import))(error)),
        }
    }

    /// Like [`hold`](Self::hold), but waits for the lock. Blocks.
    pub(super) fn hold_next(&self, import: i64) -> Result<File, Error> {
        let file = self.open(import)?;
        file.lock().map_err(Error::file(self.upload(import)))?;
        Ok(file)
    }

    fn open(&self, import: i64) -> Result<File, Error> {
        let path = self.upload(import);
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(&path).map_err(Error::file(&path))
    }

    /// Writes a piece at its offset; on disk when this returns.
    pub(super) fn write(&self, import: i64, file: &mut File, offset: u64, piece: &[u8]) -> Result<(), Error> {
        file.seek(SeekFrom::Start(offset))
            .and_then(|_| file.write_all(piece))
            .and_then(|()| file.sync_data())
            .map_err(Error::file(self.upload(import)))
    }

    /// The imports that have a file here.
    pub(super) fn list(&self) -> BTreeSet<i64> {
        self.files().map(|(import, _)| import).collect()
    }

    /// Removes an import's files, also what an earlier version of the server left.
    pub(super) fn remove(&self, import: i64) {
        self.files().filter(|(of, _)| *of == import).for_each(|(_, path)| drop(std::fs::remove_file(path)));
    }

    fn files(&self) -> impl Iterator<Item = (i64, PathBuf)> {
        let numbered = |entry: std::io::Result<std::fs::DirEntry>| {
            let path = entry.ok()?.path();
            Some((path.file_stem()?.to_str()?.parse().ok()?, path))
        };
        std::fs::read_dir(&self.0).into_iter().flatten().filter_map(numbered)
    }

    pub(super) fn remove_stage(&self, import: i64) {
        let stage = self.stage(import);
        let mut journal = stage.clone().into_os_string();
        journal.push("-journal");
        drop(std::fs::remove_file(journal));
        drop(std::fs::remove_file(stage));
    }
}
