//! The machine-wide configuration: which extensions may call this host, and for which sites it signs.
//!
//! Two kinds of files: `host.toml` is the administrator's, and `host.d/*.toml` come with agencies' packages. An
//! agency's extension may sign only for that agency's sites; what the administrator lists holds for all.
//!
//! Denies by default: without a file, or with a `host.toml` that cannot be parsed in full, nothing is allowed.

mod drop_in;
mod read;

use std::{
    fmt, fs, io,
    path::{Path, PathBuf},
};

use touroku_proto::{
    card::{CardError, CardErrorCode, LogLevel},
    origin::Origin,
};

pub use self::{
    drop_in::{Broken, Conflict, DropIn, Site},
    read::Mistake,
};
use crate::{
    pin_entry::{self, PinEntry},
    system::Platform,
};

/// What `host.toml` says, and the drop-ins beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Sites that every extension on any list may have tokens made for.
    pub allowed_origins: Vec<Origin>,
    /// Extensions that may call for every site on any list.
    pub allowed_extensions: Vec<ExtensionId>,
    /// PKCS#11 modules of the cards in use, besides those found automatically.
    pub pkcs11_modules: Vec<ModuleFile>,
    /// Whether modules are also looked for in the usual places.
    pub discover_pkcs11_modules: bool,
    /// Where PINs are entered; set here it applies to all agencies. The extension's managed setting of the same
    /// name must agree.
    pub pin_entry: Option<PinEntry>,
    /// Whether a PIV card's PIN is entered on the reader's keypad, if it has one.
    pub use_pin_pads: bool,
    /// The program that asks for PINs, with `pin_entry = "host"`; otherwise Windows' credential prompt, or
    /// elsewhere the usual `pinentry`.
    pub pin_entry_program: Option<pin_entry::Program>,
    /// The log level. Set here it takes precedence; otherwise the extension's managed setting `host_log_level`
    /// applies, and without that errors are logged.
    pub log_level: Option<LogLevel>,
    /// What agencies' packages add, by name.
    pub drop_ins: Vec<DropIn>,
    /// Drop-ins that cannot be parsed. They allow nothing, and do not affect the others.
    pub broken: Vec<Broken>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            allowed_origins: Vec::new(),
            allowed_extensions: Vec::new(),
            pkcs11_modules: Vec::new(),
            discover_pkcs11_modules: true,
            pin_entry: None,
            use_pin_pads: true,
            pin_entry_program: None,
            log_level: None,
            drop_ins: Vec::new(),
            broken: Vec::new(),
        }
    }
}

/// A PKCS#11 module's file, by its absolute path: a relative one would let whoever starts the browser choose what
/// is loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModuleFile(PathBuf);

/// The path of a module is not absolute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a PKCS#11 module needs its absolute path")]
pub struct ModuleFileError;

impl ModuleFile {
    pub fn as_path(&self) -> &Path {
        &self.0
    }
}

impl TryFrom<PathBuf> for ModuleFile {
    type Error = ModuleFileError;

    fn try_from(path: PathBuf) -> Result<Self, ModuleFileError> {
        if path.is_absolute() { Ok(Self(path)) } else { Err(ModuleFileError) }
    }
}

/// An extension's id in Chromium: 32 letters `a` to `p`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExtensionId(String);

/// The text is not an extension id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an extension id is 32 letters a to p")]
pub struct ExtensionIdError;

/// Why there is no configuration, in Japanese: an administrator reads it.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// No such file.
    #[error("ファイルがありません")]
    Missing,
    /// The file is there but cannot be read.
    #[error("読めません: {0}")]
    Unreadable(io::Error),
    /// The file is not UTF-8.
    #[error("文字コードがUTF-8ではありません。UTF-8を選んで保存し直してください")]
    Encoding,
    /// Not TOML, an unknown key, or an entry of the wrong type.
    #[error("{0}")]
    Invalid(Mistake),
}

/// What a caller may do: a configuration, or the reason why there is none, and the file it came from.
#[derive(Debug)]
pub struct Permissions {
    file: PathBuf,
    config: Result<Config, ConfigError>,
}

/// The scheme and host part of a caller's origin: `chrome-extension://ID/`. Edge uses the same.
pub const CALLER_SCHEME: &str = "chrome-extension://";

impl ExtensionId {
    pub fn parse(text: &str) -> Result<Self, ExtensionIdError> {
        let valid = text.len() == 32 && text.bytes().all(|b| (b'a'..=b'p').contains(&b));
        if valid { Ok(Self(text.to_owned())) } else { Err(ExtensionIdError) }
    }

    /// Parses the caller's origin as a browser passes it on the command line.
    pub fn from_caller(origin: &str) -> Result<Self, ExtensionIdError> {
        let id = origin.strip_prefix(CALLER_SCHEME).ok_or(ExtensionIdError)?;
        Self::parse(id.strip_suffix('/').unwrap_or(id))
    }
}

impl fmt::Display for ExtensionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Config {
    /// Reads `host.toml` and the drop-ins beside it. At least one of the two must exist.
    pub fn read(file: &Path) -> Result<Self, ConfigError> {
        let (drop_ins, broken) = drop_in::read_all(file);
        match Self::read_alone(file) {
            Ok(own) => Ok(Self { drop_ins, broken, ..own }),
            Err(ConfigError::Missing) if !drop_ins.is_empty() || !broken.is_empty() => {
                Ok(Self { drop_ins, broken, ..Self::default() })
            }
            Err(error) => Err(error),
        }
    }

    /// What packages bring, whatever `host.toml` is like.
    pub fn brought(file: &Path) -> Vec<DropIn> {
        drop_in::read_all(file).0
    }

    /// Reads `host.toml` by itself.
    pub fn read_alone(file: &Path) -> Result<Self, ConfigError> {
        Self::parse(&read_text(file)?)
    }

    /// Reads the text of a `host.toml`.
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        read::config(text).map_err(ConfigError::Invalid)
    }

    /// Every extension that may call.
    pub fn extensions(&self) -> Vec<ExtensionId> {
        let brought = self.drop_ins.iter().flat_map(|drop_in| &drop_in.allowed_extensions);
        distinct(self.allowed_extensions.iter().chain(brought))
    }

    /// Every site that tokens may be made for.
    pub fn origins(&self) -> Vec<Origin> {
        let brought = self.drop_ins.iter().flat_map(DropIn::origins);
        distinct(self.allowed_origins.iter().chain(brought))
    }

    /// Every PKCS#11 module on a list.
    pub fn modules(&self) -> Vec<ModuleFile> {
        let brought = self.drop_ins.iter().flat_map(|drop_in| &drop_in.pkcs11_modules);
        distinct(self.pkcs11_modules.iter().chain(brought))
    }

    /// Whether an extension may have tokens made for a site.
    fn allows(&self, caller: &ExtensionId, origin: &Origin) -> bool {
        let everywhere = self.allowed_extensions.contains(caller) && self.origins().contains(origin);
        let for_all = self.allowed_origins.contains(origin) && self.extensions().contains(caller);
        everywhere || for_all || self.brought_by(caller, origin).is_some()
    }

    /// The first drop-in that names both.
    fn brought_by(&self, caller: &ExtensionId, origin: &Origin) -> Option<&DropIn> {
        self.drop_ins.iter().find(|drop_in| {
            drop_in.allowed_extensions.contains(caller) && drop_in.origins().any(|site| site == origin)
        })
    }

    /// Where the PIN is entered for a site.
    pub fn pin_entry(&self, caller: &ExtensionId, origin: &Origin) -> PinEntry {
        let brought = || self.brought_by(caller, origin).and_then(|drop_in| drop_in.pin_entry);
        self.pin_entry.or_else(brought).unwrap_or(PinEntry::Window)
    }

    /// Where the PIN is entered for the sites that an extension calls for; never empty.
    pub fn pin_entries_of(&self, caller: &ExtensionId) -> Vec<PinEntry> {
        if let Some(everywhere) = self.pin_entry {
            return vec![everywhere];
        }
        let brought = self.drop_ins.iter().filter(|drop_in| drop_in.allowed_extensions.contains(caller));
        let mut places: Vec<_> = brought.map(|drop_in| drop_in.pin_entry.unwrap_or_default()).collect();
        if places.is_empty() {
            places.push(PinEntry::default());
        }
        places
    }

    /// The sites that an extension may call for, with what their agencies say about them.
    pub fn sites(&self, caller: &ExtensionId) -> Vec<(&Site, &DropIn)> {
        let all =
            self.drop_ins.iter().flat_map(|drop_in| drop_in.sites.iter().map(move |site| (site, drop_in)));
        let mut sites: Vec<(&Site, &DropIn)> = Vec::new();
        for (site, drop_in) in all.filter(|(site, _)| self.allows(caller, &site.origin)) {
            if sites.iter().all(|(other, _)| other.origin != site.origin) {
                sites.push((site, drop_in));
            }
        }
        sites
    }

    /// Where drop-ins contradict one another; the first by name counts.
    pub fn conflicts(&self) -> Vec<Conflict> {
        drop_in::conflicts(self)
    }
}

fn read_text(file: &Path) -> Result<String, ConfigError> {
    let bytes = fs::read(file).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => ConfigError::Missing,
        _ => ConfigError::Unreadable(error),
    })?;
    String::from_utf8(bytes).map_err(|_| ConfigError::Encoding)
}

/// Without duplicates, in order.
fn distinct<'a, T: Clone + PartialEq + 'a>(all: impl Iterator<Item = &'a T>) -> Vec<T> {
    let mut once: Vec<T> = Vec::new();
    for item in all {
        if !once.contains(item) {
            once.push(item.clone());
        }
    }
    once
}

impl Permissions {
    /// Reads `host.toml` and the drop-ins beside it, or keeps the reason why that failed.
    pub fn read(file: PathBuf) -> Self {
        let config = Config::read(&file);
        Self { file, config }
    }

    /// The configuration; the defaults if it can't be read.
    pub fn config(&self) -> Config {
        self.config.as_ref().ok().cloned().unwrap_or_default()
    }

    /// Whether this extension may call.
    pub fn check_caller(&self, caller: Option<&ExtensionId>) -> Result<(), CardError> {
        self.check(CardErrorCode::CallerNotAllowed, |config| {
            caller.is_some_and(|id| config.extensions().contains(id))
        })
    }

    /// Whether tokens may be made for this site, by this extension.
    pub fn check_origin(&self, caller: Option<&ExtensionId>, origin: &Origin) -> Result<(), CardError> {
        self.check(CardErrorCode::OriginNotAllowed, |config| {
            caller.is_some_and(|id| config.allows(id, origin))
        })
    }

    fn check(&self, code: CardErrorCode, allowed: impl Fn(&Config) -> bool) -> Result<(), CardError> {
        let misconfigured = |file: &Path, error: &ConfigError| {
            let detail = format!("{}: {error}", file.display());
            CardError::new(CardErrorCode::HostMisconfigured).with_detail(detail)
        };
        match &self.config {
            Ok(config) if allowed(config) => Ok(()),
            // It may be in the one that can't be read.
            Ok(Config { broken, .. }) => Err(match broken.first() {
                Some(Broken { file, error }) => misconfigured(file, error),
                None => CardError::new(code).with_detail(format!("{}: not on the list", self.file.display())),
            }),
            // Nobody's id or site is to blame for a file with a mistake in it.
            Err(error @ ConfigError::Missing) => {
                Err(CardError::new(code).with_detail(format!("{}: {error}", self.file.display())))
            }
            Err(error) => Err(misconfigured(&self.file, error)),
        }
    }
}

/// The location of the configuration unless `--config` says otherwise. Only an administrator can write there: on
/// Windows it is beside the program, because anybody may create files in `%ProgramData%`.
pub fn machine_wide_file(program: Option<&Path>) -> PathBuf {
    file_of(Platform::HERE, program)
}

fn file_of(platform: Platform, program: Option<&Path>) -> PathBuf {
    match platform {
        Platform::Windows => {
            let folder = program.and_then(Path::parent).unwrap_or(Path::new(r"C:\Program Files\Touroku"));
            folder.join("host.toml")
        }
        Platform::MacOs => PathBuf::from("/Library/Application Support/Touroku/host.toml"),
        Platform::Linux => PathBuf::from("/etc/touroku/host.toml"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "abcdefghijklmnopabcdefghijklmnop";

    fn permissions(text: &str) -> Permissions {
        Permissions { file: "host.toml".into(), config: Config::parse(text) }
    }

    fn id(text: &str) -> ExtensionId {
        ExtensionId::parse(text).unwrap()
    }

    #[test]
    fn only_what_stands_in_the_file_is_allowed() {
        let permissions = permissions(&format!(
            "allowed_origins = [\"https://ebid.example.jp\"]\nallowed_extensions = [\"{ID}\"]"
        ));
        let origin = |text| Origin::parse(text).unwrap();
        assert!(permissions.check_origin(Some(&id(ID)), &origin("https://ebid.example.jp")).is_ok());
        assert!(permissions.check_caller(ExtensionId::parse(ID).ok().as_ref()).is_ok());
        for other in ["https://ebid.example.jp:8443", "https://example.jp", "https://x.ebid.example.jp"] {
            let error = permissions.check_origin(Some(&id(ID)), &origin(other)).unwrap_err();
            assert_eq!(error.code, CardErrorCode::OriginNotAllowed, "{other}");
        }
        let other = ExtensionId::parse(&"a".repeat(32)).ok();
        assert!(permissions.check_caller(other.as_ref()).is_err());
        assert!(permissions.check_caller(None).is_err());
    }

    #[test]
    fn one_bad_entry_or_unknown_key_makes_the_whole_file_void_and_says_where_to_look() {
        for text in [
            "allowed_origins = [\"https://ebid.example.jp\", \"*\"]",
            "allowed_origins = [\"https://ebid.example.jp/x\"]",
            "allowed_origin = [\"https://ebid.example.jp\"]",
            "allowed_extensions = [\"short\"]",
            "allowed_origins = \"https://ebid.example.jp\"",
            "pkcs11_modules = [\"module.so\"]",
            "pkcs11_modules = [\"../module.so\"]",
            "{",
        ] {
            let origin = Origin::parse("https://ebid.example.jp").unwrap();
            let refused = permissions(text).check_origin(Some(&id(ID)), &origin);
            let refused = refused.unwrap_err();
            assert_eq!(refused.code, CardErrorCode::HostMisconfigured, "{text}");
            assert!(refused.detail.unwrap().starts_with("host.toml: 1行目"), "{text}");
        }
    }

    #[test]
    fn each_system_has_its_own_place_for_the_file() {
        let program = Some(Path::new("/programs/touroku/touroku-host"));
        for (platform, expected) in [
            (Platform::Linux, "/etc/touroku/host.toml"),
            (Platform::MacOs, "/Library/Application Support/Touroku/host.toml"),
            (Platform::Windows, "/programs/touroku/host.toml"),
        ] {
            assert_eq!(file_of(platform, program), Path::new(expected));
        }
    }

    #[test]
    fn a_log_level_is_one_of_five_words_and_need_not_be_there() {
        assert_eq!(Config::parse("").unwrap().log_level, None);
        assert_eq!(Config::parse("log_level = \"debug\"").unwrap().log_level, Some(LogLevel::Debug));
        assert!(Config::parse("log_level = \"trace\"").is_err());
    }

    #[test]
    fn a_missing_file_allows_nothing() {
        let permissions = Permissions::read("/nonexistent/touroku/host.toml".into());
        let error = permissions.check_caller(ExtensionId::parse(ID).ok().as_ref()).unwrap_err();
        assert_eq!(error.code, CardErrorCode::CallerNotAllowed);
        assert!(error.detail.unwrap().contains("/nonexistent/touroku/host.toml"));
    }

    #[test]
    fn a_caller_is_read_from_the_origin_that_a_browser_passes() {
        assert!(ExtensionId::from_caller(&format!("chrome-extension://{ID}/")).is_ok());
        for text in ["", ID, "chrome-extension:///", "chrome-extension://ABC/", "extension://x/"] {
            assert_eq!(ExtensionId::from_caller(text), Err(ExtensionIdError), "{text}");
        }
        assert!(ExtensionId::from_caller(&format!("chrome-extension://{ID}/x")).is_err());
    }
}
