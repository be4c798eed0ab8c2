//! Where mails go: a mail server, or files.

use std::{
    io,
    path::{Path, PathBuf},
};

use tokio::io::AsyncWriteExt as _;

use super::{
    failure::{Failure, Step},
    message::Built,
    relay::Relay,
    smtp::{Connection, Handed, Times},
};
use crate::error::Error;

#[derive(Clone, Debug)]
pub enum Transport {
    /// One `.eml` file per mail, for trials and for systems that collect files.
    Folder(PathBuf),
    Smtp(Box<Relay>),
}

impl Transport {
    /// Files in this folder, which is created if needed.
    pub fn folder(path: &Path) -> Result<Self, Error> {
        std::fs::create_dir_all(path).map_err(Error::file(path))?;
        Ok(Self::Folder(path.to_owned()))
    }

    /// A mail server: `smtp://host:port` (`?tls=required` for STARTTLS) or `smtps://host`.
    pub fn smtp(url: &str, credentials: Option<(String, String)>) -> Result<Self, Error> {
        Ok(Self::Smtp(Box::new(Relay::parse(url, credentials)?)))
    }

    /// With other time limits.
    pub fn with_times(mut self, times: Times) -> Self {
        if let Self::Smtp(relay) = &mut self {
            relay.times = times;
        }
        self
    }

    /// Gets ready to hand mails over.
    pub(super) async fn open(&self) -> Result<Session, Failure> {
        match self {
            Self::Folder(folder) => Ok(Session::Folder(folder.clone())),
            Self::Smtp(relay) => Ok(Session::Smtp(Box::new(Connection::open(relay).await?))),
        }
    }
}

/// Accepts mails, one after another.
#[derive(Debug)]
pub(super) enum Session {
    Folder(PathBuf),
    Smtp(Box<Connection>),
}

impl Session {
    /// Whether the other side may have closed it since its last mail.
    pub(super) fn may_be_stale(&self) -> bool {
        matches!(self, Self::Smtp(connection) if connection.is_used())
    }

    pub(super) async fn send(&mut self, id: i64, mail: &Built, handed: &Handed) -> Result<(), Failure> {
        match self {
            Self::Folder(folder) => {
                write(folder, id, &mail.text).await.map_err(|error| Failure::new(Step::File, error.kind()))
            }
            Self::Smtp(connection) => {
                connection.send(mail.from.clone(), mail.to.clone(), &mail.text, handed).await
            }
        }
    }

    pub(super) async fn close(self) {
        if let Self::Smtp(connection) = self {
            connection.quit().await;
        }
    }
}

/// Writes the file completely to disk, or not at all.
async fn write(folder: &Path, id: i64, text: &[u8]) -> io::Result<()> {
    // The number makes a repetition after a crash overwrite the file, not duplicate it.
    let path = folder.join(format!("{id:08}.eml"));
    let part = folder.join(format!("{id:08}.part"));
    // Letters hold links that open something.
    let mut options = tokio::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    options.mode(0o600);
    let mut file = options.open(&part).await?;
    file.write_all(text).await?;
    file.sync_all().await?;
    drop(file);
    tokio::fs::rename(&part, &path).await?;
    // The name as well (rename(2) alone may be lost in a power failure). Windows has no such call and needs none.
    #[cfg(unix)]
    tokio::fs::File::open(folder).await?.sync_all().await?;
    Ok(())
}
