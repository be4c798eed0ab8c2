//! Where the built programs and the project's files are.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

/// The workspace's root: where this crate was compiled.
pub fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the crate lies inside the workspace")
}

/// A program that `cargo build --bins` put beside this one.
pub fn program(name: &str) -> Result<PathBuf> {
    let path = directory()?.join(name);
    if !path.exists() {
        bail!("{} is not built; `cargo xtask test` builds it first", path.display());
    }
    Ok(path)
}

/// Cargo's target directory: `target`, or as set by `CARGO_TARGET_DIR` or cargo's configuration.
pub fn target_directory() -> Result<PathBuf> {
    let directory = directory()?;
    Ok(directory.parent().context("a profile's folder lies in the target folder")?.to_owned())
}

/// The folder of the profile that this program was built with.
fn directory() -> Result<PathBuf> {
    let own = std::env::current_exe().context("this program's own path")?;
    let directory = own.parent().context("a program lies in a folder")?;
    // Test programs are one level deeper, in `deps`.
    let directory =
        if directory.ends_with("deps") { directory.parent().unwrap_or(directory) } else { directory };
    Ok(directory.to_owned())
}

pub fn site() -> Result<PathBuf> {
    let site = workspace().join("target/site");
    if !site.join("index.html").exists() {
        bail!("{} is not built; `cargo xtask build` does that", site.display());
    }
    Ok(site)
}
