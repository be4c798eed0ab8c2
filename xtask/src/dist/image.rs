//! The server's container image as an OCI archive, made without a daemon: Debian's libraries below, the files of our
//! package above. Runs as a user without rights, and needs no writable root.
//!
//! OCI Image Format Specification 1.1 (image layout, manifest, configuration).

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, ensure};
use flate2::{Compression, GzBuilder};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{Build, epoch::Epoch};
use crate::run::{command, run};

/// The system below. Its glibc is at least the one that `programs::glibc` allows.
const SUITE: &str = "bookworm";

/// What the server's package depends on, without systemd: a container has no use for it.
const LIBRARIES: &str = "libc6,libgcc-s1,libssl3,ca-certificates";

const FINISH: &str = include_str!("../../dist/server/image-base.sh");

/// As `image-base.sh` makes it.
const USER: &str = "10001:10001";

/// Packs the server's Debian package into `container/`, for `podman load` and `docker load`.
pub(crate) fn make(build: &Build<'_>, package: &Path) -> Result<PathBuf> {
    let Build { root, epoch, ref deployment, ref output, .. } = *build;
    let layers = [base(root, epoch)?, files(root, package)?];
    let version = &deployment.version;
    let archive = archive(&layers, version, epoch)?;
    output.write(&format!("container/touroku-server-{version}-amd64.oci.tar"), archive)
}

/// Debian's libraries as a tar file: today's, so that they have Debian's corrections; not the same on another day.
fn base(root: &Path, epoch: Epoch) -> Result<Vec<u8>> {
    let folder = tempfile::tempdir()?;
    let (finish, tar) = (folder.path().join("finish"), folder.path().join("base.tar"));
    fs::write(&finish, FINISH)?;
    let mut bootstrap = command(root, "mmdebstrap");
    bootstrap.args(["--quiet", "--variant=extract", "--architectures=amd64", "--skip=output/dev"]);
    bootstrap.arg(format!("--include={LIBRARIES}"));
    bootstrap.arg(format!("--extract-hook=sh {} \"$1\"", finish.display()));
    bootstrap.arg(SUITE).arg(&tar).env("SOURCE_DATE_EPOCH", epoch.seconds().to_string());
    run("Debian's libraries", &mut bootstrap)?;
    Ok(fs::read(tar)?)
}

/// The files of a package, whose times and owners dpkg-deb has set already.
fn files(root: &Path, package: &Path) -> Result<Vec<u8>> {
    let made = command(root, "dpkg-deb").arg("--fsys-tarfile").arg(package).output()?;
    ensure!(made.status.success(), "dpkg-deb: {}", String::from_utf8_lossy(&made.stderr));
    Ok(made.stdout)
}

/// The image as a tar file of an OCI image layout, whose blobs are named by their SHA-256.
fn archive(layers: &[Vec<u8>], version: &str, epoch: Epoch) -> Result<Vec<u8>> {
    let time = i64::try_from(epoch.seconds()).context("the time is out of range")?;
    let created = jiff::Timestamp::from_second(time)?.to_string();
    let mut blobs = Vec::new();
    let mut told = Vec::new();
    let mut plain = Vec::new();
    for layer in layers {
        plain.push(digest(layer));
        let mut packed = GzBuilder::new().write(Vec::new(), Compression::best());
        packed.write_all(layer)?;
        told.push(add(&mut blobs, "application/vnd.oci.image.layer.v1.tar+gzip", packed.finish()?));
    }
    let configuration = json!({
        "architecture": "amd64", "os": "linux", "created": created,
        "config": {
            "User": USER,
            "ExposedPorts": { "8080/tcp": {} },
            "Entrypoint": ["/usr/bin/touroku-server"],
            "Cmd": ["serve", "--config", "/etc/touroku/server.toml"],
            "WorkingDir": "/var/lib/touroku",
            "Volumes": { "/var/lib/touroku": {} },
            "StopSignal": "SIGTERM",
        },
        "rootfs": { "type": "layers", "diff_ids": plain },
    });
    let configuration =
        add(&mut blobs, "application/vnd.oci.image.config.v1+json", configuration.to_string().into_bytes());
    let manifest = json!({
        "schemaVersion": 2, "mediaType": MANIFEST, "config": configuration, "layers": told,
        "annotations": {
            "org.opencontainers.image.title": "touroku-server",
            "org.opencontainers.image.version": version,
            "org.opencontainers.image.created": created,
            "org.opencontainers.image.base.name": format!("debian:{SUITE}"),
        },
    });
    let mut manifest = add(&mut blobs, MANIFEST, manifest.to_string().into_bytes());
    // The first is podman's, the second docker's.
    manifest["annotations"] = json!({
        "org.opencontainers.image.ref.name": format!("localhost/touroku-server:{version}"),
        "io.containerd.image.name": format!("localhost/touroku-server:{version}"),
    });
    let index = json!({
        "schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": [manifest],
    });
    let mut tar = tar::Builder::new(Vec::new());
    let mut append = |name: &str, bytes: &[u8]| -> Result<()> {
        let mut header = tar::Header::new_ustar();
        header.set_size(u64::try_from(bytes.len())?);
        header.set_mode(0o644);
        header.set_mtime(epoch.seconds());
        Ok(tar.append_data(&mut header, name, bytes)?)
    };
    append("oci-layout", br#"{"imageLayoutVersion":"1.0.0"}"#)?;
    append("index.json", index.to_string().as_bytes())?;
    for (name, bytes) in blobs {
        append(&format!("blobs/sha256/{name}"), &bytes)?;
    }
    Ok(tar.into_inner()?)
}

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

/// Adds a blob and returns its descriptor.
fn add(blobs: &mut Vec<(String, Vec<u8>)>, kind: &str, bytes: Vec<u8>) -> Value {
    let digest = digest(&bytes);
    let descriptor = json!({ "mediaType": kind, "digest": digest, "size": bytes.len() });
    blobs.push((digest.trim_start_matches("sha256:").to_owned(), bytes));
    descriptor
}

fn digest(bytes: &[u8]) -> String {
    format!("sha256:{}", hex::encode(Sha256::digest(bytes)))
}
