//! The results of the last backup and the last drill, in a file beside the database: the server reports them, the
//! commands write them. Not in the database, because that may be what is lost.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::{error::Error, file};

/// The last result of each.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Status {
    /// `backup`.
    pub backup: Option<Outcome>,
    /// `restore --drill`.
    pub drill: Option<Outcome>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// When it ended, Unix milliseconds.
    pub at: i64,
    /// Whether it succeeded.
    pub ok: bool,
    /// When one last succeeded.
    pub last_good: Option<i64>,
}

impl Status {
    /// For that database. An unreadable file counts as none.
    pub fn of(database: &Path) -> Self {
        std::fs::read(place(database))
            .ok()
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .unwrap_or_default()
    }

    /// Records the result of a backup.
    pub fn note_backup(database: &Path, at: i64, ok: bool) -> Result<(), Error> {
        let mut status = Self::of(database);
        status.backup = Some(Outcome::after(status.backup.as_ref(), at, ok));
        status.keep(database)
    }

    /// Records the result of a drill.
    pub fn note_drill(database: &Path, at: i64, ok: bool) -> Result<(), Error> {
        let mut status = Self::of(database);
        status.drill = Some(Outcome::after(status.drill.as_ref(), at, ok));
        status.keep(database)
    }

    fn keep(&self, database: &Path) -> Result<(), Error> {
        let path = place(database);
        let bytes = serde_json::to_vec_pretty(self).map_err(|_| Error::Defect("a status is plain data"))?;
        file::replace(&path, &bytes).map_err(Error::file(&path))
    }
}

impl Outcome {
    fn after(former: Option<&Self>, at: i64, ok: bool) -> Self {
        let last_good = if ok { Some(at) } else { former.and_then(|former| former.last_good) };
        Self { at, ok, last_good }
    }
}

fn place(database: &Path) -> PathBuf {
    file::beside(database, ".backups.json")
}
