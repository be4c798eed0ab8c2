//! A computer on which everything works, and what `doctor` says once a test has broken it.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};

use super::{Computer, ID};

pub(crate) const OTHER_ID: &str = "ponmlkjihgfedcbaponmlkjihgfedcba";
pub(crate) const MANIFEST: &str = "etc/chromium/native-messaging-hosts/jp.touroku.host.json";
pub(crate) const CONFIG: &str = "etc/touroku/host.toml";
pub(crate) const POLICY: &str = "etc/chromium/policies/managed/touroku.json";

/// A computer with Chromium on which everything works, except that no PC/SC service runs.
pub(crate) fn healthy() -> Computer {
    let computer = Computer::new();
    computer.write("usr/bin/chromium", "");
    computer.write(
        CONFIG,
        &format!("allowed_origins = [\"https://ebid.example.jp\"]\nallowed_extensions = [\"{ID}\"]\n"),
    );
    let program = program(&computer);
    computer.write(MANIFEST, &manifest(&program, &[ID]).to_string());
    computer
}

/// The real host with the computer's own configuration.
pub(crate) fn program(computer: &Computer) -> PathBuf {
    let (host, config) = (env!("CARGO_BIN_EXE_touroku-host"), computer.path(CONFIG));
    computer.script("usr/bin/touroku-host", &format!("exec '{host}' --config '{}' \"$@\"", config.display()))
}

pub(crate) fn manifest(program: &Path, ids: &[&str]) -> Value {
    let origins: Vec<_> = ids.iter().map(|id| format!("chrome-extension://{id}/")).collect();
    json!({
        "name": "jp.touroku.host", "description": "Touroku", "path": program, "type": "stdio",
        "allowed_origins": origins,
    })
}

pub(crate) fn report(computer: &Computer, arguments: &[&str]) -> Value {
    let done = computer.call(&[&["doctor", "--json"], arguments].concat());
    // No PC/SC service: never without findings.
    assert_eq!(done.code, 1, "{}", done.error);
    serde_json::from_str(&done.output).unwrap()
}

/// The codes, except those of the healthy computer.
pub(crate) fn codes(report: &Value) -> Vec<String> {
    let findings = report["findings"].as_array().unwrap().iter();
    let codes = findings.map(|finding| finding["code"].as_str().unwrap().to_owned());
    codes.filter(|code| code != "service_off" && code != "program_elsewhere").collect()
}

/// The healthy computer, broken by `stage`: exactly these codes, and the check changes nothing.
pub(crate) fn assert_finds(stage: impl FnOnce(&Computer), expected: &[&str]) -> Value {
    let computer = healthy();
    stage(&computer);
    let before = computer.snapshot();
    let report = report(&computer, &[]);
    assert_eq!(codes(&report), expected, "{report:#}");
    assert_eq!(computer.snapshot(), before);
    report
}

pub(crate) fn with_manifest(change: impl FnOnce(&mut Value)) -> impl FnOnce(&Computer) {
    move |computer| {
        let mut text: Value = serde_json::from_slice(&fs::read(computer.path(MANIFEST)).unwrap()).unwrap();
        change(&mut text);
        computer.write(MANIFEST, &text.to_string());
    }
}

pub(crate) fn finding<'a>(report: &'a Value, code: &str) -> &'a Value {
    report["findings"].as_array().unwrap().iter().find(|finding| finding["code"] == code).unwrap()
}
