//! `cargo xtask fuzz`: the fuzz targets, each resuming where the last run ended.
//!
//! Inputs that runs found are kept in one archive per target: as thousands of files they would be most of the
//! project.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result, ensure};

use crate::{
    run::{cargo, command, output, run},
    setup, site,
};

/// Options of fuzzing.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Only these targets (tests/fuzz/README.md lists them).
    targets: Vec<String>,
    /// So many seconds for each target; 0: what is there is run once, and nothing new is tried.
    #[arg(long, default_value_t = 600)]
    seconds: u32,
}

/// Runs the targets; what was new to them is kept, minimised.
pub(crate) fn fuzz(root: &Path, options: &Options) -> Result<()> {
    setup::ensure(root, &setup::FUZZ)?;
    setup::cargo_fuzz(root)?;
    let all = targets(root)?;
    for target in &options.targets {
        ensure!(all.contains(target), "there is no target {target}; there are: {}", all.join(", "));
    }
    for target in if options.targets.is_empty() { &all } else { &options.targets } {
        let corpus = Corpus::of(root, target);
        corpus.unpack()?;
        let limit = match options.seconds {
            0 => "-runs=0".to_owned(),
            seconds => format!("-max_total_time={seconds}"),
        };
        run(target, cargo_fuzz(root, "run").arg(target).arg(&corpus.work).args(["--", &limit]))?;
        if options.seconds > 0 {
            run(&format!("{target}, minimised"), cargo_fuzz(root, "cmin").arg(target).arg(&corpus.work))?;
            corpus.pack()?;
        }
    }
    Ok(())
}

fn cargo_fuzz(root: &Path, task: &str) -> Command {
    let mut command = cargo(&root.join("tests/fuzz"));
    // Sanitizers are not stable yet.
    command.args(["fuzz", task]).env("RUSTC_BOOTSTRAP", "1");
    command
}

/// A target is a file of its name.
fn targets(root: &Path) -> Result<Vec<String>> {
    let names = files(&root.join("tests/fuzz/fuzz_targets"))?.into_keys();
    Ok(names.filter_map(|name| Some(name.strip_suffix(".rs")?.to_owned())).collect())
}

/// A target's inputs.
struct Corpus {
    /// Made by hand: what is in order, each with a name.
    seeds: PathBuf,
    /// Found by runs.
    archive: PathBuf,
    /// Both of them, where the target runs.
    work: PathBuf,
}

impl Corpus {
    fn of(root: &Path, target: &str) -> Self {
        Self {
            seeds: root.join("tests/fuzz/corpus").join(target),
            archive: root.join("tests/fuzz/mined").join(format!("{target}.tar.xz")),
            work: site::target_directory(root).join("fuzz").join(target),
        }
    }

    /// Seeds and archive into the folder, which holds nothing else afterwards.
    fn unpack(&self) -> Result<()> {
        if self.work.exists() {
            fs::remove_dir_all(&self.work)?;
        }
        fs::create_dir_all(&self.work)?;
        if self.archive.exists() {
            let mut tar = command(&self.work, "tar");
            quiet(tar.arg("--extract").arg("--file").arg(&self.archive))?;
        }
        for (name, bytes) in files(&self.seeds)? {
            fs::write(self.work.join(name), bytes)?;
        }
        Ok(())
    }

    /// The folder into the archive, but for the seeds. The same files make the same archive.
    fn pack(&self) -> Result<()> {
        let seeds: Vec<Vec<u8>> = files(&self.seeds)?.into_values().collect();
        // By content: minimising names every file after its hash.
        let mined = files(&self.work)?.into_iter().filter(|(_, bytes)| !seeds.contains(bytes));
        let names: Vec<String> = mined.map(|(name, _)| name).collect();
        let folder = self.archive.parent().context("an archive lies in a folder")?;
        fs::create_dir_all(folder)?;
        let list = tempfile::NamedTempFile::new()?;
        fs::write(list.path(), names.join("\n"))?;
        let mut tar = command(&self.work, "tar");
        tar.args(["--create", "--xz", "--sort=name", "--mtime=@0", "--mode=0644"]);
        tar.args(["--owner=0", "--group=0", "--numeric-owner"]).env("XZ_OPT", "-9e");
        quiet(tar.arg("--file").arg(&self.archive).arg("--files-from").arg(list.path()))
    }
}

fn quiet(tar: &mut Command) -> Result<()> {
    output(tar).map(drop)
}

/// What lies in a folder, by name.
fn files(folder: &Path) -> Result<BTreeMap<String, Vec<u8>>> {
    let entries = fs::read_dir(folder).with_context(|| format!("{} cannot be read", folder.display()))?;
    entries
        .map(|entry| {
            let entry = entry?;
            let name = entry.file_name().into_string().ok().context("a name in UTF-8")?;
            Ok((name, fs::read(entry.path())?))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_runs_found_comes_back_from_the_archive_and_seeds_never_go_in() {
        let root = tempfile::tempdir().unwrap();
        let corpus = Corpus {
            seeds: root.path().join("corpus"),
            archive: root.path().join("mined/piv.tar.xz"),
            work: root.path().join("work"),
        };
        fs::create_dir(&corpus.seeds).unwrap();
        fs::write(corpus.seeds.join("rsa"), "seed").unwrap();
        corpus.unpack().unwrap();
        // Runs find one; minimising renames the seed to its hash.
        fs::write(corpus.work.join("5e5"), "seed").unwrap();
        fs::write(corpus.work.join("0a0"), "found").unwrap();
        corpus.pack().unwrap();
        let first = fs::read(&corpus.archive).unwrap();

        corpus.unpack().unwrap();
        let expected = [("0a0", "found"), ("rsa", "seed")];
        let expected = expected.map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec()));
        assert_eq!(files(&corpus.work).unwrap(), BTreeMap::from(expected));
        corpus.pack().unwrap();
        assert_eq!(fs::read(&corpus.archive).unwrap(), first, "the same files make the same archive");
    }

    #[test]
    fn every_target_has_seeds_and_an_archive() {
        let root = crate::workspace_root();
        for target in targets(&root).unwrap() {
            let corpus = Corpus::of(&root, &target);
            assert!(!files(&corpus.seeds).unwrap().is_empty() && corpus.archive.exists(), "{target}");
        }
    }
}
