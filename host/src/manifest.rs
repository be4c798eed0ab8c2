//! The native-messaging manifest, by Chromium's own rules.
//!
//! Source: `chrome/browser/extensions/api/messaging/native_messaging_host_manifest.cc` and
//! `extensions/common/url_pattern.cc`. To a browser any fault voids the whole file; all of them are reported here.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use touroku_proto::HOST_NAME;

use crate::{
    config::{CALLER_SCHEME, ExtensionId},
    relaxed_json::{self, TrailingCommas},
};

/// A manifest that a browser accepts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// The program to start.
    pub program: PathBuf,
    /// Hosts of `allowed_origins`: extension ids, unless somebody wrote something that matches nothing.
    pub extensions: Vec<String>,
}

/// Why a browser refuses a manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Not JSON, or not an object; the parser's words.
    NotJson(String),
    /// `name` is missing or not [`HOST_NAME`].
    Name(String),
    /// `description` is missing or empty.
    Description,
    /// `type` is not `stdio`.
    Type,
    /// `path` is missing or empty.
    Path,
    /// `path` is not absolute.
    RelativePath(String),
    /// `allowed_origins` is not a list of texts.
    Origins,
    /// An entry of `allowed_origins` is not an extension's origin, or lacks its final slash.
    Origin(String),
    /// An entry of `allowed_origins` has a wildcard.
    Wildcard(String),
}

/// The text of a manifest.
pub fn text(program: &str, extensions: &[ExtensionId]) -> String {
    let origins: Vec<_> = extensions.iter().map(|id| format!("{CALLER_SCHEME}{id}/")).collect();
    let manifest = json!({
        "name": HOST_NAME,
        "description": "登録（Touroku）ICカード連携",
        "path": program,
        "type": "stdio",
        "allowed_origins": origins,
    });
    format!("{manifest:#}\n")
}

impl Manifest {
    /// Parses a manifest, or returns everything for which a browser would refuse it.
    pub fn parse(bytes: &[u8]) -> Result<Self, Vec<Fault>> {
        let object = match relaxed_json::parse(bytes, TrailingCommas::Refused) {
            Ok(Value::Object(object)) => object,
            Ok(_) => return Err(vec![Fault::NotJson("not an object".to_owned())]),
            Err(error) => return Err(vec![Fault::NotJson(error)]),
        };
        let string = |key: &str| object.get(key).and_then(Value::as_str).unwrap_or_default();
        let mut faults = Vec::new();
        if string("name") != HOST_NAME {
            faults.push(Fault::Name(string("name").to_owned()));
        }
        if string("description").is_empty() {
            faults.push(Fault::Description);
        }
        if string("type") != "stdio" {
            faults.push(Fault::Type);
        }
        let program = string("path");
        if program.is_empty() {
            faults.push(Fault::Path);
        } else if !Path::new(program).is_absolute() && !cfg!(windows) {
            faults.push(Fault::RelativePath(program.to_owned()));
        }
        let mut extensions = Vec::new();
        match object.get("allowed_origins").and_then(Value::as_array) {
            None => faults.push(Fault::Origins),
            Some(entries) => {
                for entry in entries {
                    match entry.as_str().ok_or(Fault::Origins).and_then(extension) {
                        Ok(host) => extensions.push(host),
                        Err(fault) => faults.push(fault),
                    }
                }
            }
        }
        if faults.is_empty() { Ok(Self { program: program.into(), extensions }) } else { Err(faults) }
    }

    /// The program, for a manifest in that file: on Windows a relative path is relative to it.
    pub fn program_from(&self, file: &Path) -> PathBuf {
        file.parent().unwrap_or(Path::new("")).join(&self.program)
    }

    /// Whether a browser lets this extension call the host.
    pub fn allows(&self, id: &ExtensionId) -> bool {
        let id = id.to_string();
        self.extensions.iter().any(|host| host.eq_ignore_ascii_case(&id))
    }
}

/// The host part of an entry of `allowed_origins`.
fn extension(entry: &str) -> Result<String, Fault> {
    let malformed = || Fault::Origin(entry.to_owned());
    if entry == "<all_urls>" {
        return Err(Fault::Wildcard(entry.to_owned()));
    }
    let rest = entry.strip_prefix(CALLER_SCHEME).ok_or_else(malformed)?;
    let (host, _path) = rest.split_once('/').ok_or_else(malformed)?;
    if host == "*" || host.starts_with("*.") {
        return Err(Fault::Wildcard(entry.to_owned()));
    }
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_');
    if host.is_empty() || !host.bytes().all(plain) {
        return Err(malformed());
    }
    Ok(host.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "abcdefghijklmnopabcdefghijklmnop";

    fn with(key: &str, value: Value) -> Result<Manifest, Vec<Fault>> {
        let ids = [ExtensionId::parse(ID).unwrap()];
        let mut manifest: Value = serde_json::from_str(&text("/usr/bin/touroku-host", &ids)).unwrap();
        manifest[key] = value;
        Manifest::parse(manifest.to_string().as_bytes())
    }

    #[test]
    fn our_own_manifest_is_accepted_and_other_keys_do_no_harm() {
        let manifest = with("allowed_extensions", json!(["x@example.jp"])).unwrap();
        assert_eq!(manifest.program, Path::new("/usr/bin/touroku-host"));
        assert!(manifest.allows(&ExtensionId::parse(ID).unwrap()));
        assert!(!manifest.allows(&ExtensionId::parse(&"a".repeat(32)).unwrap()));
    }

    #[test]
    fn a_relative_path_is_taken_on_windows_only() {
        let refused = Err(vec![Fault::RelativePath("bin/touroku-host".into())]);
        let manifest = with("path", json!("bin/touroku-host"));
        if cfg!(windows) { assert!(manifest.is_ok()) } else { assert_eq!(manifest, refused) }
    }

    #[test]
    fn whatever_voids_a_manifest_is_named() {
        for (key, value, fault) in [
            ("name", json!("jp.touroku.Host"), Fault::Name("jp.touroku.Host".into())),
            ("name", json!(1), Fault::Name(String::new())),
            ("description", json!(""), Fault::Description),
            ("type", json!("pipe"), Fault::Type),
            ("path", json!(""), Fault::Path),
            ("allowed_origins", json!("x"), Fault::Origins),
            ("allowed_origins", json!([1]), Fault::Origins),
        ] {
            assert_eq!(with(key, value), Err(vec![fault]));
        }
        for text in ["", "[]", "{", "{\"name\": \"x\",}"] {
            let faults = Manifest::parse(text.as_bytes()).unwrap_err();
            assert!(matches!(faults[..], [Fault::NotJson(_)]), "{text}");
        }
    }

    #[test]
    fn one_bad_origin_among_good_ones_is_named() {
        let good = format!("chrome-extension://{ID}/");
        for bad in [
            format!("chrome-extension://{ID}"),
            format!("extension://{ID}/"),
            "touroku@example.jp".into(),
            "chrome-extension:///".into(),
            "chrome-extension://a*b/".into(),
        ] {
            assert_eq!(with("allowed_origins", json!([good, bad])), Err(vec![Fault::Origin(bad)]));
        }
        for bad in ["chrome-extension://*/", "<all_urls>"] {
            assert_eq!(with("allowed_origins", json!([good, bad])), Err(vec![Fault::Wildcard(bad.into())]));
        }
    }

    #[test]
    fn every_fault_of_a_file_is_named_at_once() {
        let faults = Manifest::parse(b"{}").unwrap_err();
        assert_eq!(faults.len(), 5, "{faults:?}");
    }
}
