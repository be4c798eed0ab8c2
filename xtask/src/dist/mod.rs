//! `cargo xtask dist`: everything that administrators need, in one folder, from a commit and a deploy.toml.
//!
//! The same commit, file and key produce the same bytes: times come from the commit (or `SOURCE_DATE_EPOCH`),
//! this machine's paths are kept out of the programs, and lists are sorted.

mod crx;
mod debian;
mod deployment;
mod drop_in;
mod epoch;
mod extension;
mod folder;
mod guides;
mod image;
mod key;
mod licences;
mod managed;
mod metadata;
mod policies;
mod programs;
mod sbom;
mod sums;
mod windows;

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use clap::ValueEnum;

pub(crate) use self::programs::WINDOWS;
use self::{deployment::Deployment, epoch::Epoch, folder::Folder, key::SigningKey};
use crate::setup;

/// Options of `dist`.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// The deployment; xtask/dist/deploy.toml explains each line.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// Where to put what is made; parts made before are replaced.
    #[arg(long, value_name = "DIR", default_value = "dist")]
    output: PathBuf,
    /// Only these parts.
    #[arg(long, value_enum, num_args = 1..)]
    only: Vec<Part>,
    /// The server's container image, too. Debian's libraries in it are today's, so that another day makes other bytes.
    #[arg(long)]
    image: bool,
    /// Pack the programs as `cargo build` makes them: quick, for trying packages out, not for rolling out.
    #[arg(long)]
    debug_programs: bool,
    /// Compare what was made with what was made before, in DIR: it must be the same, byte for byte.
    #[arg(long, value_name = "DIR")]
    verify: Option<PathBuf>,
    /// Take what was signed elsewhere from this folder: touroku-host.exe, the MSIs, signatures of the CRX and of SHA256SUMS,
    /// each under the name that it has in the output.
    #[arg(long, value_name = "DIR")]
    signed: Option<PathBuf>,
    /// Pack the programs and the site of this folder. For the test of the packing, which builds nothing.
    #[arg(long, value_name = "DIR", hide = true, conflicts_with = "debug_programs")]
    programs: Option<PathBuf>,
    /// Make everything from another checkout than the one that this task was built in. For the same test.
    #[arg(long, value_name = "DIR", hide = true)]
    source: Option<PathBuf>,
}

/// What can be made by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Signed CRX, update manifest, package for the stores.
    Extension,
    /// Group policy for Windows, Linux and macOS.
    Policies,
    /// The host for Debian and Ubuntu.
    HostLinux,
    /// The host for Windows: program and MSI.
    HostWindows,
    /// The server for Debian and Ubuntu.
    Server,
    /// Bills of materials and licences.
    Sbom,
    /// What people read who roll out, run and help.
    Guides,
}

/// What every part is made from.
struct Build<'a> {
    root: &'a Path,
    deployment: Deployment,
    key: SigningKey,
    epoch: Epoch,
    output: Folder,
    programs: Programs,
    signed: Option<PathBuf>,
}

impl Build<'_> {
    /// What was signed elsewhere under that name.
    fn signed(&self, name: &str) -> Option<PathBuf> {
        self.signed.as_ref().map(|folder| folder.join(name)).filter(|file| file.is_file())
    }
}

/// Where the programs come from.
enum Programs {
    /// Built for rolling out.
    Release,
    /// As `cargo build` makes them.
    Debug,
    /// Built before, in this folder: `touroku-host`, `touroku-host.exe`, `touroku-server` and `site/`.
    Given(PathBuf),
}

/// Makes the parts.
pub(crate) fn dist(root: &Path, options: &Options) -> Result<()> {
    setup::ensure(root, &setup::DIST)?;
    if options.image {
        setup::ensure(root, &setup::IMAGE)?;
    }
    let root = options.source.as_deref().unwrap_or(root);
    let deployment = match Deployment::read(root, &options.config) {
        Ok(deployment) => deployment,
        Err(faults) => bail!("{} is not usable:\n  {}", options.config.display(), faults.join("\n  ")),
    };
    let key = SigningKey::open(root, &deployment.key, &deployment.extension_command)?;
    let build = Build {
        root,
        key,
        epoch: Epoch::of(root)?,
        output: Folder::new(&options.output)?,
        programs: match &options.programs {
            Some(folder) => Programs::Given(folder.clone()),
            None if options.debug_programs => Programs::Debug,
            None => Programs::Release,
        },
        signed: options.signed.clone(),
        deployment,
    };
    println!("── extension {} version {}", build.key.extension_id(), build.deployment.version);
    let parts = if options.only.is_empty() { Part::value_variants() } else { &options.only };
    let mut server = None;
    for part in parts {
        match part {
            Part::Extension => extension::make(&build)?,
            Part::Policies => policies::make(&build)?,
            Part::HostLinux => debian::host::make(&build)?,
            Part::HostWindows => windows::make(&build)?,
            Part::Server => drop(server.insert(debian::server::make(&build)?)),
            Part::Sbom => sbom::make(&build)?,
            Part::Guides => guides::make(&build)?,
        }
    }
    if options.image {
        let package = server.map_or_else(|| debian::server::make(&build), Ok)?;
        image::make(&build, &package)?;
    }
    sums::make(&build.output)?;
    sums::sign(&build)?;
    options.verify.as_deref().map_or(Ok(()), |before| sums::compare(build.output.path(), before))
}
