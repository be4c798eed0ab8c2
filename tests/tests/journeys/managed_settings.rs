//! An administrator's settings for the extension, as they arrive late, change and go, in a browser that policies
//! manage: nothing is let through before they are there, and nobody has to reload anything afterwards.

use std::{fs, path::Path};

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use touroku_tests::harness::{
    browser::Browser,
    rollout::{Deployment, POLICIES, enter_namespace, lay_over_this_system},
    wait,
};

#[test]
fn late_settings_are_waited_for_and_changed_ones_are_taken_without_a_reload() -> Result<()> {
    if !enter_namespace(
        "managed_settings::late_settings_are_waited_for_and_changed_ones_are_taken_without_a_reload",
    )? {
        return Ok(());
    }
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(journey())
}

async fn journey() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let deployment = Deployment::new(folder.path())?;
    deployment.dist(0, &["extension", "policies", "host-linux"])?;
    lay_over_this_system(&[&deployment], folder.path())?;
    let company = Company::of(&deployment)?;

    // The settings forbid our site from the beginning. Right after the forced installation the browser has not
    // delivered them yet: an extension that took the empty answer for "not managed" would serve the site now.
    company.sets(&json!({ "allowed_origins": ["https://elsewhere.example.jp"] }))?;
    let browser = Browser::start_managed(&folder.path().join("profile")).await?;
    browser.driver().goto(deployment.origin()).await?;
    let first = wait::until("the forced extension's first word", async || {
        // A page opened before the extension was installed does not see it.
        browser.driver().refresh().await?;
        company.asks(&browser).await
    })
    .await?;
    ensure!(first["error"]["code"] == "origin_not_allowed", "it served a site that is forbidden: {first}");

    // From here on nobody reloads the page.
    browser.driver().execute("window.untouched = true;", Vec::new()).await?;
    let settings = |desk: &str| {
        json!({
            "allowed_origins": [deployment.origin()],
            "agencies": [{ "origin": deployment.origin(), "name": "八戸市" }],
            "help_desk": { "name": desk, "phone": "017-000-0001", "hours": "平日9時から17時" },
            "host_log_level": "info",
        })
    };
    company.sets(&settings("情報システム課"))?;
    let status = company.hears(&browser, "status").await?;
    ensure!(status["managed"] == true && status["host"].is_object(), "{status}");
    for expected in ["八戸市", "情報システム課", "017-000-0001", "平日9時から17時"] {
        company.shows(&browser, expected).await?;
    }
    let log = Path::new(&std::env::var_os("XDG_STATE_HOME").context("a namespace has one")?)
        .join("touroku/host.log");
    let log = fs::read_to_string(log)?;
    ensure!(log.contains(" status") && log.contains(" watch for http://localhost"), "{log}");

    company.sets(&settings("契約課"))?;
    company.shows(&browser, "契約課").await?;

    company.sets(&json!({ "allowed_origins": [] }))?;
    let refused = company.hears(&browser, "error").await?;
    ensure!(refused["error"]["code"] == "origin_not_allowed", "{refused}");

    // Withdrawn altogether they count as absent, not as late forever; the package's own desk is shown again.
    company.sets(&Value::Null)?;
    let status = company.hears(&browser, "status").await?;
    ensure!(status["managed"] == true, "it is installed by policy all the same: {status}");
    company.shows(&browser, "窓口").await?;
    let untouched = browser.driver().execute("return window.untouched === true;", Vec::new()).await?;
    ensure!(untouched.convert::<bool>()?, "the page was reloaded");
    Ok(())
}

/// Sets this computer's policies, and knows its site's page.
struct Company {
    id: String,
    origin: String,
    policies: Value,
}

impl Company {
    fn of(deployment: &Deployment) -> Result<Self> {
        let made = deployment.output().join("policies/linux/etc/chromium/policies/managed/touroku-test.json");
        let mut policies: Value = serde_json::from_slice(&fs::read(made)?)?;
        // The test drives the extension's own page, which is otherwise forbidden for forced extensions.
        policies["DeveloperToolsAvailability"] = json!(1);
        Ok(Self { id: deployment.extension_id()?, origin: deployment.origin().to_owned(), policies })
    }

    /// Sets the extension's settings, or none at all.
    fn sets(&self, settings: &Value) -> Result<()> {
        let mut policies = self.policies.clone();
        policies["3rdparty"] = match settings {
            Value::Null => json!({}),
            settings => json!({ "extensions": { self.id.as_str(): settings } }),
        };
        // Atomically: the browser reads whenever the folder changes.
        let file = Path::new(POLICIES).join("touroku.json");
        let written = Path::new("/etc/chromium").join("touroku.new");
        fs::write(&written, policies.to_string())?;
        Ok(fs::rename(written, file)?)
    }

    /// What the extension answers when the open page asks for its status; `None` while it is absent.
    async fn asks(&self, browser: &Browser) -> Result<Option<Value>> {
        let ask = "const done = arguments[1];
            if (!chrome.runtime?.connect) return done(null);
            const port = chrome.runtime.connect(arguments[0]);
            port.onMessage.addListener(done);
            port.onDisconnect.addListener(() => done(null));
            port.postMessage({ type: 'status' });";
        let reply = browser.driver().execute_async(ask, vec![json!(self.id)]).await?.json().clone();
        Ok((!reply.is_null()).then_some(reply))
    }

    /// Waits for an answer of that type.
    async fn hears(&self, browser: &Browser, kind: &str) -> Result<Value> {
        wait::until(&format!("an answer of the type {kind}"), async || {
            Ok(self.asks(browser).await?.filter(|reply| reply["type"] == kind))
        })
        .await
    }

    /// Waits until a card window, opened by the open page, shows a text.
    async fn shows(&self, browser: &Browser, text: &str) -> Result<()> {
        wait::until(&format!("a card window with {text}"), async || {
            Ok(self.window(browser).await?.contains(text).then_some(()))
        })
        .await
    }

    /// Opens a card window, reads it and cancels the request.
    async fn window(&self, browser: &Browser) -> Result<String> {
        let (driver, address) = (browser.driver(), format!("chrome-extension://{}/card.html", self.id));
        let open = "window.port = chrome.runtime.connect(arguments[0]);
            port.postMessage({ type: 'authenticate', nonce: 'A'.repeat(43) + '=', purpose: 'register' });";
        driver.execute(open, vec![json!(self.id)]).await?;
        browser.switch_to(&address).await?;
        let text = wait::until("the card window to be drawn", async || {
            let read = "return document.body?.dataset.state ? document.body.innerText : '';";
            let text: String = driver.execute(read, Vec::new()).await?.convert()?;
            // The request arrives a moment after the window.
            Ok((text.contains("localhost")).then_some(text))
        })
        .await?;
        browser.switch_to(&self.origin).await?;
        driver.execute("port.disconnect();", Vec::new()).await?;
        wait::until("the card window to close", async || {
            Ok((!browser.has_window(&address).await?).then_some(()))
        })
        .await?;
        Ok(text)
    }
}
