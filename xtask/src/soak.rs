//! `cargo xtask soak`: what people meet, and what is left, while everything around them fails.

use std::path::Path;

use anyhow::Result;

use crate::{
    run::{cargo, command, run},
    setup, site,
};

/// Options of the soak.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// How long it lasts, after everybody has registered.
    #[arg(long, default_value_t = 10)]
    minutes: u32,
    /// How many work at the same time.
    #[arg(long, default_value_t = 200)]
    people: u32,
}

/// Builds and hands over to the program of the `tests` crate.
pub(crate) fn soak(root: &Path, options: &Options) -> Result<()> {
    setup::ensure(root, &setup::TEST)?;
    site::build(root)?;
    run("programs", cargo(root).args(["build", "--quiet", "--bins"]))?;
    let mut soak = command(root, site::target_directory(root).join("debug/touroku-soak"));
    soak.args(["--minutes", &options.minutes.to_string(), "--people", &options.people.to_string()]);
    run("soak", &mut soak)
}
