//! A PostgreSQL of Debian's in a temporary folder, for as long as the tests need it.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result};
use tempfile::TempDir;

use crate::run::{is_root, output};

pub(crate) struct Postgres {
    programs: PathBuf,
    folder: TempDir,
}

impl Postgres {
    /// Nothing of it has to survive anything, so that it flushes nothing.
    pub(crate) fn start() -> Result<Self> {
        let versions = fs::read_dir("/usr/lib/postgresql")?.filter_map(Result::ok).map(|entry| entry.path());
        let programs = versions.max().context("/usr/lib/postgresql is empty")?.join("bin");
        let postgres = Self { programs, folder: TempDir::new()? };
        if is_root()? {
            output(Command::new("chown").arg("postgres").arg(postgres.folder.path()))?;
        }
        let initdb =
            ["--no-sync", "--auth=trust", "--username=touroku", "--encoding=UTF8", "--locale=C", "-D"];
        output(postgres.command("initdb")?.args(initdb).arg(postgres.data()))?;
        let options = format!(
            "-F -c listen_addresses='' -c max_connections=400 -c full_page_writes=off -c shared_buffers=256MB -k {}",
            postgres.folder.path().display()
        );
        let mut start = postgres.command("pg_ctl")?;
        start.args(["start", "--wait", "-o", &options, "-D"]).arg(postgres.data());
        output(start.arg("-l").arg(postgres.folder.path().join("log")))?;
        Ok(postgres)
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
        let stopped = self.command("pg_ctl").and_then(|mut stop| {
            output(stop.args(["stop", "--mode=immediate", "-D"]).arg(self.data())).map(drop)
        });
        if let Err(error) = stopped {
            eprintln!("PostgreSQL goes on running: {error:#}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_answers_while_it_is_needed_and_leaves_nothing() {
        let postgres = Postgres::start().unwrap();
        let folder = postgres.folder.path().to_owned();
        let asked = format!("{} dbname=postgres", postgres.address());
        let answer =
            output(Command::new("psql").args(["--tuples-only", "--command", "SELECT 6 * 7", &asked]));
        assert_eq!(answer.unwrap().trim(), "42");
        drop(postgres);
        assert!(!folder.exists());
    }
}
