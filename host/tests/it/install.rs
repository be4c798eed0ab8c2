//! `install` and `uninstall` of the real program, in folders that stand in for a computer and a home.

use std::{fs, os::unix::fs::PermissionsExt as _, path::Path};

use serde_json::Value;

use crate::computer::{Computer, ID};

const OTHER_ID: &str = "ponmlkjihgfedcbaponmlkjihgfedcba";
const SYSTEM: [&str; 3] = ["etc/opt/chrome", "etc/chromium", "etc/opt/edge"];
const USER: [&str; 3] = ["google-chrome", "chromium", "microsoft-edge"];

fn manifest(folder: &str) -> String {
    format!("{folder}/native-messaging-hosts/jp.touroku.host.json")
}

fn user_manifest(computer: &Computer, browser: &str) -> std::path::PathBuf {
    computer.home().join(format!(".config/{browser}/NativeMessagingHosts/jp.touroku.host.json"))
}

#[test]
fn an_installation_for_everybody_writes_three_manifests_and_the_configuration_and_can_be_repeated() {
    let computer = Computer::new();
    let arguments =
        ["install", "--system", "--extension-id", ID, OTHER_ID, "--allow-origin", "https://ebid.example.jp"];
    let first = computer.call(&arguments);
    assert_eq!((first.code, first.error.as_str()), (0, ""));
    for folder in SYSTEM {
        let file = computer.path(&manifest(folder));
        let written: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
        assert_eq!(written["path"], env!("CARGO_BIN_EXE_touroku-host"));
        assert_eq!(written["allowed_origins"][1], format!("chrome-extension://{OTHER_ID}/"));
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o644);
        assert_eq!(fs::read_dir(file.parent().unwrap()).unwrap().count(), 1, "no leftovers");
    }
    let config = fs::read_to_string(computer.path("etc/touroku/host.toml")).unwrap();
    assert!(config.contains("https://ebid.example.jp") && config.contains(OTHER_ID));
    let before = computer.snapshot();
    let second = computer.call(&arguments);
    assert_eq!(second.code, 0);
    assert_eq!(second.output.matches("変更なし").count(), 4, "{}", second.output);
    assert_eq!(computer.snapshot(), before);
    // Running it again after an update needs no ids.
    assert_eq!(computer.call(&["install", "--system"]).code, 0);
    assert_eq!(computer.snapshot(), before);
}

#[test]
fn an_installation_for_oneself_writes_only_into_the_home_and_says_what_the_administrator_must_allow() {
    let computer = Computer::new();
    let done = computer.call(&["install", "--user", "--browser", "edge", "chromium", "--extension-id", ID]);
    assert_eq!(done.code, 0);
    assert!(done.output.contains("allowed_extensions"), "{}", done.output);
    assert!(!computer.path("etc").exists());
    let there = USER.map(|browser| user_manifest(&computer, browser).exists());
    assert_eq!(there, [false, true, true]);
}

#[test]
fn files_are_readable_for_everybody_whatever_the_umask_of_the_administrator() {
    let computer = Computer::new();
    let done = computer.call_with_umask("077", &["install", "--system", "--extension-id", ID]);
    assert_eq!(done.code, 0);
    for path in ["etc", "etc/opt/chrome/native-messaging-hosts", "etc/touroku"] {
        let mode = fs::metadata(computer.path(path)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o755, "{path}");
    }
    let mode = fs::metadata(computer.path("etc/touroku/host.toml")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o644);
}

#[test]
fn an_uninstallation_takes_away_what_was_installed_and_nothing_else_and_can_be_repeated() {
    let computer = Computer::new();
    let neighbour = computer.write("etc/chromium/native-messaging-hosts/com.example.other.json", "{}");
    computer.call(&["install", "--system", "--extension-id", ID]);
    let done = computer.call(&["uninstall", "--system"]);
    assert_eq!(done.code, 0);
    assert!(SYSTEM.iter().all(|folder| !computer.path(&manifest(folder)).exists()));
    assert!(neighbour.exists() && computer.path("etc/touroku/host.toml").exists());
    assert!(done.output.contains("残しました"));
    assert!(computer.path("etc/opt").exists() && !computer.path("etc/opt/chrome").exists());
    let again = computer.call(&["uninstall", "--system"]);
    assert_eq!(again.code, 0);
    assert_eq!(again.output.matches("登録はありません").count(), 3);
}

#[test]
fn registrations_of_another_living_installation_and_other_products_files_are_left() {
    let computer = Computer::new();
    let other = computer.write("opt/other/touroku-host", "");
    let text = format!("{{\"name\": \"jp.touroku.host\", \"path\": {other:?}}}");
    let living = computer.write(&manifest("etc/chromium"), &text);
    let foreign = computer.write(&manifest("etc/opt/chrome"), "{\"name\": \"com.example.other\"}");
    let stale = computer.write(
        &manifest("etc/opt/edge"),
        "{\"name\": \"jp.touroku.host\", \"path\": \"/nonexistent/touroku-host\"}",
    );
    let done = computer.call(&["uninstall", "--system"]);
    assert_eq!(done.code, 0);
    assert!(living.exists() && foreign.exists() && !stale.exists(), "{}", done.output);
    // An installation, however, was requested by name.
    let done = computer.call(&["install", "--system", "--browser", "chromium", "--extension-id", ID]);
    assert!(done.output.contains("以前のプログラム"), "{}", done.output);
}

#[test]
fn a_link_is_replaced_and_the_file_behind_it_is_left() {
    let computer = Computer::new();
    let behind = computer.write("srv/behind.json", "precious");
    let file = computer.path(&manifest("etc/chromium"));
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::os::unix::fs::symlink(&behind, &file).unwrap();
    assert_eq!(computer.call(&["install", "--system", "--extension-id", ID]).code, 0);
    assert_eq!(fs::read_to_string(behind).unwrap(), "precious");
    assert!(fs::symlink_metadata(file).unwrap().is_file());
}

#[test]
fn a_void_configuration_stops_the_installation_before_anything_is_written() {
    let computer = Computer::new();
    computer.write("etc/touroku/host.toml", "allowed_extensions = [\"*\"]");
    let before = computer.snapshot();
    let done = computer.call(&["install", "--system", "--extension-id", ID]);
    assert_eq!(done.code, 1);
    assert!(done.error.contains("[config_invalid]"), "{}", done.error);
    assert_eq!(computer.snapshot(), before);
}

#[test]
fn wrong_calls_are_refused_before_anything_is_written() {
    let computer = Computer::new();
    for arguments in [
        &["install", "--extension-id", ID][..],
        &["install", "--system", "--user", "--extension-id", ID],
        &["install", "--system"],
        &["install", "--system", "--extension-id", "short"],
        &["install", "--system", "--extension-id", ID, "--allow-origin", "https://ebid.example.jp/path"],
        &["install", "--user", "--extension-id", ID, "--allow-origin", "https://ebid.example.jp"],
        &["install", "--system", "--extension-id", ID, "--browser", "firefox"],
        &["install", "--system", "--extension-id", ID, "--program", "touroku-host"],
        &["uninstall"],
    ] {
        let done = computer.call(arguments);
        assert_eq!(done.code, 2, "{arguments:?}: {}", done.error);
    }
    assert!(computer.snapshot().is_empty());
}

#[test]
fn a_folder_that_cannot_be_written_is_named_with_what_to_do() {
    let computer = Computer::new();
    // A file where a folder should be stops everybody, even root.
    computer.write("etc/chromium", "");
    let done = computer.call(&["install", "--system", "--browser", "chromium", "--extension-id", ID]);
    assert_eq!(done.code, 1);
    assert!(done.error.contains("[not_written]") && done.error.contains("etc/chromium"), "{}", done.error);
    assert!(Path::new(&computer.path("etc/touroku/host.toml")).exists());
}
