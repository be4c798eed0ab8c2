//! What goes wrong while people work, and how it ends.

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};

use super::relay::{Mood, Relay};
use crate::harness::server::Server;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    Killed,
    Stopped,
    MailSlow,
    MailDead,
    MailRefused,
    MailSilent,
    DiskFull,
    ClockAhead,
    ClockBack,
}

impl Trouble {
    pub(super) const ALL: [Self; 9] = [
        Self::Killed,
        Self::MailSlow,
        Self::DiskFull,
        Self::Stopped,
        Self::MailDead,
        Self::ClockAhead,
        Self::MailRefused,
        Self::ClockBack,
        Self::MailSilent,
    ];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Killed => "server killed, started again",
            Self::Stopped => "server stopped, started again",
            Self::MailSlow => "mail server slow",
            Self::MailDead => "mail server dead",
            Self::MailRefused => "mail server refuses for now",
            Self::MailSilent => "mail server silent",
            Self::DiskFull => "disk full",
            Self::ClockAhead => "clock two hours ahead, and right again",
            Self::ClockBack => "clock one hour back, and right again",
        }
    }
}

/// How long a server took to stop, and until it answered again.
pub(super) struct Ended {
    pub(super) stop: Duration,
    pub(super) again: Duration,
}

/// Everything around the server that can go wrong.
pub(super) struct World {
    pub(super) server: Server,
    pub(super) relay: Relay,
    pub(super) disk: Disk,
    pub(super) clock: Clock,
}

impl World {
    /// Returns when it was over by itself.
    pub(super) async fn begin(&mut self, trouble: Trouble) -> Result<Option<Ended>> {
        let began = Instant::now();
        match trouble {
            Trouble::Killed => {
                self.server.kill()?;
                self.server.start_again().await?;
                return Ok(Some(Ended { stop: Duration::ZERO, again: began.elapsed() }));
            }
            Trouble::Stopped => {
                self.server.stop()?;
                let stop = began.elapsed();
                self.server.start_again().await?;
                return Ok(Some(Ended { stop, again: began.elapsed() }));
            }
            Trouble::MailSlow => self.relay.is_now(Mood::Slow),
            Trouble::MailDead => self.relay.is_now(Mood::Dead),
            Trouble::MailRefused => self.relay.is_now(Mood::Refusing),
            Trouble::MailSilent => self.relay.is_now(Mood::Silent),
            Trouble::DiskFull => self.disk.fill(&self.server.database())?,
            Trouble::ClockAhead => self.clock.is_off(2 * 3600)?,
            Trouble::ClockBack => self.clock.is_off(-3600)?,
        }
        Ok(None)
    }

    pub(super) fn end(&mut self) -> Result<()> {
        self.relay.is_now(Mood::Usual);
        self.disk.empty()?;
        self.clock.is_off(0)
    }
}

/// A small disk of the server's own.
pub(super) struct Disk(PathBuf);

impl Disk {
    /// Mounts one; only root can.
    pub(super) fn mount(at: &Path) -> Result<Self> {
        fs::create_dir_all(at)?;
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=128m", "touroku-soak"])
            .arg(at)
            .status()
            .context("mount did not start")?;
        ensure!(mounted.success(), "a disk of its own can be mounted by root only");
        Ok(Self(at.to_owned()))
    }

    fn fill(&self, database: &Path) -> Result<()> {
        // What the log's file has already is enough for hundreds of rows.
        let database = rusqlite::Connection::open(database)?;
        database.busy_timeout(Duration::from_secs(5))?;
        database.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        let mut ballast = fs::File::create(self.ballast())?;
        // Until it is full.
        for size in [1 << 20, 1 << 12] {
            while ballast.write_all(&vec![0; size]).is_ok() {}
        }
        Ok(())
    }

    fn empty(&self) -> Result<()> {
        match fs::remove_file(self.ballast()) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        }
    }

    fn ballast(&self) -> PathBuf {
        self.0.join("ballast")
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Lazily: whoever still has a file open there keeps it.
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).status();
    }
}

/// The server's wall clock, by libfaketime; its steady clock goes on.
pub(super) struct Clock(PathBuf);

impl Clock {
    /// Where Debian has the library.
    const LIBRARY: &str = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1";

    pub(super) fn new(folder: &Path) -> Result<Self> {
        ensure!(Path::new(Self::LIBRARY).exists(), "{} is not there", Self::LIBRARY);
        let clock = Self(folder.join("clock"));
        clock.is_off(0)?;
        Ok(clock)
    }

    /// For the server's environment.
    pub(super) fn environment(&self) -> Vec<(&'static str, std::ffi::OsString)> {
        vec![
            ("LD_PRELOAD", Self::LIBRARY.into()),
            ("FAKETIME_TIMESTAMP_FILE", self.0.clone().into()),
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1".into()),
            ("FAKETIME_CACHE_DURATION", "1".into()),
        ]
    }

    fn is_off(&self, seconds: i64) -> Result<()> {
        // Renamed, so that nobody reads half of it.
        let next = self.0.with_extension("next");
        fs::write(&next, format!("{seconds:+}\n"))?;
        Ok(fs::rename(next, &self.0)?)
    }
}
