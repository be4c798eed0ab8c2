//! The host for Windows x64: program and MSI, both made here, signed where a certificate is given.

mod sign;
mod tables;

use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use anyhow::{Context as _, Result, bail};
use sha2::{Digest as _, Sha256};
use touroku_proto::HOST_NAME;

use super::{
    Build,
    debian::host::{configuration, extension_ids, manifest},
    licences,
    policies::{self, Policies, uuid},
    programs,
};
use crate::run::{command, output};

const SOURCE: &str = include_str!("../../../dist/touroku.wxs");

/// Components of the MSI. Their ids stay the same from version to version, as Windows Installer wants.
const COMPONENTS: [&str; 7] =
    ["HOST", "CHROME32", "CHROME64", "EDGE32", "EDGE64", "CHROMEPOLICY", "EDGEPOLICY"];

/// Begins the configuration that the MSI installs.
const SHIPPED: &str = "# Installed with Touroku: every update replaces this file. For settings of your own copy it to\n\
                       # host.toml in this folder; that one counts instead of this one then, and no package changes it.\n";

/// Makes `windows/`, or says why that is not possible on this machine.
pub(crate) fn make(build: &Build<'_>) -> Result<()> {
    let Build { root, deployment, key, epoch, .. } = build;
    if let Err(why) = ensure_target(root) {
        println!("── Windows host LEFT OUT: {why:#}");
        return Ok(());
    }
    let program = programs::build(build, "touroku-host", programs::WINDOWS)?;
    let output_folder = build.output.fresh("windows")?;
    let staging = tempfile::tempdir()?;
    let id = key.extension_id();
    let ids = extension_ids(deployment, &id);
    let staged = staging.path().join("touroku-host.exe");
    fs::copy(&program, &staged)?;
    sign::sign(build, &staged)?;
    // Windows takes a relative path as one beside the manifest.
    fs::write(staging.path().join(format!("{HOST_NAME}.json")), manifest("touroku-host.exe", &ids))?;
    fs::write(
        staging.path().join("host.default.toml"),
        format!("{SHIPPED}{}", configuration(deployment, &ids)),
    )?;
    fs::write(staging.path().join("LICENCES.txt"), licences::text(root)?)?;

    let policies = Policies::new(deployment, id.clone());
    let contents = contents(staging.path(), &policies)?;
    // Another content is another product to Windows Installer, under the same upgrade code.
    let product = uuid(&id, &format!("product-{contents}"));
    fs::write(staging.path().join("touroku.wxs"), source(&id, &product, &deployment.version))?;
    set_times(staging.path(), SystemTime::UNIX_EPOCH + Duration::from_secs(epoch.seconds()))?;
    let msi = staging.path().join("touroku.msi");
    output(command(staging.path(), "wixl").args([
        "--arch",
        "x64",
        "--output",
        "touroku.msi",
        "touroku.wxs",
    ]))?;
    let package = uuid(&id, &format!("package-{contents}"));
    tables::complete(&msi, &package, build, &policies)?;
    sign::sign(build, &msi)?;

    output_folder.write("touroku-host.exe", fs::read(&staged)?)?;
    output_folder.write(&format!("touroku-host-{}-x64.msi", deployment.version), fs::read(&msi)?)?;
    Ok(())
}

/// Rust's standard library for Windows. Without rustup it is Debian's or the administrator's business.
fn ensure_target(root: &Path) -> Result<()> {
    let system_root = output(command(root, "rustc").args(["--print", "sysroot"]))?;
    if Path::new(system_root.trim()).join("lib/rustlib").join(programs::WINDOWS).exists() {
        return Ok(());
    }
    output(command(root, "rustup").args(["target", "add", programs::WINDOWS]))
        .map(drop)
        .with_context(|| format!("Rust's standard library for {} cannot be had", programs::WINDOWS))
}

fn source(id: &str, product: &str, version: &str) -> String {
    let filled = SOURCE
        .replace("@PRODUCT@", product)
        .replace("@UPGRADE@", &uuid(id, "upgrade"))
        .replace("@VERSION@", version);
    COMPONENTS.iter().fold(filled, |source, name| {
        source.replace(&format!("@{name}@"), &uuid(id, &format!("component-{name}")))
    })
}

/// A hash over everything that is installed.
fn contents(staging: &Path, policies: &Policies) -> Result<String> {
    let mut hash = Sha256::new();
    for file in files(staging)? {
        hash.update(fs::read(&file)?);
    }
    for browser in policies::BROWSERS {
        for (key, name, value) in policies::registry_values(policies, browser) {
            hash.update(format!("{key}\0{name}\0{value}\0"));
        }
    }
    Ok(hex::encode(hash.finalize()))
}

/// The cabinet holds the files' times.
fn set_times(staging: &Path, time: SystemTime) -> Result<()> {
    for file in files(staging)? {
        fs::File::options().write(true).open(&file)?.set_modified(time)?;
    }
    Ok(())
}

fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files: Vec<PathBuf> =
        fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    files.sort();
    if files.is_empty() {
        bail!("{} is empty", folder.display());
    }
    Ok(files)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::dist::policies::tests::ID;

    /// An MSI as wixl makes it, in that folder.
    pub(crate) fn msi(folder: &Path) -> PathBuf {
        for name in ["touroku-host.exe", "jp.touroku.host.json", "host.default.toml", "LICENCES.txt"] {
            fs::write(folder.join(name), name).unwrap();
        }
        fs::write(folder.join("touroku.wxs"), source(ID, &uuid(ID, "product"), "1.2.3")).unwrap();
        set_times(folder, SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000)).unwrap();
        output(command(folder, "wixl").args(["--arch", "x64", "--output", "touroku.msi", "touroku.wxs"]))
            .unwrap();
        folder.join("touroku.msi")
    }

    #[test]
    fn every_placeholder_is_filled_and_components_differ() {
        let source = source(ID, &uuid(ID, "product"), "1.2.3");
        assert!(!source.contains('@'), "{source}");
        let document = roxmltree::Document::parse(&source).unwrap();
        let mut ids: Vec<_> = document.descendants().filter_map(|node| node.attribute("Guid")).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), COMPONENTS.len());
    }
}
