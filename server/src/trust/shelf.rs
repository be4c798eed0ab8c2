//! OCSP responses on disk, so that a restarted server does not query all of them at once.
//!
//! One file each, named after the certificate: a line with expiry and responder, then the response. Nothing
//! is trusted because it is stored here: a response is signed, and judged anew for each decision.

use std::path::{Path, PathBuf};

use touroku_pki::Key;

use crate::file;

const EXTENSION: &str = "ocsp";

/// The largest file: a response and a URL.
const MAX_FILE: u64 = 80 * 1024;

/// The most responses kept, at some two thousand bytes each.
pub(super) const MAX_HELD: usize = 20_000;

/// The result of a query.
#[derive(Clone)]
pub(super) enum Held {
    /// A response that was valid when it arrived.
    Response { url: String, der: Vec<u8>, until: i64 },
    /// No response; the reason is in Japanese. Not queried again until then, Unix milliseconds.
    Failure { why: String, again: i64 },
}

/// A folder of responses. Without one, nothing is kept.
pub(super) struct Shelf(pub(super) Option<PathBuf>);

impl Shelf {
    pub(super) fn find(&self, key: &Key) -> Option<Held> {
        read(&self.file(key)?)
    }

    /// What can't be stored will be queried again.
    pub(super) fn keep(&self, key: &Key, held: &Held) {
        let (Some(file), Held::Response { url, der, until }) = (self.file(key), held) else { return };
        let content = [format!("{until} {url}\n").as_bytes(), der].concat();
        let folder = file.parent().map_or(Ok(()), std::fs::create_dir_all);
        if let Err(error) = folder.and_then(|()| file::replace(&file, &content)) {
            tracing::warn!(%error, file = %file.display(), "an OCSP response can't be kept");
        }
    }

    /// Removes what is too old at that time, Unix seconds, and surplus files.
    pub(super) fn tidy(&self, now: i64) {
        let entries = self.0.as_ref().and_then(|folder| std::fs::read_dir(folder).ok());
        let files = entries.into_iter().flatten().flatten().map(|entry| entry.path());
        let mut left = 0;
        for file in files.filter(|file| file.extension().is_some_and(|extension| extension == EXTENSION)) {
            let counts = matches!(read(&file), Some(Held::Response { until, .. }) if until >= now);
            left += usize::from(counts);
            if !counts || left > MAX_HELD {
                // Another instance may have been faster.
                let _ = std::fs::remove_file(file);
            }
        }
    }

    fn file(&self, key: &Key) -> Option<PathBuf> {
        Some(self.0.as_ref()?.join(format!("{}.{EXTENSION}", hex::encode(&key[..16]))))
    }
}

fn read(file: &Path) -> Option<Held> {
    if std::fs::metadata(file).ok()?.len() > MAX_FILE {
        return None;
    }
    let content = std::fs::read(file).ok()?;
    let end = content.iter().position(|&byte| byte == b'\n')?;
    let (line, der) = content.split_at(end);
    let (until, url) = std::str::from_utf8(line).ok()?.split_once(' ')?;
    Some(Held::Response { url: url.to_owned(), der: der.get(1..)?.to_vec(), until: until.parse().ok()? })
}
