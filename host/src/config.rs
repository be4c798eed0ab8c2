//! The machine-wide configuration: which extensions may call this host, and for which sites it signs.
//!
//! Denies by default: without a file, or with one that cannot be read as a whole, nothing is allowed.

mod read;

use std::{
    fmt, fs, io,
    path::{Path, PathBuf},
};

use touroku_proto::{
    card::{CardError, CardErrorCode, LogLevel},
    origin::Origin,
};

pub use self::read::Mistake;
use crate::{
    pin_entry::{self, PinEntry},
    system::Platform,
};

/// The file's content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Sites that tokens may be made for.
    pub allowed_origins: Vec<Origin>,
    /// Extensions that may call.
    pub allowed_extensions: Vec<ExtensionId>,
    /// PKCS#11 modules of the cards in use, beside those that are found by themselves.
    pub pkcs11_modules: Vec<ModuleFile>,
    /// Whether modules are also looked for where they usually lie.
    pub discover_pkcs11_modules: bool,
    /// Where PINs are entered. The extension's managed setting of the same name must say the same.
    pub pin_entry: PinEntry,
    /// Whether a PIV card's PIN is entered at the reader's own keys, where it has some.
    pub use_pin_pads: bool,
    /// The program that asks for PINs, with `pin_entry = "host"`; else Windows' credential prompt, and elsewhere
    /// the usual `pinentry`.
    pub pin_entry_program: Option<pin_entry::Program>,
    /// What goes into the log. Where it stands here it counts; else the extension's managed setting
    /// `host_log_level` does, and without that errors are logged.
    pub log_level: Option<LogLevel>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            allowed_origins: Vec::new(),
            allowed_extensions: Vec::new(),
            pkcs11_modules: Vec::new(),
            discover_pkcs11_modules: true,
            pin_entry: PinEntry::Window,
            use_pin_pads: true,
            pin_entry_program: None,
            log_level: None,
        }
    }
}

/// A PKCS#11 module's file, by its absolute path: a relative one would let whoever starts the browser choose
/// what is loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModuleFile(PathBuf);

/// The path of a module is not absolute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a PKCS#11 module needs its absolute path")]
pub struct ModuleFileError;

impl ModuleFile {
    /// The path.
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
    /// The file is no UTF-8.
    #[error("文字コードがUTF-8ではありません。UTF-8を選んで保存し直してください")]
    Encoding,
    /// Not TOML, an unknown key, or an entry of a wrong shape.
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
    /// Reads an id.
    pub fn parse(text: &str) -> Result<Self, ExtensionIdError> {
        let valid = text.len() == 32 && text.bytes().all(|b| (b'a'..=b'p').contains(&b));
        if valid { Ok(Self(text.to_owned())) } else { Err(ExtensionIdError) }
    }

    /// Reads the caller's origin as a browser passes it on the command line.
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
    /// Reads a file.
    pub fn read(file: &Path) -> Result<Self, ConfigError> {
        let bytes = fs::read(file).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => ConfigError::Missing,
            _ => ConfigError::Unreadable(error),
        })?;
        Self::parse(&String::from_utf8(bytes).map_err(|_| ConfigError::Encoding)?)
    }

    /// Reads the file's text.
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        read::config(text).map_err(ConfigError::Invalid)
    }
}

impl Permissions {
    /// Reads a file, or keeps the reason why that failed.
    pub fn read(file: PathBuf) -> Self {
        let config = Config::read(&file);
        Self { file, config }
    }

    /// What stands in the file; the defaults where it can't be read.
    pub fn config(&self) -> Config {
        self.config.as_ref().ok().cloned().unwrap_or_default()
    }

    /// Whether this extension may call.
    pub fn check_caller(&self, caller: Option<&ExtensionId>) -> Result<(), CardError> {
        self.check(CardErrorCode::CallerNotAllowed, |config| {
            caller.is_some_and(|id| config.allowed_extensions.contains(id))
        })
    }

    /// Whether tokens may be made for this site.
    pub fn check_origin(&self, origin: &Origin) -> Result<(), CardError> {
        self.check(CardErrorCode::OriginNotAllowed, |config| config.allowed_origins.contains(origin))
    }

    fn check(&self, code: CardErrorCode, allowed: impl Fn(&Config) -> bool) -> Result<(), CardError> {
        let file = self.file.display();
        match &self.config {
            Ok(config) if allowed(config) => Ok(()),
            Ok(_) => Err(CardError::new(code).with_detail(format!("{file}: not on the list"))),
            // Nobody's id or site is to blame for a file with a mistake in it.
            Err(ConfigError::Missing) => {
                Err(CardError::new(code).with_detail(format!("{file}: {}", ConfigError::Missing)))
            }
            Err(error) => {
                Err(CardError::new(CardErrorCode::HostMisconfigured).with_detail(format!("{file}: {error}")))
            }
        }
    }
}

/// Where the configuration lies unless `--config` says otherwise: the administrator's own or, until there is one,
/// what was installed.
pub fn machine_wide_file(program: Option<&Path>) -> PathBuf {
    in_force(administrators_file(program))
}

/// Where an administrator's own configuration lies. Only an administrator can write there: on Windows it is beside
/// the program, because in `%ProgramData%` everybody may make files.
pub fn administrators_file(program: Option<&Path>) -> PathBuf {
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

/// What the MSI installs. It belongs to the package, which replaces and removes it; the administrator's file beside
/// it belongs to the administrator, and no package touches it.
const SHIPPED: &str = "host.default.toml";

/// The administrator's file or, where it is not there and only then, the shipped one beside it.
pub fn in_force(administrators: PathBuf) -> PathBuf {
    let shipped = administrators.with_file_name(SHIPPED);
    let missing =
        |file: &Path| fs::symlink_metadata(file).is_err_and(|error| error.kind() == io::ErrorKind::NotFound);
    if missing(&administrators) && shipped.is_file() { shipped } else { administrators }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "abcdefghijklmnopabcdefghijklmnop";

    fn permissions(text: &str) -> Permissions {
        Permissions { file: "host.toml".into(), config: Config::parse(text) }
    }

    #[test]
    fn only_what_stands_in_the_file_is_allowed() {
        let permissions = permissions(&format!(
            "allowed_origins = [\"https://ebid.example.jp\"]\nallowed_extensions = [\"{ID}\"]"
        ));
        let origin = |text| Origin::parse(text).unwrap();
        assert!(permissions.check_origin(&origin("https://ebid.example.jp")).is_ok());
        assert!(permissions.check_caller(ExtensionId::parse(ID).ok().as_ref()).is_ok());
        for other in ["https://ebid.example.jp:8443", "https://example.jp", "https://x.ebid.example.jp"] {
            let error = permissions.check_origin(&origin(other)).unwrap_err();
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
            let refused = permissions(text).check_origin(&Origin::parse("https://ebid.example.jp").unwrap());
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
    fn an_administrators_file_counts_for_itself_even_when_it_is_broken() {
        let folder = tempfile::tempdir().unwrap();
        let (own, shipped) = (folder.path().join("host.toml"), folder.path().join("host.default.toml"));
        assert_eq!(in_force(own.clone()), own, "neither is there");
        fs::write(&shipped, "").unwrap();
        assert_eq!(in_force(own.clone()), shipped);
        fs::write(&own, "{").unwrap();
        assert_eq!(in_force(own.clone()), own);
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
