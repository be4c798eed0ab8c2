//! The result of `cargo xtask dist`, rolled out on this system in the test's own mount namespace.

use std::{
    fs,
    io::{BufRead as _, BufReader, Write as _},
    net::{TcpListener, TcpStream},
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result, bail};

use super::programs;

/// Set inside the namespace.
const INSIDE: &str = "TOUROKU_TEST_NAMESPACE";

/// Where Chromium's policies are.
pub const POLICIES: &str = "/etc/chromium/policies/managed";

/// A deployment with its own key, whose site and update URL are served from here.
pub struct Deployment {
    name: String,
    folder: PathBuf,
    output: PathBuf,
    programs: PathBuf,
    origin: String,
}

impl Deployment {
    /// Makes the key, and serves the site: the extension's files, and an empty page for everything else.
    pub fn new(folder: &Path) -> Result<Self> {
        Self::named("test", folder)
    }

    /// One of several, each in its own folder.
    pub fn named(name: &str, folder: &Path) -> Result<Self> {
        fs::create_dir_all(folder)?;
        let output = folder.join("dist");
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let origin = format!("http://localhost:{}", listener.local_addr()?.port());
        run(Command::new("openssl").args(["genrsa", "-out"]).arg(folder.join("extension.pem")).arg("2048"))?;
        let served = output.clone();
        // Ends with the test's process.
        std::thread::spawn(move || {
            listener.incoming().flatten().for_each(|stream| drop(serve(stream, &served)));
        });
        let programs = folder.join("programs");
        fs::create_dir(&programs)?;
        for name in ["touroku-host", "touroku-server"] {
            // Debug information takes most of the packing time.
            let mut strip = Command::new("strip");
            run(strip.arg(programs::program(name)?).arg("-o").arg(programs.join(name)))?;
        }
        symlink(programs::site()?, programs.join("site"))?;
        Ok(Self { name: name.to_owned(), folder: folder.to_owned(), output, programs, origin })
    }

    /// Packs this program as well.
    pub fn add_program(&self, program: &Path) -> Result<()> {
        let name = program.file_name().context("a program has a name")?;
        Ok(symlink(program, self.programs.join(name))?)
    }

    /// The folder that `dist` fills.
    pub fn output(&self) -> &Path {
        &self.output
    }

    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Makes parts of this release.
    pub fn dist(&self, release: u16, parts: &[&str]) -> Result<()> {
        let Self { name, origin, .. } = self;
        let text = format!(
            "name = \"{name}\"\n[publisher]\nname = \"試験\"\nemail = \"test@example.jp\"\n\
             [extension]\nkey = \"extension.pem\"\nupdate_url = \"{origin}/extension/update.xml\"\nrelease = {release}\n\
             [[site]]\norigin = \"{origin}\"\nagencies = [\"青森市\"]\n\
             [help_desk]\nname = \"窓口\"\nphone = \"0\"\n[server]\norigin = \"{origin}\"\n"
        );
        let file = self.folder.join("deploy.toml");
        fs::write(&file, text)?;
        let mut dist = Command::new(programs::program("xtask")?);
        dist.current_dir(programs::workspace()).arg("dist");
        dist.arg("--config").arg(file).arg("--output").arg(&self.output);
        dist.arg("--programs").arg(&self.programs).arg("--only").args(parts);
        run(&mut dist)
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// The Debian package that adds this deployment to the host.
    pub fn drop_in(&self) -> Result<PathBuf> {
        self.package(&format!("touroku-host-{}", self.name))
    }

    /// The Windows package, or its variant.
    pub fn msi(&self, variant: &str) -> Result<PathBuf> {
        let end = format!("-x64{variant}.msi");
        let made = files(&self.output.join("windows"))?;
        made.into_iter().find(|file| file.to_string_lossy().ends_with(&end)).context("no MSI was made")
    }

    /// The Debian package with that name, from the latest release.
    pub fn package(&self, name: &str) -> Result<PathBuf> {
        let files = files(&self.output.join("linux"))?;
        let start = format!("{name}_");
        let is_it =
            |file: &PathBuf| file.file_name().is_some_and(|file| file.to_string_lossy().starts_with(&start));
        let made = |file: &PathBuf| fs::metadata(file).and_then(|metadata| metadata.modified()).ok();
        files.into_iter().filter(is_it).max_by_key(made).with_context(|| format!("no package {name}"))
    }

    /// The policies for Chromium on Linux.
    pub fn policies(&self) -> PathBuf {
        let folder = self.output.join("policies/linux/etc/chromium/policies/managed");
        folder.join(format!("touroku-{}.json", self.name))
    }

    /// The extension's id under this deployment's key.
    pub fn extension_id(&self) -> Result<String> {
        let text = fs::read_to_string(self.output.join("extension/update.xml"))?;
        let (_, rest) = text.split_once("appid='").context("update.xml names an id")?;
        Ok(rest.chars().take(32).collect())
    }
}

/// Overlays the packages of these on this system's folders within this mount namespace, registers the host as their scripts
/// do, and creates the policies' folder. `folder`: where it is kept.
pub fn lay_over_this_system(deployments: &[&Deployment], folder: &Path) -> Result<()> {
    let installed = folder.join("installed");
    for deployment in deployments {
        for package in [deployment.package("touroku-host")?, deployment.drop_in()?] {
            run(Command::new("dpkg-deb").arg("--extract").arg(package).arg(&installed))?;
        }
    }
    fs::create_dir_all(installed.join("etc"))?;
    for over in ["/etc", "/usr/bin", "/usr/share"] {
        overlay(&installed.join(over.trim_start_matches('/')), over, folder)?;
    }
    run(Command::new("/usr/bin/touroku-host").arg("refresh"))?;
    Ok(fs::create_dir_all(POLICIES)?)
}

/// Answers one request: a file of the folder, or an empty page.
fn serve(mut stream: TcpStream, folder: &Path) -> Result<()> {
    let mut line = String::new();
    let mut reader = BufReader::new(stream.try_clone()?);
    reader.read_line(&mut line)?;
    // The rest of the request is read, so that closing does not reset the connection.
    let mut header = String::new();
    while reader.read_line(&mut header)? > 2 {
        header.clear();
    }
    let path = line.split([' ', '?']).nth(1).unwrap_or_default().trim_start_matches('/');
    let (kind, body) = match fs::read(folder.join(path)) {
        Ok(body) if path.ends_with(".crx") => ("application/x-chrome-extension", body),
        Ok(body) => ("text/xml", body),
        Err(_) => ("text/html", b"<!doctype html><title>site</title>".to_vec()),
    };
    let head = format!("HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n", body.len());
    stream.write_all(format!("{head}Connection: close\r\n\r\n").as_bytes())?;
    stream.write_all(&body)?;
    Ok(())
}

/// Runs this test again in a mount namespace of its own, so that nobody else sees what it mounts over /etc. True
/// inside, where the person's logs go to a folder of the test.
pub fn enter_namespace(test: &str) -> Result<bool> {
    if std::env::var_os(INSIDE).is_some() {
        return Ok(true);
    }
    let state = tempfile::tempdir()?;
    let mut inside = Command::new("unshare");
    inside.args(["--mount", "--propagation", "private", "--"]).arg(std::env::current_exe()?);
    run(inside.args([test, "--exact", "--nocapture"]).env(INSIDE, "1").env("XDG_STATE_HOME", state.path()))?;
    Ok(false)
}

/// Mounts an overlay; later writes go to a folder of the test.
fn overlay(lower: &Path, over: &str, folder: &Path) -> Result<()> {
    let layer = |name: &str| -> Result<PathBuf> {
        let path = folder.join(name).join(over.trim_start_matches('/'));
        fs::create_dir_all(&path)?;
        Ok(path)
    };
    let options = format!(
        "lowerdir={}:{over},upperdir={},workdir={}",
        lower.display(),
        layer("upper")?.display(),
        layer("work")?.display()
    );
    run(Command::new("mount").args(["-t", "overlay", "overlay", "-o", &options, over]))
}

/// Runs a program to its end; an error includes its output.
pub fn run(command: &mut Command) -> Result<()> {
    let done = command.output().with_context(|| format!("{command:?} did not start"))?;
    if !done.status.success() {
        bail!(
            "{command:?}: {}\n{}{}",
            done.status,
            String::from_utf8_lossy(&done.stdout),
            String::from_utf8_lossy(&done.stderr)
        );
    }
    Ok(())
}

/// All files and folders below.
pub fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            found.extend(files(&entry.path())?);
        }
        found.push(entry.path());
    }
    Ok(found)
}
