//! `cargo xtask bench`: each figure beside its limit.

use std::path::Path;

use anyhow::Result;

use crate::{
    postgres::{Disk, Postgres, Replicated},
    run::{cargo, command, run},
    setup, site,
};

/// Options of the measurements.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Only the figures whose name contains this.
    #[arg(default_value = "")]
    only: String,
    /// The server's figures on this engine beside those on SQLite.
    #[arg(long, value_enum)]
    store: Option<Engine>,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Engine {
    /// Alone, and with a synchronous standby.
    Postgres,
}

/// Builds for release and hands over to the measuring program of the `tests` crate.
pub(crate) fn bench(root: &Path, options: &Options) -> Result<()> {
    setup::ensure(root, &setup::DEMO)?;
    let site = site::build(root)?;
    run("programs", cargo(root).args(["build", "--quiet", "--bins", "--release"]))?;
    let bare = site::build_bare(root)?;
    let mut bench = command(root, site::target_directory(root).join("release/touroku-bench"));
    bench.arg("--workspace").arg(root);
    for (name, bytes, most) in [
        ("--first-page", site.first_page, site::MOST.first_page),
        ("--officer-page", site.officer_page, site::MOST.officer_page),
    ] {
        bench.arg(name).args([bytes, most].map(|bytes| bytes.to_string()));
    }
    bench.arg("--bare").arg(bare);
    bench.arg("--only").arg(&options.only);
    // Until it has ended.
    let databases = match options.store {
        Some(Engine::Postgres) => Some((Postgres::start(Disk::Durable)?, Replicated::start(Disk::Durable)?)),
        None => None,
    };
    if let Some((one, pair)) = &databases {
        bench.arg("--postgres").arg(format!("{} dbname=postgres", one.address()));
        bench.arg("--replicated").arg(format!("{} dbname=postgres", pair.address()));
    }
    run("bench", &mut bench)
}
