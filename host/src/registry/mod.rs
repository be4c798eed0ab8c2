//! The Windows registry, as far as browsers consult it for us: which keys, in which order, and what they hold.
//!
//! Sources: Chromium's `native_process_launcher_win.cc` (the user's keys first, then machine-wide ones; of
//! these the 32-bit view first), Microsoft's "Native messaging" page (Edge also reads Chromium's and Chrome's
//! keys), and
//! `policy_loader_win.cc` with `registry_dict.cc` for policies.

#[cfg(test)]
pub(crate) mod memory;
#[cfg(test)]
mod tests;
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

use crate::browser::{Browser, Scope};

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

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// Its part of the registry.
    pub hive: Hive,
    pub path: String,
}

/// A value's data, of the types that concern us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Data {
    /// `REG_SZ`.
    Text(String),
    /// `REG_DWORD`.
    Number(u32),
}

/// A registry; the real one, or one for tests.
pub trait Registry: fmt::Debug + Send + Sync {
    /// All values of a key by name (the default one is ""); empty if the key does not exist.
    fn values(&self, key: &Key) -> Vec<(String, Data)>;
    /// The names of the keys below a key.
    fn keys_below(&self, key: &Key) -> Vec<String>;
    /// Sets a key's default value, creating the key.
    fn set_default(&self, key: &Key, text: &str) -> io::Result<()>;
    /// Removes a key without subkeys.
    fn remove(&self, key: &Key) -> io::Result<()>;
    /// Whether this process may write machine-wide values.
    fn is_writable_for_everybody(&self) -> bool;
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

/// The keys in which a browser looks for the host, in its order: the first that exists counts.
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

/// A registration as a browser finds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registered {
    pub key: Key,
    /// Whom it is for.
    pub scope: Scope,
    /// The manifest that it names.
    pub manifest: PathBuf,
}

/// The registrations that a browser finds, in its order. Keys without a text are skipped, as browsers do.
pub fn registrations(registry: &dyn Registry, browser: Browser) -> Vec<Registered> {
    lookup(browser)
        .into_iter()
        .filter_map(|(scope, key)| {
            let manifest = default_text(registry, &key)?.into();
            Some(Registered { key, scope, manifest })
        })
        .collect()
}

fn default_text(registry: &dyn Registry, key: &Key) -> Option<String> {
    registry.values(key).into_iter().find_map(|(name, data)| match data {
        Data::Text(text) if name.is_empty() => Some(text),
        _ => None,
    })
}

/// The keys in which a browser is registered: machine-wide ones in both views, because a browser looks into the
/// 32-bit one first, and what somebody left there would win.
pub fn own_keys(browser: Browser, scope: Scope) -> Vec<Key> {
    let hives: &[Hive] = match scope {
        Scope::User => &[Hive::CurrentUser],
        Scope::System => &[Hive::LocalMachine32, Hive::LocalMachine64],
    };
    hives.iter().map(|hive| host_key(*hive, vendors(browser)[0])).collect()
}

/// Registers this manifest with a browser; returns whether anything had to be written.
pub fn register(
    registry: &dyn Registry,
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

/// Removes a browser's registration of this manifest, and any whose manifest is gone. Registrations of another
/// manifest stay and are returned.
pub fn unregister(
    registry: &dyn Registry,
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

/// The result of unregistering a browser.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Unregistered {
    /// How many keys were removed.
    pub removed: usize,
    /// Manifests of registrations that stay.
    pub others: Vec<PathBuf>,
}

/// Whether any browser still finds this manifest.
pub fn is_registered(registry: &dyn Registry, manifest: &Path) -> bool {
    Browser::ALL
        .into_iter()
        .flat_map(lookup)
        .any(|(_, key)| default_text(registry, &key).is_some_and(|text| Path::new(&text) == manifest))
}

/// A browser's policies, the user's first: machine-wide ones take precedence. Each with its key.
pub fn policies(registry: &dyn Registry, browser: Browser) -> Vec<(PathBuf, Map<String, Value>)> {
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

/// A key as policies are read from it: texts that are JSON lists or objects count as such, subkeys with numbered
/// values are lists.
fn object(registry: &dyn Registry, key: &Key) -> Map<String, Value> {
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

/// Why the command prompt, through which browsers start hosts, cannot be used: somebody set Windows' compatibility
/// flag "run as administrator" on it. A browser does not run as one, and may not start it then.
pub fn command_prompt_needs_administrator(registry: &dyn Registry) -> Option<Key> {
    let path = r"SOFTWARE\Microsoft\Windows NT\CurrentVersion\AppCompatFlags\Layers";
    [Hive::CurrentUser, Hive::LocalMachine64].map(|hive| Key::new(hive, path)).into_iter().find(|key| {
        registry.values(key).into_iter().any(|(program, layers)| {
            let raised = |text: &str| text.split(' ').any(|layer| layer.eq_ignore_ascii_case("RUNASADMIN"));
            program.to_ascii_lowercase().ends_with(r"\cmd.exe")
                && matches!(&layers, Data::Text(text) if raised(text))
        })
    })
}

/// Whether a policy forbids the command prompt, through which browsers start hosts unless another policy lets them
/// start hosts directly. 2 forbids only interactive prompts, which is harmless.
pub fn command_prompt_is_disabled(registry: &dyn Registry) -> bool {
    let key = Key::new(Hive::CurrentUser, r"SOFTWARE\Policies\Microsoft\Windows\System");
    registry.values(&key).contains(&("DisableCMD".to_owned(), Data::Number(1)))
}

/// Whether Windows starts the smart card service by itself as soon as a reader is attached: it exists and is not
/// disabled (`SERVICE_AUTO_START` 2, `SERVICE_DEMAND_START` 3, `SERVICE_DISABLED` 4).
pub fn smart_card_service_starts(registry: &dyn Registry) -> bool {
    let key = Key::new(Hive::LocalMachine64, r"SYSTEM\CurrentControlSet\Services\SCardSvr");
    let start = registry.values(&key).into_iter().find(|(name, _)| name.eq_ignore_ascii_case("Start"));
    matches!(start, Some((_, Data::Number(2 | 3))))
}

/// Where a browser's program is, by the key that Windows itself uses.
pub fn program(registry: &dyn Registry, browser: Browser) -> Option<PathBuf> {
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
