//! The server's container image, unpacked as a container runtime does it, under `deploy`'s configuration.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use touroku_tests::{
    ca::TestCa,
    harness::{
        programs,
        rollout::{Deployment, enter_namespace, run},
        wait,
        world::now,
    },
};

#[test]
fn the_image_serves_as_a_user_without_rights_from_a_root_that_nobody_can_write_to() -> Result<()> {
    if !enter_namespace(
        "image::the_image_serves_as_a_user_without_rights_from_a_root_that_nobody_can_write_to",
    )? {
        return Ok(());
    }
    let folder = tempfile::tempdir()?;
    let deployment = Deployment::new(folder.path())?;
    deployment.dist(0, &["server", "--image"])?;
    let archive =
        fs::read_dir(deployment.output().join("container"))?.next().context("an image was made")??;
    let image = Image::unpack(&archive.path(), folder.path())?;
    let configuration = folder.path().join("config");
    configure(&configuration, &image.user)?;
    image.mount(&configuration)?;
    run(&mut image.server(&["serve", "--check", "--config", "/etc/touroku/server.toml"]))?;
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(serve(&image))
}

async fn serve(image: &Image) -> Result<()> {
    let port = image.root.join("var/lib/touroku/port");
    let started = image
        .server(&["serve", "--config", "/etc/touroku/server.toml", "--listen", "127.0.0.1:0"])
        .args(["--port-file", "/var/lib/touroku/port"])
        .spawn()?;
    let _server = Running(started);
    let address = wait::until("the image's server", async || Ok(fs::read_to_string(&port).ok())).await?;
    for path in ["readyz", "aomori"] {
        let answer = reqwest::get(format!("http://{}/{path}", address.trim())).await?;
        ensure!(answer.status().is_success(), "{path}: {}", answer.status());
    }
    Ok(())
}

struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// An image's file system and what its configuration says.
struct Image {
    root: PathBuf,
    user: String,
    program: String,
}

impl Image {
    /// By the OCI image specification: every blob is what its name says.
    fn unpack(archive: &Path, folder: &Path) -> Result<Self> {
        let (layout, root) = (folder.join("layout"), folder.join("image"));
        fs::create_dir_all(&layout)?;
        fs::create_dir_all(&root)?;
        run(Command::new("tar").arg("-xf").arg(archive).arg("-C").arg(&layout))?;
        let blob = |descriptor: &Value| -> Result<PathBuf> {
            let digest = descriptor["digest"].as_str().and_then(|digest| digest.strip_prefix("sha256:"));
            let digest = digest.context("a digest")?;
            let path = layout.join("blobs/sha256").join(digest);
            let sum = Command::new("sha256sum").arg(&path).output()?;
            ensure!(String::from_utf8(sum.stdout)?.starts_with(digest), "{digest} is something else");
            ensure!(descriptor["size"] == fs::metadata(&path)?.len(), "{digest} has another size");
            Ok(path)
        };
        let read = |path: PathBuf| -> Result<Value> { Ok(serde_json::from_slice(&fs::read(path)?)?) };
        let index = read(layout.join("index.json"))?;
        let manifest = read(blob(&index["manifests"][0])?)?;
        for layer in manifest["layers"].as_array().context("layers")? {
            run(Command::new("tar").arg("-xzpf").arg(blob(layer)?).arg("-C").arg(&root))?;
        }
        let configuration = read(blob(&manifest["config"])?)?;
        let text = |value: &Value| value.as_str().map(str::to_owned).context("a text");
        Ok(Self {
            root,
            user: text(&configuration["config"]["User"])?,
            program: text(&configuration["config"]["Entrypoint"][0])?,
        })
    }

    /// The root read-only, but for the volume and the configuration.
    fn mount(&self, configuration: &Path) -> Result<()> {
        let etc = self.root.join("etc/touroku");
        fs::create_dir_all(&etc)?;
        let state = self.root.join("var/lib/touroku");
        let mount = |arguments: &[&str], from: &Path, to: &Path| {
            run(Command::new("mount").args(arguments).arg(from).arg(to))
        };
        mount(&["--bind"], &self.root, &self.root)?;
        mount(&["--bind"], configuration, &etc)?;
        mount(&["--bind"], &state, &state)?;
        run(Command::new("mount").args(["-o", "remount,bind,ro"]).arg(&self.root))?;
        ensure!(fs::write(self.root.join("written"), "").is_err(), "the root can be written to");
        Ok(())
    }

    fn server(&self, arguments: &[&str]) -> Command {
        let mut server = Command::new("chroot");
        server.arg(format!("--userspec={}", self.user)).arg("--groups=").arg(&self.root);
        server.arg(&self.program).args(arguments).stdin(Stdio::null());
        server
    }
}

/// As `deploy/README.md` says.
fn configure(folder: &Path, user: &str) -> Result<()> {
    run(Command::new("cp").arg("-r").arg(programs::workspace().join("deploy/config")).arg(folder))?;
    run(Command::new("cp").arg("-r").arg(programs::workspace().join("agencies")).arg(folder))?;
    fs::create_dir(folder.join("trust"))?;
    let authority = TestCa::new("試験認証局", now()?)?;
    fs::write(folder.join("trust/root.pem"), authority.trust_pem()?)?;
    run(Command::new("chown").arg("-R").arg(user).arg(folder))
}
