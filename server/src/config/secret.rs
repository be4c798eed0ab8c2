//! Passwords in files, which an administrator names or systemd hands over (`LoadCredential=`).

use std::path::{Path, PathBuf};

use crate::error::Error;

/// Where systemd puts what it hands to this service.
pub(crate) fn folder() -> Option<PathBuf> {
    std::env::var_os("CREDENTIALS_DIRECTORY").map(PathBuf::from)
}

pub(super) fn handed(folder: Option<&Path>, name: &str) -> Option<PathBuf> {
    Some(folder?.join(name)).filter(|file| file.exists())
}

pub(crate) fn read(file: &Path) -> Result<String, Error> {
    let text = std::fs::read_to_string(file).map_err(Error::file(file))?;
    // Editors end a file with a line break.
    let password = text.strip_suffix('\n').unwrap_or(&text);
    let password = password.strip_suffix('\r').unwrap_or(password);
    if password.is_empty() || password.contains(['\n', '\r']) {
        let message = "パスワードを1行だけ書いてください".to_owned();
        return Err(Error::Content { path: file.to_owned(), message });
    }
    Ok(password.to_owned())
}
