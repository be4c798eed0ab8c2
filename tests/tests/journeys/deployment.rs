//! What `cargo xtask dist` makes, as an administrator rolls it out: the package installed, the extension forced
//! by policy from our update manifest while everything else is blocked, updated, and gone with the policy.

use std::{
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
        "deployment::a_policy_installs_the_extension_where_all_else_is_blocked_updates_it_and_takes_it_away",
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
