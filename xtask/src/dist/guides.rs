//! The guides, laid out as in the repository, so that links between them lead somewhere.

use std::{fs, path::Path};

use anyhow::{Context as _, Result};

use super::Build;

/// Folders and files.
const GUIDES: [&str; 6] = ["docs", "deploy", "server/README.md", "CHANGELOG.md", "SECURITY.md", "LICENSE"];

/// Makes `guides/`.
pub(crate) fn make(build: &Build<'_>) -> Result<()> {
    println!("── guides");
    let output = build.output.fresh("guides")?;
    for (name, bytes) in files(build.root)? {
        output.write(&name, bytes)?;
    }
    Ok(())
}

fn files(root: &Path) -> Result<Vec<(String, Vec<u8>)>> {
    let mut files = Vec::new();
    for name in GUIDES {
        let path = root.join(name);
        if path.is_dir() {
            files.extend(tree(&path)?.into_iter().map(|(below, bytes)| (format!("{name}/{below}"), bytes)));
        } else {
            files.push((name.to_owned(), fs::read(path)?));
        }
    }
    Ok(files)
}

/// A folder's files, recursively and by name, except dot files.
pub(crate) fn tree(folder: &Path) -> Result<Vec<(String, Vec<u8>)>> {
    let mut entries: Vec<_> = fs::read_dir(folder)?.collect::<Result<_, _>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    let mut files = Vec::new();
    for entry in entries {
        let name = entry.file_name().into_string().ok().context("our file names are UTF-8")?;
        if name.starts_with('.') {
            continue;
        }
        if entry.file_type()?.is_dir() {
            let below = tree(&entry.path())?;
            files.extend(below.into_iter().map(|(below, bytes)| (format!("{name}/{below}"), bytes)));
        } else {
            files.push((name, fs::read(entry.path())?));
        }
    }
    Ok(files)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Links of these Markdown files that lead to none of them.
    pub(crate) fn dead_links(files: &[(String, Vec<u8>)]) -> Vec<String> {
        let mut dead = Vec::new();
        for (name, bytes) in files.iter().filter(|(name, _)| name.ends_with(".md")) {
            let text = String::from_utf8_lossy(bytes);
            let links = text.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next());
            for link in links.filter(|link| !link.is_empty() && !link.contains(':')) {
                let mut place: Vec<&str> = name.split('/').collect();
                place.pop();
                let mut is_within = true;
                for part in link.trim_end_matches('/').split('/') {
                    match part {
                        ".." => is_within &= place.pop().is_some(),
                        part => place.push(part),
                    }
                }
                let target = place.join("/");
                let there = |(name, _): &(String, Vec<u8>)| {
                    *name == target || name.strip_prefix(&target).is_some_and(|below| below.starts_with('/'))
                };
                if !is_within || !files.iter().any(there) {
                    dead.push(format!("{name}: {link}"));
                }
            }
        }
        dead
    }

    #[test]
    fn every_guide_is_there_and_their_links_lead_to_one_another() {
        let files = files(&crate::workspace_root()).unwrap();
        for name in [
            "administrators.md",
            "operators.md",
            "troubleshooting.md",
            "store/listing-ja.md",
            "images/wizard.png",
        ] {
            assert!(files.iter().any(|(file, _)| *file == format!("docs/{name}")), "{name}");
        }
        assert_eq!(dead_links(&files), Vec::<String>::new());
        let lost = [("docs/a.md".to_owned(), b"[b](b.md) [c](../../c.md)".to_vec())];
        assert_eq!(dead_links(&lost), ["docs/a.md: b.md", "docs/a.md: ../../c.md"]);
    }
}
