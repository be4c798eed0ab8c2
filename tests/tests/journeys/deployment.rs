//! What `cargo xtask dist` makes, as an administrator rolls it out: the package installed, the extension forced
//! by policy from our update manifest while everything else is blocked, updated, and gone with the policy.

use std::{
    fs,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Value, json};
use touroku_tests::harness::{
    browser::Browser,
    rollout::{Deployment, POLICIES, enter_namespace, files, lay_over_this_system, run},
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
    lay_over_this_system(&[&deployment], folder.path())?;
    let ours = put_policies(&deployment)?;
    block_all_else()?;

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

/// Puts a deployment's policies where browsers read them.
fn put_policies(deployment: &Deployment) -> Result<PathBuf> {
    let from = deployment.policies();
    let to = Path::new(POLICIES).join(from.file_name().context("a file has a name")?);
    fs::copy(&from, &to)?;
    Ok(to)
}

/// An administrator's own policies.
fn block_all_else() -> Result<()> {
    let strict = json!({
        "NativeMessagingBlocklist": ["*"],
        "NativeMessagingUserLevelHosts": false,
        "ExtensionInstallBlocklist": ["*"],
        // The test drives the extension's own page, which is forbidden for forced extensions otherwise.
        "DeveloperToolsAvailability": 1,
    });
    Ok(fs::write(Path::new(POLICIES).join("strict.json"), strict.to_string())?)
}

#[test]
fn five_agencies_policies_are_in_force_together_and_one_that_goes_leaves_the_others() -> Result<()> {
    if !enter_namespace(
        "deployment::five_agencies_policies_are_in_force_together_and_one_that_goes_leaves_the_others",
    )? {
        return Ok(());
    }
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(roll_out_five())
}

async fn roll_out_five() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let mut agencies = Vec::new();
    for name in ["aomori", "kagoshima", "shimonoseki", "yamaguchi", "x2"] {
        let deployment = Deployment::named(name, &folder.path().join(name))?;
        deployment.dist(0, &["extension", "policies", "host-linux"])?;
        agencies.push((deployment.extension_id()?, deployment));
    }
    let deployments: Vec<&Deployment> = agencies.iter().map(|(_, deployment)| deployment).collect();
    lay_over_this_system(&deployments, folder.path())?;
    let policies =
        deployments.iter().map(|deployment| put_policies(deployment)).collect::<Result<Vec<_>>>()?;
    block_all_else()?;

    let browser = Browser::start_managed(&folder.path().join("profile")).await?;
    for (id, deployment) in &agencies {
        browser.driver().goto(deployment.origin()).await?;
        wait::until(&format!("{}'s extension and the host", deployment.name()), async || {
            answered(&browser, id).await
        })
        .await?;
    }
    let (_, first) = &agencies[0];
    browser.driver().goto(first.origin()).await?;
    for (id, other) in &agencies[1..] {
        ensure!(
            answered(&browser, id).await?.is_none(),
            "{}'s extension answers to another site",
            other.name()
        );
    }

    fs::remove_file(&policies[2])?;
    browser.driver().goto(agencies[2].1.origin()).await?;
    wait::until("the extension to go with its policy", async || {
        Ok(answered(&browser, &agencies[2].0).await?.is_none().then_some(()))
    })
    .await?;
    for (at, (id, deployment)) in agencies.iter().enumerate().filter(|(at, _)| *at != 2) {
        browser.driver().goto(deployment.origin()).await?;
        ensure!(answered(&browser, id).await?.is_some(), "{at}: {} is gone, too", deployment.name());
    }
    Ok(())
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
    deployment.dist(0, &["extension", "host-linux", "server"])?;
    let system = EmptySystem::new(&folder.path().join("root"))?;
    let root = &system.root;
    let before = files(root)?;
    system.install(&[&deployment.package("touroku-host")?, &deployment.drop_in()?])?;
    system.install(&[&deployment.package("touroku-server")?])?;
    for program in ["usr/bin/touroku-host", "usr/bin/touroku-server"] {
        run(Command::new(root.join(program)).arg("--version"))?;
    }
    ensure!(system.registered()? == [deployment.extension_id()?]);
    ensure!(fs::read_to_string(root.join("etc/passwd"))?.starts_with("touroku:"), "the server has no user");
    let part = fs::read_to_string(root.join("usr/share/touroku/server.d/10-package.toml"))?;
    ensure!(part.contains(deployment.origin()), "{part}");
    // An upgrade asks nobody: what is as it was shipped is replaced, what somebody changed stays.
    let authority = root.join("etc/touroku/agencies/ca/jpki.toml");
    let (server, own) = (root.join("etc/touroku/server.toml"), "# ours\n");
    fs::write(&server, own)?;
    let shipped = fs::read(&authority)?;
    deployment.dist(1, &["server"])?;
    system.install(&[&deployment.package("touroku-server")?])?;
    ensure!(fs::read_to_string(&server)? == own, "an upgrade replaced what the administrator wrote");
    ensure!(fs::read(&authority)? == shipped, "a profile that nobody changed is gone");
    // An upgrade that breaks off: a file of the new version is another package's.
    let broken = folder.path().join("broken");
    run(Command::new("dpkg-deb").arg("-R").arg(deployment.package("touroku-server")?).arg(&broken))?;
    fs::write(broken.join("usr/bin/touroku-host"), "")?;
    let package = folder.path().join("broken.deb");
    run(Command::new("dpkg-deb").args(["--build", "-Znone"]).arg(&broken).arg(&package))?;
    ensure!(system.install(&[&package]).is_err(), "it was meant to break off");
    ensure!(fs::read(&authority)? == shipped, "a broken upgrade took away what nobody had changed");
    // What an administrator and the running server would leave.
    let backup = root.join("var/backups/touroku/touroku-20261128-231500.tar.gz");
    fs::create_dir_all(root.join("var/backups/touroku"))?;
    fs::write(&backup, "")?;
    std::os::unix::fs::chown(&backup, Some(999), Some(999))?;
    fs::write(root.join("etc/touroku/agencies/x.toml"), "")?;
    fs::create_dir_all(root.join("etc/touroku/server.d"))?;
    fs::write(root.join("etc/touroku/server.d/city.toml"), "")?;
    fs::create_dir_all(root.join("var/lib/touroku"))?;
    fs::write(root.join("var/lib/touroku/touroku.db"), "")?;

    system.dpkg(&["--purge", "touroku-host-test", "touroku-host", "touroku-server"])?;
    let left: Vec<PathBuf> = files(root)?.into_iter().filter(|file| !before.contains(file)).collect();
    let ours = |file: &&PathBuf| !file.starts_with(root.join("var/lib/dpkg"));
    let left: Vec<_> = left.iter().filter(ours).filter(|file| !file.ends_with("etc/.pwd.lock")).collect();
    ensure!(left.iter().map(|path| path.as_path()).eq(backup.ancestors().take(3)), "{left:?}");
    ensure!(fs::metadata(&backup)?.uid() == 0, "whoever gets the server's number next may read its backups");
    ensure!(!fs::read_to_string(root.join("etc/passwd"))?.contains("touroku"), "the user is still there");
    Ok(())
}

#[test]
fn agencies_packages_come_and_go_in_any_order_and_each_extension_is_registered_as_long_as_its_agency_is_there()
-> Result<()> {
    let folder = tempfile::tempdir()?;
    let agencies = ["aomori", "kagoshima", "shimonoseki", "yamaguchi", "x2"]
        .map(|name| -> Result<(String, Deployment)> {
            let deployment = Deployment::named(name, &folder.path().join(name))?;
            deployment.dist(0, &["extension", "host-linux"])?;
            Ok((deployment.extension_id()?, deployment))
        })
        .into_iter()
        .collect::<Result<Vec<_>>>()?;
    let (_, first) = &agencies[0];
    let core = first.package("touroku-host")?;

    // Two, in every order of coming and going.
    for (number, (come, go)) in
        [([0, 1], [0, 1]), ([0, 1], [1, 0]), ([1, 0], [0, 1]), ([1, 0], [1, 0])].into_iter().enumerate()
    {
        let system = EmptySystem::new(&folder.path().join(format!("two-{number}")))?;
        let before = files(&system.root)?;
        let mut there = Vec::new();
        for at in come {
            let (id, deployment) = &agencies[at];
            // Each brings the program along; the second time it is there already.
            system.install(&[&deployment.package("touroku-host")?, &deployment.drop_in()?])?;
            there.push((deployment.name(), id.clone()));
            there.sort();
            ensure!(system.registered()? == ids(&there), "{there:?}");
        }
        for at in go {
            let (_, deployment) = &agencies[at];
            system.dpkg(&["--remove", &format!("touroku-host-{}", deployment.name())])?;
            there.retain(|(name, _)| *name != deployment.name());
            ensure!(system.registered()? == ids(&there), "{there:?}");
        }
        system.dpkg(&["--purge", "touroku-host"])?;
        system.ensure_nothing_left(&before)?;
    }

    // The newest program stays, whoever comes later with an older one.
    let system = EmptySystem::new(&folder.path().join("newer"))?;
    let [(first_id, first), (second_id, second), ..] = &agencies[..] else { bail!("there are five") };
    system.install(&[&newer(&core, "9.0.0")?, &first.drop_in()?])?;
    ensure!(
        system.install(&[&core, &second.drop_in()?]).is_err(),
        "an older program in place of a newer one"
    );
    let mut there = vec![(first.name(), first_id.clone()), (second.name(), second_id.clone())];
    there.sort();
    ensure!(system.registered()? == ids(&there), "without the agency that came with an older program");
    ensure!(system.version("touroku-host")? == "9.0.0");

    // Five, one after the other, beginning with each; the first goes first or last, and one is upgraded in between.
    for begin in 0..5 {
        let system = EmptySystem::new(&folder.path().join(format!("turn-{begin}")))?;
        let before = files(&system.root)?;
        let order: Vec<_> = (0..5).map(|step| &agencies[(begin + step) % 5]).collect();
        for (_, deployment) in &order {
            system.install(&[&core, &deployment.drop_in()?])?;
        }
        let mut there: Vec<_> =
            order.iter().map(|(id, deployment)| (deployment.name(), id.clone())).collect();
        let going: Vec<_> = if begin % 2 == 0 { order } else { order.into_iter().rev().collect() };
        for (step, (_, deployment)) in going.iter().enumerate() {
            if step == begin {
                system.install(&[&core, &deployment.drop_in()?])?;
            }
            system.dpkg(&["--purge", &format!("touroku-host-{}", deployment.name())])?;
            there.retain(|(name, _)| *name != deployment.name());
            there.sort();
            ensure!(system.registered()? == ids(&there), "{begin}, {step}: {there:?}");
        }
        system.dpkg(&["--purge", "touroku-host"])?;
        system.ensure_nothing_left(&before)?;
    }

    // Five at once, what the administrator adds, an upgrade that asks nothing, and the program last.
    let system = EmptySystem::new(&folder.path().join("five"))?;
    let before = files(&system.root)?;
    let mut all = vec![core];
    for (_, deployment) in &agencies {
        all.push(deployment.drop_in()?);
    }
    system.install(&all.iter().map(PathBuf::as_path).collect::<Vec<_>>())?;
    let mut there: Vec<_> = agencies.iter().map(|(id, deployment)| (deployment.name(), id.clone())).collect();
    there.sort();
    ensure!(system.registered()? == ids(&there));
    let own = "c".repeat(32);
    system.host(&["install", "--system", "--program", "/usr/bin/touroku-host", "--extension-id", &own])?;
    let (_, upgraded) = &agencies[2];
    upgraded.dist(1, &["extension", "host-linux"])?;
    system.install(&[&upgraded.package("touroku-host")?, &upgraded.drop_in()?])?;
    ensure!(system.registered()? == [vec![own.clone()], ids(&there)].concat(), "after an upgrade");
    let report = system.doctor()?;
    let names: Vec<_> = report["drop_ins"].as_array().into_iter().flatten().map(|one| &one["name"]).collect();
    ensure!(names == there.iter().map(|(name, _)| *name).collect::<Vec<_>>(), "{report:#}");
    for name in ["yamaguchi", "aomori", "x2", "kagoshima"] {
        system.dpkg(&["--purge", &format!("touroku-host-{name}")])?;
        there.retain(|(other, _)| *other != name);
        ensure!(system.registered()? == [vec![own.clone()], ids(&there)].concat(), "without {name}");
    }
    system.dpkg(&["--purge", "touroku-host-shimonoseki", "touroku-host"])?;
    system.ensure_nothing_left(&before)
}

/// The same package with another version.
fn newer(package: &Path, version: &str) -> Result<PathBuf> {
    let made = package.with_file_name(format!("touroku-host_{version}.deb"));
    let folder = tempfile::tempdir()?;
    let content = folder.path().join("content");
    run(Command::new("dpkg-deb").arg("--raw-extract").arg(package).arg(&content))?;
    let control = content.join("DEBIAN/control");
    let lines = fs::read_to_string(&control)?;
    let lines = lines.lines().map(|line| match line.strip_prefix("Version: ") {
        Some(_) => format!("Version: {version}\n"),
        None => format!("{line}\n"),
    });
    fs::write(&control, lines.collect::<String>())?;
    run(Command::new("dpkg-deb").args(["--build", "--root-owner-group", "-Znone"]).arg(&content).arg(&made))?;
    Ok(made)
}

fn ids(there: &[(&str, String)]) -> Vec<String> {
    there.iter().map(|(_, id)| id.clone()).collect()
}

/// What our packages depend on: dpkg wakes no package whose own are missing.
const DEPENDENCIES: [(&str, &str); 6] = [
    ("libc6", "2.36"),
    ("libgcc-s1", "12"),
    ("libpcsclite1", "1.9"),
    ("libssl3", "3.1"),
    ("ca-certificates", "1"),
    ("systemd", "252"),
];

/// A root without anything in it, for dpkg.
struct EmptySystem {
    root: PathBuf,
}

impl EmptySystem {
    fn new(root: &Path) -> Result<Self> {
        fs::create_dir_all(root.join("var/lib/dpkg"))?;
        fs::create_dir_all(root.join("etc/opt"))?;
        let installed = DEPENDENCIES.map(|(name, version)| {
            format!(
                "Package: {name}\nStatus: install ok installed\nMaintainer: x <x@example.jp>\nArchitecture: all\n\
                 Multi-Arch: foreign\nVersion: {version}\nDescription: x\n\n"
            )
        });
        fs::write(root.join("var/lib/dpkg/status"), installed.concat())?;
        for name in ["passwd", "group", "shadow", "gshadow"] {
            fs::write(root.join("etc").join(name), "")?;
            // The copy that whoever changes the file leaves beside it.
            fs::write(root.join("etc").join(format!("{name}-")), "")?;
        }
        Ok(Self { root: root.to_owned() })
    }

    fn dpkg(&self, arguments: &[&str]) -> Result<()> {
        let mut dpkg = Command::new("dpkg");
        // There is no shell in this system. Nobody answers questions.
        dpkg.arg("--root").arg(&self.root).args(["--force-script-chrootless", "--log=/dev/null"]);
        run(dpkg.args(arguments).stdin(std::process::Stdio::null()))
    }

    fn install(&self, packages: &[&Path]) -> Result<()> {
        let packages: Vec<_> = packages.iter().filter_map(|package| package.to_str()).collect();
        self.dpkg(&[&["--install"], &packages[..]].concat())
    }

    fn version(&self, package: &str) -> Result<String> {
        let mut query = Command::new("dpkg-query");
        query.arg(format!("--admindir={}", self.root.join("var/lib/dpkg").display()));
        let said = query.args(["--show", "--showformat=${Version}", package]).output()?;
        Ok(String::from_utf8(said.stdout)?)
    }

    fn host(&self, arguments: &[&str]) -> Result<()> {
        run(Command::new(self.root.join("usr/bin/touroku-host"))
            .args(arguments)
            .arg("--root")
            .arg(&self.root))
    }

    fn doctor(&self) -> Result<Value> {
        let mut host = Command::new(self.root.join("usr/bin/touroku-host"));
        let said = host.args(["doctor", "--json", "--root"]).arg(&self.root).output()?;
        Ok(serde_json::from_slice(&said.stdout)?)
    }

    /// The extensions that may call, as all three browsers find them.
    fn registered(&self) -> Result<Vec<String>> {
        let read = |browser: &&str| -> Result<Vec<String>> {
            let file =
                self.root.join("etc").join(browser).join("native-messaging-hosts/jp.touroku.host.json");
            if !file.exists() {
                return Ok(Vec::new());
            }
            let manifest: Value = serde_json::from_slice(&fs::read(file)?)?;
            ensure!(manifest["path"] == "/usr/bin/touroku-host", "{manifest}");
            let origins = manifest["allowed_origins"].as_array().context("a list")?;
            let id = |origin: &Value| {
                origin.as_str().and_then(|origin| origin.split('/').nth(2)).map(str::to_owned)
            };
            origins.iter().map(|origin| id(origin).context("an origin")).collect()
        };
        let found = ["opt/chrome", "chromium", "opt/edge"].iter().map(read).collect::<Result<Vec<_>>>()?;
        ensure!(found.iter().all(|ids| *ids == found[0]), "browsers differ: {found:?}");
        Ok(found[0].clone())
    }

    fn ensure_nothing_left(&self, before: &[PathBuf]) -> Result<()> {
        let left: Vec<PathBuf> = files(&self.root)?
            .into_iter()
            .filter(|file| !before.contains(file) && !file.starts_with(self.root.join("var/lib/dpkg")))
            .collect();
        ensure!(left.is_empty(), "{left:?}");
        Ok(())
    }
}
