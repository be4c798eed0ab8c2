//! Our extension in a browser's profiles, as recorded by the browser.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;

use super::{code::Code, finding::Finding};
use crate::{
    config::ExtensionId,
    relaxed_json::{self, TrailingCommas},
};

/// `short_name` in our extension's manifest.
const SHORT_NAME: &str = "Touroku";

/// Our extension in one profile.
#[derive(Debug)]
pub(super) struct Installed {
    pub(super) id: ExtensionId,
    /// Where the profile records it.
    pub(super) file: PathBuf,
    enabled: bool,
    /// From its manifest; empty if that can't be read.
    version: String,
}

/// Our extension in all profiles below `user_data`: by one of the expected ids, or by its manifest, whatever its
/// id. `None` where there is no profile yet.
pub(super) fn installed(user_data: &Path, ids: &[ExtensionId]) -> Option<Vec<Installed>> {
    let entries = fs::read_dir(user_data).into_iter().flatten().flatten();
    let mut profiles: Vec<_> = entries.map(|entry| entry.path()).collect();
    profiles.retain(|profile| profile.join("Preferences").is_file());
    profiles.sort();
    if profiles.is_empty() {
        return None;
    }
    // Windows and macOS keep extensions in the second file.
    let files = profiles
        .iter()
        .flat_map(|profile| ["Preferences", "Secure Preferences"].map(|name| (profile, profile.join(name))));
    Some(files.flat_map(|(profile, file)| noted(profile, &file, ids)).collect())
}

/// Reports if it is missing everywhere, or disabled somewhere.
pub(super) fn examine(user_data: &Path, installed: &[Installed], own: &mut Vec<Finding>) {
    if installed.is_empty() {
        own.push(Finding::new(Code::ExtensionMissing).in_file(user_data));
    }
    for extension in installed.iter().filter(|extension| is_old(&extension.version)) {
        let finding = Finding::new(Code::ExtensionTooOld).in_file(&extension.file);
        own.push(finding.because(format!("{}: {}", extension.id, extension.version)));
    }
    for extension in installed.iter().filter(|extension| !extension.enabled) {
        let finding = Finding::new(Code::ExtensionDisabled).in_file(&extension.file);
        own.push(finding.because(extension.id.to_string()));
    }
}

fn noted(profile: &Path, file: &Path, ids: &[ExtensionId]) -> Vec<Installed> {
    let Ok(bytes) = fs::read(file) else { return Vec::new() };
    let Ok(preferences) = serde_json::from_slice::<Value>(&bytes) else { return Vec::new() };
    let Some(settings) = preferences.pointer("/extensions/settings").and_then(Value::as_object) else {
        return Vec::new();
    };
    let ours = settings.iter().filter_map(|(id, entry)| {
        let id = ExtensionId::parse(id).ok()?;
        // An entry without a path is left over from a removed extension.
        let folder = profile.join("Extensions").join(entry.get("path")?.as_str()?);
        (ids.contains(&id) || is_ours(&folder)).then(|| Installed {
            id,
            file: file.to_owned(),
            enabled: is_enabled(entry),
            version: version(entry, &folder),
        })
    });
    ours.collect()
}

fn version(entry: &Value, folder: &Path) -> String {
    let noted = entry.pointer("/manifest/version").cloned();
    let manifest = || {
        let bytes = fs::read(folder.join("manifest.json")).ok()?;
        relaxed_json::parse(&bytes, TrailingCommas::Refused).ok()?.get("version").cloned()
    };
    noted.or_else(manifest).and_then(|version| version.as_str().map(str::to_owned)).unwrap_or_default()
}

/// Whether a version precedes this program's. Both are released together; the last number may differ.
fn is_old(version: &str) -> bool {
    let first_two = |version: &str| -> Option<Vec<u32>> {
        let numbers: Result<Vec<u32>, _> = version.split('.').map(str::parse).collect();
        numbers.ok().filter(|numbers| numbers.len() >= 2).map(|numbers| numbers[..2].to_vec())
    };
    match (first_two(version), first_two(env!("CARGO_PKG_VERSION"))) {
        (Some(theirs), Some(ours)) => theirs < ours,
        _ => false,
    }
}

/// Unpacked extensions have an absolute path, which `join` above leaves as it is.
fn is_ours(folder: &Path) -> bool {
    let Ok(bytes) = fs::read(folder.join("manifest.json")) else { return false };
    let Ok(manifest) = relaxed_json::parse(&bytes, TrailingCommas::Refused) else { return false };
    let asks = manifest.get("permissions").and_then(Value::as_array);
    manifest.get("short_name").and_then(Value::as_str) == Some(SHORT_NAME)
        && asks.is_some_and(|list| list.iter().any(|permission| permission == "nativeMessaging"))
}

/// Chromium stores reasons: a list, in older versions a bit mask.
fn is_enabled(entry: &Value) -> bool {
    match entry.get("disable_reasons") {
        Some(Value::Array(reasons)) => reasons.is_empty(),
        Some(Value::Number(bits)) => bits.as_u64() == Some(0),
        _ => true,
    }
}
