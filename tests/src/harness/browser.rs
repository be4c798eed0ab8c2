//! A real Chromium with our extension, driven over WebDriver.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use anyhow::{Context as _, Result, bail, ensure};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;
use thirtyfour::{ChromiumLikeCapabilities as _, DesiredCapabilities, WebDriver, WindowHandle};

use super::{programs, wait};

/// Switches for a Chromium that runs as root, without a screen and without contacting Google's hosts.
const ARGUMENTS: [&str; 10] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--disable-sync",
    "--no-first-run",
    "--window-size=1100,1400",
    "--lang=ja",
    "--accept-lang=ja",
];

/// A running browser; dropping it ends Chromium and chromedriver.
pub struct Browser {
    // `None` only while it is being dropped.
    driver: Option<WebDriver>,
    profile: PathBuf,
    chromedriver: Chromedriver,
}

impl Browser {
    /// Starts Chromium on `profile`, with the extension unless `extension` is `None`.
    pub async fn start(profile: &Path, extension: Option<&Path>) -> Result<Self> {
        Self::launch(profile, extension, &[]).await
    }

    /// Starts Chromium as policies manage it: it fetches and updates extensions, which WebDriver disables.
    pub async fn start_managed(profile: &Path) -> Result<Self> {
        Self::launch(profile, None, &["disable-background-networking"]).await
    }

    async fn launch(profile: &Path, extension: Option<&Path>, without: &[&str]) -> Result<Self> {
        let chromedriver = Chromedriver::start()?;
        let mut capabilities = DesiredCapabilities::chrome();
        for argument in ARGUMENTS {
            capabilities.add_arg(argument)?;
        }
        capabilities.add_arg(&format!("--user-data-dir={}", profile.display()))?;
        if let Some(extension) = extension {
            capabilities.add_arg(&format!("--load-extension={}", extension.display()))?;
        }
        capabilities.add_experimental_option("excludeSwitches", without)?;
        // Without it WebDriver does not see the card window, which is a page of the extension.
        capabilities.add_experimental_option("enableExtensionTargets", true)?;
        let driver = WebDriver::new(format!("http://127.0.0.1:{}", chromedriver.port), capabilities).await?;
        Ok(Self { driver: Some(driver), profile: profile.to_owned(), chromedriver })
    }

    /// The driver, for whatever a journey does beyond the page objects.
    pub fn driver(&self) -> &WebDriver {
        self.driver.as_ref().expect("there until the browser is dropped")
    }

    /// Throttles uploads to that many bytes per second; `None`: unlimited.
    pub async fn slow_down(&self, bytes_a_second: Option<u32>) -> Result<()> {
        let speed = bytes_a_second.map_or(-1, i64::from);
        self.developer("Network.enable", json!({})).await?;
        let conditions =
            json!({ "offline": false, "latency": 0, "downloadThroughput": -1, "uploadThroughput": speed });
        self.developer("Network.emulateNetworkConditions", conditions).await
    }

    /// Like a contractor's at home: 150 ms to the server, 1.6 Mbit/s, a processor a quarter as fast as this one.
    pub async fn slow_line_and_computer(&self) -> Result<()> {
        self.developer("Network.enable", json!({})).await?;
        let bytes = 1_600_000 / 8;
        let conditions = json!({ "offline": false, "latency": 150, "downloadThroughput": bytes, "uploadThroughput": bytes });
        self.developer("Network.emulateNetworkConditions", conditions).await?;
        self.developer("Emulation.setCPUThrottlingRate", json!({ "rate": 4 })).await
    }

    /// Downloads everything again, like a first visit.
    pub async fn forget_downloads(&self) -> Result<()> {
        self.developer("Network.clearBrowserCache", json!({})).await
    }

    /// Runs a script in every page before the page's own.
    pub async fn run_in_new_pages(&self, script: &str) -> Result<()> {
        self.developer("Page.addScriptToEvaluateOnNewDocument", json!({ "source": script })).await
    }

    /// Requests these languages from the next page on, like a person's settings.
    pub async fn ask_for(&self, languages: &str) -> Result<()> {
        let agent = self.driver().execute("return navigator.userAgent;", vec![]).await?;
        let agent: String = agent.convert()?;
        let parameters = json!({ "userAgent": agent, "acceptLanguage": languages });
        self.developer("Network.setUserAgentOverride", parameters).await
    }

    /// Saves downloads into that folder.
    pub async fn download_to(&self, folder: &Path) -> Result<()> {
        let behavior = json!({ "behavior": "allow", "downloadPath": folder });
        self.developer("Browser.setDownloadBehavior", behavior).await
    }

    /// A DevTools protocol command, through chromedriver's own endpoint.
    async fn developer(&self, command: &str, parameters: serde_json::Value) -> Result<()> {
        let (port, session) = (self.chromedriver.port, self.driver().session_id());
        let url = format!("http://127.0.0.1:{port}/session/{session}/goog/cdp/execute");
        let body = json!({ "cmd": command, "params": parameters }).to_string();
        let answer = reqwest::Client::new().post(url).body(body).send().await?;
        ensure!(answer.status().is_success(), "{command}: {}", answer.text().await?);
        Ok(())
    }

    /// Waits for a window whose URL starts with `prefix`, and makes it the current one.
    pub async fn switch_to(&self, prefix: &str) -> Result<WindowHandle> {
        wait::until(&format!("a window at {prefix}"), async || {
            for handle in self.driver().windows().await? {
                // A window may close while we look at it.
                if self.driver().switch_to_window(handle.clone()).await.is_err() {
                    continue;
                }
                if self.driver().current_url().await.is_ok_and(|url| url.as_str().starts_with(prefix)) {
                    return Ok(Some(handle));
                }
            }
            Ok(None)
        })
        .await
    }

    /// Whether a window whose URL starts with `prefix` is open. The current window stays.
    pub async fn has_window(&self, prefix: &str) -> Result<bool> {
        let current = self.driver().window().await?;
        let mut found = false;
        for handle in self.driver().windows().await? {
            if self.driver().switch_to_window(handle).await.is_ok()
                && self.driver().current_url().await.is_ok_and(|url| url.as_str().starts_with(prefix))
            {
                found = true;
            }
        }
        self.driver().switch_to_window(current).await?;
        Ok(found)
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Closing the session over WebDriver would block this thread's runtime until a time-out, so the processes
        // are killed instead. A session that was already closed has nothing to leak.
        if let Some(driver) = self.driver.take() {
            let _ = driver.leak();
        }
        end_processes_on(&self.profile);
    }
}

/// Kills every process whose command line names this browser profile: Chromium, and with it the host.
fn end_processes_on(profile: &Path) {
    let switch = format!("--user-data-dir={}", profile.display());
    let Ok(processes) = fs::read_dir("/proc") else { return };
    for process in processes.flatten() {
        let Some(pid) =
            process.file_name().to_str().and_then(|name| name.parse().ok()).and_then(Pid::from_raw)
        else {
            continue;
        };
        // A process may end while we look at it.
        let command_line = fs::read(process.path().join("cmdline")).unwrap_or_default();
        if command_line.split(|&byte| byte == 0).any(|argument| argument == switch.as_bytes()) {
            let _ = kill_process(pid, Signal::KILL);
        }
    }
}

/// Copies the extension and tells it whose site `origin` is.
pub fn stage_extension(directory: &Path, origin: &str, agencies: &[&str]) -> Result<PathBuf> {
    let staged = directory.join("extension");
    fs::create_dir_all(&staged)?;
    for entry in fs::read_dir(programs::workspace().join("extension"))? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            fs::copy(entry.path(), staged.join(entry.file_name()))?;
        }
    }
    let path = staged.join("deployment.json");
    let mut deployment: serde_json::Value = serde_json::from_str(&fs::read_to_string(&path)?)?;
    deployment["origins"] = json!([{ "origin": origin, "agencies": agencies }]);
    fs::write(path, deployment.to_string())?;
    Ok(staged)
}

struct Chromedriver {
    child: Child,
    port: u16,
}

impl Chromedriver {
    /// Starts one at a free port. It wants that port's number for IPv4 and IPv6, and ends where another program has
    /// one of the two: then the next port may do.
    fn start() -> Result<Self> {
        for _ in 0..5 {
            if let Some(started) = Self::start_once()? {
                return Ok(started);
            }
        }
        bail!("chromedriver ended before it named its port, five times")
    }

    /// `None`: it ended before it named its port.
    fn start_once() -> Result<Option<Self>> {
        let mut child = Command::new("chromedriver")
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("chromedriver did not start")?;
        let output = child.stdout.take().context("chromedriver's output")?;
        let mut lines = BufReader::new(output).lines();
        let port = loop {
            let Some(line) = lines.next() else {
                child.wait()?;
                return Ok(None);
            };
            if let Some(port) = port_of(&line?) {
                break port;
            }
        };
        // Its later output is of no interest, but the pipe must not fill up.
        std::thread::spawn(move || lines.for_each(drop));
        Ok(Some(Self { child, port }))
    }
}

/// `ChromeDriver was started successfully on port 40123.`
fn port_of(line: &str) -> Option<u16> {
    line.rsplit_once("started successfully on port ")?.1.trim_end_matches('.').parse().ok()
}

impl Drop for Chromedriver {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_port_is_read_from_chromedrivers_own_words() {
        assert_eq!(port_of("ChromeDriver was started successfully on port 40123."), Some(40123));
        assert_eq!(port_of("Starting ChromeDriver 156.0.8078.79 on port 0"), None);
    }
}
