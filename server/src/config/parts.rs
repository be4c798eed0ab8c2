//! `server.toml` and the files of `server.d`, together.
//!
//! A package owns its file, below `/usr/share`, and replaces it without asking anybody; an administrator's of the same
//! name, beside `server.toml`, counts in place of it. `server.toml` itself has the last word.

use std::{
    collections::BTreeMap,
    ffi::OsString,
    fs, io,
    path::{Path, PathBuf},
};

use serde::Deserialize as _;
use toml::{Table, Value};

use super::{
    Config,
    mistake::{described, of_value},
};
use crate::error::Error;

/// The folder beside `server.toml`.
const FOLDER: &str = "server.d";

/// Where Debian has `server.toml`, and packages their parts.
const LINUX: (&str, &str) = ("etc/touroku/server.toml", "usr/share/touroku/server.d");

/// The parts that an administrator laid beside a `server.toml`, by their names.
pub(crate) fn own(server_toml: &Path) -> Result<BTreeMap<OsString, PathBuf>, Error> {
    list(&server_toml.with_file_name(FOLDER))
}

/// The root of the computer where Debian has this `server.toml`.
fn root(server_toml: &Path) -> Option<&Path> {
    server_toml.ends_with(LINUX.0).then(|| server_toml.ancestors().nth(3)).flatten()
}

/// Whether it is what the package has laid there, and nobody has written into it.
pub(crate) fn is_as_shipped(server_toml: &Path) -> bool {
    let shipped = root(server_toml).map(|root| root.join("usr/share/touroku/default/server.toml"));
    shipped.is_some_and(|shipped| {
        fs::read(shipped).is_ok_and(|text| fs::read(server_toml).is_ok_and(|own| own == text))
    })
}

/// Reads them all; paths in them stay as they are written.
pub(super) fn read(server_toml: &Path) -> Result<Config, Error> {
    let packages = root(server_toml).map(|root| list(&root.join(LINUX.1)));
    let mut parts = packages.transpose()?.unwrap_or_default();
    parts.extend(own(server_toml)?);
    let mut merged = Table::new();
    for path in parts.values().map(PathBuf::as_path).chain([server_toml]) {
        let text = fs::read_to_string(path).map_err(Error::file(path))?;
        let content = |message| Error::Content { path: path.to_owned(), message };
        // Each by itself, so that a mistake has a file, a line and a column.
        Config::parse(&text).map_err(content)?;
        merge(&mut merged, text.parse().map_err(|error: toml::de::Error| content(described(&text, &error)))?);
    }
    Config::deserialize(merged)
        .map_err(|error| Error::Content { path: server_toml.to_owned(), message: of_value(error.message()) })
}

fn list(folder: &Path) -> Result<BTreeMap<OsString, PathBuf>, Error> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
        Err(error) => return Err(Error::file(folder)(error)),
    };
    let mut found = BTreeMap::new();
    for entry in entries {
        let entry = entry.map_err(Error::file(folder))?;
        // What editors and dpkg lay beside is no part.
        if entry.path().extension().is_some_and(|ending| ending == "toml") {
            found.insert(entry.file_name(), entry.path());
        }
    }
    Ok(found)
}

/// Lists are joined; of anything else the later counts.
fn merge(into: &mut Table, from: Table) {
    for (key, value) in from {
        match (into.get_mut(&key), value) {
            (Some(Value::Table(into)), Value::Table(from)) => merge(into, from),
            (Some(Value::Array(into)), Value::Array(from)) => {
                for value in from {
                    if !into.contains(&value) {
                        into.push(value);
                    }
                }
            }
            (_, value) => drop(into.insert(key, value)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A computer with these files below its root, and its `server.toml`.
    fn computer(files: &[(&str, &str)]) -> (tempfile::TempDir, PathBuf) {
        let root = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let file = root.path().join(name);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, text).unwrap();
        }
        let own = root.path().join(LINUX.0);
        (root, own)
    }

    #[test]
    fn parts_are_merged_by_their_names_and_the_administrators_file_has_the_last_word() {
        let (root, own) = computer(&[
            (
                "usr/share/touroku/server.d/10-package.toml",
                "session_idle_minutes = 1\nextension_ids = [\"a\"]\nsite = \"site\"\n[backup]\nkeep = 3",
            ),
            (
                "etc/touroku/server.d/20-city.toml",
                "session_idle_minutes = 2\nextension_ids = [\"b\", \"a\"]\n[backup]\nfolder = \"b\"",
            ),
            ("etc/touroku/server.d/20-city.toml.dpkg-old", "{"),
            (LINUX.0, "session_idle_minutes = 3\n[trust]\nanchors = [\"root.pem\"]"),
        ]);
        let config = Config::load(&own).unwrap();
        assert_eq!(config.session_idle_minutes, 3);
        assert_eq!(config.extension_ids, ["a", "b"]);
        let folder = root.path().join("etc/touroku");
        assert_eq!(config.site, Some(folder.join("site")));
        assert_eq!((config.backup.keep, config.backup.folder), (3, Some(folder.join("b"))));
        assert_eq!(config.trust.anchors, [folder.join("root.pem")]);
    }

    #[test]
    fn an_administrators_part_counts_in_place_of_the_packages_of_the_same_name() {
        let (_root, own) = computer(&[
            ("usr/share/touroku/server.d/10-package.toml", "extension_ids = [\"a\"]\nlog_json = true"),
            ("etc/touroku/server.d/10-package.toml", "extension_ids = [\"b\"]"),
            (LINUX.0, ""),
        ]);
        let config = Config::load(&own).unwrap();
        assert_eq!((config.extension_ids, config.log_json), (vec!["b".to_owned()], false));
    }

    #[test]
    fn a_mistake_is_named_with_its_file_line_and_column() {
        for text in ["\nlisten = 1", "\n  lissten = \"127.0.0.1:1\"", "\n[mail]\nsmtp"] {
            let (_root, own) = computer(&[("etc/touroku/server.d/city.toml", text), (LINUX.0, "")]);
            let said = Config::load(&own).unwrap_err().to_string();
            assert!(said.contains("server.d/city.toml: ") && said.contains("行"), "{said}");
        }
        let (_root, own) = computer(&[("etc/touroku/server.d/city.toml", "\n  lissten = 1"), (LINUX.0, "")]);
        assert!(Config::load(&own).unwrap_err().to_string().contains("city.toml: 2行3桁"));
    }
}
