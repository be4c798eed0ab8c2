//! Where browsers look for manifests and policies, below one root and for one person.
//!
//! Sources: Chromium's `chrome/common/chrome_paths.cc` and `components/policy/core/common/policy_paths.cc`;
//! Microsoft's "Native messaging" page for Edge.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use touroku_proto::HOST_NAME;

use crate::{
    browser::{Browser, Scope},
    registry::{self, Key, Registry},
};

/// A family of systems: paths are a table, not a compile-time choice, so that all of them are tested wherever this
/// is built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Platform {
    /// Linux, and systems laid out like it.
    Linux,
    MacOs,
    Windows,
}

/// The process's environment; read once, in `main`.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    /// `HOME`.
    pub home: Option<PathBuf>,
    /// `CHROME_CONFIG_HOME`, else `XDG_CONFIG_HOME`, as Chromium reads them; on Windows `LOCALAPPDATA`.
    pub config_home: Option<PathBuf>,
    /// `XDG_STATE_HOME`.
    pub state_home: Option<PathBuf>,
    /// This program's own file.
    pub program: Option<PathBuf>,
    /// On Windows `COMSPEC`, the program by which browsers start hosts.
    pub command_prompt: Option<PathBuf>,
    /// The registry, on Windows.
    pub registry: Option<Arc<dyn Registry>>,
}

/// One computer's folders.
#[derive(Clone, Debug)]
pub struct System {
    platform: Platform,
    root: PathBuf,
    home: Option<PathBuf>,
    config_home: Option<PathBuf>,
    state_home: Option<PathBuf>,
    /// This program's folder, where Windows has the machine-wide manifest.
    program_folder: Option<PathBuf>,
    registry: Option<Arc<dyn Registry>>,
}

/// A registration of ours as a browser finds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Whom it is for.
    pub scope: Scope,
    /// The registry key that leads there, on Windows.
    pub key: Option<Key>,
    /// The manifest. With a registry it may be missing, and is found all the same.
    pub manifest: PathBuf,
}

impl Platform {
    /// The one this program was built for.
    pub const HERE: Self = if cfg!(windows) {
        Self::Windows
    } else if cfg!(target_os = "macos") {
        Self::MacOs
    } else {
        Self::Linux
    };
}

impl System {
    /// The computer below `root` (`/` except for packages and tests) for the person of `environment`. One with a
    /// registry is laid out like Windows.
    pub fn new(root: &Path, environment: &Environment) -> Self {
        let platform = if environment.registry.is_some() { Platform::Windows } else { Platform::HERE };
        Self::of(platform, root, environment)
    }

    /// A computer of that platform.
    fn of(platform: Platform, root: &Path, environment: &Environment) -> Self {
        let home = environment.home.clone();
        let below_home = |relative: &str| home.as_ref().map(|home| home.join(relative));
        let absolute = |path: &Option<PathBuf>| path.clone().filter(|path| path.is_absolute());
        let config_home = absolute(&environment.config_home).or_else(|| match platform {
            Platform::MacOs => below_home("Library/Application Support"),
            Platform::Linux | Platform::Windows => below_home(".config"),
        });
        let state_home = absolute(&environment.state_home).or_else(|| below_home(".local/state"));
        let program_folder = environment.program.as_deref().and_then(Path::parent).map(Path::to_owned);
        let registry = environment.registry.clone();
        Self { platform, root: root.to_owned(), home, config_home, state_home, program_folder, registry }
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
        let name: &[&str] = match (self.platform, browser) {
            (Platform::Linux, Browser::Chrome) => &["google-chrome"],
            (Platform::Linux, Browser::Chromium) => &["chromium"],
            (Platform::Linux, Browser::Edge) => &["microsoft-edge"],
            (Platform::MacOs, Browser::Chrome) => &["Google", "Chrome"],
            (Platform::MacOs, Browser::Chromium) => &["Chromium"],
            (Platform::MacOs, Browser::Edge) => &["Microsoft Edge"],
            (Platform::Windows, Browser::Chrome) => &["Google", "Chrome", "User Data"],
            (Platform::Windows, Browser::Chromium) => &["Chromium", "User Data"],
            (Platform::Windows, Browser::Edge) => &["Microsoft", "Edge", "User Data"],
        };
        self.config_home.as_ref().map(|folder| folder.join(name.iter().collect::<PathBuf>()))
    }

    /// The folder in which a browser looks for manifests; `None` without a home. On Windows browsers look into the
    /// registry, and one manifest serves them all.
    pub fn manifest_folder(&self, browser: Browser, scope: Scope) -> Option<PathBuf> {
        match (self.platform, scope) {
            (Platform::Windows, Scope::User) => {
                self.config_home.as_ref().map(|folder| folder.join("Touroku"))
            }
            (Platform::Windows, Scope::System) => self.program_folder.clone(),
            (_, Scope::User) => self.user_data(browser).map(|folder| folder.join("NativeMessagingHosts")),
            (platform, Scope::System) => Some(self.at(match (browser, platform == Platform::MacOs) {
                (Browser::Chrome, false) => "/etc/opt/chrome/native-messaging-hosts",
                (Browser::Chromium, false) => "/etc/chromium/native-messaging-hosts",
                (Browser::Edge, false) => "/etc/opt/edge/native-messaging-hosts",
                (Browser::Chrome, true) => "/Library/Google/Chrome/NativeMessagingHosts",
                (Browser::Chromium, true) => "/Library/Application Support/Chromium/NativeMessagingHosts",
                (Browser::Edge, true) => "/Library/Microsoft/Edge/NativeMessagingHosts",
            })),
        }
    }

    /// The host's log of this person; `None` without a home.
    pub fn log_file(&self) -> Option<PathBuf> {
        match self.platform {
            Platform::Linux => self.state_home.as_ref().map(|folder| folder.join("touroku/host.log")),
            Platform::MacOs => self.at_home("Library/Logs/Touroku/host.log"),
            Platform::Windows => {
                self.config_home.as_ref().map(|folder| folder.join("Touroku").join("Logs").join("host.log"))
            }
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

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn environment(home: Option<&str>, config_home: Option<&str>) -> Environment {
        Environment {
            home: home.map(PathBuf::from),
            config_home: config_home.map(PathBuf::from),
            ..Environment::default()
        }
    }

    fn user_data(home: Option<&str>, config_home: Option<&str>) -> Option<PathBuf> {
        let environment = environment(home, config_home);
        System::of(Platform::Linux, Path::new("/"), &environment).user_data(Browser::Chromium)
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

    /// Chromium's `chrome_paths_mac.mm` and Microsoft's "Native messaging" page: Edge's machine-wide folder has no
    /// `Application Support` in it, and its per-user one has a space in its name.
    #[test]
    fn on_macos_each_browser_has_the_folders_that_it_looks_into() {
        let system = System::of(Platform::MacOs, Path::new("/"), &environment(Some("/Users/a"), None));
        for (browser, scope, expected) in [
            (Browser::Chrome, Scope::System, "/Library/Google/Chrome/NativeMessagingHosts"),
            (Browser::Chromium, Scope::System, "/Library/Application Support/Chromium/NativeMessagingHosts"),
            (Browser::Edge, Scope::System, "/Library/Microsoft/Edge/NativeMessagingHosts"),
            (
                Browser::Chrome,
                Scope::User,
                "/Users/a/Library/Application Support/Google/Chrome/NativeMessagingHosts",
            ),
            (
                Browser::Chromium,
                Scope::User,
                "/Users/a/Library/Application Support/Chromium/NativeMessagingHosts",
            ),
            (
                Browser::Edge,
                Scope::User,
                "/Users/a/Library/Application Support/Microsoft Edge/NativeMessagingHosts",
            ),
        ] {
            let file = format!("{expected}/jp.touroku.host.json");
            assert_eq!(system.manifest(browser, scope), Some(PathBuf::from(file)), "{browser:?} {scope:?}");
        }
    }

    #[test]
    fn the_log_lies_where_each_system_keeps_a_persons_logs() {
        let log = |platform, environment: &Environment| {
            System::of(platform, Path::new("/srv/image"), environment).log_file()
        };
        let expected = |path: &str| Some(PathBuf::from(path));
        let plain = environment(Some("/home/a"), None);
        assert_eq!(log(Platform::Linux, &plain), expected("/home/a/.local/state/touroku/host.log"));
        assert_eq!(log(Platform::MacOs, &plain), expected("/home/a/Library/Logs/Touroku/host.log"));
        let state = |path: &str| Environment { state_home: Some(path.into()), ..plain.clone() };
        assert_eq!(log(Platform::Linux, &state("/srv/s")), expected("/srv/s/touroku/host.log"));
        assert_eq!(log(Platform::Linux, &state("s")), expected("/home/a/.local/state/touroku/host.log"));
        let local = environment(None, Some("/AppData/Local"));
        assert_eq!(log(Platform::Windows, &local), expected("/AppData/Local/Touroku/Logs/host.log"));
        assert_eq!(log(Platform::Windows, &environment(None, None)), None);
        assert_eq!(log(Platform::Linux, &environment(None, None)), None);
    }
}
