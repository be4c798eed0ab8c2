//! A PC/SC service that was stopped (SIGSTOP, a hanging driver): connections to it are made, and never answered.

use std::{
    os::unix::net::UnixListener,
    process::{Command, Output, Stdio},
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::conversation::{Conversation, EXTENSION, NONCE, ORIGIN};

/// Within this time it is said.
const SOON: Duration = Duration::from_secs(10);

struct Stopped {
    folder: TempDir,
    _service: UnixListener,
}

impl Stopped {
    fn service() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let _service = UnixListener::bind(folder.path().join("pcscd.comm")).unwrap();
        let config = format!(
            "allowed_origins = [\"{ORIGIN}\"]\nallowed_extensions = [\"{EXTENSION}\"]\ndiscover_pkcs11_modules = false\n"
        );
        std::fs::write(folder.path().join("host.toml"), config).unwrap();
        Self { folder, _service }
    }

    fn host(&self) -> Command {
        let mut host = Command::new(env!("CARGO_BIN_EXE_touroku-host"));
        host.arg("--config")
            .arg(self.folder.path().join("host.toml"))
            .env("PCSCLITE_CSOCK_NAME", self.folder.path().join("pcscd.comm"))
            .env("HOME", self.folder.path())
            .env_remove("XDG_CONFIG_HOME")
            .env_remove("XDG_STATE_HOME");
        host
    }

    fn call(&self, arguments: &[&str]) -> Output {
        let begun = Instant::now();
        let output = self.host().args(arguments).stdin(Stdio::null()).output().unwrap();
        assert!(begun.elapsed() < SOON, "{arguments:?}: {:?}", begun.elapsed());
        output
    }
}

#[test]
fn status_and_authenticate_say_that_a_stopped_service_does_not_answer() {
    let stopped = Stopped::service();
    let sign = ["authenticate", "--origin", ORIGIN, "--nonce", NONCE];
    for arguments in [&["status"][..], &sign] {
        let Output { status, stderr, .. } = stopped.call(arguments);
        let said = String::from_utf8(stderr).unwrap();
        assert!(said.contains("[service_off]") && said.contains("no answer"), "{arguments:?}: {said}");
        assert_eq!(status.code(), Some(10));
    }
}

#[test]
fn the_doctor_tells_a_stopped_service_from_one_that_is_off() {
    let report = Stopped::service().call(&["doctor", "--json"]);
    let report: Value = serde_json::from_slice(&report.stdout).unwrap();
    let codes: Vec<&str> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|finding| finding["code"].as_str())
        .collect();
    assert!(codes.contains(&"service_silent") && !codes.contains(&"service_off"), "{codes:?}");
}

#[test]
fn a_page_that_watches_or_asks_hears_that_the_service_is_off() {
    let begun = Instant::now();
    let stopped = Stopped::service();
    let mut conversation = Conversation::begin(stopped.host());
    let readers = conversation.wait_for(|message| message["type"] == "readers");
    assert_eq!((&readers["service"], &readers["readers"]), (&json!("off"), &json!([])));
    conversation.send(&json!({"command": "status", "id": 2}));
    let status = conversation.wait_for(|message| message["id"] == 2);
    assert_eq!(status["service"], "off", "{status}");
    assert!(begun.elapsed() < SOON, "{:?}", begun.elapsed());
}
