//! `cargo xtask test`: everything that must hold before a change lands.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::Result;

use crate::{
    dist::WINDOWS,
    run::{cargo, command, run},
    setup, site,
};

/// Options of the tests.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Leave out what needs a browser and card readers.
    #[arg(long)]
    fast: bool,
    /// Only the browser journeys, and of these only the ones whose name contains this.
    #[arg(long, value_name = "NAME")]
    journey: Option<String>,
}

/// Runs everything, cheapest first.
pub(crate) fn test(root: &Path, options: &Options) -> Result<()> {
    setup::ensure(root, &setup::TEST)?;
    // Packages are made and taken apart in tests of their own.
    setup::ensure(root, &setup::DIST)?;
    if let Some(name) = &options.journey {
        return journeys(root, name);
    }
    run("format", cargo(root).args(["fmt", "--all", "--check"]))?;
    extension(root)?;
    run("holidays", command(root, "node").args(["--test", "tests/holidays.test.mjs"]))?;
    run(
        "lints",
        cargo(root).args(["clippy", "--quiet", "--workspace", "--all-targets", "--", "-D", "warnings"]),
    )?;
    run(
        "lints of the page for the browser",
        cargo(root)
            .args(["clippy", "--quiet", "--package", "touroku-web", "--target", "wasm32-unknown-unknown"])
            .args(["--", "-D", "warnings"]),
    )?;
    run(
        "lints of the host for Windows",
        cargo(root)
            .args(["clippy", "--quiet", "--package", "touroku-host", "--all-targets", "--target", WINDOWS])
            .args(["--", "-D", "warnings"]),
    )?;
    run(
        "unit tests",
        cargo(root).args([
            "test",
            "--workspace",
            "--exclude",
            "touroku-tests",
            "--features",
            "touroku-proto/certificate,touroku-proto/server",
        ]),
    )?;
    run(
        "unit tests of the harness",
        cargo(root).args(["test", "--package", "touroku-tests", "--lib", "--bins"]),
    )?;
    if options.fast {
        return Ok(());
    }
    journeys(root, "")
}

/// The extension's JavaScript: types, then behaviour.
fn extension(root: &Path) -> Result<()> {
    let tsc = setup::tools(root).join("node_modules/.bin/tsc");
    let types = setup::tools(root).join("node_modules/@types");
    run(
        "types of the extension",
        command(root, tsc).args(["--project", "extension/tsconfig.json", "--typeRoots"]).arg(types),
    )?;
    // Each by its name: of a folder, some versions of Node make a module to load.
    let mut tests: Vec<PathBuf> = fs::read_dir(root.join("extension/test"))?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<Vec<_>>>()?;
    tests.retain(|path| path.to_string_lossy().ends_with(".test.js"));
    tests.sort();
    run("tests of the extension", command(root, "node").arg("--test").args(tests))
}

/// Journeys share two card readers and one screen: one at a time.
fn journeys(root: &Path, name: &str) -> Result<()> {
    site::build(root)?;
    run("programs", cargo(root).args(["build", "--quiet", "--bins"]))?;
    let mut journeys = cargo(root);
    journeys.args(["test", "--package", "touroku-tests", "--tests", "--", "--test-threads=1"]);
    if !name.is_empty() {
        journeys.arg(name);
    }
    run("journeys", &mut journeys)
}
