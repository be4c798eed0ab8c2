//! Reads an archive in full and trusts nothing before its manifest, sizes and hashes agree.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, BufReader, Read, Write as _},
    path::{Component, Path, PathBuf},
};

use flate2::read::GzDecoder;
use openssl::sha::Sha256;

use super::{
    FORMAT, MANIFEST, Manifest, Opener, Part, Sealed, What,
    write::{DATABASE, Hashed, SEALED},
};
use crate::{error::Error, file};

/// The maximum size of the small files; a CRL is the largest.
const MAX_SMALL: u64 = 64 << 20;

pub struct Contents {
    pub manifest: Manifest,
    archive: PathBuf,
    small: BTreeMap<String, Vec<u8>>,
}

/// Whether the file is such an archive, rather than a plain copy of a database.
pub fn is_archive(path: &Path) -> Result<bool, Error> {
    let mut start = [0; 2];
    let file = File::open(path).map_err(Error::file(path))?;
    let read = file.take(2).read(&mut start).map_err(Error::file(path))?;
    Ok(read == 2 && start == [0x1f, 0x8b])
}

impl Contents {
    /// Reads and verifies it to its end. The database is written to `database`, which must not exist.
    pub fn read(path: &Path, database: Option<&Path>) -> Result<Self, Error> {
        let content = |message: &str| Error::Content { path: path.to_owned(), message: message.to_owned() };
        let archive = File::open(path).map_err(Error::file(path))?;
        let mut tar = tar::Archive::new(GzDecoder::new(BufReader::new(archive)));
        let (mut found, mut small) = (BTreeMap::new(), BTreeMap::new());
        let mut out = match database {
            Some(place) => Some((place, file::create_private(place).map_err(Error::file(place))?)),
            None => None,
        };
        let broken = |_: io::Error| content("途中で切れているか、壊れています。別の日の控えを使ってください");
        for entry in tar.entries().map_err(broken)? {
            let entry = entry.map_err(broken)?;
            let name = entry.path().map_err(broken)?.to_string_lossy().into_owned();
            let mut hashed = Hashed { content: entry, hash: Sha256::new() };
            let size = if name == DATABASE {
                match &mut out {
                    Some((place, file)) => copy(&mut hashed, file, broken, Error::file(*place))?,
                    None => io::copy(&mut hashed, &mut io::sink()).map_err(broken)?,
                }
            } else {
                let mut bytes = Vec::new();
                let size = (&mut hashed).take(MAX_SMALL).read_to_end(&mut bytes).map_err(broken)?;
                small.insert(name.clone(), bytes);
                u64::try_from(size).unwrap_or(u64::MAX)
            };
            if found.insert(name, (size, hex::encode(hashed.hash.finish()))).is_some() {
                return Err(content("同じ名前のファイルが二つ入っています。別の日の控えを使ってください"));
            }
        }
        // gzip's own checksum is at its end.
        io::copy(&mut tar.into_inner(), &mut io::sink()).map_err(broken)?;
        if let Some((place, file)) = out {
            file.sync_all().map_err(Error::file(place))?;
        }

        let text = small.remove(MANIFEST);
        found.remove(MANIFEST);
        let manifest = text.as_deref().map(serde_json::from_slice::<Manifest>);
        let manifest = match manifest {
            Some(Ok(manifest)) if manifest.format <= FORMAT => manifest,
            Some(Ok(_)) => {
                return Err(content(
                    "新しい版のtouroku-serverで作られています。先にプログラムを更新してください",
                ));
            }
            _ => return Err(content("touroku-server backupで作った控えではありません")),
        };
        let expected: BTreeMap<String, (u64, String)> =
            manifest.parts.iter().map(|part| (part.name.clone(), (part.size, part.sha256.clone()))).collect();
        let strays = manifest.parts.iter().any(|part| !is_within(part));
        if expected != found || strays || !expected.contains_key(DATABASE) {
            return Err(content("中身が目録（manifest.json）と合いません。別の日の控えを使ってください"));
        }
        Ok(Self { manifest, archive: path.to_owned(), small })
    }

    /// Verifies it without keeping anything.
    pub(super) fn prove(path: &Path) -> Result<(), Error> {
        Self::read(path, None).map(drop)
    }

    pub fn files(&self) -> impl Iterator<Item = (&What, &[u8])> {
        self.manifest
            .parts
            .iter()
            .filter_map(|part| Some((&part.what, self.small.get(&part.name)?.as_slice())))
    }

    /// Whether it contains key and configuration.
    pub fn has_secrets(&self) -> bool {
        self.small.contains_key(SEALED)
    }

    /// Key and configuration, if it contains them and an opener is given.
    pub fn secrets_if_any(&self, opener: Option<&Opener>) -> Result<Option<Sealed>, Error> {
        opener.filter(|_| self.has_secrets()).map(|opener| self.secrets(opener)).transpose()
    }

    pub fn secrets(&self, opener: &Opener) -> Result<Sealed, Error> {
        let sealed = self.small.get(SEALED).ok_or_else(|| Error::Content {
            path: self.archive.clone(),
            message: "サーバーの鍵は入っていません（--without-keyで作られています）".to_owned(),
        })?;
        opener.open(sealed, &self.archive)
    }
}

/// A profile's path must stay inside the folder of profiles.
fn is_within(part: &Part) -> bool {
    match &part.what {
        What::Profile { path } => {
            path.components().all(|component| matches!(component, Component::Normal(_)))
        }
        _ => true,
    }
}

/// Like `io::copy`, distinguishing read errors from write errors.
fn copy<E>(
    from: &mut impl Read,
    to: &mut File,
    unread: impl Fn(io::Error) -> E,
    unwritten: impl FnOnce(io::Error) -> E,
) -> Result<u64, E> {
    let mut buffer = vec![0; 1 << 20];
    let mut size = 0;
    loop {
        let read = match from.read(&mut buffer) {
            Ok(0) => return Ok(size),
            Ok(read) => read,
            Err(error) => return Err(unread(error)),
        };
        if let Err(error) = to.write_all(&buffer[..read]) {
            return Err(unwritten(error));
        }
        size += u64::try_from(read).unwrap_or(u64::MAX);
    }
}
