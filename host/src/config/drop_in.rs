//! What an agency's package adds: `host.d/NAME.toml`, for its own sites and its own extension.
//!
//! A package owns its file, so that it can be replaced and removed without asking anybody. On Linux packages'
//! files are below `/usr/share`, and an administrator's with the same name below `/etc` overrides them. Never
//! per user: what anybody can write must not allow anything.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use touroku_proto::{card::SiteDesk, origin::Origin};

use super::{Config, ConfigError, ExtensionId, ModuleFile, read, read_text};
use crate::pin_entry::PinEntry;

/// The folder beside `host.toml`.
const FOLDER: &str = "host.d";

/// Where Linux has `host.toml`, and packages their drop-ins.
const LINUX: (&str, &str) = ("etc/touroku/host.toml", "usr/share/touroku/host.d");

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DropIn {
    /// Its file's name without `.toml`.
    pub name: String,
    pub file: PathBuf,
    content: Content,
}

/// The contents of a drop-in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Content {
    pub sites: Vec<Site>,
    /// Extensions that may call for these sites.
    pub allowed_extensions: Vec<ExtensionId>,
    /// Modules of the cards that the agency accepts.
    pub pkcs11_modules: Vec<ModuleFile>,
    /// Where PINs are entered for these sites.
    pub pin_entry: Option<PinEntry>,
    /// Whom to call.
    pub help_desk: Option<SiteDesk>,
}

/// A site and the agencies behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    pub origin: Origin,
    /// As shown in the card window.
    pub agencies: Vec<String>,
}

/// A drop-in that cannot be read.
#[derive(Clone, Debug)]
pub struct Broken {
    pub file: PathBuf,
    pub error: std::sync::Arc<ConfigError>,
}

impl PartialEq for Broken {
    fn eq(&self, other: &Self) -> bool {
        self.file == other.file
    }
}

impl Eq for Broken {}

/// Two contradictory drop-ins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// The subject: a site or an extension's id, and the key.
    pub about: String,
    /// The one that counts.
    pub first: PathBuf,
    /// The one that does not.
    pub second: PathBuf,
}

impl std::ops::Deref for DropIn {
    type Target = Content;

    fn deref(&self) -> &Content {
        &self.content
    }
}

impl DropIn {
    pub fn origins(&self) -> impl Iterator<Item = &Origin> {
        self.content.sites.iter().map(|site| &site.origin)
    }
}

/// Reads all drop-ins that belong to a `host.toml`, by name.
pub(super) fn read_all(host_toml: &Path) -> (Vec<DropIn>, Vec<Broken>) {
    let mut files = BTreeMap::new();
    for folder in folders(host_toml) {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let file = entry.path();
            if let (Some(name), Some("toml")) =
                (file.file_stem().and_then(|name| name.to_str()), file.extension().and_then(|e| e.to_str()))
            {
                files.insert(name.to_owned(), file);
            }
        }
    }
    let (mut drop_ins, mut broken) = (Vec::new(), Vec::new());
    for (name, file) in files {
        let content = read_text(&file).and_then(|text| read::drop_in(&text).map_err(ConfigError::Invalid));
        match content {
            Ok(content) => drop_ins.push(DropIn { name, file, content }),
            Err(error) => broken.push(Broken { file, error: error.into() }),
        }
    }
    (drop_ins, broken)
}

/// The folders of drop-ins; a file in a later one overrides the file with the same name in an earlier one.
fn folders(host_toml: &Path) -> Vec<PathBuf> {
    let (own, packages) = LINUX;
    let root = host_toml.ends_with(own).then(|| host_toml.ancestors().nth(3)).flatten();
    root.map(|root| root.join(packages)).into_iter().chain([host_toml.with_file_name(FOLDER)]).collect()
}

pub(super) fn conflicts(config: &Config) -> Vec<Conflict> {
    let mut conflicts = Vec::new();
    let mut add = |about: String, first: &DropIn, second: &DropIn| {
        let (first, second) = (first.file.clone(), second.file.clone());
        conflicts.push(Conflict { about, first, second });
    };
    for (at, first) in config.drop_ins.iter().enumerate() {
        for second in &config.drop_ins[at + 1..] {
            for site in &first.sites {
                let Some(other) = second.sites.iter().find(|other| other.origin == site.origin) else {
                    continue;
                };
                if site.agencies != other.agencies {
                    add(format!("{}: agencies", site.origin.as_str()), first, second);
                }
                if first.help_desk != second.help_desk {
                    add(format!("{}: help_desk", site.origin.as_str()), first, second);
                }
            }
            // Where the PIN is entered is said for each site.
            let is_for_one = first.origins().any(|site| second.origins().any(|other| other == site));
            let shared = first.allowed_extensions.iter().find(|id| second.allowed_extensions.contains(id));
            let shared = shared.filter(|_| is_for_one);
            if let (Some(id), None, false) = (shared, config.pin_entry, first.pin_entry == second.pin_entry) {
                add(format!("{id}: pin_entry"), first, second);
            }
        }
    }
    conflicts
}

#[cfg(test)]
mod tests {
    use touroku_proto::card::CardErrorCode;

    use super::*;
    use crate::config::Permissions;

    fn id(letter: &str) -> ExtensionId {
        ExtensionId::parse(&letter.repeat(32)).unwrap()
    }

    fn origin(name: &str) -> Origin {
        Origin::parse(&format!("https://{name}.example.jp")).unwrap()
    }

    /// A computer with these files below its root.
    fn computer(files: &[(&str, &str)]) -> (tempfile::TempDir, PathBuf) {
        let root = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let file = root.path().join(name);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, text).unwrap();
        }
        let own = root.path().join(LINUX.0);
        (root, own)
    }

    fn drop_in(site: &str, extension: &str, more: &str) -> String {
        format!(
            "allowed_extensions = [\"{}\"]\n{more}\n[[site]]\norigin = \"https://{site}.example.jp\"\nagencies = [\"{site}\"]\n",
            extension.repeat(32)
        )
    }

    #[test]
    fn an_agencys_extension_signs_for_its_own_sites_and_for_no_other_agencys() {
        let (a, b) = (drop_in("a", "a", ""), drop_in("b", "b", ""));
        let (_root, own) =
            computer(&[("usr/share/touroku/host.d/a.toml", &a), ("usr/share/touroku/host.d/b.toml", &b)]);
        let permissions = Permissions::read(own);
        for (extension, site, allowed) in
            [("a", "a", true), ("b", "b", true), ("a", "b", false), ("b", "a", false)]
        {
            assert!(permissions.check_caller(Some(&id(extension))).is_ok());
            let checked = permissions.check_origin(Some(&id(extension)), &origin(site));
            assert_eq!(checked.is_ok(), allowed, "{extension} for {site}");
        }
        assert!(permissions.check_origin(None, &origin("a")).is_err());
        assert!(permissions.check_caller(Some(&id("c"))).is_err());
    }

    #[test]
    fn what_the_administrator_lists_holds_for_every_agency() {
        let own = format!(
            "allowed_extensions = [\"{}\"]\nallowed_origins = [\"https://x.example.jp\"]",
            "c".repeat(32)
        );
        let (a, b) = (drop_in("a", "a", ""), drop_in("b", "b", ""));
        let (_root, file) = computer(&[
            (LINUX.0, &own),
            ("etc/touroku/host.d/a.toml", &a),
            ("etc/touroku/host.d/b.toml", &b),
        ]);
        let permissions = Permissions::read(file);
        for (extension, site) in [("c", "a"), ("c", "b"), ("c", "x"), ("a", "x"), ("b", "x")] {
            let checked = permissions.check_origin(Some(&id(extension)), &origin(site));
            assert!(checked.is_ok(), "{extension} for {site}");
        }
        assert!(permissions.check_origin(Some(&id("a")), &origin("b")).is_err());
    }

    #[test]
    fn an_administrators_file_counts_in_place_of_the_packages_of_the_same_name() {
        let (packages, administrators) = (drop_in("a", "a", ""), drop_in("a", "a", "pin_entry = \"host\""));
        let (_root, file) = computer(&[
            ("usr/share/touroku/host.d/a.toml", &packages),
            ("etc/touroku/host.d/a.toml", &administrators),
            ("etc/touroku/host.d/a.toml.dpkg-old", "{"),
        ]);
        let config = Config::read(&file).unwrap();
        assert_eq!((config.drop_ins.len(), config.broken.len()), (1, 0));
        assert_eq!(config.pin_entry(&id("a"), &origin("a")), PinEntry::Host);
        assert_eq!(config.pin_entry(&id("b"), &origin("a")), PinEntry::Window);
    }

    #[test]
    fn a_broken_drop_in_allows_nothing_is_named_and_does_others_no_harm() {
        let a = drop_in("a", "a", "");
        let (_root, file) = computer(&[
            ("etc/touroku/host.d/a.toml", &a),
            ("etc/touroku/host.d/b.toml", "log_level = \"off\""),
        ]);
        let permissions = Permissions::read(file);
        assert!(permissions.check_origin(Some(&id("a")), &origin("a")).is_ok());
        let refused = permissions.check_caller(Some(&id("b"))).unwrap_err();
        assert_eq!(refused.code, CardErrorCode::HostMisconfigured);
        assert!(refused.detail.unwrap().contains("b.toml: 1行目の1文字目"));
    }

    #[test]
    fn an_extension_is_told_the_sites_that_it_may_call_for_each_once() {
        let (a, b) = (drop_in("a", "a", ""), drop_in("b", "a", ""));
        let (other, c) = (drop_in("a", "a", ""), drop_in("c", "c", ""));
        let (_root, file) = computer(&[
            ("etc/touroku/host.d/1.toml", &a),
            ("etc/touroku/host.d/2.toml", &b),
            ("etc/touroku/host.d/3.toml", &other),
            ("etc/touroku/host.d/4.toml", &c),
        ]);
        let config = Config::read(&file).unwrap();
        let sites: Vec<&str> = config.sites(&id("a")).iter().map(|(site, _)| site.origin.as_str()).collect();
        assert_eq!(sites, ["https://a.example.jp", "https://b.example.jp"]);
    }

    #[test]
    fn contradictions_are_named_and_the_administrators_word_ends_them() {
        let desk = "[help_desk]\nname = \"x\"\nphone = \"1\"";
        let (a, b) = (drop_in("a", "a", "pin_entry = \"host\""), format!("{}{desk}", drop_in("a", "a", "")));
        let files = [("etc/touroku/host.d/a.toml", a.as_str()), ("etc/touroku/host.d/b.toml", &b)];
        let about = |files: &[(&str, &str)]| -> Vec<String> {
            let (_root, file) = computer(files);
            Config::read(&file).unwrap().conflicts().into_iter().map(|conflict| conflict.about).collect()
        };
        let id = "a".repeat(32);
        assert_eq!(about(&files), ["https://a.example.jp: help_desk".to_owned(), format!("{id}: pin_entry")]);
        assert_eq!(about(&[files[0]]), Vec::<String>::new());
        let elsewhere = drop_in("b", "a", "");
        let shared = [files[0], ("etc/touroku/host.d/b.toml", elsewhere.as_str())];
        assert_eq!(about(&shared), Vec::<String>::new(), "each site has its own place for the PIN");
        let decided = [files[0], files[1], (LINUX.0, "pin_entry = \"window\"")];
        assert_eq!(about(&decided), ["https://a.example.jp: help_desk"]);
    }
}
