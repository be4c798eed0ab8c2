//! What `cargo xtask dist` makes, as an administrator rolls it out: the package installed, the extension forced
//! by policy from our update manifest while everything else is blocked, updated, and gone with the policy.

use std::{
    fs,
    io::{BufRead as _, BufReader, Write as _},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Value, json};
use touroku_tests::harness::{browser::Browser, programs, wait};

/// Set inside the namespace.
const INSIDE: &str = "TOUROKU_TEST_NAMESPACE";

/// Where Chromium's policies lie.
const POLICIES: &str = "/etc/chromium/policies/managed";

#[test]
fn a_policy_installs_the_extension_where_all_else_is_blocked_updates_it_and_takes_it_away() -> Result<()> {
    if !enter_namespace(
        "a_policy_installs_the_extension_where_all_else_is_blocked_updates_it_and_takes_it_away",
    )? {
        return Ok(());
    }
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(roll_out())
}

async fn roll_out() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let deployment = Deployment::new(folder.path())?;
    deployment.dist(0, &["extension", "policies", "host-linux"])?;
    let installed = folder.path().join("installed");
    run(Command::new("dpkg-deb").arg("--extract").arg(deployment.package("touroku-host")?).arg(&installed))?;
    overlay(&installed.join("etc"), "/etc", folder.path())?;
    overlay(&installed.join("usr/bin"), "/usr/bin", folder.path())?;
    fs::create_dir_all(POLICIES)?;
    let ours = Path::new(POLICIES).join("touroku.json");
    fs::copy(deployment.output.join("policies/linux/etc/chromium/policies/managed/touroku.json"), &ours)?;
    let strict = json!({
        "NativeMessagingBlocklist": ["*"],
        "NativeMessagingUserLevelHosts": false,
        "ExtensionInstallBlocklist": ["*"],
        // The test drives the extension's own page, which is forbidden for forced extensions otherwise.
        "DeveloperToolsAvailability": 1,
    });
    fs::write(Path::new(POLICIES).join("strict.json"), strict.to_string())?;

    let id = deployment.extension_id()?;
    let browser = Browser::start_managed(&folder.path().join("profile")).await?;
    browser.driver().goto(&deployment.origin).await?;
    let status =
        wait::until("the forced extension and its host", async || answered(&browser, &id).await).await?;
    let version = env!("CARGO_PKG_VERSION");
    ensure!(status["extension"]["version"] == version && status["host"]["version"] == version, "{status}");

    deployment.dist(1, &["extension"])?;
    update(&browser, &id).await?;
    let updated = format!("{version}.1");
    wait::until("the update", async || {
        let status = answered(&browser, &id).await?;
        Ok(status.filter(|status| status["extension"]["version"] == updated.as_str()))
    })
    .await?;

    fs::remove_file(ours)?;
    wait::until("the extension to go with its policy", async || {
        Ok(answered(&browser, &id).await?.is_none().then_some(()))
    })
    .await
}

/// Has the extension look for its update and apply it, which a browser does by itself every few hours.
async fn update(browser: &Browser, id: &str) -> Result<()> {
    let driver = browser.driver();
    let site = driver.window().await?;
    // A page of its own, because it goes with the old version; not card.html, which has nothing to do and closes.
    let page = driver.new_tab().await?;
    driver.switch_to_window(page).await?;
    driver.goto(&format!("chrome-extension://{id}/deployment.json")).await?;
    let check = "const done = arguments[0];
        chrome.runtime.onUpdateAvailable.addListener(({ version }) => done(version));
        chrome.runtime.requestUpdateCheck().then(({ status }) => status === 'update_available' || done(status));";
    let found = driver.execute_async(check, Vec::new()).await?.json().clone();
    ensure!(found == format!("{}.1", env!("CARGO_PKG_VERSION")), "{found}");
    driver.execute("setTimeout(() => chrome.runtime.reload());", Vec::new()).await?;
    driver.switch_to_window(site).await?;
    Ok(())
}

/// What the extension says to a page of our site; `None` while it is not there.
async fn answered(browser: &Browser, id: &str) -> Result<Option<Value>> {
    // The page is loaded anew: one that was open before the extension does not see it.
    browser.driver().refresh().await?;
    let ask = "const done = arguments[1];
        if (!chrome.runtime?.connect) return done(null);
        const port = chrome.runtime.connect(arguments[0]);
        port.onMessage.addListener((reply) => done(reply.type === 'status' ? reply : null));
        port.onDisconnect.addListener(() => done(null));
        port.postMessage({ type: 'status' });";
    let reply = browser.driver().execute_async(ask, vec![json!(id)]).await?.json().clone();
    Ok((!reply.is_null()).then_some(reply))
}

#[test]
fn the_packages_install_into_an_empty_system_and_purged_leave_nothing() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let deployment = Deployment::new(folder.path())?;
    deployment.dist(0, &["host-linux", "server"])?;
    let root = folder.path().join("root");
    fs::create_dir_all(root.join("var/lib/dpkg"))?;
    fs::create_dir_all(root.join("etc"))?;
    fs::write(root.join("var/lib/dpkg/status"), "")?;
    for name in ["passwd", "group", "shadow", "gshadow"] {
        fs::write(root.join("etc").join(name), "")?;
        // The copy that whoever changes the file leaves beside it.
        fs::write(root.join("etc").join(format!("{name}-")), "")?;
    }
    let before = files(&root)?;
    let dpkg = |arguments: &[&str]| {
        let mut dpkg = Command::new("dpkg");
        // Only these packages: their dependencies are not part of this system, nor is a shell.
        dpkg.arg("--root").arg(&root).args([
            "--force-depends",
            "--force-script-chrootless",
            "--log=/dev/null",
        ]);
        run(dpkg.args(arguments))
    };
    for (name, program) in
        [("touroku-host", "usr/bin/touroku-host"), ("touroku-server", "usr/bin/touroku-server")]
    {
        let package = deployment.package(name)?;
        dpkg(&["--install", package.to_str().context("a path in UTF-8")?])?;
        run(Command::new(root.join(program)).arg("--version"))?;
    }
    for browser in ["opt/chrome", "chromium", "opt/edge"] {
        let manifest = root.join("etc").join(browser).join("native-messaging-hosts/jp.touroku.host.json");
        let manifest: Value = serde_json::from_slice(&fs::read(manifest)?)?;
        ensure!(manifest["path"] == "/usr/bin/touroku-host", "{manifest}");
    }
    ensure!(fs::read_to_string(root.join("etc/passwd"))?.starts_with("touroku:"), "the server has no user");
    // What an administrator and the running server would leave.
    fs::write(root.join("etc/touroku/agencies/x.toml"), "")?;
    fs::create_dir_all(root.join("var/lib/touroku"))?;
    fs::write(root.join("var/lib/touroku/touroku.db"), "")?;

    dpkg(&["--purge", "touroku-host", "touroku-server"])?;
    let left: Vec<PathBuf> = files(&root)?.into_iter().filter(|file| !before.contains(file)).collect();
    let ours = |file: &&PathBuf| !file.starts_with(root.join("var/lib/dpkg"));
    let left: Vec<_> = left.iter().filter(ours).filter(|file| !file.ends_with("etc/.pwd.lock")).collect();
    ensure!(left.is_empty(), "{left:?}");
    ensure!(!fs::read_to_string(root.join("etc/passwd"))?.contains("touroku"), "the user is still there");
    Ok(())
}

/// A deployment of its own key, whose site and update address are served from here.
struct Deployment {
    folder: PathBuf,
    output: PathBuf,
    origin: String,
}

impl Deployment {
    fn new(folder: &Path) -> Result<Self> {
        let output = folder.join("dist");
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let origin = format!("http://localhost:{}", listener.local_addr()?.port());
        run(Command::new("openssl").args(["genrsa", "-out"]).arg(folder.join("extension.pem")).arg("2048"))?;
        let served = output.clone();
        // Ends with the test's process.
        std::thread::spawn(move || {
            listener.incoming().flatten().for_each(|stream| drop(serve(stream, &served)));
        });
        Ok(Self { folder: folder.to_owned(), output, origin })
    }

    /// Makes parts of this release.
    fn dist(&self, release: u16, parts: &[&str]) -> Result<()> {
        let origin = &self.origin;
        let text = format!(
            "[publisher]\nname = \"試験\"\nemail = \"test@example.jp\"\n\
             [extension]\nkey = \"extension.pem\"\nupdate_url = \"{origin}/extension/update.xml\"\nrelease = {release}\n\
             [[site]]\norigin = \"{origin}\"\nagencies = [\"青森市\"]\n\
             [help_desk]\nname = \"窓口\"\nphone = \"0\"\n[server]\norigin = \"{origin}\"\n"
        );
        let file = self.folder.join("deploy.toml");
        fs::write(&file, text)?;
        let mut dist = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        dist.current_dir(programs::workspace()).args(["run", "--quiet", "--package", "xtask", "--", "dist"]);
        dist.arg("--config")
            .arg(file)
            .arg("--output")
            .arg(&self.output)
            .arg("--debug-programs")
            .arg("--only")
            .args(parts);
        run(&mut dist)
    }

    fn package(&self, name: &str) -> Result<PathBuf> {
        let files = files(&self.output.join("linux"))?;
        let is_it =
            |file: &PathBuf| file.file_name().is_some_and(|file| file.to_string_lossy().starts_with(name));
        files.into_iter().find(is_it).with_context(|| format!("no package {name}"))
    }

    fn extension_id(&self) -> Result<String> {
        let text = fs::read_to_string(self.output.join("extension/update.xml"))?;
        let (_, rest) = text.split_once("appid='").context("update.xml names an id")?;
        Ok(rest.chars().take(32).collect())
    }
}

/// Answers one request: a file of the folder, or an empty page.
fn serve(mut stream: TcpStream, folder: &Path) -> Result<()> {
    let mut line = String::new();
    let mut reader = BufReader::new(stream.try_clone()?);
    reader.read_line(&mut line)?;
    // The rest of the request is read, so that closing does not reset the connection.
    let mut header = String::new();
    while reader.read_line(&mut header)? > 2 {
        header.clear();
    }
    let path = line.split([' ', '?']).nth(1).unwrap_or_default().trim_start_matches('/');
    let (kind, body) = match fs::read(folder.join(path)) {
        Ok(body) if path.ends_with(".crx") => ("application/x-chrome-extension", body),
        Ok(body) => ("text/xml", body),
        Err(_) => ("text/html", b"<!doctype html><title>site</title>".to_vec()),
    };
    let head = format!("HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n", body.len());
    stream.write_all(format!("{head}Connection: close\r\n\r\n").as_bytes())?;
    stream.write_all(&body)?;
    Ok(())
}

/// Runs this test once more with mounts of its own, so that what it lays over /etc is seen by nobody else.
/// True inside.
fn enter_namespace(test: &str) -> Result<bool> {
    if std::env::var_os(INSIDE).is_some() {
        return Ok(true);
    }
    let mut inside = Command::new("unshare");
    inside.args(["--mount", "--propagation", "private", "--"]).arg(std::env::current_exe()?);
    run(inside.args([test, "--exact", "--nocapture"]).env(INSIDE, "1"))?;
    Ok(false)
}

/// Lays a folder over another one; what is written there later goes to a folder of the test's own.
fn overlay(lower: &Path, over: &str, folder: &Path) -> Result<()> {
    let layer = |name: &str| -> Result<PathBuf> {
        let path = folder.join(name).join(over.trim_start_matches('/'));
        fs::create_dir_all(&path)?;
        Ok(path)
    };
    let options = format!(
        "lowerdir={}:{over},upperdir={},workdir={}",
        lower.display(),
        layer("upper")?.display(),
        layer("work")?.display()
    );
    run(Command::new("mount").args(["-t", "overlay", "overlay", "-o", &options, over]))
}

fn run(command: &mut Command) -> Result<()> {
    let done = command.output().with_context(|| format!("{command:?} did not start"))?;
    if !done.status.success() {
        bail!(
            "{command:?}: {}\n{}{}",
            done.status,
            String::from_utf8_lossy(&done.stdout),
            String::from_utf8_lossy(&done.stderr)
        );
    }
    Ok(())
}

/// All files and folders below.
fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            found.extend(files(&entry.path())?);
        }
        found.push(entry.path());
    }
    Ok(found)
}
