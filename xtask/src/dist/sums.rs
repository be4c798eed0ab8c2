//! SHA256SUMS, for `sha256sum --check`.

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};
use sha2::{Digest as _, Sha256};

use super::folder::Folder;

/// The file's name.
const NAME: &str = "SHA256SUMS";

/// Writes the sums of everything in the folder.
pub(crate) fn make(output: &Folder) -> Result<()> {
    let mut files = Vec::new();
    collect(output.path(), &mut files)?;
    let mut lines = String::new();
    for file in files {
        let name = file.strip_prefix(output.path()).context("files lie in the folder")?;
        let name = name.to_str().context("our file names are UTF-8")?;
        if name != NAME {
            let _ = writeln!(lines, "{}  {name}", hex::encode(Sha256::digest(fs::read(&file)?)));
        }
    }
    output.write(NAME, lines).map(drop)
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
