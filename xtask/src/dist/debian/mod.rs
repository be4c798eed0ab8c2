//! Debian packages, built by dpkg-deb, which honours `SOURCE_DATE_EPOCH`.

pub(crate) mod host;
pub(crate) mod server;

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};

use super::{Build, deployment::Deployment};
use crate::run::{command, output};

/// A package's files and its metadata for dpkg.
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) section: &'static str,
    /// It contains no program.
    pub(crate) any_architecture: bool,
    pub(crate) depends: String,
    pub(crate) recommends: &'static str,
    pub(crate) summary: String,
    pub(crate) description: String,
    pub(crate) files: Vec<File>,
    /// Names and texts of maintainer scripts.
    pub(crate) scripts: Vec<(&'static str, &'static str)>,
    /// What triggers the package.
    pub(crate) triggers: Option<String>,
}

pub(crate) struct File {
    /// Absolute path on the target computer.
    pub(crate) path: String,
    pub(crate) bytes: Vec<u8>,
    pub(crate) mode: u32,
}

impl File {
    /// A world-readable file.
    pub(crate) fn new(path: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        Self { path: path.into(), bytes: bytes.into(), mode: 0o644 }
    }

    pub(crate) fn program(path: impl Into<String>, from: &Path) -> Result<Self> {
        let bytes = fs::read(from).with_context(|| format!("{} cannot be read", from.display()))?;
        Ok(Self { mode: 0o755, ..Self::new(path, bytes) })
    }
}

impl Package {
    /// Builds the package into `linux/` and returns its path.
    pub(crate) fn build(&self, build: &Build<'_>) -> Result<PathBuf> {
        let Build { root, deployment, epoch, .. } = build;
        let architecture = match self.any_architecture {
            true => "all".to_owned(),
            false => output(command(root, "dpkg").arg("--print-architecture"))?,
        };
        let architecture = architecture.trim();
        let staging = tempfile::tempdir()?;
        self.stage(staging.path(), deployment, architecture)?;
        let name = format!("{}_{}_{architecture}.deb", self.name, self.version);
        let path = build.output.path().join("linux").join(&name);
        fs::create_dir_all(path.parent().context("linux/ is a folder")?)?;
        let mut dpkg = command(root, "dpkg-deb");
        dpkg.args(["--build", "--root-owner-group", "-Zxz"]).arg(staging.path()).arg(&path);
        output(dpkg.env("SOURCE_DATE_EPOCH", epoch.seconds().to_string()))?;
        println!("   {}", path.display());
        Ok(path)
    }

    /// Writes the tree that dpkg-deb packs.
    fn stage(&self, folder: &Path, deployment: &Deployment, architecture: &str) -> Result<()> {
        let mut size = 0;
        for file in &self.files {
            write(&folder.join(file.path.trim_start_matches('/')), &file.bytes, file.mode)?;
            size += file.bytes.len().div_ceil(1024);
        }
        let control = folder.join("DEBIAN");
        write(&control.join("control"), self.control(deployment, architecture, size).as_bytes(), 0o644)?;
        if let Some(triggers) = &self.triggers {
            write(&control.join("triggers"), triggers.as_bytes(), 0o644)?;
        }
        for (name, text) in &self.scripts {
            write(&control.join(name), text.as_bytes(), 0o755)?;
        }
        open_folders(folder)
    }

    fn control(&self, deployment: &Deployment, architecture: &str, size: usize) -> String {
        let description: String = self.description.lines().map(|line| format!(" {line}\n")).collect();
        let recommends = match self.recommends {
            "" => String::new(),
            packages => format!("Recommends: {packages}\n"),
        };
        format!(
            "Package: {}\nVersion: {}\nArchitecture: {architecture}\nMaintainer: {} <{}>\nSection: {}\nPriority: optional\n\
             Installed-Size: {size}\nDepends: {}\n{recommends}Description: {}\n{description}",
            self.name,
            self.version,
            deployment.publisher.name,
            deployment.publisher.email,
            self.section,
            self.depends,
            self.summary,
        )
    }
}

/// Makes all folders accessible, whatever the umask.
fn open_folders(folder: &Path) -> Result<()> {
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755))?;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            open_folders(&entry.path())?;
        }
    }
    Ok(())
}

/// Writes a file with a set mode, whatever the umask.
fn write(path: &Path, bytes: &[u8], mode: u32) -> Result<()> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    fs::write(path, bytes)?;
    fs::set_permissions(path, fs::Permissions::from_mode(mode))?;
    Ok(())
}

/// `/usr/share/doc/…/copyright`, which Debian asks of every package.
fn copyright(root: &Path, name: &str, products: &[(&str, &str)]) -> Result<File> {
    let licences = super::licences::text(root, products)?;
    Ok(File::new(format!("/usr/share/doc/{name}/copyright"), licences))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dist::deployment::tests::sample;

    fn package() -> Package {
        Package {
            name: "touroku-test".to_owned(),
            version: "1.2.3".to_owned(),
            section: "misc",
            any_architecture: false,
            depends: "libc6".to_owned(),
            recommends: "",
            summary: "Summary".to_owned(),
            description: "One line.\nAnother.".to_owned(),
            files: vec![File::new("/usr/share/touroku/a", "a")],
            scripts: vec![("postinst", "#!/bin/sh\n")],
            triggers: Some("interest-noawait /usr/share/touroku\n".to_owned()),
        }
    }

    #[test]
    fn dpkg_reads_the_package_back_and_it_is_the_same_when_made_again() {
        let folder = tempfile::tempdir().unwrap();
        let (staged, deb) = (folder.path().join("staged"), folder.path().join("test.deb"));
        fs::create_dir(&staged).unwrap();
        package().stage(&staged, &sample(), "amd64").unwrap();
        let dpkg = |arguments: &[&str]| {
            let mut dpkg = command(folder.path(), "dpkg-deb");
            output(dpkg.args(arguments).env("SOURCE_DATE_EPOCH", "1000000000")).unwrap()
        };
        dpkg(&["--build", "--root-owner-group", "staged", "test.deb"]);
        let first = fs::read(&deb).unwrap();
        dpkg(&["--build", "--root-owner-group", "staged", "test.deb"]);
        assert_eq!(first, fs::read(&deb).unwrap());

        assert_eq!(dpkg(&["--field", "test.deb", "Version"]), "1.2.3\n");
        assert!(dpkg(&["--field", "test.deb", "Maintainer"]).ends_with("<ebid@example.jp>\n"));
        assert!(dpkg(&["--info", "test.deb", "triggers"]).starts_with("interest-noawait"));
        let contents = dpkg(&["--contents", "test.deb"]);
        assert!(contents.contains("-rw-r--r-- root/root") && contents.contains("./usr/share/touroku/a"));
        assert!(contents.contains("2001-09-09"), "{contents}");
    }
}
