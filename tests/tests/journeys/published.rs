//! The published extension, which names no site: a person allows the sites that the agencies' packages on this computer
//! name, and only there the page finds it.
//!
//! The browser's own question can't be answered here: it is none of a page's. So this browser remembers that it was
//! answered once, as it does after a permission was taken back; everything else is the person's way.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use thirtyfour::By;
use touroku_proto::card::PageRequest;
use touroku_tests::harness::{
    axe,
    browser::Browser,
    host::{self, EXTENSION_ID, HostKind},
    programs,
    rollout::{Deployment, files, run},
    wait,
    walk::Walk,
    world::{PIN, World, WorldOptions},
};

/// What the browser remembers of a site on this computer, at whichever port.
const PATTERN: &str = "http://localhost/*";

#[tokio::test]
async fn a_person_allows_the_agencies_of_this_computer_and_no_other_site_finds_the_extension() -> Result<()> {
    let world = World::start_with(WorldOptions { extension: false, ..WorldOptions::default() }).await?;
    let _card = world.insert_card()?;
    let folder = tempfile::tempdir()?;
    let extension = published(folder.path())?;
    let profile = folder.path().join("profile");
    host::install(&profile, &HostKind::Real { allowed_origins: Vec::new() })?;
    brought(&profile, "aomori", "青森市（見本）", &world.origin())?;
    let other = Deployment::named("other", &folder.path().join("other"))?;
    brought(&profile, "other", "鹿児島市（見本）", other.origin())?;

    let browser = Browser::start(&profile, Some(&extension)).await?;
    // It opens by itself after the installation.
    let page = format!("chrome-extension://{EXTENSION_ID}/sites.html");
    browser.switch_to(&page).await?;
    state(&browser, "missing").await?;
    let text = browser.driver().find(By::Tag("body")).await?.text().await?;
    for expected in ["青森市（見本）", &world.origin(), "鹿児島市（見本）", other.origin(), "017-000-0000"]
    {
        ensure!(text.contains(expected), "{expected}: {text}");
    }
    axe::audit(browser.driver(), "sites").await?;
    let mut walk = Walk::new(&browser, world.origin());
    walk.picture("サイトの許可").await?;
    browser.driver().clone().quit().await?;
    drop(browser);

    remember(&profile)?;
    let browser = Browser::start(&profile, Some(&extension)).await?;
    browser.driver().goto(&page).await?;
    state(&browser, "allowed").await?;
    browser.driver().find(By::Css("#sites button")).await?.click().await?;
    state(&browser, "missing").await?;
    ensure!(!reaches(&browser, &world.origin()).await?, "a permission that was taken back counts on");

    browser.driver().goto(&page).await?;
    state(&browser, "missing").await?;
    browser.driver().find(By::Id("allow")).await?.click().await?;
    state(&browser, "allowed").await?;
    let mut walk = Walk::new(&browser, world.origin());
    walk.picture("許可したサイト").await?;
    ensure!(reaches(&browser, other.origin()).await?, "another agency's site was not answered");
    // The same browser lets our relay into pages at every port; the card program knows two sites.
    let stranger = Deployment::named("stranger", &folder.path().join("stranger"))?;
    ensure!(!reaches(&browser, stranger.origin()).await?, "a site that no package names was answered");

    let mut walk = Walk::new(&browser, world.origin());
    let window = walk.to_card_window().await?;
    window.state("pin").await?;
    let text = window.text().await?;
    for expected in ["青森市", &world.origin(), "017-000-0000"] {
        ensure!(text.contains(expected), "{expected}: {text}");
    }
    walk.picture("カードの画面").await?;
    window.pin(PIN).await?;
    window.ok().await?;
    window.closed(&world.origin()).await?;
    walk.page().screen("search").await?;
    Ok(())
}

/// The published build as `dist` makes it, for this computer's sites, too.
fn published(folder: &Path) -> Result<PathBuf> {
    let deployment = Deployment::new(&folder.join("dist"))?;
    deployment.dist(0, &["extension"])?;
    let made = files(&deployment.output().join("extension"))?;
    let zip = made.into_iter().find(|file| file.to_string_lossy().ends_with("-published.zip"));
    let extension = folder.join("extension");
    run(Command::new("python3").args(["-m", "zipfile", "-e"]).arg(zip.context("a zip")?).arg(&extension))?;
    let (ours, file) =
        (programs::workspace().join("extension/manifest.json"), extension.join("manifest.json"));
    let ours: Value = serde_json::from_slice(&fs::read(ours)?)?;
    let mut manifest: Value = serde_json::from_slice(&fs::read(&file)?)?;
    // Stores give it its id; agencies are below .jp.
    manifest["key"] = ours["key"].clone();
    manifest["optional_host_permissions"].as_array_mut().context("a list")?.push(json!(PATTERN));
    fs::write(file, manifest.to_string())?;
    Ok(extension)
}

/// What an agency's package lays down.
fn brought(profile: &Path, name: &str, agency: &str, origin: &str) -> Result<()> {
    let text = format!(
        "allowed_extensions = [\"{EXTENSION_ID}\"]\n[[site]]\norigin = \"{origin}\"\nagencies = [\"{agency}\"]\n\
         [help_desk]\nname = \"契約課\"\nphone = \"017-000-0000\"\n"
    );
    fs::create_dir_all(profile.join("host.d"))?;
    Ok(fs::write(profile.join(format!("host.d/{name}.toml")), text)?)
}

/// The person has answered the browser's question with yes.
fn remember(profile: &Path) -> Result<()> {
    let file = profile.join("Default/Preferences");
    let mut preferences: Value = serde_json::from_slice(&fs::read(&file)?)?;
    let entry = preferences.pointer_mut(&format!("/extensions/settings/{EXTENSION_ID}"));
    let entry = entry.context("the browser knows the extension")?;
    for kind in ["active_permissions", "granted_permissions", "runtime_granted_permissions"] {
        entry[kind]["explicit_host"] = json!([PATTERN]);
    }
    Ok(fs::write(file, preferences.to_string())?)
}

/// Waits for the page of the sites to be in that state.
async fn state(browser: &Browser, state: &str) -> Result<()> {
    wait::until(&format!("the sites to be {state}"), async || {
        let read = "return document.body?.dataset.state ?? '';";
        let found: String = browser.driver().execute(read, Vec::new()).await?.convert()?;
        Ok((found == state).then_some(()))
    })
    .await
}

/// Whether a page of that site is answered by the extension.
async fn reaches(browser: &Browser, origin: &str) -> Result<bool> {
    browser.driver().goto(origin).await?;
    // A relay that is there keeps the call from the page.
    let ask = "const done = arguments[1], channel = new MessageChannel();
        channel.port1.onmessage = ({ data }) => data.message && done(data.message.type === 'status');
        window.addEventListener('message', () => done(false));
        window.postMessage('touroku:connect', location.origin, [channel.port2]);
        channel.port1.postMessage({ message: arguments[0] });";
    let request = serde_json::to_value(PageRequest::Status)?;
    Ok(browser.driver().execute_async(ask, vec![request]).await?.convert()?)
}
