//! The most common ways in which native-messaging hosts fail on people's computers, according to the issue
//! trackers of such projects, each staged on an otherwise working computer: the doctor names every one. The
//! command prompt and the registry's two views are Windows-specific and staged beside the code that reads them.

use std::{fs, os::unix::fs::PermissionsExt as _, path::Path};

use serde_json::{Value, json};

use crate::computer::{
    Computer, ID,
    staged::{MANIFEST, OTHER_ID, POLICY, assert_finds, manifest, with_manifest},
};

const PERSONAL: &str = ".config/chromium/NativeMessagingHosts/jp.touroku.host.json";

fn origins(origins: &[&str]) -> impl FnOnce(&Computer) {
    let origins = json!(origins);
    with_manifest(move |manifest| manifest["allowed_origins"] = origins)
}

fn own_origin() -> String {
    format!("chrome-extension://{ID}/")
}

/// A program that writes these bytes and ends with its input.
fn writing(bytes: &[u8]) -> impl FnOnce(&Computer) {
    let bytes = bytes.to_owned();
    move |computer| {
        let file = computer.path("written");
        fs::write(&file, bytes).unwrap();
        let text = format!("cat '{}'\nexec 1>&-\nexec cat >/dev/null", file.display());
        computer.script("usr/bin/touroku-host", &text);
    }
}

fn hello(protocol: u32, padding: usize) -> Vec<u8> {
    let padding = "x".repeat(padding);
    let part = json!({"type": "hello", "version": "9", "protocol": protocol, "oldest_protocol": protocol});
    let mut message: Value = part;
    message["capabilities"] = json!([padding]);
    message.to_string().into_bytes()
}

fn frame(body: &[u8]) -> Vec<u8> {
    [&u32::try_from(body.len()).unwrap().to_ne_bytes()[..], body].concat()
}

#[test]
fn only_the_extension_or_only_another_browser_is_set_up() {
    assert_finds(|computer| fs::remove_file(computer.path(MANIFEST)).unwrap(), &["manifest_missing"]);
    let edge = |computer: &Computer| drop(computer.write("opt/microsoft/msedge/msedge", ""));
    assert_finds(edge, &["manifest_missing"]);
    let on_a_mac = |computer: &Computer| {
        drop(computer.write("Applications/Google Chrome.app/Contents/Info.plist", ""));
    };
    assert_finds(on_a_mac, &["manifest_missing"]);
}

#[test]
fn a_policy_forbids_registrations_of_single_persons() {
    let personal_only = |computer: &Computer| {
        let text = fs::read_to_string(computer.path(MANIFEST)).unwrap();
        computer.write_home(PERSONAL, &text);
        fs::remove_file(computer.path(MANIFEST)).unwrap();
        computer.write(POLICY, "{\"NativeMessagingUserLevelHosts\": false}");
    };
    assert_finds(personal_only, &["policy_user_level"]);
}

#[test]
fn the_extension_has_another_id_than_the_registration() {
    assert_finds(
        origins(&[&format!("chrome-extension://{OTHER_ID}/")]),
        &["extension_not_allowed", "host_refuses_caller", "extension_not_in_config"],
    );
}

#[test]
fn one_malformed_origin_voids_the_registration() {
    for bad in [&own_origin()[..own_origin().len() - 1], &format!("extension://{ID}/"), "touroku@example.jp"]
    {
        assert_finds(origins(&[&own_origin(), bad]), &["origin_malformed"]);
    }
    assert_finds(origins(&["chrome-extension://*/"]), &["origin_wildcard"]);
}

#[test]
fn a_stale_registration_shadows_the_good_one() {
    let stale = |computer: &Computer| {
        let stale = manifest(Path::new("/opt/old/touroku-host"), &[ID]);
        computer.write_home(PERSONAL, &stale.to_string());
    };
    assert_finds(stale, &["program_missing", "manifest_shadowed"]);
}

#[test]
fn an_update_lost_the_registration_or_left_half_of_it() {
    assert_finds(|computer| drop(computer.write(MANIFEST, "")), &["manifest_not_json"]);
    let renamed = |computer: &Computer| {
        let aside = computer.path(MANIFEST).with_extension("json.dpkg-new");
        fs::rename(computer.path(MANIFEST), aside).unwrap();
    };
    assert_finds(renamed, &["manifest_misnamed"]);
}

#[test]
fn the_program_cannot_be_launched_by_a_browser() {
    // Also what is left when a virus scanner has removed the program.
    let gone = |computer: &Computer| fs::remove_file(computer.path("usr/bin/touroku-host")).unwrap();
    assert_finds(gone, &["program_missing"]);
    let mode = |mode| {
        move |computer: &Computer| {
            let file = computer.path("usr/bin/touroku-host");
            fs::set_permissions(file, fs::Permissions::from_mode(mode)).unwrap();
        }
    };
    assert_finds(mode(0o644), &["program_not_executable"]);
    assert_finds(mode(0o700), &["program_unreachable"]);
    let interpreter =
        |computer: &Computer| fs::write(computer.path("usr/bin/touroku-host"), "#!/no/such/node\n").unwrap();
    assert_finds(interpreter, &["host_not_startable"]);
    let library = |computer: &Computer| {
        drop(computer.script("usr/bin/touroku-host", "echo 'libpcsclite.so.1: cannot open' >&2; exit 127"));
    };
    assert_finds(library, &["host_exits"]);
}

#[test]
fn the_browser_is_confined_to_a_container() {
    let snap = |computer: &Computer| drop(computer.write("snap/chromium/current/x", ""));
    assert_finds(snap, &["browser_confined"]);
    let flatpak =
        |computer: &Computer| drop(computer.write_home(".local/share/flatpak/app/com.microsoft.Edge/x", ""));
    assert_finds(flatpak, &["browser_confined"]);
}

#[test]
fn what_comes_out_of_the_program_is_no_message() {
    let good = frame(&hello(1, 0));
    let longer = [&(u32::try_from(good.len()).unwrap() + 7).to_ne_bytes()[..], &good[4..]].concat();
    // A length of 0x..0A whose bytes pass through a Windows text stream: LF becomes CR LF.
    let missing = (0x10A - hello(1, 0).len() % 0x100) % 0x100;
    let line_feed = frame(&hello(1, missing));
    assert_eq!(line_feed[0], 0x0A);
    let text_mode = [&b"\r"[..], &line_feed].concat();
    let too_long = frame(&hello(1, 1024 * 1024));
    for bytes in [&b"Starting...\n"[..], &longer, &text_mode, &too_long] {
        assert_finds(writing(bytes), &["stdout_polluted"]);
    }
    assert_finds(writing(b""), &["host_exits"]);
}

#[test]
fn the_program_outlives_the_browser() {
    let script = |computer: &Computer| {
        let file = computer.path("written");
        let status =
            json!({"type": "status", "id": 1, "service": "off", "readers": 0, "cards": 0}).to_string();
        fs::write(&file, [frame(&hello(1, 0)), frame(status.as_bytes())].concat()).unwrap();
        drop(computer.script("usr/bin/touroku-host", &format!("cat '{}'\nexec sleep 60", file.display())));
    };
    assert_finds(script, &["host_lingers"]);
}

#[test]
fn the_parts_are_of_versions_that_do_not_fit() {
    for protocol in [0, 7] {
        assert_finds(writing(&frame(&hello(protocol, 0))), &["host_version"]);
    }
}

#[test]
fn a_policy_blocks_the_host_or_the_extension() {
    for (policy, code) in [
        (json!({"NativeMessagingBlocklist": ["*"]}), "policy_blocklist"),
        (json!({"ExtensionInstallBlocklist": ["*"]}), "policy_extension_blocked"),
        (json!({"ExtensionInstallTypeBlocklist": ["command_line"]}), "policy_command_line"),
    ] {
        assert_finds(|computer| drop(computer.write(POLICY, &policy.to_string())), &[code]);
    }
}
