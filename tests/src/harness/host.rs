//! The native-messaging host as a browser finds it: a manifest in the profile that points to a wrapper.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use anyhow::Result;
use serde_json::json;
use touroku_proto::HOST_NAME;

use super::programs;

/// The extension's id, fixed by the `key` in its manifest.
pub const EXTENSION_ID: &str = "eeghagochdoihnfnkeldnmiapppgifok";

/// What a browser finds under the host's name.
#[derive(Clone, Debug)]
pub enum HostKind {
    /// The real host, allowed to serve these origins.
    Real {
        /// Origins of its configuration's allow-list.
        allowed_origins: Vec<String>,
    },
    /// The real host on a computer whose PC/SC service does not run.
    ServiceOff {
        /// Origins of its configuration's allow-list.
        allowed_origins: Vec<String>,
    },
    /// The real host on a computer without a card reader: the PC/SC service with this socket has none.
    OtherService {
        /// Origins of its configuration's allow-list.
        allowed_origins: Vec<String>,
        socket: PathBuf,
    },
    Missing,
    /// A host that sends this message first and then stays silent until its input ends.
    Saying(serde_json::Value),
    /// A host that exits at once.
    Dying,
}

/// Writes manifest, wrapper and configuration into a browser profile.
pub fn install(profile: &Path, kind: &HostKind) -> Result<()> {
    let manifests = profile.join("NativeMessagingHosts");
    fs::create_dir_all(&manifests)?;
    let manifest = manifests.join(format!("{HOST_NAME}.json"));
    let wrapper = profile.join("touroku-host-wrapper");
    let script = match kind {
        HostKind::Real { allowed_origins } => real(profile, allowed_origins, "")?,
        HostKind::ServiceOff { allowed_origins } => {
            // pcsc-lite's client looks for its service where this variable says.
            real(profile, allowed_origins, "PCSCLITE_CSOCK_NAME=/nonexistent/pcscd.comm ")?
        }
        HostKind::OtherService { allowed_origins, socket } => {
            real(profile, allowed_origins, &format!("PCSCLITE_CSOCK_NAME='{}' ", socket.display()))?
        }
        HostKind::Missing => {
            if manifest.exists() {
                fs::remove_file(&manifest)?;
            }
            return Ok(());
        }
        HostKind::Saying(message) => saying(profile, message)?,
        HostKind::Dying => "exit 3".to_owned(),
    };
    fs::write(&wrapper, format!("#!/bin/sh\n{script}\n"))?;
    fs::set_permissions(&wrapper, fs::Permissions::from_mode(0o755))?;
    let text = json!({
        "name": HOST_NAME,
        "description": "Touroku",
        "path": wrapper,
        "type": "stdio",
        "allowed_origins": [format!("chrome-extension://{EXTENSION_ID}/")],
    });
    fs::write(manifest, text.to_string())?;
    Ok(())
}

fn real(profile: &Path, allowed_origins: &[String], environment: &str) -> Result<String> {
    let configuration = configuration(profile, allowed_origins)?;
    let host = programs::program("touroku-host")?;
    // The log stays with the profile.
    let state = format!("XDG_STATE_HOME='{}' ", profile.display());
    Ok(format!("{environment}{state}exec '{}' --config '{}' \"$@\"", host.display(), configuration.display()))
}

fn configuration(profile: &Path, allowed_origins: &[String]) -> Result<PathBuf> {
    let path = profile.join("touroku-host.toml");
    let text = format!("allowed_origins = {allowed_origins:?}\nallowed_extensions = [\"{EXTENSION_ID}\"]\n");
    fs::write(&path, text)?;
    Ok(path)
}

fn saying(profile: &Path, message: &serde_json::Value) -> Result<String> {
    let text = message.to_string();
    let length = u32::try_from(text.len())?;
    let mut frame = length.to_ne_bytes().to_vec();
    frame.extend(text.as_bytes());
    let path = profile.join("touroku-host-frame");
    fs::write(&path, frame)?;
    Ok(format!("cat '{}'; exec cat >/dev/null", path.display()))
}
