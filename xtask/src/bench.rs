//! `cargo xtask bench`: each figure beside its limit.

use std::path::Path;

use anyhow::Result;

use crate::{
    run::{cargo, command, run},
    setup, site,
};

/// Options of the measurements.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Only the figures whose name contains this.
    #[arg(default_value = "")]
    only: String,
}

/// Builds for release and hands over to the measuring program of the `tests` crate.
pub(crate) fn bench(root: &Path, options: &Options) -> Result<()> {
    setup::ensure(root, &setup::DEMO)?;
    let site = site::build(root)?;
    run("programs", cargo(root).args(["build", "--quiet", "--bins", "--release"]))?;
    let mut bench = command(root, site::target_directory(root).join("release/touroku-bench"));
    bench.arg("--workspace").arg(root).args(["--first-page", &site.first_page.to_string()]);
    bench.args(["--officer-page", &site.officer_page.to_string()]);
    bench.arg("--only").arg(&options.only);
    run("bench", &mut bench)
}
