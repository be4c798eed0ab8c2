//! Two PostgreSQL under Patroni, as `deploy/patroni` describes them, on addresses of this computer.

use std::{
    fs,
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail, ensure};
use tempfile::TempDir;

use crate::{
    postgres::programs,
    run::{command, is_root, output},
};

/// The sample's addresses begin with it; with the second they are this computer's.
const SAMPLE: &str = "192.0.2.";
const HERE: &str = "127.0.0.";

/// How long a cluster may take to be made, and to follow.
const PATIENCE: Duration = Duration::from_secs(120);

/// The cluster, until dropped.
pub(crate) struct Patroni {
    /// etcd, then Patroni for db1 and db2.
    children: Vec<Child>,
    folder: TempDir,
}

impl Patroni {
    /// Of the samples' settings; db1 leads, db2 follows.
    pub(crate) fn start(root: &Path) -> Result<Self> {
        ensure!(is_root()?, "Patroni's test needs root: it runs PostgreSQL as the user postgres");
        let mut cluster = Self { children: Vec::new(), folder: tempfile::tempdir()? };
        output(Command::new("chown").arg("postgres").arg(cluster.folder.path()))?;
        cluster.etcd(root)?;
        let sample = fs::read_to_string(root.join("deploy/patroni/patroni.yml"))?;
        for (name, address) in [("db1", "21"), ("db2", "22")] {
            cluster.node(&sample, name, address)?;
            let role = if name == "db1" { "Leader" } else { "Sync Standby" };
            cluster.wait(|list| list.lines().any(|line| line.contains(name) && line.contains(role)))?;
        }
        let script = format!(
            "#!/bin/sh\nset -eu\nkill -9 {} $(head -1 {})\n",
            cluster.children[1].id(),
            cluster.folder.path().join("db1/postmaster.pid").display()
        );
        fs::write(cluster.fail_over(), script)?;
        Ok(cluster)
    }

    /// One of the three that a real one has.
    fn etcd(&mut self, root: &Path) -> Result<()> {
        let sample = here(&fs::read_to_string(root.join("deploy/patroni/etcd.conf.yml"))?);
        let cluster = sample.lines().find(|line| line.starts_with("initial-cluster:"));
        let cluster = cluster.context("the sample names its cluster")?;
        let (first, _) = cluster.split_once(',').context("of several")?;
        let data = self.folder.path().join("etcd");
        let sample =
            sample.replace(cluster, first).replace("/var/lib/etcd/default", &data.display().to_string());
        let file = self.folder.path().join("etcd.conf.yml");
        fs::write(&file, sample)?;
        let mut etcd = Command::new("etcd");
        etcd.arg("--config-file").arg(file);
        self.children.push(self.quietly(&mut etcd, "etcd.log")?);
        let started = Instant::now();
        while TcpStream::connect(format!("{HERE}21:2379")).is_err() {
            ensure!(started.elapsed() < PATIENCE, "etcd does not answer");
            thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    }

    fn node(&mut self, sample: &str, name: &str, address: &str) -> Result<()> {
        let folder = self.folder.path().display().to_string();
        let sockets = self.folder.path().join(format!("{name}.sockets"));
        fs::create_dir(&sockets)?;
        output(Command::new("chown").arg("postgres").arg(&sockets))?;
        let etcd = format!("{HERE}11:2379,{HERE}21:2379,{HERE}22:2379");
        let own = here(sample)
            .replace(&etcd, &format!("{HERE}21:2379"))
            .replace("name: db1", &format!("name: {name}"))
            .replace(&format!("{HERE}21:5432"), &format!("{HERE}{address}:5432"))
            .replace(&format!("{HERE}21:8008"), &format!("{HERE}{address}:8008"))
            .replace("/var/lib/postgresql/15/touroku", &format!("{folder}/{name}"))
            .replace("/var/lib/postgresql/touroku.pgpass", &format!("{folder}/{name}.pgpass"))
            .replace("/usr/lib/postgresql/15/bin", &programs()?.display().to_string())
            .replace("/var/run/postgresql", &sockets.display().to_string())
            // The tests' own client speaks no TLS.
            .replace("ssl: \"on\"", "ssl: \"off\"")
            .replace("hostssl", "host")
            // All come from this address here.
            .replace("allowlist: [", "allowlist: [127.0.0.1, ");
        let file = self.configuration(name);
        fs::write(&file, own)?;
        output(Command::new("chown").arg("postgres").arg(&file))?;
        let mut patroni = Command::new("setpriv");
        patroni.args(["--reuid", "postgres", "--regid", "postgres", "--init-groups", "patroni"]).arg(&file);
        self.children.push(self.quietly(&mut patroni, &format!("{name}.log"))?);
        Ok(())
    }

    fn quietly(&self, program: &mut Command, log: &str) -> Result<Child> {
        let log = fs::File::create(self.folder.path().join(log))?;
        program.current_dir("/").stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        program.spawn().with_context(|| format!("{program:?}"))
    }

    /// Until the list of members says so.
    fn wait(&self, says: impl Fn(&str) -> bool) -> Result<()> {
        let started = Instant::now();
        loop {
            let mut list = command(Path::new("/"), "patronictl");
            list.arg("-c").arg(self.configuration("db1")).arg("list");
            let list = output(&mut list).unwrap_or_default();
            if says(&list) {
                return Ok(());
            }
            if started.elapsed() > PATIENCE {
                let said = output(Command::new("tail").args(["-n", "20"]).args(self.logs()?))?;
                bail!("Patroni's members do not come together:\n{list}\n{said}");
            }
            thread::sleep(Duration::from_millis(200));
        }
    }

    fn logs(&self) -> Result<Vec<PathBuf>> {
        let files = fs::read_dir(self.folder.path())?.map(|entry| Ok(entry?.path()));
        let logs =
            files.filter(|file| file.as_ref().is_ok_and(|file| file.extension() == Some("log".as_ref())));
        logs.collect()
    }

    fn configuration(&self, name: &str) -> PathBuf {
        self.folder.path().join(format!("{name}.yml"))
    }

    /// Without a database.
    pub(crate) fn address(&self) -> String {
        format!(
            "host={HERE}21,{HERE}22 user=postgres password=change-me-1 sslmode=disable target_session_attrs=read-write"
        )
    }

    /// A script of `sh` that kills db1 with its Patroni. Nobody promotes db2 but Patroni.
    pub(crate) fn fail_over(&self) -> PathBuf {
        self.folder.path().join("fail-over")
    }
}

impl Drop for Patroni {
    fn drop(&mut self) {
        // Patroni first: it stops its PostgreSQL when it is asked to end.
        for child in self.children.iter_mut().rev() {
            drop(output(Command::new("kill").arg(child.id().to_string())));
            drop(child.wait());
        }
    }
}

fn here(sample: &str) -> String {
    sample.replace(SAMPLE, HERE)
}
