//! SHA256SUMS, for `sha256sum --check`.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, bail};
use sha2::{Digest as _, Sha256};

use super::{Build, folder::Folder};

const NAME: &str = "SHA256SUMS";

/// The names of the signature and the public key. `openssl dgst -sha256 -verify KEY -signature SIGNATURE
/// SHA256SUMS`.
const SIGNATURE: &str = "SHA256SUMS.sig";
const KEY: &str = "SHA256SUMS.pem";

/// Writes the sums of all files in the folder.
pub(crate) fn make(output: &Folder) -> Result<()> {
    let mut lines = String::new();
    for (name, sum) in of(output.path())? {
        let _ = writeln!(lines, "{sum}  {name}");
    }
    output.write(NAME, lines).map(drop)
}

/// Signs them with the extension's key. A CRX signature covers a different prefix, so neither passes for the
/// other.
pub(crate) fn sign(build: &Build<'_>) -> Result<()> {
    let Build { root, key, output, .. } = build;
    let sums = fs::read(output.path().join(NAME))?;
    output.write(KEY, key.public_pem(root)?)?;
    match build.signed(SIGNATURE).map(fs::read).transpose()? {
        Some(signature) => {
            key.check(root, &sums, &signature).context(SIGNATURE)?;
            output.write(SIGNATURE, signature).map(drop)
        }
        None if key.is_here() => output.write(SIGNATURE, key.sign(root, &sums)?).map(drop),
        None => {
            println!("   NOT SIGNED: {NAME}");
            Ok(())
        }
    }
}

/// Compares two folders file by file, by the files' current contents: the lists need not be true.
pub(crate) fn compare(made: &Path, before: &Path) -> Result<()> {
    let (made, mut earlier) = (of(made)?, of(before)?);
    let mut differences = Vec::new();
    for (name, sum) in &made {
        match earlier.remove(name) {
            Some(other) if other == *sum => {}
            Some(_) => differences.push(format!("{name}: differs")),
            None => differences.push(format!("{name}: was not there before")),
        }
    }
    differences.extend(earlier.into_keys().map(|name| format!("{name}: was made before only")));
    if !differences.is_empty() {
        bail!("not what is in {}:\n  {}", before.display(), differences.join("\n  "));
    }
    println!("── the same as in {}: {} files", before.display(), made.len());
    Ok(())
}

/// The sums of the files in a folder by name, except the list of sums itself.
fn of(folder: &Path) -> Result<BTreeMap<String, String>> {
    let mut files = Vec::new();
    collect(folder, &mut files).with_context(|| format!("{} cannot be read", folder.display()))?;
    let mut sums = BTreeMap::new();
    for file in files {
        let name = file.strip_prefix(folder).context("files lie in the folder")?;
        let name = name.to_str().context("our file names are UTF-8")?;
        if ![NAME, SIGNATURE, KEY].contains(&name) {
            sums.insert(name.to_owned(), hex::encode(Sha256::digest(fs::read(&file)?)));
        }
    }
    Ok(sums)
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    let mut entries: Vec<PathBuf> =
        fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    entries.sort();
    for path in entries {
        if path.is_dir() {
            collect(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::{command, output};

    #[test]
    fn a_comparison_names_each_file_that_is_not_the_same_whatever_the_lists_say() {
        let folder = tempfile::tempdir().unwrap();
        let written = |name: &str, files: &[(&str, &str)]| {
            let output = Folder::new(&folder.path().join(name)).unwrap();
            for (name, text) in files {
                output.write(name, text).unwrap();
            }
            make(&output).unwrap();
            output.path().to_owned()
        };
        let first = written("first", &[("a", "1"), ("in/b", "2")]);
        let same = written("same", &[("in/b", "2"), ("a", "1")]);
        compare(&first, &same).unwrap();
        fs::write(same.join("a"), "changed afterwards").unwrap();
        fs::rename(same.join("in/b"), same.join("in/c")).unwrap();
        let error = compare(&first, &same).unwrap_err().to_string();
        for line in ["a: differs", "in/b: was not there before", "in/c: was made before only"] {
            assert!(error.contains(line), "{error}");
        }
        assert!(compare(&first, &folder.path().join("nowhere")).is_err());
    }

    #[test]
    fn sha256sum_agrees_and_notices_a_change() {
        let folder = tempfile::tempdir().unwrap();
        let written = Folder::new(folder.path()).unwrap();
        written.write("a/b.txt", "b").unwrap();
        make(&written).unwrap();
        make(&written).unwrap();
        let check = || output(command(folder.path(), "sha256sum").args(["--check", NAME]));
        assert_eq!(check().unwrap(), "a/b.txt: OK\n");
        fs::write(folder.path().join("a/b.txt"), "c").unwrap();
        assert!(check().is_err());
    }
}
