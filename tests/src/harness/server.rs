//! A real `touroku-server` with a database, roster and mail folder of its own.

use std::{
    ffi::OsString,
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use anyhow::{Context as _, Result, ensure};
use rustix::process::{Pid, Signal, kill_process};

use super::{mailbox, programs, roster, wait};

/// How to start a server.
#[derive(Clone, Debug)]
pub struct ServerOptions {
    pub directory: PathBuf,
    /// Trust anchors and intermediates, PEM.
    pub trust: Vec<PathBuf>,
    /// CRLs, PEM; empty: revocation is not checked.
    pub crls: Vec<PathBuf>,
    /// Rosters, each with its agency's code.
    pub rosters: Vec<(String, PathBuf)>,
    /// `None`: a free port.
    pub port: Option<u16>,
    /// Deliver mail to this SMTP server instead of a folder.
    pub smtp: Option<String>,
    pub site: PathBuf,
    pub agencies: PathBuf,
    /// Further lines of server.toml.
    pub settings: String,
    /// Variables of its environment.
    pub environment: Vec<(&'static str, OsString)>,
}

/// A running server; dropping it ends it.
pub struct Server {
    child: Child,
    port: u16,
    options: ServerOptions,
}

impl Server {
    /// Imports the roster, starts the server and waits until it answers.
    pub async fn start(options: ServerOptions) -> Result<Self> {
        let port = match options.port {
            Some(port) => port,
            None => free_port()?,
        };
        fs::create_dir_all(options.directory.join("mail"))?;
        for (agency, roster) in &options.rosters {
            import(&options, agency, roster)?;
        }
        let mut server = Self { child: spawn(&options, port)?, port, options };
        server.answers().await?;
        Ok(server)
    }

    /// The server's address as browsers see it.
    pub fn origin(&self) -> String {
        format!("http://localhost:{}", self.port)
    }

    /// The folder the mails are written to.
    pub fn mail_directory(&self) -> PathBuf {
        self.options.directory.join("mail")
    }

    pub fn database(&self) -> PathBuf {
        database(&self.options)
    }

    /// Everything the server has logged.
    pub fn log(&self) -> Result<String> {
        let path = self.options.directory.join("server.log");
        fs::read_to_string(&path).with_context(|| format!("{} cannot be read", path.display()))
    }

    /// Imports a table of postal codes beside the running server.
    pub fn import_postal_codes(&self, table: &Path) -> Result<()> {
        let output = Command::new(programs::program("touroku-server")?)
            .args(["postal", "import"])
            .arg(table)
            .arg("--database")
            .arg(self.database())
            .output()?;
        ensure!(output.status.success(), "postal import: {}", String::from_utf8_lossy(&output.stderr));
        Ok(())
    }

    /// What an officer does on the command line: `touroku-server application …` for an agency. Returns its output.
    pub fn application(&self, agency: &str, arguments: &[&str]) -> Result<String> {
        let origin = self.origin();
        // Decisions are mailed with a link to this server.
        let decides = matches!(arguments.first(), Some(&("approve" | "reject")));
        let origin: &[&str] = if decides { &["--origin", &origin] } else { &[] };
        self.command("application", agency, &[arguments, origin].concat())
    }

    /// 許可 of 利用申請書, which comes before ID登録申請, for the roster's first companies.
    pub fn permit(&self, agency: &str, companies: usize) -> Result<()> {
        let numbers: Vec<String> = (0..companies).map(|index| roster::company(index).number).collect();
        let companies = numbers.iter().flat_map(|number| ["--company", number]);
        self.application(agency, &["permit"].into_iter().chain(companies).collect::<Vec<_>>()).map(drop)
    }

    /// Creates an officer's account and returns its one-time set-up link: printed for an agency's first one,
    /// mailed for any other.
    pub async fn add_officer(&self, agency: &str, login_id: &str, role: &str) -> Result<String> {
        let origin = self.origin();
        let account =
            ["add", "--login-id", login_id, "--name", "見本　職員", "--role", role, "--origin", &origin];
        if let Ok(output) = self.command("officer", agency, &account) {
            let link = output.split_whitespace().find(|word| word.starts_with("http"));
            return Ok(link.with_context(|| format!("no link in {output}"))?.to_owned());
        }
        let email = format!("{login_id}@officers.example.jp");
        self.command("officer", agency, &[&account[..], &["--email", &email]].concat())?;
        wait::until("the mail with the link", async || {
            let mails = mailbox::read(&self.mail_directory())?;
            let theirs = mails.iter().rev().filter(|mail| mail.to == email);
            let mut words = theirs.flat_map(|mail| mail.body.split_whitespace());
            Ok(words.find(|word| word.contains("#setup=")).map(str::to_owned))
        })
        .await
    }

    /// Imports a roster beside the running server.
    pub fn import_roster(&self, agency: &str, roster: &Path) -> Result<()> {
        import(&self.options, agency, roster)
    }

    /// `touroku-server COMMAND ACTION` for an agency, beside the running server; a command may be several words.
    pub fn command(&self, command: &str, agency: &str, arguments: &[&str]) -> Result<String> {
        let (action, rest) = arguments.split_first().context("an action")?;
        let output = Command::new(programs::program("touroku-server")?)
            .args(command.split(' '))
            .args([action, "--agency", agency])
            .args(rest)
            .arg("--database")
            .arg(self.database())
            .arg("--agencies")
            .arg(&self.options.agencies)
            .output()?;
        ensure!(
            output.status.success(),
            "{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        Ok(String::from_utf8(output.stdout)?)
    }

    /// Makes a bidding system known to an agency; answers its secret. The server has to be started again.
    pub fn add_client(&self, agency: &str, client: &Path) -> Result<Option<String>> {
        let file = client.to_str().context("the path is no UTF-8")?;
        let said = self.command("oidc clients", agency, &["add", "--file", file])?;
        let secret =
            said.split_once("client_secret）: ").and_then(|(_, rest)| rest.split_whitespace().next());
        Ok(secret.map(str::to_owned))
    }

    pub fn process_id(&self) -> u32 {
        self.child.id()
    }

    /// Stops the server and waits until it has ended.
    pub fn stop(&mut self) -> Result<()> {
        terminate(&self.child)?;
        let status = self.child.wait()?;
        ensure!(status.success(), "the server ended with {status}");
        Ok(())
    }

    /// Ends it at once, as a power failure would.
    pub fn kill(&mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// Stops, then starts again on the same files and port.
    pub async fn restart(&mut self) -> Result<()> {
        self.stop()?;
        self.start_again().await
    }

    /// Starts on the same files and port after [`Self::stop`].
    pub async fn start_again(&mut self) -> Result<()> {
        self.child = spawn(&self.options, self.port)?;
        self.answers().await
    }

    async fn answers(&mut self) -> Result<()> {
        let url = format!("http://127.0.0.1:{}/healthz", self.port);
        let child = &mut self.child;
        let log = self.options.directory.join("server.log");
        wait::until("the server's answer", async || {
            if let Some(status) = child.try_wait()? {
                anyhow::bail!(
                    "the server ended with {status}: {}",
                    fs::read_to_string(&log).unwrap_or_default()
                );
            }
            Ok(reqwest::get(&url).await.ok().filter(|answer| answer.status().is_success()).map(drop))
        })
        .await
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // A failed test must not keep the port; there is nobody to report a failure to here.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends SIGTERM.
pub fn terminate(child: &Child) -> Result<()> {
    let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw).context("a process id")?;
    kill_process(pid, Signal::TERM).context("the process cannot be signalled")
}

/// A port that nobody is listening on right now.
pub fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

/// The bidding systems of journeys are on this computer.
const CONFIG: &str = r#"
[install]
extension_url = "https://install.example.jp/extension"
[outgoing]
internal = ["localhost"]
"#;

fn spawn(options: &ServerOptions, port: u16) -> Result<Child> {
    let config = options.directory.join("server.toml");
    fs::write(&config, [CONFIG, &options.settings].concat())?;
    let log = fs::OpenOptions::new().create(true).append(true).open(options.directory.join("server.log"))?;
    let mut command = Command::new(programs::program("touroku-server")?);
    command
        .arg("serve")
        .arg("--config")
        .arg(&config)
        .args(["--listen", &format!("127.0.0.1:{port}"), "--origin", &format!("http://localhost:{port}")])
        .args(["--extension-id", super::host::EXTENSION_ID])
        .arg("--database")
        .arg(database(options))
        .arg("--agencies")
        .arg(&options.agencies)
        .arg("--site")
        .arg(&options.site);
    command.envs(options.environment.iter().map(|(name, value)| (name, value)));
    // Profiles of some journeys accept My Number Cards.
    command.arg("--allow-my-number");
    for trust in &options.trust {
        command.arg("--trust").arg(trust);
    }
    for crl in &options.crls {
        command.arg("--crl").arg(crl);
    }
    match &options.smtp {
        Some(url) => command.args(["--smtp", url]),
        None => command.arg("--mail-dir").arg(options.directory.join("mail")),
    };
    command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
    command.spawn().context("the server did not start")
}

fn import(options: &ServerOptions, agency: &str, roster: &Path) -> Result<()> {
    let output = Command::new(programs::program("touroku-server")?)
        .args(["roster", "import"])
        .arg(roster)
        .args(["--agency", agency, "--database"])
        .arg(database(options))
        .arg("--agencies")
        .arg(&options.agencies)
        .output()?;
    ensure!(output.status.success(), "roster import: {}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}

fn database(options: &ServerOptions) -> PathBuf {
    options.directory.join("touroku.db")
}
