//! `check_up`: what the doctor finds, for a person at a browser whose extension already reaches us.

use std::{path::PathBuf, sync::mpsc, thread, time::Duration};

use clap::Parser as _;
use serde::Deserialize;
use touroku_proto::card::{Browser, CardError, CardErrorCode, Finding, HostMessage, Severity};

use crate::{card::Clock, config::ExtensionId, doctor::Doctor, output::Output, system::Environment};

/// How long the doctor may take: below the extension's patience, so that we are the ones to tell the person.
const PATIENCE: Duration = Duration::from_secs(25);

/// The most findings reported, worst first: far more than a person reads, and a tenth of what a
/// browser takes from a host (at most 1 kB each).
const MOST: usize = 100;

/// Findings that are contradicted by the browser's having called us. The doctor looks where browsers usually
/// keep things; one with its own user data folder keeps them elsewhere.
const DISPROVED: [&str; 5] =
    ["no_browser", "browser_confined", "manifest_missing", "extension_missing", "extension_disabled"];

/// Whom the doctor examines for.
#[derive(Clone)]
pub struct CheckUp {
    /// The extension that asks.
    pub caller: ExtensionId,
    /// The browser it runs in, if it is one that we know.
    pub browser: Option<Browser>,
    /// The machine-wide configuration.
    pub config: PathBuf,
    /// The person's surroundings.
    pub environment: Environment,
    /// Judges certificates.
    pub clock: Clock,
}

impl CheckUp {
    /// Lets the doctor examine, and answers the command `id` once: with what was found, or with `timed_out`.
    /// What still runs then ends with the process, which browsers end with the extension's port; no card is
    /// held longer.
    pub fn run(self, id: u32, output: &Output) {
        let (sender, receiver) = mpsc::channel();
        thread::spawn(move || {
            // Nobody waits any more once the patience is over.
            let _ = sender.send(self.examine());
        });
        output.send(&match receiver.recv_timeout(PATIENCE) {
            Ok(Some(findings)) => HostMessage::Findings { id, findings },
            // A panic closes the channel.
            Ok(None) | Err(mpsc::RecvTimeoutError::Disconnected) => {
                HostMessage::Error { id: Some(id), error: CardError::new(CardErrorCode::Internal) }
            }
            Err(mpsc::RecvTimeoutError::Timeout) => HostMessage::Error {
                id: Some(id),
                error: CardError::new(CardErrorCode::TimedOut).with_detail("doctor"),
            },
        });
    }

    fn examine(self) -> Option<Vec<Finding>> {
        let caller = self.caller.to_string();
        let Call { doctor } = Call::try_parse_from(["doctor", "--json", "--extension-id", &caller]).ok()?;
        let mut report = Vec::new();
        doctor.run(&mut report, Some(self.config), &self.environment, self.clock);
        read(&report, self.browser)
    }
}

/// The doctor takes its orders as a command line does.
#[derive(clap::Parser)]
struct Call {
    #[command(flatten)]
    doctor: Doctor,
}

/// What is read of the doctor's report: no path, no value, nothing that names somebody.
#[derive(Deserialize)]
struct Report {
    findings: Vec<Found>,
}

#[derive(Deserialize)]
struct Found {
    code: String,
    severity: Severity,
    browser: Option<Browser>,
    what: String,
    mend: String,
    ask: String,
}

/// The findings that concern the calling browser.
fn read(report: &[u8], browser: Option<Browser>) -> Option<Vec<Finding>> {
    let Report { findings } = serde_json::from_slice(report).ok()?;
    let concerns = |found: &Found| {
        (found.browser.is_none() || found.browser == browser) && !DISPROVED.contains(&found.code.as_str())
    };
    let mut told: Vec<Finding> = Vec::new();
    for Found { code, severity, what, mend, ask, .. } in findings.into_iter().filter(concerns) {
        let finding = Finding { code, severity, what, next: mend, ask };
        // Two files with the same fault look alike without their paths.
        if told.len() < MOST && !told.contains(&finding) {
            told.push(finding);
        }
    }
    Some(told)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn found(code: &str, browser: Option<&str>) -> serde_json::Value {
        json!({
            "code": code, "severity": "error", "browser": browser, "file": "/home/taro/.config/x",
            "what": "だめ。", "detail": "/home/taro", "mend": "なおす。", "ask": "管理者", "browser_says": "x",
        })
    }

    fn codes(findings: &[serde_json::Value], browser: Option<Browser>) -> Vec<String> {
        let report = json!({"version": "1", "findings": findings}).to_string();
        let told = read(report.as_bytes(), browser).unwrap();
        assert!(!serde_json::to_string(&told).unwrap().contains("taro"));
        told.into_iter().map(|finding| finding.code).collect()
    }

    #[test]
    fn a_browser_hears_what_concerns_it_and_nothing_of_other_browsers_or_of_anybodys_home() {
        let all = [
            found("policy_blocklist", Some("edge")),
            found("manifest_shadowed", Some("chrome")),
            found("service_off", None),
        ];
        assert_eq!(codes(&all, Some(Browser::Chrome)), ["manifest_shadowed", "service_off"]);
        assert_eq!(codes(&all, Some(Browser::Edge)), ["policy_blocklist", "service_off"]);
        assert_eq!(codes(&all, None), ["service_off"]);
    }

    #[test]
    fn what_the_call_itself_disproves_is_not_told() {
        let all = DISPROVED.map(|code| found(code, Some("chrome")));
        assert!(codes(&all, Some(Browser::Chrome)).is_empty());
    }

    #[test]
    fn a_fault_is_told_once_and_however_many_there_are_a_browser_takes_the_answer() {
        let same = vec![found("policy_invalid", None); 3];
        assert_eq!(codes(&same, None), ["policy_invalid"]);
        let many: Vec<_> = (0..5000).map(|number| found(&format!("code_{number}"), None)).collect();
        assert_eq!(codes(&many, None).len(), MOST);
    }

    #[test]
    fn a_report_that_is_none_is_no_clean_bill_of_health() {
        assert_eq!(read(b"", None), None);
        assert_eq!(read(b"{}", None), None);
    }
}
