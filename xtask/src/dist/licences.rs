//! The licences of everything in the programs, with their texts.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};

use super::metadata::{Component, Metadata};

/// Prefixes of file names that contain a crate's terms.
const NAMES: [&str; 5] = ["LICENSE", "LICENCE", "COPYING", "NOTICE", "UNLICENSE"];

/// Licence texts for crates that name a licence but ship no file; our own is the first.
const MIT: &str = include_str!("../../dist/licences/MIT.txt");
const BSD: &str = include_str!("../../dist/licences/BSD-3-Clause.txt");
const ZERO_BSD: &str = include_str!("../../dist/licences/0BSD.txt");

/// What these programs contain: every crate by licence, then each text once with the crates that use it.
pub(crate) fn text(root: &Path, products: &[(&str, &str)]) -> Result<String> {
    let metadata = Metadata::read(root)?;
    let mut crates = BTreeMap::new();
    for (package, target) in products {
        for component in metadata.components(root, package, target)? {
            crates.insert(format!("{} {}", component.name, component.version), component);
        }
    }
    let ours = fs::read_to_string(root.join("LICENSE")).context("our own licence")?;
    let mut by_licence: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    // Compared word by word: many differ only in line breaks.
    let mut by_text: BTreeMap<String, (String, BTreeSet<&str>)> = BTreeMap::new();
    for (name, component) in &crates {
        by_licence.entry(&component.licence).or_default().push(name);
        for text in texts(component, &ours)? {
            let words: Vec<&str> = text.split_whitespace().collect();
            by_text.entry(words.join(" ")).or_insert_with(|| (text, BTreeSet::new())).1.insert(name);
        }
    }
    let mut text = String::from(
        "Touroku is licensed under Apache-2.0. Its programs hold these crates, by licence (SPDX); the texts follow.\n\
         OpenSSL, PC/SC Lite and glibc are the operating system's own. SQLite, in the server, is in the public domain.\n",
    );
    for (licence, crates) in by_licence {
        let _ = write!(text, "\n{licence}\n");
        for name in crates {
            let _ = writeln!(text, "    {name}");
        }
    }
    // Most used first.
    let mut by_text: Vec<_> = by_text.into_values().collect();
    by_text.sort_by(|(one, ones), (other, others)| (others.len(), one).cmp(&(ones.len(), other)));
    for (licence, crates) in by_text {
        let names: Vec<_> = crates.into_iter().collect();
        let _ = write!(text, "\n{}\n{}\n\n{licence}\n", "=".repeat(80), names.join(", "));
    }
    Ok(text)
}

/// The text a crate ships, or the texts of the licences that it names.
fn texts(component: &Component, ours: &str) -> Result<Vec<String>> {
    let mut texts = Vec::new();
    for file in files(&component.folder)? {
        let text = fs::read(&file).with_context(|| file.display().to_string())?;
        texts.push(plain(&String::from_utf8_lossy(&text)));
    }
    if !texts.is_empty() {
        return Ok(texts);
    }
    let named = |name: &str| component.licence.contains(name);
    // Of alternatives, one is enough.
    let text = match () {
        () if named("Apache-2.0") => ours,
        () if named("MIT") => MIT,
        () if named("BSD-3-Clause") => BSD,
        () if named("0BSD") => ZERO_BSD,
        () => anyhow::bail!("{} brings no text of its licence {}", component.name, component.licence),
    };
    Ok(vec![plain(text)])
}

fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().to_uppercase();
        if path.is_file() && NAMES.iter().any(|start| name.starts_with(start)) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// The same words in the same lines, whatever editor wrote them.
fn plain(text: &str) -> String {
    let lines: Vec<&str> = text.trim_start_matches('\u{feff}').lines().map(str::trim_end).collect();
    lines.join("\n").trim_matches('\n').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dist::programs::{LINUX, PRODUCTS};

    #[test]
    fn every_crate_is_named_and_its_terms_are_there_once() {
        let root = crate::workspace_root();
        let text = text(&root, &PRODUCTS).unwrap();
        let (list, texts) = text.split_once("====").unwrap();
        for line in list.lines().filter_map(|line| line.strip_prefix("    ")) {
            assert!(texts.contains(line), "{line} has no text");
        }
        assert!(texts.contains("Permission is hereby granted, free of charge"));
        let host = super::text(&root, &[("touroku-host", LINUX)]).unwrap();
        assert!(host.len() < text.len() && !host.contains("libsqlite3-sys"));
    }
}
