//! Makes an archive, verifies it by reading it back, and only then removes old ones.

use std::{
    collections::BTreeMap,
    fs::{self, File, TryLockError},
    io::{self, BufWriter, Read, Write as _},
    path::{Path, PathBuf},
};

use flate2::{Compression, write::GzEncoder};
use openssl::sha::Sha256;

use super::{Contents, FORMAT, MANIFEST, Manifest, Part, Seal, Sealed, What, archives};
use crate::{
    config::{Config, parts},
    error::Error,
    file, japan,
    key::ServerKey,
    store,
};

/// The name of the part that is the database.
pub(super) const DATABASE: &str = "touroku.db";
pub(super) const SEALED: &str = "sealed.age";

pub struct Made {
    pub path: PathBuf,
    pub bytes: u64,
    /// The older ones that were removed.
    pub removed: Vec<PathBuf>,
}

type Tar = tar::Builder<GzEncoder<BufWriter<File>>>;

/// Makes an archive in `folder` and keeps the `keep` newest. `configuration` is the file of `config`, if it has
/// one.
pub fn make(
    (config, configuration): (&Config, Option<&Path>),
    folder: &Path,
    keep: usize,
    seal: Option<&Seal>,
    now: i64,
    progress: &mut dyn FnMut(i32, i32),
) -> Result<Made, Error> {
    if !folder.is_dir() {
        file::create_private_folder(folder).map_err(Error::file(folder))?;
        file::give_to_owner_of(&config.database, folder).map_err(Error::file(folder))?;
    }
    let lock = lock(folder)?;
    let copy = file::Unfinished::new(folder.join(".touroku-backup.db"));
    let schema = store::back_up(&config.location()?, copy.path(), progress).map_err(|error| match error {
        Error::Database(_) | Error::Disk(_) => {
            let message = format!("データベースを写せません（{error}）。ディスクの空きを確かめてください。途中のものは消しました");
            Error::Content { path: folder.to_owned(), message }
        }
        other => other,
    })?;
    let fingerprint = store::known_key(copy.path())?;

    let part = file::Unfinished::new(folder.join(".touroku-backup.part"));
    let out = file::create_private(part.path()).map_err(Error::file(part.path()))?;
    let mut tar = tar::Builder::new(GzEncoder::new(BufWriter::new(out), Compression::fast()));
    let mut parts = Vec::new();
    let mut add = |tar: &mut Tar, name: String, what, source: &Path| {
        let added = File::open(source).and_then(|file| append(tar, &name, now, file.metadata()?.len(), file));
        let (size, sha256) = added.map_err(Error::file(source))?;
        parts.push(Part { name, size, sha256, what });
        Ok::<_, Error>(())
    };
    add(&mut tar, DATABASE.to_owned(), What::Database, copy.path())?;
    for path in profiles(&config.agencies)? {
        let name = format!("agencies/{}", path.to_string_lossy());
        add(&mut tar, name, What::Profile { path: path.clone() }, &config.agencies.join(&path))?;
    }
    for (at, path) in config.named_files().enumerate() {
        let path = std::path::absolute(path).map_err(Error::file(path))?;
        let name = format!("files/{at}-{}", path.file_name().unwrap_or_default().to_string_lossy());
        add(&mut tar, name, What::Named { path: path.clone() }, &path)?;
    }
    if let Some(seal) = seal {
        let sealed = seal.close(&secrets(config, configuration, fingerprint.as_deref())?)?;
        let size = u64::try_from(sealed.len()).unwrap_or(u64::MAX);
        let (size, sha256) =
            append(&mut tar, SEALED, now, size, &sealed[..]).map_err(Error::file(part.path()))?;
        parts.push(Part { name: SEALED.to_owned(), size, sha256, what: What::Sealed });
    }
    let manifest = Manifest {
        format: FORMAT,
        program: env!("CARGO_PKG_VERSION").to_owned(),
        schema,
        made_at: now,
        key: fingerprint,
        parts,
    };
    finish(tar, &manifest).map_err(Error::file(part.path()))?;
    drop(copy);
    Contents::prove(part.path())?;

    let path = folder.join(name_of(now));
    if path.exists() {
        let message = "すでにあります。1秒おいてもう一度実行してください".to_owned();
        return Err(Error::Content { path, message });
    }
    // Root's backup must not stand in the way of the server's own, which prove it and remove it.
    file::give_to_owner_of(folder, part.path()).map_err(Error::file(part.path()))?;
    part.finish(&path).map_err(Error::file(&path))?;
    let bytes = fs::metadata(&path).map_err(Error::file(&path))?.len();
    let removed = remove_old(folder, &path, keep, now)?;
    drop(lock);
    Ok(Made { path, bytes, removed })
}

/// One backup at a time in a folder: each removes what an interrupted one left.
fn lock(folder: &Path) -> Result<File, Error> {
    let path = folder.join(".touroku-backup.lock");
    let mut options = File::options();
    options.write(true).create(true).truncate(false);
    let lock = file::open_itself(&mut options, &path).map_err(Error::file(&path))?;
    file::give_to_owner_of(folder, &path).map_err(Error::file(&path))?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => {
            let message = "このフォルダーでは、別のbackupが動いています。終わるまで待ってください".to_owned();
            Err(Error::Content { path: folder.to_owned(), message })
        }
        Err(TryLockError::Error(error)) => Err(Error::file(&path)(error)),
    }
}

fn secrets(
    config: &Config,
    configuration: Option<&Path>,
    fingerprint: Option<&str>,
) -> Result<Sealed, Error> {
    let path = config.key_file();
    let key = ServerKey::read(&path)?;
    if fingerprint.is_some_and(|known| key.fingerprint().is_ok_and(|own| own != known)) {
        return Err(ServerKey::another(&path));
    }
    let read = |path: &Path| fs::read_to_string(path).map_err(Error::file(path));
    let absolute = |path: &Path| std::path::absolute(path).map_err(Error::file(path));
    Ok(Sealed {
        key: read(&path)?,
        configuration: configuration.map(read).transpose()?,
        configuration_path: configuration.map(absolute).transpose()?,
        parts: configuration
            .map(parts::own)
            .transpose()?
            .iter()
            .flat_map(BTreeMap::values)
            .map(|path| Ok((absolute(path)?, read(path)?)))
            .collect::<Result<_, Error>>()?,
    })
}

/// The files of the folder of profiles, relative to it. Leftovers of an officer's change are skipped.
pub fn profiles(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(below) = folders.pop() {
        let place = folder.join(&below);
        for entry in fs::read_dir(&place).map_err(Error::file(&place))? {
            let entry = entry.map_err(Error::file(&place))?;
            let name = entry.file_name();
            let is_ours =
                Path::new(&name).extension().is_some_and(|ending| ending == "toml" || ending == "csv");
            // Follows symbolic links: a profile may be one.
            let kind = fs::metadata(entry.path()).map_err(Error::file(entry.path()))?;
            if kind.is_dir() {
                folders.push(below.join(name));
            } else if is_ours {
                found.push(below.join(name));
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Returns size and SHA-256.
fn append(tar: &mut Tar, name: &str, now: i64, size: u64, content: impl Read) -> io::Result<(u64, String)> {
    let mut header = tar::Header::new_gnu();
    header.set_size(size);
    header.set_mode(0o600);
    header.set_mtime(u64::try_from(now / 1000).unwrap_or(0));
    let mut hashed = Hashed { content, hash: Sha256::new() };
    tar.append_data(&mut header, name, &mut hashed)?;
    Ok((size, hex::encode(hashed.hash.finish())))
}

/// Hashes what is read through it.
pub(super) struct Hashed<R> {
    pub(super) content: R,
    pub(super) hash: Sha256,
}

impl<R: Read> Read for Hashed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.content.read(buffer)?;
        self.hash.update(&buffer[..read]);
        Ok(read)
    }
}

fn finish(mut tar: Tar, manifest: &Manifest) -> io::Result<()> {
    let text = serde_json::to_vec_pretty(manifest)?;
    let size = u64::try_from(text.len()).unwrap_or(u64::MAX);
    append(&mut tar, MANIFEST, manifest.made_at, size, &text[..])?;
    let mut out = tar.into_inner()?.finish()?;
    out.flush()?;
    out.get_ref().sync_all()
}

/// In Japan time.
pub(super) fn name_of(now: i64) -> String {
    let clock: String = japan::clock(now).chars().filter(|c| !matches!(c, '-' | ':')).collect();
    format!("touroku-{}.tar.gz", clock.replace('T', "-"))
}

/// Whether [`name_of`] could have produced this name.
pub(super) fn is_named_so(name: &str) -> bool {
    let stamp = name.strip_prefix("touroku-").and_then(|rest| rest.strip_suffix(".tar.gz"));
    stamp.is_some_and(|stamp| {
        stamp.len() == 15
            && stamp.char_indices().all(|(at, c)| if at == 8 { c == '-' } else { c.is_ascii_digit() })
    })
}

/// Never `newest`, whose name may not sort last after the clock was set back; nor those of a clock that was ahead, which
/// would take the place of real ones.
fn remove_old(folder: &Path, newest: &Path, keep: usize, now: i64) -> Result<Vec<PathBuf>, Error> {
    let (mut all, _) = archives(folder, now)?;
    all.retain(|path| path != newest);
    all.truncate((all.len() + 1).saturating_sub(keep));
    for path in &all {
        fs::remove_file(path).map_err(Error::file(path))?;
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_sort_by_time_and_nothing_else_is_taken_for_one() {
        let name = name_of(1_795_273_200_000);
        assert_eq!(name, "touroku-20261122-000000.tar.gz");
        assert!(is_named_so(&name));
        assert!(
            !is_named_so("touroku-20261122-000000.tar.gz.old") && !is_named_so("touroku-before-move.tar.gz")
        );
    }
}
