//! What `cargo xtask dist` makes, as an administrator rolls it out: the package installed, the extension forced
//! by policy from our update manifest while everything else is blocked, updated, and gone with the policy.

use std::{
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use touroku_tests::harness::{
    browser::Browser,
    rollout::{Deployment, POLICIES, enter_namespace, files, run},
    wait,
};

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
    deployment.lay_over_this_system()?;
    let ours = Path::new(POLICIES).join("touroku.json");
    fs::copy(deployment.output().join("policies/linux/etc/chromium/policies/managed/touroku.json"), &ours)?;
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
    browser.driver().goto(deployment.origin()).await?;
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

/// Wine 8 lacks this library, from which Rust's standard library takes random numbers; Windows 10 has it.
const RANDOM_SOURCE: &str = "#include <windows.h>\n\
    BOOLEAN NTAPI SystemFunction036(PVOID, ULONG);\n\
    __declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE data, SIZE_T size) { return SystemFunction036(data, (ULONG)size); }\n";

#[test]
fn the_windows_package_installs_answers_a_browser_and_leaves_nothing() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let deployment = Deployment::new(folder.path())?;
    deployment.dist(0, &["host-windows"])?;
    let msi = files(&deployment.output().join("windows"))?
        .into_iter()
        .find(|file| file.extension() == Some("msi".as_ref()));
    let msi = msi.context("no MSI was made")?;
    let wine = Wine::new(folder.path())?;
    wine.run(&[
        OsStr::new("msiexec"),
        "/i".as_ref(),
        msi.as_ref(),
        "/qn".as_ref(),
        "EDGE=0".as_ref(),
        "CHROMEPOLICY=1".as_ref(),
    ])?;
    let installed = wine.prefix.join("drive_c/Program Files/Touroku");
    let registry = wine.registry()?;
    for expected in [
        r"[Software\\Google\\Chrome\\NativeMessagingHosts\\jp.touroku.host]",
        r"[Software\\Wow6432Node\\Google\\Chrome\\NativeMessagingHosts\\jp.touroku.host]",
        r"[Software\\Policies\\Google\\Chrome\\ExtensionInstallForcelist]",
        // 青森市, as Wine writes it.
        r"\x9752\x68ee\x5e02",
    ] {
        ensure!(registry.contains(expected), "{expected} is not in the registry");
    }
    ensure!(!registry.contains(r"Edge\\NativeMessagingHosts"), "Edge was to be left out");

    run(Command::new("x86_64-w64-mingw32-gcc")
        .args(["-shared", "-x", "c", "-o"])
        .arg(installed.join("bcryptprimitives.dll"))
        .arg(folder.path().join("random.c"))
        .args(["-x", "none", "-ladvapi32"]))?;
    let host = installed.join("touroku-host.exe");
    let doctor = wine.output(&[host.as_ref(), OsStr::new("doctor"), "--json".as_ref()], &[])?;
    let doctor: Value = serde_json::from_slice(&doctor)?;
    let chrome = &doctor["browsers"][0];
    ensure!(
        chrome["browser"] == "chrome" && chrome["host"]["version"] == env!("CARGO_PKG_VERSION"),
        "{doctor}"
    );
    let findings = doctor["findings"].as_array().context("findings")?;
    let beyond_the_card = findings.iter().filter(|finding| finding["browser"] == "chrome");
    ensure!(beyond_the_card.count() == 0, "{doctor}");

    fs::remove_file(installed.join("bcryptprimitives.dll"))?;
    wine.run(&[OsStr::new("msiexec"), "/x".as_ref(), msi.as_ref(), "/qn".as_ref()])?;
    ensure!(!installed.exists(), "{} is still there", installed.display());
    let registry = wine.registry()?;
    ensure!(
        !registry.contains("jp.touroku.host") && !registry.contains("46785"),
        "the registry holds something of ours"
    );
    Ok(())
}

/// A Windows of its own.
struct Wine {
    prefix: PathBuf,
}

impl Wine {
    fn new(folder: &Path) -> Result<Self> {
        let wine = Self { prefix: folder.join("wine") };
        fs::write(folder.join("random.c"), RANDOM_SOURCE)?;
        wine.run(&[OsStr::new("wineboot"), "--init".as_ref()])?;
        Ok(wine)
    }

    fn run(&self, arguments: &[&OsStr]) -> Result<()> {
        self.output(arguments, &[0]).map(drop)
    }

    /// What a program writes; its exit status is one of these, or anything.
    fn output(&self, arguments: &[&OsStr], statuses: &[i32]) -> Result<Vec<u8>> {
        let mut wine = Command::new("/usr/lib/wine/wine64");
        wine.env("WINEPREFIX", &self.prefix).env("WINEDEBUG", "-all").env_remove("DISPLAY").args(arguments);
        let done = wine.output().context("wine did not start")?;
        let status = done.status.code();
        ensure!(
            statuses.is_empty() || status.is_some_and(|status| statuses.contains(&status)),
            "{wine:?}: {status:?}"
        );
        Ok(done.stdout)
    }

    /// The machine's registry, once Wine has written it.
    fn registry(&self) -> Result<String> {
        run(Command::new("/usr/lib/wine/wineserver").arg("--wait").env("WINEPREFIX", &self.prefix))?;
        Ok(fs::read_to_string(self.prefix.join("system.reg"))?)
    }
}

impl Drop for Wine {
    fn drop(&mut self) {
        let _ =
            Command::new("/usr/lib/wine/wineserver").arg("--kill").env("WINEPREFIX", &self.prefix).status();
    }
}
