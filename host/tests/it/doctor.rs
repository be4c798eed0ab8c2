//! `doctor` of the real program, on staged computers: each broken in one of the ways that people report.

use std::{fs, os::unix::fs::PermissionsExt as _, path::Path};

use serde_json::json;

use crate::computer::{
    Computer, ID,
    staged::{
        CONFIG, MANIFEST, OTHER_ID, POLICY, assert_finds, codes, finding, healthy, manifest, report,
        with_manifest,
    },
};

#[test]
fn on_a_healthy_computer_only_the_service_is_named_and_the_host_is_heard() {
    let report = assert_finds(|_| {}, &[]);
    let chromium = &report["browsers"][1];
    assert_eq!((&chromium["found"], &chromium["scope"]), (&json!(true), &json!("system")));
    assert_eq!(chromium["host"]["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(report["card"], json!({"service": "off", "readers": []}));
    assert_eq!(finding(&report, "program_elsewhere")["severity"], "note");
}

#[test]
fn the_text_says_what_is_wrong_how_to_mend_it_whom_to_ask_and_what_the_browser_says() {
    let computer = healthy();
    fs::remove_file(computer.path(MANIFEST)).unwrap();
    let done = computer.call(&["doctor"]);
    assert_eq!(done.code, 1);
    for text in [
        "誤り [manifest_missing] Chromium: ",
        "→ touroku-host install",
        "問い合わせ先: ",
        "ブラウザーの表示: Specified native messaging host not found.",
    ] {
        assert!(done.output.contains(text), "{text}: {}", done.output);
    }
}

#[test]
fn a_browser_that_was_forgotten_is_named_with_the_one_that_was_not() {
    let report =
        assert_finds(|computer| drop(computer.write("opt/google/chrome/chrome", "")), &["manifest_missing"]);
    let missing = finding(&report, "manifest_missing");
    assert_eq!(missing["browser"], "chrome");
    assert!(missing["detail"].as_str().unwrap().contains("Chromium"));
}

#[test]
fn a_link_that_leads_nowhere_is_no_manifest() {
    let link = |computer: &Computer| {
        fs::remove_file(computer.path(MANIFEST)).unwrap();
        std::os::unix::fs::symlink("/nonexistent/touroku.json", computer.path(MANIFEST)).unwrap();
    };
    let computer = healthy();
    link(&computer);
    let report = report(&computer, &[]);
    assert_eq!(codes(&report), ["manifest_missing"]);
    assert!(finding(&report, "manifest_missing")["file"].as_str().unwrap().ends_with(MANIFEST));
    assert_eq!(finding(&report, "manifest_missing")["detail"], "リンク先がありません");
}

#[test]
fn a_manifest_under_a_wrong_name_is_found() {
    let rename = |computer: &Computer| {
        fs::rename(computer.path(MANIFEST), computer.path(MANIFEST).with_extension("json.txt")).unwrap();
    };
    assert_finds(rename, &["manifest_misnamed"]);
}

#[test]
fn every_fault_that_makes_a_browser_ignore_a_manifest_is_named() {
    let good = format!("chrome-extension://{ID}/");
    for (key, value, code) in [
        ("name", json!("jp.touroku"), "manifest_name"),
        ("description", json!(""), "manifest_description"),
        ("type", json!("pipe"), "manifest_type"),
        ("path", json!(""), "manifest_path"),
        ("path", json!("touroku-host"), "manifest_path_relative"),
        ("path", json!("/nonexistent/touroku-host"), "program_missing"),
        ("allowed_origins", json!("x"), "manifest_origins"),
        ("allowed_origins", json!([good, format!("chrome-extension://{ID}")]), "origin_malformed"),
        ("allowed_origins", json!([good, format!("extension://{ID}/")]), "origin_malformed"),
        ("allowed_origins", json!([good, "touroku@example.jp"]), "origin_malformed"),
        ("allowed_origins", json!(["chrome-extension://*/"]), "origin_wildcard"),
        ("allowed_origins", json!([good, "chrome-extension://abc/"]), "origin_no_extension"),
        (
            "allowed_origins",
            json!([good, format!("chrome-extension://{OTHER_ID}/")]),
            "extension_not_in_config",
        ),
    ] {
        assert_finds(with_manifest(|manifest| manifest[key] = value), &[code]);
    }
    let report =
        assert_finds(|computer| drop(computer.write(MANIFEST, "{\"a\": 1,}")), &["manifest_not_json"]);
    assert!(finding(&report, "manifest_not_json")["detail"].as_str().unwrap().contains("line 1"));
}

#[test]
fn an_extension_with_another_id_is_named_with_what_the_browser_says() {
    let other = format!("chrome-extension://{OTHER_ID}/");
    let report = assert_finds(
        with_manifest(|manifest| manifest["allowed_origins"] = json!([other])),
        &["extension_not_allowed", "host_refuses_caller", "extension_not_in_config"],
    );
    let says = &finding(&report, "extension_not_allowed")["browser_says"];
    assert_eq!(says, "Access to the specified native messaging host is forbidden.");
    let computer = healthy();
    assert_eq!(codes(&self::report(&computer, &["--extension-id", OTHER_ID])), ["extension_not_allowed"]);
}

/// Chromium's records of an extension installed in the profile.
fn install_extension(computer: &Computer, id: &str, disable_reasons: serde_json::Value) {
    let profile = ".config/chromium/Default";
    let manifest = json!({"short_name": "Touroku", "permissions": ["nativeMessaging"]});
    let folder = format!("{profile}/Extensions/{id}/1.0_0/manifest.json");
    computer.write_home(&folder, &manifest.to_string());
    let entry = json!({"path": format!("{id}/1.0_0"), "disable_reasons": disable_reasons});
    let preferences = json!({"extensions": {"settings": {id: entry}}});
    computer.write_home(&format!("{profile}/Preferences"), &preferences.to_string());
}

#[test]
fn an_installed_extension_is_compared_with_the_registration_whatever_its_id_is() {
    assert_finds(|computer| install_extension(computer, ID, json!([])), &[]);
    assert_finds(|computer| install_extension(computer, ID, json!([1])), &["extension_disabled"]);
    assert_finds(|computer| install_extension(computer, ID, json!(1)), &["extension_disabled"]);
    let report =
        assert_finds(|computer| install_extension(computer, OTHER_ID, json!([])), &["extension_not_allowed"]);
    assert_eq!(finding(&report, "extension_not_allowed")["detail"], OTHER_ID);
    for preferences in ["{}", "{", "{\"extensions\": {\"settings\": [1]}}"] {
        let profile = ".config/chromium/Default/Preferences";
        let stage = |computer: &Computer| drop(computer.write_home(profile, preferences));
        let report = assert_finds(stage, &["extension_missing"]);
        assert_eq!(finding(&report, "extension_missing")["severity"], "note");
    }
}

#[test]
fn files_that_only_the_administrator_can_use_are_named() {
    let mode = |path: &'static str, mode| {
        move |computer: &Computer| {
            fs::set_permissions(computer.path(path), fs::Permissions::from_mode(mode)).unwrap();
        }
    };
    assert_finds(mode(MANIFEST, 0o600), &["manifest_unreadable"]);
    assert_finds(mode("etc/chromium", 0o700), &["manifest_unreadable"]);
    assert_finds(mode("usr/bin/touroku-host", 0o700), &["program_unreachable"]);
    assert_finds(mode("usr/bin/touroku-host", 0o644), &["program_not_executable"]);
    assert_finds(mode(CONFIG, 0o600), &["config_invalid"]);
}

#[test]
fn a_personal_manifest_wins_over_the_one_for_everybody_and_is_named_when_it_differs() {
    let personal = ".config/chromium/NativeMessagingHosts/jp.touroku.host.json";
    let report = assert_finds(
        |computer| {
            let stale = manifest(Path::new("/nonexistent/old/touroku-host"), &[ID]);
            computer.write_home(personal, &stale.to_string());
        },
        &["program_missing", "manifest_shadowed"],
    );
    assert_eq!(report["browsers"][1]["scope"], "user");
    assert!(report["browsers"][1]["shadowed"][0].as_str().unwrap().ends_with(MANIFEST));
    let same = |computer: &Computer| {
        let text = fs::read_to_string(computer.path(MANIFEST)).unwrap();
        computer.write_home(personal, &text);
    };
    assert_finds(same, &[]);
}

#[test]
fn a_configuration_that_allows_nothing_is_named() {
    assert_finds(
        |computer| fs::remove_file(computer.path(CONFIG)).unwrap(),
        &["config_missing", "host_refuses_caller"],
    );
    let refused = ["config_invalid", "host_refuses_caller"];
    assert_finds(|computer| drop(computer.write(CONFIG, "allowed_extensions = [\"*\"]")), &refused);
    let origins = "allowed_origins = [\"https://ebid.example.jp\"]";
    let none = ["config_no_extension", "host_refuses_caller", "extension_not_in_config"];
    assert_finds(|computer| drop(computer.write(CONFIG, origins)), &none);
    let ids = format!("allowed_extensions = [\"{ID}\"]");
    assert_finds(|computer| drop(computer.write(CONFIG, &ids)), &["config_no_origin"]);
}

#[test]
fn snap_and_flatpak_browsers_are_named_and_their_starters_are_not_taken_for_browsers() {
    let computer = Computer::new();
    computer.write(CONFIG, &format!("allowed_origins = [\"https://a.jp\"]\nallowed_extensions = [\"{ID}\"]"));
    computer.write("snap/chromium/current/x", "");
    computer.write("usr/bin/chromium-browser", "#!/bin/sh\nexec /snap/bin/chromium \"$@\"\n");
    computer.write_home(".local/share/flatpak/app/com.google.Chrome/x", "");
    let codes = codes(&report(&computer, &[]));
    assert_eq!(codes, ["browser_confined", "browser_confined", "no_browser"]);
}

#[test]
fn a_server_is_tried_only_if_named() {
    let computer = healthy();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap()).replace("127.0.0.1", "localhost");
    assert!(codes(&report(&computer, &["--server", &url])).is_empty());
    drop(listener);
    assert_eq!(codes(&report(&computer, &["--server", &url])), ["server_unreachable"]);
    let unresolved = ["--server", "https://no-such-host.invalid"];
    assert_eq!(codes(&report(&computer, &unresolved)), ["server_unresolved"]);
}

#[test]
fn wrong_calls_end_with_status_two() {
    let computer = healthy();
    for arguments in
        [&["doctor", "--server", "example"][..], &["doctor", "x"], &["doctor", "--extension-id", "x"]]
    {
        assert_eq!(computer.call(arguments).code, 2, "{arguments:?}");
    }
}

#[test]
fn a_repair_writes_what_is_broken_or_lost_and_nothing_else() {
    let computer = healthy();
    computer.write("opt/google/chrome/chrome", "");
    computer.write(MANIFEST, "{");
    computer.write(POLICY, "{\"NativeMessagingBlocklist\": [\"*\"]}");
    let neighbour = computer.write("etc/chromium/native-messaging-hosts/com.example.other.json", "{");
    let before = computer.snapshot();
    let report = report(&computer, &["--repair"]);
    let codes = codes(&report);
    // The program itself reads this machine's configuration, and is where this build put it.
    let elsewhere = |code: &&String| code.starts_with("program_") || *code == "host_refuses_caller";
    let rest: Vec<_> = codes.iter().filter(|code| !elsewhere(code)).collect();
    assert_eq!(rest, ["policy_blocklist"]);
    assert_eq!(report["repaired"].as_array().unwrap().len(), 2, "{report:#}");
    let after = computer.snapshot();
    let kept =
        [neighbour, computer.path(POLICY), computer.path(CONFIG), computer.path("usr/bin/touroku-host")];
    assert!(kept.iter().all(|file| before[file] == after[file]));
    assert!(after[&computer.path(MANIFEST)].contains(env!("CARGO_BIN_EXE_touroku-host")));
}

#[test]
fn a_repair_leaves_other_products_and_other_living_installations_alone() {
    let computer = healthy();
    computer.write(MANIFEST, "{\"name\": \"com.example.other\"}");
    let before = computer.snapshot();
    report(&computer, &["--repair"]);
    assert_eq!(computer.snapshot(), before);
    let computer = healthy();
    let living = manifest(&computer.path("usr/bin/touroku-host"), &[OTHER_ID]);
    computer.write(MANIFEST, &living.to_string());
    let before = computer.snapshot();
    assert!(codes(&report(&computer, &["--repair"])).contains(&"extension_not_allowed".to_owned()));
    assert_eq!(computer.snapshot(), before);
}

#[test]
fn a_repair_keeps_extensions_that_were_allowed_before_and_is_done_once() {
    let computer = healthy();
    let text = json!({
        "name": "jp.touroku.host", "path": "/nonexistent/touroku-host",
        "allowed_origins": [format!("chrome-extension://{OTHER_ID}/"), "touroku@example.jp"],
    });
    computer.write(MANIFEST, &text.to_string());
    assert_eq!(report(&computer, &["--repair"])["repaired"].as_array().unwrap().len(), 1);
    let repaired = fs::read_to_string(computer.path(MANIFEST)).unwrap();
    assert!(repaired.contains(ID) && repaired.contains(OTHER_ID) && !repaired.contains("@"), "{repaired}");
    assert!(report(&computer, &["--repair"]).get("repaired").is_none());
}

#[test]
fn the_doctor_says_where_the_log_is_and_who_decides_how_much_goes_into_it() {
    let computer = healthy();
    // Whose it is, is nobody's business.
    let log = Path::new("~/.local/state/touroku/host.log");
    assert_eq!(report(&computer, &[])["log"], json!({"file": log, "level": null}));
    let config = fs::read_to_string(computer.path(CONFIG)).unwrap();
    computer.write(CONFIG, &format!("{config}log_level = \"debug\"\n"));
    assert_eq!(report(&computer, &[])["log"]["level"], "debug");
    let said = computer.call(&["doctor"]).output;
    assert!(said.contains(&format!("記録: {}（debug）", log.display())), "{said}");
}
