//! The PC/SC service, started when it does not run.

use std::{
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};

/// Makes sure that pcscd runs and offers both virtual readers. What is started here stays, as a service
/// would.
pub fn ensure() -> Result<()> {
    if readers()?.len() >= 2 {
        return Ok(());
    }
    Command::new("pcscd")
        .arg("--foreground")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .context("pcscd did not start; it needs root")?;
    let deadline = Instant::now() + Duration::from_secs(15);
    while readers()?.len() < 2 {
        if Instant::now() > deadline {
            bail!("pcscd offers no virtual readers; is vsmartcard-vpcd installed, and are you root?");
        }
        // pcscd has no way of saying that it is ready; its list of readers is the condition waited for.
        thread::sleep(Duration::from_millis(50));
    }
    Ok(())
}

/// The virtual readers that OpenSC sees.
fn readers() -> Result<Vec<String>> {
    let output = Command::new("opensc-tool").arg("--list-readers").output().context("opensc-tool")?;
    let text = String::from_utf8_lossy(&output.stdout);
    Ok(text.lines().filter(|line| line.contains("Virtual PCD")).map(str::to_owned).collect())
}

/// Waits until a reader holds a card, or holds none.
pub fn wait_for_card(reader: &str, present: bool) -> Result<()> {
    let deadline = Instant::now() + Duration::from_secs(15);
    loop {
        let holds = readers()?.iter().any(|line| line.contains(reader) && line.contains("Yes"));
        if holds == present {
            return Ok(());
        }
        if Instant::now() > deadline {
            bail!("{reader} never {} its card", if present { "saw" } else { "lost" });
        }
        thread::sleep(Duration::from_millis(20));
    }
}
