//! deploy.toml, parsed into what the other modules may rely on.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use touroku_proto::{card::LogLevel, origin::Origin};

/// A validated deployment.
pub(crate) struct Deployment {
    /// Used in the names of packages and files.
    pub(crate) name: String,
    pub(crate) publisher: Publisher,
    /// The extension's key, as a path from here.
    pub(crate) key: PathBuf,
    pub(crate) update_url: UpdateUrl,
    pub(crate) store_ids: Vec<String>,
    pub(crate) sites: Vec<Site>,
    pub(crate) help_desk: HelpDesk,
    /// The server's origin, one of the sites'.
    pub(crate) server: Origin,
    pub(crate) signing: Option<Signing>,
    /// Signs a program or package in place; `{file}` is the file.
    pub(crate) signing_command: Vec<String>,
    /// Signs its standard input with the extension's key.
    pub(crate) extension_command: Vec<String>,
    pub(crate) pin: Pin,
    pub(crate) log_level: LogLevel,
    pub(crate) modules: Modules,
    /// The workspace's version, with the release as a fourth number if there is one.
    pub(crate) version: String,
    /// The workspace's version, which is the card program's.
    pub(crate) product_version: String,
}

/// The publisher of the packages.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Publisher {
    pub(crate) name: String,
    pub(crate) email: String,
}

/// A site and its agencies.
pub(crate) struct Site {
    pub(crate) origin: Origin,
    pub(crate) agencies: Vec<String>,
}

/// Whom to call.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct HelpDesk {
    pub(crate) name: String,
    pub(crate) phone: String,
    /// When somebody answers; may be empty.
    #[serde(default)]
    pub(crate) hours: String,
    /// Further notes; may be empty.
    #[serde(default)]
    pub(crate) note: String,
}

/// How PINs are entered; the words are those of the extension's managed settings.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Pin {
    pub(crate) entry: PinEntry,
    pub(crate) last_try: LastTry,
    pub(crate) idle_minutes: u8,
}

/// Where a PIN is entered.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PinEntry {
    /// In the extension's card window.
    Window,
    /// In the host's own dialog.
    Host,
}

/// What happens to the last try before a card locks.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LastTry {
    Ask,
    /// It is not used.
    Refuse,
}

impl Default for Pin {
    fn default() -> Self {
        Self { entry: PinEntry::Window, last_try: LastTry::Ask, idle_minutes: 5 }
    }
}

/// PKCS#11 modules of the cards that the agency takes, by their absolute paths.
pub(crate) struct Modules {
    pub(crate) linux: Vec<String>,
    pub(crate) windows: Vec<String>,
}

impl Modules {
    /// A drop-in with a path that is not absolute on its system counts for nothing there.
    fn faults(&self) -> impl Iterator<Item = String> {
        let linux = self.linux.iter().filter(|path| !path.starts_with('/'));
        let windows = self.windows.iter().filter(|path| {
            let mut start = path.chars();
            let drive = start.next().is_some_and(|letter| letter.is_ascii_alphabetic());
            !drive || start.next() != Some(':') || start.next() != Some('\\')
        });
        linux
            .map(|path| format!("host.linux_modules: {path:?} is no absolute path, such as /usr/lib/x.so"))
            .chain(windows.map(|path| {
                format!(
                    r"host.windows_modules: {path:?} is no absolute path, such as 'C:\Program Files\x.dll'"
                )
            }))
    }
}

/// How Windows programs are signed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Signing {
    /// PKCS #12.
    pub(crate) certificate: PathBuf,
    /// The environment variable that holds its password.
    pub(crate) password_variable: String,
    pub(crate) timestamp_url: Option<String>,
}

/// Where update.xml will be: `https:`, `http:` on this computer, or `file:`; the path ends in a file name.
pub(crate) struct UpdateUrl(String);

impl UpdateUrl {
    fn parse(text: &str) -> Result<Self, &'static str> {
        let rest = ["https://", "file:///", "http://localhost", "http://127.0.0.1"]
            .iter()
            .find_map(|start| text.strip_prefix(start))
            .ok_or("must begin with https:// or file:///")?;
        if text.contains(|c: char| c.is_whitespace() || c.is_control() || "<>\"'&;?#\\".contains(c)) {
            return Err("must not hold blanks, quotes, & ; ? # or backslashes");
        }
        match rest.rsplit_once('/') {
            Some((_, name)) if name.ends_with(".xml") => Ok(Self(text.to_owned())),
            _ => Err("must end in a file's name, such as /update.xml"),
        }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The file's own name.
    pub(crate) fn file_name(&self) -> &str {
        self.0.rsplit('/').next().expect("a split has a first part")
    }

    /// The path of its folder, with slashes at both ends, if it is on that origin.
    pub(crate) fn path_on(&self, origin: &str) -> Option<&str> {
        let path = self.0.strip_prefix(origin)?.strip_suffix(self.file_name())?;
        path.starts_with('/').then_some(path)
    }

    /// The URL of another file in the same folder.
    pub(crate) fn beside(&self, name: &str) -> String {
        let (folder, _) = self.0.rsplit_once('/').expect("an address has a slash");
        format!("{folder}/{name}")
    }
}

/// The placeholder for the file in a command.
pub(crate) const FILE: &str = "{file}";

/// The file as written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    name: String,
    publisher: Publisher,
    extension: ExtensionTable,
    #[serde(default)]
    site: Vec<SiteTable>,
    help_desk: HelpDesk,
    #[serde(default)]
    pin: Pin,
    #[serde(default)]
    host: HostTable,
    server: ServerTable,
    windows: Option<Signing>,
    #[serde(default)]
    signing: Commands,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Commands {
    command: Vec<String>,
    extension_command: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ExtensionTable {
    key: PathBuf,
    update_url: String,
    #[serde(default)]
    release: u16,
    #[serde(default)]
    store_ids: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SiteTable {
    origin: String,
    agencies: Vec<String>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct HostTable {
    log_level: LogLevel,
    linux_modules: Vec<String>,
    windows_modules: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ServerTable {
    origin: String,
}

impl Deployment {
    /// Reads a file, or returns everything wrong with it.
    pub(crate) fn read(root: &Path, file: &Path) -> Result<Self, Vec<String>> {
        let text = fs::read_to_string(file).map_err(|error| vec![error.to_string()])?;
        let folder = std::path::absolute(file).map_err(|error| vec![error.to_string()])?;
        let folder = folder.parent().unwrap_or(root);
        Self::parse(&text, folder, env!("CARGO_PKG_VERSION"))
    }

    fn parse(text: &str, folder: &Path, workspace_version: &str) -> Result<Self, Vec<String>> {
        let file: File = toml::from_str(text).map_err(|error| vec![error.to_string()])?;
        let mut faults = Vec::new();
        let mut text_of = |key: &str, text: &str| {
            if text.trim().is_empty() || text.chars().any(char::is_control) {
                faults.push(format!("{key}: must be one line of text"));
            }
        };
        text_of("publisher.name", &file.publisher.name);
        text_of("help_desk.name", &file.help_desk.name);
        text_of("help_desk.phone", &file.help_desk.phone);
        for (key, text) in [("hours", &file.help_desk.hours), ("note", &file.help_desk.note)] {
            if !text.is_empty() {
                text_of(&format!("help_desk.{key}"), text);
            }
        }
        for (number, site) in (1..).zip(&file.site) {
            for agency in &site.agencies {
                text_of(&format!("site {number}, agencies"), agency);
            }
        }
        if !is_name(&file.name) {
            faults
                .push("name: must be small letters, digits and hyphens, 2 to 30, a letter first".to_owned());
        }
        if !is_address(&file.publisher.email) {
            faults.push("publisher.email: must be a mail address such as ebid@example.jp".to_owned());
        }
        let sites = sites(&file.site, &mut faults);
        let server = origin("server.origin", &file.server.origin, &mut faults);
        if let Some(server) = &server
            && !sites.iter().any(|site| site.origin == *server)
        {
            faults.push(format!("server.origin: {} is none of the sites", server.as_str()));
        }
        if !(1..=30).contains(&file.pin.idle_minutes) {
            faults.push("pin.idle_minutes: must be 1 to 30".to_owned());
        }
        let modules = Modules { linux: file.host.linux_modules, windows: file.host.windows_modules };
        faults.extend(modules.faults());
        let Commands { command, extension_command } = file.signing;
        if !command.is_empty() && !command.iter().any(|argument| argument == FILE) {
            faults.push(format!("signing.command: must name {FILE}"));
        }
        if !command.is_empty() && file.windows.is_some() {
            faults.push("signing.command: [windows] signs already".to_owned());
        }
        for id in &file.extension.store_ids {
            if id.len() != 32 || !id.bytes().all(|b| (b'a'..=b'p').contains(&b)) {
                faults.push(format!("extension.store_ids: {id:?} is no id (32 letters a to p)"));
            }
        }
        let update_url = UpdateUrl::parse(&file.extension.update_url)
            .map_err(|fault| faults.push(format!("extension.update_url: {fault}")))
            .ok();
        if let (Some(server), Some(url)) = (&server, &update_url)
            && url.path_on(server.as_str()) == Some("/")
        {
            faults
                .push("extension.update_url: must lie in a folder, such as /extension/update.xml".to_owned());
        }
        let (Some(server), Some(update_url), true) = (server, update_url, faults.is_empty()) else {
            return Err(faults);
        };
        Ok(Self {
            name: file.name,
            publisher: file.publisher,
            key: folder.join(file.extension.key),
            update_url,
            store_ids: file.extension.store_ids,
            sites,
            help_desk: file.help_desk,
            server,
            pin: file.pin,
            log_level: file.host.log_level,
            modules,
            signing: file
                .windows
                .map(|signing| Signing { certificate: folder.join(&signing.certificate), ..signing }),
            product_version: workspace_version.to_owned(),
            signing_command: command,
            extension_command,
            version: match file.extension.release {
                0 => workspace_version.to_owned(),
                release => format!("{workspace_version}.{release}"),
            },
        })
    }
}

fn sites(tables: &[SiteTable], faults: &mut Vec<String>) -> Vec<Site> {
    if tables.is_empty() {
        faults.push("site: at least one [[site]] is needed".to_owned());
    }
    let mut sites: Vec<Site> = Vec::new();
    for (number, table) in (1..).zip(tables) {
        if table.agencies.is_empty() {
            faults.push(format!("site {number}, agencies: the card window must be able to name an agency"));
        }
        let Some(origin) = origin(&format!("site {number}, origin"), &table.origin, faults) else { continue };
        if sites.iter().any(|site| site.origin == origin) {
            faults.push(format!("site {number}, origin: {} is there twice", origin.as_str()));
        }
        sites.push(Site { origin, agencies: table.agencies.clone() });
    }
    sites
}

fn origin(key: &str, text: &str, faults: &mut Vec<String>) -> Option<Origin> {
    Origin::parse(text).map_err(|fault| faults.push(format!("{key}: {text:?}: {fault}"))).ok()
}

/// Characters that Debian, Windows and browsers all accept in names.
fn is_name(text: &str) -> bool {
    (2..=30).contains(&text.len())
        && text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

fn is_address(text: &str) -> bool {
    let plain = |part: &str| {
        !part.is_empty() && part.bytes().all(|b| b.is_ascii_graphic() && b != b'@' && b != b'<' && b != b'>')
    };
    text.split_once('@').is_some_and(|(name, host)| plain(name) && plain(host) && host.contains('.'))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// The self-explanatory sample.
    pub(crate) const SAMPLE: &str = include_str!("../../dist/deploy.toml");

    pub(crate) fn sample() -> Deployment {
        Deployment::parse(SAMPLE, Path::new("/deploy"), "1.2.3").unwrap_or_else(|faults| panic!("{faults:?}"))
    }

    fn faults(from: &str, to: &str) -> Vec<String> {
        assert!(SAMPLE.contains(from), "{from}");
        Deployment::parse(&SAMPLE.replace(from, to), Path::new("/deploy"), "1.2.3").err().unwrap_or_default()
    }

    #[test]
    fn the_sample_is_a_deployment_with_its_comments_taken_out_too() {
        let deployment = sample();
        assert_eq!(deployment.key, Path::new("/deploy/extension.pem"));
        assert_eq!(deployment.version, "1.2.3");
        let (before, block) = SAMPLE.split_once("# [windows]").unwrap();
        let (windows, commands) = block.split_once("# [signing]").unwrap();
        let text = format!("{before}[windows]{}", windows.replace("\n# ", "\n"));
        let deployment = Deployment::parse(&text, Path::new("/deploy"), "1.2.3")
            .unwrap_or_else(|faults| panic!("{faults:?}"));
        assert_eq!(deployment.signing.unwrap().certificate, Path::new("/deploy/code-signing.p12"));
        let keys: String = commands
            .lines()
            .filter_map(|line| line.strip_prefix("# ").filter(|line| line.contains(" = [")))
            .map(|line| format!("{line}\n"))
            .collect();
        let text = format!("{before}[signing]\n{keys}");
        let deployment = Deployment::parse(&text, Path::new("/deploy"), "1.2.3")
            .unwrap_or_else(|faults| panic!("{faults:?}"));
        assert_eq!(deployment.signing_command.last().map(String::as_str), Some(FILE));
        assert_eq!(deployment.extension_command[0], "pkcs11-tool");
    }

    #[test]
    fn a_release_is_the_versions_fourth_number() {
        let text = SAMPLE.replace("release = 0", "release = 7");
        let deployment = Deployment::parse(&text, Path::new("/deploy"), "1.2.3").ok().unwrap();
        assert_eq!(deployment.version, "1.2.3.7");
    }

    #[test]
    fn every_fault_is_named_in_one_list() {
        let text = SAMPLE
            .replace("name = \"aomori\"", "name = \"青森\"")
            .replace("ebid@example.jp", "ebid")
            .replace("https://ebid.example.jp/extension/update.xml", "http://ebid.example.jp/update.xml")
            .replace("store_ids = []", "store_ids = [\"x\"]")
            .replace(
                "origin = \"https://ebid.example.jp\"\nagencies",
                "origin = \"https://ebid.example.jp/\"\nagencies",
            )
            .replace("idle_minutes = 5", "idle_minutes = 31")
            .replace("linux_modules = []", "linux_modules = [\"x.so\"]")
            .replace("windows_modules = []", "windows_modules = ['Program Files\\x.dll']")
            .replace("平日 9時", "平日\\n9時")
            .replace("0570-000-000", " ");
        let faults = Deployment::parse(&text, Path::new("/deploy"), "1.2.3").err().unwrap();
        for key in [
            "name: must",
            "publisher.email",
            "update_url",
            "pin.idle_minutes",
            "host.linux_modules",
            "host.windows_modules",
            "store_ids",
            "site 1, origin",
            "help_desk.phone",
            "help_desk.hours",
            "server.origin",
        ] {
            assert!(faults.iter().any(|fault| fault.contains(key)), "{key}: {faults:?}");
        }
    }

    #[test]
    fn a_command_that_signs_is_told_which_file_and_is_the_only_one_that_signs() {
        let with = |more: &str| {
            Deployment::parse(&format!("{SAMPLE}{more}"), Path::new("/deploy"), "1.2.3").err().unwrap()
        };
        assert!(with("[signing]\ncommand = [\"jsign\"]")[0].contains("{file}"));
        let both = "[signing]\ncommand = [\"jsign\", \"{file}\"]\n[windows]\ncertificate = \"x\"\npassword_variable = \"X\"";
        assert!(with(both)[0].contains("[windows]"));
    }

    #[test]
    fn an_update_url_must_name_a_file_that_browsers_fetch() {
        for bad in [
            "https://x.example.jp/",
            "ftp://x/update.xml",
            "https://x/a b.xml",
            "https://x/u.xml?a",
            "update.xml",
        ] {
            assert!(UpdateUrl::parse(bad).is_err(), "{bad}");
        }
        let url = UpdateUrl::parse("file:///C:/ProgramData/Touroku/update.xml").unwrap();
        assert_eq!(url.beside("a.crx"), "file:///C:/ProgramData/Touroku/a.crx");
        assert_eq!(url.file_name(), "update.xml");
        let url = UpdateUrl::parse("https://x.jp/a/update.xml").unwrap();
        assert_eq!(url.path_on("https://x.jp"), Some("/a/"));
        assert_eq!(url.path_on("https://x.j"), None);
    }

    #[test]
    fn a_misspelt_key_is_named_with_its_line() {
        let faults = faults("update_url", "update_uri");
        assert!(faults[0].contains("update_uri") && faults[0].contains("line"), "{faults:?}");
    }
}
