//! The Windows registry, as far as browsers look into it for us: which keys, in which order, and what they hold.
//!
//! Sources: Chromium's `native_process_launcher_win.cc` (a person's keys first, then everybody's; of these the
//! 32-bit view first), Microsoft's "Native messaging" page (Edge also reads Chromium's and Chrome's keys), and
//! `policy_loader_win.cc` with `registry_dict.cc` for policies.

#[cfg(windows)]
mod windows;

use std::{
    fmt, io,
    path::{Path, PathBuf},
};

use serde_json::{Map, Value};
use touroku_proto::HOST_NAME;

#[cfg(windows)]
pub use windows::Windows;

use crate::system::{Browser, Scope};

/// A part of the registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hive {
    /// `HKEY_CURRENT_USER`, where both views are one.
    CurrentUser,
    /// `HKEY_LOCAL_MACHINE` as 32-bit programs see it.
    LocalMachine32,
    /// `HKEY_LOCAL_MACHINE` as 64-bit programs see it.
    LocalMachine64,
}

/// A key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// Its part of the registry.
    pub hive: Hive,
    /// Its path there.
    pub path: String,
}

/// What a value holds, of the kinds that concern us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Data {
    /// `REG_SZ`.
    Text(String),
    /// `REG_DWORD`.
    Number(u32),
}

/// A registry; the real one, or one for tests.
pub trait Registry {
    /// All values of a key by name (the default one is ""); empty when there is no such key.
    fn values(&self, key: &Key) -> Vec<(String, Data)>;
    /// The names of the keys below a key.
    fn keys_below(&self, key: &Key) -> Vec<String>;
    /// Sets a key's default value, and makes the key.
    fn set_default(&mut self, key: &Key, text: &str) -> io::Result<()>;
    /// Removes a key that has no keys below.
    fn remove(&mut self, key: &Key) -> io::Result<()>;
}

impl Key {
    fn new(hive: Hive, path: impl Into<String>) -> Self {
        Self { hive, path: path.into() }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (hive, path) = match self.hive {
            Hive::CurrentUser => ("HKCU", self.path.clone()),
            Hive::LocalMachine64 => ("HKLM", self.path.clone()),
            // As reg.exe shows it without switches.
            Hive::LocalMachine32 => ("HKLM", self.path.replacen("SOFTWARE\\", "SOFTWARE\\WOW6432Node\\", 1)),
        };
        write!(f, "{hive}\\{path}")
    }
}

/// A browser's own key, then those of others that it reads, too.
fn vendors(browser: Browser) -> &'static [&'static str] {
    match browser {
        Browser::Chrome => &[r"Google\Chrome"],
        Browser::Chromium => &["Chromium", r"Google\Chrome"],
        Browser::Edge => &[r"Microsoft\Edge", "Chromium", r"Google\Chrome"],
    }
}

fn host_key(hive: Hive, vendor: &str) -> Key {
    Key::new(hive, format!(r"SOFTWARE\{vendor}\NativeMessagingHosts\{HOST_NAME}"))
}

/// The keys in which a browser looks for the host, in its order: the first that is there counts.
pub fn lookup(browser: Browser) -> Vec<(Scope, Key)> {
    [
        (Scope::User, Hive::CurrentUser),
        (Scope::System, Hive::LocalMachine32),
        (Scope::System, Hive::LocalMachine64),
    ]
    .into_iter()
    .flat_map(|(scope, hive)| vendors(browser).iter().map(move |vendor| (scope, host_key(hive, vendor))))
    .collect()
}

/// The manifests that a browser finds, in its order, each once.
pub fn registrations(registry: &impl Registry, browser: Browser) -> Vec<(Scope, PathBuf)> {
    let mut found: Vec<(Scope, PathBuf)> = Vec::new();
    for (scope, key) in lookup(browser) {
        if let Some(file) = default_text(registry, &key).map(PathBuf::from)
            && !found.iter().any(|(_, other)| *other == file)
        {
            found.push((scope, file));
        }
    }
    found
}

fn default_text(registry: &impl Registry, key: &Key) -> Option<String> {
    registry.values(key).into_iter().find_map(|(name, data)| match data {
        Data::Text(text) if name.is_empty() => Some(text),
        _ => None,
    })
}

/// The keys in which a browser is registered: everybody's in both views, because a browser looks into the
/// 32-bit one first, and what somebody left there would win.
fn own_keys(browser: Browser, scope: Scope) -> Vec<Key> {
    let hives: &[Hive] = match scope {
        Scope::User => &[Hive::CurrentUser],
        Scope::System => &[Hive::LocalMachine32, Hive::LocalMachine64],
    };
    hives.iter().map(|hive| host_key(*hive, vendors(browser)[0])).collect()
}

/// Has a browser find this manifest; whether anything had to be written.
pub fn register(
    registry: &mut impl Registry,
    browser: Browser,
    scope: Scope,
    manifest: &Path,
) -> io::Result<bool> {
    let text = manifest.to_str().ok_or(io::ErrorKind::InvalidFilename)?;
    let mut written = false;
    for key in own_keys(browser, scope) {
        if default_text(registry, &key).as_deref() != Some(text) {
            registry.set_default(&key, text)?;
            written = true;
        }
    }
    Ok(written)
}

/// Takes a browser's registration of this manifest away, and one whose manifest is gone. Registrations of another
/// manifest stay and are named.
pub fn unregister(
    registry: &mut impl Registry,
    browser: Browser,
    scope: Scope,
    manifest: &Path,
) -> io::Result<Unregistered> {
    let mut done = Unregistered::default();
    for key in own_keys(browser, scope) {
        let Some(text) = default_text(registry, &key) else { continue };
        let file = Path::new(&text);
        if file == manifest || !file.exists() {
            registry.remove(&key)?;
            done.removed += 1;
        } else {
            done.others.push(file.to_owned());
        }
    }
    Ok(done)
}

/// What became of a browser's registration.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Unregistered {
    /// How many keys were removed.
    pub removed: usize,
    /// Manifests of registrations that stay.
    pub others: Vec<PathBuf>,
}

/// Whether any browser still finds this manifest.
pub fn is_registered(registry: &impl Registry, manifest: &Path) -> bool {
    Browser::ALL
        .into_iter()
        .flat_map(lookup)
        .any(|(_, key)| default_text(registry, &key).is_some_and(|text| Path::new(&text) == manifest))
}

/// A browser's policies, a person's first: everybody's count more. Each with the key that it stands in.
pub fn policies(registry: &impl Registry, browser: Browser) -> Vec<(PathBuf, Map<String, Value>)> {
    let vendor = match browser {
        Browser::Chrome => r"Google\Chrome",
        Browser::Chromium => "Chromium",
        Browser::Edge => r"Microsoft\Edge",
    };
    [Hive::CurrentUser, Hive::LocalMachine64]
        .into_iter()
        .map(|hive| Key::new(hive, format!(r"SOFTWARE\Policies\{vendor}")))
        .map(|key| (PathBuf::from(key.to_string()), object(registry, &key)))
        .filter(|(_, object)| !object.is_empty())
        .collect()
}

/// A key as policies are read from it: texts that are JSON lists or objects count as such, keys below with
/// numbered values are lists.
fn object(registry: &impl Registry, key: &Key) -> Map<String, Value> {
    let mut object = Map::new();
    for (name, data) in registry.values(key) {
        let value = match data {
            Data::Number(number @ (0 | 1)) => Value::Bool(number == 1),
            Data::Number(number) => number.into(),
            Data::Text(text) => match serde_json::from_str(&text) {
                Ok(value @ (Value::Array(_) | Value::Object(_))) => value,
                _ => text.into(),
            },
        };
        object.insert(name, value);
    }
    for name in registry.keys_below(key) {
        let below = Key::new(key.hive, format!(r"{}\{name}", key.path));
        let mut texts: Vec<(u32, String)> = Vec::new();
        for (number, data) in registry.values(&below) {
            if let (Ok(number), Data::Text(text)) = (number.parse(), data) {
                texts.push((number, text));
            }
        }
        let value = if texts.is_empty() {
            Value::Object(self::object(registry, &below))
        } else {
            texts.sort();
            texts.into_iter().map(|(_, text)| text).collect()
        };
        object.insert(name, value);
    }
    object
}

/// Whether a policy forbids the command prompt, through which browsers start hosts unless another policy lets them
/// start hosts directly. 2 forbids prompts only, and does no harm.
pub fn command_prompt_is_disabled(registry: &impl Registry) -> bool {
    let key = Key::new(Hive::CurrentUser, r"SOFTWARE\Policies\Microsoft\Windows\System");
    registry.values(&key).contains(&("DisableCMD".to_owned(), Data::Number(1)))
}

/// Whether Windows starts the smart card service by itself, as soon as a reader is attached: it is there, and
/// nobody has disabled it (`SERVICE_AUTO_START` 2, `SERVICE_DEMAND_START` 3, `SERVICE_DISABLED` 4).
pub fn smart_card_service_starts(registry: &impl Registry) -> bool {
    let key = Key::new(Hive::LocalMachine64, r"SYSTEM\CurrentControlSet\Services\SCardSvr");
    let start = registry.values(&key).into_iter().find(|(name, _)| name.eq_ignore_ascii_case("Start"));
    matches!(start, Some((_, Data::Number(2 | 3))))
}

/// Where a browser's program is, by the key that Windows itself uses.
pub fn program(registry: &impl Registry, browser: Browser) -> Option<PathBuf> {
    let name = match browser {
        Browser::Chrome => "chrome.exe",
        Browser::Chromium => "chromium.exe",
        Browser::Edge => "msedge.exe",
    };
    [Hive::CurrentUser, Hive::LocalMachine64].into_iter().find_map(|hive| {
        let key = Key::new(hive, format!(r"SOFTWARE\Microsoft\Windows\CurrentVersion\App Paths\{name}"));
        default_text(registry, &key).map(PathBuf::from)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A registry of keys, names and values.
    #[derive(Default)]
    struct Memory(Vec<(Key, String, Data)>);

    impl Registry for Memory {
        fn values(&self, key: &Key) -> Vec<(String, Data)> {
            let own = self.0.iter().filter(|(other, ..)| other == key);
            own.map(|(_, name, data)| (name.clone(), data.clone())).collect()
        }

        fn keys_below(&self, key: &Key) -> Vec<String> {
            let start = format!(r"{}\", key.path);
            let mut names: Vec<String> = self
                .0
                .iter()
                .filter(|(other, ..)| other.hive == key.hive)
                .filter_map(|(other, ..)| {
                    other.path.strip_prefix(&start)?.split('\\').next().map(str::to_owned)
                })
                .collect();
            names.dedup();
            names
        }

        fn set_default(&mut self, key: &Key, text: &str) -> io::Result<()> {
            self.0.retain(|(other, ..)| other != key);
            self.0.push((key.clone(), String::new(), Data::Text(text.to_owned())));
            Ok(())
        }

        fn remove(&mut self, key: &Key) -> io::Result<()> {
            self.0.retain(|(other, ..)| other != key);
            Ok(())
        }
    }

    fn text(hive: Hive, path: &str, name: &str, value: &str) -> (Key, String, Data) {
        (Key::new(hive, path), name.to_owned(), Data::Text(value.to_owned()))
    }

    #[test]
    fn edge_reads_a_persons_keys_then_the_32_bit_view_and_chromes_before_its_own_64_bit_one() {
        let keys: Vec<String> = lookup(Browser::Edge).iter().map(|(_, key)| key.to_string()).collect();
        let expected = |start: &str| format!(r"{start}\NativeMessagingHosts\jp.touroku.host");
        assert_eq!(keys.len(), 9);
        assert_eq!(keys[0], expected(r"HKCU\SOFTWARE\Microsoft\Edge"));
        assert_eq!(keys[5], expected(r"HKLM\SOFTWARE\WOW6432Node\Google\Chrome"));
        assert_eq!(keys[6], expected(r"HKLM\SOFTWARE\Microsoft\Edge"));
        assert_eq!(lookup(Browser::Chrome).len(), 3);
    }

    #[test]
    fn what_was_left_in_the_32_bit_view_wins_and_installing_puts_it_right() {
        let stale = host_key(Hive::LocalMachine32, r"Google\Chrome");
        let mut registry = Memory(vec![(stale, String::new(), Data::Text("/old.json".into()))]);
        let ours = Path::new("/ours.json");
        registry.set_default(&host_key(Hive::LocalMachine64, r"Google\Chrome"), "/ours.json").unwrap();
        assert_eq!(registrations(&registry, Browser::Chrome)[0].1, Path::new("/old.json"));
        assert!(register(&mut registry, Browser::Chrome, Scope::System, ours).unwrap());
        assert_eq!(registrations(&registry, Browser::Chrome), [(Scope::System, ours.to_owned())]);
        assert!(!register(&mut registry, Browser::Chrome, Scope::System, ours).unwrap());
    }

    #[test]
    fn uninstalling_takes_our_registrations_and_dead_ones_and_leaves_others() {
        let folder = tempfile::tempdir().unwrap();
        let (ours, other) = (folder.path().join("ours.json"), folder.path().join("other.json"));
        std::fs::write(&other, "").unwrap();
        let mut registry = Memory::default();
        for browser in Browser::ALL {
            register(&mut registry, browser, Scope::System, &ours).unwrap();
        }
        register(&mut registry, Browser::Edge, Scope::System, &other).unwrap();
        let chrome = unregister(&mut registry, Browser::Chrome, Scope::System, &ours).unwrap();
        assert_eq!(chrome, Unregistered { removed: 2, others: Vec::new() });
        assert!(is_registered(&registry, &ours));
        unregister(&mut registry, Browser::Chromium, Scope::System, &ours).unwrap();
        assert!(!is_registered(&registry, &ours));
        let edge = unregister(&mut registry, Browser::Edge, Scope::System, &ours).unwrap();
        assert_eq!(edge, Unregistered { removed: 0, others: vec![other.clone(), other] });
    }

    #[test]
    fn policies_are_lists_switches_and_json_and_everybodys_come_last() {
        let chrome = r"SOFTWARE\Policies\Google\Chrome";
        let registry = Memory(vec![
            text(Hive::LocalMachine64, &format!(r"{chrome}\NativeMessagingBlocklist"), "1", "*"),
            (Key::new(Hive::LocalMachine64, chrome), "NativeMessagingUserLevelHosts".into(), Data::Number(0)),
            text(
                Hive::LocalMachine64,
                chrome,
                "ExtensionSettings",
                r#"{"*":{"installation_mode":"blocked"}}"#,
            ),
            text(Hive::CurrentUser, &format!(r"{chrome}\NativeMessagingAllowlist"), "1", HOST_NAME),
        ]);
        let policies = policies(&registry, Browser::Chrome);
        assert_eq!(policies[0].1["NativeMessagingAllowlist"], serde_json::json!([HOST_NAME]));
        let machine = &policies[1].1;
        assert_eq!(machine["NativeMessagingBlocklist"], serde_json::json!(["*"]));
        assert_eq!(machine["NativeMessagingUserLevelHosts"], false);
        assert_eq!(machine["ExtensionSettings"]["*"]["installation_mode"], "blocked");
    }

    #[test]
    fn only_the_value_1_forbids_the_command_prompt_to_browsers() {
        let key = Key::new(Hive::CurrentUser, r"SOFTWARE\Policies\Microsoft\Windows\System");
        for (number, disabled) in [(0, false), (1, true), (2, false)] {
            let registry = Memory(vec![(key.clone(), "DisableCMD".into(), Data::Number(number))]);
            assert_eq!(command_prompt_is_disabled(&registry), disabled, "{number}");
        }
    }
}
