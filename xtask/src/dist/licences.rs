//! The licences of everything that is in the programs.

use std::{collections::BTreeMap, fmt::Write as _, path::Path};

use anyhow::Result;

use super::{metadata::Metadata, programs};

/// Every crate of the programs by its licence.
pub(crate) fn text(root: &Path) -> Result<String> {
    let metadata = Metadata::read(root)?;
    let mut by_licence: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (package, target) in programs::PRODUCTS {
        for component in metadata.components(root, package, target)? {
            let crates = by_licence.entry(component.licence.clone()).or_default();
            let name = format!("{} {}", component.name, component.version);
            if !crates.contains(&name) {
                crates.push(name);
            }
        }
    }
    let mut text = String::from(
        "Touroku is licensed under Apache-2.0. Its programs hold these crates, by licence (SPDX).\n\
         OpenSSL, PC/SC Lite and glibc are the operating system's own. SQLite, in the server, is in the public domain.\n",
    );
    for (licence, mut crates) in by_licence {
        crates.sort();
        let _ = write!(text, "\n{licence}\n");
        for name in crates {
            let _ = writeln!(text, "    {name}");
        }
    }
    Ok(text)
}
