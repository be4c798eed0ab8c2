//! One bill of materials per program: CycloneDX 1.6, JSON (cyclonedx.org/docs/1.6/json).

use std::{collections::BTreeSet, fs, path::Path};

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use super::{
    Build, Epoch, licences,
    metadata::{Component, Metadata},
    policies, programs,
};

/// Makes `sbom/` and the list of licences.
pub(crate) fn make(build: &Build<'_>) -> Result<()> {
    println!("── SBOM and licences");
    let output = build.output.fresh("sbom")?;
    for (package, target) in programs::PRODUCTS {
        let document = document(build.root, package, target, build.epoch)?;
        output.write(&format!("{package}-{target}.cdx.json"), format!("{document:#}\n"))?;
    }
    output.write("LICENCES.txt", licences::text(build.root, &programs::PRODUCTS)?)?;
    Ok(())
}

fn document(root: &Path, package: &str, target: &str, epoch: Epoch) -> Result<Value> {
    let components = Metadata::read(root)?.components(root, package, target)?;
    let (program, libraries) = components.split_first().context("a program is a component of itself")?;
    let present: BTreeSet<_> =
        components.iter().map(|component| (component.name.clone(), component.version.clone())).collect();
    let dependencies: Vec<Value> = components
        .iter()
        .map(|component| {
            let uses: Vec<String> =
                component.uses.intersection(&present).map(|(name, version)| purl(name, version)).collect();
            json!({ "ref": purl(&component.name, &component.version), "dependsOn": uses })
        })
        .collect();
    let mut others: Vec<Value> = libraries.iter().map(|library| with_kind("library", library)).collect();
    let mut dependencies = dependencies;
    if let Some(crate_of_it) = libraries.iter().find(|library| library.name == "libsqlite3-sys") {
        let sqlite = sqlite(crate_of_it)?;
        let its = purl(&crate_of_it.name, &crate_of_it.version);
        for dependency in dependencies.iter_mut().filter(|dependency| dependency["ref"] == its.as_str()) {
            dependency["dependsOn"].as_array_mut().context("a list")?.push(sqlite["bom-ref"].clone());
        }
        dependencies.push(json!({ "ref": sqlite["bom-ref"], "dependsOn": [] }));
        others.push(sqlite);
    }
    let seconds = i64::try_from(epoch.seconds()).context("a commit's time is in our millennia")?;
    let uuid =
        policies::uuid(&format!("{}-{}", program.version, epoch.seconds()), &format!("{package}-{target}"));
    Ok(json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": format!("urn:uuid:{}", uuid.to_lowercase()),
        "version": 1,
        "metadata": {
            "timestamp": jiff::Timestamp::from_second(seconds)?.to_string(),
            "component": with_kind("application", program),
            "properties": [{ "name": "target", "value": target }],
        },
        "components": others,
        "dependencies": dependencies,
    }))
}

/// SQLite itself, whose C sources are in the crate.
fn sqlite(crate_of_it: &Component) -> Result<Value> {
    let header = crate_of_it.folder.join("sqlite3/sqlite3.h");
    let text = fs::read_to_string(&header).with_context(|| header.display().to_string())?;
    let version =
        text.lines().find_map(|line| line.strip_prefix("#define SQLITE_VERSION ")).unwrap_or_default();
    let version = version.trim().trim_matches('"');
    anyhow::ensure!(!version.is_empty(), "{} names no version", header.display());
    let purl = format!("pkg:generic/sqlite@{version}");
    Ok(json!({
        "type": "library",
        "bom-ref": purl,
        "name": "sqlite",
        "version": version,
        "purl": purl,
        "cpe": format!("cpe:2.3:a:sqlite:sqlite:{version}:*:*:*:*:*:*:*"),
        "licenses": [{ "expression": "blessing" }],
        "externalReferences": [{ "type": "website", "url": "https://sqlite.org" }],
    }))
}

fn with_kind(kind: &str, component: &Component) -> Value {
    let purl = purl(&component.name, &component.version);
    let mut value = json!({
        "type": kind,
        "bom-ref": purl,
        "name": component.name,
        "version": component.version,
        "purl": purl,
        "licenses": [{ "expression": component.licence }],
    });
    if let Some(checksum) = &component.checksum {
        value["hashes"] = json!([{ "alg": "SHA-256", "content": checksum }]);
    }
    if let Some(repository) = &component.repository {
        value["externalReferences"] = json!([{ "type": "vcs", "url": repository }]);
    }
    value
}

/// A package URL (github.com/package-url/purl-spec).
fn purl(name: &str, version: &str) -> String {
    format!("pkg:cargo/{name}@{}", version.replace('+', "%2B"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_servers_bill_names_sqlite_with_its_own_version() {
        let root = crate::workspace_root();
        let bill = document(&root, "touroku-server", programs::LINUX, Epoch::at(1_000_000_000)).unwrap();
        let components = bill["components"].as_array().unwrap();
        let sqlite = components.iter().find(|component| component["name"] == "sqlite").unwrap();
        assert!(sqlite["version"].as_str().unwrap().starts_with("3."), "{sqlite}");
        let uses = bill["dependencies"].as_array().unwrap().iter();
        let mut uses = uses.filter(|one| one["dependsOn"].as_array().unwrap().contains(&sqlite["bom-ref"]));
        assert!(uses.next().unwrap()["ref"].as_str().unwrap().contains("libsqlite3-sys"));
    }

    #[test]
    fn a_bill_lists_what_is_inside_once_with_licence_and_hash_and_no_build_tools() {
        let root = crate::workspace_root();
        let bill = document(&root, "touroku-host", programs::LINUX, Epoch::at(1_000_000_000)).unwrap();
        assert_eq!(bill["metadata"]["timestamp"], "2001-09-09T01:46:40Z");
        assert_eq!(bill["metadata"]["component"]["name"], "touroku-host");
        let components = bill["components"].as_array().unwrap();
        let names: Vec<&str> =
            components.iter().map(|component| component["name"].as_str().unwrap()).collect();
        assert!(names.contains(&"pcsc") && names.contains(&"touroku-proto"), "{names:?}");
        assert!(!names.contains(&"openssl") && !names.contains(&"serde_derive"), "{names:?}");
        let references: BTreeSet<&str> =
            components.iter().map(|component| component["bom-ref"].as_str().unwrap()).collect();
        assert_eq!(references.len(), components.len());
        for component in components {
            let own = component["name"].as_str().unwrap().starts_with("touroku-");
            assert_eq!(component["hashes"][0]["content"].as_str().map(str::len), (!own).then_some(64));
            assert_ne!(component["licenses"][0]["expression"], "NOASSERTION", "{component}");
        }
        for dependency in bill["dependencies"].as_array().unwrap() {
            for used in dependency["dependsOn"].as_array().unwrap() {
                assert!(references.contains(used.as_str().unwrap()), "{used}");
            }
        }
    }
}
