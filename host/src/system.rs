//! Where browsers look for manifests and policies, below one root and for one person.
//!
//! Sources: Chromium's `chrome/common/chrome_paths.cc` and `components/policy/core/common/policy_paths.cc`;
//! Microsoft's "Native messaging" page for Edge.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use clap::ValueEnum;
use serde::Serialize;
use touroku_proto::HOST_NAME;

use crate::registry::{self, Key, Registry};

/// A browser that reads native-messaging manifests from folders of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Browser {
    /// Google Chrome.
    Chrome,
    /// Chromium as distributions build it.
    Chromium,
    /// Microsoft Edge.
    Edge,
}

/// For whom a manifest is installed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// For the person who runs the program. Browsers look here first.
    User,
    /// For everybody on this computer.
    System,
}

/// What the process was told about its surroundings; read once, in `main`.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    /// `HOME`.
    pub home: Option<PathBuf>,
    /// `CHROME_CONFIG_HOME`, else `XDG_CONFIG_HOME`, as Chromium reads them; on Windows `LOCALAPPDATA`.
    pub config_home: Option<PathBuf>,
    /// This program's own file.
    pub program: Option<PathBuf>,
    /// On Windows `COMSPEC`, the program by which browsers start hosts.
    pub command_prompt: Option<PathBuf>,
    /// The registry, on a computer that has one: on Windows.
    pub registry: Option<Arc<dyn Registry>>,
}

/// One computer's folders.
#[derive(Clone, Debug)]
pub struct System {
    root: PathBuf,
    home: Option<PathBuf>,
    config_home: Option<PathBuf>,
    /// The folder of this program, where Windows has everybody's manifest.
    program_folder: Option<PathBuf>,
    registry: Option<Arc<dyn Registry>>,
}

/// A registration of ours as a browser finds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// For whom it is.
    pub scope: Scope,
    /// The key in the registry that leads there, on a computer that has one.
    pub key: Option<Key>,
    /// The manifest. With a registry it may be missing, and is found all the same.
    pub manifest: PathBuf,
}

impl Browser {
    /// All of them, in the order of reports.
    pub const ALL: [Self; 3] = [Self::Chrome, Self::Chromium, Self::Edge];

    /// The name that people know.
    pub fn name(self) -> &'static str {
        match self {
            Self::Chrome => "Google Chrome",
            Self::Chromium => "Chromium",
            Self::Edge => "Microsoft Edge",
        }
    }
}

impl Scope {
    /// In a browser's own order: the first that holds a manifest wins.
    pub const LOOKUP: [Self; 2] = [Self::User, Self::System];
}

impl System {
    /// The computer below `root` (`/` but for packages and tests) for the person of `environment`.
    pub fn new(root: &Path, environment: &Environment) -> Self {
        let home = environment.home.clone();
        let default = home.as_ref().map(|home| {
            if cfg!(target_os = "macos") {
                home.join("Library/Application Support")
            } else {
                home.join(".config")
            }
        });
        let config_home = environment.config_home.clone().filter(|path| path.is_absolute()).or(default);
        let program_folder = environment.program.as_deref().and_then(Path::parent).map(Path::to_owned);
        let registry = environment.registry.clone();
        Self { root: root.to_owned(), home, config_home, program_folder, registry }
    }

    /// The registry, where browsers look into one.
    pub fn registry(&self) -> Option<&dyn Registry> {
        self.registry.as_deref()
    }

    /// A file or folder of this computer by its absolute path.
    pub fn at(&self, absolute: &str) -> PathBuf {
        self.root.join(absolute.trim_start_matches('/'))
    }

    /// A file or folder in the person's home.
    pub fn at_home(&self, relative: &str) -> Option<PathBuf> {
        self.home.as_ref().map(|home| home.join(relative))
    }

    /// The browser's user data folder, unless it was started with `--user-data-dir`.
    pub fn user_data(&self, browser: Browser) -> Option<PathBuf> {
        if self.registry.is_some() {
            let vendor: &[&str] = match browser {
                Browser::Chrome => &["Google", "Chrome"],
                Browser::Chromium => &["Chromium"],
                Browser::Edge => &["Microsoft", "Edge"],
            };
            let folder = self.config_home.as_ref()?.join(vendor.iter().collect::<PathBuf>());
            return Some(folder.join("User Data"));
        }
        let name = match (browser, cfg!(target_os = "macos")) {
            (Browser::Chrome, false) => "google-chrome",
            (Browser::Chromium, false) => "chromium",
            (Browser::Edge, false) => "microsoft-edge",
            (Browser::Chrome, true) => "Google/Chrome",
            (Browser::Chromium, true) => "Chromium",
            (Browser::Edge, true) => "Microsoft Edge",
        };
        self.config_home.as_ref().map(|folder| folder.join(name))
    }

    /// The folder in which a browser looks for manifests; `None` without a home. On Windows browsers look into the
    /// registry, and one manifest serves them all.
    pub fn manifest_folder(&self, browser: Browser, scope: Scope) -> Option<PathBuf> {
        if self.registry.is_some() {
            return match scope {
                Scope::User => self.config_home.as_ref().map(|folder| folder.join("Touroku")),
                Scope::System => self.program_folder.clone(),
            };
        }
        match scope {
            Scope::User => self.user_data(browser).map(|folder| folder.join("NativeMessagingHosts")),
            Scope::System => Some(self.at(match (browser, cfg!(target_os = "macos")) {
                (Browser::Chrome, false) => "/etc/opt/chrome/native-messaging-hosts",
                (Browser::Chromium, false) => "/etc/chromium/native-messaging-hosts",
                (Browser::Edge, false) => "/etc/opt/edge/native-messaging-hosts",
                (Browser::Chrome, true) => "/Library/Google/Chrome/NativeMessagingHosts",
                (Browser::Chromium, true) => "/Library/Application Support/Chromium/NativeMessagingHosts",
                (Browser::Edge, true) => "/Library/Microsoft/Edge/NativeMessagingHosts",
            })),
        }
    }

    /// Our manifest there.
    pub fn manifest(&self, browser: Browser, scope: Scope) -> Option<PathBuf> {
        self.manifest_folder(browser, scope).map(|folder| folder.join(format!("{HOST_NAME}.json")))
    }

    /// The registrations that a browser finds, in its own order: the first that it may read counts.
    pub fn registrations(&self, browser: Browser) -> Vec<Place> {
        if let Some(registry) = self.registry() {
            let found = registry::registrations(registry, browser).into_iter();
            return found
                .map(|one| Place { scope: one.scope, key: Some(one.key), manifest: one.manifest })
                .collect();
        }
        Scope::LOOKUP
            .iter()
            .filter_map(|scope| {
                let manifest = self.manifest(browser, *scope)?;
                Some(Place { scope: *scope, key: None, manifest })
            })
            .filter(|place| place.manifest.exists())
            .collect()
    }

    /// The folder with `managed/` and `recommended/` policies.
    pub fn policies(&self, browser: Browser) -> PathBuf {
        self.at(match browser {
            Browser::Chrome => "/etc/opt/chrome/policies",
            Browser::Chromium => "/etc/chromium/policies",
            Browser::Edge => "/etc/opt/edge/policies",
        })
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    fn user_data(home: Option<&str>, config_home: Option<&str>) -> Option<PathBuf> {
        let environment = Environment {
            home: home.map(PathBuf::from),
            config_home: config_home.map(PathBuf::from),
            ..Environment::default()
        };
        System::new(Path::new("/"), &environment).user_data(Browser::Chromium)
    }

    #[test]
    fn a_persons_manifests_lie_where_the_environment_says() {
        let expected = |path: &str| Some(PathBuf::from(path));
        assert_eq!(user_data(Some("/home/a"), None), expected("/home/a/.config/chromium"));
        assert_eq!(user_data(Some("/home/a"), Some("/srv/a")), expected("/srv/a/chromium"));
        assert_eq!(user_data(Some("/home/a"), Some("relative")), expected("/home/a/.config/chromium"));
        assert_eq!(user_data(None, None), None);
    }

    #[test]
    fn a_root_holds_everything_that_is_for_everybody() {
        let system = System::new(Path::new("/srv/image"), &Environment::default());
        let file = system.manifest(Browser::Edge, Scope::System);
        let expected = "/srv/image/etc/opt/edge/native-messaging-hosts/jp.touroku.host.json";
        assert_eq!(file, Some(PathBuf::from(expected)));
    }
}
