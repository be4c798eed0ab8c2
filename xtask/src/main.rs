//! The project's tasks: `cargo xtask demo | test | build | dist | bench | soak | fuzz | generate`.
//!
//! Each installs what the machine lacks, builds what it needs and runs it; nothing has to be prepared by
//! hand on a Debian machine with Rust.

mod bench;
mod demo;
mod dist;
mod fuzz;
mod generate;
mod lane;
mod openapi;
mod patroni;
mod postgres;
mod reproducible;
mod run;
mod setup;
mod site;
mod soak;
mod suite;
mod test;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{Parser, Subcommand};

/// Touroku's tasks.
#[derive(Parser)]
#[command(name = "cargo xtask", version)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// The whole main job, for real: virtual card, demo CA, server with a roster, Chromium with extension and host.
    Demo(demo::Options),
    /// Everything: format, lints, unit tests, WASM build, extension type check, browser journeys.
    Test(test::Options),
    /// The contractor's page, optimised and compressed, into target/site.
    Build,
    /// Everything that an administrator rolls out: extension, policies, packages, SBOM.
    Dist(dist::Options),
    /// Each figure beside its limit.
    Bench(bench::Options),
    /// People work while server, mail server, disk and clock fail one after another (as root).
    Soak(soak::Options),
    /// The fuzz targets, each from where the last run ended.
    Fuzz(fuzz::Options),
    /// What the extension must know of proto, and the texts of card errors, each written from its one place.
    Generate,
    /// Install what this machine lacks, and nothing else.
    Setup,
}

fn main() -> ExitCode {
    let root = workspace_root();
    let done = match Arguments::parse().task {
        Task::Demo(options) => demo::demo(&root, &options),
        Task::Test(options) => test::test(&root, &options),
        Task::Build => setup::ensure(&root, &setup::BUILD).and_then(|()| site::build(&root)).map(drop),
        Task::Dist(options) => dist::dist(&root, &options),
        Task::Bench(options) => bench::bench(&root, &options),
        Task::Soak(options) => soak::soak(&root, &options),
        Task::Fuzz(options) => fuzz::fuzz(&root, &options),
        Task::Generate => generate::generate(&root),
        Task::Setup => setup::ensure(&root, &setup::DEMO),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// The folder of the workspace's Cargo.toml: this program is always built in place.
fn workspace_root() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().expect("xtask lies inside the workspace").to_owned()
}
