//! Computers with a registry, each broken in one of the ways that people report, and repaired.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    sync::Arc,
};

use serde_json::{Value, json};
use tempfile::TempDir;
use touroku_proto::{OLDEST_PROTOCOL, PROTOCOL};

use super::{Finding, Mender, Registration, examine_browsers};
use crate::{
    browser::{Browser, Scope},
    config::{Config, ExtensionId},
    manifest,
    registry::{self, Data, Hive, Key, Registry as _, memory::Memory},
    system::{Environment, System},
};

const ID: &str = "abcdefghijklmnopabcdefghijklmnop";
const OTHER_ID: &str = "ponmlkjihgfedcbaponmlkjihgfedcba";

/// A computer with Chrome and a machine-wide host.
struct Computer {
    folder: TempDir,
    registry: Arc<Memory>,
    environment: Environment,
}

impl Computer {
    fn healthy() -> Self {
        let folder = tempfile::tempdir().unwrap();
        // As on a real computer: everybody may look into the program folders.
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let at = |name: &str| folder.path().join(name);
        for program in ["chrome.exe", "msedge.exe", "cmd.exe"] {
            fs::write(at(program), "").unwrap();
        }
        let program = host(&at("Touroku"));
        let registry = Arc::new(Memory::default());
        let environment = Environment {
            config_home: Some(at("Local")),
            program: Some(program.clone()),
            command_prompt: Some(at("cmd.exe")),
            registry: Some(registry.clone()),
            ..Environment::default()
        };
        let computer = Self { folder, registry, environment };
        computer.install_browser("chrome.exe");
        let manifest = computer.manifest(Scope::System);
        write(&manifest, &manifest::text(program.to_str().unwrap(), &[ExtensionId::parse(ID).unwrap()]));
        registry::register(&*computer.registry, Browser::Chrome, Scope::System, &manifest).unwrap();
        computer
    }

    fn install_browser(&self, name: &str) {
        let path = format!(r"SOFTWARE\Microsoft\Windows\CurrentVersion\App Paths\{name}");
        self.set(Hive::LocalMachine64, &path, self.at(name).to_str().unwrap());
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn system(&self) -> System {
        System::new(self.folder.path(), &self.environment)
    }

    fn manifest(&self, scope: Scope) -> PathBuf {
        self.system().manifest(Browser::Chrome, scope).unwrap()
    }

    fn set(&self, hive: Hive, path: &str, text: &str) {
        self.registry.set_default(&Key { hive, path: path.to_owned() }, text).unwrap();
    }

    /// Registers a manifest under that vendor's key.
    fn register(&self, hive: Hive, vendor: &str, manifest: &Path) {
        self.set(hive, &host_key(vendor), manifest.to_str().unwrap());
    }

    fn policy(&self, name: &str, data: Data) {
        let path = r"SOFTWARE\Policies\Google\Chrome".to_owned();
        self.registry.set(&Key { hive: Hive::LocalMachine64, path }, name, data);
    }

    fn examine(&self) -> (Vec<Registration>, Vec<Finding>) {
        let mut findings = Vec::new();
        let config =
            Config { allowed_extensions: vec![ExtensionId::parse(ID).unwrap()], ..Config::default() };
        let ids = config.allowed_extensions.clone();
        let browsers = examine_browsers(&self.system(), &ids, &Ok(config), &self.environment, &mut findings);
        (browsers, findings)
    }

    /// The codes of what is wrong with a browser; checking changed nothing.
    fn codes(&self, browser: Browser) -> Vec<String> {
        let before = self.registry.snapshot();
        let (_, findings) = self.examine();
        assert_eq!(self.registry.snapshot(), before);
        let own = findings.iter().filter(|finding| finding.browser == Some(browser));
        own.map(|finding| finding.code.to_string()).collect()
    }

    fn finding(&self, code: &str) -> Finding {
        self.examine().1.into_iter().find(|finding| finding.code.to_string() == code).unwrap()
    }

    /// What was written, and whether everything could be.
    fn repair(&self) -> (Vec<String>, bool) {
        let (browsers, findings) = self.examine();
        let program = self.environment.program.clone().unwrap();
        let ids = [ExtensionId::parse(ID).unwrap()];
        let mender = Mender { system: &self.system(), program: program.to_str().unwrap(), ids: &ids };
        let repairs = mender.repair(&browsers, &findings);
        let done = repairs.iter().all(|repair| repair.done.is_ok());
        (repairs.into_iter().map(|repair| repair.file.display().to_string()).collect(), done)
    }
}

fn host_key(vendor: &str) -> String {
    format!(r"SOFTWARE\{vendor}\NativeMessagingHosts\jp.touroku.host")
}

/// A program that greets, answers one question and ends with its input.
fn host(folder: &Path) -> PathBuf {
    let frame = |message: Value| {
        let text = message.to_string();
        [&u32::try_from(text.len()).unwrap().to_ne_bytes()[..], text.as_bytes()].concat()
    };
    let hello = frame(json!({
        "type": "hello", "version": "1", "protocol": PROTOCOL, "oldest_protocol": OLDEST_PROTOCOL,
        "capabilities": [],
    }));
    let status = frame(json!({"type": "status", "id": 1, "service": "off", "readers": 0, "cards": 0}));
    fs::create_dir_all(folder).unwrap();
    fs::write(folder.join("said"), [hello, status].concat()).unwrap();
    let program = folder.join("touroku-host.exe");
    fs::write(&program, "#!/bin/sh\ncat said\nexec cat >/dev/null\n").unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    program
}

fn write(file: &Path, text: &str) {
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, text).unwrap();
}

#[test]
fn on_a_healthy_computer_nothing_is_found_and_nothing_is_repaired() {
    let computer = Computer::healthy();
    assert_eq!(computer.codes(Browser::Chrome), [""; 0]);
    let (browsers, _) = computer.examine();
    assert_eq!(browsers[0].host.as_ref().unwrap().version, "1");
    let key = browsers[0].key.clone().unwrap();
    assert_eq!(key, r"HKLM\SOFTWARE\WOW6432Node\Google\Chrome\NativeMessagingHosts\jp.touroku.host");
    assert_eq!(computer.repair(), (Vec::new(), true));
}

#[test]
fn a_browser_that_was_forgotten_is_named_and_registered_in_both_views() {
    let computer = Computer::healthy();
    computer.registry.remove(&registry::own_keys(Browser::Chrome, Scope::System)[0]).unwrap();
    computer.registry.remove(&registry::own_keys(Browser::Chrome, Scope::System)[1]).unwrap();
    computer.install_browser("msedge.exe");
    let edge = &registry::own_keys(Browser::Edge, Scope::System)[0];
    computer.registry.set_default(edge, computer.manifest(Scope::System).to_str().unwrap()).unwrap();
    assert_eq!(computer.codes(Browser::Chrome), ["manifest_missing"]);
    let missing = computer.finding("manifest_missing");
    assert!(missing.detail.unwrap().contains("Microsoft Edge"));
    assert!(missing.file.unwrap().to_str().unwrap().starts_with(r"HKLM\SOFTWARE\Google\Chrome"));
    assert_eq!(computer.repair().0.len(), 2);
    assert_eq!(computer.codes(Browser::Chrome), [""; 0]);
}

#[test]
fn a_key_that_an_old_installation_left_in_the_32_bit_view_is_named_and_mended() {
    let computer = Computer::healthy();
    computer.register(Hive::LocalMachine32, r"Google\Chrome", Path::new("/old/jp.touroku.host.json"));
    assert_eq!(computer.codes(Browser::Chrome), ["manifest_missing"]);
    assert!(computer.finding("manifest_missing").detail.unwrap().contains("WOW6432Node"));
    let (repaired, done) = computer.repair();
    assert!(done && repaired.len() == 1 && repaired[0].contains("WOW6432Node"), "{repaired:?}");
    assert_eq!(computer.codes(Browser::Chrome), [""; 0]);
}

#[test]
fn a_dead_key_of_chrome_hides_edges_own_registration_and_mended_serves_both() {
    let computer = Computer::healthy();
    computer.install_browser("msedge.exe");
    let manifest = computer.manifest(Scope::System);
    computer.registry.remove(&registry::own_keys(Browser::Chrome, Scope::System)[1]).unwrap();
    computer.register(Hive::LocalMachine32, r"Google\Chrome", Path::new("/old/jp.touroku.host.json"));
    computer.register(Hive::LocalMachine64, r"Microsoft\Edge", &manifest);
    assert_eq!(computer.codes(Browser::Edge), ["manifest_missing"]);
    assert!(computer.repair().1);
    for browser in [Browser::Chrome, Browser::Edge] {
        assert_eq!(computer.codes(browser), [""; 0]);
    }
}

#[test]
fn a_persons_dead_key_is_taken_away_where_everybodys_leads_to_us() {
    let computer = Computer::healthy();
    computer.register(Hive::CurrentUser, r"Google\Chrome", Path::new("/moved/jp.touroku.host.json"));
    assert_eq!(computer.codes(Browser::Chrome), ["manifest_missing"]);
    computer.registry.deny_everybodys();
    let (repaired, done) = computer.repair();
    assert_eq!(repaired, [r"HKCU\SOFTWARE\Google\Chrome\NativeMessagingHosts\jp.touroku.host"]);
    assert!(done);
    assert_eq!(computer.codes(Browser::Chrome), [""; 0]);
    assert!(!computer.manifest(Scope::User).exists());
}

#[test]
fn dead_keys_behind_a_dead_key_are_mended_at_once() {
    for is_administrator in [true, false] {
        let computer = Computer::healthy();
        for (hive, file) in [(Hive::CurrentUser, "/moved"), (Hive::LocalMachine32, "/old")] {
            computer.register(hive, r"Google\Chrome", &Path::new(file).join("jp.touroku.host.json"));
        }
        if !is_administrator {
            computer.registry.deny_everybodys();
        }
        assert!(computer.repair().1);
        assert_eq!(computer.codes(Browser::Chrome), [""; 0], "{is_administrator}");
    }
}

#[test]
fn without_everybodys_registration_a_person_gets_one_and_only_an_administrator_gets_everybodys() {
    let computer = Computer::healthy();
    for key in registry::own_keys(Browser::Chrome, Scope::System) {
        computer.registry.remove(&key).unwrap();
    }
    computer.registry.deny_everybodys();
    assert!(computer.repair().1);
    let (browsers, _) = computer.examine();
    assert_eq!(browsers[0].scope, Some(Scope::User));
    assert_eq!(browsers[0].manifest, Some(computer.manifest(Scope::User)));
    assert_eq!(computer.codes(Browser::Chrome), [""; 0]);
}

#[test]
fn what_only_an_administrator_may_write_is_left_and_said() {
    let computer = Computer::healthy();
    computer.register(Hive::LocalMachine32, r"Google\Chrome", Path::new("/old/jp.touroku.host.json"));
    computer.registry.deny_everybodys();
    let before = computer.registry.snapshot();
    assert!(!computer.repair().1);
    assert_eq!(computer.registry.snapshot(), before);
}

#[test]
fn another_living_installation_and_another_products_file_are_never_touched() {
    let computer = Computer::healthy();
    let elsewhere = host(&computer.at("Elsewhere"));
    let theirs = computer.at("Elsewhere/jp.touroku.host.json");
    let text = manifest::text(elsewhere.to_str().unwrap(), &[ExtensionId::parse(OTHER_ID).unwrap()]);
    write(&theirs, &text);
    computer.register(Hive::LocalMachine32, r"Google\Chrome", &theirs);
    let expected =
        ["manifest_shadowed", "extension_not_allowed", "extension_not_in_config", "program_elsewhere"];
    assert_eq!(computer.codes(Browser::Chrome), expected);
    let shadowed = computer.finding("manifest_shadowed");
    assert!(shadowed.file.unwrap().to_str().unwrap().contains("WOW6432Node"));
    let before = computer.registry.snapshot();
    assert_eq!(computer.repair(), (Vec::new(), true));
    // Our name, but a manifest for another host.
    write(&theirs, &text.replace("jp.touroku.host\"", "com.example.other\""));
    assert_eq!(computer.codes(Browser::Chrome), ["manifest_name"]);
    assert_eq!(computer.repair(), (Vec::new(), true));
    assert_eq!(computer.registry.snapshot(), before);
}

#[test]
fn a_broken_manifest_is_written_again_and_keeps_the_extensions_it_allowed() {
    let computer = Computer::healthy();
    let file = computer.manifest(Scope::System);
    let program = computer.environment.program.clone().unwrap();
    let ids = [ID, OTHER_ID].map(|id| ExtensionId::parse(id).unwrap());
    for (found, broken) in [
        (
            "manifest_description",
            manifest::text(program.to_str().unwrap(), &ids).replace("登録（Touroku）ICカード連携", ""),
        ),
        ("origin_malformed", manifest::text(program.to_str().unwrap(), &ids).replace(&format!("{ID}/"), ID)),
        ("manifest_type", manifest::text(program.to_str().unwrap(), &ids).replace("stdio", "pipe")),
        ("program_missing", manifest::text("/quarantined/touroku-host.exe", &ids)),
    ] {
        write(&file, &broken);
        assert!(computer.codes(Browser::Chrome).contains(&found.to_owned()), "{found}");
        assert_eq!(computer.repair(), (vec![file.display().to_string()], true), "{found}");
        let codes = computer.codes(Browser::Chrome);
        assert!(codes.iter().all(|code| code == "extension_not_in_config"), "{found}: {codes:?}");
        assert!(fs::read_to_string(&file).unwrap().contains(OTHER_ID), "{found}");
    }
    write(&file, "{");
    assert_eq!(computer.codes(Browser::Chrome), ["manifest_not_json"]);
    assert!(computer.repair().1);
    assert_eq!(computer.codes(Browser::Chrome), [""; 0]);
}

#[test]
fn a_relative_path_in_a_key_leads_nowhere() {
    let computer = Computer::healthy();
    computer.register(Hive::LocalMachine32, r"Google\Chrome", Path::new("jp.touroku.host.json"));
    assert_eq!(computer.codes(Browser::Chrome), ["manifest_missing"]);
    assert!(computer.repair().1);
    assert_eq!(computer.codes(Browser::Chrome), [""; 0]);
}

#[test]
fn policies_that_stop_the_host_are_named_with_their_keys() {
    let computer = Computer::healthy();
    computer.policy("NativeMessagingBlocklist", Data::Text("[\"*\"]".to_owned()));
    assert_eq!(computer.codes(Browser::Chrome), ["policy_blocklist"]);
    let file = computer.finding("policy_blocklist").file.unwrap();
    assert_eq!(file, Path::new(r"HKLM\SOFTWARE\Policies\Google\Chrome"));
    computer.policy("NativeMessagingAllowlist", Data::Text("[\"jp.touroku.host\"]".to_owned()));
    assert_eq!(computer.codes(Browser::Chrome), [""; 0]);
    let blocked = json!({ID: {"installation_mode": "blocked"}}).to_string();
    computer.policy("ExtensionSettings", Data::Text(blocked));
    assert_eq!(computer.codes(Browser::Chrome), ["policy_extension_blocked"]);
}

#[test]
fn registrations_of_single_persons_that_a_policy_voids_are_named() {
    let computer = Computer::healthy();
    for key in registry::own_keys(Browser::Chrome, Scope::System) {
        computer.registry.remove(&key).unwrap();
    }
    let manifest = computer.manifest(Scope::System);
    computer.register(Hive::CurrentUser, r"Google\Chrome", &manifest);
    computer.policy("NativeMessagingUserLevelHosts", Data::Number(0));
    assert_eq!(computer.codes(Browser::Chrome), ["policy_user_level"]);
    // An administrator's repair registers it machine-wide.
    assert!(computer.repair().1);
    assert_eq!(computer.codes(Browser::Chrome), [""; 0]);
}

#[test]
fn a_command_prompt_that_browsers_cannot_use_is_named_unless_they_start_hosts_directly() {
    let computer = Computer::healthy();
    let layers = Key {
        hive: Hive::CurrentUser,
        path: r"SOFTWARE\Microsoft\Windows NT\CurrentVersion\AppCompatFlags\Layers".to_owned(),
    };
    let prompts =
        Key { hive: Hive::CurrentUser, path: r"SOFTWARE\Policies\Microsoft\Windows\System".to_owned() };
    computer.registry.set(&layers, r"C:\Windows\System32\cmd.exe", Data::Text("~ RUNASADMIN".to_owned()));
    assert_eq!(computer.codes(Browser::Chrome), ["command_prompt_unusable"]);
    computer.registry.set(&prompts, "DisableCMD", Data::Number(1));
    assert_eq!(computer.codes(Browser::Chrome), ["policy_command_prompt", "command_prompt_unusable"]);
    fs::remove_file(computer.at("cmd.exe")).unwrap();
    assert_eq!(computer.codes(Browser::Chrome).len(), 3);
    computer.policy("NativeHostsExecutablesLaunchDirectly", Data::Number(1));
    assert_eq!(computer.codes(Browser::Chrome), [""; 0]);
}

#[test]
fn a_program_that_windows_cannot_start_or_that_chatters_is_named() {
    let computer = Computer::healthy();
    let program = computer.environment.program.clone().unwrap();
    fs::write(&program, "#!/nonexistent/interpreter\n").unwrap();
    assert_eq!(computer.codes(Browser::Chrome), ["host_not_startable"]);
    fs::write(&program, "#!/bin/sh\necho Starting...\nexec cat >/dev/null\n").unwrap();
    assert_eq!(computer.codes(Browser::Chrome), ["stdout_polluted"]);
}

#[test]
fn an_extensions_settings_in_the_registry_are_read_as_the_browser_reads_them() {
    let computer = Computer::healthy();
    let settings = |more: &str| Key {
        hive: Hive::LocalMachine64,
        path: format!(r"SOFTWARE\Policies\Google\Chrome\3rdparty\extensions\{ID}\policy{more}"),
    };
    let text = |text: &str| Data::Text(text.to_owned());
    computer.registry.set(&settings(r"\allowed_origins"), "1", text("https://ebid.example.jp"));
    assert_eq!(computer.codes(Browser::Chrome), Vec::<String>::new());
    computer.registry.set(&settings(""), "pin_entry", text("host"));
    let detail = computer.finding("policy_extension_settings").detail.unwrap();
    assert!(detail.contains("pin_entry: \"host\""), "{detail}");
    computer.registry.set(&settings(""), "pin_entry", text("window"));
    assert_eq!(computer.codes(Browser::Chrome), Vec::<String>::new());
    computer.registry.remove(&settings(r"\allowed_origins")).unwrap();
    computer.registry.set(&settings(""), "allowed_origins", text("[]"));
    let detail = computer.finding("policy_extension_settings").detail.unwrap();
    assert!(detail.contains("allowed_origins: []"), "{detail}");
}
