//! The PC/SC service: started if necessary, and asked which readers hold cards.

use std::{
    ffi::CString,
    fs,
    os::unix::process::CommandExt as _,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail, ensure};
use pcsc::{Context, ReaderState, Scope, State};
use rustix::{
    fs::{FlockOperation, flock},
    process::geteuid,
};

use crate::virtual_card::{first_port, reader_name, second_port};

/// How long the service may take to start, and to notice a card.
const PATIENCE: Duration = Duration::from_secs(15);

/// Makes sure that pcscd runs and offers both virtual readers. If started here it keeps running, as a service
/// would: other tests use it at the same time.
///
/// # Errors
/// pcscd does not run and we are not root, who alone can start it; or it runs without vpcd's readers.
pub fn ensure() -> Result<()> {
    if has_virtual_readers() {
        return Ok(());
    }
    // Two test binaries may get here at once; the second finds it running.
    let lock = fs::File::create(std::env::temp_dir().join("touroku-pcscd.lock"))?;
    flock(&lock, FlockOperation::LockExclusive)?;
    if service().is_none() {
        ensure!(geteuid().is_root(), "pcscd does not run, and only root can start it: `sudo pcscd`");
        Command::new("pcscd")
            .arg("--foreground")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            // A Ctrl-C meant for the tests must not end the service.
            .process_group(0)
            .spawn()
            .context("pcscd did not start; is the package `pcscd` installed?")?;
    }
    let deadline = Instant::now() + PATIENCE;
    while !has_virtual_readers() {
        if Instant::now() > deadline {
            bail!("pcscd has no virtual readers: install `vsmartcard-vpcd` and start pcscd again");
        }
        // pcscd cannot signal readiness; its list of readers is the condition waited for.
        thread::sleep(Duration::from_millis(50));
    }
    Ok(())
}

/// Waits until a reader holds a card, or holds none.
pub fn wait_for_card(reader: &str, present: bool) -> Result<()> {
    let deadline = Instant::now() + PATIENCE;
    let wanted = if present { State::PRESENT } else { State::EMPTY };
    let context = service().context("pcscd does not run")?;
    let mut states = [state_of(reader)?];
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        match context.get_status_change(left, &mut states) {
            Ok(()) if states[0].event_state().contains(wanted) => return Ok(()),
            Ok(()) => states[0].sync_current_state(),
            Err(pcsc::Error::Timeout) => {
                bail!("{reader} never {} its card", if present { "saw" } else { "lost" })
            }
            Err(error) => return Err(error).context("pcscd"),
        }
    }
}

fn state_of(reader: &str) -> Result<ReaderState> {
    Ok(ReaderState::new(CString::new(reader)?, State::UNAWARE))
}

/// `None`: no service answers.
fn service() -> Option<Context> {
    Context::establish(Scope::System).ok()
}

fn has_virtual_readers() -> bool {
    let readers = service().and_then(|context| context.list_readers_owned().ok()).unwrap_or_default();
    [first_port(), second_port()]
        .into_iter()
        .filter_map(reader_name)
        .all(|name| readers.iter().any(|reader| reader.to_bytes() == name.as_bytes()))
}

/// A second, real pcscd without readers: in its own mount namespace, with its socket in a folder of ours. Only
/// root can start one.
pub struct ServiceWithoutReaders {
    child: std::process::Child,
    folder: tempfile::TempDir,
}

impl ServiceWithoutReaders {
    /// Starts it and waits until its socket exists. The ordinary service must have run before, so that the folder
    /// of its socket exists.
    pub fn start() -> Result<Self> {
        ensure!(geteuid().is_root(), "only root can start a second pcscd");
        let folder = tempfile::tempdir()?;
        let readers = folder.path().join("readers");
        fs::create_dir(&readers)?;
        let child = Command::new("unshare")
            .args(["--mount", "sh", "-c"])
            .arg("mount --bind \"$0\" /run/pcscd && mount --bind \"$1\" /etc/reader.conf.d && exec pcscd --foreground")
            .arg(folder.path())
            .arg(&readers)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("unshare did not start")?;
        let service = Self { child, folder };
        let deadline = Instant::now() + PATIENCE;
        while !service.socket().exists() {
            ensure!(Instant::now() < deadline, "the second pcscd opened no socket");
            thread::sleep(Duration::from_millis(20));
        }
        Ok(service)
    }

    /// Where its clients find it.
    pub fn socket(&self) -> std::path::PathBuf {
        self.folder.path().join("pcscd.comm")
    }
}

impl Drop for ServiceWithoutReaders {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
