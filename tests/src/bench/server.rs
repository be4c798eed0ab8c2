//! The server being measured.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use anyhow::{Context as _, Result, ensure};

use crate::{
    ca::TestCa,
    harness::{agencies, programs, roster, server, wait},
};

/// A server on core 0, with its limits lifted.
pub(super) struct Server {
    child: Child,
    pub(super) origin: String,
    pub(super) database: PathBuf,
}

impl Server {
    /// Starts it in that folder, with a roster of that many companies; on that PostgreSQL, if one is named.
    pub(super) async fn start(
        folder: &Path,
        ca: &TestCa,
        companies: usize,
        postgres: Option<&str>,
    ) -> Result<Self> {
        fs::create_dir_all(folder)?;
        fs::write(folder.join("trust.pem"), ca.trust_pem()?)?;
        roster::write(&folder.join("roster.csv"), companies)?;
        let port = server::free_port()?;
        let origin = format!("http://localhost:{port}");
        let agencies = agencies::without_hours(folder)?;
        let limits = ["session", "address", "search_session", "search_address", "search_number"];
        let limits = limits.map(|name| format!("{name} = {{ count = 0, seconds = 0 }}")).join("\n");
        let store = postgres.map_or_else(String::new, |url| format!("[store]\nurl = {url:?}\n"));
        let config = folder.join("server.toml");
        fs::write(
            &config,
            format!(
                "listen = \"127.0.0.1:{port}\"\norigin = \"{origin}\"\ndatabase = \"load.db\"\nagencies = {agencies:?}\n\
                 {store}[trust]\nanchors = [\"trust.pem\"]\n[limits]\n{limits}\n"
            ),
        )?;
        let program = programs::program("touroku-server")?;
        let imported = Command::new(&program)
            .args(["roster", "import", "--agency", "aomori"])
            .arg(folder.join("roster.csv"))
            .arg("--config")
            .arg(&config)
            .stdout(Stdio::null())
            .status()?;
        ensure!(imported.success(), "the import failed");
        let log = fs::File::create(folder.join("server.log"))?;
        let child = Command::new("taskset")
            .args(["-c", "0"])
            .arg(&program)
            .arg("serve")
            .arg("--config")
            .arg(&config)
            .env("RUST_LOG", "warn")
            .stderr(log)
            .spawn()
            .context("taskset did not start")?;
        let server = Self { child, origin, database: folder.join("load.db") };
        let url = format!("http://127.0.0.1:{port}/healthz");
        wait::until("the server's answer", async || Ok(reqwest::get(&url).await.ok().map(drop))).await?;
        Ok(server)
    }

    /// Its resident memory.
    pub(super) fn resident_kilobytes(&self) -> Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).context("VmRSS")?;
        Ok(line.split_whitespace().nth(1).context("a number")?.parse()?)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
