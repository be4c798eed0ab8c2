//! The host for Windows x64: program and MSI, both made here, signed where deploy.toml says how.

mod sign;
mod tables;
mod version;

use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use anyhow::{Context as _, Result, bail};
use sha2::{Digest as _, Sha256};

use super::{
    Build, drop_in, licences,
    policies::{self, Policies, uuid},
    programs,
};
use crate::run::{command, output};

const SOURCE: &str = include_str!("../../../dist/touroku.wxs");

/// Components of the program, the same in every agency's package, so that Windows Installer counts their users.
/// Their ids never change: under other ids two programs would share one folder, and removing one would remove the
/// other.
const SHARED: [&str; 5] = ["HOST", "CHROME32", "CHROME64", "EDGE32", "EDGE64"];

/// What the ids are derived from.
const PRODUCT: &str = "jp.touroku.host";

/// Components of one agency's package.
const OWN: [&str; 3] = ["DROPIN", "CHROMEPOLICY", "EDGEPOLICY"];

/// Builds `windows/`, or says why that is impossible on this machine.
pub(crate) fn make(build: &Build<'_>) -> Result<()> {
    let Build { root, deployment, key, .. } = build;
    if let Err(why) = ensure_target(root) {
        println!("── Windows host LEFT OUT: {why:#}");
        return Ok(());
    }
    // Signed elsewhere, or built and perhaps signed here.
    let signed = build.signed("touroku-host.exe");
    let program = match &signed {
        Some(signed) => signed.clone(),
        None => programs::build(build, "touroku-host", programs::WINDOWS)?,
    };
    let output_folder = build.output.fresh("windows")?;
    let staging = tempfile::tempdir()?;
    let staged = staging.path().join("touroku-host.exe");
    fs::copy(&program, &staged)?;
    if signed.is_none() {
        sign::sign(build, &staged)?;
    }
    fs::write(
        staging.path().join("drop-in.toml"),
        drop_in::text(deployment, &key.extension_id(), &deployment.modules.windows),
    )?;
    fs::write(
        staging.path().join("LICENCES.txt"),
        licences::text(root, &[("touroku-host", programs::WINDOWS)])?,
    )?;
    let name = format!("touroku-host-{}-{}-x64", deployment.name, deployment.version);
    for variant in [Variant::Plain, Variant::WithPolicies] {
        let file = format!("{name}{}.msi", variant.suffix());
        let msi = match build.signed(&file) {
            Some(signed) => signed,
            None => pack(build, staging.path(), variant)?,
        };
        output_folder.write(&file, fs::read(&msi)?)?;
    }
    output_folder.write("touroku-host.exe", fs::read(&staged)?)?;
    Ok(())
}

/// What a package does by default: software distribution by group policy passes no properties.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Variant {
    /// Writes policies only when asked to.
    Plain,
    /// Writes both browsers' policies.
    WithPolicies,
}

impl Variant {
    fn suffix(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::WithPolicies => "-with-policies",
        }
    }
}

/// Packs the staged files and returns the MSI.
fn pack(build: &Build<'_>, staging: &Path, variant: Variant) -> Result<PathBuf> {
    let Build { deployment, key, epoch, .. } = build;
    let id = key.extension_id();
    let policies = Policies::new(deployment, id.clone());
    let contents = contents(staging, &policies, &format!("{}{}", deployment.version, variant.suffix()))?;
    // To Windows Installer different content or another version is another product under the same upgrade code: it
    // would neither upgrade nor repair an installed product whose version differs (`ERROR_PRODUCT_VERSION`).
    let product = uuid(&id, &format!("product-{contents}"));
    // Not in the same folder: its name is not content.
    let folder = staging.join(format!("made{}", variant.suffix()));
    fs::create_dir(&folder)?;
    for file in files(staging)? {
        fs::copy(&file, folder.join(file.file_name().context("a file has a name")?))?;
    }
    fs::write(folder.join("touroku.wxs"), source(&policies, &product, &deployment.version))?;
    set_times(&folder, SystemTime::UNIX_EPOCH + Duration::from_secs(epoch.seconds()))?;
    let msi = folder.join("touroku.msi");
    output(command(&folder, "wixl").args(["--arch", "x64", "--output", "touroku.msi", "touroku.wxs"]))?;
    let package = uuid(&id, &format!("package-{contents}"));
    let version = version::of(&fs::read(staging.join("touroku-host.exe"))?);
    tables::complete(&msi, &package, build, &policies, version.as_deref(), variant)?;
    sign::sign(build, &msi)?;
    Ok(msi)
}

/// Rust's standard library for Windows. Without rustup it is up to Debian or the administrator.
fn ensure_target(root: &Path) -> Result<()> {
    let system_root = output(command(root, "rustc").args(["--print", "sysroot"]))?;
    if Path::new(system_root.trim()).join("lib/rustlib").join(programs::WINDOWS).exists() {
        return Ok(());
    }
    output(command(root, "rustup").args(["target", "add", programs::WINDOWS]))
        .map(drop)
        .with_context(|| format!("Rust's standard library for {} cannot be had", programs::WINDOWS))
}

fn source(policies: &Policies, product: &str, version: &str) -> String {
    let filled = SOURCE
        .replace("@PRODUCT@", product)
        .replace("@UPGRADE@", &policies.uuid("upgrade"))
        .replace("@NAME@", policies.name())
        .replace("@VALUE@", policies.value())
        .replace("@VERSION@", version);
    let shared = SHARED.map(|name| (name, uuid(PRODUCT, &format!("component-{name}"))));
    let own = OWN.map(|name| (name, policies.uuid(&format!("component-{name}"))));
    shared.iter().chain(&own).fold(filled, |source, (name, id)| source.replace(&format!("@{name}@"), id))
}

/// A hash over everything that is installed, and its version.
fn contents(staging: &Path, policies: &Policies, version: &str) -> Result<String> {
    let mut hash = Sha256::new();
    hash.update(format!("{version}\0"));
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

/// The cabinet stores the files' times.
fn set_times(staging: &Path, time: SystemTime) -> Result<()> {
    for file in files(staging)? {
        fs::File::options().write(true).open(&file)?.set_modified(time)?;
    }
    Ok(())
}

fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files: Vec<PathBuf> =
        fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    files.retain(|path| path.is_file());
    files.sort();
    if files.is_empty() {
        bail!("{} is empty", folder.display());
    }
    Ok(files)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::dist::{
        deployment::tests::sample,
        policies::tests::{ID, policies},
    };

    /// An MSI built by wixl in that folder.
    pub(crate) fn msi(folder: &Path) -> PathBuf {
        for name in ["touroku-host.exe", "drop-in.toml", "LICENCES.txt"] {
            fs::write(folder.join(name), name).unwrap();
        }
        let source = source(&policies(), &uuid(ID, "product"), "1.2.3");
        fs::write(folder.join("touroku.wxs"), source).unwrap();
        set_times(folder, SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000)).unwrap();
        output(command(folder, "wixl").args(["--arch", "x64", "--output", "touroku.msi", "touroku.wxs"]))
            .unwrap();
        folder.join("touroku.msi")
    }

    #[test]
    fn another_version_or_content_is_another_product() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("drop-in.toml"), "1").unwrap();
        let of = |version| contents(folder.path(), &policies(), version).unwrap();
        let first = of("1.2.3.0");
        assert_eq!(first, of("1.2.3.0"));
        assert_ne!(first, of("1.2.3.1"));
        fs::write(folder.path().join("drop-in.toml"), "2").unwrap();
        assert_ne!(first, of("1.2.3.0"));
    }

    #[test]
    fn every_placeholder_is_filled_and_components_differ() {
        let source = source(&policies(), &uuid(ID, "product"), "1.2.3");
        assert!(!source.contains('@'), "{source}");
        let document = roxmltree::Document::parse(&source).unwrap();
        let mut ids: Vec<_> = document.descendants().filter_map(|node| node.attribute("Guid")).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), SHARED.len() + OWN.len());
    }

    #[test]
    fn two_agencies_share_the_programs_components_and_nothing_else() {
        let mut deployment = sample();
        let mut guids = |name: &str, id: &str| -> Vec<(String, String)> {
            deployment.name = name.to_owned();
            let source = source(&Policies::new(&deployment, id.to_owned()), &uuid(id, "product"), "1.2.3");
            let document = roxmltree::Document::parse(&source).unwrap();
            let components = document.descendants().filter(|node| node.has_tag_name((WIX, "Component")));
            let text = |node: roxmltree::Node<'_, '_>, name| node.attribute(name).unwrap().to_owned();
            components.map(|node| (text(node, "Id"), text(node, "Guid"))).collect()
        };
        let one = guids("a", ID);
        assert_eq!(one, guids("a", &"b".repeat(32)), "a deployment whose key was lost takes its own place");
        let shared: Vec<String> = one
            .into_iter()
            .zip(guids("b", ID))
            .filter(|(one, other)| one == other)
            .map(|((name, _), _)| name)
            .collect();
        assert_eq!(shared, ["Host", "Chrome32", "Chrome64", "Edge32", "Edge64"]);
    }

    const WIX: &str = "http://schemas.microsoft.com/wix/2006/wi";
}
