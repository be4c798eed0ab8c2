//! A lane: a place where one test runs beside those of other lanes. Each has its own PC/SC service with two
//! virtual readers, which its tests find where the computer's would be.

use std::{
    fs::{self, File},
    io::ErrorKind,
    net::TcpListener,
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail, ensure};
use tempfile::TempDir;

use crate::run::command;

/// Where clients look for the service.
const SOCKETS: &str = "/run/pcscd";

/// Where the service looks for readers.
const READERS: &str = "/etc/reader.conf.d";

/// Outside the ephemeral port range, and not Debian's vpcd port.
const PORTS: std::ops::Range<u16> = 21_000..23_000;

/// How long the service may take to open its socket.
const PATIENCE: Duration = Duration::from_secs(60);

/// A lane, until dropped.
pub(crate) struct Lane(Option<Service>);

/// A PC/SC service in a mount namespace of its own.
struct Service {
    child: Child,
    port: u16,
    // Held so that nobody else takes the ports.
    _lock: File,
    _folder: TempDir,
}

impl Lane {
    /// The computer as it is.
    pub(crate) fn shared() -> Self {
        Self(None)
    }

    /// A new lane. Only root can open one.
    pub(crate) fn open() -> Result<Self> {
        let (port, lock) = free_ports()?;
        let folder = tempfile::tempdir()?;
        let (sockets, readers) = (folder.path().join("sockets"), folder.path().join("readers"));
        fs::create_dir(&sockets)?;
        fs::create_dir(&readers)?;
        let usual = Path::new(READERS).join("vpcd");
        let usual = fs::read_to_string(&usual).with_context(|| usual.display().to_string())?;
        fs::write(readers.join("vpcd"), on_port(&usual, port)?)?;
        // Mounts go over it, so it has to exist, with or without the computer's own service.
        fs::create_dir_all(SOCKETS)?;
        let mut child = ending_with_us("unshare")
            .args(["--mount", "--propagation", "private", "sh", "-c"])
            .arg(format!(
                "mount --bind \"$0\" {SOCKETS} && mount --bind \"$1\" {READERS} && exec pcscd --foreground"
            ))
            .args([&sockets, &readers])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("a lane's PC/SC service did not start")?;
        let deadline = Instant::now() + PATIENCE;
        while !sockets.join("pcscd.comm").exists() {
            if let Some(status) = child.try_wait()? {
                bail!("a lane's PC/SC service ended with {status}");
            }
            ensure!(Instant::now() < deadline, "a lane's PC/SC service opened no socket");
            thread::sleep(Duration::from_millis(20));
        }
        Ok(Self(Some(Service { child, port, _lock: lock, _folder: folder })))
    }

    /// A program in this lane. Its descendants end with it.
    pub(crate) fn command(&self, directory: &Path, program: &Path) -> Command {
        let Some(service) = &self.0 else { return command(directory, program) };
        let mut inside = ending_with_us("nsenter");
        inside.arg(format!("--mount=/proc/{}/ns/mnt", service.child.id()));
        inside.args(["unshare", "--pid", "--fork", "--kill-child", "--mount-proc"]);
        inside.arg(format!("--wd={}", directory.display())).arg(program);
        inside.current_dir(directory).env("TOUROKU_VPCD_PORT", service.port.to_string());
        inside
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // Nobody could be told of a failure, and the kernel ends it with this process anyway.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A program that the kernel kills when this process ends, for whatever reason.
fn ending_with_us(program: &str) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "KILL", program]);
    command
}

/// Two consecutive ports on which nobody listens, with a lock on them.
fn free_ports() -> Result<(u16, File)> {
    for port in PORTS.step_by(2) {
        let lock = File::create(std::env::temp_dir().join(format!("touroku-lane-{port}.lock")))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(fs::TryLockError::WouldBlock) => continue,
            Err(fs::TryLockError::Error(error)) => return Err(error).context("a lane's lock"),
        }
        let free = |port| match TcpListener::bind(("0.0.0.0", port)) {
            Err(error) if error.kind() == ErrorKind::AddrInUse => Ok(false),
            bound => bound.map(|_| true),
        };
        if free(port)? && free(port + 1)? {
            return Ok((port, lock));
        }
    }
    bail!("no port is free for a virtual reader")
}

/// vpcd's configuration, listening from that port on.
fn on_port(usual: &str, port: u16) -> Result<String> {
    // Debian's: 35963.
    ensure!(usual.contains("0x8C7B"), "{READERS}/vpcd names another port than Debian's");
    Ok(usual.replace("0x8C7B", &format!("0x{port:04X}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lanes_readers_listen_on_its_own_port() {
        let debian = "FRIENDLYNAME \"Virtual PCD\"\nDEVICENAME   /dev/null:0x8C7B\nCHANNELID    0x8C7B\n";
        let own = on_port(debian, 21_002).unwrap();
        assert_eq!(own, debian.replace("8C7B", "520A"));
        assert!(on_port("CHANNELID 1", 21_002).is_err());
    }

    #[test]
    fn two_lanes_never_have_the_same_ports() {
        let (first, _held) = free_ports().unwrap();
        let (second, _held_too) = free_ports().unwrap();
        assert_ne!(first, second);
    }
}
