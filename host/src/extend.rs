//! Adds to the machine-wide configuration what an installation asks for, leaving the rest unchanged.

use std::path::{Path, PathBuf};

use toml_edit::{Array, DocumentMut, Item, Value};
use touroku_proto::origin::Origin;

use crate::{
    config::{Config, ConfigError, ExtensionId},
    replace::{self, Written},
};

/// Why the configuration was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ExtendError {
    /// It exists and is invalid; nobody but its author knows what it should say.
    #[error("{0}: {1}")]
    Unusable(PathBuf, ConfigError),
    /// It cannot be written.
    #[error("{0}: {1}")]
    Unwritable(PathBuf, std::io::Error),
}

/// Allows these sites and extensions as well, in the administrator's file, which is created only if something is
/// added. Comments, order and other entries stay.
pub fn extend(file: &Path, origins: &[Origin], extensions: &[ExtensionId]) -> Result<Written, ExtendError> {
    let unusable = |error| ExtendError::Unusable(file.to_owned(), error);
    let (text, config) = match Config::read_alone(file) {
        Ok(config) => {
            let text = std::fs::read_to_string(file).map_err(ConfigError::Unreadable).map_err(unusable)?;
            (text, config)
        }
        Err(ConfigError::Missing) => (String::new(), Config::default()),
        Err(error) => return Err(unusable(error)),
    };
    if origins.is_empty() && extensions.is_empty() {
        return Ok(Written::Unchanged);
    }
    let invalid = |error: &dyn std::fmt::Display| {
        unusable(ConfigError::Unreadable(std::io::Error::other(error.to_string())))
    };
    let mut document: DocumentMut = text.parse().map_err(|error: toml_edit::TomlError| invalid(&error))?;
    let new_origins = origins.iter().filter(|origin| !config.allowed_origins.contains(origin));
    add(&mut document, "allowed_origins", new_origins.map(ToString::to_string));
    let new_extensions = extensions.iter().filter(|id| !config.allowed_extensions.contains(id));
    add(&mut document, "allowed_extensions", new_extensions.map(ToString::to_string));
    let text = document.to_string();
    Config::parse(&text).map_err(unusable)?;
    // An administrator may keep the file elsewhere and link to it.
    let target = std::fs::canonicalize(file).unwrap_or_else(|_| file.to_owned());
    replace::write(&target, &text).map_err(|error| ExtendError::Unwritable(file.to_owned(), error))
}

fn add(document: &mut DocumentMut, key: &str, entries: impl Iterator<Item = String>) {
    let list = document.entry(key).or_insert(Item::Value(Value::Array(Array::new())));
    // `Config` was read from this text: the key holds an array or nothing.
    let array = list.as_array_mut().expect("the configuration's lists are arrays");
    for entry in entries {
        if !array.iter().any(|old| old.as_str() == Some(&entry)) {
            array.push(entry);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn an_administrators_file_keeps_its_comments_and_entries() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("host.toml");
        let text = "# ours\nallowed_origins = [\n  \"https://a.example.jp\", # first\n]\n";
        fs::write(&file, text).unwrap();
        let origins = ["https://a.example.jp", "https://b.example.jp", "https://b.example.jp"]
            .map(|text| Origin::parse(text).unwrap());
        let ids = [ExtensionId::parse(&"a".repeat(32)).unwrap()];
        assert_eq!(extend(&file, &origins, &ids).unwrap(), Written::Replaced);
        assert_eq!(Config::read(&file).unwrap().allowed_origins.len(), 2);
        let after = fs::read_to_string(&file).unwrap();
        assert!(after.contains("# ours") && after.contains("# first"), "{after}");
        assert_eq!(extend(&file, &origins, &ids).unwrap(), Written::Unchanged);
    }

    #[test]
    fn a_file_that_cannot_be_used_is_left_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("host.toml");
        for text in ["{", "allowed_origins = [\"*\"]", "other = 1"] {
            fs::write(&file, text).unwrap();
            assert!(matches!(extend(&file, &[], &[]), Err(ExtendError::Unusable(..))), "{text}");
            assert_eq!(fs::read_to_string(&file).unwrap(), text);
        }
    }
}
