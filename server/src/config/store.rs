//! `[store]`: a PostgreSQL instead of the SQLite file.

use std::{
    fmt,
    path::{Path, PathBuf},
};

use serde::Deserialize;

use super::secret;
use crate::{error::Error, store::Server};

#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct StoreConfig {
    /// `postgres://user@host/database`.
    pub url: Option<String>,
    pub password_file: Option<PathBuf>,
    /// Certificates of who signed the server's, PEM; `None`: the system's.
    pub ca_file: Option<PathBuf>,
}

impl StoreConfig {
    /// The name of the systemd credential with the password (`LoadCredential=`), when there is no `password_file`.
    pub const CREDENTIAL: &str = "touroku-store-password";

    /// `None`: the database is a file of SQLite's. `handed`: systemd's credentials directory, if there is one.
    ///
    /// # Errors
    /// [`Error::Setting`]; [`Error::File`] and [`Error::Content`] for the files that it names.
    pub(super) fn server(&self, handed: Option<&Path>) -> Result<Option<Server>, Error> {
        let Some(url) = &self.url else { return Ok(None) };
        let file = self.password_file.clone().or_else(|| secret::handed(handed, Self::CREDENTIAL));
        let password = file.map(|file| secret::read(&file)).transpose()?;
        Server::new(url, password.as_deref(), self.ca_file.as_deref()).map(Some)
    }
}

/// The URL may hold a password.
impl fmt::Debug for StoreConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoreConfig").field("password_file", &self.password_file).finish_non_exhaustive()
    }
}
