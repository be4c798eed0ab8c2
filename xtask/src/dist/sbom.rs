//! One bill of materials for each program: CycloneDX 1.6, JSON (cyclonedx.org/docs/1.6/json).

use std::{collections::BTreeSet, path::Path};

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
    output.write("LICENCES.txt", licences::text(build.root)?)?;
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
        "components": libraries.iter().map(|library| with_kind("library", library)).collect::<Vec<_>>(),
        "dependencies": dependencies,
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
