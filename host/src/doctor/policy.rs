//! A browser's policies on Linux and Windows, as far as they can stop the host or the extension.
//!
//! Source: Chromium's `config_dir_policy_loader.cc` (all files of `managed/`, the last name wins; `3rdparty` counts setting
//! by setting), `policy_merger.cc` (what two policies name is merged) and `chrome_messaging_delegate.cc` (only managed
//! values count; the allow-list has no wildcards).

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use serde_json::{Map, Value};
use touroku_proto::HOST_NAME;

use super::{access, code::Code, finding::Finding};
use crate::{
    browser::Browser,
    config::{Config, ExtensionId},
    pin_entry::PinEntry,
    registry,
    relaxed_json::{self, TrailingCommas},
    system::System,
};

const BLOCKLIST: &str = "NativeMessagingBlocklist";
const ALLOWLIST: &str = "NativeMessagingAllowlist";
const USER_LEVEL: &str = "NativeMessagingUserLevelHosts";
const SETTINGS: &str = "ExtensionSettings";
const INSTALL_BLOCKLIST: &str = "ExtensionInstallBlocklist";
const INSTALL_ALLOWLIST: &str = "ExtensionInstallAllowlist";
const INSTALL_FORCELIST: &str = "ExtensionInstallForcelist";
const TYPE_BLOCKLIST: &str = "ExtensionInstallTypeBlocklist";

const ALLOWED_TYPES: &str = "ExtensionAllowedTypes";
/// Settings for extensions, by their ids.
const THIRD_PARTY: &str = "3rdparty";
/// Name the lists, and the objects, that are joined where several files have them; `*`: all.
const MERGED_LISTS: &str = "PolicyListMultipleSourceMergeList";
const MERGED_OBJECTS: &str = "PolicyDictionaryMultipleSourceMergeList";

type Check = fn(&Value) -> bool;

/// The policies checked, and the JSON type that a browser expects.
const KNOWN: [(&str, Check); 12] = [
    (BLOCKLIST, is_list_of_strings),
    (ALLOWLIST, is_list_of_strings),
    (USER_LEVEL, Value::is_boolean),
    (SETTINGS, Value::is_object),
    (INSTALL_BLOCKLIST, is_list_of_strings),
    (INSTALL_ALLOWLIST, is_list_of_strings),
    (INSTALL_FORCELIST, is_list_of_strings),
    (TYPE_BLOCKLIST, is_list_of_strings),
    (ALLOWED_TYPES, is_list_of_strings),
    (THIRD_PARTY, Value::is_object),
    (MERGED_LISTS, is_list_of_strings),
    (MERGED_OBJECTS, is_list_of_strings),
];

/// The policies in force for one browser.
#[derive(Debug, Default)]
pub(super) struct Policies {
    values: BTreeMap<&'static str, (Value, PathBuf)>,
    /// What is joined instead of replaced.
    merged: BTreeMap<&'static str, Vec<String>>,
}

impl Policies {
    /// Reads the folders `managed/` and `recommended/`, or the registry, and reports what has no effect there.
    pub(super) fn read(system: &System, browser: Browser, findings: &mut Vec<Finding>) -> Self {
        let mut policies = Self::default();
        if let Some(registry) = system.registry() {
            for (key, object) in registry::policies(registry, browser) {
                policies.take(&key, object, browser, findings);
            }
            return policies;
        }
        let folder = system.policies(browser);
        let managed = objects(&folder.join("managed"), browser, findings);
        // Read first: the last file says what is joined of all.
        for (_, object) in &managed {
            policies.note_merged(object);
        }
        for (file, object) in managed {
            policies.take(&file, object, browser, findings);
        }
        for (file, object) in objects(&folder.join("recommended"), browser, findings) {
            for (name, _) in &KNOWN[..3] {
                if object.contains_key(*name) {
                    findings.push(
                        Finding::new(Code::PolicyRecommended).of(browser).in_file(&file).because(*name),
                    );
                }
            }
        }
        policies
    }

    fn take(
        &mut self,
        file: &Path,
        object: Map<String, Value>,
        browser: Browser,
        findings: &mut Vec<Finding>,
    ) {
        let invalid = |why| Finding::new(Code::PolicyInvalid).of(browser).in_file(file).because(why);
        for (key, value) in object {
            let Some((name, fits)) = KNOWN.iter().find(|(name, _)| name.eq_ignore_ascii_case(&key)) else {
                continue;
            };
            if key != *name {
                findings.push(invalid(format!("{key}: 大文字・小文字が違います。正しくは {name}")));
            } else if fits(&value) {
                self.put(name, value, file);
            } else {
                findings.push(invalid(format!("{name}: 値の種類が違います")));
            }
        }
    }

    fn note_merged(&mut self, object: &Map<String, Value>) {
        for policy in [MERGED_LISTS, MERGED_OBJECTS] {
            if let Some(names) = object.get(policy).and_then(Value::as_array) {
                let names = names.iter().filter_map(Value::as_str).map(str::to_owned).collect();
                self.merged.insert(policy, names);
            }
        }
    }

    fn is_merged(&self, policy: &str, name: &str) -> bool {
        self.merged.get(policy).is_some_and(|names| names.iter().any(|named| named == name || named == "*"))
    }

    /// A later value counts, except where it is joined to the one before.
    fn put(&mut self, name: &'static str, value: Value, file: &Path) {
        let (lists, objects) = (self.is_merged(MERGED_LISTS, name), self.is_merged(MERGED_OBJECTS, name));
        let former = self.values.remove(name).map(|(former, _)| former);
        let value = match (former, value) {
            (Some(Value::Array(mut all)), Value::Array(more)) if lists => {
                all.extend(more);
                Value::Array(all)
            }
            // `extensions`, an id, a setting.
            (Some(former), value) if name == THIRD_PARTY => joined(former, value, 3),
            (Some(former), value) if objects => joined(former, value, 1),
            (_, value) => value,
        };
        self.values.insert(name, (value, file.to_owned()));
    }

    /// Whether per-user manifests are read.
    pub(super) fn user_level_hosts(&self) -> bool {
        self.values.get(USER_LEVEL).and_then(|(value, _)| value.as_bool()).unwrap_or(true)
    }

    /// The file that disables them.
    pub(super) fn user_level_file(&self) -> Option<&Path> {
        self.values.get(USER_LEVEL).map(|(_, file)| file.as_path())
    }

    /// Reports the policies that stop the host or one of these extensions.
    pub(super) fn examine(
        &self,
        browser: Browser,
        ids: &[ExtensionId],
        config: Option<&Config>,
        findings: &mut Vec<Finding>,
    ) {
        let named = self.has(BLOCKLIST, HOST_NAME);
        if (named || self.has(BLOCKLIST, "*")) && !self.has(ALLOWLIST, HOST_NAME) {
            let entry = if named { HOST_NAME } else { "*" };
            findings.push(self.finding(Code::PolicyBlocklist, BLOCKLIST, browser, format!("\"{entry}\"")));
        }
        for id in ids {
            if let Some((policy, why)) = self.stops(&id.to_string()) {
                let detail = format!("{id}: {policy} {why}");
                findings.push(self.finding(Code::PolicyExtensionBlocked, policy, browser, detail));
            }
        }
        let all = self
            .values
            .get(SETTINGS)
            .and_then(|(settings, _)| settings.get("*")?.get("allowed_types")?.as_array());
        if all.is_some_and(|types| !types.iter().any(|kind| kind == "extension")) {
            let detail = "\"*\": allowed_types: \"extension\" がありません".to_owned();
            findings.push(self.finding(Code::PolicyExtensionBlocked, SETTINGS, browser, detail));
        }
        if self.values.contains_key(ALLOWED_TYPES) && !self.has(ALLOWED_TYPES, "extension") {
            let detail = format!("{ALLOWED_TYPES}: \"extension\" がありません");
            findings.push(self.finding(Code::PolicyExtensionBlocked, ALLOWED_TYPES, browser, detail));
        }
        for detail in ids.iter().flat_map(|id| self.bad_settings(id, config)) {
            findings.push(self.finding(Code::PolicyExtensionSettings, THIRD_PARTY, browser, detail));
        }
        if self.has(TYPE_BLOCKLIST, "command_line") {
            let detail = "command_line".to_owned();
            findings.push(self.finding(Code::PolicyCommandLine, TYPE_BLOCKLIST, browser, detail));
        }
    }

    /// Managed settings of an extension that keep it from working with this host.
    fn bad_settings(&self, id: &ExtensionId, config: Option<&Config>) -> Vec<String> {
        let all = self.values.get(THIRD_PARTY).map(|(value, _)| value);
        let own = all.and_then(|all| all.get("extensions")?.get(id.to_string()));
        let Some(own) = own.map(|own| own.get("policy").unwrap_or(own)) else { return Vec::new() };
        let mut details = Vec::new();
        let nobody = |value: &Value| match value {
            Value::Array(origins) => origins.is_empty(),
            // A key of the registry without values.
            Value::Object(values) => values.is_empty(),
            _ => false,
        };
        if own.get("allowed_origins").is_some_and(nobody) {
            details.push(format!("{id}: allowed_origins: []（どのサイトも許されません）"));
        }
        // Where nothing is set, the extension does as the card program says.
        let theirs = own.get("pin_entry").and_then(Value::as_str);
        let ours = config.map(|config| config.pin_entries_of(id)).unwrap_or_default();
        let ours = ours.into_iter().map(|place| match place {
            PinEntry::Host => "host",
            PinEntry::Window => "window",
        });
        if let Some(theirs) = theirs
            && let Some(ours) = ours.into_iter().find(|ours| *ours != theirs)
        {
            details.push(format!("{id}: pin_entry: \"{theirs}\"（カード接続プログラムの設定は \"{ours}\"）"));
        }
        details
    }

    /// The policy that stops an extension, and how. Its own settings take precedence over those for all.
    fn stops(&self, id: &str) -> Option<(&'static str, String)> {
        let settings = self.values.get(SETTINGS).map(|(value, _)| value);
        let own = settings.and_then(|settings| settings.get(id));
        let common = settings.and_then(|settings| settings.get("*"));
        let applied = own.or(common);
        let blocks_permission = applied
            .and_then(|settings| settings.get("blocked_permissions")?.as_array())
            .is_some_and(|list| list.iter().any(|permission| permission == "nativeMessaging"));
        if blocks_permission {
            return Some((SETTINGS, "blocked_permissions: nativeMessaging".to_owned()));
        }
        let mode = |settings: Option<&Value>| Some(settings?.get("installation_mode")?.as_str()?.to_owned());
        let listed = |policy| self.has(policy, id);
        let forced = self.list(INSTALL_FORCELIST).any(|entry| entry.split(';').next() == Some(id));
        match mode(own) {
            Some(mode) if mode == "blocked" || mode == "removed" => {
                return Some((SETTINGS, format!("installation_mode: {mode}")));
            }
            Some(_) => return None,
            None if forced || listed(INSTALL_ALLOWLIST) => return None,
            None => {}
        }
        match mode(common) {
            Some(mode) if mode == "blocked" => {
                Some((SETTINGS, "\"*\": installation_mode: blocked".to_owned()))
            }
            _ if listed(INSTALL_BLOCKLIST) => Some((INSTALL_BLOCKLIST, String::new())),
            _ if self.has(INSTALL_BLOCKLIST, "*") => Some((INSTALL_BLOCKLIST, "\"*\"".to_owned())),
            _ => None,
        }
    }

    fn finding(&self, code: Code, policy: &str, browser: Browser, detail: String) -> Finding {
        let finding = Finding::new(code).of(browser).because(detail);
        match self.values.get(policy) {
            Some((_, file)) => finding.in_file(file),
            None => finding,
        }
    }

    fn has(&self, policy: &str, entry: &str) -> bool {
        self.list(policy).any(|text| text == entry)
    }

    fn list(&self, policy: &str) -> impl Iterator<Item = &str> {
        let list = self.values.get(policy).and_then(|(value, _)| value.as_array());
        list.into_iter().flatten().filter_map(Value::as_str)
    }
}

/// Reports why browsers on Windows cannot start hosts: they use the command prompt, unless a policy says
/// otherwise.
pub(super) fn examine_command_prompt(
    system: &System,
    command_prompt: Option<&Path>,
    findings: &mut Vec<Finding>,
) {
    let Some(registry) = system.registry() else { return };
    let mut troubles = Vec::new();
    if registry::command_prompt_is_disabled(registry) {
        troubles.push(Finding::new(Code::PolicyCommandPrompt).because("DisableCMD = 1"));
    }
    if let Some(key) = registry::command_prompt_needs_administrator(registry) {
        let finding = Finding::new(Code::CommandPromptUnusable).in_file(key.to_string());
        troubles.push(finding.because("RUNASADMIN: cmd.exe"));
    }
    if !command_prompt.is_some_and(Path::is_file) {
        let named = command_prompt.map_or_else(String::new, |path| path.display().to_string());
        troubles.push(Finding::new(Code::CommandPromptUnusable).because(format!("COMSPEC={named}")));
    }
    let starts_directly = |browser| {
        let direct = |object: &Map<String, Value>| {
            object.get("NativeHostsExecutablesLaunchDirectly") == Some(&true.into())
        };
        registry::policies(registry, browser).iter().any(|(_, object)| direct(object))
    };
    for browser in [Browser::Chrome, Browser::Edge].into_iter().filter(|browser| !starts_directly(*browser)) {
        findings.extend(troubles.iter().map(|finding| finding.clone().of(browser)));
    }
}

/// The folder's files in name order.
fn objects(
    folder: &Path,
    browser: Browser,
    findings: &mut Vec<Finding>,
) -> Vec<(PathBuf, Map<String, Value>)> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => {
            if error.kind() != io::ErrorKind::NotFound {
                let unreadable = Finding::new(Code::PolicyInvalid).of(browser).in_file(folder);
                findings.push(unreadable.because(error.to_string()));
            }
            return Vec::new();
        }
    };
    // An administrator who asks may read what no browser reads.
    if let Some(why) = access::hidden_from_all_but_root(folder) {
        findings.push(Finding::new(Code::PolicyInvalid).of(browser).in_file(folder).because(why));
    }
    let mut files: Vec<_> =
        entries.flatten().map(|entry| entry.path()).filter(|path| path.is_file()).collect();
    files.sort();
    let mut objects = Vec::new();
    for file in files {
        if let Some(why) = access::hidden_from_all_but_root(&file) {
            findings.push(Finding::new(Code::PolicyInvalid).of(browser).in_file(file).because(why));
            continue;
        }
        let read = fs::read(&file).map_err(|error| error.to_string());
        match read.and_then(|bytes| relaxed_json::parse(&bytes, TrailingCommas::Allowed)) {
            Ok(Value::Object(object)) => objects.push((file, object)),
            Ok(_) => {
                let why = "not an object";
                findings.push(Finding::new(Code::PolicyInvalid).of(browser).in_file(file).because(why));
            }
            Err(error) => {
                findings.push(Finding::new(Code::PolicyInvalid).of(browser).in_file(file).because(error));
            }
        }
    }
    objects
}

/// Objects joined by their keys, so many levels deep; of anything else the later counts.
fn joined(former: Value, value: Value, levels: u32) -> Value {
    match (former, value) {
        (Value::Object(mut all), Value::Object(more)) if levels > 0 => {
            for (key, value) in more {
                let value = match all.remove(&key) {
                    Some(former) => joined(former, value, levels - 1),
                    None => value,
                };
                all.insert(key, value);
            }
            Value::Object(all)
        }
        (_, value) => value,
    }
}

fn is_list_of_strings(value: &Value) -> bool {
    value.as_array().is_some_and(|list| list.iter().all(Value::is_string))
}
