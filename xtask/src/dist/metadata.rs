//! What cargo knows about the crates in a program.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};
use serde::Deserialize;

use crate::run::{cargo, output};

/// All crates of the lock file.
pub(crate) struct Metadata {
    packages: BTreeMap<(String, String), Component>,
}

#[derive(Clone)]
pub(crate) struct Component {
    pub(crate) name: String,
    pub(crate) version: String,
    /// An SPDX expression.
    pub(crate) licence: String,
    pub(crate) repository: Option<String>,
    /// Where its sources are.
    pub(crate) folder: PathBuf,
    /// SHA-256 of the crate's archive; `None` for our own.
    pub(crate) checksum: Option<String>,
    /// Names and versions of the crates it uses on any platform.
    pub(crate) uses: BTreeSet<(String, String)>,
}

#[derive(Deserialize)]
struct CargoMetadata {
    packages: Vec<CargoPackage>,
    resolve: Resolve,
}

#[derive(Deserialize)]
struct CargoPackage {
    id: String,
    name: String,
    version: String,
    license: Option<String>,
    license_file: Option<String>,
    repository: Option<String>,
    manifest_path: PathBuf,
}

#[derive(Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Deserialize)]
struct Node {
    id: String,
    dependencies: Vec<String>,
}

#[derive(Deserialize)]
struct Lock {
    package: Vec<Locked>,
}

#[derive(Deserialize)]
struct Locked {
    name: String,
    version: String,
    checksum: Option<String>,
}

impl Metadata {
    pub(crate) fn read(root: &Path) -> Result<Self> {
        let json = output(cargo(root).args(["metadata", "--locked", "--format-version", "1"]))?;
        let metadata: CargoMetadata = serde_json::from_str(&json)?;
        let lock: Lock = toml::from_str(&fs::read_to_string(root.join("Cargo.lock"))?)?;
        let checksums: BTreeMap<_, _> = lock
            .package
            .into_iter()
            .map(|package| ((package.name, package.version), package.checksum))
            .collect();
        let names: BTreeMap<&str, (String, String)> = metadata
            .packages
            .iter()
            .map(|package| (package.id.as_str(), (package.name.clone(), package.version.clone())))
            .collect();
        let uses: BTreeMap<&str, BTreeSet<_>> = metadata
            .resolve
            .nodes
            .iter()
            .map(|node| {
                let used = node.dependencies.iter().filter_map(|id| names.get(id.as_str()).cloned());
                (node.id.as_str(), used.collect())
            })
            .collect();
        let packages = metadata
            .packages
            .iter()
            .map(|package| {
                let key = (package.name.clone(), package.version.clone());
                let licence = match (&package.license, &package.license_file) {
                    // An older way to write "or", which is not valid SPDX.
                    (Some(licence), _) => licence.replace('/', " OR "),
                    (None, Some(_)) => "LicenseRef-file-in-crate".to_owned(),
                    (None, None) => "NOASSERTION".to_owned(),
                };
                let component = Component {
                    name: package.name.clone(),
                    version: package.version.clone(),
                    licence,
                    repository: package.repository.clone(),
                    folder: package.manifest_path.parent().unwrap_or(root).to_owned(),
                    checksum: checksums.get(&key).cloned().flatten(),
                    uses: uses.get(package.id.as_str()).cloned().unwrap_or_default(),
                };
                (key, component)
            })
            .collect();
        Ok(Self { packages })
    }

    /// The crates whose code is in a program, the program's own first; build tools and macros are left out.
    pub(crate) fn components(&self, root: &Path, package: &str, target: &str) -> Result<Vec<Component>> {
        let tree =
            output(cargo(root).args(["tree", "--locked", "--package", package, "--target", target]).args([
                "--edges",
                "normal,no-proc-macro",
                "--prefix",
                "none",
                "--format",
                "{p}",
            ]))?;
        let mut found = BTreeSet::new();
        let mut components = Vec::new();
        for line in tree.lines() {
            let mut words = line.split_whitespace();
            let (Some(name), Some(version)) = (words.next(), words.next()) else { continue };
            let key = (name.to_owned(), version.trim_start_matches('v').to_owned());
            if found.insert(key.clone()) {
                let component = self.packages.get(&key);
                components.push(component.with_context(|| format!("cargo does not know {line}"))?.clone());
            }
        }
        let own = components.iter().position(|component| component.name == package);
        components.swap(0, own.with_context(|| format!("{package} is not in its own tree"))?);
        components[1..].sort_by(|a, b| (&a.name, &a.version).cmp(&(&b.name, &b.version)));
        Ok(components)
    }
}
