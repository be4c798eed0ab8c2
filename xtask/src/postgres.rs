//! A PostgreSQL of Debian's in a temporary folder, for as long as the tests need it, or one with a standby.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use tempfile::TempDir;

use crate::run::{is_root, output};

pub(crate) struct Postgres {
    programs: PathBuf,
    folder: TempDir,
    disk: Disk,
}

/// What of a PostgreSQL survives a power loss.
#[derive(Clone, Copy)]
pub(crate) enum Disk {
    /// Nothing has to: it flushes nothing.
    Careless,
    /// Every commit, as in use.
    Durable,
}

impl Postgres {
    pub(crate) fn start(disk: Disk) -> Result<Self> {
        let postgres = Self::new(disk)?;
        let initdb =
            ["--no-sync", "--auth=trust", "--username=touroku", "--encoding=UTF8", "--locale=C", "-D"];
        output(postgres.command("initdb")?.args(initdb).arg(postgres.data()))?;
        postgres.run()?;
        Ok(postgres)
    }

    /// A copy of this one that follows it.
    fn standby(&self) -> Result<Self> {
        let standby = Self::new(self.disk)?;
        let mut copy = standby.command("pg_basebackup")?;
        copy.args(["--no-sync", "--checkpoint=fast", "--write-recovery-conf", "-d"]).arg(self.address());
        output(copy.arg("-D").arg(standby.data()))?;
        standby.run()?;
        Ok(standby)
    }

    /// Its programs and an empty folder that is its.
    fn new(disk: Disk) -> Result<Self> {
        let postgres = Self { programs: programs()?, folder: TempDir::new()?, disk };
        if is_root()? {
            output(Command::new("chown").arg("postgres").arg(postgres.folder.path()))?;
        }
        Ok(postgres)
    }

    fn run(&self) -> Result<()> {
        let careless = match self.disk {
            Disk::Careless => "-F -c full_page_writes=off ",
            Disk::Durable => "",
        };
        let options = format!(
            "{careless}-c listen_addresses='' -c max_connections=400 -c shared_buffers=256MB -k {}",
            self.folder.path().display()
        );
        let mut start = self.command("pg_ctl")?;
        start.args(["start", "--wait", "-o", &options, "-D"]).arg(self.data());
        output(start.arg("-l").arg(self.folder.path().join("log"))).map(drop)
    }

    fn ask(&self, sql: &str) -> Result<String> {
        let address = format!("{} dbname=postgres", self.address());
        output(Command::new("psql").args(["--tuples-only", "--no-align", "--command", sql, &address]))
    }

    /// `host=… user=…`, without a database.
    pub(crate) fn address(&self) -> String {
        format!("host={} user=touroku", self.folder.path().display())
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// As somebody who may: PostgreSQL refuses root.
    fn command(&self, program: &str) -> Result<Command> {
        let program = self.programs.join(program);
        let mut command = if is_root()? {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        command.current_dir(Path::new("/"));
        Ok(command)
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        if !self.data().join("postmaster.pid").exists() {
            return;
        }
        let stopped = self.command("pg_ctl").and_then(|mut stop| {
            output(stop.args(["stop", "--mode=immediate", "-D"]).arg(self.data())).map(drop)
        });
        if let Err(error) = stopped {
            eprintln!("PostgreSQL goes on running: {error:#}");
        }
    }
}

/// The newest that is installed.
pub(crate) fn programs() -> Result<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql")?.filter_map(Result::ok).map(|entry| entry.path());
    Ok(versions.max().context("/usr/lib/postgresql is empty")?.join("bin"))
}

/// A PostgreSQL and its standby: what one acknowledges, the other has.
pub(crate) struct Replicated {
    primary: Postgres,
    standby: Postgres,
    fail_over: PathBuf,
}

impl Replicated {
    pub(crate) fn start(disk: Disk) -> Result<Self> {
        let primary = Postgres::start(disk)?;
        let standby = primary.standby()?;
        // After the copy, which has the settings, too: promoted, it would wait for a standby of its own.
        primary.ask("ALTER SYSTEM SET synchronous_standby_names = '*'")?;
        primary.ask("SELECT pg_reload_conf()")?;
        let started = Instant::now();
        while primary.ask("SELECT sync_state FROM pg_stat_replication")?.trim() != "sync" {
            ensure!(started.elapsed() < PATIENCE, "the standby does not follow");
            thread::sleep(Duration::from_millis(20));
        }
        let mut promote = standby.command("pg_ctl")?;
        promote.args(["promote", "--wait", "-D"]).arg(standby.data());
        let words: Vec<_> = std::iter::once(promote.get_program())
            .chain(promote.get_args())
            .map(|word| word.to_string_lossy().into_owned())
            .collect();
        let script = format!(
            "#!/bin/sh\nset -eu\nkill -9 $(head -1 {pid})\nrm {pid}\nexec {}\n",
            words.join(" "),
            pid = primary.data().join("postmaster.pid").display(),
        );
        let fail_over = primary.folder.path().join("fail-over");
        fs::write(&fail_over, script)?;
        Ok(Self { primary, standby, fail_over })
    }

    /// `host=…,… user=…`, without a database.
    pub(crate) fn address(&self) -> String {
        let [one, other] = [&self.primary, &self.standby].map(|node| node.folder.path().display());
        format!("host={one},{other} user=touroku")
    }

    /// A script of `sh` that kills the one and promotes the other.
    pub(crate) fn fail_over(&self) -> &Path {
        &self.fail_over
    }
}

/// How long a standby may take to follow.
const PATIENCE: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_pair_the_second_has_what_the_first_acknowledged_before_it_died() {
        let pair = Replicated::start(Disk::Careless).unwrap();
        pair.primary.ask("CREATE TABLE kept AS SELECT 42").unwrap();
        output(Command::new("sh").arg(pair.fail_over())).unwrap();
        assert!(pair.primary.ask("SELECT 1").is_err());
        assert_eq!(pair.standby.ask("TABLE kept").unwrap().trim(), "42");
        pair.standby.ask("CREATE TABLE goes_on AS SELECT 1").unwrap();
    }

    #[test]
    fn it_answers_while_it_is_needed_and_leaves_nothing() {
        let postgres = Postgres::start(Disk::Careless).unwrap();
        let folder = postgres.folder.path().to_owned();
        assert_eq!(postgres.ask("SELECT 6 * 7").unwrap().trim(), "42");
        drop(postgres);
        assert!(!folder.exists());
    }
}
